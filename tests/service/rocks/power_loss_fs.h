// A file system that can lose its power: remembers what was synced, and afterwards gives back what
// a disk would hold.
//
// Files are RocksDB's: written once, from front to end. A byte is durable once its file was synced
// behind it; a name (made, renamed, deleted) once its directory was. What was not synced may be
// there or not, as RemainsAfter says.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace winnow::rocks {

// What is left of unsynced bytes and names.
enum class Remains {
  kNothing,  // of either
  kSome,     // a beginning of each file's bytes, a beginning of each directory's changes
  kHoles,    // as kSome, and blocks of those bytes that the disk had not got to yet are zero
  kAll,
};

class PowerLossFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // Works in `directory`, whose present files count as synced. `shadow`, an empty directory of the
  // same file system, keeps deleted files until their deletion is durable.
  PowerLossFileSystem(const std::string& directory, const std::string& shadow);
  const char* Name() const override { return "PowerLossFileSystem"; }

  // The power goes with the n-th change from now on (append, sync, name); it and all later ones
  // fail. Never by default.
  void CutPowerAt(uint64_t n);
  // At once.
  void CutPower() { CutPowerAt(0); }
  bool power() const;
  uint64_t changes() const;  // so far

  // The disk is full from now on, or no longer: appends fail, half of the bytes written.
  void SetFull(bool full);
  // Syncs fail from now on, or no longer.
  void SetSyncsFail(bool fail);

  // Makes `target` (missing) what the disk holds after the power was cut.
  void CopyRemains(const std::string& target, Remains remains, uint64_t seed) const;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& name, size_t size,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  struct Inode {
    std::string shadow;  // a second name for the contents
    uint64_t size = 0;
    uint64_t synced = 0;
  };
  using InodePtr = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePtr>;
  struct NameChange {
    std::string name;
    InodePtr inode;    // null: the name is gone
    std::string from;  // of a rename: goes with the same change
  };

  // All with mutex_ held.
  rocksdb::IOStatus Step();
  InodePtr Track(const std::string& path, bool synced);
  void Change(NameChange change);

  static void Apply(const NameChange& change, Names* names);
  static std::string Base(const std::string& path);

  const std::string directory_;
  const std::string shadow_;
  mutable std::mutex mutex_;
  uint64_t changes_ = 0;
  uint64_t cut_at_ = UINT64_MAX;
  bool off_ = false;
  bool full_ = false;
  bool syncs_fail_ = false;
  uint64_t next_inode_ = 0;
  Names live_;
  Names durable_;
  std::vector<NameChange> pending_;  // what turns durable_ into live_
};

// Where such tests put their files: in memory where the system has that, as no real disk takes
// part.
std::string DisklessDirectory();

// An environment on `fs` in which nobody waits: after a failure RocksDB's background threads would
// sleep a second before they look again.
std::unique_ptr<rocksdb::Env> NewImpatientEnv(std::shared_ptr<PowerLossFileSystem> fs);

}  // namespace winnow::rocks
