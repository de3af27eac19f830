// One line in the log for each call.
#pragma once

#include "service/grpc/server.h"
#include "service/system/logger.h"

namespace winnow {

enum class AccessLog { kAll, kFailed, kNone };

// A hook that logs method, tenant, code, reason, duration, items and peer; the caller's request id
// and trace id only where they are well formed, since anything else might be text of a user.
// `logger` must outlive the hook. Empty for kNone.
rpc::LogHook MakeAccessLog(system::Logger* logger, AccessLog which);

}  // namespace winnow
