#include "engine/match/conditions.h"

#include <algorithm>
#include <utility>

#include "engine/match/trace.h"

namespace winnow::match {
namespace {

using Occurrences = std::vector<Occurrence>;

bool ByPlace(const Occurrence& a, const Occurrence& b) {
  if (a.place.text.begin != b.place.text.begin) return a.place.text.begin < b.place.text.begin;
  if (a.place.text.end != b.place.text.end) return a.place.text.end > b.place.text.end;
  return a.view < b.view;
}

uint64_t Distance(const text::Place& a, const text::Place& b) {
  if (a.char_end <= b.char_begin) return b.char_begin - a.char_end;
  if (b.char_end <= a.char_begin) return a.char_begin - b.char_end;
  return 0;
}

bool InScope(Scope scope, uint32_t characters, const text::Place& a, const text::Place& b) {
  switch (scope) {
    case Scope::kField:
      return true;
    case Scope::kSentence:
      return a.sentence == b.sentence;
    case Scope::kCharacters:
      return Distance(a, b) <= characters;
  }
  return false;
}

Occurrence Hull(const Occurrence& a, const Occurrence& b) {
  Occurrence hull = a;
  if (b.place.text.begin < a.place.text.begin) {
    hull.place.text.begin = b.place.text.begin;
    hull.place.char_begin = b.place.char_begin;
    hull.place.sentence = b.place.sentence;
    hull.place.standing = b.place.standing;
    hull.begin = b.begin;
    hull.first_hit = b.first_hit;
  }
  if (b.place.text.end > a.place.text.end) {
    hull.place.text.end = b.place.text.end;
    hull.place.char_end = b.place.char_end;
    hull.end = b.end;
    hull.last_hit = b.last_hit;
  }
  if (!(a.place.text == b.place.text)) hull.place.standing.alone = false;
  hull.place.evasions |= b.place.evasions;
  hull.view = std::max(a.view, b.view);
  return hull;
}

// Occurrences in order of place, asked for the nearest to a given place.
class Nearest {
 public:
  Nearest(Occurrences occurrences, Scope scope, uint32_t characters)
      : all_(std::move(occurrences)), scope_(scope), characters_(characters) {
    reach_.reserve(all_.size());
    for (size_t i = 0; i < all_.size(); ++i) {
      const bool fresh = i == 0 || (scope == Scope::kSentence &&
                                    all_[i].place.sentence != all_[i - 1].place.sentence);
      const bool farther = fresh || all_[i].place.char_end > all_[reach_.back()].place.char_end;
      reach_.push_back(farther ? i : reach_.back());
    }
  }

  bool empty() const { return all_.empty(); }

  // The nearest in scope; null when none is. Of equally near ones the first that does not begin
  // before `to`, else the one that reaches farthest.
  const Occurrence* Find(const Occurrence& to) const {
    const auto after = std::lower_bound(all_.begin(), all_.end(), to,
                                        [](const Occurrence& a, const Occurrence& b) {
                                          return a.place.text.begin < b.place.text.begin;
                                        });
    const Occurrence* best = nullptr;
    const auto consider = [&](const Occurrence& candidate) {
      if (!InScope(scope_, characters_, candidate.place, to.place)) return;
      if (best == nullptr ||
          Distance(candidate.place, to.place) < Distance(best->place, to.place)) {
        best = &candidate;
      }
    };
    if (after != all_.end()) consider(*after);
    // Of those that begin before, the one that reaches farthest is the nearest.
    if (after != all_.begin()) consider(all_[reach_[after - all_.begin() - 1]]);
    return best;
  }

 private:
  const Occurrences all_;
  const Scope scope_;
  const uint32_t characters_;
  // Of [0, i], and of one sentence where that is the scope, the index of the one with the greatest
  // end.
  std::vector<size_t> reach_;
};

// What may excuse a match, asked whether it does. O(log n) a question. Views the occurrences that
// it is given.
class Excuses {
 public:
  Excuses(const Occurrences& excuses, Scope scope, uint32_t characters)
      : scope_(scope), characters_(characters) {
    for (const Occurrence& excuse : excuses) {
      const text::Place& place = excuse.place;
      touching_.push_back({&excuse, place.char_begin});
      if (place.standing.alone) continue;
      before_.push_back({&excuse, place.char_begin});
      if (place.standing.joined) {
        after_.push_back({&excuse, place.char_begin - place.standing.joiner_chars});
      }
    }
    std::stable_sort(after_.begin(), after_.end(),
                     [](const Said& a, const Said& b) { return a.from < b.from; });
    SetReaches(false, &touching_);
    SetReaches(scope == Scope::kSentence, &before_);
  }

