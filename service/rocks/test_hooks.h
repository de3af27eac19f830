// What tests put under the store. Inside the room and its tests only.
#pragma once

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace winnow::rocks {

struct TestHooks {
  // Instead of the operating system's files; must outlive the store. Making a missing directory
  // does not go through it.
  rocksdb::Env* env = nullptr;
  // Acknowledges without syncing anything, so that an acknowledged commit is not durable at all.
  bool never_sync = false;
};

}  // namespace winnow::rocks
