#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/strings.h"
#include "engine/match/program.h"
#include "engine/pack/pack.h"
#include "tests/engine/pack/packs.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

const std::string& SampleBytes() {
  static const auto* bytes = new std::string(CompileOrDie(SampleSources()).pack->bytes());
  return *bytes;
}

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

const char* const kTexts[] = {"真人荷官在线",
                              "我们的赌场，可以开户",
                              "赌场开户。反赌",
                              "反赌，赌场开户",
                              "customer list tel: 5550100",
                              "tel: 5550100",
                              "nothing at all",
                              ""};

TEST(PackFileTest, FindsTheSameOnceWrittenAndLoaded) {
  const TempDir dir;
  const auto pack = CompileOrDie(SampleSources()).pack;
  const std::string path = dir.Sub("sample.pack");
  ASSERT_OK(WritePack(*pack, path));
  const auto loaded = LoadPack(path);
  ASSERT_OK(loaded);
  std::set<std::string> found;
  for (const char* text : kTexts) {
    EXPECT_EQ(Findings(**loaded, text), Findings(*pack, text)) << text;
    found.insert(Findings(*pack, text));
  }
  EXPECT_GE(found.size(), 4u) << "the texts tell too little apart";

  const PackInfo& a = pack->info();
  const PackInfo& b = (*loaded)->info();
  EXPECT_EQ(b.id, "sample");
  EXPECT_EQ(b.revision, a.revision);
  EXPECT_EQ(b.revision, "packs/sample/revisions/" + a.source_digest.substr(0, 12));
  EXPECT_EQ(b.source_digest, a.source_digest);
  EXPECT_EQ(b.format_version, 5u);
  EXPECT_EQ(b.tool_version, a.tool_version);
  EXPECT_EQ(b.engine, match::Program::EngineName());
  EXPECT_EQ(b.platform, match::Program::PlatformName());
  EXPECT_FALSE(b.recompiled);
  EXPECT_EQ(b.file_bytes, fs::file_size(path));
  EXPECT_EQ(b.rule_count, 2u);
  EXPECT_EQ(b.term_count, a.term_count);
  EXPECT_EQ(b.regex_count, 1u);
  ASSERT_EQ((*loaded)->rules().size(), 2u);
  const RuleInfo& rule = (*loaded)->rules()[0];
  EXPECT_EQ(rule.id, "gambling.online_casino");
  EXPECT_EQ(rule.category, Category::kViceViolence);
  EXPECT_EQ(rule.label, "gambling");
  EXPECT_EQ(rule.severity, Severity::kHigh);
  EXPECT_EQ(rule.action, Decision::kBlock);
  EXPECT_EQ(rule.surfaces, kAllSurfaces);
  EXPECT_EQ(rule.reason_en, "Offers online gambling.");
  EXPECT_EQ(rule.reason_zh, "提供网络赌博。");
  ASSERT_EQ((*loaded)->sources().size(), 2u);
  EXPECT_EQ((*loaded)->sources()[1].path, "privacy.yaml");
  EXPECT_EQ((*loaded)->sources()[1].text, SampleSources()[1].text);
  EXPECT_EQ((*loaded)->bytes(), pack->bytes());
}

TEST(PackFileTest, SameSourcesGiveTheSameBytesWhereverTheyLie) {
  std::vector<rules::SourceFile> elsewhere = SampleSources();
  for (rules::SourceFile& source : elsewhere) source.path = "/some/where/else/" + source.path;
  const auto pack = CompileOrDie(elsewhere).pack;
  Parts a = Parts::Of(SampleBytes()), b = Parts::Of(pack->bytes());
  // Hyperscan may lay out a database anew each time.
  for (Parts* parts : {&a, &b}) {
    for (int i = 0; i < parts->manifest.sections_size(); ++i) {
      const std::string& name = parts->manifest.sections(i).name();
      if (name.starts_with("view") || name.starts_with("start")) parts->sections[i].clear();
    }
  }
  EXPECT_EQ(a.Assemble(), b.Assemble());

  std::vector<rules::SourceFile> changed = SampleSources();
  changed[0].text += "# a comment\n";
  EXPECT_NE(CompileOrDie(changed).pack->info().revision, pack->info().revision);
}

