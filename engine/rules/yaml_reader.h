// YAML as we accept it: a tree of mappings, lists and text, each with its place in the source.
//
// A small, safe part of YAML 1.1: every scalar is text (`no`, `1.0` and `~` mean what they spell);
// anchors, aliases, tags, merge keys, duplicate keys and several documents are refused. Rule files,
// policies and winnowd's configuration are all read by this and typed by their own code.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::rules {

struct YamlNode {
  enum class Kind { kScalar, kSequence, kMapping };
  struct Entry;

  Kind kind = Kind::kScalar;
  std::string text;             // kScalar
  bool quoted = false;          // kScalar: written in quotes or as a block (`|`, `>`)
  std::vector<YamlNode> items;  // kSequence
  std::vector<Entry> entries;   // kMapping, in written order, keys unique
  SourceRange where;

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsSequence() const { return kind == Kind::kSequence; }
  bool IsMapping() const { return kind == Kind::kMapping; }
  // A value left out, as in `key:` with nothing behind it.
  bool IsEmpty() const { return IsScalar() && !quoted && text.empty(); }

  // The value under `key` of a mapping; null when there is none or this is no mapping. O(entries).
  const YamlNode* Find(std::string_view key) const;
};

struct YamlNode::Entry {
  std::string key;
  SourceRange key_where;
  YamlNode value;
};

// "a list", "a mapping", "text": what a diagnostic calls the node.
std::string_view KindName(const YamlNode& node);

inline constexpr size_t kMaxYamlBytes = 16u << 20;
inline constexpr int kMaxYamlDepth = 64;
// Keys, texts, lists and mappings; some 130 bytes each.
inline constexpr size_t kMaxYamlNodes = 500'000;

// Reads `source`, appending what is wrong to `diagnostics` (never null) with codes Y001 to Y016 and
// `file_index` in every range. Returns the tree whenever the text has the form of YAML, even beside
// errors such as a duplicate key (the first one counts), so that the caller can report its own
// errors too; nullopt when it has not. A file without content is an empty scalar. Thread safe. O(n
// log n).
std::optional<YamlNode> ParseYaml(const SourceFile& source, int file_index,
                                  std::vector<Diagnostic>* diagnostics);

}  // namespace winnow::rules
