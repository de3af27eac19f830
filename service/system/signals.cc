#include "service/system/signals.h"

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <initializer_list>

namespace winnow::system {
namespace {

sigset_t Set(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void HoldSignals() {
  const sigset_t held = Set({SIGHUP, SIGINT, SIGTERM});
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int WaitForSignal() {
  const sigset_t held = Set({SIGHUP, SIGINT, SIGTERM});
  int number = 0;
  while (sigwait(&held, &number) == EINTR) {
  }
  return number;
}

void ReleaseStopSignals() {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  const sigset_t stop = Set({SIGINT, SIGTERM});
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
}

}  // namespace winnow::system
