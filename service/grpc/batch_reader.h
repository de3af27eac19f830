// Batches as nearly all callers send them, read from their bytes without a message made of each
// item: that alone would cost more than half of what checking a clean one does.
#pragma once

#include <optional>
#include <string_view>

#include "service/domain/plain_batch.h"

namespace winnow::rpc {

// Reads the bytes of a BatchCheckContentsRequest. The batch's views lie in `bytes`; its times,
// `cancelled` and `keep_alive` are the caller's to set.
//
// nullopt for everything that is not plain, well-formed or not: an item with a request id, labels
// or a content time, a field unknown or there twice, an ill-formed string, a parent that names no
// tenant. The generated message then reads it, and says what is wrong with it if anything is. Where
// a batch is given it is what that message would have given. Pure function; any thread. O(bytes).
std::optional<domain::PlainBatch> ReadPlainBatch(std::string_view bytes);

}  // namespace winnow::rpc
