// The reply to a plain batch, written as bytes at once: all that differs from one clean verdict to
// the next are a few names and numbers.
#pragma once

#include <string>

#include "service/domain/plain_batch.h"

namespace winnow::rpc {

// The bytes of the BatchCheckContentsResponse that PrintVerdict() and PrintStatus() would make of
// it. Pure function; any thread.
std::string PrintPlainOutcome(const domain::PlainBatch& batch, const domain::PlainOutcome& outcome);

}  // namespace winnow::rpc
