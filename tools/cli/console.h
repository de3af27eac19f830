// Printing for people: colour and width on a terminal only, and text by strangers made harmless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/rules/taxonomy.h"

namespace winnow::cli {

// What standard output is.
struct Terminal {
  bool colour = false;  // a terminal, and neither NO_COLOR nor TERM=dumb is set
  size_t width = 0;     // columns; 0: not a terminal, never cut
};
Terminal StandardOutput();

// Colours, which are nothing where `terminal.colour` is false.
class Style {
 public:
  explicit Style(const Terminal& terminal) : on_(terminal.colour) {}
  bool colour() const { return on_; }
  std::string Bold(std::string_view s) const { return Wrap("1", s); }
  std::string Dim(std::string_view s) const { return Wrap("2", s); }
  std::string Good(std::string_view s) const { return Wrap("32", s); }
  std::string Bad(std::string_view s) const { return Wrap("1;31", s); }
  // A match in its context: inverse, or »guillemets« without colour.
  std::string Match(std::string_view s) const;
  // The decision as the API names it ("BLOCK"), coloured by its weight.
  std::string Of(Decision decision) const;

 private:
  std::string Wrap(std::string_view code, std::string_view s) const;
  bool on_;
};

// `text` with everything a terminal would obey or not show (controls, bidirectional controls,
// zero-width characters) as \n, \t or <U+200B>, and ill-formed bytes as <9B>. Only what this
// returns may be printed of text, names and ids that others chose.
std::string Harmless(std::string_view text);

// Columns that `text` takes on a terminal; escape sequences of Style count nothing.
size_t Columns(std::string_view text);

// Rows of cells in aligned columns. With a terminal width the column `flexible` is cut so that rows
// fit, with an ellipsis; it is never cut below 16 columns.
class Table {
 public:
  Table(std::vector<std::string> header, size_t flexible);
  void Add(std::vector<std::string> row);
  std::string Print(const Style& style, size_t width) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the header
  size_t flexible_;
};

// Writes to standard output, buffered.
void Print(std::string_view text);

// Writes out what is buffered. UNAVAILABLE when any write to standard output failed, such as on a
// full disk: then what was printed is not complete.
absl::Status FlushOutput();

}  // namespace winnow::cli