  // How the match is excused, and the excuse.
  std::pair<Excuse::How, const Occurrence*> Find(const text::Place& match) const {
    // One that holds an end of the match is a longer word that is not what was looked for.
    if (const Said* said = LastFrom(touching_, match.char_begin + 1);
        said != nullptr && said->Reach().char_end > match.char_begin) {
      return {Excuse::How::kLongerWord, said->reach};
    }
    if (const Said* said = LastFrom(touching_, match.char_end);
        said != nullptr && said->Reach().char_end >= match.char_end) {
      return {Excuse::How::kLongerWord, said->reach};
    }
    // Before or inside it.
    if (const Said* said = LastFrom(before_, match.char_begin);
        said != nullptr && InScope(said->Reach(), match)) {
      return {Excuse::How::kBefore, said->reach};
    }
    if (const Said* said = FirstFrom(before_, match.char_begin);
        said != nullptr && said->from < match.char_end) {
      return {Excuse::How::kInside, said->excuse};
    }
    const Said* said = FirstFrom(after_, match.char_end);
    if (said != nullptr && InScope(said->Place(), match, said->from)) {
      return {Excuse::How::kBehind, said->excuse};
    }
    return {Excuse::How::kNone, nullptr};
  }

 private:
  struct Said {
    const Occurrence* excuse;
    uint64_t from;  // where it begins to be said
    // Of those until here, of its sentence where that matters, the one that ends last.
    const Occurrence* reach = nullptr;

    const text::Place& Place() const { return excuse->place; }
    const text::Place& Reach() const { return reach->place; }
  };

  static void SetReaches(bool by_sentence, std::vector<Said>* all) {
    const Occurrence* reach = nullptr;
    for (Said& said : *all) {
      if (reach == nullptr || said.Place().char_end > reach->place.char_end ||
          (by_sentence && said.Place().sentence != reach->place.sentence)) {
        reach = said.excuse;
      }
      said.reach = reach;
    }
  }

  static bool FromBefore(const Said& said, uint64_t at) { return said.from < at; }
  static const Said* FirstFrom(const std::vector<Said>& all, uint64_t at) {
    const auto it = std::lower_bound(all.begin(), all.end(), at, FromBefore);
    return it == all.end() ? nullptr : &*it;
  }
  // The last that begins before `at`.
  static const Said* LastFrom(const std::vector<Said>& all, uint64_t at) {
    const auto it = std::lower_bound(all.begin(), all.end(), at, FromBefore);
    return it == all.begin() ? nullptr : &*(it - 1);
  }

  bool InScope(const text::Place& excuse, const text::Place& match) const {
    return match::InScope(scope_, characters_, excuse, match);
  }
  bool InScope(const text::Place& excuse, const text::Place& match, uint64_t from) const {
    text::Place place = excuse;
    place.char_begin = from;
    return InScope(place, match);
  }

  const Scope scope_;
  const uint32_t characters_;
  std::vector<Said> touching_, before_, after_;
};

// The excuses as longer words: what is only a part of one was not written. O(log n) a question.
class LongerWords {
 public:
  // In order of place.
  explicit LongerWords(const Occurrences& excuses) {
    uint64_t reach = 0;
    for (const Occurrence& excuse : excuses) {
      reach = std::max(reach, excuse.place.char_end);
      words_.push_back({excuse.place.char_begin, reach});
    }
  }

  bool Hold(const text::Place& place) const {
    return ReachOfThoseBefore(place.char_begin) >= place.char_end ||
           ReachOfThoseBefore(place.char_begin + 1) > place.char_end;
  }

 private:
  struct Word {
    uint64_t begin;
    uint64_t reach;  // how far this or an earlier one goes
  };

  uint64_t ReachOfThoseBefore(uint64_t at) const {
    const auto it = std::lower_bound(words_.begin(), words_.end(), at,
                                     [](const Word& w, uint64_t b) { return w.begin < b; });
    return it == words_.begin() ? 0 : (it - 1)->reach;
  }

