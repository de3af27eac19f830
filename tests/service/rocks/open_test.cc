// What RocksStore::Open() says of directories that are damaged, newer, foreign, locked or not to be
// written, and that it leaves them as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/strings.h"
#include "service/rocks/format.h"
#include "service/rocks/rocks_store.h"
#include "tests/service/rocks/crash_process.h"
#include "tests/service/rocks/numbered_commits.h"
#include "tests/support/commit_and_wait.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::rocks {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kCommits = 60;

RocksOptions At(const std::string& path) {
  RocksOptions options;
  options.path = path;
  options.log_bytes_max = 40 << 10;  // makes a few tables and leaves a log with something in it
  options.created_by = "winnow 0.1.0";
  return options;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void WriteAll(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

// The first file that ends or begins so; by size where several do.
std::string FileLike(const std::string& directory, std::string_view begin, std::string_view end) {
  std::string found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    if (found.empty() || fs::file_size(found) < entry.file_size()) found = entry.path();
  }
  EXPECT_FALSE(found.empty()) << "no file " << begin << "*" << end;
  return found;
}

// A store with kCommits commits, closed.
void MakeStore(const std::string& path) {
  auto store = RocksStore::Open(At(path));
  ASSERT_OK(store);
  for (int n = 0; n < kCommits; ++n) {
    auto transaction = (*store)->Begin(Tenant(0));
    WriteCommit(n, transaction.get());
    ASSERT_OK(CommitAndWait(std::move(transaction)));
  }
  ASSERT_OK((*store)->Close());
}

void PutRaw(const std::string& path, std::string_view key, const std::string& value) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  ASSERT_TRUE(db->Put({}, rocksdb::Slice(key.data(), key.size()), value).ok());
}

void FlipBit(const std::string& path, size_t at) {
  std::string bytes = ReadAll(path);
  ASSERT_LT(at, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  WriteAll(path, bytes);
}

// All that matters in a directory: RocksDB's lock and notes are not the store.
std::map<std::string, std::string> Contents(const std::string& directory) {
  std::map<std::string, std::string> contents;
  if (!fs::is_directory(directory)) return contents;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name == "LOCK" || name.starts_with("LOG")) continue;
    contents[name] = ReadAll(entry.path());
  }
  return contents;
}

struct OpenCase {
  std::string name;
  std::function<void(const std::string& path)> make;
  absl::StatusCode code;
  std::vector<std::string> says;
};

// A store of ours to which something is done.
std::function<void(const std::string&)> Store(std::function<void(const std::string&)> then) {
  return [then](const std::string& path) {
    MakeStore(path);
    then(path);
  };
}

