// What winnowd refuses to start with: one clear message that names the file and the remedy, the
// documented exit code, and nothing changed. Each row goes through one check function.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "tests/service/rocks/store_of_format.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The files under `path` with their digests, but for those in which RocksDB notes that it looked.
std::map<std::string, std::string> Snapshot(const std::string& path) {
  std::map<std::string, std::string> out;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name.starts_with("LOG") || name == "LOCK") continue;
    out[entry.path()] = Sha256Hex(ReadWholeFile(entry.path()));
  }
  return out;
}

struct Row {
  const char* name;
  // Breaks something of a server that has run before and stored one verdict. Returns the flags to
  // start it with.
  std::function<std::vector<std::string>(Winnowd&)> prepare;
  int exit_code;
  std::vector<const char*> messages;  // all of them stand in the output; {DIR} is the server's
  // Undoes it; with none, the server must start as it is without the flags.
  std::function<void(Winnowd&)> mend = {};
  std::map<std::string, std::string> env = {};
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

using Flags = std::vector<std::string>;

class Startup : public testing::TestWithParam<Row> {};

TEST_P(Startup, IsRefusedWithOneMessageAndNothingChanged) {
  const Row& row = GetParam();
  Winnowd server;
  server.Start();
  v1::Verdict verdict;
  ASSERT_TRUE(server.checks()
                  .CheckContent(NewContext().get(), ContentRequest("c", kBlockedWord), &verdict)
                  .ok());
  server.Stop();

  const Flags flags = row.prepare(server);
  const auto before = Snapshot(server.dir());
  const Process::Exit exit = server.StartRefused(flags, row.env);
  EXPECT_EQ(exit.code, row.exit_code) << "signal " << exit.signal << "\n" << exit.err;
  EXPECT_THAT(exit.out, IsEmpty()) << "it never said that it listens";
  for (std::string message : row.messages) {
    if (const size_t at = message.find("{DIR}"); at != std::string::npos) {
      message.replace(at, 5, server.dir());
    }
    EXPECT_THAT(exit.err, HasSubstr(message));
  }
  // One message, and no other voice than winnowd's: no library's, no line of the log.
  if (exit.err.find("error[") == std::string::npos) {
    EXPECT_THAT(exit.err, StartsWith("winnowd: "));
    EXPECT_THAT(exit.err, Not(HasSubstr("\nwinnowd: ")));
    EXPECT_THAT(exit.err, Not(HasSubstr("{\"time\"")));
  }
  EXPECT_EQ(Snapshot(server.dir()), before);

  if (row.mend) row.mend(server);
  server.Start();
  const std::vector<v1::Verdict> stored = AllVerdicts(server.checks());
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].DebugString(), verdict.DebugString());
  server.Stop();
}

// ------------------------------------------------------------------------------------------------
// Ways of breaking things

std::function<Flags(Winnowd&)> Give(Flags flags) {
  return [flags](Winnowd&) { return flags; };
}

// Another pack or policy, written by `change` from the good one, beside it.
std::function<Flags(Winnowd&)> Pack(std::function<std::string(std::string)> change) {
  return [change](Winnowd& server) -> Flags {
    WriteWholeFile(server.dir() + "/bad.pack", change(ReadWholeFile(server.pack_path())));
    return {"--pack", server.dir() + "/bad.pack"};
  };
}
std::function<Flags(Winnowd&)> Policy(std::string text) {
  return [text](Winnowd& server) -> Flags {
    WriteWholeFile(server.dir() + "/bad.yaml", text);
    return {"--policy", server.dir() + "/bad.yaml"};
  };
}
std::function<Flags(Winnowd&)> ConfigFile(std::string text) {
  return [text](Winnowd& server) -> Flags {
    WriteWholeFile(server.dir() + "/winnowd.yaml", text);
    return {"--config", server.dir() + "/winnowd.yaml"};
  };
}

// The store is kept aside, broken by `damage`, and put back by PutStoreBack.
std::function<Flags(Winnowd&)> Store(std::function<void(const std::string& store)> damage) {
  return [damage](Winnowd& server) -> Flags {
    const std::string store = server.data_dir() + "/store";
    fs::copy(store, server.dir() + "/aside", fs::copy_options::recursive);
    damage(store);
    return {};
  };
}
void PutStoreBack(Winnowd& server) {
  const std::string store = server.data_dir() + "/store";
  fs::remove_all(store);
  fs::rename(server.dir() + "/aside", store);
}