  std::vector<Word> words_;
};

class Evaluator {
 public:
  // Hits that `longer` (may be null) holds are none, except for a `not`.
  Evaluator(const ProgramSpec& spec, const HitTable& hits, const LongerWords* longer = nullptr)
      : spec_(spec), hits_(hits), longer_(longer) {}

  // In order of place.
  Occurrences Evaluate(uint32_t index) const {
    const Node& node = spec_.nodes[index];
    switch (node.op) {
      case Op::kLeaves:
        return Leaves(node);
      case Op::kAny:
        return Any(node);
      case Op::kAll:
        return All(node);
      case Op::kNear:
        return Near(node);
      case Op::kNot:
        return {};  // an absence has no place; All() asks its child
    }
    return {};
  }

  // Whether an `all` would hold if nothing had to be absent.
  bool HoldsButForNots(const Node& node) const {
    return node.op == Op::kAll && !All(node, /*nots=*/false).empty();
  }

 private:
  uint32_t Child(const Node& node, uint32_t i) const {
    return spec_.child_index[node.first_child + i];
  }

  Occurrences Leaves(const Node& node) const {
    Occurrences out;
    for (uint32_t i = 0; i < node.child_count; ++i) {
      for (const LeafHit& hit : hits_.Of(spec_.leaf_index[node.first_child + i])) {
        if (longer_ == nullptr || !longer_->Hold(hit.at.place)) out.push_back(hit.at);
      }
    }
    std::sort(out.begin(), out.end(), ByPlace);
    return out;
  }

  Occurrences Any(const Node& node) const {
    Occurrences out;
    for (uint32_t i = 0; i < node.child_count; ++i) {
      Occurrences more = Evaluate(Child(node, i));
      out.insert(out.end(), more.begin(), more.end());
    }
    std::sort(out.begin(), out.end(), ByPlace);
    return out;
  }

  Occurrences All(const Node& node, bool nots = true) const {
    bool have_first = false;
    Occurrences first;
    std::vector<Nearest> wanted, unwanted;
    for (uint32_t i = 0; i < node.child_count; ++i) {
      const uint32_t child = Child(node, i);
      if (spec_.nodes[child].op == Op::kNot) {
        if (!nots) continue;
        unwanted.emplace_back(Evaluator(spec_, hits_).Evaluate(Child(spec_.nodes[child], 0)),
                              node.scope, node.characters);
      } else if (!have_first) {
        have_first = true;
        first = Evaluate(child);
        if (first.empty()) return {};
      } else {
        wanted.emplace_back(Evaluate(child), node.scope, node.characters);
        if (wanted.back().empty()) return {};
      }
    }
    Occurrences out;
    for (const Occurrence& occurrence : first) {
      Occurrence hull = occurrence;
      bool holds = true;
      for (const Nearest& other : wanted) {
        const Occurrence* nearest = other.Find(occurrence);
        if (nearest == nullptr) {
          holds = false;
          break;
        }
        if (node.scope != Scope::kField) hull = Hull(hull, *nearest);
      }
      for (const Nearest& other : unwanted) {
        holds = holds && other.Find(occurrence) == nullptr;
      }
      if (holds) out.push_back(hull);
    }
    std::sort(out.begin(), out.end(), ByPlace);
    return out;
  }

  struct Member {
    Occurrence at;
    uint32_t group;
  };

  // Members that follow one another, by their numbers: as they do not overlap, the first and the
  // last are the hull's ends.
  struct Chain {
    uint32_t first;
    uint32_t last;
    text::EvasionMask evasions;
    text::View view;
  };

  // Of the chains that hold the same groups and have ended, those that may still matter: none ends
  // earlier and begins no later than another, as far as the scope tells them apart. So they stand
  // in order of their ends, and against that of their begins.
  class Ended {
   public:
    // Chains come in the order of their ends, each in scope of what is asked for next.
    void Add(const Node& node, const std::vector<Member>& members, const Chain& chain) {
      const auto begin = [&](const Chain& c) { return members[c.first].at.place.text.begin; };
      const auto end = [&](const Chain& c) { return members[c.last].at.place.char_end; };
      // A term that stands as written sounds like itself too: at one place the plainer view is
      // told.
      if (chains_.size() > gone_ && begin(chains_.back()) == begin(chain) &&
          end(chains_.back()) == end(chain)) {
        if (chain.view < chains_.back().view) chains_.back() = chain;
        return;
      }
      while (chains_.size() > gone_ && begin(chains_.back()) <= begin(chain)) chains_.pop_back();
      const bool tighter = chains_.size() > gone_ &&
                           (node.scope != Scope::kCharacters || end(chains_.back()) == end(chain));
      if (!tighter) chains_.push_back(chain);
    }

