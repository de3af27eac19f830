// Line-oriented input of any length, worked on by all cores, answered in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tools/cli/input.h"

namespace winnow::cli {

// Some whole lines of the input, or one that is too long to be held.
struct LineChunk {
  std::string bytes;        // lines with their line ends; the input's last may have none
  uint64_t first_line = 0;  // number of the first one, from 1
  bool overlong = false;    // one line beyond `line_bytes_max`; `bytes` is empty
};

// What is to be printed for a chunk.
struct ChunkOutput {
  std::string out;  // for standard output
  std::string err;  // for standard error
};

struct LineOptions {
  size_t threads = 1;
  size_t chunk_bytes =
      512 * 1024;  // a chunk is sent on when it has this many bytes, or input is slow
  size_t line_bytes_max = 64 << 20;
  size_t lines_max = SIZE_MAX;  // in one chunk
};

// Cuts `input` into chunks, has `work` called on them from up to `threads` threads at once, and
// `sink` with the results, one at a time, in the order of the input. Memory is bounded: about four
// chunks a thread. Lines reach `sink` without waiting for more input, so that it can be used
// interactively. A failure of reading ends the input: what came before it is still worked on and
// given to `sink`. A failure of `sink` ends everything. The first of these is returned.
absl::Status ProcessLines(Input* input, const LineOptions& options,
                          const std::function<ChunkOutput(const LineChunk&)>& work,
                          const std::function<absl::Status(const ChunkOutput&)>& sink);

// Calls `each(line, number)` for every line of a chunk that is not blank. Line ends (\n, \r\n) and
// a byte order mark on line 1 are not part of the line.
void ForEachLine(const LineChunk& chunk,
                 const std::function<void(std::string_view, uint64_t)>& each);

}  // namespace winnow::cli
