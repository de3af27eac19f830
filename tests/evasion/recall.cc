#include "tests/evasion/recall.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/pack/pack.h"
#include "engine/text/normalizer.h"

namespace winnow::evasion {
namespace {

[[noreturn]] void Fail(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::abort();
}

// A file of rules holds at most 500,000 values.
constexpr size_t kRulesInFile = 5000;

// Ordinary sentences with a place for the term. None holds a term.
constexpr std::string_view kLatinSentences[] = {
    "Please look at {} before the weekend.",
    "My neighbour told me about {}, and I was surprised.",
    "{} is what the letter was about.",
    "We talked for an hour about {}",
    "They wrote \"{}\" on the board. Nobody knew why.",
    "Has anybody here heard of {}? I have not.",
    "The first chapter (about {}) is rather long.",
    "Good morning\n{}\nSee you soon",
};
constexpr std::string_view kLatinAmidHan[] = {
    "昨天听说{}的事情，觉得奇怪。",
    "大家都在聊{}呢",
    "这里写着“{}”。",
};
// The term between borders on both sides, or on one.
constexpr std::string_view kHanBounded[] = {
    "昨天他说：{}，大家听完都笑。", "这里写着“{}”。",     "{}，这样的话我不同意。",
    "大家早上好。{} 明天见。",      "标题如下\n{}\n请看", "今天下雨，我们聊聊{}。",
    "听说{}，是不是这样？",         "{}的事情我记得。",
};
constexpr uint32_t kHanAlone = 5;  // of them the first, with a border on both sides
constexpr std::string_view kHanInside[] = {
    "昨天听说{}的事情，觉得奇怪。",
    "大家都在聊{}呢",
    "我朋友刚才提到{}两次了。",
    "老师讲完{}就下课。",
};

bool HoldsHan(std::string_view utf8) {
  const Writing w = Writing::Of(utf8);
  return std::any_of(w.cells.begin(), w.cells.end(),
                     [](const Writing::Cell& c) { return IsHan(c.plain); });
}

std::string_view SentenceFor(std::string_view term, Around around, Random* random) {
  if (!HoldsHan(term)) {
    // Latin words end where Han begins, so that Han is as good a border as any.
    return random->OneIn(4) ? random->Of(kLatinAmidHan) : random->Of(kLatinSentences);
  }
  switch (around) {
    case Around::kBounded:
      return random->Of(kHanBounded);
    case Around::kAlone:
      return kHanBounded[random->Below(kHanAlone)];
    case Around::kInsideHan:
      return random->Of(kHanInside);
    case Around::kAny:
      break;
  }
  return random->OneIn(2) ? random->Of(kHanBounded) : random->Of(kHanInside);
}

void CollectTerms(const rules::Condition& condition, text::ViewSet views,
                  std::set<std::tuple<std::string, bool, text::ViewSet>>* seen,
                  std::vector<std::tuple<std::string, bool, text::ViewSet>>* terms) {
  for (const rules::Located& term : condition.Terms()) {
    std::tuple key(text::NormalizeTerm(term.text, text::View::kFolded), condition.anywhere, views);
    if (seen->insert(key).second) terms->emplace_back(term.text, condition.anywhere, views);
  }
  for (const rules::Condition& child : condition.children) {
    CollectTerms(child, views, seen, terms);
  }
}

std::string Quoted(std::string_view s) {
  return StrCat("'", absl::StrReplaceAll(ToAbsl(s), {{"'", "''"}}), "'");
}

// Cells chosen for a kind: all of them, or some.
std::vector<bool> Places(size_t size, Random* random) {
  std::vector<bool> places(size, true);
  if (random->OneIn(2)) {
    for (size_t i = 0; i < size; ++i) places[i] = random->Below(5) < 3;
    places[random->Below(static_cast<uint32_t>(size))] = true;
  }
  return places;
}

bool Separates(const Kind& kind) {
  return kind.stage == Stage::kBetween && (kind.named & text::MaskOf(text::Evasion::kSeparator));
}

// Whether it puts something into every gap of a term: a chain with gaps left out is another thing
// than a chain.
bool FillsGaps(const Kind& kind) { return Separates(kind) && !kind.lone; }

bool BySound(const Kind& kind) { return kind.named & text::MaskOf(text::Evasion::kPhonetic); }

// What is spelled in letters as cells of one letter each, so that they can be held apart.
void SplitLetters(Writing* writing) {
  std::vector<Writing::Cell> cells;
  for (const Writing::Cell& cell : writing->cells) {
    if (IsHan(cell.shown[0])) {
      cells.push_back(cell);
      continue;
    }
    for (char32_t c : cell.shown) cells.push_back({c < 0x80 ? c : U'a', {c}, {}});
    cells.back().after = cell.after;
  }
  writing->cells = std::move(cells);
}

// Whether something of what made `mine` of `before` is left in `last`.
bool Shows(const Writing& before, const Writing& mine, const Writing& last) {
  for (size_t i = 0; i < mine.cells.size(); ++i) {
    const Writing::Cell &a = before.cells[i], &b = mine.cells[i], &c = last.cells[i];
    if ((a.shown != b.shown && b.shown == c.shown) || (a.after != b.after && b.after == c.after)) {
      return true;
    }
  }
  return false;
}

// Writes both kinds, of which `first` does not come behind `other`; false when one of them left no
// trace. `apart`: each place goes to one of the two.
bool WriteBoth(const Kind& first, const Kind& other, bool apart, Random* random, Writing* writing) {
  const size_t size = writing->cells.size();
  std::vector<bool> places(size, true), others(size, true);
  if (first.stage == other.stage && FillsGaps(first) != FillsGaps(other)) {
    const Kind& full = FillsGaps(first) ? first : other;
    const Kind& part = FillsGaps(first) ? other : first;
    Writing held = *writing;
    if (full.write(random, places, &held) == 0) return false;
    if (part.lone) {
      const Writing filled = held;
      if (part.write(random, Places(size, random), &held) == 0) return false;
      if (!Shows(*writing, filled, held)) return false;
    } else {
      // Both in one gap.
      if (part.write(random, Places(size, random), writing) == 0) return false;
      for (size_t i = 0; i < size; ++i) {
        held.cells[i].after.insert(0, writing->cells[i].after);
      }
    }
    *writing = std::move(held);
    return true;
  }
  if (apart) {
    for (size_t i = 0; i < size; ++i) {
      places[i] = random->OneIn(2);
      others[i] = !places[i];
    }
  }
  const Writing before = *writing;
  if (first.write(random, places, writing) == 0) return false;
  if (BySound(first) && other.stage == Stage::kBetween && random->OneIn(2)) {
    SplitLetters(writing);
    others.assign(writing->cells.size(), true);
  }
  const Writing mine = *writing;
  if (other.write(random, others, writing) == 0 || !Shows(mine, *writing, *writing)) return false;
  const bool overwrites = other.stage == first.stage || other.stage == Stage::kSpell;
  return !overwrites || Shows(before, mine, *writing);
}

bool Write(const Kind& kind, const Kind* other, Random* random, Writing* writing) {
  const size_t size = writing->cells.size();
  if (other == nullptr) {
    std::vector<bool> places = Places(size, random);
    if (Separates(kind)) places.assign(size, true);
    return kind.write(random, places, writing) > 0;
  }
  const Writing plain = *writing;
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    *writing = plain;
    if (WriteBoth(kind, *other, i >= kTries / 2 || kind.stage == other->stage, random, writing)) {
      return true;
    }
  }
  return false;
}

}  // namespace

