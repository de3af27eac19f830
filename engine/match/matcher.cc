#include "engine/match/matcher.h"

#include <hs.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/conditions.h"
#include "engine/match/program_impl.h"
#include "engine/text/utf8.h"

namespace winnow::match {
namespace {

// Context of hits that conditions may report is noted while the text is at hand; for more hits than
// this in one field nobody reads it.
constexpr size_t kPiecesMax = 20000;
// The longest excerpt in bytes; longer hulls lose their middle.
constexpr size_t kExcerptBytesMax = 1024;
constexpr std::string_view kEllipsis = " … ";

// Once a field has hits_max hits, each pattern is heard this many times more.
constexpr uint8_t kFloodHits = 16;
// Buffers that grew beyond this many hits are given back after the content.
constexpr size_t kHitsKept = 4096;
// How many programs a matcher remembers its scratch to fit: packs alternate on a thread.
constexpr size_t kProgramsFitted = 8;

struct RawHit {
  uint32_t leaf;
  uint32_t end;
};

struct RawHits {
  std::vector<RawHit> hits;
  size_t room = 0;               // how many more may come before it is a flood
  std::vector<uint8_t> by_leaf;  // hits since it is one
  size_t leaf_count = 0;
  bool dropped = false;
  bool inconsistent = false;  // a pattern hit that the conditions do not know
};

int OnHit(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  RawHits* raw = static_cast<RawHits*>(context);
  if (id >= raw->leaf_count) {
    raw->inconsistent = true;
    return 1;
  }
  if (raw->room == 0) {
    if (raw->by_leaf.empty()) raw->by_leaf.resize(raw->leaf_count);
    if (raw->by_leaf[id] >= kFloodHits) {
      raw->dropped = true;
      return 0;
    }
    ++raw->by_leaf[id];
  } else {
    --raw->room;
  }
  raw->hits.push_back({id, static_cast<uint32_t>(to)});
  return 0;
}

struct Spans {
  std::vector<text::ViewSpan> spans;
  size_t room = 0;
  bool dropped = false;
};

int OnSpan(unsigned, unsigned long long from, unsigned long long to, unsigned, void* context) {
  Spans* found = static_cast<Spans*>(context);
  if (found->room == 0) {
    found->dropped = true;
    return 1;
  }
  --found->room;
  found->spans.push_back({static_cast<uint32_t>(from), static_cast<uint32_t>(to)});
  return 0;
}

// Text around a hit, as it was fed.
struct Piece {
  uint64_t text_begin = 0;
  std::string text;
  uint64_t text_end() const { return text_begin + text.size(); }
};

class HsMatcher final : public Matcher {
 public:
  absl::Status Begin(const Program& program, const Options& options) override {
    program_ = &static_cast<const CompiledProgram&>(program);
    options_ = options;
    outcome_.matches.clear();
    outcome_.rules.clear();
    outcome_.match_count = 0;
    outcome_.hits_dropped = false;
    had_hits_ = false;
    options_.excerpt_context_chars = std::min(options_.excerpt_context_chars, kExcerptContextMax);
    if (awake_.size() < program_->spec.nodes.size()) awake_.resize(program_->spec.nodes.size());
    return FitScratch();
  }

  void BeginField(uint32_t field) override {
    field_ = field;
    raw_.leaf_count = program_->spec.leaves.size();
    raw_.dropped = false;
    hits_.clear();
    pieces_.clear();
    raw_.by_leaf.clear();
  }

