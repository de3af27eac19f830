// A secret that winnowd makes once and keeps in its data directory.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace winnow::system {

// The `bytes` secret bytes in `path`; when there is no such file, makes it from random bytes,
// readable by its owner only, and syncs it, so that every later start finds the same secret. Two
// processes that make it at once get the same secret. FAILED_PRECONDITION: others than the owner
// may read it. DATA_LOSS: it has another length. PERMISSION_DENIED, NOT_FOUND (the folder) and
// others: as the system said. Each message names path and remedy.
absl::StatusOr<std::string> ReadOrMakeSecretFile(const std::string& path, size_t bytes);

}  // namespace winnow::system
