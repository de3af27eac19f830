#include "tests/support/naive_matcher.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "engine/text/utf8.h"

namespace winnow {
namespace {

using match::Leaf;
using match::Node;
using match::Op;
using match::Scope;

struct Occurrence {
  text::Place place;
  text::View view;
};
using Occurrences = std::vector<Occurrence>;

bool Before(const Occurrence& a, const Occurrence& b) {
  return std::tuple(a.place.text.begin, -static_cast<int64_t>(a.place.text.end), a.view) <
         std::tuple(b.place.text.begin, -static_cast<int64_t>(b.place.text.end), b.view);
}

bool Holds(const text::TextSpan& outer, const text::TextSpan& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

uint64_t Distance(const Occurrence& a, const Occurrence& b) {
  const text::Place& first = a.place.char_begin < b.place.char_begin ? a.place : b.place;
  const text::Place& second = a.place.char_begin < b.place.char_begin ? b.place : a.place;
  return second.char_begin > first.char_end ? second.char_begin - first.char_end : 0;
}

bool InScope(Scope scope, uint32_t characters, const Occurrence& a, const Occurrence& b) {
  if (scope == Scope::kField) return true;
  if (scope == Scope::kSentence) return a.place.sentence == b.place.sentence;
  return Distance(a, b) <= characters;
}

Occurrence Hull(Occurrence a, const Occurrence& b) {
  if (b.place.text.begin < a.place.text.begin) {
    a.place.text.begin = b.place.text.begin;
    a.place.char_begin = b.place.char_begin;
    a.place.sentence = b.place.sentence;
    a.place.standing = b.place.standing;
  }
  if (!(a.place.text == b.place.text)) a.place.standing.alone = false;
  if (b.place.text.end > a.place.text.end) {
    a.place.text.end = b.place.text.end;
    a.place.char_end = b.place.char_end;
  }
  a.view = std::max(a.view, b.view);
  return a;
}

// The checksums that the oracle is asked about, as their definitions read.
bool Passes(text::Checksum checksum, const std::string& match) {
  std::string number;
  for (char c : match) {
    if (c >= '0' && c <= '9') number.push_back(c);
    if (c == 'x') number.push_back(c);
  }
  int sum = 0;
  switch (checksum) {
    case text::Checksum::kNone:
      return true;
    case text::Checksum::kLuhn:
      for (size_t i = 0; i < number.size(); ++i) {
        const int digit = number[number.size() - 1 - i] - '0';
        sum += i % 2 == 0 ? digit : std::array{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}.at(digit);
      }
      return sum % 10 == 0 && number.find_first_not_of(number[0]) != number.npos;
    case text::Checksum::kCnResidentId: {
      // The weight of a place is 2 to the power of how many follow; all of it is 1 mod 11. Dates
      // and regions are not told: the texts that this is asked about have good ones.
      int64_t total = 0;
      for (size_t i = 0; i < number.size(); ++i) {
        const int64_t digit = number[i] == 'x' ? 10 : number[i] - '0';
        total += digit << (number.size() - 1 - i);
      }
      return number.size() == 18 && total % 11 == 1;
    }
    default:
      std::abort();  // not in the oracle
  }
}

// An excuse that holds an end of the match is a longer word that is not what was looked for.
bool HoldsAnEnd(const text::Place& excuse, const text::Place& match) {
  const bool overlaps = excuse.char_begin < match.char_end && match.char_begin < excuse.char_end;
  return overlaps && (excuse.char_begin <= match.char_begin || excuse.char_end >= match.char_end);
}

// Whether `excuse`, which is in scope of `match`, is said about it.
bool IsSaid(const text::Place& excuse, const text::Place& match) {
  if (excuse.standing.alone) return false;
  if (excuse.char_begin < match.char_end) return true;
  return excuse.standing.joined &&
         excuse.char_begin >= match.char_end + excuse.standing.joiner_chars;
}

class Naive {
 public:
  // Hits that are a part of one of `longer` are none, except for a `not`.
  Naive(const match::ProgramSpec& spec, const text::Block& block, Occurrences longer = {})
      : spec_(spec), block_(block), longer_(std::move(longer)) {}

  Occurrences Evaluate(uint32_t index) {
    const Node& node = spec_.nodes[index];
    Occurrences out;
    switch (node.op) {
      case Op::kLeaves:
        for (uint32_t i = 0; i < node.child_count; ++i) {
          for (const Occurrence& hit : Hits(spec_.leaf_index[node.first_child + i])) {
            if (!IsPartOfLonger(hit)) out.push_back(hit);
          }
        }
        break;
      case Op::kAny:
        for (const Occurrences& child : Children(node)) {
          out.insert(out.end(), child.begin(), child.end());
        }
        break;
      case Op::kAll:
        out = All(node);
        break;
      case Op::kNear:
        out = Near(node);
        break;
      case Op::kNot:
        break;
    }
    std::sort(out.begin(), out.end(), Before);
    return out;
  }

 private:
  bool IsPartOfLonger(const Occurrence& hit) const {
    return std::any_of(longer_.begin(), longer_.end(), [&](const Occurrence& o) {
      return o.place.char_begin <= hit.place.char_begin && hit.place.char_end <= o.place.char_end &&
             o.place.char_end - o.place.char_begin > hit.place.char_end - hit.place.char_begin;
    });
  }

  std::vector<Occurrences> Children(const Node& node) {
    std::vector<Occurrences> all;
    for (uint32_t i = 0; i < node.child_count; ++i) {
      all.push_back(Evaluate(spec_.child_index[node.first_child + i]));
    }
    return all;
  }

  // Spans of the view that the leaf matches.
  std::vector<text::ViewSpan> SpansIn(const Leaf& leaf, text::View view) {
    const std::string text(block_.view(view));
    const uint32_t size = text.size();
    std::vector<text::ViewSpan> spans;
    if (leaf.kind == Leaf::Kind::kLiteral) {
      const std::string& term = leaf.in_view[static_cast<int>(view)];
      if (term.empty()) return spans;
      for (uint32_t at = 0; at + term.size() <= size; ++at) {
        const uint32_t end = at + term.size();
        if (text.compare(at, term.size(), term) != 0) continue;
        if (leaf.border_begin && !block_.WordBorder(view, at)) continue;
        if (leaf.border_end && !block_.WordBorder(view, end)) continue;
        spans.push_back({at, end});
      }
      if (view == text::View::kFolded) AddSpansOverGaps(leaf, &spans);
      AddSpansInParts(leaf, view, &spans);
      return spans;
    }
    if (!(leaf.views & text::SetOf(view))) return spans;
    // For each end the first begin; of those that hold one another the longest.
    const std::regex expression(leaf.in_view[0]);
    std::vector<text::ViewSpan> all;
    for (uint32_t end = 1; end <= size; ++end) {
      for (uint32_t begin = 0; begin < end; ++begin) {
        if (std::regex_match(text.begin() + begin, text.begin() + end, expression)) {
          all.push_back({begin, end});
          break;
        }
      }
    }
    for (const text::ViewSpan& span : all) {
      const bool inside = std::any_of(all.begin(), all.end(), [&](const text::ViewSpan& other) {
        return !(other == span) && other.begin <= span.begin && span.end <= other.end;
      });
      if (inside) continue;
      if (!Passes(leaf.checksum, text.substr(span.begin, span.end - span.begin))) continue;
      spans.push_back(span);
    }
    return spans;
  }

  // Where the term stands with white space of other widths for one or more of its spaces.
  void AddSpansOverGaps(const Leaf& leaf, std::vector<text::ViewSpan>* spans) const {
    constexpr text::View kView = text::View::kFolded;
    const std::string text(block_.view(kView));
    const std::string& term = leaf.in_view[static_cast<int>(kView)];
    const auto white = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
    for (size_t at = 0; at < text.size(); ++at) {
      size_t end = at, gaps = 0, matched = 0;
      for (; matched < term.size() && end < text.size(); ++matched) {
        if (term[matched] != ' ' || !white(text[end]) || end == 0 || white(text[end - 1])) {
          if (text[end] != term[matched]) break;
          ++end;
          continue;
        }
        size_t behind = end;
        while (behind < text.size() && white(text[behind])) ++behind;
        if (behind == end + 1 && text[end] == ' ') {
          end = behind;
          continue;
        }
        if (behind - end > 16 || behind == text.size() || !visible(text[end - 1]) ||
            !visible(text[behind])) {
          break;
        }
        end = behind;
        ++gaps;
      }
      if (matched < term.size() || gaps == 0 || end - at > match::kMaxMatchBytes) continue;
      if (leaf.border_begin && !block_.WordBorder(kView, at)) continue;
      if (leaf.border_end && !block_.WordBorder(kView, end)) continue;
      spans->push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(end)});
    }
  }

