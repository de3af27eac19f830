#include "tools/cli/rule_story.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/str_join.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/text_scan.h"
#include "engine/rules/utf8.h"
#include "engine/text/normalizer.h"
#include "tools/cli/json.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {
namespace {

using match::NodeTrace;
using rules::Condition;

constexpr size_t kTermsShown = 6;
constexpr size_t kWordsShown = 3;
constexpr size_t kWordColumns = 60;

std::string_view Slice(std::string_view text, const text::TextSpan& span) {
  const size_t begin = std::min<size_t>(span.begin, text.size());
  return text.substr(begin, std::min<size_t>(span.end, text.size()) - begin);
}

// In the middle of a long one an ellipsis.
std::string Shortened(std::string_view text) {
  std::vector<std::string_view> characters;
  for (std::string_view rest = text; !rest.empty();) {
    const rules::CodePoint c = rules::DecodeOne(rest);
    characters.push_back(rest.substr(0, c.bytes));
    rest.remove_prefix(c.bytes);
  }
  if (characters.size() <= kWordColumns) return Harmless(text);
  constexpr size_t kEnd = kWordColumns / 2 - 1;
  const char* const end = text.data() + text.size();
  const std::string_view tail(
      characters[characters.size() - kEnd].data(),
      static_cast<size_t>(end - characters[characters.size() - kEnd].data()));
  return StrCat(
      Harmless(text.substr(0, static_cast<size_t>(characters[kEnd].data() - text.data()))), " … ",
      Harmless(tail));
}

std::vector<std::string_view> EvasionNames(text::EvasionMask mask) {
  std::vector<std::string_view> out;
  for (int e = 1; e <= static_cast<int>(text::Evasion::kReversed); ++e) {
    const auto evasion = static_cast<text::Evasion>(e);
    if (mask & text::MaskOf(evasion)) out.push_back(text::Name(evasion));
  }
  return out;
}

std::string Joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) StrAppend(&out, out.empty() ? "" : ", ", word);
  return out;
}

std::string TermsText(const Condition& condition) {
  const auto& terms = condition.Terms();
  std::string out;
  for (size_t i = 0; i < std::min(terms.size(), kTermsShown); ++i) {
    StrAppend(&out, i == 0 ? "" : ", ", Harmless(terms[i].text));
  }
  if (terms.size() > kTermsShown) StrAppend(&out, " and ", terms.size() - kTermsShown, " more");
  return out;
}

std::string TitleOf(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kTerms:
      return Plural(condition.Terms().size(), "term", "terms");
    case Condition::Kind::kRegex:
      return StrCat("regex ", Harmless(condition.pattern.text));
    case Condition::Kind::kAny:
      return "any";
    case Condition::Kind::kAll:
      return StrCat("all, ", ReachText(condition.within));
    case Condition::Kind::kNot:
      return "not";
    case Condition::Kind::kNear:
      return StrCat("near, ", ReachText(condition.within), condition.ordered ? ", in order" : "");
  }
  return "";
}

std::string_view KindName(const Condition& condition) {
  constexpr std::string_view kNames[] = {"terms", "regex", "any", "all", "not", "near"};
  return kNames[static_cast<int>(condition.kind)];
}

std::string_view LackName(NodeTrace::Lack lack) {
  constexpr std::string_view kNames[] = {"nothing", "missing", "apart", "denied"};
  return kNames[static_cast<int>(lack)];
}

std::string_view HowName(match::Excuse::How how) {
  constexpr std::string_view kNames[] = {"none", "longer_word", "before", "inside", "behind"};
  return kNames[static_cast<int>(how)];
}

std::string PlaceJson(std::string_view text, const text::Place& place, text::View view,
                      uint64_t begin, uint64_t end) {
  std::string out =
      StrCat(R"("text":)", JsonString(Slice(text, place.text)), R"(,"begin":)", begin, R"(,"end":)",
             end, R"(,"view":")", text::Name(view), R"(","evasions":[)");
  bool first = true;
  for (const std::string_view name : EvasionNames(place.evasions)) {
    StrAppend(&out, first ? "\"" : ",\"", name, "\"");
    first = false;
  }
  return out + "]";
}

// A condition and its node, walked side by side.
class Walk {
 public:
  explicit Walk(const Story& story)
      : story_(story), spec_(match::SpecOf(story.compiled.pack->program())) {}

  // The trace of the node `at` and the first of those behind its subtree.
  static size_t Behind(const Condition& condition, size_t at) {
    ++at;
    for (const Condition& child : condition.children) at = Behind(child, at);
    return at;
  }

  // The places of the children's traces.
  static std::vector<size_t> Children(const Condition& condition, size_t at) {
    std::vector<size_t> out;
    size_t next = at + 1;
    for (const Condition& child : condition.children) {
      out.push_back(next);
      next = Behind(child, next);
    }
    return out;
  }

