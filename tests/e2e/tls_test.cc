// TLS and mutual TLS over a real socket, with certificates made for the test.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/strings.h"
#include "tests/support/test_rules.h"
#include "tests/support/winnowd.h"

namespace winnow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// An authority, what it signed for the server and for a client, and a stranger's.
constexpr char kMakeCertificates[] = R"(
set -e
cd "$1"
new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "$@"; }
new -x509 -days 2 -keyout ca.key -out ca.pem -subj /CN=authority
new -x509 -days 2 -keyout stranger.key -out stranger.pem -subj /CN=stranger
for name in server client; do
  new -keyout $name.key -out $name.csr -subj /CN=$name -addext subjectAltName=IP:127.0.0.1
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -copy_extensions copy -out $name.pem
done
openssl pkcs8 -topk8 -in server.key -out locked.key -passout pass:secret
)";

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    Process openssl({.argv = {"/bin/sh", "-c", kMakeCertificates, "sh", server_.dir()}});
    const auto exit = openssl.Wait();
    ASSERT_TRUE(exit.has_value());
    ASSERT_EQ(exit->code, 0) << exit->err;
  }

  std::string File(std::string_view name) const { return StrCat(server_.dir(), "/", name); }

  std::vector<std::string> Flags(std::string_view certificate, std::string_view key,
                                 std::string_view client_ca = "") const {
    std::vector<std::string> flags = {"--set",
                                      StrCat("server.tls.certificate_file=", File(certificate)),
                                      "--set", StrCat("server.tls.private_key_file=", File(key))};
    if (!client_ca.empty()) {
      flags.push_back("--set");
      flags.push_back(StrCat("server.tls.client_ca_file=", File(client_ca)));
    }
    return flags;
  }

  // One call with these credentials.
  grpc::Status Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(server_.address(), credentials, arguments);
    v1::ActivePack pack;
    return v1::PackService::NewStub(channel)->GetActivePack(NewContext().get(), {}, &pack);
  }

  // `name` is a client's certificate and key; empty: none.
  std::shared_ptr<grpc::ChannelCredentials> Credentials(std::string_view authority,
                                                        std::string_view name = "") const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadWholeFile(File(authority));
    if (!name.empty()) {
      options.pem_cert_chain = ReadWholeFile(File(StrCat(name, ".pem")));
      options.pem_private_key = ReadWholeFile(File(StrCat(name, ".key")));
    }
    return grpc::SslCredentials(options);
  }

  Winnowd server_;
};

TEST_F(Tls, ServesThoseWhoTrustItsAuthority) {
  server_.Start(Flags("server.pem", "server.key"));
  const grpc::Status status = Call(Credentials("ca.pem"));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Call(Credentials("stranger.pem")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(grpc::InsecureChannelCredentials()).error_code(), grpc::StatusCode::UNAVAILABLE);
  // What gRPC has to say of it is a line of the log like any other.
  EXPECT_TRUE(server_.process().WaitForLine("Handshake failed").has_value());
  server_.Stop();
  EXPECT_THAT(server_.process().err(), ::testing::MatchesRegex("(\\{[^\n]*\\}\n)+"));
}

TEST_F(Tls, WithClientAuthoritiesServesTheirClientsOnly) {
  server_.Start(Flags("server.pem", "server.key", "ca.pem"));
  const grpc::Status status = Call(Credentials("ca.pem", "client"));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(Call(Credentials("ca.pem")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(Credentials("ca.pem", "stranger")).error_code(), grpc::StatusCode::UNAVAILABLE);
  server_.Stop();
}

TEST_F(Tls, MayListenBeyondThisMachine) {
  std::vector<std::string> flags = Flags("server.pem", "server.key");
  flags.insert(flags.end(), {"--listen", "0.0.0.0:0"});
  server_.Start(flags);
  server_.Stop();
}

TEST_F(Tls, RefusesFilesThatDoNotFit) {
  WriteWholeFile(File("text.pem"), "hello\n");
  struct Row {
    const char *certificate, *key, *client_ca, *message;
  };
  for (const Row& row : {
           Row{"server.pem", "client.key", "", "give the key of the server's certificate"},
           Row{"text.pem", "server.key", "", "BEGIN CERTIFICATE"},
           Row{"server.key", "server.key", "", "BEGIN CERTIFICATE"},
           Row{"server.pem", "server.pem", "", "BEGIN PRIVATE KEY"},
           Row{"server.pem", "locked.key", "", "without a passphrase"},
           Row{"server.pem", "server.key", "text.pem", "BEGIN CERTIFICATE"},
           Row{"server.pem", "server.key", "none.pem", "readable PEM file"},
       }) {
    SCOPED_TRACE(row.message);
    const Process::Exit exit = server_.StartRefused(Flags(row.certificate, row.key, row.client_ca));
    EXPECT_EQ(exit.code, 3) << exit.err;
    EXPECT_THAT(exit.err, AllOf(HasSubstr(server_.dir()), HasSubstr(row.message)));
  }
}

}  // namespace
}  // namespace winnow
