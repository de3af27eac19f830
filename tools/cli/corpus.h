// Texts by which rules are judged: a file or a folder of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace winnow::cli {

// One text of a corpus. Views live for the call that is given it.
struct CorpusText {
  std::string_view path;  // of its file, as it was named or found
  uint64_t line = 0;      // 1-based
  std::string_view text;  // valid UTF-8, not blank
};

// Gives `each` every text of `paths`, files or folders (recursively, in order of path). Of a folder
// .txt, .jsonl and .ndjson files are read; a file that is named itself, whatever its name. A text
// is a line; in .jsonl and .ndjson, the `text` of the line's object. Bytes that are not UTF-8 are
// decoded by what they seem to be, the whole file at once. A file is held in memory.
//
// NOT_FOUND: there is no such path, or no text under it; INVALID_ARGUMENT: a line is not an object
// with a text; OUT_OF_RANGE: a file of more than 1 GiB; else reading failed. Messages name file and
// line. What `each` returns other than OK ends the reading.
absl::Status ReadCorpus(const std::vector<std::string>& paths,
                        const std::function<absl::Status(const CorpusText&)>& each);

// Adds --corpus. `paths` must outlive `command`.
void AddCorpus(CLI::App* command, std::vector<std::string>* paths, bool required);

// `text`, or its first `characters` with an ellipsis, on one line.
std::string Beginning(std::string_view text, size_t characters);

}  // namespace winnow::cli
