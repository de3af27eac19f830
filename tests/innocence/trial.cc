#include "tests/innocence/trial.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/rules/model.h"
#include "engine/text/normalizer.h"

namespace winnow::innocence {
namespace {

namespace fs = std::filesystem;

// What the ids of rules made of a term begin with; their reason is the term.
constexpr std::string_view kTermRule = "other_prohibited.t0";

pack::CompileResult CompileOrDie(std::vector<rules::SourceFile> sources, std::string id) {
  pack::CompileOptions options;
  options.id = std::move(id);
  pack::CompileResult result = pack::CompilePack(std::move(sources), options);
  if (result.pack == nullptr) {
    std::fprintf(stderr, "%s\n", rules::Render(result.diagnostics, result.sources, false).c_str());
    std::abort();
  }
  return result;
}

// A file of rules holds at most 500,000 values.
constexpr size_t kRulesInFile = 5000;

// A term, whether it matches inside words, and where it is sought.
using Term = std::tuple<std::string, bool, text::ViewSet>;

constexpr text::ViewSet kUsualViews =
    text::SetOf(text::View::kFolded) | text::SetOf(text::View::kSqueezed);

void Collect(const rules::Condition& condition, text::ViewSet views, std::set<Term>* terms) {
  for (const rules::Located& term : condition.Terms()) {
    terms->insert({term.text, condition.anywhere, condition.views.value_or(views)});
  }
  for (const rules::Condition& child : condition.children) Collect(child, views, terms);
}

std::string Names(text::ViewSet views) {
  std::string out;
  for (int v = 0; v < text::kViewCount; ++v) {
    const auto view = static_cast<text::View>(v);
    if (views & text::SetOf(view)) StrAppend(&out, out.empty() ? "" : ", ", text::Name(view));
  }
  return out;
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

std::vector<rules::SourceFile> TermRules(const rules::RuleSet& rules) {
  std::set<Term> terms;
  for (const rules::Rule& rule : rules.rules) {
    Collect(rule.match, rule.views, &terms);
    if (rule.has_unless) Collect(rule.unless, kUsualViews & rule.views, &terms);
  }
  std::vector<rules::SourceFile> files;
  size_t n = 0;
  for (const auto& [text, anywhere, views] : terms) {
    if (n % kRulesInFile == 0) files.push_back({StrCat("terms", files.size(), ".yaml"), ""});
    StrAppend(&files.back().text, "- id: ", kTermRule, n++,
              "\n  category: other_prohibited\n  severity: low\n",
              "  action: review\n  match: {terms: [", Quoted(text), "]",
              anywhere ? ", anywhere: true" : "", "}\n  views: [", Names(views),
              "]\n  reason: {en: ", Quoted(text), ", zh: 词}\n", "  tests: {match: [", Quoted(text),
              "], no_match: ['-']}\n");
  }
  return files;
}

void Add(const CheckResult& result, Count* count) {
  for (const Finding& f : result.findings) {
    const bool term = f.rule_id.rfind(kTermRule, 0) == 0;
    const std::string& what = term ? f.reason_en : f.rule_id;
    const text::EvasionMask forms = text::MaskOf(text::Evasion::kComponents) |
                                    text::MaskOf(text::Evasion::kReversed) |
                                    (term ? 0 : text::MaskOf(text::Evasion::kNumerals));
    if (f.view == text::View::kFolded && !(f.evasions & forms)) {
      ++count->folded;
      count->said.insert(what);
      continue;
    }
    ++(f.view == text::View::kFolded     ? count->formed
       : f.view == text::View::kSqueezed ? count->squeezed
                                         : count->phonetic);
    ++count->added[f.view][what][f.excerpt];
  }
}

CheckResult CheckOrDie(const Checker& checker, std::string_view text, uint32_t context) {
  Content content;
  content.surface = Surface::kComment;
  content.fields.emplace_back();
  content.fields.back().key = "text";
  content.fields.back().bytes = text;
  CheckOptions options;
  options.excerpts = true;
  options.excerpt_context_chars = context;
  options.findings_max = 100000;
  auto result = checker.Check(content, options);
  if (!result.ok() || result->completeness != Completeness::kComplete) {
    std::fprintf(stderr, "a text was not checked whole: %.200s\n", std::string(text).c_str());
    std::abort();
  }
  return *std::move(result);
}

}  // namespace

const Packs& BundledPacks() {
  static const Packs* const packs = [] {
    auto sources = pack::ReadRuleFiles({WINNOW_SOURCE_DIR "/rules"});
    if (!sources.ok()) {
      std::fprintf(stderr, "%s\n", std::string(ToStd(sources.status().message())).c_str());
      std::abort();
    }
    auto* const made = new Packs;
    const pack::CompileResult bundled = CompileOrDie(*std::move(sources), "bundled");
    made->bundled = bundled.pack;
    made->terms = CompileOrDie(TermRules(bundled.rules), "terms").pack;
    return made;
  }();
  return *packs;
}

Trial::Trial()
    : bundled_(BundledPacks().bundled, DefaultPolicy()),
      terms_(BundledPacks().terms, DefaultPolicy()) {}

void Trial::Check(std::string_view text, Tally* tally) const {
  tally->bytes += text.size();
  ++tally->texts;
  const CheckResult bundled = CheckOrDie(bundled_, text, 12);
  Add(bundled, &tally->bundled);
  if (bundled.decision != Decision::kAllow) {
    ++tally->flagged;
    tally->blocked += bundled.decision == Decision::kBlock;
    for (const Finding& f : bundled.findings) {
      ++tally->flags[StrCat(winnow::Name(f.decision), " ", f.rule_id, ": ", f.excerpt)];
    }
  }
  Add(CheckOrDie(terms_, text, 6), &tally->terms);
}

Tally Try(const Trial& trial, const Kind& kind, uint64_t bytes, uint64_t seed) {
  const Grammar grammar = ReadGrammar(kind);
  Random random(seed);
  Tally tally;
  std::string text;
  while (tally.bytes < bytes) {
    text.clear();
    grammar.Expand(kind.start, &random, &text);
    trial.Check(text, &tally);
  }
  return tally;
}

uint64_t Count::SqueezedBut(const std::set<std::string>& ordinary) const {
  uint64_t n = 0;
  for (const auto& [view, terms] : added) {
    if (view == text::View::kPhonetic) continue;
    for (const auto& [what, texts] : terms) {
      if (ordinary.contains(what)) continue;
      for (const auto& [text, times] : texts) n += times;
    }
  }
  return n;
}

bool WithinLimit(uint64_t added, uint64_t bytes) {
  return added <= std::max<uint64_t>(1, bytes / 10'000'000);
}

SharedData ForEachSharedText(
    const std::function<void(const std::string& file, const std::string& text)>& each) {
  SharedData data;
  const char* const told = std::getenv("WINNOW_SHARED_DATA");
  data.folder = told != nullptr ? told : WINNOW_SOURCE_DIR "/../shared/data";
  std::error_code error;
  if (!fs::is_directory(data.folder, error)) return data;
  data.present = true;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(data.folder)) {
    const std::string name = entry.path().filename().string();
    if (name.compare(0, 7, "benign.") == 0 && entry.path().extension() == ".jsonl") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_object() && json.contains("text") && json["text"].is_string()) {
        each(file.filename().string(), json["text"].get<std::string>());
      }
    }
  }
  return data;
}

}  // namespace winnow::innocence
