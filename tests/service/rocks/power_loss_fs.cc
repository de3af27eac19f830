#include "tests/service/rocks/power_loss_fs.h"

#include <gtest/gtest.h>
#include <rocksdb/system_clock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace winnow::rocks {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

IOStatus PowerIsOff() { return IOStatus::IOError("the power is off"); }

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ImpatientClock : public rocksdb::SystemClockWrapper {
 public:
  ImpatientClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int) override { std::this_thread::yield(); }
};

class ImpatientEnv : public rocksdb::EnvWrapper {
 public:
  explicit ImpatientEnv(std::unique_ptr<rocksdb::Env> target) : EnvWrapper(std::move(target)) {
    system_clock_ = std::make_shared<ImpatientClock>();
  }
  const char* Name() const override { return "ImpatientEnv"; }
};

}  // namespace

class PowerLossFileSystem::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(PowerLossFileSystem* fs, InodePtr inode, std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)), fs_(fs), inode_(std::move(inode)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    std::lock_guard lock(fs_->mutex_);
    if (IOStatus s = fs_->Step(); !s.ok()) return s;
    if (fs_->full_) {
      const rocksdb::Slice half(data.data(), data.size() / 2);
      if (IOStatus s = target()->Append(half, options, debug); !s.ok()) return s;
      inode_->size += half.size();
      return IOStatus::NoSpace("While appending to file", inode_->shadow);
    }
    IOStatus s = target()->Append(data, options, debug);
    if (s.ok()) inode_->size += data.size();
    return s;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("only direct writes need this");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(fs_->mutex_);
    if (IOStatus s = fs_->Step(); !s.ok()) return s;
    EXPECT_GE(size, inode_->size) << "a file shrinks: " << inode_->shadow;
    return target()->Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    std::lock_guard lock(fs_->mutex_);
    if (IOStatus s = fs_->Step(); !s.ok()) return s;
    if (fs_->syncs_fail_) return IOStatus::IOError("While fdatasync", inode_->shadow);
    // The bytes need not reach the real disk, only its cache.
    if (IOStatus s = target()->Flush(options, debug); !s.ok()) return s;
    inode_->synced = inode_->size;
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  // A hint to begin writing; promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  bool IsSyncThreadSafe() const override { return true; }

 private:
  PowerLossFileSystem* const fs_;
  const InodePtr inode_;
};

class PowerLossFileSystem::Directory : public rocksdb::FSDirectory {
 public:
  explicit Directory(PowerLossFileSystem* fs) : fs_(fs) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    std::lock_guard lock(fs_->mutex_);
    if (IOStatus s = fs_->Step(); !s.ok()) return s;
    if (fs_->syncs_fail_) return IOStatus::IOError("While fsync of a directory");
    fs_->durable_ = fs_->live_;
    fs_->pending_.clear();
    return IOStatus::OK();
  }

 private:
  PowerLossFileSystem* const fs_;
};

PowerLossFileSystem::PowerLossFileSystem(const std::string& directory, const std::string& shadow)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), directory_(directory), shadow_(shadow) {
  std::lock_guard lock(mutex_);
  if (fs::exists(directory)) {
    for (const auto& entry : fs::directory_iterator(directory)) Track(entry.path(), true);
  }
  durable_ = live_;
  pending_.clear();
}

void PowerLossFileSystem::CutPowerAt(uint64_t n) {
  std::lock_guard lock(mutex_);
  cut_at_ = changes_ + n;
  if (n == 0) off_ = true;
}

bool PowerLossFileSystem::power() const {
  std::lock_guard lock(mutex_);
  return !off_;
}

uint64_t PowerLossFileSystem::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

void PowerLossFileSystem::SetFull(bool full) {
  std::lock_guard lock(mutex_);
  full_ = full;
}

void PowerLossFileSystem::SetSyncsFail(bool fail) {
  std::lock_guard lock(mutex_);
  syncs_fail_ = fail;
}

IOStatus PowerLossFileSystem::Step() {
  if (!off_ && ++changes_ >= cut_at_) off_ = true;
  return off_ ? PowerIsOff() : IOStatus::OK();
}

std::string PowerLossFileSystem::Base(const std::string& path) {
  return fs::path(path).filename().string();
}

PowerLossFileSystem::InodePtr PowerLossFileSystem::Track(const std::string& path, bool synced) {
  auto inode = std::make_shared<Inode>();
  inode->shadow = shadow_ + "/" + std::to_string(next_inode_++);
  fs::create_hard_link(path, inode->shadow);
  inode->size = fs::file_size(path);
  inode->synced = synced ? inode->size : 0;
  Change({Base(path), inode, ""});
  return inode;
}

void PowerLossFileSystem::Apply(const NameChange& change, Names* names) {
  if (!change.from.empty()) names->erase(change.from);
  if (change.inode == nullptr) {
    names->erase(change.name);
  } else {
    (*names)[change.name] = change.inode;
  }
}

void PowerLossFileSystem::Change(NameChange change) {
  Apply(change, &live_);
  pending_.push_back(std::move(change));
}

