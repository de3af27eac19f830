// Signals as something to wait for, on one thread.
#pragma once

namespace winnow::system {

// Keeps SIGHUP, SIGINT and SIGTERM from this thread and all that it starts, and ignores SIGPIPE.
// To be called before the first other thread is started.
void HoldSignals();

// The next of the signals held: waits for it. Only one thread may wait.
int WaitForSignal();

// From now on SIGINT and SIGTERM end the process at once.
void ReleaseStopSignals();

}  // namespace winnow::system
