// Typing a YAML tree: what the parsers of rules and policies share, so that the same mistake is
// told in the same words and under the same number in both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {

// `text` between backquotes for a message, cut where it is long.
std::string Quoted(std::string_view text);

// The word of `known` that `word` was probably meant to be; empty when none is near.
// O(|known|·|word|).
std::string_view Closest(std::string_view word, absl::Span<const std::string_view> known);

// The fix that writes `text` at `where`; none for an empty text, such as Closest() may give.
std::vector<Fix> Replacement(const SourceRange& where, std::string_view text);

// "`a`, `b` or `c`"; "`a`, `b` and `c`".
std::string AnyOf(absl::Span<const std::string_view> words);
std::string AllOf(absl::Span<const std::string_view> words);

// Reads values out of a tree and reports what is wrong with them. Every code is the prefix of the
// kind of source ('R', 'P' or 'A') and a number; these numbers mean the same under each prefix. Not
// thread safe.
class FieldReader {
 public:
  enum Number : int {
    kRoot = 1,  // the file as a whole has the wrong form
    kUnknownKey = 2,
    kMissingKey = 3,
    kWrongType = 4,  // a list where a text belongs, and the like
    kEmpty = 5,
    kUnknownValue = 6,  // not a word of a closed list
    kRepeated = 7,      // the same value twice in one list
    kNotALiteral = 8,   // not true or false, not a number in range
  };

  // `out` (never null) must outlive the reader.
  FieldReader(char prefix, std::vector<Diagnostic>* out) : prefix_(prefix), out_(out) {}

  // What was reported, valid until the next report: for its fixes.
  Diagnostic& Error(int number, const SourceRange& where, std::string message,
                    std::string label = "", std::string help = "");
  Diagnostic& Warn(int number, const SourceRange& where, std::string message,
                   std::string label = "", std::string help = "");

  // Reports the keys of `mapping` that are not among `known`; `what` names the owner: "a rule".
  // Those of `reserved` are the caller's to report. Gives the known keys that unknown ones were
  // probably meant to be: that they are missing need not be told.
  std::vector<std::string_view> CheckKeys(const YamlNode& mapping,
                                          absl::Span<const std::string_view> known,
                                          std::string_view what,
                                          absl::Span<const std::string_view> reserved = {});

  // Whether `node`, the value of `key` (a key, or a phrase such as "a term"), has the kind; reports
  // where it has not. `example` shows the way to write it.
  bool IsText(const YamlNode& node, std::string_view key);
  bool IsList(const YamlNode& node, std::string_view key, std::string_view example);
  bool IsMapping(const YamlNode& node, std::string_view key, std::string_view example);

  // The value of a text that is not empty.
  std::optional<std::string> Text(const YamlNode& node, std::string_view key);

  // The place of a text's value in `names`, a closed list: -1 with a report when it is none of
  // them. `what` names the kind of word: "severity".
  int Choice(const YamlNode& node, absl::Span<const std::string_view> names, std::string_view what);

  // As Choice() for a list, which must not be empty nor repeat a word. Gives what could be read.
  std::vector<int> Choices(const YamlNode& node, std::string_view key,
                           absl::Span<const std::string_view> names, std::string_view what);

  // `true` or `false`.
  std::optional<bool> Bool(const YamlNode& node, std::string_view key);

 private:
  bool RefuseKind(const YamlNode& node, std::string_view key, std::string_view kind,
                  std::string_view example);
  Diagnostic& Report(DiagnosticLevel level, int number, const SourceRange& where,
                     std::string message, std::string label, std::string help);

  const char prefix_;
  std::vector<Diagnostic>* const out_;
};

// Puts diagnostics into the order of their places; those of one place keep theirs.
void SortBySource(std::vector<Diagnostic>* diagnostics);

}  // namespace winnow::rules
