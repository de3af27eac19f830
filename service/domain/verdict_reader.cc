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
#include "service/domain/verdict_candidates.h"

namespace winnow::domain {
namespace {

constexpr int32_t kPageSizeDefault = 50;
constexpr int32_t kPageSizeMax = 1000;
// Entries read from the index before their records are.
constexpr size_t kStrideMin = 32, kStrideMax = 256;

// The stored verdict `id`; nullopt when there is none.
absl::StatusOr<std::optional<Verdict>> FindVerdict(Transaction& transaction,
                                                   const std::string& tenant, const Uuid& id) {
  ASSIGN_OR_RETURN(const std::optional<std::string> record, transaction.Get(VerdictKey(id)));
  if (record) return DecodeVerdict(*record, tenant, id);
  ASSIGN_OR_RETURN(const std::optional<std::string> block,
                   transaction.Get(IndexKey(BlockPrefix(), BlockOf(id))));
  if (!block) return std::nullopt;
  return DecodeFromBlock(*block, tenant, id);
}

class PageReader {
 public:
  PageReader(Store& store, const ListQuestion& question)
      : question_(question), transaction_(store.Begin(question.tenant)) {
    IdRange range{.begin = LeastUuidV7(question.filter.begin_ms()), .end = question.after};
    // Beyond the last time that an id can say there is no end.
    if (question.filter.end_ms() >> 48 == 0) {
      const Uuid end = LeastUuidV7(question.filter.end_ms());
      range.end = range.end ? std::min(*range.end, end) : end;
    }
    sources_ = FindCandidates(transaction_.get(), question.tenant, question.filter, range,
                              std::clamp(question.page_size + 1, kStrideMin, kStrideMax));
  }

  // The last id visited when there may be more.
  absl::StatusOr<std::optional<Uuid>> Read(std::vector<Verdict>* verdicts) {
    std::optional<Uuid> last = question_.after;
    while (true) {
      Candidates* newest = nullptr;
      Candidate* candidate = nullptr;
      for (const std::unique_ptr<Candidates>& source : sources_) {
        ASSIGN_OR_RETURN(Candidate* const head, source->Head());
        if (head == nullptr || (candidate != nullptr && candidate->id > head->id)) continue;
        newest = source.get();
        candidate = head;
      }
      if (candidate == nullptr) return std::nullopt;
      if (verdicts->size() == question_.page_size || visited_ == kListVisitedMax ||
          visited_bytes_ >= kListVisitedBytesMax || page_bytes_ >= kListPageBytesMax) {
        return last;
      }
      RETURN_IF_ERROR(Visit(*candidate, verdicts));
      last = candidate->id;
      newest->Pop();
    }
  }

 private:
  absl::Status Visit(Candidate& candidate, std::vector<Verdict>* verdicts) {
    ++visited_;
    if (candidate.decision && !question_.filter.MayBe(*candidate.decision)) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Load(candidate));
    visited_bytes_ += candidate.bytes;
    if (!question_.filter.Matches(*candidate.verdict)) return absl::OkStatus();
    page_bytes_ += candidate.bytes;
    verdicts->push_back(*std::move(candidate.verdict));
    return absl::OkStatus();
  }

  absl::Status Load(Candidate& candidate) {
    if (candidate.verdict) return absl::OkStatus();
    if (candidate.where == Candidate::Where::kInBlock) return LoadFromBlock(candidate);
    if (candidate.where == Candidate::Where::kOwnRecord) {
      ASSIGN_OR_RETURN(std::optional<std::string> record,
                       transaction_->Get(VerdictKey(candidate.id)));
      if (!record) return Missing(candidate.id);
      candidate.bytes = record->size();
      candidate.record = *std::move(record);
    }
    ASSIGN_OR_RETURN(candidate.verdict,
                     DecodeVerdict(candidate.record, question_.tenant, candidate.id));
    return absl::OkStatus();
  }

  absl::Status LoadFromBlock(Candidate& candidate) {
    const Uuid id = BlockOf(candidate.id);
    // Neighbours are often asked for one after the other.
    if (block_id_ != id) {
      ASSIGN_OR_RETURN(std::optional<std::string> block,
                       transaction_->Get(IndexKey(BlockPrefix(), id)));
      if (!block) return Missing(candidate.id);
      visited_bytes_ += block->size();
      block_ = *std::move(block);
      block_id_ = id;
    }
    ASSIGN_OR_RETURN(candidate.verdict, DecodeFromBlock(block_, question_.tenant, candidate.id));
    return candidate.verdict ? absl::OkStatus() : Missing(candidate.id);
  }

  static absl::Status Missing(const Uuid& id) {
    return RecordDamaged(StrCat("the index entry of verdict ", FormatUuid(id)),
                         "the verdict is missing");
  }

  const ListQuestion& question_;
  const std::unique_ptr<Transaction> transaction_;
  std::vector<std::unique_ptr<Candidates>> sources_;
  std::optional<Uuid> block_id_;  // of what `block_` holds
  std::string block_;
  size_t visited_ = 0;
  size_t visited_bytes_ = 0;
  size_t page_bytes_ = 0;
};

}  // namespace

absl::StatusOr<Verdict> ReadVerdict(Store& store, const std::string& tenant, const Uuid& id) {
  const std::unique_ptr<Transaction> transaction = store.Begin(tenant);
  absl::StatusOr<std::optional<Verdict>> verdict = FindVerdict(*transaction, tenant, id);
  if (!verdict.ok()) return StoreFailed(verdict.status());
  if (!verdict->has_value()) {
    return VerdictNotFound(StrCat("tenants/", tenant, "/verdicts/", FormatUuid(id)));
  }
  return **std::move(verdict);
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
