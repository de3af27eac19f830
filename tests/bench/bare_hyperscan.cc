#include "tests/bench/bare_hyperscan.h"

#include <cstdio>
#include <cstdlib>

namespace winnow::bench {
namespace {

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "Hyperscan %s\n", what);
  std::abort();
}

}  // namespace

BareHyperscan::BareHyperscan(const std::vector<std::string>& terms) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags(terms.size(), 0), ids;
  std::vector<size_t> lengths;
  for (const std::string& term : terms) {
    ids.push_back(static_cast<unsigned>(ids.size()));
    texts.push_back(term.data());
    lengths.push_back(term.size());
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), terms.size(),
                           HS_MODE_BLOCK, nullptr, &database_, &error) != HS_SUCCESS ||
      hs_alloc_scratch(database_, &scratch_) != HS_SUCCESS) {
    Die("does not compile the terms");
  }
}

BareHyperscan::~BareHyperscan() {
  hs_free_scratch(scratch_);
  hs_free_database(database_);
}

void BareHyperscan::Scan(std::string_view text, match_event_handler on_hit, void* context) const {
  if (hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_, on_hit,
              context) != HS_SUCCESS) {
    Die("does not scan");
  }
}

size_t BareHyperscan::Count(std::string_view text) const {
  size_t hits = 0;
  Scan(
      text,
      [](unsigned, unsigned long long, unsigned long long, unsigned, void* count) {
        ++*static_cast<size_t*>(count);
        return 0;
      },
      &hits);
  return hits;
}

}  // namespace winnow::bench