  absl::Status Feed(const text::Block& block,
                    absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) override {
    for (int v = 0; v < text::kViewCount; ++v) {
      const CompiledProgram::ViewDatabases& databases = program_->databases[v];
      const std::string_view text = block.view(static_cast<text::View>(v));
      if (text.empty()) continue;
      if (databases.literals) {
        RETURN_IF_ERROR(Scan(databases.literals.get(), text));
        if (!raw_.hits.empty()) {
          RETURN_IF_ERROR(KeepLiterals(block, static_cast<text::View>(v), to_source));
        }
      }
      if (databases.regexes) {
        RETURN_IF_ERROR(Scan(databases.regexes.get(), text));
        if (!raw_.hits.empty()) {
          RETURN_IF_ERROR(KeepRegexes(block, static_cast<text::View>(v), to_source));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status EndField() override {
    outcome_.hits_dropped |= raw_.dropped;
    if (hits_.empty()) return absl::OkStatus();
    const HitTable table(&hits_);
    candidates_.clear();
    ++mark_;
    for (size_t i = 0; i < hits_.size(); ++i) {
      if (i > 0 && hits_[i].leaf == hits_[i - 1].leaf) continue;
      for (uint32_t node : program_->NodesOf(hits_[i].leaf)) Wake(node);
    }
    found_.clear();
    for (uint32_t rule : candidates_) {
      if (options_.expired != nullptr && *options_.expired && (*options_.expired)()) {
        return absl::DeadlineExceededError("the time allowed for the check ran out");
      }
      EvaluateRule(program_->spec, program_->spec.rules[rule], table, &occurrences_);
      for (const Occurrence& occurrence : occurrences_) found_.push_back({rule, occurrence});
    }
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      const text::TextSpan& x = a.at.place.text;
      const text::TextSpan& y = b.at.place.text;
      if (x.begin != y.begin) return x.begin < y.begin;
      if (x.end != y.end) return x.end < y.end;
      return a.rule < b.rule;
    });
    outcome_.match_count += found_.size();
    for (const Found& found : found_) {
      const bool first = Count(found.rule);
      if (outcome_.matches.size() >= options_.matches_max && !(first && MakeRoom())) continue;
      RuleMatch match;
      match.rule = found.rule;
      match.field = field_;
      match.view = found.at.view;
      match.place = found.at.place;
      match.begin = found.at.begin;
      match.end = found.at.end;
      if (options_.excerpts) WriteExcerpt(found.at, &match);
      outcome_.matches.push_back(std::move(match));
    }
    return absl::OkStatus();
  }

  absl::Status Finish(ScanOutcome* outcome) override {
    std::swap(*outcome, outcome_);
    program_ = nullptr;
    if (!had_hits_) return absl::OkStatus();
    GiveBack(&raw_.hits);
    GiveBack(&raw_.by_leaf);
    GiveBack(&spans_.spans);
    GiveBack(&hits_);
    GiveBack(&pieces_);
    GiveBack(&occurrences_);
    GiveBack(&found_);
    return absl::OkStatus();
  }

 private:
  struct Found {
    uint32_t rule;
    Occurrence at;
  };
  struct Awake {
    uint64_t mark = 0;  // the field the count is of
    uint32_t helpers = 0;
  };

  // Counts a helper of the node; once it has all it needs, wakes what it helps. A rule whose root
  // wakes is a candidate.
  void Wake(uint32_t node) {
    for (;;) {
      const CompiledProgram::Waking& waking = program_->waking()[node];
      Awake& awake = awake_[node];
      if (awake.mark != mark_) awake = {mark_, 0};
      if (awake.helpers == waking.needed || ++awake.helpers < waking.needed) return;
      if (waking.parent == CompiledProgram::kNone) {
        if (program_->spec.rules[waking.rule].surfaces & options_.surfaces) {
          candidates_.push_back(waking.rule);
        }
        return;
      }
      node = waking.parent;
    }
  }

  // Notes a match of `rule`; true when it is the first in this content.
  bool Count(uint32_t rule) {
    for (ScanOutcome::RuleCount& count : outcome_.rules) {
      if (count.rule != rule) continue;
      ++count.matches;
      return false;
    }
    outcome_.rules.push_back({rule, 1});
    return true;
  }

  // Drops the last match whose rule has another; false when each is its rule's only one.
  bool MakeRoom() {
    std::vector<RuleMatch>& matches = outcome_.matches;
    for (size_t i = matches.size(); i-- > 0;) {
      for (size_t j = 0; j < i; ++j) {
        if (matches[j].rule != matches[i].rule) continue;
        matches.erase(matches.begin() + static_cast<ptrdiff_t>(i));
        return true;
      }
    }
    return false;
  }

  template <typename T>
  static void GiveBack(std::vector<T>* buffer) {
    if (buffer->capacity() > kHitsKept) std::vector<T>().swap(*buffer);
  }

  // Scratch only ever grows, so what fits a program once fits it always, unless it was freed.
  absl::Status FitScratch() {
    const uint64_t serial = program_->serial();
    if (fitted_[0] == serial) return absl::OkStatus();
    const auto known = std::find(fitted_.begin(), fitted_.end(), serial);
    if (known != fitted_.end()) {
      std::rotate(fitted_.begin(), known, known + 1);
      return absl::OkStatus();
    }
    hs_scratch_t* scratch = scratch_.release();
    hs_error_t error = HS_SUCCESS;
    program_->ForEachDatabase([&](hs_database_t* db) {
      if (error == HS_SUCCESS) error = hs_alloc_scratch(db, &scratch);
    });
    scratch_.reset(scratch);
    if (error != HS_SUCCESS) {
      fitted_ = {};
      return absl::InternalError(
          StrCat("no working memory for the scan (hs_alloc_scratch: ", error, ")"));
    }
    std::rotate(fitted_.begin(), fitted_.end() - 1, fitted_.end());
    fitted_[0] = serial;
    return absl::OkStatus();
  }

  absl::Status Scan(const hs_database_t* db, std::string_view text) {
    raw_.hits.clear();
    // Hits that were not kept, such as another block's, take no room.
    if (raw_.by_leaf.empty()) {
      raw_.room = options_.hits_max - std::min<size_t>(hits_.size(), options_.hits_max);
    }
    const hs_error_t error = hs_scan(db, text.data(), static_cast<unsigned>(text.size()), 0,
                                     scratch_.get(), OnHit, &raw_);
    if (raw_.inconsistent) {
      raw_.inconsistent = false;
      return Inconsistent();
    }
    if (error != HS_SUCCESS) {
      return absl::InternalError(StrCat("the scan failed (hs_scan: ", error, ")"));
    }
    had_hits_ |= !raw_.hits.empty();
    return absl::OkStatus();
  }

  static absl::Status Inconsistent() {
    return absl::InternalError("the pack's databases and conditions are not of one making");
  }

  absl::Status KeepLiterals(const text::Block& block, text::View view,
                            absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    for (const RawHit& raw : raw_.hits) {
      const Leaf& leaf = program_->spec.leaves[raw.leaf];
      const size_t size = leaf.in_view[static_cast<int>(view)].size();
      if (size == 0 || size > raw.end) return Inconsistent();
      const uint32_t begin = raw.end - static_cast<uint32_t>(size);
      if (leaf.border_begin && !block.WordBorder(view, begin)) continue;
      if (leaf.border_end && !block.WordBorder(view, raw.end)) continue;
      Keep(block, view, raw.leaf, {begin, raw.end}, to_source);
    }
    return absl::OkStatus();
  }

  // Hits of expressions say where they end. Where each begins is found by running that expression
  // alone, with start-of-match, over the stretch that holds its hits.
  absl::Status KeepRegexes(const text::Block& block, text::View view,
                           absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    const std::string_view text = block.view(view);
    std::vector<RawHit>& hits = raw_.hits;
    std::sort(hits.begin(), hits.end(), [](const RawHit& a, const RawHit& b) {
      return a.leaf != b.leaf ? a.leaf < b.leaf : a.end < b.end;
    });
    for (size_t i = 0; i < hits.size();) {
      const uint32_t leaf = hits[i].leaf;
      if (program_->start_finders[leaf] == nullptr) return Inconsistent();
      // Ends that are close together share one scan. A little more than the widest match is
      // scanned, so that word borders at the stretch's edge are those of the text.
      const uint32_t reach = program_->regex_bytes_max[leaf] + 8;
      size_t j = i + 1;
      while (j < hits.size() && hits[j].leaf == leaf && hits[j].end - hits[j - 1].end <= reach) ++j;
      uint32_t begin = hits[i].end > reach ? hits[i].end - reach : 0;
      while (begin > 0 && text::IsContinuation(text[begin])) --begin;
      uint32_t end = std::min<size_t>(hits[j - 1].end + 8, text.size());
      while (end < text.size() && text::IsContinuation(text[end])) ++end;
      spans_.spans.clear();
      spans_.room = options_.hits_max;
      spans_.dropped = false;
      const hs_error_t error = hs_scan(program_->start_finders[leaf].get(), text.data() + begin,
                                       end - begin, 0, scratch_.get(), OnSpan, &spans_);
      if (error != HS_SUCCESS && error != HS_SCAN_TERMINATED) {
        return absl::InternalError(StrCat("the scan failed (hs_scan: ", error, ")"));
      }
      raw_.dropped |= spans_.dropped;
      // Several ends of one match: the longest stands for all.
      std::vector<text::ViewSpan>& spans = spans_.spans;
      std::sort(spans.begin(), spans.end(), [](text::ViewSpan a, text::ViewSpan b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
      });
      uint32_t covered = 0;
      for (text::ViewSpan span : spans) {
        span = {span.begin + begin, span.end + begin};
        if (span.end <= covered ||
            !std::binary_search(hits.begin() + i, hits.begin() + j, RawHit{leaf, span.end},
                                [](const RawHit& a, const RawHit& b) { return a.end < b.end; })) {
          continue;
        }
        covered = span.end;
        Keep(block, view, leaf, span, to_source);
      }
      i = j;
    }
    return absl::OkStatus();
  }

  void Keep(const text::Block& block, text::View view, uint32_t leaf, text::ViewSpan span,
            absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    LeafHit hit;
    hit.leaf = leaf;
    hit.at.view = view;
    hit.at.place = block.Locate(view, span);
    const text::TextSpan& text = hit.at.place.text;
    if (text.end <= block.report_begin() || text.end > block.report_end()) return;
    if (options_.unit == text::OffsetUnit::kBytes) {
      const text::SourceSpan source = to_source(text);
      hit.at.begin = source.begin;
      hit.at.end = source.end;
    } else {
      hit.at.begin = block.Count(text.begin, options_.unit);
      hit.at.end = block.Count(text.end, options_.unit);
    }
    hit.at.first_hit = hit.at.last_hit = static_cast<uint32_t>(pieces_.size());
    if (options_.excerpts && pieces_.size() < kPiecesMax) pieces_.push_back(Around(block, text));
    hits_.push_back(hit);
  }

  Piece Around(const text::Block& block, text::TextSpan span) const {
    const std::string_view text = block.text();
    size_t begin = span.begin - block.text_begin();
    size_t end = span.end - block.text_begin();
    for (uint32_t n = 0; n < options_.excerpt_context_chars && begin > 0; ++n) {
      do --begin;
      while (begin > 0 && text::IsContinuation(text[begin]));
    }
    for (uint32_t n = 0; n < options_.excerpt_context_chars && end < text.size(); ++n) {
      do ++end;
      while (end < text.size() && text::IsContinuation(text[end]));
    }
    return {block.text_begin() + begin, std::string(text.substr(begin, end - begin))};
  }

  void WriteExcerpt(const Occurrence& at, RuleMatch* match) const {
    if (at.first_hit >= pieces_.size() || at.last_hit >= pieces_.size()) return;
    const Piece& first = pieces_[at.first_hit];
    const Piece& last = pieces_[at.last_hit];
    std::string& excerpt = match->excerpt;
    excerpt = first.text;
    match->excerpt_begin = static_cast<uint32_t>(at.place.text.begin - first.text_begin);
    if (last.text_end() > first.text_end()) {
      if (last.text_begin <= first.text_end()) {
        excerpt.append(last.text, first.text_end() - last.text_begin);
        match->excerpt_end = static_cast<uint32_t>(at.place.text.end - first.text_begin);
      } else {
        excerpt.append(kEllipsis);
        match->excerpt_end =
            static_cast<uint32_t>(excerpt.size() + (at.place.text.end - last.text_begin));
        excerpt.append(last.text);
      }
    } else {
      match->excerpt_end = static_cast<uint32_t>(at.place.text.end - first.text_begin);
    }
    if (excerpt.size() > kExcerptBytesMax) Shorten(match);
  }

  // Cuts the middle out of what matched, then the ends.
  static void Shorten(RuleMatch* match) {
    std::string& text = match->excerpt;
    size_t from = kExcerptBytesMax / 2;
    size_t to = text.size() - kExcerptBytesMax / 2;
    while (from > 0 && text::IsContinuation(text[from])) --from;
    while (to < text.size() && text::IsContinuation(text[to])) ++to;
    text.replace(from, to - from, kEllipsis);
    const size_t cut = to - from - kEllipsis.size();
    const auto moved = [&](uint32_t at) -> uint32_t {
      if (at <= from) return at;
      return at >= to ? at - cut : from;
    };
    match->excerpt_begin = moved(match->excerpt_begin);
    match->excerpt_end = moved(match->excerpt_end);
  }

  const CompiledProgram* program_ = nullptr;
  Options options_;
  ScratchPtr scratch_;
  // Serials of programs that the scratch is known to fit, the last used first.
  std::array<uint64_t, kProgramsFitted> fitted_ = {};
  uint32_t field_ = 0;
  RawHits raw_;
  Spans spans_;
  std::vector<LeafHit> hits_;
  std::vector<Piece> pieces_;
  std::vector<Awake> awake_;  // by node
  uint64_t mark_ = 0;
  bool had_hits_ = false;  // in this content: buffers may have grown
  std::vector<uint32_t> candidates_;
  std::vector<Occurrence> occurrences_;
  std::vector<Found> found_;
  ScanOutcome outcome_;
};

}  // namespace

std::unique_ptr<Matcher> Matcher::Create() { return std::make_unique<HsMatcher>(); }

}  // namespace winnow::match
