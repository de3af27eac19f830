// What a rule made of a text, told: the tree of its conditions with what stands of each, what
// `unless` did, and the words that matched.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/match/matcher.h"
#include "engine/match/trace.h"
#include "engine/pack/pack.h"
#include "engine/rules/model.h"
#include "tools/cli/console.h"

namespace winnow::cli {

// A rule of a compiled pack and a text that was scanned with it.
struct Story {
  const pack::CompileResult& compiled;
  size_t rule;  // its place in compiled.rules.rules
  std::string_view text;
  const match::RuleTrace& trace;
};

// "within 20 characters", as conditions and `unless` say how far.
std::string ReachText(const rules::Within& within);

// The conditions, a line each, every line behind `indent`. Of an `any` that does not hold only the
// nearest child is told.
std::string TellConditions(const Story& story, const Style& style, std::string_view indent);
// What `unless` dropped, and what stood there and dropped nothing.
std::string TellExcuses(const Story& story, const Style& style, std::string_view indent);
// "»赌场« (squeezed; separator)" of the part of the text where something was found.
std::string TellWords(std::string_view text, const text::Place& place, text::View view,
                      const Style& style);

// The scan of a text whose story is to be told, and how the rule judged it.
absl::StatusOr<match::RuleTrace> TraceText(const pack::CompileResult& compiled, size_t rule,
                                           std::string_view text, Surface surface);

// The members "text", "begin", "end", "view" and "evasions" of what was found in `text`.
std::string FoundJson(std::string_view text, const match::RuleMatch& found);

// The members "matches", "excused" and "match" (and "unless") of a JSON object.
std::string StoryJson(const Story& story);

}  // namespace winnow::cli
