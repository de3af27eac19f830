#include "tests/engine/checker/results.h"

#include <cstdlib>

#include "engine/text/normalizer.h"
#include "gtest/gtest.h"

namespace winnow {
namespace {

std::string Rule(std::string_view id, std::string_view term, std::string_view more) {
  return StrCat("- id: ", id, "\n  category: vice_violence\n  label: ", id.substr(0, id.find('.')),
                "\n  match: {terms: [", term, "]}\n  tests: {match: [", term, "], no_match: [x]}\n",
                more);
}

std::shared_ptr<const pack::Pack> Compile(std::string source) {
  pack::CompileResult compiled = pack::CompilePack({{"sample.yaml", std::move(source)}}, {});
  if (compiled.pack == nullptr) {
    ADD_FAILURE() << rules::Render(compiled.diagnostics, compiled.sources, false);
    std::abort();
  }
  return compiled.pack;
}

}  // namespace

std::shared_ptr<const pack::Pack> SamplePack() {
  static const auto* pack = new std::shared_ptr<const pack::Pack>(Compile(StrCat(
      Rule("gambling.casino", "赌场",
           "  severity: high\n  action: block\n  reason: {en: Offers gambling., zh: 提供赌博。}\n"),
      Rule("fraud.swindle", "swindle",
           "  severity: medium\n  action: review\n  reason: {en: A swindle., zh: 诈骗。}\n"),
      Rule("fraud.trial", "trial",
           "  severity: low\n  action: block\n  status: experimental\n"
           "  reason: {en: A trial., zh: 试行。}\n"),
      Rule("fraud.crowd", "哈",
           "  severity: low\n  action: review\n  reason: {en: A crowd., zh: 人群。}\n"),
      Rule("fraud.orders", "only in orders",
           "  severity: low\n  action: review\n  surfaces: [order]\n"
           "  reason: {en: Of orders., zh: 订单。}\n"))));
  return *pack;
}

std::shared_ptr<const Checker> SampleChecker() {
  static const auto* checker = new std::shared_ptr<const Checker>(
      std::make_shared<const Checker>(SamplePack(), DefaultPolicy()));
  return *checker;
}

std::shared_ptr<const Checker> OtherChecker() {
  static const auto* checker = new std::shared_ptr<const Checker>(std::make_shared<const Checker>(
      Compile(Rule("fraud.and", "and",
                   "  severity: low\n  action: review\n  views: [folded]\n"
                   "  reason: {en: And., zh: 和。}\n")),
      DefaultPolicy()));
  return *checker;
}

std::string Describe(const CheckResult& result) {
  std::string out =
      StrCat(Name(result.decision), " ", Name(result.completeness), " ", result.detected_charset);
  if (result.replacements > 0) StrAppend(&out, " ", result.replacements, " replaced");
  for (const Shortfall& s : result.shortfalls) {
    StrAppend(&out, "; ", Name(s.reason), " ", s.part, " ", s.limit);
  }
  for (const Finding& f : result.findings) {
    StrAppend(&out, "; ", f.rule_id, " ", f.field, " ", f.begin, "-", f.end, " ", Name(f.decision),
              " ", text::Name(f.view));
    if (!f.excerpt.empty()) {
      StrAppend(&out, " <", f.excerpt.substr(0, f.excerpt_begin), "[",
                f.excerpt.substr(f.excerpt_begin, f.excerpt_end - f.excerpt_begin), "]",
                f.excerpt.substr(f.excerpt_end), ">");
    }
  }
  if (result.findings_truncated) StrAppend(&out, "; ", result.finding_count, " in all");
  return out;
}

}  // namespace winnow
