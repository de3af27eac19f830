#include "service/grpc/library_log.h"

#include <grpc/support/log.h>

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace winnow::rpc {
namespace {

// Never destroyed: gRPC's threads may speak until the process ends.
struct Log {
  std::shared_mutex mutex;
  LibraryLogHook hook;
};
Log& TheLog() {
  static Log* const log = new Log();
  return *log;
}

void Forward(gpr_log_func_args* args) {
  Log& log = TheLog();
  const std::shared_lock lock(log.mutex);
  if (log.hook) log.hook(args->severity == GPR_LOG_SEVERITY_ERROR, args->message);
}

}  // namespace

void SetLibraryLog(LibraryLogHook hook) {
  Log& log = TheLog();
  {
    const std::unique_lock lock(log.mutex);
    log.hook = std::move(hook);
  }
  gpr_set_log_function(&Forward);
}

}  // namespace winnow::rpc
