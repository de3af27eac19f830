// winnow pack keygen, sign and verify, with OpenSSL's own program as the judge of signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/golden.h"
#include "tests/tools/cli_golden.h"
#include "tests/tools/run_program.h"

namespace winnow::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

RunResult RunWinnow(const std::vector<std::string>& args) {
  return RunProgram({.args = CliArgs(args)});
}

RunResult OpenSsl(std::vector<std::string> args) {
  args.insert(args.begin(), {"/usr/bin/env", "openssl"});
  return RunProgram({.args = args});
}

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

uint64_t Number(const std::string& bytes, size_t at) {
  uint64_t n = 0;
  for (int i = 8; i-- > 0;) n = n << 8 | static_cast<uint8_t>(bytes[at + static_cast<size_t>(i)]);
  return n;
}

// A folder of a test's own in $TMP, with a copy of the test pack.
std::string Folder(const std::string& name) {
  const std::string folder = CliTempDir() + "/" + name;
  std::filesystem::create_directory(folder);
  std::filesystem::copy_file(CliTempDir() + "/test.pack", folder + "/my.pack");
  return folder;
}

TEST(PackSign, KeysSignAndVerify) {
  const std::string folder = Folder("sign");
  const std::string pack = folder + "/my.pack", key = folder + "/a.key", pub = folder + "/a.pub";
  EXPECT_EQ(RunWinnow({"pack", "keygen", folder + "/a"}).exit_code, 0);
  struct stat info = {};
  ASSERT_EQ(stat(key.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const std::string before = ReadFileOrFail(key);
  EXPECT_EQ(RunWinnow({"pack", "keygen", folder + "/a"}).exit_code, 3) << "never overwritten";
  EXPECT_EQ(ReadFileOrFail(key), before);

  EXPECT_EQ(RunWinnow({"pack", "verify", pack, "--keys", pub}).exit_code, 1) << "not signed yet";
  const RunResult signing = RunWinnow({"pack", "sign", pack, "--key", key, "--sequence", "7",
                                       "--issued", "2026-11-25T00:00:00Z", "--valid-for", "30d"});
  EXPECT_EQ(signing.exit_code, 0) << signing.err;
  EXPECT_THAT(signing.out,
              HasSubstr("release 7, valid from 2026-11-25T00:00:00Z to 2026-12-25T00:00:00Z"));
  const auto verify = [&](const std::string& at) {
    return RunWinnow({"pack", "verify", pack, "--keys", pub, "--at", at, "--format", "json"});
  };
  const RunResult good = verify("2026-12-24T23:59:59Z");
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, StartsWith("{\"trust\":\"trusted\""));
  const RunResult late = verify("2026-12-25T00:00:00Z");
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_THAT(late.out, StartsWith("{\"trust\":\"expired\""));
  EXPECT_THAT(verify("2026-11-24T00:00:00Z").out, StartsWith("{\"trust\":\"not_yet_valid\""));
  EXPECT_THAT(RunWinnow({"pack", "inspect", pack}).out, HasSubstr("release 7, valid from"));

  std::string bytes = ReadFileOrFail(pack);
  bytes[bytes.size() / 2] ^= 1;
  Write(pack, bytes);
  EXPECT_EQ(verify("2026-12-01T00:00:00Z").exit_code, 3) << "damaged";
  EXPECT_EQ(RunWinnow({"pack", "sign", pack, "--key", key}).exit_code, 3)
      << "no damaged pack is signed";
  EXPECT_EQ(ReadFileOrFail(pack), bytes);
}

TEST(PackSign, OpenSslMakesTheKeysAndVerifiesTheSignatures) {
  const std::string folder = Folder("openssl");
  const std::string pack = folder + "/my.pack", key = folder + "/a.key", pub = folder + "/a.pub";
  ASSERT_EQ(OpenSsl({"genpkey", "-algorithm", "ed25519", "-out", key}).exit_code, 0);
  ASSERT_EQ(OpenSsl({"pkey", "-in", key, "-pubout", "-out", pub}).exit_code, 0);
  ASSERT_EQ(RunWinnow({"pack", "keygen", folder + "/other"}).exit_code, 0);
  ASSERT_EQ(RunWinnow({"pack", "sign", pack, "--key", folder + "/other.key"}).exit_code, 0);
  const RunResult added = RunWinnow({"pack", "sign", pack, "--key", key, "--add"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  for (const std::string& trusted : {pub, folder + "/other.pub", folder}) {
    EXPECT_EQ(RunWinnow({"pack", "verify", pack, "--keys", trusted}).exit_code, 0) << trusted;
  }
  // By the places that docs/formats/pack.md gives; ours is the second signature.
  const std::string bytes = ReadFileOrFail(pack);
  const size_t end = Number(bytes, 16) + Number(bytes, 24);
  const std::string message =
      "winnow pack release 1\n" + bytes.substr(0, 64) + bytes.substr(end + 48, 24);
  Write(folder + "/message", message);
  Write(folder + "/signature", bytes.substr(end + 48 + 24 + 72 + 8, 64));
  const std::vector<std::string> verify = {"pkeyutl",  "-verify",
                                           "-pubin",   "-inkey",
                                           pub,        "-rawin",
                                           "-in",      folder + "/message",
                                           "-sigfile", folder + "/signature"};
  const RunResult good = OpenSsl(verify);
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  Write(folder + "/message", message + "x");
  EXPECT_NE(OpenSsl(verify).exit_code, 0);
}

TEST(PackSign, WrongUsageIsSaid) {
  const std::string folder = Folder("usage");
  const std::string pack = folder + "/my.pack";
  ASSERT_EQ(RunWinnow({"pack", "keygen", folder + "/a"}).exit_code, 0);
  const std::string key = folder + "/a.key";
  for (const auto& [args, code] : std::vector<std::pair<std::vector<std::string>, int>>{
           {{"--key", folder + "/none.key"}, 3},
           {{"--key", folder + "/a.pub"}, 3},
           {{"--key", key, "--add"}, 3},
           {{"--key", key, "--add", "--sequence", "3"}, 2},
           {{"--key", key, "--valid-for", "never"}, 2},
           {{"--key", key, "--issued", "tomorrow"}, 2},
           {{}, 2}}) {
    std::vector<std::string> all = {"pack", "sign", pack};
    all.insert(all.end(), args.begin(), args.end());
    const RunResult run = RunWinnow(all);
    EXPECT_EQ(run.exit_code, code) << run.err;
    EXPECT_THAT(run.err, StartsWith("winnow: "));
    EXPECT_EQ(ReadFileOrFail(pack), ReadFileOrFail(CliTempDir() + "/test.pack"));
  }
}

}  // namespace
}  // namespace winnow::test