    // The one that begins last of those in scope of `next`; null when none is. Places asked for do
    // not go back, so what has fallen out of scope is forgotten.
    const Chain* Find(const Node& node, const std::vector<Member>& members,
                      const text::Place& next) {
      while (gone_ < chains_.size() &&
             !InScope(node.scope, node.characters, members[chains_[gone_].last].at.place, next)) {
        ++gone_;
      }
      if (gone_ * 2 >= chains_.size()) {
        chains_.erase(chains_.begin(), chains_.begin() + static_cast<ptrdiff_t>(gone_));
        gone_ = 0;
      }
      return chains_.empty() ? nullptr : &chains_[gone_];
    }

   private:
    std::vector<Chain> chains_;
    size_t gone_ = 0;  // so many at the front are forgotten
  };

  // A sweep from left to right over chains of occurrences, each chain known by the set of groups it
  // holds.
  class Sweep {
   public:
    Sweep(const Node& node, std::vector<Member> members)
        : node_(node),
          members_(std::move(members)),
          all_groups_((1u << node.child_count) - 1),
          ended_(all_groups_) {}

    Occurrences Run() {
      for (uint32_t i = 0; i < members_.size(); ++i) {
        const text::Place& place = members_[i].at.place;
        while (!open_.empty() && open_.front().end <= place.text.begin) End(place);
        Extend(i);
      }
      return std::move(out_);
    }

   private:
    struct Longer {
      Chain chain;
      uint32_t groups;
    };
    // The chains that end with a member.
    struct Open {
      uint32_t member;
      uint64_t end;
      std::vector<Longer> chains;
      bool operator<(const Open& other) const { return end > other.end; }  // ends first: on top
    };

    // Ends the chains of the member that ends first. What is out of scope of the place that comes
    // next is of all that follow.
    void End(const text::Place& next) {
      std::pop_heap(open_.begin(), open_.end());
      Open& open = open_.back();
      if (InScope(node_.scope, node_.characters, members_[open.member].at.place, next)) {
        for (const Longer& l : open.chains) ended_[l.groups].Add(node_, members_, l.chain);
      }
      spare_ = std::move(open.chains);
      open_.pop_back();
    }

    void Extend(uint32_t i) {
      const Member& member = members_[i];
      const uint32_t bit = 1u << member.group;
      std::vector<Longer> longer = std::move(spare_);
      longer.clear();
      const auto extend = [&](uint32_t groups, const Chain& chain) {
        if ((groups | bit) == all_groups_) {
          out_.push_back(HullOf(chain));
        } else {
          longer.push_back({chain, groups | bit});
        }
      };
      const auto continue_with = [&](uint32_t groups) {
        const Chain* chain = ended_[groups].Find(node_, members_, member.at.place);
        if (chain == nullptr) return;
        extend(groups, {chain->first, i, chain->evasions | member.at.place.evasions,
                        std::max(chain->view, member.at.view)});
      };
      if (!node_.ordered || member.group == 0) {
        extend(0, {i, i, member.at.place.evasions, member.at.view});
      }
      if (node_.ordered) {
        if (member.group > 0) continue_with(bit - 1);
      } else {
        // Every set without the member's group.
        const uint32_t others = all_groups_ & ~bit;
        for (uint32_t groups = others; groups != 0; groups = (groups - 1) & others) {
          continue_with(groups);
        }
      }
      if (longer.empty()) {
        spare_ = std::move(longer);
      } else {
        open_.push_back({i, member.at.place.text.end, std::move(longer)});
        std::push_heap(open_.begin(), open_.end());
      }
    }

    Occurrence HullOf(const Chain& chain) const {
      Occurrence hull = Hull(members_[chain.first].at, members_[chain.last].at);
      hull.place.evasions = chain.evasions;
      hull.view = chain.view;
      return hull;
    }

    const Node& node_;
    const std::vector<Member> members_;
    const uint32_t all_groups_;
    std::vector<Ended> ended_;  // by the set of groups
    std::vector<Open> open_;    // a heap
    std::vector<Longer> spare_;
    Occurrences out_;
  };