const OpenCase kCases[] = {
    {"path is a file",
     [](const std::string& path) { WriteAll(path, "x"); },
     absl::StatusCode::kFailedPrecondition,
     {"is a file"}},
    {"foreign directory",
     [](const std::string& path) {
       fs::create_directory(path);
       WriteAll(path + "/holiday.jpg", "x");
     },
     absl::StatusCode::kFailedPrecondition,
     {"not a Winnow store", "holiday.jpg", "a directory of its own"}},
    {"another program's database",
     [](const std::string& path) { PutRaw(path, "their key", "their value"); },
     absl::StatusCode::kFailedPrecondition,
     {"not a Winnow store"}},
    {"later format",
     Store([](const std::string& path) {
       PutRaw(path, kMetaKey, EncodeMeta({kStoreFormat + 1, "winnow 9.9"}));
     }),
     absl::StatusCode::kFailedPrecondition,
     {"format 2", "winnow 9.9", "up to format 1", "run the version that wrote it"}},
    {"own record damaged",
     Store([](const std::string& path) { PutRaw(path, kMetaKey, "winnow store\nformat 1\n"); }),
     absl::StatusCode::kDataLoss,
     {"own record", "backup"}},
    {"own record gone",
     Store([](const std::string& path) {
       rocksdb::DB* opened = nullptr;
       ASSERT_TRUE(rocksdb::DB::Open({}, path, &opened).ok());
       const std::unique_ptr<rocksdb::DB> db(opened);
       ASSERT_TRUE(db->Delete({}, rocksdb::Slice(kMetaKey.data(), kMetaKey.size())).ok());
     }),
     absl::StatusCode::kFailedPrecondition,
     {"not a Winnow store"}},
    {"CURRENT gone",
     Store([](const std::string& path) { fs::remove(path + "/CURRENT"); }),
     absl::StatusCode::kDataLoss,
     {"CURRENT", "backup"}},
    {"CURRENT empty",
     Store([](const std::string& path) { WriteAll(path + "/CURRENT", ""); }),
     absl::StatusCode::kDataLoss,
     {"backup"}},
    {"CURRENT garbled",
     Store([](const std::string& path) { WriteAll(path + "/CURRENT", "MANIFEST-9999\n"); }),
     absl::StatusCode::kDataLoss,
     {"backup"}},
    {"manifest gone",
     Store([](const std::string& path) { fs::remove(FileLike(path, "MANIFEST-", "")); }),
     absl::StatusCode::kDataLoss,
     {"backup"}},
    {"manifest damaged",
     Store([](const std::string& path) { FlipBit(FileLike(path, "MANIFEST-", ""), 40); }),
     absl::StatusCode::kDataLoss,
     {"backup"}},
    {"manifest empty",
     Store([](const std::string& path) { WriteAll(FileLike(path, "MANIFEST-", ""), ""); }),
     absl::StatusCode::kDataLoss,
     {"backup"}},
    {"table gone",
     Store([](const std::string& path) { fs::remove(FileLike(path, "", ".sst")); }),
     absl::StatusCode::kDataLoss,
     {"No such file", "backup"}},
    {"table cut short",
     Store([](const std::string& path) {
       const std::string table = FileLike(path, "", ".sst");
       fs::resize_file(table, fs::file_size(table) / 2);
     }),
     absl::StatusCode::kDataLoss,
     {".sst", "backup"}},
    {"parent missing",
     [](const std::string& path) { fs::remove(fs::path(path).parent_path()); },
     absl::StatusCode::kNotFound,
     {"parent directory"}},
};

TEST(OpenTest, BadDirectoriesAreRefusedAndLeftAlone) {
  for (const OpenCase& c : kCases) {
    SCOPED_TRACE(c.name);
    TempDir dir;
    fs::create_directory(dir.Sub("parent"));
    const std::string path = dir.Sub("parent/store");
    c.make(path);
    if (HasFatalFailure()) return;
    const auto before = Contents(path);
    for (int attempt = 0; attempt < 2; ++attempt) {
      auto store = RocksStore::Open(At(path));
      EXPECT_THAT(store, StatusIs(c.code, HasSubstr(path)));
      for (const std::string& words : c.says) {
        EXPECT_THAT(std::string(store.status().message()), HasSubstr(words));
      }
    }
    EXPECT_TRUE(Contents(path) == before) << "the directory was changed";
  }
}