  void Tell(const Condition& condition, const std::vector<NodeTrace>& traces, size_t at,
            bool wanted, const Style& style, std::string indent, std::string* out) const {
    const NodeTrace& trace = traces[at];
    if (condition.kind == Condition::Kind::kNot) {
      Tell(condition.children[0], traces, at + 1, false, style, indent, out);
      return;
    }
    const bool stands = trace.lack == NodeTrace::Lack::kNothing;
    const bool good = stands == wanted;
    std::string line = StrCat(indent, good ? style.Good("+") : style.Bad("-"), " ",
                              wanted ? "" : "not: ", TitleOf(condition));
    if (condition.kind == Condition::Kind::kTerms || condition.kind == Condition::Kind::kRegex) {
      line += stands ? StrCat(": ", HitsText(trace, style)) : LackingText(condition, trace, style);
    } else if (trace.lack == NodeTrace::Lack::kApart) {
      StrAppend(&line, ": ", style.Bad(ApartText(condition)));
    } else if (trace.lack == NodeTrace::Lack::kDenied) {
      StrAppend(&line, ": ", style.Bad("what must be absent stands there"));
    }
    StrAppend(out, line, "\n");
    const std::vector<size_t> children = Children(condition, at);
    if (condition.kind == Condition::Kind::kAny) {
      // Those that hold, or of those that do not the nearest.
      size_t nearest = 0;
      for (size_t i = 1; i < children.size(); ++i) {
        if (traces[children[i]].nearness > traces[children[nearest]].nearness) nearest = i;
      }
      for (size_t i = 0; i < children.size(); ++i) {
        const bool holds = traces[children[i]].lack == NodeTrace::Lack::kNothing;
        if (!(stands ? holds : i == nearest)) continue;
        Tell(condition.children[i], traces, children[i], wanted, style, indent + "  ", out);
      }
      return;
    }
    for (size_t i = 0; i < children.size(); ++i) {
      Tell(condition.children[i], traces, children[i], wanted, style, indent + "  ", out);
    }
  }

  void Json(const Condition& condition, const std::vector<NodeTrace>& traces, size_t at,
            std::string* out) const {
    const NodeTrace& trace = traces[at];
    StrAppend(out, R"({"kind":")", KindName(condition), R"(","holds":)",
              trace.lack == NodeTrace::Lack::kNothing ? "true" : "false");
    if (trace.lack != NodeTrace::Lack::kNothing) {
      StrAppend(out, R"(,"lack":")", LackName(trace.lack), "\"");
    }
    if (condition.kind == Condition::Kind::kRegex) {
      StrAppend(out, R"(,"regex":)", JsonString(condition.pattern.text));
    }
    if (condition.kind == Condition::Kind::kTerms) {
      StrAppend(out, R"(,"terms":)", condition.Terms().size());
    }
    if (!trace.hits.empty()) {
      *out += R"(,"hits":[)";
      for (size_t i = 0; i < trace.hits.size(); ++i) {
        const match::LeafHit& hit = trace.hits[i];
        StrAppend(out, i == 0 ? "" : ",", R"({"term":)", JsonString(SourceOf(hit.leaf)), ",",
                  PlaceJson(hit.at), "}");
      }
      *out += "]";
    }
    const std::vector<size_t> children = Children(condition, at);
    if (!children.empty()) {
      *out += R"(,"of":[)";
      for (size_t i = 0; i < children.size(); ++i) {
        if (i > 0) *out += ",";
        Json(condition.children[i], traces, children[i], out);
      }
      *out += "]";
    }
    *out += "}";
  }

  std::string PlaceJson(const match::Occurrence& at) const {
    return cli::PlaceJson(story_.text, at.place, at.view, at.begin, at.end);
  }

 private:
  const std::string& SourceOf(uint32_t leaf) const {
    return story_.compiled.leaf_sources[spec_.leaves[leaf].source].text;
  }

  std::string HitsText(const NodeTrace& trace, const Style& style) const {
    std::string out;
    size_t shown = 0;
    for (const match::LeafHit& hit : trace.hits) {
      if (shown == kWordsShown) break;
      const std::string& source = SourceOf(hit.leaf);
      StrAppend(&out, shown++ == 0 ? "" : ", ",
                TellWords(story_.text, hit.at.place, hit.at.view, style));
      const bool regex = spec_.leaves[hit.leaf].kind == match::Leaf::Kind::kRegex;
      if (!regex && source != Slice(story_.text, hit.at.place.text)) {
        StrAppend(&out, " for ", Harmless(source));
      }
    }
    if (trace.count > shown) StrAppend(&out, " and ", trace.count - shown, " more");
    return out;
  }

  std::string LackingText(const Condition& condition, const NodeTrace& trace,
                          const Style& style) const {
    if (condition.kind == Condition::Kind::kRegex) return ", which matches nothing here";
    const std::string inside = InsideAnotherWord(trace);
    if (!inside.empty()) {
      return StrCat(": ", style.Bad(StrCat(Harmless(inside), " stands only inside another word")),
                    " (see `anywhere`)");
    }
    return StrCat(", none here: ", style.Dim(TermsText(condition)));
  }

  // A term that would be found but for its borders; empty when there is none.
  std::string InsideAnotherWord(const NodeTrace& trace) const {
    const std::string folded = text::NormalizeTerm(story_.text, text::View::kFolded);
    const match::Node& node = spec_.nodes[trace.node];
    for (uint32_t i = 0; i < node.child_count; ++i) {
      const match::Leaf& leaf = spec_.leaves[spec_.leaf_index[node.first_child + i]];
      const std::string& term = leaf.in_view[static_cast<int>(text::View::kFolded)];
      if (leaf.kind != match::Leaf::Kind::kLiteral || term.empty() || leaf.evasions != 0) continue;
      if ((leaf.border_begin || leaf.border_end) && folded.find(term) != folded.npos) {
        return story_.compiled.leaf_sources[leaf.source].text;
      }
    }
    return "";
  }

  static std::string ApartText(const Condition& condition) {
    return StrCat("its parts stand, but not ", ReachText(condition.within), " of one another",
                  condition.ordered ? " in this order" : "");
  }

  const Story& story_;
  const match::ProgramSpec& spec_;
};