  // A character of a view, or parts of an ideograph that are read as it.
  struct Read {
    uint32_t begin, end;
    std::string as;
    int parts;  // 0: a character; 1: parts that ordinary text has too; 2: others
  };

  // The view from left to right, each time the longest parts that stand there.
  std::vector<Read> ReadParts(text::View view, bool ordinary_too) const {
    const std::string text(block_.view(view));
    std::vector<Read> out;
    for (uint32_t at = 0; at < text.size();) {
      Read next{at, at + text::CharWidth(text[at]), "", 0};
      next.as = text.substr(at, next.end - at);
      for (const Leaf& leaf : spec_.leaves) {
        if (leaf.kind != Leaf::Kind::kParts || (leaf.ordinary && !ordinary_too)) continue;
        const std::string& parts = leaf.in_view[static_cast<int>(view)];
        if (parts.empty() || text.compare(at, parts.size(), parts) != 0) continue;
        if (next.parts > 0 && parts.size() <= next.end - at) continue;
        next.end = at + static_cast<uint32_t>(parts.size());
        next.as.clear();
        text::AppendChar(leaf.whole, &next.as);
        next.parts = leaf.ordinary ? 1 : 2;
      }
      at = next.end;
      out.push_back(std::move(next));
    }
    return out;
  }

