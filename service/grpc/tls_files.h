// Certificate and keys, read and checked before gRPC sees them: gRPC says nothing of what is wrong.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/grpc/server.h"

namespace winnow::rpc {

struct TlsMaterial {
  std::string certificate_chain, private_key, client_ca;  // PEM; client_ca may be empty
};

// INVALID_ARGUMENT naming file and remedy: a file that cannot be read, that holds no certificate or
// key in PEM, or a key of another certificate.
absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files);

}  // namespace winnow::rpc
