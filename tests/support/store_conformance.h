// What every implementation of service/domain/ports/store.h must do. Link winnow_store_conformance
// and instantiate:
//
//   INSTANTIATE_TEST_SUITE_P(Fake, StoreConformanceTest,
//                            testing::Values(StoreFactory{"fake", [] { ... }}), StoreFactoryName);
//
// The stores must complete commits on threads of their own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "service/domain/ports/store.h"

namespace winnow {

struct StoreFactory {
  std::string name;
  // An empty store. What it needs on disk is its own to clean up.
  std::function<std::unique_ptr<domain::Store>()> make;
};

inline std::string StoreFactoryName(const testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
}
inline void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }

class StoreConformanceTest : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override;
  std::unique_ptr<domain::Store> store_;
};

}  // namespace winnow
