// Building a program and scanning one field with it, for the tests of this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/match/matcher.h"
#include "engine/match/program.h"
#include "tests/support/condition_tree.h"
#include "tests/support/naive_matcher.h"

namespace winnow::match {

// A failed build ends the test.
std::shared_ptr<const Program> BuildOrDie(ProgramSpec spec);

// One field, whole or in windows.
ScanOutcome Scan(const Program& program, const std::vector<const text::Block*>& blocks,
                 const Matcher::Options& options = {}, Matcher* matcher = nullptr);
ScanOutcome Scan(const Program& program, std::string_view text,
                 const Matcher::Options& options = {}, Matcher* matcher = nullptr);

// "rule:begin-end" of each match, for tables: "0:2-4 1:0-9".
std::string Summary(const ScanOutcome& outcome);
std::string Summary(const std::vector<NaiveMatch>& matches);

}  // namespace winnow::match
