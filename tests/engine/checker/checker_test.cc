#include "engine/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/engine/checker/results.h"
#include "tests/support/status_matchers.h"

namespace winnow {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

absl::StatusOr<CheckResult> CheckText(const Checker& checker, std::string_view text,
                                      const CheckOptions& options = {},
                                      std::string_view charset = "") {
  Content content;
  content.surface = Surface::kComment;
  content.fields.push_back({"text", text, charset, false});
  return checker.Check(content, options);
}

TEST(CheckerTest, ACleanContentIsCompleteAndAllowed) {
  const auto checker = SampleChecker();
  const auto result = CheckText(*checker, "四十把椅子, please");
  ASSERT_OK(result);
  EXPECT_EQ(result->decision, Decision::kAllow);
  EXPECT_EQ(result->completeness, Completeness::kComplete);
  EXPECT_TRUE(result->findings.empty());
  EXPECT_TRUE(result->categories.empty());
  EXPECT_TRUE(result->shortfalls.empty());
  EXPECT_EQ(result->finding_count, 0u);
  EXPECT_FALSE(result->findings_truncated);
  EXPECT_EQ(result->pack_revision, checker->pack().info().revision);
  EXPECT_EQ(result->policy_revision, checker->policy().revision());
  EXPECT_EQ(result->detected_charset, "UTF-8");
  EXPECT_EQ(result->replacements, 0u);
  EXPECT_EQ(result->text_bytes, std::string_view("四十把椅子, please").size());
}

TEST(CheckerTest, NothingToCheckIsClean) {
  const auto checker = SampleChecker();
  const auto none = checker->Check(Content{});
  ASSERT_OK(none);
  EXPECT_EQ(Describe(*none), "allow complete UTF-8");
  EXPECT_EQ(Describe(*CheckText(*checker, "")), "allow complete UTF-8");
}

TEST(CheckerTest, SaysWhereInTheUnitAskedFor) {
  const auto checker = SampleChecker();
  struct {
    const char* text;
    const char* bytes;
    const char* utf16;
    const char* code_points;
  } const cases[] = {
      {"swindle", "0-7", "0-7", "0-7"},
      {"a swindle.", "2-9", "2-9", "2-9"},
      {"赌场", "0-6", "0-2", "0-2"},
      {"去赌场！", "3-9", "1-3", "1-3"},
      {"😀赌场😀", "4-10", "2-4", "1-3"},
      {"é 賭場", "3-9", "2-4", "2-4"},
      {"e\u0301 赌\u200b场", "4-13", "3-6", "3-6"},
      {"赌 场", "0-7", "0-3", "0-3"},
      {"\n\n赌场", "2-8", "2-4", "2-4"},
  };
  for (const auto& c : cases) {
    for (const auto& [unit, expected] : {std::pair(text::OffsetUnit::kBytes, c.bytes),
                                         {text::OffsetUnit::kUtf16, c.utf16},
                                         {text::OffsetUnit::kCodePoints, c.code_points}}) {
      CheckOptions options;
      options.offset_unit = unit;
      const auto result = CheckText(*checker, c.text, options);
      ASSERT_OK(result);
      ASSERT_EQ(result->findings.size(), 1u) << c.text;
      const Finding& f = result->findings[0];
      EXPECT_EQ(StrCat(f.begin, "-", f.end), expected)
          << c.text << " in unit " << static_cast<int>(unit);
      EXPECT_EQ(result->offset_unit, unit);
    }
  }
}

TEST(CheckerTest, AFindingQuotesItsRule) {
  const auto checker = SampleChecker();
  CheckOptions options;
  options.excerpts = true;
  options.excerpt_context_chars = 3;
  const auto result = CheckText(*checker, "我们昨天去赌场玩了一天", options);
  ASSERT_OK(result);
  ASSERT_EQ(result->findings.size(), 1u);
  const Finding& f = result->findings[0];
  EXPECT_EQ(f.rule_id, "gambling.casino");
  EXPECT_EQ(f.category, Category::kViceViolence);
  EXPECT_EQ(f.label, "gambling");
  EXPECT_EQ(f.severity, Severity::kHigh);
  EXPECT_EQ(f.decision, Decision::kBlock);
  EXPECT_EQ(f.field, "text");
  EXPECT_EQ(f.view, text::View::kFolded);
  EXPECT_EQ(f.evasions, 0u);
  EXPECT_EQ(f.excerpt, "昨天去赌场玩了一");
  EXPECT_EQ(f.excerpt.substr(f.excerpt_begin, f.excerpt_end - f.excerpt_begin), "赌场");
  EXPECT_EQ(f.reason_en, "Offers gambling.");
  EXPECT_EQ(f.reason_zh, "提供赌博。");
  EXPECT_TRUE(CheckText(*checker, "赌场")->findings[0].excerpt.empty()) << "asked for none";
}

// The squeezed view shows "赌开a" and "赌开ae" here, one run after the other.
TEST(CheckerTest, AnExpressionMatchesWithinARun) {
  const pack::CompileResult compiled = pack::CompilePack({{"rules.yaml", R"(
- id: fraud.run
  category: vice_violence
  label: fraud
  severity: low
  action: review
  views: [squeezed]
  match: {regex: '(a|.赌)[^d]'}
  reason: {en: A fraud., zh: 诈骗。}
  tests: {match: [赌 开a󺈚3], no_match: [x]}
)"}},
                                                         {.id = "run"});
  ASSERT_NE(compiled.pack, nullptr);
  const Checker checker(compiled.pack, DefaultPolicy());
  CheckOptions options;
  options.excerpts = true;
  options.excerpt_context_chars = 0;
  const auto result = CheckText(checker, "赌 开a󺈚3", options);
  ASSERT_OK(result);
  ASSERT_EQ(result->findings.size(), 1u);
  EXPECT_EQ(result->findings[0].excerpt, "a󺈚3");
}

TEST(CheckerTest, NamesTheEvasionsItUndid) {
  using text::Evasion;
  const auto checker = SampleChecker();
  struct {
    const char* text;
    text::View view;
    text::EvasionMask evasions;
  } const cases[] = {
      {"赌\u200b场", text::View::kFolded, MaskOf(Evasion::kZeroWidth)},
      {"ｓｗｉｎｄｌｅ", text::View::kFolded, MaskOf(Evasion::kWidth)},
      {"賭場", text::View::kFolded, MaskOf(Evasion::kTraditional)},
      {"sw\u0456ndle", text::View::kFolded, MaskOf(Evasion::kHomoglyph)},
      {"s w i n d l e", text::View::kSqueezed, MaskOf(Evasion::kSeparator)},
      {"赌 * 场", text::View::kSqueezed, MaskOf(Evasion::kSeparator)},
      {"賭-場", text::View::kSqueezed, MaskOf(Evasion::kSeparator) | MaskOf(Evasion::kTraditional)},
  };
  for (const auto& c : cases) {
    const auto result = CheckText(*checker, c.text);
    ASSERT_OK(result);
    ASSERT_EQ(result->findings.size(), 1u) << c.text;
    EXPECT_EQ(result->findings[0].view, c.view) << c.text;
    EXPECT_EQ(result->findings[0].evasions, c.evasions) << c.text;
  }
}

TEST(CheckerTest, OrdersFindingsByFieldAndPlaceAndCategoriesByStrictness) {
  const auto checker = SampleChecker();
  Content content;
  content.surface = Surface::kOrder;
  content.fields.push_back({"title", "swindle 赌场", "", true});
  content.fields.push_back({"note", "赌场 trial swindle 赌场", "", true});
  const auto result = checker->Check(content);
  ASSERT_OK(result);
  EXPECT_EQ(Describe(*result),
            "block complete UTF-8; fraud.swindle title 0-7 review folded; gambling.casino title "
            "8-14 block folded; gambling.casino note 0-6 block folded; fraud.trial note 7-12 allow "
            "folded; fraud.swindle note 13-20 review folded; gambling.casino note 21-27 block "
            "folded");
  ASSERT_EQ(result->categories.size(), 2u);
  EXPECT_EQ(result->categories[0].label, "gambling");
  EXPECT_EQ(result->categories[0].decision, Decision::kBlock);
  EXPECT_EQ(result->categories[0].severity, Severity::kHigh);
  EXPECT_EQ(result->categories[0].finding_count, 3u);
  EXPECT_EQ(result->categories[1].label, "fraud");
  EXPECT_EQ(result->categories[1].decision, Decision::kReview);
  EXPECT_EQ(result->categories[1].severity, Severity::kMedium);
  EXPECT_EQ(result->categories[1].finding_count, 3u);
}

TEST(CheckerTest, ARuleOnTrialIsRecordedAndChangesNothing) {
  const auto result = CheckText(*SampleChecker(), "a trial");
  ASSERT_OK(result);
  EXPECT_EQ(Describe(*result), "allow complete UTF-8; fraud.trial text 2-7 allow folded");
}

TEST(CheckerTest, RulesKeepToTheirSurfaces) {
  Content content;
  content.fields.push_back({"text", "only in orders", "", true});
  const auto checker = SampleChecker();
  for (const auto& [surface, found] :
       {std::pair(Surface::kOrder, 1u), {Surface::kComment, 0u}, {Surface::kUnspecified, 1u}}) {
    content.surface = surface;
    EXPECT_EQ(checker->Check(content)->findings.size(), found) << Name(surface);
  }
}

TEST(CheckerTest, KeepsAsManyFindingsAsAllowedAndCountsAll) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "赌场,";
  CheckOptions options;
  options.findings_max = 7;
  const auto result = CheckText(*SampleChecker(), text, options);
  ASSERT_OK(result);
  EXPECT_EQ(result->findings.size(), 7u);
  EXPECT_EQ(result->finding_count, 50u);
  EXPECT_TRUE(result->findings_truncated);
  EXPECT_EQ(result->decision, Decision::kBlock);
  EXPECT_EQ(result->completeness, Completeness::kComplete) << "all of it was looked at";
}

// A limit on what is kept is none on what is decided: the strictest may come last.
TEST(CheckerTest, FindingsThatAreNotKeptCountForTheDecision) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "swindle, ";
  text += "赌场";
  CheckOptions options;
  options.findings_max = 7;
  const auto result = CheckText(*SampleChecker(), text, options);
  ASSERT_OK(result);
  EXPECT_EQ(result->finding_count, 51u);
  EXPECT_EQ(result->decision, Decision::kBlock);
  uint64_t counted = 0;
  for (const CategoryResult& category : result->categories) counted += category.finding_count;
  EXPECT_EQ(counted, 51u);
}

