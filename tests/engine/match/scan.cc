#include "tests/engine/match/scan.h"

#include <cstdlib>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "tests/support/plain_block.h"

namespace winnow::match {

std::shared_ptr<const Program> BuildOrDie(ProgramSpec spec) {
  absl::StatusOr<Program::BuildResult> built = Program::Build(std::move(spec));
  if (!built.ok() || built->program == nullptr) {
    ADD_FAILURE() << (built.ok() ? built->problems[0].message
                                 : std::string(built.status().message()));
    std::abort();
  }
  return built->program;
}

ScanOutcome Scan(const Program& program, const std::vector<const text::Block*>& blocks,
                 const Matcher::Options& options, Matcher* matcher) {
  std::unique_ptr<Matcher> own;
  if (matcher == nullptr) {
    own = Matcher::Create();
    matcher = own.get();
  }
  ScanOutcome outcome;
  EXPECT_TRUE(matcher->Begin(program, options).ok());
  matcher->BeginField(0);
  for (const text::Block* block : blocks) {
    const absl::Status status = matcher->Feed(*block, [](text::TextSpan span) {
      return text::SourceSpan{span.begin, span.end};
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_TRUE(matcher->EndField().ok());
  EXPECT_TRUE(matcher->Finish(&outcome).ok());
  return outcome;
}

ScanOutcome Scan(const Program& program, std::string_view text, const Matcher::Options& options,
                 Matcher* matcher) {
  const PlainBlock block(text);
  return Scan(program, {&block}, options, matcher);
}

std::string Summary(const ScanOutcome& outcome) {
  std::string summary;
  for (const RuleMatch& match : outcome.matches) {
    absl::StrAppendFormat(&summary, "%s%d:%d-%d", summary.empty() ? "" : " ", match.rule,
                          match.place.text.begin, match.place.text.end);
  }
  return summary;
}

std::string Summary(const std::vector<NaiveMatch>& matches) {
  std::string summary;
  for (const NaiveMatch& match : matches) {
    absl::StrAppendFormat(&summary, "%s%d:%d-%d", summary.empty() ? "" : " ", match.rule,
                          match.span.begin, match.span.end);
  }
  return summary;
}

}  // namespace winnow::match