IOStatus PowerLossFileSystem::NewWritableFile(const std::string& name,
                                              const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                                              IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (IOStatus s = Step(); !s.ok()) return s;
  // A name that is taken gets a new file; the old one's bytes stay under its shadow.
  std::error_code ignored;
  fs::remove(name, ignored);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus s = target()->NewWritableFile(name, options, &file, debug);
  if (!s.ok()) return s;
  *result = std::make_unique<File>(this, Track(name, false), std::move(file));
  return s;
}

IOStatus PowerLossFileSystem::ReopenWritableFile(const std::string& name,
                                                 const rocksdb::FileOptions& options,
                                                 std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                 IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (IOStatus s = Step(); !s.ok()) return s;
  const auto found = live_.find(Base(name));
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus s = target()->ReopenWritableFile(name, options, &file, debug);
  if (!s.ok()) return s;
  InodePtr inode = found != live_.end() ? found->second : Track(name, false);
  *result = std::make_unique<File>(this, std::move(inode), std::move(file));
  return s;
}

IOStatus PowerLossFileSystem::ReuseWritableFile(const std::string&, const std::string&,
                                                const rocksdb::FileOptions&,
                                                std::unique_ptr<rocksdb::FSWritableFile>*,
                                                IODebugContext*) {
  return IOStatus::NotSupported("the store does not recycle logs");
}

IOStatus PowerLossFileSystem::NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                                              std::unique_ptr<rocksdb::FSRandomRWFile>*,
                                              IODebugContext*) {
  return IOStatus::NotSupported("the store writes no file twice");
}

IOStatus PowerLossFileSystem::NewDirectory(const std::string& name, const IOOptions&,
                                           std::unique_ptr<rocksdb::FSDirectory>* result,
                                           IODebugContext*) {
  if (fs::path(name).lexically_normal() != fs::path(directory_).lexically_normal()) {
    return IOStatus::NotSupported("the store has one directory, not " + name);
  }
  *result = std::make_unique<Directory>(this);
  return IOStatus::OK();
}

IOStatus PowerLossFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                         IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (IOStatus s = Step(); !s.ok()) return s;
  IOStatus s = target()->DeleteFile(name, options, debug);
  if (s.ok()) Change({Base(name), nullptr, ""});
  return s;
}

IOStatus PowerLossFileSystem::RenameFile(const std::string& from, const std::string& to,
                                         const IOOptions& options, IODebugContext* debug) {
  std::lock_guard lock(mutex_);
  if (IOStatus s = Step(); !s.ok()) return s;
  IOStatus s = target()->RenameFile(from, to, options, debug);
  if (!s.ok()) return s;
  const auto found = live_.find(Base(from));
  if (found != live_.end()) Change({Base(to), found->second, Base(from)});
  return s;
}

IOStatus PowerLossFileSystem::LinkFile(const std::string&, const std::string&, const IOOptions&,
                                       IODebugContext*) {
  return IOStatus::NotSupported("the store links no files");
}

IOStatus PowerLossFileSystem::Truncate(const std::string&, size_t, const IOOptions&,
                                       IODebugContext*) {
  return IOStatus::NotSupported("the store shortens no file");
}

void PowerLossFileSystem::CopyRemains(const std::string& to, Remains remains, uint64_t seed) const {
  std::lock_guard lock(mutex_);
  EXPECT_TRUE(off_);
  std::mt19937_64 random(seed);
  const auto share = [&](uint64_t most) -> uint64_t {
    switch (remains) {
      case Remains::kNothing:
        return 0;
      case Remains::kAll:
        return most;
      default:
        return random() % (most + 1);
    }
  };
  Names names = durable_;
  const uint64_t kept = share(pending_.size());
  for (uint64_t i = 0; i < kept; ++i) Apply(pending_[i], &names);
  fs::create_directory(to);
  for (const auto& [name, inode] : names) {
    if (name == "LOCK") continue;
    std::string bytes = ReadAll(inode->shadow);
    bytes.resize(std::min<uint64_t>(inode->size, bytes.size()));
    bytes.resize(std::min<uint64_t>(
        bytes.size(), inode->synced + share(inode->size - std::min(inode->size, inode->synced))));
    if (remains == Remains::kHoles) {
      constexpr uint64_t kBlock = 4096;
      // The block that holds the last synced byte may be rewritten, its synced part is there.
      for (uint64_t begin = inode->synced; begin < bytes.size();
           begin = (begin / kBlock + 1) * kBlock) {
        const uint64_t end = std::min<uint64_t>((begin / kBlock + 1) * kBlock, bytes.size());
        if (random() % 3 == 0) {
          std::fill(bytes.begin() + static_cast<ptrdiff_t>(begin),
                    bytes.begin() + static_cast<ptrdiff_t>(end), '\0');
        }
      }
    }
    std::ofstream out(to + "/" + name, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

std::string DisklessDirectory() {
  constexpr char kMemory[] = "/dev/shm";
  std::error_code ignored;
  return access(kMemory, W_OK | X_OK) == 0 ? kMemory : fs::temp_directory_path(ignored).string();
}

std::unique_ptr<rocksdb::Env> NewImpatientEnv(std::shared_ptr<PowerLossFileSystem> fs) {
  return std::make_unique<ImpatientEnv>(rocksdb::NewCompositeEnv(std::move(fs)));
}

}  // namespace winnow::rocks