  // Of `reads`, those that hold two others apart of which one is parts or an ideograph by itself.
  // Knows the signs of ASCII only.
  static std::vector<bool> HoldingApart(const std::vector<Read>& reads) {
    const auto is_sign = [](const Read& r) { return r.as.size() == 1 && !IsLetter(r.as[0]); };
    const auto is_cell = [](const Read& r) { return r.parts > 0 || r.as.size() > 2; };
    const auto is_ideograph = [&](size_t i) { return i < reads.size() && is_cell(reads[i]); };
    std::vector<bool> holding(reads.size());
    for (size_t begin = 1; begin < reads.size(); ++begin) {
      if (!is_sign(reads[begin]) || !is_cell(reads[begin - 1])) continue;
      size_t end = begin;
      std::string signs;
      while (end < reads.size() && is_sign(reads[end])) signs += reads[end++].as;
      const bool digits = std::any_of(signs.begin(), signs.end(), absl::ascii_isdigit);
      if (signs.size() > (digits ? 1 : 4) || signs.find_first_of(",;:!?\"'()") != signs.npos) {
        continue;
      }
      if (end == reads.size() || !is_cell(reads[end])) continue;
      if (reads[begin - 1].parts == 0 && is_ideograph(begin - 2) && reads[end].parts == 0 &&
          is_ideograph(end + 1)) {
        continue;
      }
      std::fill(holding.begin() + begin, holding.begin() + end, true);
    }
    return holding;
  }

