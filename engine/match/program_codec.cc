// The "conditions" section: little-endian, varint-coded, in the order of ProgramSpec. Written by
// hand rather than as a protobuf message: it is a dump of arrays, read once a load.
#include <cstring>

#include "engine/base/strings.h"
#include "engine/match/program_impl.h"

namespace winnow::match {
namespace {

constexpr uint8_t kSpecVersion = 3;
// Conditions nest no deeper than the parser lets them, with room.
constexpr int kDepthMax = 64;

class Writer {
 public:
  void Number(uint64_t n) {
    for (; n >= 0x80; n >>= 7) out_.push_back(static_cast<char>(n | 0x80));
    out_.push_back(static_cast<char>(n));
  }
  void Text(std::string_view s) {
    Number(s.size());
    out_.append(s);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  uint64_t Number() {
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) return Fail();
      const uint8_t byte = in_.front();
      in_.remove_prefix(1);
      n |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    return Fail();
  }
  uint32_t Small() {
    const uint64_t n = Number();
    return n <= UINT32_MAX ? static_cast<uint32_t>(n) : Fail();
  }
  uint8_t Byte() {
    const uint64_t n = Number();
    return n <= UINT8_MAX ? static_cast<uint8_t>(n) : static_cast<uint8_t>(Fail());
  }
  // A count of things of at least `bytes_min` each: never more than what is left can hold.
  uint32_t Count(size_t bytes_min) {
    const uint64_t n = Number();
    return n <= in_.size() / bytes_min ? static_cast<uint32_t>(n) : Fail();
  }
  std::string Text() {
    const uint64_t size = Number();
    if (size > in_.size()) {
      Fail();
      return "";
    }
    std::string s(in_.substr(0, size));
    in_.remove_prefix(size);
    return s;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return in_.empty(); }

 private:
  uint32_t Fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }
  std::string_view in_;
  bool ok_ = true;
};

absl::Status BadSpec(std::string_view what) {
  return absl::DataLossError(StrCat("section conditions is malformed: ", what));
}

// Visits each node once: what a rule's condition holds belongs to it alone, so that trees stay as
// large as they are written.
class TreeCheck {
 public:
  explicit TreeCheck(const ProgramSpec& spec) : spec_(spec), seen_(spec.nodes.size()) {}

  absl::Status Visit(uint32_t node, int depth = 0) {
    if (depth > kDepthMax) return BadSpec("conditions nest too deeply");
    if (seen_[node]) return BadSpec("a condition stands in two places");
    seen_[node] = true;
    const Node& n = spec_.nodes[node];
    if (n.op == Op::kLeaves) return absl::OkStatus();
    for (uint32_t i = 0; i < n.child_count; ++i) {
      if (absl::Status s = Visit(spec_.child_index[n.first_child + i], depth + 1); !s.ok()) {
        return s;
      }
    }
    return absl::OkStatus();
  }

 private:
  const ProgramSpec& spec_;
  std::vector<bool> seen_;
};

}  // namespace

