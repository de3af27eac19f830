// What is wrong with what an author wrote, said so that it can be repaired at once.
//
// Errors in rule source, policies and configuration never travel as absl::Status: a Status says
// that we failed, a Diagnostic that the source is wrong. All diagnostics of a source are given
// together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winnow::rules {

// One file of source. `path` is what diagnostics print; relative paths keep output stable.
struct SourceFile {
  enum class Kind { kYaml, kList };
  std::string path;
  std::string text;
  Kind kind = Kind::kYaml;  // kList: a list of terms, one a line, that rules may name
  // kList: why it could not be read ("Permission denied"); told where a rule names it. `text` is
  // empty then.
  std::string problem = {};
};

// 1-based line and column (columns count code points); end exclusive. Line 0: the whole file.
struct SourceRange {
  int file = 0;  // index into the sources given
  int begin_line = 0, begin_column = 0;
  int end_line = 0, end_column = 0;
};

enum class DiagnosticLevel { kError, kWarning };

// A change to the source that a program may make by itself: what the rules mean becomes what their
// author meant, or stays. engine/rules/fixes.h makes the changes.
struct Fix {
  enum class Kind {
    kReplace,       // the value or key at `where` becomes `text`, in the quotes it has
    kRemoveItem,    // the item of a list at `where` goes, with its comma or its line
    kRemoveUnseen,  // from the value at `where` go the characters that nobody sees, and the spaces
                    // at its ends
  };
  Kind kind = Kind::kReplace;
  SourceRange where;
  std::string text = {};  // kReplace: the value, not as YAML spells it
};

struct Diagnostic {
  DiagnosticLevel level = DiagnosticLevel::kError;
  // Stable for ever: "Y011" YAML, "R012" rules, "L012" lists, "A013" layers, "P003" policy, "C001"
  // configuration.
  std::string code;
  std::string message;  // "duplicate rule id `gambling.online_casino`"
  SourceRange where;
  std::string label;  // beside the caret: "`gambling` is a label of `vice_violence`"
  std::string help;   // the remedy: "write `category: vice_violence`"
  // The same for programs: all of them together or none; empty where an author must choose.
  std::vector<Fix> fixes = {};
};

bool HasErrors(const std::vector<Diagnostic>& diagnostics);

// The rustc-like rendering with source line and caret (columns aligned by display width), ending
// with a count. `color` adds ANSI colours.
std::string Render(const std::vector<Diagnostic>& diagnostics,
                   const std::vector<SourceFile>& sources, bool color);

// Every code there is, with its long explanation for `winnow rules explain`.
struct DiagnosticCode {
  std::string_view code;
  std::string_view title;
  std::string_view explanation;
};
const std::vector<DiagnosticCode>& AllDiagnosticCodes();

}  // namespace winnow::rules