TEST(CheckerTest, TooManyHitsAreAShortfallAndNoTermIsDrowned) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += "哈";
  text += "赌场";
  const auto result = CheckText(*SampleChecker(), text);
  ASSERT_OK(result);
  EXPECT_EQ(result->completeness, Completeness::kPartial);
  ASSERT_EQ(result->shortfalls.size(), 1u);
  EXPECT_EQ(result->shortfalls[0].reason, ShortfallReason::kLimitReached);
  EXPECT_EQ(result->shortfalls[0].limit, "hits_max");
  EXPECT_EQ(result->decision, Decision::kBlock);
}

TEST(CheckerTest, WhatCannotBeDecodedIsAShortfall) {
  const auto checker = SampleChecker();
  // One bad byte in a text is read as U+FFFD and counted; more than a trifle is not a clean text.
  const auto few =
      CheckText(*checker, "a long enough text with one bad byte \xff in it", {}, "utf-8");
  ASSERT_OK(few);
  EXPECT_EQ(few->replacements, 1u);
  EXPECT_EQ(few->completeness, Completeness::kComplete);
  const auto many = CheckText(*checker, "\xff\xff\xff\xff ab \xff\xff\xff", {}, "utf-8");
  ASSERT_OK(many);
  EXPECT_EQ(many->replacements, 7u);
  EXPECT_EQ(many->completeness, Completeness::kPartial);
  EXPECT_EQ(many->decision, Decision::kReview);
  ASSERT_EQ(many->shortfalls.size(), 1u);
  EXPECT_EQ(many->shortfalls[0].reason, ShortfallReason::kUndecodable);
  EXPECT_EQ(many->shortfalls[0].part, "text");
  // What is found beside the damage is found.
  EXPECT_EQ(CheckText(*checker, "\xff\xff\xff\xff 赌场 \xff\xff\xff", {}, "utf-8")->decision,
            Decision::kBlock);
}

