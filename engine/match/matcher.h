// Scans Blocks with a Program. OK with no matches means that everything fed was scanned and is
// clean.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "engine/match/program.h"
#include "engine/text/normalizer.h"
#include "engine/text/span.h"

namespace winnow::match {

class HitTable;

// One match of one rule.
struct RuleMatch {
  uint32_t rule = 0;
  uint32_t field = 0;
  text::View view = text::View::kFolded;
  text::Place place;
  // The match in the caller's coordinates and its surroundings were noted when its block was at
  // hand.
  uint64_t begin = 0, end = 0;  // MatcherOptions::Positions' units
  std::string excerpt;
  uint32_t excerpt_begin = 0, excerpt_end = 0;
};

struct ScanOutcome {
  // By field, place, rule. Of more than matches_max the first, but one of each rule that matched as
  // long as there is room for so many rules.
  std::vector<RuleMatch> matches;
  uint64_t match_count = 0;  // with those not kept
  struct RuleCount {
    uint32_t rule = 0;
    uint64_t matches = 0;
  };
  std::vector<RuleCount> rules;  // every rule that matched, in order of its first match
  bool hits_dropped = false;     // conditions may have been judged on incomplete hits: not "clean"
};

// Working memory of one scan at a time: Hyperscan scratch, hit lists. Keep one a thread; it adapts
// to whichever Program it is used with, and gives back what only a flood of hits needed. After an
// error begin again with Begin(). Not thread safe.
class Matcher {
 public:
  static std::unique_ptr<Matcher> Create();
  virtual ~Matcher() = default;

  static constexpr uint32_t kExcerptContextMax = 256;
  struct Options {
    uint32_t surfaces = ~0u;  // bit of the surface checked
    uint32_t matches_max = 1000;
    // A bit a rule, all of the program's: these are not judged. Null: all are. Must live until
    // Finish().
    const uint64_t* unheard = nullptr;
    // A field's hits kept. Beyond it each pattern is heard a few times more, so that a flood of one
    // cannot hide another; what is not heard sets ScanOutcome::hits_dropped.
    uint32_t hits_max = 1u << 18;
    bool excerpts = false;
    uint32_t excerpt_context_chars = 24;  // at most kExcerptContextMax
    text::OffsetUnit unit = text::OffsetUnit::kBytes;
    // Asked between the rules that EndField() judges; may be null. Must live until Finish().
    const std::function<bool()>* expired = nullptr;
    // For authors who ask why: given every hit of a field, of whatever no rule waits for as well,
    // before EndField() judges. The table lives for the call. May be null; must live until
    // Finish().
    const std::function<void(const HitTable&)>* inspect = nullptr;
  };
  // Begins a content. `program` and `options` must live until Finish().
  virtual absl::Status Begin(const Program& program, const Options& options) = 0;
  absl::Status Begin(const Program& program, Options&& options) = delete;

  // Begins a field, whose Blocks are then fed in order.
  virtual void BeginField(uint32_t field) = 0;
  // `to_source` maps spans of the block's decoded text to the caller's bytes; called only for
  // matches and only for OffsetUnit::kBytes. INTERNAL when the library fails.
  virtual absl::Status Feed(const text::Block& block,
                            absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) = 0;
  // Judges the conditions of this field. DEADLINE_EXCEEDED when `expired` said so.
  virtual absl::Status EndField() = 0;

  // Ends the content. `outcome` need not be empty.
  virtual absl::Status Finish(ScanOutcome* outcome) = 0;
};

}  // namespace winnow::match