// A list belongs to the pack: its bytes are stored, make the revision, and are at hand where the
// pack must be compiled anew.
TEST(PackFileTest, ListsAreStoredWithTheRulesThatNameThem) {
  const auto sources = [](const std::string& list) {
    std::vector<rules::SourceFile> out = SampleSources();
    for (rules::SourceFile& source : out) source.path = "rules/" + source.path;
    const std::string inline_terms = "- terms: [真人荷官, 网上赌场]";
    out[0].text.replace(out[0].text.find(inline_terms), inline_terms.size(),
                        "- list: lists/casinos.txt");
    out.push_back({"rules/lists/casinos.txt", list, rules::SourceFile::Kind::kList});
    out.push_back({"rules/lists/unused.txt", "", rules::SourceFile::Kind::kList});
    return out;
  };
  const std::string list = "# casinos\n真人荷官\n网上赌场\n";
  const auto inline_pack = CompileOrDie(SampleSources()).pack;
  const auto pack = CompileOrDie(sources(list)).pack;
  EXPECT_EQ(pack->info().term_count, inline_pack->info().term_count);
  EXPECT_EQ(pack->program().memory_bytes(), inline_pack->program().memory_bytes());
  for (const char* text : kTexts) EXPECT_EQ(Findings(*pack, text), Findings(*inline_pack, text));

  ASSERT_EQ(pack->sources().size(), 3u) << "what no rule names is no part of a pack";
  Parts parts = Parts::Of(pack->bytes());
  EXPECT_EQ(parts.sections[parts.Find("list:lists/casinos.txt")], list);
  EXPECT_EQ(parts.SourceDigest(), pack->info().source_digest);
  const auto loaded = LoadPackBytes(std::string(pack->bytes()));
  ASSERT_OK(loaded);
  EXPECT_EQ((*loaded)->sources()[2].path, "lists/casinos.txt");
  EXPECT_EQ((*loaded)->sources()[2].kind, rules::SourceFile::Kind::kList);

  EXPECT_EQ(CompileOrDie(sources(list)).pack->info().revision, pack->info().revision);
  EXPECT_NE(CompileOrDie(sources(list + "百家乐\n")).pack->info().revision, pack->info().revision);

  parts.manifest.set_platform("another machine");
  const auto recompiled = LoadPackBytes(parts.Assemble());
  ASSERT_OK(recompiled);
  EXPECT_TRUE((*recompiled)->info().recompiled);
  EXPECT_EQ((*recompiled)->info().revision, pack->info().revision);
  for (const char* text : kTexts) EXPECT_EQ(Findings(**recompiled, text), Findings(*pack, text));
}

// Everything but what depends on the machine and the tool: a change here is a new format.
TEST(PackFileTest, FormatIsAsPublished) {
  const std::string& bytes = SampleBytes();
  std::string dump = StrCat("header ", absl::BytesToHexString(ToAbsl(bytes.substr(0, 16))), "\n");
  Parts parts = Parts::Of(bytes);
  for (int i = 0; i < parts.manifest.sections_size(); ++i) {
    auto* section = parts.manifest.mutable_sections(i);
    StrAppend(&dump, "section ", section->name(), "\n");
    if (section->name() == "conditions") {
      StrAppend(&dump, "  ", absl::BytesToHexString(parts.sections[i]), "\n");
    }
  }
  parts.manifest.clear_sections();
  for (std::string* machine : {parts.manifest.mutable_engine(), parts.manifest.mutable_platform(),
                               parts.manifest.mutable_tool_version()}) {
    EXPECT_FALSE(machine->empty());
    *machine = "-";
  }
  StrAppend(&dump, "manifest ", absl::BytesToHexString(parts.manifest.SerializeAsString()), "\n");
  test::ExpectGolden(
      fs::path(WINNOW_SOURCE_DIR) / "tests/engine/pack/testdata/format_version_5.txt", dump);
}

