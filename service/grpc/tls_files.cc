#include "service/grpc/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"

namespace winnow::rpc {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

absl::StatusOr<std::string> ReadPem(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || content.str().empty()) {
    return absl::InvalidArgumentError(
        StrCat("cannot read the TLS ", what, " from '", path, "': it must be a readable PEM file"));
  }
  return content.str();
}

absl::Status NotPem(const std::string& path, std::string_view what, std::string_view heading) {
  ERR_clear_error();
  return absl::InvalidArgumentError(StrCat("'", path, "' holds no TLS ", what,
                                           " that can be read: it must be a PEM file with a part ",
                                           heading));
}

Bio BioOf(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// A key behind a passphrase is refused: nobody is there to be asked.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<Certificate> FirstCertificate(const std::string& pem, const std::string& path,
                                             std::string_view what) {
  Certificate out(PEM_read_bio_X509(BioOf(pem).get(), nullptr, &NoPassphrase, nullptr));
  if (out == nullptr) return NotPem(path, what, "BEGIN CERTIFICATE");
  return out;
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files) {
  TlsMaterial out;
  ASSIGN_OR_RETURN(out.certificate_chain, ReadPem(files.certificate_chain, "certificate chain"));
  ASSIGN_OR_RETURN(out.private_key, ReadPem(files.private_key, "private key"));
  ASSIGN_OR_RETURN(
      const Certificate certificate,
      FirstCertificate(out.certificate_chain, files.certificate_chain, "certificate chain"));
  const Key key(
      PEM_read_bio_PrivateKey(BioOf(out.private_key).get(), nullptr, &NoPassphrase, nullptr));
  if (key == nullptr) {
    return NotPem(files.private_key, "private key", "BEGIN PRIVATE KEY, without a passphrase");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        StrCat("the TLS private key in '", files.private_key,
               "' is not the one of the first certificate in '", files.certificate_chain,
               "': give the key of the server's certificate, and that certificate first"));
  }
  if (!files.client_ca.empty()) {
    ASSIGN_OR_RETURN(out.client_ca, ReadPem(files.client_ca, "authorities of clients"));
    RETURN_IF_ERROR(
        FirstCertificate(out.client_ca, files.client_ca, "authorities of clients").status());
  }
  return out;
}

}  // namespace winnow::rpc