  Occurrences Near(const Node& node) const {
    std::vector<Member> members;
    for (uint32_t g = 0; g < node.child_count; ++g) {
      const Occurrences group = Evaluate(Child(node, g));
      if (group.empty()) return {};
      for (const Occurrence& at : group) members.push_back({at, g});
    }
    std::sort(members.begin(), members.end(),
              [](const Member& a, const Member& b) { return ByPlace(a.at, b.at); });
    return Tightest(Sweep(node, std::move(members)).Run());
  }

  // Without those that hold another.
  static Occurrences Tightest(Occurrences all) {
    std::sort(all.begin(), all.end(), ByPlace);
    Occurrences out;
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
      if (out.empty() || it->place.text.end < out.back().place.text.end) {
        out.push_back(*it);
      } else if (it->place.text == out.back().place.text) {
        out.back() = *it;  // the plainer view's
      }
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  const ProgramSpec& spec_;
  const HitTable& hits_;
  const LongerWords* const longer_;
};

// Notes for TraceRule() what each node of a tree has.
class Tracer {
 public:
  Tracer(const ProgramSpec& spec, const HitTable& hits)
      : spec_(spec), hits_(hits), evaluator_(spec, hits) {}

  // Appends the node and those below it; its place in `out`.
  size_t Trace(uint32_t index, std::vector<NodeTrace>* out) const {
    using Lack = NodeTrace::Lack;
    const size_t at = out->size();
    out->emplace_back().node = index;
    const Node& node = spec_.nodes[index];
    // An absence holds where its child does not: All() alone knows where that is.
    const Occurrences found =
        evaluator_.Evaluate(node.op == Op::kNot ? spec_.child_index[node.first_child] : index);
    double sum = 0, best = 0;
    size_t parts = 0;
    bool all_stand = true;
    for (uint32_t i = 0; node.op != Op::kLeaves && i < node.child_count; ++i) {
      const size_t child = Trace(spec_.child_index[node.first_child + i], out);
      const NodeTrace& trace = (*out)[child];
      if (spec_.nodes[trace.node].op == Op::kNot) continue;
      ++parts;
      sum += trace.nearness;
      best = std::max(best, trace.nearness);
      all_stand = all_stand && trace.lack == Lack::kNothing;
    }
    NodeTrace& trace = (*out)[at];
    trace.count = found.size();
    trace.at.assign(found.begin(),
                    found.begin() + static_cast<ptrdiff_t>(std::min(found.size(), kTraceHitsMax)));
    if (node.op == Op::kLeaves) NoteHits(node, &trace);
    if (!found.empty()) {
      trace.lack = Lack::kNothing;
      trace.nearness = 1;
    } else if (node.op == Op::kAny) {
      trace.nearness = best;
    } else if (parts > 0) {
      trace.nearness = std::min(sum / static_cast<double>(parts), kNearnessMax);
      if (all_stand) trace.lack = evaluator_.HoldsButForNots(node) ? Lack::kDenied : Lack::kApart;
    }
    return at;
  }

 private:
  static constexpr double kNearnessMax = 0.95;

  void NoteHits(const Node& node, NodeTrace* trace) const {
    for (uint32_t i = 0; i < node.child_count; ++i) {
      for (const LeafHit& hit : hits_.Of(spec_.leaf_index[node.first_child + i])) {
        trace->hits.push_back(hit);
      }
    }
    std::sort(trace->hits.begin(), trace->hits.end(),
              [](const LeafHit& a, const LeafHit& b) { return ByPlace(a.at, b.at); });
    // A term that stands as written sounds like itself as well: the plainer view's comes first.
    trace->hits.erase(std::unique(trace->hits.begin(), trace->hits.end(),
                                  [](const LeafHit& a, const LeafHit& b) {
                                    return a.at.place.text == b.at.place.text;
                                  }),
                      trace->hits.end());
    trace->count = trace->hits.size();
    if (trace->hits.size() > kTraceHitsMax) trace->hits.resize(kTraceHitsMax);
  }

