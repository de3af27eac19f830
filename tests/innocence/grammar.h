// Text made from grammars: rules with alternatives, chosen by a seeded generator, so that the same
// seed gives the same bytes on every machine.
//
// A grammar file:
//
//   # a comment
//   = greeting                     each line below is an alternative, all equally likely
//   Hello {name}, {how are you|good to see you}.
//   = name words                   the words below are alternatives, the first the most frequent
//   Ada Grace Mary_Ann             (Zipf's law); _ is a space
//   = rare zipf                    lines, the first the most frequent
//
// In an alternative:
//
//   {name} {Name} {NAME}           the rule `name`; with a capital; in capitals
//   {name*2-5} {name*2-5:, }       two to five of it; with `, ` between
//   {?name}                        it or nothing
//   {this|or {name}}               one of these
//   {name+s} {name+ed} {name+ing} {name+ly} {name+er}    English endings
//   {an name}                      with "a" or "an"
//   {name~} {name!}                its characters held apart by spaces; a letter of it stretched
//   {1-99} {9:4} {9:3-6}           a number; that many digits
//   {a:5} {A:3} {x:8} {b:40-80}    letters, capitals, hexadecimal digits, base64
//   \n \t \{ \} \| \\              themselves
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::innocence {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // In [0, n).
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>((Next() >> 32) * n >> 32); }
  // In [0, 1).
  double Share() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

// Immutable once read; any thread.
class Grammar {
 public:
  // Adds the rules of a grammar file; a rule met before is added to. `respell` (may be null) is
  // applied to each literal. What is wrong with the file ends the process with a message: grammars
  // are part of the program.
  void Add(std::string_view file, std::string_view text,
           const std::function<std::string(std::string_view)>& respell);

  // Looks up every rule that is named; call after the last Add().
  void Link();

  bool Has(std::string_view rule) const { return by_name_.find(rule) != by_name_.end(); }
  // Appends an expansion of `rule`.
  void Expand(std::string_view rule, Random* random, std::string* out) const;

 private:
  enum class Op : uint8_t { kLiteral, kRule, kNumber, kDigits, kLower, kUpper, kHex, kBase64 };
  enum class Ending : uint8_t { kNone, kS, kEd, kIng, kLy, kEr };
  struct Part {
    Op op = Op::kLiteral;
    Ending ending = Ending::kNone;
    bool capital = false, capitals = false, optional = false, apart = false, stretched = false;
    bool article = false;
    uint32_t rule = 0;
    uint32_t from = 1, to = 1;  // times, or the bounds of a number
    std::string text;           // of a literal; the name of a rule until Link(); then what divides
    std::string divider;
  };
  struct Alternative {
    std::vector<Part> parts;
  };
  struct Rule {
    std::string name;
    bool zipf = false;
    std::vector<Alternative> alternatives;
    std::vector<double> share;  // summed, of a Zipf rule
  };

  uint32_t RuleOf(std::string_view name);
  Alternative Parse(std::string_view line);
  Part ParsePart(std::string_view inner);
  void ExpandRule(uint32_t rule, Random* random, std::string* out, int depth) const;
  void ExpandPart(const Part& part, Random* random, std::string* out, int depth) const;

  std::vector<Rule> rules_;
  std::map<std::string, uint32_t, std::less<>> by_name_;
  const std::function<std::string(std::string_view)>* respell_ = nullptr;
  std::string file_;
};

}  // namespace winnow::innocence
