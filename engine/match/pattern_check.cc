#include "engine/match/pattern_check.h"

#include <hs.h>

#include <cstdlib>

#include "engine/base/strings.h"

namespace winnow::match {
namespace {

// The first anchor outside classes and quotations; empty when there is none.
std::string AnchorIn(const std::string& p) {
  bool in_class = false;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] == '\\' && i + 1 < p.size()) {
      const char c = p[++i];
      if (c == 'Q') {
        const size_t end = p.find("\\E", i);
        if (end == std::string::npos) return "";
        i = end + 1;
      } else if (!in_class && (c == 'A' || c == 'z' || c == 'Z' || c == 'G')) {
        return std::string("\\") + c;
      }
    } else if (in_class) {
      if (p.compare(i, 2, "[:") == 0) {
        const size_t end = p.find(":]", i + 2);
        if (end != std::string::npos) i = end + 1;
      } else if (p[i] == ']') {
        in_class = false;
      }
    } else if (p[i] == '[') {
      in_class = true;
      if (i + 1 < p.size() && p[i + 1] == '^') ++i;
      // A ']' that comes first stands for itself.
      if (i + 1 < p.size() && p[i + 1] == ']') ++i;
    } else if (p[i] == '^' || p[i] == '$') {
      return std::string(1, p[i]);
    }
  }
  return "";
}

}  // namespace

const unsigned kRegexFlags = HS_FLAG_UTF8 | HS_FLAG_DOTALL;

PatternFacts CheckPattern(const std::string& pattern) {
  using Kind = PatternProblem::Kind;
  PatternFacts facts;
  const auto problem = [&facts](Kind kind, std::string message) {
    facts.problem = kind;
    facts.message = std::move(message);
    return facts;
  };
  if (const std::string anchor = AnchorIn(pattern); !anchor.empty()) {
    return problem(Kind::kSyntax, StrCat("the anchor ", anchor,
                                         " has no meaning: text is searched, not matched whole"));
  }
  if (pattern.find('\0') != std::string::npos) {
    return problem(Kind::kSyntax, "a NUL cannot stand in an expression; write \\x00");
  }
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_expression_info(pattern.c_str(), kRegexFlags, &info, &error) != HS_SUCCESS) {
    std::string message = error != nullptr ? error->message : "out of memory";
    hs_free_compile_error(error);
    return problem(Kind::kSyntax, std::move(message));
  }
  const unsigned min_width = info->min_width;
  const unsigned max_width = info->max_width;
  std::free(info);
  if (min_width == 0) return problem(Kind::kMatchesEmpty, "it can match the empty text");
  if (max_width == UINT32_MAX) {
    return problem(Kind::kUnbounded, "it has no greatest length");
  }
  if (max_width > kMaxMatchBytes) {
    return problem(Kind::kTooWide, StrCat("it can match ", max_width,
                                          " bytes of UTF-8; the limit is ", kMaxMatchBytes));
  }
  facts.bytes_max = max_width;
  return facts;
}

}  // namespace winnow::match
