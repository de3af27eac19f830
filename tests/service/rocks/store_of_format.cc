#include "tests/service/rocks/store_of_format.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <memory>

#include "service/rocks/format.h"

namespace winnow::rocks {

void SetStoreFormat(const std::string& path, uint32_t format) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, path, &opened);
  ASSERT_TRUE(status.ok()) << status.ToString();
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  status = db->Put(synced, rocksdb::Slice(kMetaKey.data(), kMetaKey.size()),
                   EncodeMeta({.format = format, .created_by = "a test"}));
  ASSERT_TRUE(status.ok()) << status.ToString();
  status = db->Close();
  ASSERT_TRUE(status.ok()) << status.ToString();
}

}  // namespace winnow::rocks
