// The domain's verdicts as API messages.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "service/domain/verdict.h"
#include "winnow/v1/types.pb.h"

namespace winnow::rpc {

// `out` must be empty.
void PrintVerdict(const domain::Verdict& verdict, v1::Verdict* out);

void PrintTime(absl::Time time, google::protobuf::Timestamp* out);

}  // namespace winnow::rpc