TEST(OpenTest, NothingIsMadeUnlessAllowed) {
  TempDir dir;
  RocksOptions options = At(dir.Sub("store"));
  options.create_if_missing = false;
  EXPECT_THAT(RocksStore::Open(options),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("there is no store in")));
  EXPECT_FALSE(fs::exists(options.path));
  fs::create_directory(options.path);
  EXPECT_THAT(RocksStore::Open(options), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(fs::is_empty(options.path));
  options.path.clear();
  EXPECT_THAT(RocksStore::Open(options), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OpenTest, AStoreThatWasNeverFinishedIsMadeAnew) {
  TempDir dir;
  const std::string path = dir.Sub("store");
  fs::create_directory(path);
  fs::create_directory(path + "/lost+found");
  WriteAll(path + "/LOCK", "");
  WriteAll(path + "/MANIFEST-000001", "half of");
  auto store = RocksStore::Open(At(path));
  ASSERT_OK(store);
  auto transaction = (*store)->Begin("acme");
  transaction->Put("k", "v");
  EXPECT_OK(CommitAndWait(std::move(transaction)));
}

TEST(OpenTest, AStoreIsOpenOnceOnly) {
  TempDir dir;
  const std::string path = dir.Sub("store");
  const auto refused = StatusIs(absl::StatusCode::kUnavailable, HasSubstr("already open"));
  {
    CrashProcess other({path, "hold"});
    ASSERT_EQ(other.ReadLine(), "open");
    EXPECT_THAT(RocksStore::Open(At(path)), refused);
  }
  auto store = RocksStore::Open(At(path));
  ASSERT_OK(store);
  EXPECT_THAT(RocksStore::Open(At(path)), refused);
  CrashProcess other({path, "hold"});
  const auto said = other.ReadLine();
  ASSERT_TRUE(said.has_value());
  EXPECT_THAT(*said, HasSubstr("already open"));
  // The attempts did it no harm.
  auto transaction = (*store)->Begin("acme");
  transaction->Put("k", "v");
  EXPECT_OK(CommitAndWait(std::move(transaction)));
}

// Runs `test` as one who may read and write only what everybody may. Only this thread changes: the
// calls behind setresuid() in the C library would change all.
void AsNobody(const std::function<void()>& test) {
  std::thread([&] {
    constexpr long kNobody = 65534;
    if (geteuid() == 0) {
      ASSERT_EQ(syscall(SYS_setresgid, kNobody, kNobody, kNobody), 0);
      ASSERT_EQ(syscall(SYS_setresuid, kNobody, kNobody, kNobody), 0);
    }
    test();
  }).join();
}

TEST(OpenTest, WhatMayNotBeReadOrWrittenIsRefused) {
  TempDir dir;
  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied,
                               HasSubstr("let the user that runs the service"));
  fs::permissions(dir.path(), fs::perms(0555));
  AsNobody([&] { EXPECT_THAT(RocksStore::Open(At(dir.Sub("new"))), denied); });
  fs::permissions(dir.path(), fs::perms(0755));

  const std::string path = dir.Sub("store");
  MakeStore(path);
  const auto before = Contents(path);
  fs::permissions(path, fs::perms(0555));
  AsNobody([&] { EXPECT_THAT(RocksStore::Open(At(path)), denied); });
  fs::permissions(path, fs::perms(0000));
  AsNobody([&] { EXPECT_THAT(RocksStore::Open(At(path)), denied); });
  fs::permissions(path, fs::perms(0777));
  chmod((path + "/LOCK").c_str(), 0666);
  chmod(FileLike(path, "MANIFEST-", "").c_str(), 0000);
  AsNobody([&] { EXPECT_THAT(RocksStore::Open(At(path)), denied); });
  EXPECT_TRUE(Contents(path) == before || geteuid() != 0);
}

// Damage inside a table is met when it is read, not before, and is no absence.
TEST(OpenTest, DamageInATableIsFoundByReading) {
  TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  const std::string table = FileLike(path, "", ".sst");
  FlipBit(table, fs::file_size(table) / 3);
  auto store = RocksStore::Open(At(path));
  ASSERT_OK(store);
  int damaged = 0;
  auto transaction = (*store)->Begin(Tenant(0));
  for (int n = 0; n < kCommits; ++n) {
    std::string key = std::to_string(n);
    key = "a/" + std::string(8 - key.size(), '0') + key;
    auto value = transaction->Get(key);
    if (value.ok()) {
      EXPECT_TRUE(value->has_value()) << key;
    } else {
      EXPECT_THAT(value, StatusIs(absl::StatusCode::kDataLoss, HasSubstr(key)));
      ++damaged;
    }
  }
  const absl::Status scanned =
      transaction->Scan("", "", {}, [](std::string_view, std::string_view) { return true; });
  EXPECT_THAT(scanned, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_LT(damaged, kCommits);
}

TEST(OpenTest, ValuesThatAreNotWhatWasSealedAreRefused) {
  TempDir dir;
  const std::string path = dir.Sub("store");
  MakeStore(path);
  std::string later = SealValue(TenantPrefix("acme") + "later", "v");
  later[0] = kEnvelopeVersion + 1;
  PutRaw(path, TenantPrefix("acme") + "later", later);
  PutRaw(path, TenantPrefix("acme") + "moved", SealValue(TenantPrefix("acme") + "other", "v"));
  PutRaw(path, TenantPrefix("acme") + "sound", SealValue(TenantPrefix("acme") + "sound", "v"));
  auto store = RocksStore::Open(At(path));
  ASSERT_OK(store);
  auto transaction = (*store)->Begin("acme");
  EXPECT_THAT(transaction->Get("later"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                  HasSubstr("a later version wrote it")));
  EXPECT_THAT(transaction->Get("moved"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("moved")));
  EXPECT_OK(transaction->Get("sound"));
}

}  // namespace
}  // namespace winnow::rocks
