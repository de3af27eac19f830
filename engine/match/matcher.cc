#include "engine/match/matcher.h"

#include <hs.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/conditions.h"
#include "engine/match/gap_reader.h"
#include "engine/match/literal_anchor.h"
#include "engine/match/parts_reader.h"
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
// So many expressions are each scanned for alone, which takes a twentieth of what all of a large
// pack take.
constexpr size_t kFewAsked = 8;

struct RawHit {
  uint32_t leaf;
  uint32_t begin;  // not known of an expression's hits
  uint32_t end;
  text::EvasionMask undone = 0;  // beyond what its place and its leaf say
};

// Hits of one field as they come, held back where one pattern floods it.
class Intake {
 public:
  void Begin(size_t leaf_count) {
    leaf_count_ = leaf_count;
    by_leaf_.clear();
    dropped_ = false;
  }
  // How many more may come before it is a flood; once it is one, it stays one.
  void SetRoom(size_t room) {
    if (by_leaf_.empty()) room_ = room;
  }
  // Whether a hit of the leaf is to be kept.
  bool Admit(uint32_t leaf) {
    if (room_ > 0) {
      --room_;
      return true;
    }
    if (by_leaf_.empty()) by_leaf_.resize(leaf_count_);
    if (by_leaf_[leaf] >= kFloodHits) {
      dropped_ = true;
      return false;
    }
    ++by_leaf_[leaf];
    return true;
  }
  bool knows(uint32_t leaf) const { return leaf < leaf_count_; }
  bool dropped() const { return dropped_; }
  void SetDropped() { dropped_ = true; }
  void ForgetDropped() { dropped_ = false; }
  std::vector<uint8_t>* buffer() { return &by_leaf_; }

 private:
  size_t room_ = 0;
  std::vector<uint8_t> by_leaf_;  // hits since it is a flood
  size_t leaf_count_ = 0;
  bool dropped_ = false;
};

// Where a scan of Hyperscan's puts what it finds.
struct Arrivals {
  Intake* intake;
  std::vector<RawHit>* hits;
  uint32_t leaf = 0;          // of the pattern that the database numbers 0
  bool inconsistent = false;  // a pattern hit that the conditions do not know
};

