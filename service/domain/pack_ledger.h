// Which release of each pack this server has come to, so that nobody puts an older one in its place
// by handing it over again: a signature stays good, however old its pack is.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "engine/pack/pack.h"
#include "service/domain/ports/store.h"

namespace winnow::domain {

// Thread safe. Kept in the store, under the server's own name.
class PackLedger {
 public:
  explicit PackLedger(Store* store) : store_(store) {}

  // Whether the pack may come into use, and notes its release when it may; packs that nobody signed
  // have none and always may. Waits for the disk: never on a gRPC thread. `source` is where the
  // pack came from, for messages. With `allow_rollback` any release may, and is the one to go on
  // from.
  //   FAILED_PRECONDITION  PACK_ROLLED_BACK     a greater sequence number was in use before
  //                        PACK_SEQUENCE_REUSED another revision with the same number was
  //   and those of a store that fails
  absl::Status Admit(const pack::PackInfo& pack, std::string_view source, bool allow_rollback);

 private:
  Store* const store_;
};

}  // namespace winnow::domain