// Bytes of a picture or an archive read as text say nothing, and that is not clean.
TEST(CheckerTest, AFieldThatIsNoTextIsAShortfall) {
  using namespace std::string_view_literals;
  const auto checker = SampleChecker();
  for (std::string_view bytes :
       {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0"sv, "PK\3\4\x14\0\0\0\x08\0abcdefgh"sv,
        "\x01\x02\x03\x04\x05\x06\xfe\x11\x12\x13\xc3\x14\x15"sv}) {
    const auto result = CheckText(*checker, bytes);
    ASSERT_OK(result);
    EXPECT_EQ(result->decision, Decision::kReview);
    ASSERT_FALSE(result->shortfalls.empty());
    EXPECT_EQ(result->shortfalls[0].reason, ShortfallReason::kUnsupportedFormat);
  }
}

TEST(CheckerTest, SpansOfOtherCharsetsAreThoseOfTheBytesSent) {
  const auto checker = SampleChecker();
  // 我们去赌场 in each charset; the match is the last two characters.
  struct {
    const char* charset;
    std::string bytes;
    uint64_t begin, end;
    const char* detected;
  } const cases[] = {
      {"gbk", "\xce\xd2\xc3\xc7\xc8\xa5\xb6\xc4\xb3\xa1", 6, 10, "GBK"},
      {"gb18030", "\xce\xd2\xc3\xc7\xc8\xa5\xb6\xc4\xb3\xa1", 6, 10, "GB18030"},
      {"big5", "\xa7\xda\xad\xcc\xa5\x68\xbd\xe4\xb3\xf5", 6, 10, "Big5"},
      {"utf-16le", std::string("\x11\x62\xec\x4e\xbb\x53\x4c\x8d\x3a\x57", 10), 6, 10, "UTF-16LE"},
      {"utf-16be", std::string("\x62\x11\x4e\xec\x53\xbb\x8d\x4c\x57\x3a", 10), 6, 10, "UTF-16BE"},
      {"", std::string("\xff\xfe\x11\x62\xec\x4e\xbb\x53\x4c\x8d\x3a\x57", 12), 8, 12, "UTF-16LE"},
      {"", "\xef\xbb\xbf我们去赌场", 12, 18, "UTF-8"},
  };
  for (const auto& c : cases) {
    const auto result = CheckText(*checker, c.bytes, {}, c.charset);
    ASSERT_OK(result) << c.charset;
    ASSERT_EQ(result->findings.size(), 1u) << c.charset;
    EXPECT_EQ(result->findings[0].begin, c.begin) << c.charset;
    EXPECT_EQ(result->findings[0].end, c.end) << c.charset;
    EXPECT_EQ(result->findings[0].rule_id, "gambling.casino");
    if (result->detected_charset != "GB18030") {  // GBK may be read as its superset
      EXPECT_EQ(result->detected_charset, c.detected);
    }
  }
}