TEST(PackFileTest, EveryChangedByteIsNoticed) {
  const std::string& bytes = SampleBytes();
  std::set<std::string> names;
  for (const Region& region : RegionsOf(bytes)) {
    names.insert(region.name);
    const size_t size = region.end - region.begin;
    const size_t step = std::max<size_t>(1, size / 40);
    for (size_t at = region.begin; at < region.end; at += step) {
      for (const int flip : {0x01, 0x80}) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const auto pack = LoadPackBytes(damaged);
        const auto what = testing::Message() << region.name << ", byte " << at;
        if (region.name == "magic") {
          EXPECT_THAT(pack, StatusIs(StatusCode::kInvalidArgument, HasSubstr("not a pack")))
              << what;
        } else if (region.name == "version" && damaged[8] == 4) {
          // Of an earlier version, which is compiled again.
          EXPECT_TRUE(pack.ok() && (*pack)->info().recompiled) << what;
        } else if (region.name == "version" && damaged.substr(8, 4) != std::string(4, '\0')) {
          EXPECT_THAT(pack, StatusIs(StatusCode::kFailedPrecondition, HasSubstr("format version")))
              << what;
        } else {
          EXPECT_THAT(pack, StatusIs(StatusCode::kDataLoss, HasSubstr("the pack is damaged")))
              << what;
        }
      }
    }
  }
  EXPECT_TRUE(names.count("padding") && names.count("conditions") && names.count("manifest") &&
              names.count("view0.index") && names.count("source:privacy.yaml"));
}

TEST(PackFileTest, NamesTheDamagedSection) {
  const std::string& bytes = SampleBytes();
  for (const Region& region : RegionsOf(bytes)) {
    if (region.begin < 64 || region.name == "padding" || region.name == "manifest") continue;
    std::string damaged = bytes;
    damaged[region.begin] = static_cast<char>(damaged[region.begin] ^ 1);
    EXPECT_THAT(LoadPackBytes(damaged),
                StatusIs(StatusCode::kDataLoss,
                         AllOf(HasSubstr(region.name), HasSubstr("does not match its digest"))));
  }
}

TEST(PackFileTest, IsRefusedWhenItEndsTooSoonOrTooLate) {
  const std::string& bytes = SampleBytes();
  std::set<size_t> sizes = {0, 1, 7, 8, 11, 12, 63, 64, bytes.size() - 1};
  for (const Region& region : RegionsOf(bytes)) {
    sizes.insert({region.begin, region.end - 1, (region.begin + region.end) / 2});
  }
  for (const size_t size : sizes) {
    EXPECT_THAT(LoadPackBytes(bytes.substr(0, size)),
                StatusIs(size < 8 ? StatusCode::kInvalidArgument : StatusCode::kDataLoss))
        << "cut at " << size;
  }
  EXPECT_THAT(LoadPackBytes(bytes + '\0'), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(LoadPackBytes(bytes + bytes), StatusIs(StatusCode::kDataLoss));
}

TEST(PackFileTest, FromThePastIsCompiledAgain) {
  Parts parts = Parts::Of(SampleBytes());
  // Whatever it held then.
  parts.sections[parts.Find("conditions")] = "conditions of an earlier version";
  const auto pack = LoadPackBytes(parts.Assemble(1));
  ASSERT_OK(pack);
  EXPECT_EQ((*pack)->info().format_version, 1u);
  EXPECT_TRUE((*pack)->info().recompiled);
  for (const char* text : kTexts) {
    EXPECT_EQ(Findings(**pack, text), Findings(*CompileOrDie(SampleSources()).pack, text)) << text;
  }
}

TEST(PackFileTest, IsRefusedFromTheFuture) {
  std::string future = SampleBytes();
  future[8] = 6;
  EXPECT_THAT(LoadPackBytes(future),
              StatusIs(StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("has format version 6"), HasSubstr("Use a newer winnow"))));
  future[8] = 0;
  EXPECT_THAT(LoadPackBytes(future), StatusIs(StatusCode::kDataLoss));
}

