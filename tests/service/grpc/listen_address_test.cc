#include "service/grpc/listen_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/strings.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace winnow::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Row {
  const char* address;
  bool valid;
  bool local;
};

TEST(ListenAddress, TellsValidAndLocalOnes) {
  for (const Row& row : {
           Row{"127.0.0.1:50051", true, true},
           Row{"127.9.9.9:0", true, true},
           Row{"localhost:1", true, true},
           Row{"[::1]:50051", true, true},
           Row{"unix:/run/winnow.sock", true, true},
           Row{"0.0.0.0:50051", true, false},
           Row{"[::]:50051", true, false},
           Row{"10.1.2.3:65535", true, false},
           Row{"example.org:443", true, false},
           // Not the loopback network, though it begins like it.
           Row{"127.evil.example:443", true, false},
           Row{"", false, false},
           Row{"50051", false, false},
           Row{":50051", false, false},
           Row{"127.0.0.1", false, false},
           Row{"127.0.0.1:", false, false},
           Row{"127.0.0.1:http", false, false},
           Row{"127.0.0.1:-1", false, false},
           Row{"127.0.0.1:+1", false, false},
           Row{"127.0.0.1: 1", false, false},
           Row{"127.0.0.1:65536", false, false},
           Row{"::1:50051", false, false},
           Row{"[]:50051", false, false},
           Row{"unix:", false, false},
       }) {
    SCOPED_TRACE(row.address);
    EXPECT_EQ(CheckListenAddress(row.address).ok(), row.valid);
    if (row.valid) {
      EXPECT_EQ(IsLocalAddress(row.address), row.local);
    } else {
      EXPECT_THAT(CheckListenAddress(row.address),
                  StatusIs(absl::StatusCode::kInvalidArgument,
                           AllOf(HasSubstr(row.address), HasSubstr("host:port"))));
    }
  }
}

TEST(ListenAddress, SaysThatThePortIsTaken) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::string text = StrCat("127.0.0.1:", ntohs(address.sin_port));
  EXPECT_THAT(TryListen(text), StatusIs(absl::StatusCode::kUnavailable,
                                        AllOf(HasSubstr(text), HasSubstr("another process"))));
  close(fd);
}

TEST(ListenAddress, SaysThatTheAddressIsNotOurs) {
  // TEST-NET-1, which no machine has.
  EXPECT_THAT(TryListen("192.0.2.1:50051"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no interface")));
}

TEST(ListenAddress, SaysWhatIsWrongWithAUnixSocket) {
  TempDir dir;
  EXPECT_THAT(TryListen("unix:" + dir.Sub("none/x.sock")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No such file")));
  EXPECT_THAT(TryListen("unix:" + dir.Sub(std::string(200, 'x'))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("too long")));
  std::ofstream(dir.Sub("file")) << "mine";
  EXPECT_THAT(TryListen("unix:" + dir.Sub("file")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no socket is in the way")));
  // Trying leaves nothing behind.
  EXPECT_OK(TryListen("unix:" + dir.Sub("free.sock")));
  EXPECT_FALSE(std::filesystem::exists(dir.Sub("free.sock")));
}

TEST(ListenAddress, DoesNotTakeAUnixSocketFromWhoeverListensOnIt) {
  TempDir dir;
  const std::string path = dir.Sub("x.sock");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  EXPECT_THAT(TryListen("unix:" + path),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("another process")));
  EXPECT_TRUE(std::filesystem::exists(path));
  close(fd);
  // What a process leaves that died.
  EXPECT_OK(TryListen("unix:" + path));
}

}  // namespace
}  // namespace winnow::rpc
