// Record ids, passed in so that tests own them.
#pragma once

#include <string>

namespace winnow::domain {

class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  // A UUIDv7 (RFC 9562), lower-case text; ids of one process ascend.
  virtual std::string NewId() = 0;
};

}  // namespace winnow::domain