// Two ideographs may as well be of one charset of Chinese as of the other.
TEST(CheckerTest, BytesOfTwoReadingsAreScannedBothWays) {
  const auto checker = SampleChecker();
  struct {
    const char* name;
    std::string bytes;
    std::string_view described;
  } const cases[] = {
      {"gbk", "\xb6\xc4\xb3\xa1", "GB18030 or "},
      {"big5", "\xbd\xe4\xb3\xf5", " or "},
      {"big5 in ascii", "to \xbd\xe4\xb3\xf5", "Big5"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Content content;
    content.fields.push_back({"text", c.bytes, "", false});
    const auto result = checker->Check(content);
    ASSERT_OK(result);
    ASSERT_EQ(result->findings.size(), 1u) << result->detected_charset;
    EXPECT_EQ(result->decision, Decision::kBlock);
    EXPECT_EQ(result->findings[0].begin, c.bytes.size() - 4);
    EXPECT_EQ(result->findings[0].end, c.bytes.size());
    EXPECT_THAT(result->detected_charset, HasSubstr(std::string(c.described)));
    EXPECT_EQ(result->completeness, Completeness::kComplete);

    Checker::FileInput input;
    input.file_name = "text";
    auto file = checker->StartFile(input);
    ASSERT_OK(file);
    for (char byte : c.bytes) ASSERT_OK((*file)->Feed({&byte, 1}));
    const auto of_file = (*file)->Finish();
    ASSERT_OK(of_file);
    EXPECT_EQ(Describe(*of_file), Describe(*result));
  }
  // A reading that is told stands alone.
  const auto told = CheckText(*checker, "\xbd\xe4\xb3\xf5", {}, "gbk");
  ASSERT_OK(told);
  EXPECT_TRUE(told->findings.empty());
  EXPECT_EQ(told->detected_charset, "GBK");
}

TEST(CheckerTest, AnUnknownCharsetIsRefusedByField) {
  EXPECT_THAT(CheckText(*SampleChecker(), "x", {}, "klingon"),
              StatusIs(StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr("field \"text\""), HasSubstr("klingon"),
                                      HasSubstr("UTF-8"))));
}

