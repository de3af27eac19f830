// Hyperscan by itself, as a peer.
#pragma once

#include <hs.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::bench {

// Terms compiled as literals, with a scratch. Aborts with a message when the library fails. Not
// thread safe.
class BareHyperscan {
 public:
  explicit BareHyperscan(const std::vector<std::string>& terms);
  ~BareHyperscan();
  BareHyperscan(const BareHyperscan&) = delete;
  BareHyperscan& operator=(const BareHyperscan&) = delete;

  // Calls `on_hit` as hs_scan() does: with a term's number and where a hit of it ends.
  void Scan(std::string_view text, match_event_handler on_hit, void* context) const;
  // Counts hits.
  size_t Count(std::string_view text) const;

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};

}  // namespace winnow::bench
