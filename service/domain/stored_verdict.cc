#include "service/domain/stored_verdict.h"

#include <utility>

#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/records.h"

namespace winnow::domain {

absl::Status NotJudged(const absl::Status& status) {
  ErrorDetail detail;
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    detail.reason = "CHARSET_UNKNOWN";
    return MakeError(status.code(), ToStd(status.message()), std::move(detail));
  }
  detail.reason = "INTERNAL";
  return MakeError(absl::StatusCode::kInternal,
                   StrCat("the content could not be judged: ", ToStd(status.message())),
                   std::move(detail));
}

absl::Status Identify(IdGenerator& ids, StoredVerdict* stored) {
  Verdict& verdict = stored->verdict;
  verdict.id = ids.NewId();
  const std::optional<Uuid> id = ParseUuid(verdict.id);
  if (!id) return absl::InternalError("the id generator gave no UUID");
  stored->id = *id;
  verdict.create_time = UuidV7Time(*id);
  if (stored->request_id) verdict.request_id = FormatUuid(*stored->request_id);
  const Uuid* const request_id = stored->request_id ? &*stored->request_id : nullptr;
  EncodeVerdict(verdict, request_id, &stored->record);
  // Only where the operator allows very many findings: fewer are kept, and the verdict says so.
  CheckResult& result = verdict.result;
  while (stored->record.size() > kStoreValueBytesMax && !result.findings.empty()) {
    result.findings.resize(result.findings.size() / 2);
    result.findings_truncated = true;
    EncodeVerdict(verdict, request_id, &stored->record);
  }
  return absl::OkStatus();
}

void PutSingly(const Core& core, const StoredVerdict& stored, Transaction& transaction) {
  const ContentRef& content = stored.verdict.content;
  transaction.Put(VerdictKey(stored.id), stored.record);
  transaction.Put(IndexKey(ContentIndexPrefix(content.content_id), stored.id), {});
  if (!content.account_id.empty()) {
    transaction.Put(IndexKey(AccountIndexPrefix(content.account_id), stored.id), {});
  }
  if (stored.verdict.result.decision != Decision::kAllow) {
    const char decision = static_cast<char>(stored.verdict.result.decision);
    transaction.Put(IndexKey(FlaggedIndexPrefix(), stored.id), {&decision, 1});
  }
  if (stored.request_id) {
    transaction.Put(RequestKey(*stored.request_id),
                    EncodeRequest({stored.body_digest, stored.id,
                                   core.ports.clock->Now() + core.options.request_id_ttl}));
  }
}

void NameBlocked(StoredVerdict* stored) {
  stored->verdict.id = FormatUuid(stored->id);
  stored->verdict.create_time = UuidV7Time(stored->id);
}

}  // namespace winnow::domain
