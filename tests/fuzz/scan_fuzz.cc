// Any bytes as a content and as a file, against rules of every kind: spans lie in the input and
// excerpts in order, and a file in pieces gives what the field gives. First byte: charset and unit;
// second: the pieces.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "engine/checker.h"
#include "engine/text/charset.h"
#include "tests/fuzz/expect.h"

namespace {

using winnow::CheckResult;
using winnow::Finding;

const winnow::Checker& TheChecker() {
  static const auto* checker = [] {
    const auto compiled = winnow::pack::CompilePack({{"fuzz.yaml", R"(
- id: gambling.near
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match: {near: {within: 4, of: [[赌, casino], [开户, bet, a], [b]]}}
  reason: {en: Offers gambling., zh: 提供赌博。}
  tests: {match: [赌 开户 b], no_match: [x]}
- id: fraud.all
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match:
    all: [{terms: [a, 赌]}, {any: [{terms: [b]}, {regex: '[0-9]{2,5}x?'}]}, {not: {terms: [c]}}]
    within: sentence
  unless: {terms: [no], within: 3}
  reason: {en: A fraud., zh: 诈骗。}
  tests: {match: [a b], no_match: [x]}
- id: fraud.regex
  category: vice_violence
  label: fraud
  severity: low
  action: review
  match: {regex: '(a|bc|.赌){1,3}[^d]'}
  reason: {en: A fraud., zh: 诈骗。}
  tests: {match: [aab], no_match: [x]}
)"}},
                                                    {.id = "fuzz"});
    FUZZ_EXPECT(compiled.pack != nullptr);
    return new winnow::Checker(compiled.pack, winnow::DefaultPolicy());
  }();
  return *checker;
}

void CheckFindings(const CheckResult& result, uint64_t size) {
  FUZZ_EXPECT(result.decision != winnow::Decision::kUnspecified);
  FUZZ_EXPECT(result.finding_count >= result.findings.size());
  FUZZ_EXPECT(result.findings_truncated == (result.finding_count > result.findings.size()));
  uint64_t before = 0;
  for (const Finding& f : result.findings) {
    FUZZ_EXPECT(f.begin <= f.end && f.end <= size);
    FUZZ_EXPECT(f.begin >= before);
    before = f.begin;
    FUZZ_EXPECT(f.excerpt_begin <= f.excerpt_end && f.excerpt_end <= f.excerpt.size());
    FUZZ_EXPECT(winnow::text::ValidUtf8(f.excerpt));
    FUZZ_EXPECT(winnow::text::ValidUtf8(f.excerpt.substr(0, f.excerpt_begin)));
    FUZZ_EXPECT(winnow::text::ValidUtf8(f.excerpt.substr(f.excerpt_end)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  constexpr std::string_view kCharsets[] = {"", "utf-8", "gb18030", "utf-16le"};
  const std::string_view charset = kCharsets[data[0] & 3];
  winnow::CheckOptions options;
  options.offset_unit = static_cast<winnow::text::OffsetUnit>((data[0] >> 2 & 3) % 3);
  options.excerpts = true;
  options.excerpt_context_chars = data[0] >> 4;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

  winnow::Content content;
  content.surface = winnow::Surface::kFile;
  content.fields.push_back({"file", bytes, charset, false});
  const auto field = TheChecker().Check(content, options);
  FUZZ_EXPECT(field.ok());
  CheckFindings(*field, bytes.size() + 1);

  winnow::Checker::FileInput input;
  input.file_name = "file";
  input.charset = std::string(charset);
  auto file = TheChecker().StartFile(input, options);
  FUZZ_EXPECT(file.ok());
  const size_t piece = 1 + data[1];
  for (size_t at = 0; at < bytes.size(); at += piece) {
    FUZZ_EXPECT((*file)->Feed(bytes.substr(at, piece)).ok());
  }
  const auto result = (*file)->Finish();
  FUZZ_EXPECT(result.ok());
  if (result->completeness == winnow::Completeness::kFailed) {
    FUZZ_EXPECT(result->decision >= winnow::Decision::kReview);
    return 0;
  }
  // A long file has one reading.
  constexpr size_t kShortFile = 4096;
  if (bytes.size() >= kShortFile && field->detected_charset.find(" or ") != std::string::npos) {
    return 0;
  }
  FUZZ_EXPECT(result->detected_charset == field->detected_charset);
  FUZZ_EXPECT(result->decision == field->decision);
  FUZZ_EXPECT(result->findings.size() == field->findings.size());
  for (size_t i = 0; i < result->findings.size(); ++i) {
    const Finding& a = result->findings[i];
    const Finding& b = field->findings[i];
    FUZZ_EXPECT(std::tie(a.rule_id, a.begin, a.end, a.view, a.evasions, a.excerpt) ==
                std::tie(b.rule_id, b.begin, b.end, b.view, b.evasions, b.excerpt));
  }
  return 0;
}
