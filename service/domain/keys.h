// The keys of what the domain stores, as docs/formats/records.md describes them. Each kind of
// record has a first byte of its own. Pure functions; any thread. Inside the room only.
#pragma once

#include <string>
#include <string_view>

#include "service/domain/uuid.h"

namespace winnow::domain {

// A verdict, by id and so by time.
std::string VerdictKey(const Uuid& id);
// Indexes: a prefix that all entries of one value share, and the verdict's id behind it.
std::string ContentIndexPrefix(std::string_view content_id);
std::string AccountIndexPrefix(std::string_view account_id);
// Verdicts that are not ALLOW; the entry's value is the decision, one byte.
std::string FlaggedIndexPrefix();
// All verdicts: VerdictKey() without the id.
std::string VerdictPrefix();
std::string IndexKey(std::string prefix, const Uuid& id);

// What a request id was used for.
std::string RequestKey(const Uuid& request_id);
// The range that all of them lie in.
std::string RequestKeysBegin();
std::string RequestKeysEnd();

}  // namespace winnow::domain
