#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "service/rocks/rocks_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_conformance.h"
#include "tests/support/temp_dir.h"

namespace winnow::rocks {
namespace {

// A store that removes its directory at the end.
class Disposable : public domain::Store {
 public:
  static std::unique_ptr<domain::Store> Make(RocksOptions options) {
    auto out = std::make_unique<Disposable>();
    options.path = out->dir_.Sub("store");
    auto opened = RocksStore::Open(options);
    EXPECT_OK(opened);
    if (!opened.ok()) return nullptr;
    out->store_ = *std::move(opened);
    return out;
  }
  std::unique_ptr<domain::Transaction> Begin(std::string_view tenant) override {
    return store_->Begin(tenant);
  }
  absl::Status Health() const override { return store_->Health(); }

 private:
  TempDir dir_;
  std::unique_ptr<RocksStore> store_;
};

RocksOptions SmallLogs() {
  RocksOptions options;
  options.log_bytes_max = 4 << 10;
  options.relaxed_sync_interval = absl::Milliseconds(1);
  return options;
}

RocksOptions OneByOne() {
  RocksOptions options;
  options.batch_bytes_max = 1;
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    , StoreConformanceTest,
    testing::Values(StoreFactory{"rocks", [] { return Disposable::Make({}); }},
                    StoreFactory{"small_logs", [] { return Disposable::Make(SmallLogs()); }},
                    StoreFactory{"one_by_one", [] { return Disposable::Make(OneByOne()); }}),
    StoreFactoryName);

}  // namespace
}  // namespace winnow::rocks
