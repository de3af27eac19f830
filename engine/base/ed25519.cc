#include "engine/base/ed25519.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <climits>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"

namespace winnow {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr std::string_view kBegin = "-----BEGIN ";

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

Bio Reading(std::string_view text) {
  return Bio(
      BIO_new_mem_buf(text.data(), text.size() > INT_MAX ? 0 : static_cast<int>(text.size())));
}

// OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::string Written(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

Key PublicHandle(std::string_view bytes) {
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size()));
}
Key PrivateHandle(std::string_view seed) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()));
}

absl::Status WrongKind(const EVP_PKEY* key) {
  return absl::InvalidArgumentError(
      StrCat("its key is of kind ", OBJ_nid2sn(EVP_PKEY_base_id(key)),
             ", and packs are signed with Ed25519; make one with `winnow pack keygen`"));
}

absl::Status NoPublicKeys() {
  return absl::InvalidArgumentError(
      "it is no PEM file of public keys; `winnow pack keygen` writes one");
}

}  // namespace

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::FromBytes(std::string_view bytes) {
  if (bytes.size() != kKeyBytes || PublicHandle(bytes) == nullptr) {
    return absl::InvalidArgumentError("an Ed25519 public key is 32 bytes");
  }
  return Ed25519PublicKey(std::string(bytes));
}

absl::StatusOr<std::vector<Ed25519PublicKey>> Ed25519PublicKey::FromPem(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != pem.npos) {
    return absl::InvalidArgumentError(
        "it holds a private key, which stays with who signs; name the public one");
  }
  std::vector<Ed25519PublicKey> keys;
  // Each block by itself: OpenSSL does not tell the end of a text from a damaged block.
  for (size_t at = pem.find(kBegin); at != pem.npos; at = pem.find(kBegin, at + kBegin.size())) {
    const std::string_view block = pem.substr(at, pem.find(kBegin, at + kBegin.size()) - at);
    const Key key(PEM_read_bio_PUBKEY(Reading(block).get(), nullptr, NoPassphrase, nullptr));
    ERR_clear_error();
    if (key == nullptr) return NoPublicKeys();
    if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_ED25519) return WrongKind(key.get());
    std::string bytes(kKeyBytes, '\0');
    size_t size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(key.get(), Bytes(bytes), &size) != 1 || size != kKeyBytes) {
      return NoPublicKeys();
    }
    keys.push_back(Ed25519PublicKey(std::move(bytes)));
  }
  if (keys.empty()) return NoPublicKeys();
  return keys;
}

std::string Ed25519PublicKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), PublicHandle(bytes_).get());
  return Written(bio);
}

std::string Ed25519PublicKey::RawId() const { return Sha256(bytes_).substr(0, kEd25519KeyIdBytes); }

std::string Ed25519PublicKey::Id() const { return absl::BytesToHexString(RawId()); }

bool Ed25519PublicKey::Verify(std::string_view message, std::string_view signature) const {
  const Key key = PublicHandle(bytes_);
  const Context context(EVP_MD_CTX_new());
  const bool good =
      signature.size() == kEd25519SignatureBytes &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                       message.size()) == 1;
  ERR_clear_error();
  return good;
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::Generate() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  std::string seed(kKeyBytes, '\0');
  size_t size = seed.size();
  if (key == nullptr || EVP_PKEY_get_raw_private_key(key.get(), Bytes(seed), &size) != 1) {
    ERR_clear_error();
    return absl::InternalError("OpenSSL cannot make a key");
  }
  return Ed25519PrivateKey(std::move(seed));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromPem(std::string_view pem) {
  const Bio bio = Reading(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        pem.find("ENCRYPTED") != pem.npos
            ? "its key is behind a passphrase, which is not asked for here; decrypt it with "
              "`openssl "
              "pkey` into a file of your own"
            : "it is no PEM file of a private key; `winnow pack keygen` writes one");
  }
  if (EVP_PKEY_base_id(key.get()) != EVP_PKEY_ED25519) return WrongKind(key.get());
  std::string seed(kKeyBytes, '\0');
  size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(key.get(), Bytes(seed), &size) != 1 || size != kKeyBytes) {
    return absl::InvalidArgumentError("its key cannot be read");
  }
  return Ed25519PrivateKey(std::move(seed));
}

std::string Ed25519PrivateKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), PrivateHandle(seed_).get(), nullptr, nullptr, 0, nullptr,
                                nullptr);
  return Written(bio);
}

// A short string lies in the object itself, so a move copies it.
Ed25519PrivateKey::Ed25519PrivateKey(Ed25519PrivateKey&& other) noexcept : seed_(other.seed_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

Ed25519PrivateKey& Ed25519PrivateKey::operator=(Ed25519PrivateKey&& other) noexcept {
  std::swap(seed_, other.seed_);
  return *this;
}

Ed25519PrivateKey::~Ed25519PrivateKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

Ed25519PublicKey Ed25519PrivateKey::public_key() const {
  std::string bytes(kKeyBytes, '\0');
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(PrivateHandle(seed_).get(), Bytes(bytes), &size);
  return *Ed25519PublicKey::FromBytes(bytes);
}

std::string Ed25519PrivateKey::Sign(std::string_view message) const {
  const Key key = PrivateHandle(seed_);
  const Context context(EVP_MD_CTX_new());
  std::string signature(kEd25519SignatureBytes, '\0');
  size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
  EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(message), message.size());
  return signature;
}

}  // namespace winnow