  const ProgramSpec& spec_;
  const HitTable& hits_;
  const Evaluator evaluator_;
};

}  // namespace

RuleTrace TraceRule(const ProgramSpec& spec, const RuleCondition& rule, const HitTable& hits) {
  RuleTrace trace;
  const Tracer tracer(spec, hits);
  tracer.Trace(rule.match, &trace.match);
  EvaluateRule(spec, rule, hits, &trace.matches);
  if (rule.unless < 0) return trace;
  const uint32_t root = static_cast<uint32_t>(rule.unless);
  tracer.Trace(root, &trace.unless);
  const Evaluator evaluator(spec, hits);
  const Occurrences unless = evaluator.Evaluate(root);
  if (unless.empty()) return trace;
  const LongerWords longer(unless);
  const Excuses excuses(unless, rule.unless_scope, rule.unless_characters);
  const Occurrences left = Evaluator(spec, hits, &longer).Evaluate(rule.match);
  const auto overlaps = [](const text::Place& a, const text::Place& b) {
    return a.char_begin < b.char_end && b.char_begin < a.char_end;
  };
  std::vector<bool> used(unless.size());
  for (const Occurrence& match : evaluator.Evaluate(rule.match)) {
    const bool stays = std::any_of(left.begin(), left.end(), [&](const Occurrence& other) {
      return other.place.text == match.place.text;
    });
    auto [how, by] = excuses.Find(match.place);
    if (by == nullptr && !stays) {
      // Some hit of it is only a part of an excuse.
      how = Excuse::How::kLongerWord;
      for (const Occurrence& excuse : unless) {
        if (overlaps(excuse.place, match.place)) by = &excuse;
      }
    }
    if (by == nullptr) continue;
    used[static_cast<size_t>(by - unless.data())] = true;
    trace.excused.push_back({how, match, *by});
  }
  if (trace.matches.empty()) return trace;
  const text::Place& found = trace.matches.front().place;
  for (size_t i = 0; i < unless.size() && trace.idle.size() < kTraceHitsMax; ++i) {
    if (used[i]) continue;
    const text::Place& place = unless[i].place;
    const bool reaches = InScope(rule.unless_scope, rule.unless_characters, place, found);
    const auto why = !reaches               ? IdleExcuse::Why::kOutOfReach
                     : place.standing.alone ? IdleExcuse::Why::kAlone
                                            : IdleExcuse::Why::kNotJoined;
    trace.idle.push_back({why, unless[i]});
  }
  return trace;
}

HitTable::HitTable(std::vector<LeafHit>* hits) {
  std::sort(hits->begin(), hits->end(), [](const LeafHit& a, const LeafHit& b) {
    return a.leaf != b.leaf ? a.leaf < b.leaf : ByPlace(a.at, b.at);
  });
  // The same place in two views is one hit: the plainer view's, which sorts first.
  hits->erase(std::unique(hits->begin(), hits->end(),
                          [](const LeafHit& a, const LeafHit& b) {
                            return a.leaf == b.leaf && a.at.place.text == b.at.place.text;
                          }),
              hits->end());
  hits_ = *hits;
}

std::span<const LeafHit> HitTable::Of(uint32_t leaf) const {
  const auto [first, last] =
      std::equal_range(hits_.begin(), hits_.end(), LeafHit{leaf, {}},
                       [](const LeafHit& a, const LeafHit& b) { return a.leaf < b.leaf; });
  return {first, last};
}

void EvaluateRule(const ProgramSpec& spec, const RuleCondition& rule, const HitTable& hits,
                  std::vector<Occurrence>* out) {
  out->clear();
  const Evaluator evaluator(spec, hits);
  Occurrences matches = evaluator.Evaluate(rule.match);
  if (matches.empty()) return;
  if (rule.unless >= 0) {
    const Occurrences unless = evaluator.Evaluate(static_cast<uint32_t>(rule.unless));
    if (!unless.empty()) {
      const LongerWords longer(unless);
      matches = Evaluator(spec, hits, &longer).Evaluate(rule.match);
      const Excuses excuses(unless, rule.unless_scope, rule.unless_characters);
      std::erase_if(matches, [&](const Occurrence& match) {
        return excuses.Find(match.place).second != nullptr;
      });
    }
  }
  // In order of place with the longer first, whatever ends no later than one before lies inside it.
  uint64_t reach = 0;
  for (const Occurrence& match : matches) {
    if (!out->empty() && match.place.text.end <= reach) continue;
    reach = match.place.text.end;
    out->push_back(match);
  }
}

}  // namespace winnow::match
