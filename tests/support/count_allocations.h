// Counts what a test program allocates. Linking this replaces the program's operator new.
#pragma once

namespace winnow::test {

// Allocations of the whole program so far. Any thread.
int Allocations();

}  // namespace winnow::test