const rules::Rule& RuleOf(const Story& story) { return story.compiled.rules.rules[story.rule]; }

}  // namespace

std::string TellWords(std::string_view text, const text::Place& place, text::View view,
                      const Style& style) {
  std::string out = style.Match(Shortened(Slice(text, place.text)));
  StrAppend(&out, " (", text::Name(view));
  const std::string evasions = Joined(EvasionNames(place.evasions));
  if (!evasions.empty()) StrAppend(&out, "; ", evasions);
  return out + ")";
}

std::string ReachText(const rules::Within& within) {
  switch (within.kind) {
    case rules::Within::Kind::kSentence:
      return "within a sentence";
    case rules::Within::Kind::kField:
      return "within the field";
    case rules::Within::Kind::kCharacters:
      return StrCat("within ", Plural(within.characters, "character", "characters"));
  }
  return "";
}

std::string TellConditions(const Story& story, const Style& style, std::string_view indent) {
  std::string out;
  Walk(story).Tell(RuleOf(story).match, story.trace.match, 0, true, style, std::string(indent),
                   &out);
  return out;
}

std::string TellExcuses(const Story& story, const Style& style, std::string_view indent) {
  using How = match::Excuse::How;
  using Why = match::IdleExcuse::Why;
  std::string out;
  const auto words = [&](const match::Occurrence& at) {
    return TellWords(story.text, at.place, at.view, style);
  };
  for (const match::Excuse& excuse : story.trace.excused) {
    StrAppend(&out, indent, "unless: ", words(excuse.by), " ",
              excuse.how == How::kLongerWord ? "is a longer word that holds part of "
              : excuse.how == How::kBefore   ? "stands before "
              : excuse.how == How::kInside   ? "stands inside "
                                             : "stands behind, and is joined to, ",
              words(excuse.match), "\n");
  }
  for (const match::IdleExcuse& idle : story.trace.idle) {
    StrAppend(&out, indent, "unless: ", words(idle.at), " excuses nothing: ",
              idle.why == Why::kAlone ? "it stands alone between punctuation"
              : idle.why == Why::kNotJoined
                  ? "it stands behind and nothing joins it to the match"
                  : StrCat("it is not ", ReachText(RuleOf(story).unless.within)),
              "\n");
  }
  return out;
}

absl::StatusOr<match::RuleTrace> TraceText(const pack::CompileResult& compiled, size_t rule,
                                           std::string_view text, Surface surface) {
  const match::ProgramSpec& spec = match::SpecOf(compiled.pack->program());
  match::RuleTrace trace;
  const std::function<void(const match::HitTable&)> inspect = [&](const match::HitTable& hits) {
    trace = match::TraceRule(spec, spec.rules[rule], hits);
  };
  pack::TextScanner scanner(compiled.pack->program());
  RETURN_IF_ERROR(scanner.Scan(text, surface, &inspect).status());
  return trace;
}

std::string FoundJson(std::string_view text, const match::RuleMatch& found) {
  return PlaceJson(text, found.place, found.view, found.begin, found.end);
}

std::string StoryJson(const Story& story) {
  const Walk walk(story);
  std::string out = R"("matches":[)";
  for (size_t i = 0; i < story.trace.matches.size(); ++i) {
    StrAppend(&out, i == 0 ? "" : ",", "{", walk.PlaceJson(story.trace.matches[i]), "}");
  }
  out += R"(],"excused":[)";
  for (size_t i = 0; i < story.trace.excused.size(); ++i) {
    const match::Excuse& excuse = story.trace.excused[i];
    StrAppend(&out, i == 0 ? "" : ",", R"({"how":")", HowName(excuse.how), R"(","match":{)",
              walk.PlaceJson(excuse.match), R"(},"by":{)", walk.PlaceJson(excuse.by), "}}");
  }
  out += R"(],"match":)";
  walk.Json(RuleOf(story).match, story.trace.match, 0, &out);
  if (!story.trace.unless.empty()) {
    out += R"(,"unless":)";
    walk.Json(RuleOf(story).unless, story.trace.unless, 0, &out);
  }
  return out;
}

}  // namespace winnow::cli