const TermPack& TermPack::Bundled() {
  static const TermPack& pack = *[] {
    auto* p = new TermPack;
    auto sources = pack::ReadRuleFiles({StrCat(WINNOW_SOURCE_DIR, "/rules")});
    if (!sources.ok()) Fail(ToStd(sources.status().message()));
    const pack::CompileResult bundled = pack::CompilePack(*std::move(sources), {});
    if (bundled.pack == nullptr) {
      Fail(rules::Render(bundled.diagnostics, bundled.sources, /*color=*/false));
    }
    p->revision_ = bundled.pack->info().revision;
    std::set<std::tuple<std::string, bool, text::ViewSet>> seen;
    std::vector<std::tuple<std::string, bool, text::ViewSet>> terms;
    for (const rules::Rule& rule : bundled.rules.rules) {
      CollectTerms(rule.match, rule.views, &seen, &terms);
      CollectTerms(rule.unless, rule.views, &seen, &terms);
    }
    for (const auto& [term, anywhere, views] : terms) {
      p->terms_.push_back({term, absl::StrFormat("other_prohibited.t%d", p->terms_.size())});
    }
    for (Asked asked : {Asked::kNothing, Asked::kSound, Asked::kReversed, Asked::kBoth}) {
      std::vector<rules::SourceFile> files;
      for (size_t i = 0; i < terms.size(); ++i) {
        if (i % kRulesInFile == 0) {
          files.push_back({absl::StrFormat("rules/terms%d.yaml", files.size()), ""});
        }
        std::string& yaml = files.back().text;
        const auto& [term, anywhere, views] = terms[i];
        text::ViewSet sought = views & ~text::SetOf(text::View::kPhonetic);
        const bool sound = asked == Asked::kSound || asked == Asked::kBoth;
        const bool reversed = asked == Asked::kReversed || asked == Asked::kBoth;
        if (sound && !text::PhoneticForms(term).empty()) {
          sought |= text::SetOf(text::View::kPhonetic);
        }
        if (sought == 0) sought = views;  // sought by its sound alone
        std::string view_names;
        for (int v = 0; v < text::kViewCount; ++v) {
          if (!(sought >> v & 1)) continue;
          StrAppend(&view_names, view_names.empty() ? "" : ", ", Name(static_cast<text::View>(v)));
        }
        StrAppend(&yaml, "- id: ", p->terms_[i].rule_id, "\n  category: other_prohibited\n",
                  "  severity: low\n  action: review\n  views: [", view_names,
                  "]\n  match: {any: [{terms: [", Quoted(term), "]");
        StrAppend(&yaml, anywhere ? ", anywhere: true" : "", reversed ? ", reversed: true" : "",
                  "}]}\n", "  reason: {en: It holds the term., zh: 含有该词。}\n  tests: {match: [",
                  Quoted(term), "], no_match: ['...']}\n");
      }
      pack::CompileResult compiled = pack::CompilePack(std::move(files), {.id = "terms"});
      if (compiled.pack == nullptr) {
        Fail(rules::Render(compiled.diagnostics, compiled.sources, /*color=*/false));
      }
      p->checkers_[static_cast<int>(asked)] =
          std::make_unique<Checker>(compiled.pack, DefaultPolicy());
    }
    return p;
  }();
  return pack;
}

