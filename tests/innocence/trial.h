// Benign text under the bundled rules, counted by the view that saw each finding: what squeezed and
// phonetic find beyond folded, nobody wrote.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "engine/checker.h"
#include "engine/pack/pack.h"
#include "tests/innocence/kinds.h"

namespace winnow::innocence {

// The bundled rules, and each of their terms as a rule of its own that nothing else limits. Most of
// these terms are ordinary words ("sale", 电话), which a spaced heading may well spell; what counts
// are those that no text of any kind says plainly. A term of two syllables alone meets one of its
// sound by chance (docs/rules.md), so phonetic counts only under the rules' own conditions.
struct Packs {
  std::shared_ptr<const pack::Pack> bundled;
  std::shared_ptr<const pack::Pack> terms;
};
// Compiles both from rules/. Ends the process, with the diagnostics, when they do not compile.
const Packs& BundledPacks();

struct Count {
  uint64_t folded = 0;
  uint64_t squeezed = 0;
  uint64_t phonetic = 0;
  // By folded, but only as another form: parts for an ideograph, other numerals, backwards. Of
  // terms as rules of their own without numerals, as ordinary in one form as in the other.
  uint64_t formed = 0;
  // What squeezed, phonetic and other forms (under kFolded) added, by rule (or term): the matched
  // text and how often.
  using Texts = std::map<std::string, std::map<std::string, uint64_t>>;
  std::map<text::View, Texts> added;
  std::set<std::string> said;  // the rules or terms that folded found

  uint64_t Added() const { return squeezed + phonetic + formed; }
  // What squeezed and other forms added, without the terms of `ordinary`.
  uint64_t SqueezedBut(const std::set<std::string>& ordinary) const;
};

struct Tally {
  uint64_t bytes = 0;
  uint64_t texts = 0;
  uint64_t flagged = 0;  // texts that the bundled rules do not allow
  uint64_t blocked = 0;
  std::map<std::string, uint64_t> flags;  // "BLOCK rule: matched text" and how often
  Count bundled;
  Count terms;
};

class Trial {
 public:
  Trial();
  // Checks one text with both packs and adds what was found to `tally`.
  void Check(std::string_view text, Tally* tally) const;

 private:
  Checker bundled_;
  Checker terms_;
};

// Makes texts of `kind` until they have `bytes` bytes, and checks each.
Tally Try(const Trial& trial, const Kind& kind, uint64_t bytes, uint64_t seed);

// At most one finding added in 10 MB; less text allows one too.
bool WithinLimit(uint64_t added, uint64_t bytes);

// The benign files of real text beside the source tree, or where WINNOW_SHARED_DATA says: JSON
// lines with a `text`. Calls `each` with a file's name and each of its texts; returns the folder
// looked in and whether there is one.
struct SharedData {
  std::string folder;
  bool present = false;
};
SharedData ForEachSharedText(
    const std::function<void(const std::string& file, const std::string& text)>& each);

}  // namespace winnow::innocence
