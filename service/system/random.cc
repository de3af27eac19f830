#include "service/system/random.h"

#include <errno.h>
#include <sys/random.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace winnow::system {

void FillRandom(absl::Span<uint8_t> out) {
  while (!out.empty()) {
    ssize_t n = getrandom(out.data(), out.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      std::fprintf(stderr, "winnow: getrandom: %s\n", std::strerror(errno));
      std::abort();
    }
    out.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace winnow::system
