// The flags that `scan` and `check` share: which contents, as what, printed how.
#pragma once

#include <string>
#include <vector>

#include "engine/rules/taxonomy.h"
#include "engine/text/span.h"
#include "tools/cli/report.h"

namespace CLI {
class App;
}

namespace winnow::cli {

struct ContentFlags {
  std::vector<std::string> files;  // "-": standard input; empty: the same
  bool jsonl = false;
  std::string surface;  // empty: not given
  std::string region;
  std::string charset;
  std::string format;  // empty: ndjson with --jsonl, else text
  std::string offsets = "bytes";
  bool excerpts = false;
  bool exit_code = false;

  std::vector<std::string> Files() const;
  Surface SurfaceValue() const;  // kUnspecified when not given
  text::OffsetUnit OffsetUnit() const;
  Format FormatValue() const;
  // Text shows matches in context, so it always asks for excerpts.
  bool Excerpts() const { return excerpts || FormatValue() == Format::kText; }
};

// `flags` must outlive `command`.
void AddContentFlags(CLI::App* command, ContentFlags* flags);

// What contradicts itself in the flags, and the remedy; empty when nothing does.
std::string Contradiction(const ContentFlags& flags);

}  // namespace winnow::cli
