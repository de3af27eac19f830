// Appending small structs to vectors without a round trip through memory. Anybody may call it.
#pragma once

#include <vector>

namespace winnow {

// As push_back() of a small struct that is made just there. push_back() may grow, for which the
// struct must have an address: it is written to memory a member at a time and read again at once
// and whole, which waits until all of that has left the store buffer, some 20 cycles.
template <typename T>
inline T& Append(std::vector<T>* vector, T value) {
  if (vector->size() == vector->capacity()) [[unlikely]] {
    vector->reserve(2 * vector->capacity() + 8);
  }
  T& last = vector->emplace_back();
  last = value;
  return last;
}

}  // namespace winnow
