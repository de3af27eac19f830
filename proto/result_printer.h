// The engine's results as API messages: the one place where their names and numbers meet, shared by
// winnowd and by `winnow scan`.
#pragma once

#include "engine/checker.h"
#include "winnow/v1/types.pb.h"

namespace winnow::api {

// Sets the fields of `verdict` that come from the check itself: decision, completeness, shortfalls,
// categories, findings, revisions, charset, counts and offset unit. Leaves the others alone.
void PrintResult(const CheckResult& result, v1::Verdict* verdict);

v1::Surface ToProto(Surface s);
v1::Category ToProto(Category c);
v1::Severity ToProto(Severity s);
v1::Decision ToProto(Decision d);
v1::OffsetUnit ToProto(text::OffsetUnit u);
// Unknown numbers become kUnspecified.
Surface FromProto(v1::Surface s);
text::OffsetUnit FromProto(v1::OffsetUnit u);

}  // namespace winnow::api