int OnHit(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  Arrivals* arrivals = static_cast<Arrivals*>(context);
  id += arrivals->leaf;
  if (!arrivals->intake->knows(id)) {
    arrivals->inconsistent = true;
    return 1;
  }
  if (arrivals->intake->Admit(id)) {
    arrivals->hits->push_back({id, 0, static_cast<uint32_t>(to)});
  }
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
    options_ = &options;
    outcome_.matches.clear();
    outcome_.rules.clear();
    ++content_;
    if (tallies_.size() < program_->spec.rules.size()) {
      tallies_.resize(program_->spec.rules.size());
      asks_.resize(program_->spec.rules.size());
    }
    outcome_.match_count = 0;
    outcome_.hits_dropped = false;
    had_hits_ = false;
    if (opened_.size() < program_->spec.leaves.size()) {
      opened_.resize(program_->spec.leaves.size());
    }
    return FitScratch();
  }

  void BeginField(uint32_t field) override {
    field_ = field;
    intake_.Begin(program_->spec.leaves.size());
    hits_.clear();
    pieces_.clear();
  }

  absl::Status Feed(const text::Block& block,
                    absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) override {
    // To say where hits lie is dear. When all of the field is at hand, that waits until there are
    // enough of them for a rule to hold; so do expressions that have a gate or never make a rule
    // hold alone.
    const bool wait = block.whole_field() && options_->inspect == nullptr;
    for (Raw& raw : raw_) raw.Clear();
    open_.clear();
    may_hold_ = false;
    ++block_;
    for (int v = 0; v < text::kViewCount; ++v) {
      RETURN_IF_ERROR(FindLiterals(block, v));
      RETURN_IF_ERROR(FindRegexes(block, v, CompiledProgram::kAlone));
      if (wait) continue;
      RETURN_IF_ERROR(FindRegexes(block, v, CompiledProgram::kBeside));
      had_hits_ |= RawCount() > 0;
      RETURN_IF_ERROR(Keep(block, static_cast<text::View>(v), to_source));
      raw_[v].Clear();
    }
    if (!wait || (RawCount() == 0 && open_.empty())) return absl::OkStatus();
    had_hits_ = true;
    bool holds = may_hold_ && WakeByRaw(/*granted=*/true);
    // Without waking the candidates are an earlier block's, perhaps of another program.
    if (holds && ListAsked()) {
      RETURN_IF_ERROR(FindAsked(block));
      holds = WakeByRaw(/*granted=*/false);
    }
    if (!holds) {
      // Every pattern that matters and occurs was heard, so what was dropped of a flood changes
      // nothing.
      intake_.ForgetDropped();
      return absl::OkStatus();
    }
    DropUnasked();
    for (int v = 0; v < text::kViewCount; ++v) {
      RETURN_IF_ERROR(Keep(block, static_cast<text::View>(v), to_source));
    }
    return absl::OkStatus();
  }

  absl::Status EndField() override {
    outcome_.hits_dropped |= intake_.dropped();
    if (hits_.empty() && options_->inspect == nullptr) return absl::OkStatus();
    const HitTable table(&hits_);
    if (options_->inspect != nullptr) (*options_->inspect)(table);
    waker_.Begin(program_->waking());
    for (size_t i = 0; i < hits_.size(); ++i) {
      if (i == 0 || hits_[i].leaf != hits_[i - 1].leaf) waker_.Hit(hits_[i].leaf);
    }
    FindCandidates(/*granted=*/false);
    found_.clear();
    for (uint32_t rule : candidates_) {
      if (options_->expired != nullptr && *options_->expired && (*options_->expired)()) {
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
      if (outcome_.matches.size() >= options_->matches_max && !(first && MakeRoom())) continue;
      RuleMatch match;
      match.rule = found.rule;
      match.field = field_;
      match.view = found.at.view;
      match.place = found.at.place;
      match.begin = found.at.begin;
      match.end = found.at.end;
      if (options_->excerpts) WriteExcerpt(found.at, &match);
      outcome_.matches.push_back(std::move(match));
      ++tallies_[found.rule].kept;
    }
    return absl::OkStatus();
  }

  absl::Status Finish(ScanOutcome* outcome) override {
    program_ = nullptr;
    if (!had_hits_) {
      outcome->matches.clear();
      outcome->rules.clear();
      outcome->match_count = 0;
      outcome->hits_dropped = outcome_.hits_dropped;
      return absl::OkStatus();
    }
    std::swap(*outcome, outcome_);
    for (Raw& raw : raw_) {
      GiveBack(&raw.literals);
      GiveBack(&raw.regexes);
    }
    GiveBack(intake_.buffer());
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

  // Finds the rules that can hold by all that the block at hand has, if `granted` as if all kBeside
  // expressions had hit but those whose gates are shut. False when there are none.
  bool WakeByRaw(bool granted) {
    waker_.Begin(program_->waking());
    for (const Raw& raw : raw_) {
      for (const RawHit& hit : raw.literals) waker_.Hit(hit.leaf);
      for (const RawHit& hit : raw.regexes) waker_.Hit(hit.leaf);
    }
    if (granted) {
      for (uint32_t leaf : open_) waker_.Hit(leaf);
    }
    FindCandidates(granted);
    return !candidates_.empty();
  }

  void FindCandidates(bool granted) {
    candidates_.clear();
    waker_.ForEachAwake(program_->spec, granted, [this](uint32_t rule) {
      const bool heard =
          options_->unheard == nullptr || !(options_->unheard[rule / 64] >> rule % 64 & 1);
      if (heard && program_->spec.rules[rule].surfaces & options_->surfaces) {
        candidates_.push_back(rule);
      }
    });
  }

  // Lists the expressions that have a gate, are open and part of a candidate. False when judging
  // the candidates takes no kBeside expression at all.
  bool ListAsked() {
    asked_.clear();
    asks_ungated_ = false;
    bool any = false;
    for (uint32_t rule : candidates_) {
      for (uint32_t leaf : program_->BesideOf(rule)) {
        any = true;
        if (!program_->Gated(leaf)) {
          asks_ungated_ = true;
        } else if (Opened& opened = opened_[leaf];
                   opened.block == block_ && opened.asked != block_) {
          opened.asked = block_;
          asked_.push_back(leaf);
        }
      }
    }
    return any;
  }

  // Scans for what was listed: alone what is little, which takes a twentieth of a scan for all that
  // a large pack has.
  absl::Status FindAsked(const text::Block& block) {
    const bool few = !asks_ungated_ && asked_.size() <= kFewAsked;
    for (int v = 0; v < text::kViewCount; ++v) {
      if (!few) {
        RETURN_IF_ERROR(FindRegexes(block, v, CompiledProgram::kBeside));
        continue;
      }
      for (uint32_t leaf : asked_) {
        if (opened_[leaf].views >> v & 1) RETURN_IF_ERROR(FindRegex(block, v, leaf));
      }
    }
    return absl::OkStatus();
  }

  // What is known of a rule's matches in this content.
  struct Tally {
    uint64_t content = 0;  // the one it is of
    uint32_t at = 0;       // in outcome_.rules
    uint32_t kept = 0;
  };

  // Notes a match of `rule`; true when it is the first in this content.
  bool Count(uint32_t rule) {
    Tally& tally = tallies_[rule];
    if (tally.content == content_) {
      ++outcome_.rules[tally.at].matches;
      return false;
    }
    tally = {content_, static_cast<uint32_t>(outcome_.rules.size()), 0};
    outcome_.rules.push_back({rule, 1});
    return true;
  }

  // Drops the last match whose rule has another; false when each is its rule's only one. O(matches
  // kept), and at most once a rule.
  bool MakeRoom() {
    std::vector<RuleMatch>& matches = outcome_.matches;
    for (size_t i = matches.size(); i-- > 0;) {
      Tally& tally = tallies_[matches[i].rule];
      if (tally.kept < 2) continue;
      --tally.kept;
      matches.erase(matches.begin() + static_cast<ptrdiff_t>(i));
      return true;
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
    absl::Status status;
    program_->ForEachDatabase([&](const hs_database_t* db) {
      if (status.ok()) status = GrowScratch(db);
    });
    RETURN_IF_ERROR(status);
    std::rotate(fitted_.begin(), fitted_.end() - 1, fitted_.end());
    fitted_[0] = serial;
    return absl::OkStatus();
  }

  absl::Status GrowScratch(const hs_database_t* db) {
    hs_scratch_t* scratch = scratch_.release();
    const hs_error_t error = hs_alloc_scratch(db, &scratch);
    scratch_.reset(scratch);
    if (error == HS_SUCCESS) return absl::OkStatus();
    fitted_ = {};
    for (Opened& opened : opened_) opened.fitted = 0;
    return absl::InternalError(
        StrCat("no working memory for the scan (hs_alloc_scratch: ", error, ")"));
  }

  absl::Status Scan(const hs_database_t* db, std::string_view text, std::vector<RawHit>* hits) {
    Arrivals arrivals{&intake_, hits};
    return Scan(db, text, &arrivals);
  }

  absl::Status Scan(const hs_database_t* db, std::string_view text, Arrivals* arrivals) {
    const hs_error_t error = hs_scan(db, text.data(), static_cast<unsigned>(text.size()), 0,
                                     scratch_.get(), OnHit, arrivals);
    if (arrivals->inconsistent) return Inconsistent();
    if (error != HS_SUCCESS) {
      return absl::InternalError(StrCat("the scan failed (hs_scan: ", error, ")"));
    }
    return absl::OkStatus();
  }

  static absl::Status Inconsistent() {
    return absl::InternalError("the pack's databases and conditions are not of one making");
  }

  size_t RawCount() const {
    size_t count = 0;
    for (const Raw& raw : raw_) count += raw.literals.size() + raw.regexes.size();
    return count;
  }

  // Hits that were not kept, such as another block's, take no room.
  void SetRoom() {
    intake_.SetRoom(options_->hits_max -
                    std::min<size_t>(hits_.size() + RawCount(), options_->hits_max));
  }

  absl::Status FindRegexes(const text::Block& block, int view, int kind) {
    const hs_database_t* regexes = program_->databases[view].regexes[kind].get();
    const std::string_view text = block.view(static_cast<text::View>(view));
    if (regexes == nullptr || text.empty()) return absl::OkStatus();
    if (kind == CompiledProgram::kBeside && !raw_[view].any_open &&
        !program_->databases[view].beside_ungated) {
      return absl::OkStatus();
    }
    SetRoom();
    RETURN_IF_ERROR(Scan(regexes, text, &raw_[view].regexes));
    may_hold_ |= !raw_[view].regexes.empty();
    return absl::OkStatus();
  }

  // The hits of one expression.
  absl::Status FindRegex(const text::Block& block, int view, uint32_t leaf) {
    ASSIGN_OR_RETURN(const hs_database_t* finder, Finder(leaf));
    SetRoom();
    Arrivals arrivals{&intake_, &raw_[view].regexes, leaf};
    return Scan(finder, block.view(static_cast<text::View>(view)), &arrivals);
  }

  // The expression's own database, which the scratch fits.
  absl::StatusOr<const hs_database_t*> Finder(uint32_t leaf) {
    if (program_->start_finders[leaf] == nullptr) return Inconsistent();
    ASSIGN_OR_RETURN(const hs_database_t* finder, program_->start_finders[leaf]->Get());
    if (opened_[leaf].fitted != program_->serial()) {
      RETURN_IF_ERROR(GrowScratch(finder));
      opened_[leaf].fitted = program_->serial();
    }
    return finder;
  }

  // Notes that the expression may hit in the view.
  void Open(uint32_t leaf, int view) {
    raw_[view].any_open = true;
    Opened& opened = opened_[leaf];
    if (opened.block != block_) {
      opened.block = block_;
      opened.views = 0;
      open_.push_back(leaf);
    }
    opened.views |= text::SetOf(static_cast<text::View>(view));
  }

  // The hits of literals that stand at the borders they ask for, and the gates that are open.
  absl::Status FindLiterals(const text::Block& block, int v) {
    const text::View view = static_cast<text::View>(v);
    const CompiledProgram::ViewDatabases& databases = program_->databases[v];
    const std::string_view text = block.view(view);
    if (text.empty()) return absl::OkStatus();
    std::vector<RawHit>* const hits = &raw_[v].literals;
    SetRoom();
    parts_.Begin();
    if (!databases.index.empty()) {
      databases.index.Scan(text, &literal_scratch_, [&](const LiteralIndex::Hit& hit) {
        const uint8_t traits = program_->TraitsOf(hit.leaf);
        if (traits & CompiledProgram::kExpression) {
          Open(hit.leaf, v);
        } else if (traits & CompiledProgram::kParts) {
          parts_.Note(hit.begin, hit.end, program_->spec.leaves[hit.leaf]);
        } else if (!AtBorders(block, view, traits, hit.begin, hit.end)) {
          return true;
        } else if (intake_.Admit(hit.leaf)) {
          hits->push_back({hit.leaf, hit.begin, hit.end});
        }
        may_hold_ |= (traits & CompiledProgram::kGuard) != 0;
        return true;
      });
    }
    if (databases.literals) {
      const size_t indexed = hits->size();
      RETURN_IF_ERROR(Scan(databases.literals.get(), text, hits));
      RETURN_IF_ERROR(KeepWhere(indexed, v, hits, [&](RawHit* hit) {
        return AtBorders(block, view, program_->TraitsOf(hit->leaf), hit->begin, hit->end);
      }));
    }
    if (view == text::View::kFolded) FindOverGaps(block);
    if (parts_.empty()) return absl::OkStatus();
    for (const auto way :
         {PartsReader::Way::kAll, PartsReader::Way::kUnusual, PartsReader::Way::kTogether}) {
      RETURN_IF_ERROR(FindInParts(block, v, way));
    }
    return absl::OkStatus();
  }

  // The hits of literals of several words that stand apart by more than a space.
  void FindOverGaps(const text::Block& block) {
    constexpr text::View kView = text::View::kFolded;
    const CompiledProgram::ViewDatabases& databases = program_->databases[static_cast<int>(kView)];
    const size_t reach = program_->spaced_bytes_max();
    if (reach == 0 || databases.index.empty() || !gaps_.Read(block.view(kView), reach)) return;
    std::vector<RawHit>* const hits = &raw_[static_cast<int>(kView)].literals;
    databases.index.Scan(gaps_.text(), &literal_scratch_, [&](const LiteralIndex::Hit& hit) {
      const uint8_t traits = program_->TraitsOf(hit.leaf);
      if (traits & (CompiledProgram::kExpression | CompiledProgram::kParts)) return true;
      const std::optional<text::ViewSpan> at = gaps_.Locate(hit.begin, hit.end);
      if (!at || at->end - at->begin > kMaxMatchBytes ||
          !AtBorders(block, kView, traits, at->begin, at->end)) {
        return true;
      }
      if (intake_.Admit(hit.leaf)) hits->push_back({hit.leaf, at->begin, at->end});
      may_hold_ |= (traits & CompiledProgram::kGuard) != 0;
      return true;
    });
  }

  // Of the hits of Hyperscan's from `first` on, those that `wanted` accepts.
  template <typename F>
  absl::Status KeepWhere(size_t first, int v, std::vector<RawHit>* hits, F wanted) {
    size_t kept = first;
    for (size_t i = first; i < hits->size(); ++i) {
      RawHit hit = (*hits)[i];
      const size_t size = program_->spec.leaves[hit.leaf].in_view[v].size();
      if (size == 0 || size > hit.end) return Inconsistent();
      hit.begin = hit.end - static_cast<uint32_t>(size);
      if (wanted(&hit)) (*hits)[kept++] = hit;
    }
    hits->resize(kept);
    may_hold_ |= kept > first;
    return absl::OkStatus();
  }

  // The hits of literals in which parts that were noted are read as ideographs.
  absl::Status FindInParts(const text::Block& block, int v, PartsReader::Way way) {
    const text::View view = static_cast<text::View>(v);
    const CompiledProgram::ViewDatabases& databases = program_->databases[v];
    if (!parts_.Read(block.view(view), way)) return absl::OkStatus();
    std::vector<RawHit>* const hits = &raw_[v].literals;
    // Leads the hit back to the view.
    const auto found = [&](RawHit* hit) {
      const std::optional<PartsReader::Found> at = parts_.Locate(hit->begin, hit->end);
      if (!at ||
          !AtBorders(block, view, program_->TraitsOf(hit->leaf), at->span.begin, at->span.end)) {
        return false;
      }
      *hit = {hit->leaf, at->span.begin, at->span.end, at->evasions};
      return true;
    };
    databases.index.Scan(parts_.text(), &literal_scratch_, [&](const LiteralIndex::Hit& at) {
      RawHit hit = {at.leaf, at.begin, at.end};
      const bool term = program_->spec.leaves[at.leaf].kind == Leaf::Kind::kLiteral;
      if (!term || !found(&hit)) return true;
      if (intake_.Admit(hit.leaf)) hits->push_back(hit);
      may_hold_ = true;
      return true;
    });
    if (!databases.literals) return absl::OkStatus();
    const size_t indexed = hits->size();
    RETURN_IF_ERROR(Scan(databases.literals.get(), parts_.text(), hits));
    return KeepWhere(indexed, v, hits, found);
  }

  static bool AtBorders(const text::Block& block, text::View view, uint8_t traits, uint32_t begin,
                        uint32_t end) {
    return (!(traits & CompiledProgram::kBorderBegin) || AtBorder(block, view, begin)) &&
           (!(traits & CompiledProgram::kBorderEnd) || AtBorder(block, view, end));
  }
  static bool AtBorder(const text::Block& block, text::View view, uint32_t at) {
    const std::string_view text = block.view(view);
    if (at == 0 || at >= text.size()) return true;
    // As Block::WordBorder() has it; between ASCII, which is nearly always, without asking it.
    const uint8_t before = static_cast<uint8_t>(text[at - 1]),
                  behind = static_cast<uint8_t>(text[at]);
    if ((before | behind) >= 0x80) return block.WordBorder(view, at);
    return !IsWordByte(text[at - 1]) || !IsWordByte(text[at]);
  }

  // Drops the hits that no candidate asks for: no other rule can hold.
  void DropUnasked() {
    for (uint32_t rule : candidates_) asks_[rule] = block_;
    const auto unasked = [this](const RawHit& hit) {
      const std::span<const uint32_t> rules = program_->RulesOf(hit.leaf);
      return std::none_of(rules.begin(), rules.end(),
                          [this](uint32_t rule) { return asks_[rule] == block_; });
    };
    for (Raw& raw : raw_) {
      std::erase_if(raw.literals, unasked);
      std::erase_if(raw.regexes, unasked);
    }
  }

  // Notes where the hits of one view lie.
  absl::Status Keep(const text::Block& block, text::View view,
                    absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    const Raw& raw = raw_[static_cast<int>(view)];
    for (const RawHit& hit : raw.literals) {
      KeepOne(block, view, hit.leaf, {hit.begin, hit.end}, hit.undone, to_source);
    }
    return raw.regexes.empty() ? absl::OkStatus() : KeepRegexes(block, view, to_source);
  }

  // Hits of expressions say where they end. Where each begins is found by running that expression
  // alone, with start-of-match, over the stretch that holds its hits.
  absl::Status KeepRegexes(const text::Block& block, text::View view,
                           absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    const std::string_view text = block.view(view);
    std::vector<RawHit>& hits = raw_[static_cast<int>(view)].regexes;
    std::sort(hits.begin(), hits.end(), [](const RawHit& a, const RawHit& b) {
      return a.leaf != b.leaf ? a.leaf < b.leaf : a.end < b.end;
    });
    for (size_t i = 0; i < hits.size();) {
      const uint32_t leaf = hits[i].leaf;
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
      spans_.room = options_->hits_max;
      spans_.dropped = false;
      ASSIGN_OR_RETURN(const hs_database_t* finder, Finder(leaf));
      // Runs of the other views are texts of their own: what reaches over two is no match.
      for (uint32_t from = begin, to; from < end; from = to + 1) {
        to = view == text::View::kFolded
                 ? end
                 : static_cast<uint32_t>(std::min<size_t>(text.find('\n', from), end));
        const size_t found = spans_.spans.size();
        const hs_error_t error =
            hs_scan(finder, text.data() + from, to - from, 0, scratch_.get(), OnSpan, &spans_);
        if (error != HS_SUCCESS && error != HS_SCAN_TERMINATED) {
          return absl::InternalError(StrCat("the scan failed (hs_scan: ", error, ")"));
        }
        for (size_t k = found; k < spans_.spans.size(); ++k) {
          spans_.spans[k].begin += from;
          spans_.spans[k].end += from;
        }
      }
      if (spans_.dropped) intake_.SetDropped();
      // Several ends of one match: the longest stands for all.
      std::vector<text::ViewSpan>& spans = spans_.spans;
      std::sort(spans.begin(), spans.end(), [](text::ViewSpan a, text::ViewSpan b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
      });
      uint32_t covered = 0;
      for (const text::ViewSpan span : spans) {
        if (span.end <= covered ||
            !std::binary_search(hits.begin() + i, hits.begin() + j, RawHit{leaf, 0, span.end},
                                [](const RawHit& a, const RawHit& b) { return a.end < b.end; })) {
          continue;
        }
        covered = span.end;
        if (!text::Satisfies(program_->spec.leaves[leaf].checksum,
                             text.substr(span.begin, span.end - span.begin))) {
          continue;
        }
        KeepOne(block, view, leaf, span, 0, to_source);
      }
      i = j;
    }
    return absl::OkStatus();
  }

  void KeepOne(const text::Block& block, text::View view, uint32_t leaf, text::ViewSpan span,
               text::EvasionMask undone,
               absl::FunctionRef<text::SourceSpan(text::TextSpan)> to_source) {
    LeafHit hit;
    hit.leaf = leaf;
    hit.at.view = view;
    hit.at.place = block.Locate(view, span);
    hit.at.place.evasions |= undone | program_->spec.leaves[leaf].evasions;
    const text::TextSpan& text = hit.at.place.text;
    if (text.end <= block.report_begin() || text.end > block.report_end()) return;
    if (options_->unit == text::OffsetUnit::kBytes) {
      const text::SourceSpan source = to_source(text);
      hit.at.begin = source.begin;
      hit.at.end = source.end;
    } else {
      hit.at.begin = block.Count(text.begin, options_->unit);
      hit.at.end = block.Count(text.end, options_->unit);
    }
    hit.at.first_hit = hit.at.last_hit = static_cast<uint32_t>(pieces_.size());
    if (options_->excerpts && pieces_.size() < kPiecesMax) pieces_.push_back(Around(block, text));
    hits_.push_back(hit);
  }

  Piece Around(const text::Block& block, text::TextSpan span) const {
    const std::string_view text = block.text();
    size_t begin = span.begin - block.text_begin();
    size_t end = span.end - block.text_begin();
    const uint32_t context = std::min(options_->excerpt_context_chars, kExcerptContextMax);
    for (uint32_t n = 0; n < context && begin > 0; ++n) {
      do --begin;
      while (begin > 0 && text::IsContinuation(text[begin]));
    }
    for (uint32_t n = 0; n < context && end < text.size(); ++n) {
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
  const Options* options_ = nullptr;
  ScratchPtr scratch_;
  // Serials of programs that the scratch is known to fit, the last used first.
  std::array<uint64_t, kProgramsFitted> fitted_ = {};
  LiteralIndex::Scratch literal_scratch_;
  PartsReader parts_;
  GapReader gaps_;
  uint32_t field_ = 0;
  Intake intake_;
  // What the block at hand has, by view.
  struct Raw {
    std::vector<RawHit> literals;
    std::vector<RawHit> regexes;
    bool any_open = false;  // gates of expressions
    void Clear() {
      literals.clear();
      regexes.clear();
      any_open = false;
    }
  };
  std::array<Raw, text::kViewCount> raw_;
  std::vector<uint32_t> open_;  // expressions whose gates are open in it
  struct Opened {
    uint64_t block = 0;       // in which the gate was last open
    uint64_t asked = 0;       // in which a candidate last asked for it
    text::ViewSet views = 0;  // of the block, in which the gate is open
    uint64_t fitted = 0;  // the serial of the program whose finder of this leaf fits the scratch
  };
  std::vector<Opened> opened_;   // by leaf
  std::vector<uint32_t> asked_;  // expressions with open gates that candidates ask for
  bool asks_ungated_ = false;    // they ask for some without a gate too
  uint64_t block_ = 0;
  Spans spans_;
  std::vector<LeafHit> hits_;
  std::vector<Piece> pieces_;
  Waker waker_;
  std::vector<uint64_t> asks_;  // by rule, the block in which it was a candidate
  std::vector<Tally> tallies_;  // by rule
  uint64_t content_ = 0;
  bool may_hold_ = false;  // some guard hit in the block at hand, or what may be one
  bool had_hits_ = false;  // in this content: buffers may have grown
  std::vector<uint32_t> candidates_;
  std::vector<Occurrence> occurrences_;
  std::vector<Found> found_;
  ScanOutcome outcome_;
};

}  // namespace

std::unique_ptr<Matcher> Matcher::Create() { return std::make_unique<HsMatcher>(); }

}  // namespace winnow::match