  static bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

  // Where the term stands once parts are read: all of them, only those no ordinary text has, or
  // all without what holds them apart.
  void AddSpansInParts(const Leaf& leaf, text::View view, std::vector<text::ViewSpan>* spans) {
    const std::string& term = leaf.in_view[static_cast<int>(view)];
    const bool letters = std::any_of(term.begin(), term.end(), IsLetter);
    for (const int way : {0, 1, 2}) {
      const std::vector<Read> reads = ReadParts(view, way != 1);
      const std::vector<bool> left_out =
          way == 2 ? HoldingApart(reads) : std::vector<bool>(reads.size());
      for (size_t first = 0; first < reads.size(); ++first) {
        std::string read;
        int ordinary = 0, unusual = 0;
        bool joined = false;
        for (size_t last = first; last < reads.size() && read.size() < term.size(); ++last) {
          if (left_out[last]) {
            if (last == first) break;
            joined = true;
            continue;
          }
          read += reads[last].as;
          ordinary += reads[last].parts == 1;
          unusual += reads[last].parts == 2;
          if (read != term || ordinary + unusual == 0) continue;
          if (unusual == 0 && (joined || (ordinary < 2 && !letters))) continue;
          const text::ViewSpan span = {reads[first].begin, reads[last].end};
          if (leaf.border_begin && !block_.WordBorder(view, span.begin)) continue;
          if (leaf.border_end && !block_.WordBorder(view, span.end)) continue;
          spans->push_back(span);
        }
      }
    }
  }

  const Occurrences& Hits(uint32_t index) {
    const auto [it, fresh] = hits_.try_emplace(index);
    if (!fresh) return it->second;
    Occurrences& out = it->second;
    for (int v = 0; v < text::kViewCount; ++v) {
      const text::View view = static_cast<text::View>(v);
      for (const text::ViewSpan& span : SpansIn(spec_.leaves[index], view)) {
        const text::Place place = block_.Locate(view, span);
        if (place.text.end <= block_.report_begin()) continue;  // sounds alike by chance
        const bool known = std::any_of(out.begin(), out.end(), [&](const Occurrence& o) {
          return o.place.text == place.text;
        });
        if (!known) out.push_back({place, view});
      }
    }
    return out;
  }

  Occurrences All(const Node& node) {
    std::optional<Occurrences> first;
    std::vector<Occurrences> wanted, unwanted;
    for (uint32_t i = 0; i < node.child_count; ++i) {
      const uint32_t child = spec_.child_index[node.first_child + i];
      if (spec_.nodes[child].op == Op::kNot) {
        unwanted.push_back(
            Naive(spec_, block_).Evaluate(spec_.child_index[spec_.nodes[child].first_child]));
      } else if (!first) {
        first = Evaluate(child);
      } else {
        wanted.push_back(Evaluate(child));
      }
    }
    Occurrences out;
    if (!first) return out;
    for (const Occurrence& one : *first) {
      Occurrence hull = one;
      bool holds = true;
      for (const Occurrences& others : wanted) {
        const Occurrence* nearest = nullptr;
        const auto rank = [&](const Occurrence& o) {
          const bool before = o.place.text.begin < one.place.text.begin;
          return std::tuple(Distance(o, one), before,
                            before ? -static_cast<int64_t>(o.place.char_end) : 0);
        };
        for (const Occurrence& other : others) {
          if (!InScope(node.scope, node.characters, one, other)) continue;
          if (nearest == nullptr || rank(other) < rank(*nearest)) nearest = &other;
        }
        if (nearest == nullptr) {
          holds = false;
        } else if (node.scope != Scope::kField) {
          hull = Hull(hull, *nearest);
        }
      }
      for (const Occurrences& others : unwanted) {
        for (const Occurrence& other : others) {
          if (InScope(node.scope, node.characters, one, other)) holds = false;
        }
      }
      if (holds) out.push_back(hull);
    }
    return out;
  }

