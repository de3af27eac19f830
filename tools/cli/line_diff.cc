#include "tools/cli/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/strings.h"

namespace winnow::cli {
namespace {

constexpr size_t kContext = 3;
constexpr size_t kCellsMax = size_t{64} << 20;

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Change {
  char sign;  // ' ', '-', '+'
  std::string_view line;
  size_t before, after;  // numbers of lines passed on either side
};

// By the longest common subsequence of what is left between equal beginnings and ends.
std::vector<Change> Changes(const std::vector<std::string_view>& a,
                            const std::vector<std::string_view>& b) {
  size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  const size_t n = a.size() - head - tail, m = b.size() - head - tail;
  std::vector<uint32_t> longest;  // of a[head + i..], b[head + j..], at i * (m + 1) + j
  const bool whole = n != 0 && (m + 1) > kCellsMax / (n + 1);
  if (!whole) {
    longest.resize((n + 1) * (m + 1));
    for (size_t i = n; i-- > 0;) {
      for (size_t j = m; j-- > 0;) {
        longest[i * (m + 1) + j] =
            a[head + i] == b[head + j]
                ? longest[(i + 1) * (m + 1) + j + 1] + 1
                : std::max(longest[(i + 1) * (m + 1) + j], longest[i * (m + 1) + j + 1]);
      }
    }
  }
  std::vector<Change> changes;
  size_t i = 0, j = 0;
  const auto add = [&](char sign) {
    changes.push_back({sign, sign == '+' ? b[j] : a[i], i, j});
    i += sign != '+';
    j += sign != '-';
  };
  while (i < head) add(' ');
  while (i < head + n || j < head + m) {
    const size_t x = i - head, y = j - head;
    if (!whole && x < n && y < m && a[i] == b[j]) {
      add(' ');
    } else if (x < n && (whole || y == m ||
                         longest[(x + 1) * (m + 1) + y] >= longest[x * (m + 1) + y + 1])) {
      add('-');
    } else {
      add('+');
    }
  }
  while (i < a.size()) add(' ');
  return changes;
}

}  // namespace

std::string LineDiff(std::string_view path, std::string_view before, std::string_view after,
                     const Style& style) {
  const std::vector<Change> changes = Changes(LinesOf(before), LinesOf(after));
  std::string out;
  for (size_t at = 0; at < changes.size();) {
    const auto changed = [](const Change& c) { return c.sign != ' '; };
    const auto first =
        std::find_if(changes.begin() + static_cast<ptrdiff_t>(at), changes.end(), changed);
    if (first == changes.end()) break;
    const size_t begin =
        std::max(at, static_cast<size_t>(first - changes.begin()) -
                         std::min(kContext, static_cast<size_t>(first - changes.begin())));
    // To where more than twice the context is unchanged.
    size_t end = static_cast<size_t>(first - changes.begin()) + 1;
    for (size_t i = end; i < changes.size() && i < end + 2 * kContext + 1; ++i) {
      if (changed(changes[i])) end = i + 1;
    }
    end = std::min(end + kContext, changes.size());
    size_t removed = 0, added = 0;
    for (size_t i = begin; i < end; ++i) {
      removed += changes[i].sign != '+';
      added += changes[i].sign != '-';
    }
    if (out.empty()) {
      StrAppend(&out, style.Bold(StrCat("--- ", Harmless(path))), "\n",
                style.Bold(StrCat("+++ ", Harmless(path), " (formatted)")), "\n");
    }
    // An empty side is named by the line before it.
    StrAppend(&out,
              style.Dim(StrCat("@@ -", changes[begin].before + (removed > 0), ",", removed, " +",
                               changes[begin].after + (added > 0), ",", added, " @@")),
              "\n");
    for (size_t i = begin; i < end; ++i) {
      std::string_view line = changes[i].line;
      const bool ended = !line.empty() && line.back() == '\n';
      if (ended) line.remove_suffix(1);
      const std::string shown = StrCat(std::string(1, changes[i].sign), Harmless(line));
      StrAppend(&out,
                changes[i].sign == '-'   ? style.Bad(shown)
                : changes[i].sign == '+' ? style.Good(shown)
                                         : shown,
                "\n", ended ? "" : "\\ No newline at end of file\n");
    }
    at = end;
  }
  return out;
}

}  // namespace winnow::cli
