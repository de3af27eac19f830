#include "service/grpc/reply_group.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace winnow::rpc {
namespace {

struct Group {
  bool open = false;
  int held_fd = -1;  // the connection with sends that the kernel keeps
  int held = 0;
};
thread_local Group group;

// Setting the option, which gRPC has set already, passes on what is kept. Should the connection be
// closed and its number another's by now, this is harmless: a close passes it on as well.
void PassOn() {
  group.held = 0;
  const int fd = std::exchange(group.held_fd, -1);
  const int on = 1;
  if (fd >= 0) (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int MoreToCome(int fd) {
  if (!group.open) return 0;
  if (fd != group.held_fd) PassOn();
  if (++group.held == kSendsTogetherMax) {
    // This one goes, and takes the others along.
    group.held = 0;
    group.held_fd = -1;
    return 0;
  }
  group.held_fd = fd;
  return MSG_MORE;
}

}  // namespace

void SendTogether(absl::FunctionRef<void()> replies) {
  group.open = true;
  replies();
  group.open = false;
  PassOn();
}

}  // namespace winnow::rpc

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return syscall(SYS_sendmsg, fd, message, flags | winnow::rpc::MoreToCome(fd));
}