absl::Status ValidSpec(const ProgramSpec& spec) {
  for (const Leaf& leaf : spec.leaves) {
    if (leaf.kind > Leaf::Kind::kParts) return BadSpec("unknown kind of pattern");
    if (static_cast<int>(leaf.checksum) >= text::kChecksumCount) return BadSpec("unknown checksum");
    if (leaf.checksum != text::Checksum::kNone && leaf.kind != Leaf::Kind::kRegex) {
      return BadSpec("a checksum of what is no expression");
    }
    if (leaf.views >> text::kViewCount != 0) return BadSpec("unknown view");
    if ((leaf.kind == Leaf::Kind::kParts) == (leaf.whole == 0)) return BadSpec("parts of nothing");
    if (leaf.whole > 0x10ffff || (leaf.whole >= 0xd800 && leaf.whole < 0xe000)) {
      return BadSpec("parts of no character");
    }
  }
  uint64_t leaves_named = 0;
  for (const Node& node : spec.nodes) {
    if (node.op > Op::kNear || node.scope > Scope::kCharacters) return BadSpec("unknown condition");
    const std::vector<uint32_t>& index =
        node.op == Op::kLeaves ? spec.leaf_index : spec.child_index;
    if (node.first_child > index.size() || node.child_count > index.size() - node.first_child) {
      return BadSpec("a condition's children are out of range");
    }
    if (node.op == Op::kNot && node.child_count != 1) return BadSpec("a `not` of several");
    if (node.op == Op::kLeaves) leaves_named += node.child_count;
  }
  if (leaves_named > spec.leaf_index.size()) return BadSpec("conditions share patterns' places");
  for (uint32_t leaf : spec.leaf_index) {
    if (leaf >= spec.leaves.size()) return BadSpec("a pattern is out of range");
    if (spec.leaves[leaf].kind == Leaf::Kind::kParts) return BadSpec("a condition names parts");
  }
  for (uint32_t child : spec.child_index) {
    if (child >= spec.nodes.size()) return BadSpec("a condition is out of range");
  }
  TreeCheck trees(spec);
  for (const RuleCondition& rule : spec.rules) {
    if (rule.unless_scope > Scope::kCharacters) return BadSpec("unknown scope");
    if (rule.match >= spec.nodes.size() || rule.unless < -1 ||
        rule.unless >= static_cast<int64_t>(spec.nodes.size())) {
      return BadSpec("a rule's condition is out of range");
    }
    if (absl::Status s = trees.Visit(rule.match); !s.ok()) return s;
    if (rule.unless >= 0) {
      if (absl::Status s = trees.Visit(static_cast<uint32_t>(rule.unless)); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

std::string EncodeSpec(const ProgramSpec& spec, const std::vector<uint32_t>& regex_bytes_max) {
  Writer w;
  w.Number(kSpecVersion);
  w.Number(spec.leaves.size());
  for (size_t i = 0; i < spec.leaves.size(); ++i) {
    const Leaf& leaf = spec.leaves[i];
    w.Number(static_cast<uint64_t>(leaf.kind));
    for (const std::string& text : leaf.in_view) w.Text(text);
    w.Number(leaf.views);
    w.Number(leaf.border_begin | leaf.border_end << 1 | leaf.ordinary << 2);
    w.Number(leaf.evasions);
    w.Number(leaf.whole);
    w.Number(static_cast<uint64_t>(leaf.checksum));
    w.Number(leaf.source);
    w.Number(regex_bytes_max[i]);
  }
  w.Number(spec.nodes.size());
  for (const Node& node : spec.nodes) {
    w.Number(static_cast<uint64_t>(node.op));
    w.Number(static_cast<uint64_t>(node.scope));
    w.Number(node.ordered);
    w.Number(node.characters);
    w.Number(node.first_child);
    w.Number(node.child_count);
  }
  for (const auto* index : {&spec.child_index, &spec.leaf_index}) {
    w.Number(index->size());
    for (uint32_t i : *index) w.Number(i);
  }
  w.Number(spec.rules.size());
  for (const RuleCondition& rule : spec.rules) {
    w.Number(rule.match);
    w.Number(rule.unless + 1);
    w.Number(static_cast<uint64_t>(rule.unless_scope));
    w.Number(rule.unless_characters);
    w.Number(rule.surfaces);
  }
  return w.Take();
}

absl::StatusOr<ProgramSpec> DecodeSpec(std::string_view bytes,
                                       std::vector<uint32_t>* regex_bytes_max) {
  Reader r(bytes);
  ProgramSpec spec;
  if (r.Number() != kSpecVersion) return BadSpec("unknown version");
  spec.leaves.resize(r.Count(11));
  regex_bytes_max->resize(spec.leaves.size());
  for (size_t i = 0; i < spec.leaves.size() && r.ok(); ++i) {
    Leaf& leaf = spec.leaves[i];
    leaf.kind = static_cast<Leaf::Kind>(r.Byte());
    for (std::string& text : leaf.in_view) text = r.Text();
    leaf.views = static_cast<text::ViewSet>(r.Byte());
    const uint8_t borders = r.Byte();
    leaf.border_begin = borders & 1;
    leaf.border_end = borders >> 1 & 1;
    leaf.ordinary = borders >> 2 & 1;
    leaf.evasions = r.Small();
    leaf.whole = r.Small();
    leaf.checksum = static_cast<text::Checksum>(r.Byte());
    leaf.source = r.Small();
    (*regex_bytes_max)[i] = r.Small();
  }
  spec.nodes.resize(r.Count(6));
  for (size_t i = 0; i < spec.nodes.size() && r.ok(); ++i) {
    Node& node = spec.nodes[i];
    node.op = static_cast<Op>(r.Byte());
    node.scope = static_cast<Scope>(r.Byte());
    node.ordered = r.Byte() != 0;
    node.characters = r.Small();
    node.first_child = r.Small();
    node.child_count = r.Small();
  }
  for (auto* index : {&spec.child_index, &spec.leaf_index}) {
    index->resize(r.Count(1));
    for (size_t i = 0; i < index->size() && r.ok(); ++i) (*index)[i] = r.Small();
  }
  spec.rules.resize(r.Count(5));
  for (size_t i = 0; i < spec.rules.size() && r.ok(); ++i) {
    RuleCondition& rule = spec.rules[i];
    rule.match = r.Small();
    rule.unless = static_cast<int64_t>(r.Small()) - 1;
    rule.unless_scope = static_cast<Scope>(r.Byte());
    rule.unless_characters = r.Small();
    rule.surfaces = r.Small();
  }
  if (!r.ok()) return BadSpec("it ends too soon");
  if (!r.at_end()) return BadSpec("it has bytes to spare");
  for (uint32_t bytes : *regex_bytes_max) {
    if (bytes > kMaxMatchBytes) return BadSpec("a pattern is too wide");
  }
  for (const Node& node : spec.nodes) {
    if (node.op == Op::kNear && node.child_count > kMaxNearGroups) {
      return BadSpec("a `near` has too many groups");
    }
  }
  return spec;
}

}  // namespace winnow::match
