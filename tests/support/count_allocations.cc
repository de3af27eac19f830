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

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++winnow::test::allocations;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  if (void* p = operator new(size, std::nothrow)) return p;
  std::abort();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
