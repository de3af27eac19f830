#include "tests/support/count_allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace winnow::test {
namespace {
std::atomic<int> allocations{0};
}  // namespace

int Allocations() { return allocations; }

}  // namespace winnow::test

void* operator new(std::size_t size) {
  ++winnow::test::allocations;
  if (void* p = std::malloc(size)) return p;
  std::abort();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