std::string FileIn(const std::string& folder, std::string_view prefix, std::string_view suffix) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(suffix)) return entry.path();
  }
  ADD_FAILURE() << "no " << prefix << "*" << suffix << " in " << folder;
  return folder + "/none";
}

void FlipAByte(const std::string& path) {
  std::string bytes = ReadWholeFile(path);
  ASSERT_FALSE(bytes.empty()) << path;
  bytes[bytes.size() / 2] ^= 0x55;
  WriteWholeFile(path, bytes);
}

std::string RowName(const testing::TestParamInfo<Row>& info) { return info.param.name; }

// ------------------------------------------------------------------------------------------------
// The rows

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Startup,
    testing::Values(
        Row{"unknown_flag", Give({"--lisen", "x"}), 2, {"--lisen"}},
        Row{"flag_without_value", Give({"--config"}), 2, {"--config"}},
        Row{"set_without_value", Give({"--set", "log.level"}), 2, {"KEY=VALUE"}},
        Row{"two_actions", Give({"--check-config", "--print-config"}), 2, {"excludes"}}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Configuration, Startup,
    testing::Values(
        Row{"no_such_file", Give({"--config", "/no/such.yaml"}), 3, {"/no/such.yaml"}},
        Row{"unknown_key",
            ConfigFile("server:\n  lisen: '[::1]:1'\n"),
            3,
            {"error[C001]", "{DIR}/winnowd.yaml:2:3", "  lisen: '[::1]:1'", "^^^^^",
             "did you mean `listen`?"}},
        Row{"not_yaml", ConfigFile("server: [\n"), 3, {"{DIR}/winnowd.yaml:2:1", "not YAML"}},
        Row{"bad_value",
            ConfigFile("store: {relaxed_clean: perhaps}\n"),
            3,
            {"error[C003]", "perhaps", "write `true` or `false`"}},
        Row{"bad_flag_value",
            Give({"--set", "pools.io.threads=0"}),
            3,
            {"--set pools.io.threads 0", "from 1 to 1024"}},
        Row{"unknown_variable",
            Give({}),
            3,
            {"WINNOW__SERVER__LISTN", "did you mean WINNOW__SERVER__LISTEN?"},
            {},
            {{"WINNOW__SERVER__LISTN", "x"}}},
        Row{"no_address", Give({"--listen", "50051"}), 3, {"'50051'", "host:port"}},
        Row{"plaintext_to_the_world",
            Give({"--listen", "0.0.0.0:0"}),
            3,
            {"0.0.0.0:0", "without TLS", "configure a certificate"}},
        Row{"missing_certificate",
            Give({"--set", "server.tls.certificate_file=/no/cert.pem", "--set",
                  "server.tls.private_key_file=/no/key.pem"}),
            3,
            {"/no/cert.pem", "readable PEM file"}}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    Rules, Startup,
    testing::Values(
        Row{"pack_missing",
            Give({"--pack", "/no/such.pack"}),
            4,
            {"/no/such.pack", "No such file", "winnow pack build"}},
        Row{"pack_is_a_folder", Give({"--pack", "/tmp"}), 4, {"/tmp", "not a regular file"}},
        Row{"pack_empty",
            Pack([](std::string) { return ""; }),
            4,
            {"{DIR}/bad.pack", "not a pack"}},
        Row{"pack_is_text",
            Pack([](std::string) { return "- id: x\n"; }),
            4,
            {"{DIR}/bad.pack", "not a pack", "winnow pack build"}},
        Row{"pack_cut_within_its_header",
            Pack([](const std::string& good) { return good.substr(0, 20); }),
            4,
            {"{DIR}/bad.pack", "damaged", "Build it again"}},
        Row{"pack_cut_short",
            Pack([](const std::string& good) { return good.substr(0, good.size() - 1); }),
            4,
            {"{DIR}/bad.pack", "damaged"}},
        Row{"pack_with_a_bit_flipped",
            Pack([](std::string good) {
              good[good.size() / 3] ^= 1;
              return good;
            }),
            4,
            {"{DIR}/bad.pack", "damaged"}},
        Row{"pack_of_a_later_format",
            Pack([](std::string good) {
              good[8] = 77;
              return good;
            }),
            4,
            {"{DIR}/bad.pack", "format version 77", "newer winnow"}},
        Row{"policy_missing",
            Give({"--policy", "/no/such.yaml"}),
            4,
            {"/no/such.yaml", "No such file", "--policy"}},
        Row{"policy_too_large",
            [](Winnowd& server) -> Flags {
              WriteWholeFile(server.dir() + "/bad.yaml", "");
              fs::resize_file(server.dir() + "/bad.yaml", 17 << 20);
              return {"--policy", server.dir() + "/bad.yaml"};
            },
            4,
            {"{DIR}/bad.yaml", "at most 16777216"}},
        Row{"policy_not_yaml", Policy("entries: [\n"), 4, {"{DIR}/bad.yaml:2:1", "not YAML"}},
        Row{"policy_with_an_unknown_key",
            Policy("id: x\nentries: []\nfuture_key: 1\n"),
            4,
            {"{DIR}/bad.yaml:3:1", "future_key"}},
        Row{"policy_with_a_key_of_a_later_version",
            Policy("id: x\nladder: []\nentries: []\n"),
            4,
            {"{DIR}/bad.yaml:2:1", "later version"}},
        Row{"checked_only",
            [](Winnowd& server) -> Flags {
              WriteWholeFile(server.dir() + "/bad.pack", "x");
              return {"--check-config", "--pack", server.dir() + "/bad.pack"};
            },
            4,
            {"{DIR}/bad.pack", "not a pack"}}),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    DataDirectory, Startup,
    testing::Values(
        Row{"is_a_file",
            [](Winnowd& server) -> Flags {
              WriteWholeFile(server.dir() + "/file", "mine");
              return {"--data-dir", server.dir() + "/file"};
            },
            5,
            {"{DIR}/file", "directory", "--data-dir"}},
        Row{"lies_below_a_file",
            [](Winnowd& server) -> Flags {
              WriteWholeFile(server.dir() + "/file", "mine");
              return {"--data-dir", server.dir() + "/file/data"};
            },
            5,
            {"{DIR}/file/data", "Not a directory", "--data-dir"}},
        Row{"cannot_be_made",
            Give({"--data-dir", "/proc/winnow"}),
            5,
            {"/proc/winnow", "--data-dir"}},
        Row{"holds_something_else",
            [](Winnowd& server) -> Flags {
              fs::create_directories(server.dir() + "/other/store");
              WriteWholeFile(server.dir() + "/other/store/diary.txt", "mine");
              fs::copy(server.data_dir() + "/page_token.key", server.dir() + "/other");
              return {"--data-dir", server.dir() + "/other"};
            },
            5,
            {"{DIR}/other/store", "diary.txt", "a directory of its own"}},
        Row{"store_without_its_head",
            Store([](const std::string& store) { fs::remove(store + "/CURRENT"); }),
            5,
            {"{DIR}/data/store", "damaged", "backup"},
            PutStoreBack},
        Row{"store_with_a_damaged_manifest",
            Store([](const std::string& store) { FlipAByte(FileIn(store, "MANIFEST-", "")); }),
            5,
            {"{DIR}/data/store", "damaged", "backup"},
            PutStoreBack},
        Row{"store_with_an_empty_head",
            Store([](const std::string& store) { WriteWholeFile(store + "/CURRENT", ""); }),
            5,
            {"{DIR}/data/store", "damaged", "backup"},
            PutStoreBack},
        Row{"store_of_a_later_format",
            Store([](const std::string& store) { rocks::SetStoreFormat(store, 42); }),
            5,
            {"{DIR}/data/store", "format 42", "run the version that wrote it"},
            PutStoreBack},
        Row{"secret_that_others_may_read",
            [](Winnowd& server) -> Flags {
              EXPECT_EQ(chmod((server.data_dir() + "/page_token.key").c_str(), 0644), 0);
              return {};
            },
            5,
            {"{DIR}/data/page_token.key", "chmod 600"},
            [](Winnowd& server) {
              EXPECT_EQ(chmod((server.data_dir() + "/page_token.key").c_str(), 0600), 0);
            }},
        Row{"secret_cut_short",
            [](Winnowd& server) -> Flags {
              fs::resize_file(server.data_dir() + "/page_token.key", 3);
              return {};
            },
            5,
            {"{DIR}/data/page_token.key", "3 bytes"},
            [](Winnowd& server) { fs::remove(server.data_dir() + "/page_token.key"); }}),
    RowName);

// ------------------------------------------------------------------------------------------------
// Where two processes meet

TEST(StartupBesideAnother, ThePortIsTaken) {
  Winnowd first, second;
  first.Start();
  const Process::Exit exit = second.StartRefused({"--listen", first.address()});
  EXPECT_EQ(exit.code, 6) << exit.err;
  EXPECT_THAT(exit.err, AllOf(StartsWith("winnowd: cannot listen on "), HasSubstr(first.address()),
                              HasSubstr("another process listens there")));
  // The first one is not disturbed.
  v1::Verdict verdict;
  EXPECT_TRUE(
      first.checks().CheckContent(NewContext().get(), ContentRequest("c", "hello"), &verdict).ok());
  first.Stop();
}

TEST(StartupBesideAnother, TheUnixSocketIsTaken) {
  Winnowd first, second;
  const std::string address = "unix:" + first.dir() + "/s";
  first.Start({"--listen", address});
  EXPECT_EQ(first.address(), address);
  const Process::Exit exit = second.StartRefused({"--listen", address});
  EXPECT_EQ(exit.code, 6) << exit.err;
  EXPECT_THAT(exit.err, HasSubstr("another process listens there"));
  v1::Verdict verdict;
  EXPECT_TRUE(
      first.checks().CheckContent(NewContext().get(), ContentRequest("c", "hello"), &verdict).ok());
  // One that was killed leaves its socket, which is no obstacle.
  first.Kill();
  first.Start({"--listen", address});
  first.Stop();
}

TEST(StartupBesideAnother, TheAddressIsNotThisMachines) {
  Winnowd server;
  const Process::Exit exit = server.StartRefused(
      {"--listen", "192.0.2.1:50051", "--set", "server.allow_plaintext_anywhere=true"});
  EXPECT_EQ(exit.code, 6) << exit.err;
  EXPECT_THAT(exit.err, AllOf(HasSubstr("192.0.2.1:50051"), HasSubstr("no interface")));
}

TEST(StartupBesideAnother, TheStoreIsOpenElsewhere) {
  Winnowd first, second;
  first.Start();
  const Process::Exit exit = second.StartRefused({"--data-dir", first.data_dir()});
  EXPECT_EQ(exit.code, 5) << exit.err;
  EXPECT_THAT(exit.err, AllOf(HasSubstr(first.data_dir()), HasSubstr("already open")));
  first.Stop();
}

// ------------------------------------------------------------------------------------------------
// A data directory that cannot be written

// Permissions do not bind root, so that root gives them up first. The program is copied to where
// anybody may read it.
TEST(StartupReadOnly, TheDataDirectoryBelongsToAnother) {
  Winnowd server;
  server.Start();
  server.Stop();
  for (const std::string& path : {server.dir(), server.data_dir()}) {
    ASSERT_EQ(chmod(path.c_str(), 0555), 0);
  }
  for (const auto& entry : fs::recursive_directory_iterator(server.data_dir())) {
    ASSERT_EQ(chmod(entry.path().c_str(), entry.is_directory() ? 0555 : 0444), 0);
  }
  // Its own key it may read, so that it gets as far as the store.
  const std::string key = server.data_dir() + "/page_token.key";
  ASSERT_EQ(chmod(key.c_str(), 0400), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(key.c_str(), 65534, 65534), 0);
  }
  const auto before = Snapshot(server.dir());
  TempDir programs;
  ASSERT_EQ(chmod(programs.path().c_str(), 0755), 0);
  fs::copy_file(WINNOW_BIN_DIR "/winnowd", programs.Sub("winnowd"));
  for (const std::string& data_dir : {server.data_dir(), server.dir() + "/new"}) {
    SCOPED_TRACE(data_dir);
    std::vector<std::string> argv;
    if (geteuid() == 0) {
      argv = {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    }
    for (const std::string& arg :
         {programs.Sub("winnowd"), std::string("--listen"), std::string("127.0.0.1:0"),
          std::string("--data-dir"), data_dir, std::string("--pack"), server.pack_path(),
          std::string("--policy"), server.policy_path(), std::string("--set"),
          std::string("rules.accept_unsigned=true")}) {
      argv.push_back(arg);
    }
    Process process({.argv = argv});
    const auto exit = process.Wait();
    ASSERT_TRUE(exit.has_value());
    EXPECT_EQ(exit->code, 5) << exit->err;
    EXPECT_THAT(exit->err, AllOf(StartsWith("winnowd: "), HasSubstr(data_dir),
                                 HasSubstr("Permission denied")));
  }
  EXPECT_EQ(Snapshot(server.dir()), before);
  for (const std::string& path : {server.dir(), server.data_dir()}) {
    ASSERT_EQ(chmod(path.c_str(), 0755), 0);
  }
}

// The same on a file system that is mounted read-only, in a mount namespace of the process's own.
// Where a machine allows none, /proc stands in, on which nothing can be made either.
TEST(StartupReadOnly, TheFileSystemIsReadOnly) {
  Process probe({.argv = {"/usr/bin/unshare", "--map-root-user", "--mount", "true"}});
  const auto probed = probe.Wait();
  ASSERT_TRUE(probed.has_value());
  if (probed->code != 0) {
    Winnowd server;
    const Process::Exit exit = server.StartRefused({"--data-dir", "/proc/sys/winnow"});
    EXPECT_EQ(exit.code, 5) << exit.err;
    EXPECT_THAT(exit.err, AllOf(StartsWith("winnowd: "), HasSubstr("/proc/sys/winnow")));
    return;
  }
  Winnowd server;
  server.Start();
  server.Stop();
  const auto before = Snapshot(server.dir());
  const std::string script = StrCat(
      "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && exec ", WINNOW_BIN_DIR,
      "/winnowd --listen 127.0.0.1:0 --data-dir \"$1\" --pack \"$2\" --policy \"$3\" "
      "--set rules.accept_unsigned=true");
  Process process({.argv = {"/usr/bin/unshare", "--map-root-user", "--mount", "sh", "-c", script,
                            "sh", server.data_dir(), server.pack_path(), server.policy_path()}});
  const auto exit = process.Wait();
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->code, 5) << exit->err;
  EXPECT_THAT(exit->err, AllOf(StartsWith("winnowd: "), HasSubstr(server.data_dir()),
                               HasSubstr("Read-only file system")));
  EXPECT_EQ(Snapshot(server.dir()), before);
}

