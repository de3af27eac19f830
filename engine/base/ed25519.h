// Ed25519 (RFC 8032) by OpenSSL: the keys and signatures of packs. Keys are kept as PEM files, as
// `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` make them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace winnow {

inline constexpr size_t kEd25519SignatureBytes = 64;
inline constexpr size_t kEd25519KeyIdBytes = 8;

// Immutable; any thread.
class Ed25519PublicKey {
 public:
  // INVALID_ARGUMENT unless they are 32 bytes.
  static absl::StatusOr<Ed25519PublicKey> FromBytes(std::string_view bytes);
  // Every key of a PEM text, which may hold several. INVALID_ARGUMENT: none, one of another kind, a
  // private one. The message says what is wrong but not with which file.
  static absl::StatusOr<std::vector<Ed25519PublicKey>> FromPem(std::string_view pem);
  std::string ToPem() const;

  const std::string& bytes() const { return bytes_; }
  // What tells keys apart in files and messages: the first 8 bytes of the SHA-256 of the key's 32
  // bytes, raw and in 16 lower-case hexadecimal digits. A hint which key to try, no proof.
  std::string RawId() const;
  std::string Id() const;

  // Whether `signature` was made over `message` with the private half of this key.
  bool Verify(std::string_view message, std::string_view signature) const;

 private:
  explicit Ed25519PublicKey(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

// Movable, so that one copy of the secret is in memory; wiped when it goes.
class Ed25519PrivateKey {
 public:
  // INTERNAL when the system gives no random bytes.
  static absl::StatusOr<Ed25519PrivateKey> Generate();
  // INVALID_ARGUMENT: not a PEM private key, one of another kind, or one behind a passphrase.
  static absl::StatusOr<Ed25519PrivateKey> FromPem(std::string_view pem);
  // PKCS #8, without a passphrase.
  std::string ToPem() const;
  ~Ed25519PrivateKey();
  Ed25519PrivateKey(Ed25519PrivateKey&& other) noexcept;
  Ed25519PrivateKey& operator=(Ed25519PrivateKey&& other) noexcept;

  Ed25519PublicKey public_key() const;
  // 64 bytes; the same key and message always give the same.
  std::string Sign(std::string_view message) const;

 private:
  explicit Ed25519PrivateKey(std::string seed) : seed_(std::move(seed)) {}
  std::string seed_;
};

}  // namespace winnow
