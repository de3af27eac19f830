// The table behind HanPartsTable(). Private to this room.
#pragma once

#include <string_view>

namespace winnow::text {

// Entries divided by spaces, one behind the last as well: an ideograph, then its parts, in UTF-8. A
// star before an entry says that its parts also meet in ordinary text.
extern const std::string_view kHanParts;

}  // namespace winnow::text
