#include "tests/support/condition_tree.h"

#include <utility>

namespace winnow {
namespace {

Tree OfTerms(std::vector<std::string> terms, bool words) {
  Tree tree;
  for (std::string& term : terms) {
    match::Leaf leaf;
    leaf.views = text::SetOf(text::View::kFolded) | text::SetOf(text::View::kSqueezed);
    leaf.in_view[0] = leaf.in_view[1] = std::move(term);
    leaf.border_begin = leaf.border_end = words;
    tree.leaves.push_back(std::move(leaf));
  }
  return tree;
}

Tree Of(match::Op op, std::vector<Tree> children) {
  Tree tree;
  tree.op = op;
  tree.children = std::move(children);
  return tree;
}

uint32_t Add(const Tree& tree, match::ProgramSpec* spec) {
  const uint32_t index = spec->nodes.size();
  spec->nodes.emplace_back();
  std::vector<uint32_t> children;
  for (const match::Leaf& leaf : tree.leaves) {
    children.push_back(spec->leaves.size());
    spec->leaves.push_back(leaf);
  }
  for (const Tree& child : tree.children) children.push_back(Add(child, spec));
  std::vector<uint32_t>& list =
      tree.op == match::Op::kLeaves ? spec->leaf_index : spec->child_index;
  match::Node node;
  node.op = tree.op;
  node.scope = tree.scope;
  node.ordered = tree.ordered;
  node.characters = tree.characters;
  node.first_child = list.size();
  node.child_count = children.size();
  list.insert(list.end(), children.begin(), children.end());
  spec->nodes[index] = node;
  return index;
}

}  // namespace

Tree Tree::Sentence() const {
  Tree tree = *this;
  tree.scope = match::Scope::kSentence;
  return tree;
}

Tree Tree::Within(uint32_t n) const {
  Tree tree = *this;
  tree.scope = match::Scope::kCharacters;
  tree.characters = n;
  return tree;
}

Tree Tree::Ordered() const {
  Tree tree = *this;
  tree.ordered = true;
  return tree;
}

Tree Terms(std::vector<std::string> terms) { return OfTerms(std::move(terms), false); }
Tree Words(std::vector<std::string> terms) { return OfTerms(std::move(terms), true); }

Tree Regex(std::string expression, text::ViewSet views, text::Checksum checksum) {
  Tree tree;
  match::Leaf leaf;
  leaf.kind = match::Leaf::Kind::kRegex;
  leaf.views = views;
  leaf.in_view[0] = std::move(expression);
  leaf.checksum = checksum;
  tree.leaves.push_back(std::move(leaf));
  return tree;
}

Tree Any(std::vector<Tree> children) { return Of(match::Op::kAny, std::move(children)); }
Tree All(std::vector<Tree> children) { return Of(match::Op::kAll, std::move(children)); }
Tree Not(Tree child) { return Of(match::Op::kNot, {std::move(child)}); }
Tree Near(std::vector<Tree> children) { return Of(match::Op::kNear, std::move(children)); }

match::ProgramSpec Flatten(const std::vector<RuleTree>& rules) {
  match::ProgramSpec spec;
  for (const RuleTree& rule : rules) {
    match::RuleCondition condition;
    condition.match = Add(rule.match, &spec);
    if (rule.unless) {
      condition.unless = Add(*rule.unless, &spec);
      condition.unless_scope = rule.unless->scope;
      condition.unless_characters = rule.unless->characters;
    }
    condition.surfaces = rule.surfaces;
    spec.rules.push_back(condition);
  }
  return spec;
}

}  // namespace winnow
