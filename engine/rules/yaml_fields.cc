#include "engine/rules/yaml_fields.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_format.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"

namespace winnow::rules {
namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

// As words are compared that somebody may have misspelt.
std::string FoldedWord(std::string_view word) {
  std::string folded(word);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return folded;
}

std::string Enumerate(absl::Span<const std::string_view> words, std::string_view last) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) StrAppend(&out, i + 1 == words.size() ? last : ", ");
    StrAppend(&out, "`", words[i], "`");
  }
  return out;
}

// A key stands in backquotes, a phrase does not.
std::string Shown(std::string_view key) {
  return key.find(' ') == key.npos ? StrCat("`", key, "`") : std::string(key);
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr int kShown = 60;
  std::string_view rest = text;
  for (int i = 0; i < kShown && !rest.empty(); ++i) rest.remove_prefix(DecodeOne(rest).bytes);
  if (rest.empty()) return StrCat("`", text, "`");
  return StrCat("`", text.substr(0, text.size() - rest.size()), "…`");
}

std::string_view Closest(std::string_view word, absl::Span<const std::string_view> known) {
  constexpr size_t kLongest = 64;
  if (word.size() > kLongest) return "";
  const std::string folded = FoldedWord(word);
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : known) {
    const size_t distance = Distance(folded, FoldedWord(candidate));
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string AnyOf(absl::Span<const std::string_view> words) { return Enumerate(words, " or "); }
std::string AllOf(absl::Span<const std::string_view> words) { return Enumerate(words, " and "); }

Diagnostic& FieldReader::Report(DiagnosticLevel level, int number, const SourceRange& where,
                                std::string message, std::string label, std::string help) {
  return out_->emplace_back(Diagnostic{level, absl::StrFormat("%c%03d", prefix_, number),
                                       std::move(message), where, std::move(label),
                                       std::move(help)});
}

Diagnostic& FieldReader::Error(int number, const SourceRange& where, std::string message,
                               std::string label, std::string help) {
  return Report(DiagnosticLevel::kError, number, where, std::move(message), std::move(label),
                std::move(help));
}

Diagnostic& FieldReader::Warn(int number, const SourceRange& where, std::string message,
                              std::string label, std::string help) {
  return Report(DiagnosticLevel::kWarning, number, where, std::move(message), std::move(label),
                std::move(help));
}

std::vector<std::string_view> FieldReader::CheckKeys(const YamlNode& mapping,
                                                     absl::Span<const std::string_view> known,
                                                     std::string_view what,
                                                     absl::Span<const std::string_view> reserved) {
  std::vector<std::string_view> meant;
  for (const YamlNode::Entry& entry : mapping.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (std::find(reserved.begin(), reserved.end(), entry.key) != reserved.end()) continue;
    const std::string_view closest = Closest(entry.key, known);
    Diagnostic& unknown =
        Error(kUnknownKey, entry.key_where, StrCat(what, " has no key ", Quoted(entry.key)),
              closest.empty() ? "unknown key" : StrCat("did you mean `", closest, "`?"),
              StrCat("the keys of ", what, " are ", AllOf(known)));
    if (closest.empty()) continue;
    // Where the key stands already, which of the two holds is the author's to say.
    if (mapping.Find(closest) == nullptr &&
        std::find(meant.begin(), meant.end(), closest) == meant.end()) {
      unknown.fixes = Replacement(entry.key_where, closest);
    }
    meant.push_back(closest);
  }
  return meant;
}

bool FieldReader::IsText(const YamlNode& node, std::string_view key) {
  if (node.IsScalar()) return true;
  Error(kWrongType, node.where, StrCat(Shown(key), " must be a text"),
        StrCat("this is ", KindName(node)));
  return false;
}

bool FieldReader::IsList(const YamlNode& node, std::string_view key, std::string_view example) {
  return node.IsSequence() || RefuseKind(node, key, "a list", example);
}

bool FieldReader::IsMapping(const YamlNode& node, std::string_view key, std::string_view example) {
  return node.IsMapping() || RefuseKind(node, key, "a mapping", example);
}

bool FieldReader::RefuseKind(const YamlNode& node, std::string_view key, std::string_view kind,
                             std::string_view example) {
  if (node.IsEmpty()) {
    Error(kEmpty, node.where, StrCat(Shown(key), " is empty"), "", StrCat("write `", example, "`"));
  } else {
    Error(kWrongType, node.where, StrCat(Shown(key), " must be ", kind),
          StrCat("this is ", KindName(node)), StrCat("write `", example, "`"));
  }
  return false;
}

std::optional<std::string> FieldReader::Text(const YamlNode& node, std::string_view key) {
  if (!IsText(node, key)) return std::nullopt;
  if (node.text.empty()) {
    Error(kEmpty, node.where, StrCat(Shown(key), " is empty"));
    return std::nullopt;
  }
  return node.text;
}

int FieldReader::Choice(const YamlNode& node, absl::Span<const std::string_view> names,
                        std::string_view what) {
  const std::optional<std::string> text = Text(node, what);
  if (!text) return -1;
  const auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  const std::string_view closest = Closest(*text, names);
  Diagnostic& unknown =
      Error(kUnknownValue, node.where, StrCat("there is no ", what, " ", Quoted(*text)),
            closest.empty() ? "" : StrCat("did you mean `", closest, "`?"),
            StrCat("it is ", AnyOf(names)));
  unknown.fixes = Replacement(node.where, closest);
  return -1;
}

std::vector<int> FieldReader::Choices(const YamlNode& node, std::string_view key,
                                      absl::Span<const std::string_view> names,
                                      std::string_view what) {
  std::vector<int> out;
  if (!IsList(node, key, StrCat(key, ": [", names.front(), "]"))) return out;
  if (node.items.empty()) {
    Error(kEmpty, node.where, StrCat("`", key, "` is empty"), "",
          StrCat("name at least one ", what, ", or leave the key out"));
  }
  for (const YamlNode& item : node.items) {
    const int choice = Choice(item, names, what);
    if (choice < 0) continue;
    if (std::find(out.begin(), out.end(), choice) != out.end()) {
      Error(kRepeated, item.where, StrCat("the ", what, " `", names[choice], "` is named twice"),
            "", "remove one of them")
          .fixes = {{Fix::Kind::kRemoveItem, item.where}};
      continue;
    }
    out.push_back(choice);
  }
  return out;
}

std::optional<bool> FieldReader::Bool(const YamlNode& node, std::string_view key) {
  if (!IsText(node, key)) return std::nullopt;
  if (node.text == "true") return true;
  if (node.text == "false") return false;
  Error(kNotALiteral, node.where, StrCat("`", key, "` must be `true` or `false`"),
        node.IsEmpty() ? "nothing is given" : "");
  return std::nullopt;
}

std::vector<Fix> Replacement(const SourceRange& where, std::string_view text) {
  if (text.empty()) return {};
  return {{Fix::Kind::kReplace, where, std::string(text)}};
}

void SortBySource(std::vector<Diagnostic>* diagnostics) {
  std::stable_sort(diagnostics->begin(), diagnostics->end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.where.file, a.where.begin_line, a.where.begin_column) <
                            std::tie(b.where.file, b.where.begin_line, b.where.begin_column);
                   });
}

}  // namespace winnow::rules
