#include "engine/base/deflate.h"

#include <zlib.h>

#include "absl/status/status.h"

namespace winnow {

std::string Deflate(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  // Given room for the bound it fails only without memory; then what comes out says so.
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                Z_DEFAULT_COMPRESSION) != Z_OK) {
    size = 0;
  }
  out.resize(size);
  return out;
}

absl::StatusOr<std::string> Inflate(std::string_view deflated, size_t size) {
  std::string out(size, '\0');
  uLongf made = size;
  uLong read = deflated.size();
  if (uncompress2(reinterpret_cast<Bytef*>(out.data()), &made,
                  reinterpret_cast<const Bytef*>(deflated.data()), &read) != Z_OK ||
      made != size || read != deflated.size()) {
    return absl::DataLossError("the compressed bytes are damaged");
  }
  return out;
}

}  // namespace winnow
