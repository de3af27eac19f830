#include "service/domain/verdict_reader.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"
#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

constexpr int32_t kPageSizeDefault = 50;
constexpr int32_t kPageSizeMax = 1000;
// Entries read from the index before their records are.
constexpr size_t kStrideMin = 32, kStrideMax = 256;

// Where the candidates are.
struct Path {
  std::string prefix;
  bool holds_records = false;  // else the records are elsewhere
  bool flagged = false;        // values are decisions
};

Path Choose(const VerdictFilter& filter) {
  if (filter.content_id()) return {ContentIndexPrefix(*filter.content_id())};
  // Verdicts of unknown authors are in no index.
  if (filter.account_id() && !filter.account_id()->empty()) {
    return {AccountIndexPrefix(*filter.account_id())};
  }
  if (!filter.MayBe(Decision::kAllow)) return {FlaggedIndexPrefix(), false, true};
  return {VerdictPrefix(), true};
}

struct Entry {
  Uuid id;
  std::string value;
};

class PageReader {
 public:
  PageReader(Store& store, const ListQuestion& question)
      : question_(question),
        transaction_(store.Begin(question.tenant)),
        path_(Choose(question.filter)) {}

  // The last id visited when there may be more.
  absl::StatusOr<std::optional<Uuid>> Read(std::vector<Verdict>* verdicts) {
    const std::string begin = IndexKey(path_.prefix, LeastUuidV7(question_.filter.begin_ms()));
    // The range's end: what was visited last, or the filter's. Beyond the last time that an id can
    // say, what follows the prefix.
    std::string end = question_.filter.end_ms() >> 48 == 0
                          ? IndexKey(path_.prefix, LeastUuidV7(question_.filter.end_ms()))
                          : IndexKey(path_.prefix, GreatestId()) + '\0';
    std::optional<Uuid> last = question_.after;
    if (last) end = std::min(end, IndexKey(path_.prefix, *last));
    while (begin < end) {
      std::vector<Entry> entries;
      ASSIGN_OR_RETURN(const bool more, ReadEntries(begin, end, &entries));
      for (Entry& entry : entries) {
        if (verdicts->size() == question_.page_size || visited_ == kListVisitedMax ||
            visited_bytes_ >= kListVisitedBytesMax || page_bytes_ >= kListPageBytesMax) {
          return last;
        }
        RETURN_IF_ERROR(Visit(entry, verdicts));
        last = entry.id;
      }
      if (!more) break;
      end = IndexKey(path_.prefix, *last);
    }
    return std::nullopt;
  }

 private:
  static Uuid GreatestId() {
    Uuid id;
    id.bytes.fill('\xFF');
    return id;
  }

  // The next entries downwards; whether there may be more.
  absl::StatusOr<bool> ReadEntries(const std::string& begin, const std::string& end,
                                   std::vector<Entry>* entries) {
    const size_t stride = std::clamp(question_.page_size + 1, kStrideMin, kStrideMax);
    bool sound = true;
    size_t bytes = 0;
    RETURN_IF_ERROR(transaction_->Scan(begin, end, {.limit = stride, .reverse = true},
                                       [&](std::string_view key, std::string_view value) {
                                         const std::optional<Uuid> id =
                                             UuidFromBytes(key.substr(path_.prefix.size()));
                                         if (!id) return sound = false;
                                         entries->push_back({*id, std::string(value)});
                                         bytes += value.size();
                                         return bytes < kListPageBytesMax;
                                       }));
    if (!sound) return RecordDamaged("an index of verdicts", "a key has the wrong length");
    return entries->size() == stride || bytes >= kListPageBytesMax;
  }

  absl::Status Visit(Entry& entry, std::vector<Verdict>* verdicts) {
    ++visited_;
    if (path_.flagged && entry.value.size() == 1 &&
        !question_.filter.MayBe(static_cast<Decision>(entry.value[0]))) {
      return absl::OkStatus();
    }
    if (!path_.holds_records) {
      ASSIGN_OR_RETURN(std::optional<std::string> record, transaction_->Get(VerdictKey(entry.id)));
      if (!record) {
        return RecordDamaged(StrCat("the index entry of verdict ", FormatUuid(entry.id)),
                             "the verdict is missing");
      }
      entry.value = *std::move(record);
    }
    visited_bytes_ += entry.value.size();
    ASSIGN_OR_RETURN(Verdict verdict, DecodeVerdict(entry.value, question_.tenant, entry.id));
    if (!question_.filter.Matches(verdict)) return absl::OkStatus();
    page_bytes_ += entry.value.size();
    verdicts->push_back(std::move(verdict));
    return absl::OkStatus();
  }

  const ListQuestion& question_;
  const std::unique_ptr<Transaction> transaction_;
  const Path path_;
  size_t visited_ = 0;
  size_t visited_bytes_ = 0;
  size_t page_bytes_ = 0;
};

}  // namespace

absl::StatusOr<Verdict> ReadVerdict(Store& store, const std::string& tenant, const Uuid& id) {
  const std::unique_ptr<Transaction> transaction = store.Begin(tenant);
  absl::StatusOr<std::optional<std::string>> record = transaction->Get(VerdictKey(id));
  if (!record.ok()) return StoreFailed(record.status());
  if (!record->has_value()) {
    return VerdictNotFound(StrCat("tenants/", tenant, "/verdicts/", FormatUuid(id)));
  }
  return DecodeVerdict(**record, tenant, id);
}

absl::StatusOr<ListQuestion> ListQuestion::Parse(std::string tenant, int32_t page_size,
                                                 std::string_view page_token,
                                                 std::string_view filter,
                                                 const PageTokens& tokens) {
  ListQuestion question;
  question.tenant = std::move(tenant);
  if (page_size < 0) {
    return FieldInvalid("page_size", StrCat("is ", page_size, "; give 1 to ", kPageSizeMax,
                                            ", or 0 for ", kPageSizeDefault));
  }
  question.page_size =
      static_cast<size_t>(page_size == 0 ? kPageSizeDefault : std::min(page_size, kPageSizeMax));
  ASSIGN_OR_RETURN(question.filter, VerdictFilter::Parse(filter));
  question.other_arguments = StrCat(question.tenant, "/", page_size, "/", filter);
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(question.after, tokens.Open(page_token, question.other_arguments));
  }
  return question;
}

absl::StatusOr<VerdictPage> ListPage(Store& store, const ListQuestion& question,
                                     const PageTokens& tokens) {
  VerdictPage page;
  absl::StatusOr<std::optional<Uuid>> last = PageReader(store, question).Read(&page.verdicts);
  if (!last.ok()) return StoreFailed(last.status());
  if (*last) page.next_page_token = tokens.Make(**last, question.other_arguments);
  return page;
}

}  // namespace winnow::domain