TEST(CheckerTest, AsksTheDeadlineNowAndThen) {
  const auto checker = SampleChecker();
  int asked = 0;
  CheckOptions options;
  options.expired = [&asked] {
    ++asked;
    return false;
  };
  ASSERT_OK(CheckText(*checker, "short", options));
  EXPECT_EQ(asked, 1);
  asked = 0;
  ASSERT_OK(CheckText(*checker, std::string(1 << 20, 'x'), options));
  EXPECT_GE(asked, 8);
  // Whenever it says so, that is the end.
  for (const int last : {1, 2, 5}) {
    asked = 0;
    options.expired = [&asked, last] { return ++asked >= last; };
    EXPECT_THAT(CheckText(*checker, std::string(1 << 20, 'x'), options),
                StatusIs(StatusCode::kDeadlineExceeded));
    EXPECT_EQ(asked, last);
  }
  // And it leaves nothing behind.
  EXPECT_EQ(Describe(*CheckText(*checker, "chair")), "allow complete UTF-8");
}

TEST(CheckerTest, ACheckMayBeMadeInsideACheck) {
  const auto checker = SampleChecker();
  std::string inner;
  CheckOptions options;
  options.expired = [&] {
    inner = Describe(*CheckText(*checker, "swindle"));
    return false;
  };
  EXPECT_EQ(Describe(*CheckText(*checker, "赌场", options)),
            "block complete UTF-8; gambling.casino text 0-6 block folded");
  EXPECT_EQ(inner, "review complete UTF-8; fraud.swindle text 0-7 review folded");
}

