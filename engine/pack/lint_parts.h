// The parts of LintRules(). Private to this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"

namespace winnow::pack {

// Each appends warnings to `out`, in no order.

// lint_terms.cc: what conditions say of one another (R073 to R076, R078).
void LintConditions(const CompileResult& compiled, std::vector<rules::Diagnostic>* out);

// lint_texts.cc: what rules find in ordinary texts (R072), and what their tests show (T003, T004).
// `compiled.pack` is not null.
void LintTexts(const CompileResult& compiled, std::vector<rules::Diagnostic>* out);

void Warn(std::string_view code, const rules::SourceRange& where, std::string message,
          std::string label, std::string help, std::vector<rules::Diagnostic>* out);

}  // namespace winnow::pack