TEST(PackFileTest, EachUnfitPathHasItsOwnError) {
  const TempDir dir;
  struct {
    const char* what;
    std::string path;
    StatusCode code;
    const char* message;
  } cases[] = {
      {"missing", dir.Sub("none.pack"), StatusCode::kNotFound, "No such file"},
      {"below a file", dir.Sub("text.pack/x.pack"), StatusCode::kNotFound, "Not a directory"},
      {"a folder", dir.path(), StatusCode::kInvalidArgument, "not a regular file"},
      {"a device", "/dev/null", StatusCode::kInvalidArgument, "not a regular file"},
      {"a pipe", dir.Sub("pipe"), StatusCode::kInvalidArgument, "not a regular file"},
      {"empty", dir.Sub("empty.pack"), StatusCode::kInvalidArgument, "not a pack"},
      {"text", dir.Sub("text.pack"), StatusCode::kInvalidArgument, "not a pack"},
      {"huge", dir.Sub("huge.pack"), StatusCode::kInvalidArgument, "at most 1073741824 are read"},
      {"damaged", dir.Sub("damaged.pack"), StatusCode::kDataLoss, "the pack is damaged"},
  };
  WriteFile(dir.Sub("empty.pack"), "");
  WriteFile(dir.Sub("text.pack"), "- id: gambling.online_casino\n");
  WriteFile(dir.Sub("damaged.pack"), SampleBytes().substr(0, 1000));
  WriteFile(dir.Sub("huge.pack"), "");
  fs::resize_file(dir.Sub("huge.pack"), (uint64_t{1} << 30) + 1);
  ASSERT_EQ(mkfifo(dir.Sub("pipe").c_str(), 0600), 0);
  for (const auto& c : cases) {
    EXPECT_THAT(LoadPack(c.path), StatusIs(c.code, AllOf(HasSubstr(c.message), HasSubstr(c.path))))
        << c.what;
  }
  // Root reads everything, so what the mode forbids can only be seen by another user.
  if (geteuid() != 0) {
    WriteFile(dir.Sub("secret.pack"), SampleBytes());
    fs::permissions(dir.Sub("secret.pack"), fs::perms::none);
    EXPECT_THAT(LoadPack(dir.Sub("secret.pack")), StatusIs(StatusCode::kPermissionDenied));
  }
}

TEST(PackFileTest, IsCompiledAnewForAnotherMachineOrLibrary) {
  for (const bool platform : {true, false}) {
    Parts parts = Parts::Of(SampleBytes());
    if (platform) {
      parts.manifest.set_platform("avx9000");
    } else {
      parts.manifest.set_engine("hyperscan 4.0.0");
    }
    const auto pack = LoadPackBytes(parts.Assemble());
    ASSERT_OK(pack);
    EXPECT_TRUE((*pack)->info().recompiled);
    EXPECT_EQ((*pack)->info().platform, match::Program::PlatformName());
    EXPECT_EQ((*pack)->info().engine, match::Program::EngineName());
    EXPECT_EQ((*pack)->info().revision, CompileOrDie(SampleSources()).pack->info().revision);
    EXPECT_EQ(Findings(**pack, "我们的赌场，可以开户"), "gambling.online_casino@3-10");
    // What is stored stays as it is.
    EXPECT_EQ(Parts::Of((*pack)->bytes()).manifest.platform(), parts.manifest.platform());
  }
}

TEST(PackFileTest, SaysSoWhenItCannotBeCompiledAnew) {
  Parts parts = Parts::Of(SampleBytes());
  parts.manifest.set_platform("avx9000");
  parts.sections[parts.Find("source:gambling.yaml")] = "- id: gambling.online_casino\n";
  parts.manifest.set_source_digest(parts.SourceDigest());
  EXPECT_THAT(LoadPackBytes(parts.Assemble()),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("avx9000"), HasSubstr("does not compile here"),
                             HasSubstr("gambling.yaml:1"))));
}