TEST(CheckerTest, ManyThreadsAndPacksDoNotMeet) {
  const auto a = SampleChecker();
  const auto b = OtherChecker();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const bool first = (i + t) % 2 == 0;
        const auto result = CheckText(first ? *a : *b, "赌场 and a swindle");
        const std::string expected =
            first
                ? "block complete UTF-8; gambling.casino text 0-6 block folded; fraud.swindle text "
                  "13-20 review folded"
                : "review complete UTF-8; fraud.and text 7-10 review folded";
        if (!result.ok() || Describe(*result) != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// A check ends on the pack it began with, also when that pack's last owner lets go of it meanwhile.
TEST(CheckerTest, PacksAreSwappedWhileChecksRun) {
  const std::string packs[] = {std::string(SampleChecker()->pack().bytes()),
                               std::string(OtherChecker()->pack().bytes())};
  const auto load = [&](int i) {
    auto pack = pack::LoadPackBytes(packs[i % 2]);
    EXPECT_OK(pack);
    return std::make_shared<const Checker>(*std::move(pack), DefaultPolicy());
  };
  std::mutex mutex;
  std::shared_ptr<const Checker> current = load(0);
  const auto take = [&] {
    const std::lock_guard lock(mutex);
    return current;
  };
  const std::string first = SampleChecker()->pack().info().revision;
  std::atomic<int> wrong{0}, of_first{0}, of_second{0};
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        absl::StatusOr<CheckResult> field, file;
        std::unique_ptr<Checker::FileCheck> check;
        {
          const std::shared_ptr<const Checker> checker = take();
          field = CheckText(*checker, "赌场 and a swindle");
          auto started = checker->StartFile({});
          if (started.ok()) check = *std::move(started);
        }
        // The file's check outlives its checker.
        if (check == nullptr || !check->Feed("赌场 and a").ok() || !check->Feed(" swindle").ok()) {
          ++wrong;
          continue;
        }
        file = check->Finish();
        if (!field.ok() || !file.ok()) {
          ++wrong;
          continue;
        }
        const bool is_first = field->pack_revision == first;
        ++(is_first ? of_first : of_second);
        if (field->findings.size() != (is_first ? 2u : 1u)) ++wrong;
        if (file->findings.size() != (file->pack_revision == first ? 2u : 1u)) ++wrong;
        if (file->pack_revision != field->pack_revision) ++wrong;
      }
    });
  }
  for (int i = 1; i <= 60 || of_first < 20 || of_second < 20; ++i) {
    std::shared_ptr<const Checker> next = load(i);
    const std::lock_guard lock(mutex);
    current.swap(next);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(CheckerTest, ThePolicyDecides) {
  class Strict final : public policy::Policy {
   public:
    const std::string& revision() const override { return revision_; }
    Decision Decide(const policy::Ask& ask, const policy::Context& context) const override {
      EXPECT_EQ(context.region, "mainland");
      EXPECT_EQ(context.tenant, "acme");
      EXPECT_EQ(context.surface, Surface::kProfile);
      return ask.label == "fraud" ? Decision::kBlock : Decision::kAllow;
    }
    Decision OnIncomplete(const policy::Context&) const override { return Decision::kBlock; }

   private:
    const std::string revision_ = "policies/strict/revisions/1";
  };
  const Checker checker(SamplePack(), std::make_shared<Strict>());
  Content content;
  content.surface = Surface::kProfile;
  content.region = "mainland";
  content.tenant = "acme";
  content.fields.push_back({"text", "swindle", "", true});
  EXPECT_EQ(checker.Check(content)->decision, Decision::kBlock);
  EXPECT_EQ(checker.Check(content)->policy_revision, "policies/strict/revisions/1");
  content.fields[0].bytes = "赌场";
  EXPECT_EQ(checker.Check(content)->decision, Decision::kAllow);
  content.fields[0] = {"text", "\xff\xff\xff\xff\xff", "utf-8", false};
  EXPECT_EQ(checker.Check(content)->decision, Decision::kBlock);
}

}  // namespace
}  // namespace winnow
