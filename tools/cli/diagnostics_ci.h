// Diagnostics for code review: what CI uploads or prints so that a problem stands at its line.
#pragma once

#include <string>
#include <vector>

#include "engine/rules/diagnostics.h"

namespace winnow::cli {

// A SARIF 2.1.0 log of one run (OASIS standard, 27 March 2020), which code hosts and editors show.
// Columns count code points. Every code that occurs is described in full. A result has a
// fingerprint of its code and its line of source, so that one that only moved is known again.
// Paths are URIs relative to the working directory where they were given so.
std::string SarifLog(const std::vector<rules::Diagnostic>& diagnostics,
                     const std::vector<rules::SourceFile>& sources);

// GitHub's workflow commands, one a line: "::error file=...,line=4,col=13,title=R014::message".
std::string GithubAnnotations(const std::vector<rules::Diagnostic>& diagnostics,
                              const std::vector<rules::SourceFile>& sources);

}  // namespace winnow::cli
