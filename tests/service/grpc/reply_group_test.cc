#include "service/grpc/reply_group.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace winnow::rpc {
namespace {

// Two ends of a TCP connection as gRPC has them.
class Connection {
 public:
  Connection() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    receiver_ = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(receiver_, reinterpret_cast<sockaddr*>(&address), size), 0);
    sender_ = accept(listener, nullptr, nullptr);
    const int on = 1;
    EXPECT_EQ(setsockopt(sender_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    close(listener);
  }
  ~Connection() {
    close(receiver_);
    close(sender_);
  }

  void Send(std::string_view bytes) const {
    iovec piece = {const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message = {};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    EXPECT_EQ(sendmsg(sender_, &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }

  // What has arrived; through the loopback that is what was passed on.
  std::string Arrived() const {
    char buffer[256];
    const ssize_t size = recv(receiver_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size >= 0) return std::string(buffer, static_cast<size_t>(size));
    EXPECT_TRUE(errno == EAGAIN || errno == EWOULDBLOCK);
    return "";
  }

 private:
  int receiver_ = -1, sender_ = -1;
};

TEST(ReplyGroupTest, OutsideOfAGroupNothingIsKept) {
  Connection connection;
  connection.Send("a");
  EXPECT_EQ(connection.Arrived(), "a");
  SendTogether([] {});
  connection.Send("b");
  EXPECT_EQ(connection.Arrived(), "b");
}

TEST(ReplyGroupTest, AGroupLeavesTogetherAtItsEnd) {
  Connection connection;
  SendTogether([&] {
    connection.Send("a");
    connection.Send("b");
    EXPECT_EQ(connection.Arrived(), "");
    connection.Send("c");
  });
  EXPECT_EQ(connection.Arrived(), "abc");
}

TEST(ReplyGroupTest, AFullGroupLeavesAtOnce) {
  Connection connection;
  SendTogether([&] {
    std::string sent;
    for (int i = 0; i < kSendsTogetherMax; ++i) {
      EXPECT_EQ(connection.Arrived(), "");
      connection.Send("x");
      sent += "x";
    }
    EXPECT_EQ(connection.Arrived(), sent);
    connection.Send("y");
    EXPECT_EQ(connection.Arrived(), "");
  });
  EXPECT_EQ(connection.Arrived(), "y");
}

TEST(ReplyGroupTest, AnotherConnectionPassesTheFirstOn) {
  Connection first, second;
  SendTogether([&] {
    first.Send("a");
    second.Send("b");
    EXPECT_EQ(first.Arrived(), "a");
    EXPECT_EQ(second.Arrived(), "");
    first.Send("c");
    EXPECT_EQ(second.Arrived(), "b");
  });
  EXPECT_EQ(first.Arrived(), "c");
}

TEST(ReplyGroupTest, WhatIsNoTcpConnectionIsSentAsEver) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  SendTogether([&] {
    iovec piece = {const_cast<char*>("a"), 1};
    msghdr message = {};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    EXPECT_EQ(sendmsg(ends[0], &message, 0), 1);
    char byte = 0;
    EXPECT_EQ(recv(ends[1], &byte, 1, MSG_DONTWAIT), 1);
  });
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace winnow::rpc
