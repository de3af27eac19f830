// Lets replies that are given together leave in few packets.
//
// gRPC writes each reply that is finished from a thread of ours with a sendmsg() of its own, and
// through the loopback or a network card the packet costs more than the reply. It has no way to say
// that more is to come. The kernel has: MSG_MORE keeps what it was given for what follows. So this
// room puts its own sendmsg() before the C library's, for the whole program, which adds that flag
// to what a thread sends inside SendTogether() and is the system call everywhere else. Where a gRPC
// of another kind sends by other calls, replies are merely not drawn together.
#pragma once

#include "absl/functional/function_ref.h"

namespace winnow::rpc {

// What is sent is passed on at the latest behind as many sends, so that the other side has work
// while the rest is made.
inline constexpr int kSendsTogetherMax = 16;

// Calls `replies`, which finishes calls. What this thread sends to one TCP connection meanwhile may
// be kept by the kernel until this function returns, until something is sent to another connection
// or until kSendsTogetherMax. Any thread; not to be nested.
void SendTogether(absl::FunctionRef<void()> replies);

}  // namespace winnow::rpc
