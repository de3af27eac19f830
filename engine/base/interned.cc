#include "engine/base/interned.h"

#include <mutex>
#include <set>

namespace winnow {

std::string_view Interned::Store(std::string_view text) {
  static std::mutex mutex;
  static auto* texts = new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  auto it = texts->find(text);
  if (it == texts->end()) it = texts->emplace(text).first;
  return *it;
}

}  // namespace winnow