// ------------------------------------------------------------------------------------------------
// What needs no server

Process::Exit RunWinnowd(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), WINNOW_BIN_DIR "/winnowd");
  Process process({.argv = arguments});
  return process.Wait().value_or(Process::Exit{});
}

TEST(StartupInformation, HelpTellsFlagsSignalsAndExitCodes) {
  const Process::Exit exit = RunWinnowd({"--help"});
  EXPECT_EQ(exit.code, 0);
  for (const char* part :
       {"--config", "--listen", "--data-dir", "--pack", "--policy", "--set", "--check-config",
        "--print-config", "--print-default-config", "--version", "SIGHUP", "SIGTERM",
        "Exit codes:", "WINNOW__SERVER__LISTEN", "listening on ADDRESS"}) {
    EXPECT_THAT(exit.out, HasSubstr(part));
  }
  for (int code = 0; code <= 6; ++code)
    EXPECT_THAT(exit.out, HasSubstr(StrCat("\n  ", code, "  ")));
}

TEST(StartupInformation, TellsItsVersion) {
  const Process::Exit exit = RunWinnowd({"--version"});
  EXPECT_EQ(exit.code, 0);
  EXPECT_EQ(exit.out, StrCat("winnowd ", Version(), "\n"));
}

TEST(StartupInformation, PrintsConfigurations) {
  const Process::Exit defaults = RunWinnowd({"--print-default-config"});
  EXPECT_EQ(defaults.code, 0);
  EXPECT_THAT(defaults.out, HasSubstr("listen: \"127.0.0.1:50051\"\n"));
  TempDir dir;
  WriteWholeFile(dir.Sub("all.yaml"), defaults.out);
  const Process::Exit again =
      RunWinnowd({"--config", dir.Sub("all.yaml"), "--listen", "[::1]:7", "--print-config"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("listen: \"[::1]:7\"  # from flag --listen\n"));
  EXPECT_THAT(again.out, HasSubstr(StrCat("# from file ", dir.Sub("all.yaml"), ":")));
  EXPECT_THAT(again.out, Not(HasSubstr("# from default")));
}

TEST(StartupInformation, ChecksAConfigurationWithoutTouchingAnything) {
  Winnowd server;
  const Process::Exit exit =
      RunWinnowd({"--check-config", "--data-dir", server.data_dir(), "--pack", server.pack_path(),
                  "--policy", server.policy_path(), "--set", "rules.accept_unsigned=true"});
  EXPECT_EQ(exit.code, 0) << exit.err;
  EXPECT_THAT(exit.out, HasSubstr("packs/test/revisions/"));
  EXPECT_FALSE(fs::exists(server.data_dir()));
}

}  // namespace
}  // namespace winnow
