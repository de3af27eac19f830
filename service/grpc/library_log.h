// gRPC's own complaints, which it would write to standard error as plain text.
#pragma once

#include <functional>
#include <string_view>

namespace winnow::rpc {

// From now on what gRPC says goes to `hook`, from any thread; an empty one drops it. One for the
// whole process. Returns when no thread is in the hook before it.
using LibraryLogHook = std::function<void(bool is_error, std::string_view message)>;
void SetLibraryLog(LibraryLogHook hook);

}  // namespace winnow::rpc