Recall Measure(const TermPack& pack, const Kind& kind, const Kind* other, uint32_t variants,
               uint64_t seed, uint32_t misses_max) {
  const Kind* first = &kind;
  if (other != nullptr && other->stage < kind.stage) std::swap(first, other);
  // Where both may stand.
  const Around around = other == nullptr ? kind.around : std::max(kind.around, other->around);
  const auto undoes = [&](text::Evasion evasion) {
    return (first->named | (other == nullptr ? 0 : other->named)) & text::MaskOf(evasion);
  };
  const bool reversed = undoes(text::Evasion::kReversed), sound = undoes(text::Evasion::kPhonetic);
  const TermPack::Asked asked = reversed && sound ? TermPack::Asked::kBoth
                                : reversed        ? TermPack::Asked::kReversed
                                : sound           ? TermPack::Asked::kSound
                                                  : TermPack::Asked::kNothing;
  Random random(seed);
  Recall recall;
  std::vector<uint32_t> applies;
  for (uint32_t i = 0; i < pack.terms().size(); ++i) {
    // Chance may choose places where nothing can be written.
    for (int attempt = 0; attempt < 4; ++attempt) {
      Writing writing = Writing::Of(pack.terms()[i].text);
      if (around == Around::kInsideHan && !HoldsHan(pack.terms()[i].text)) break;
      if (!Write(*first, other, &random, &writing)) continue;
      applies.push_back(i);
      break;
    }
  }
  recall.terms = static_cast<uint32_t>(applies.size());
  if (applies.empty()) return recall;
  CheckOptions options;
  options.findings_max = 10000;
  // The few variants of a pair are of terms from all over the rules.
  const size_t stride = other == nullptr ? 1 : 1000003;  // a prime beyond the number of terms
  std::set<uint32_t> missed_terms;
  for (uint32_t n = 0, tries = 0; recall.variants < variants && tries < 20 * variants;
       ++n, ++tries) {
    const uint32_t index = applies[n * stride % applies.size()];
    const TermPack::Term& term = pack.terms()[index];
    Writing writing = Writing::Of(term.text);
    if (!Write(*first, other, &random, &writing)) continue;
    const std::string hidden = writing.Utf8();
    if (hidden == term.text) continue;
    const std::string_view sentence = SentenceFor(term.text, around, &random);
    const size_t slot = sentence.find("{}");
    const std::string text = StrCat(sentence.substr(0, slot), hidden, sentence.substr(slot + 2));
    Field field;
    field.key = "text";
    field.bytes = text;
    Content content;
    content.surface = Surface::kMessage;
    content.fields.push_back(field);
    const auto result = pack.checker(asked).Check(content, options);
    if (!result.ok()) Fail(ToStd(result.status().message()));
    ++recall.variants;
    bool found = false, named = false;
    const auto names = [](const Kind* k, const Finding& f) {
      return k == nullptr || k->named == 0 || (f.evasions & k->named);
    };
    for (const Finding& f : result->findings) {
      // It must be the hidden term that was found, not one beside it.
      if (f.rule_id != term.rule_id || f.begin >= slot + hidden.size() || f.end <= slot) continue;
      found = true;
      named |= names(first, f) && names(other, f);
    }
    recall.found += named;
    recall.unnamed += found && !named;
    if (!named && recall.misses.size() < misses_max && missed_terms.insert(index).second) {
      recall.misses.push_back(StrCat(term.text, found ? " (unnamed): " : ": ", text));
    }
  }
  return recall;
}

}  // namespace winnow::evasion