TEST(PackFileTest, RefusesPartsThatDoNotBelongTogether) {
  struct {
    const char* what;
    void (*change)(Parts*);
    const char* message;
  } const cases[] = {
      {"a rule more", [](Parts* p) { p->manifest.add_rules()->set_id("x.y"); }, "in number"},
      {"an unknown category", [](Parts* p) { p->manifest.mutable_rules(0)->set_category(99); },
       "does not know"},
      {"an unknown severity", [](Parts* p) { p->manifest.mutable_rules(0)->set_severity(9); },
       "does not know"},
      {"an unknown action", [](Parts* p) { p->manifest.mutable_rules(0)->set_action(9); },
       "does not know"},
      {"an unknown status", [](Parts* p) { p->manifest.mutable_rules(0)->set_status(9); },
       "does not know"},
      {"another source", [](Parts* p) { p->sections[p->Find("source:privacy.yaml")] += " "; },
       "source"},
      {"no conditions",
       [](Parts* p) { p->manifest.mutable_sections(p->Find("conditions"))->set_name("condition"); },
       "conditions"},
      {"conditions of zeros",
       [](Parts* p) {
         std::string& bytes = p->sections[p->Find("conditions")];
         bytes.assign(bytes.size(), '\0');
       },
       "conditions"},
      {"a missing database",
       [](Parts* p) {
         p->manifest.mutable_sections(p->Find("view0.index"))->set_name("view9.index");
       },
       "view0.index"},
      {"a database of zeros",
       [](Parts* p) {
         std::string& bytes = p->sections[p->Find("view0.regexes_beside")];
         bytes.assign(bytes.size(), '\0');
       },
       "view0.regexes_beside"},
      {"an empty index", [](Parts* p) { p->sections[p->Find("view0.index")].clear(); },
       "view0.index"},
  };
  for (const auto& c : cases) {
    Parts parts = Parts::Of(SampleBytes());
    c.change(&parts);
    EXPECT_THAT(LoadPackBytes(parts.Assemble()),
                StatusIs(StatusCode::kDataLoss,
                         AllOf(HasSubstr("the pack is damaged"), HasSubstr(c.message))))
        << c.what;
  }
}

TEST(PackFileTest, StaysWholeWhenItsFileIsOverwritten) {
  const TempDir dir;
  const std::string path = dir.Sub("sample.pack");
  WriteFile(path, SampleBytes());
  const auto pack = LoadPack(path);
  ASSERT_OK(pack);
  // As `cp` does: the same file, cut short and written anew.
  WriteFile(path, "x");
  EXPECT_EQ((*pack)->bytes(), SampleBytes());
  EXPECT_NE(Findings(**pack, "真人荷官在线"), "");
}

TEST(PackFileTest, WritingLeavesTheOldPackOrTheNew) {
  const TempDir dir;
  const std::string path = dir.Sub("sample.pack");
  const auto pack = CompileOrDie(SampleSources()).pack;
  WriteFile(path, "the old one");
  ASSERT_OK(WritePack(*pack, path));
  EXPECT_EQ(test::ReadFileOrFail(path), pack->bytes());
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);

  // Several at once do not meet in one temporary file.
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) EXPECT_OK(WritePack(*pack, path));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(test::ReadFileOrFail(path), pack->bytes());
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);

  EXPECT_THAT(WritePack(*pack, dir.Sub("none/sample.pack")),
              StatusIs(StatusCode::kNotFound, HasSubstr("none/sample.pack")));
  fs::create_directory(dir.Sub("folder.pack"));
  EXPECT_FALSE(WritePack(*pack, dir.Sub("folder.pack")).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 2);
}

}  // namespace
}  // namespace winnow::pack
