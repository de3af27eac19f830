// Checkers over small packs, and results as one line, for the tests of the front door.
#pragma once

#include <memory>
#include <string>

#include "engine/base/strings.h"
#include "engine/checker.h"

namespace winnow {

// Rules on 赌场, swindle, trial (experimental), 哈 and "only in orders" (orders only).
std::shared_ptr<const pack::Pack> SamplePack();
std::shared_ptr<const Checker> SampleChecker();

// One rule, on the word "and".
std::shared_ptr<const Checker> OtherChecker();

// "block complete UTF-8; rule field begin-end decision view; ..." with shortfalls and excerpts
// where there are any.
std::string Describe(const CheckResult& result);

}  // namespace winnow