  // Every way to take one of each group.
  Occurrences Near(const Node& node) {
    const std::vector<Occurrences> groups = Children(node);
    Occurrences hulls;
    std::vector<Occurrence> taken;  // in the order of the groups
    const std::function<void()> take = [&] {
      if (taken.size() < groups.size()) {
        for (const Occurrence& next : groups[taken.size()]) {
          taken.push_back(next);
          take();
          taken.pop_back();
        }
        return;
      }
      std::vector<Occurrence> by_place = taken;
      if (!node.ordered) std::sort(by_place.begin(), by_place.end(), Before);
      for (size_t i = 1; i < by_place.size(); ++i) {
        if (by_place[i].place.text.begin < by_place[i - 1].place.text.end) return;
        if (!InScope(node.scope, node.characters, by_place[i - 1], by_place[i])) return;
      }
      Occurrence hull = by_place.front();
      for (const Occurrence& one : by_place) hull = Hull(hull, one);
      hulls.push_back(hull);
    };
    if (!groups.empty()) take();
    Occurrences out;
    for (const Occurrence& hull : hulls) {
      const bool tightest = std::none_of(hulls.begin(), hulls.end(), [&](const Occurrence& o) {
        return !(o.place.text == hull.place.text) && Holds(hull.place.text, o.place.text);
      });
      const bool known = std::any_of(out.begin(), out.end(), [&](const Occurrence& o) {
        return o.place.text == hull.place.text;
      });
      if (tightest && !known) out.push_back(hull);
    }
    return out;
  }

  const match::ProgramSpec& spec_;
  const text::Block& block_;
  const Occurrences longer_;
  std::map<uint32_t, Occurrences> hits_;
};

}  // namespace

std::vector<NaiveMatch> NaiveScan(const match::ProgramSpec& spec, uint32_t surfaces,
                                  const text::Block& whole) {
  Naive naive(spec, whole);
  std::vector<NaiveMatch> out;
  for (uint32_t rule = 0; rule < spec.rules.size(); ++rule) {
    const match::RuleCondition& condition = spec.rules[rule];
    if (!(condition.surfaces & surfaces)) continue;
    Occurrences matches = naive.Evaluate(condition.match);
    if (condition.unless >= 0) {
      const Occurrences unless = naive.Evaluate(static_cast<uint32_t>(condition.unless));
      matches = Naive(spec, whole, unless).Evaluate(condition.match);
      std::erase_if(matches, [&](const Occurrence& match) {
        return std::any_of(unless.begin(), unless.end(), [&](const Occurrence& other) {
          if (HoldsAnEnd(other.place, match.place)) return true;
          if (!IsSaid(other.place, match.place)) return false;
          if (other.place.char_begin >= match.place.char_begin &&
              other.place.char_begin < match.place.char_end) {
            return true;
          }
          Occurrence said = other;
          if (said.place.char_begin >= match.place.char_end) {
            said.place.char_begin -= said.place.standing.joiner_chars;
          }
          return InScope(condition.unless_scope, condition.unless_characters, match, said);
        });
      });
    }
    for (size_t i = 0; i < matches.size(); ++i) {
      bool inside = false;
      for (size_t j = 0; j < matches.size(); ++j) {
        const text::TextSpan& other = matches[j].place.text;
        if (j == i || !Holds(other, matches[i].place.text)) continue;
        inside |= !(other == matches[i].place.text) || j < i;
      }
      if (!inside) out.push_back({rule, matches[i].place.text, matches[i].view});
    }
  }
  std::sort(out.begin(), out.end(), [](const NaiveMatch& a, const NaiveMatch& b) {
    return std::tuple(a.span.begin, a.span.end, a.rule) <
           std::tuple(b.span.begin, b.span.end, b.rule);
  });
  return out;
}

}  // namespace winnow
