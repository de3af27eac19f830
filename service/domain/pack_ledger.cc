#include "service/domain/pack_ledger.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/commit.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/record_bytes.h"
#include "service/domain/refusals.h"
#include "winnow/store/v1/records.pb.h"

namespace winnow::domain {
namespace {

absl::Status Refuse(std::string_view reason, std::string_view source, const pack::PackInfo& pack,
                    const store::v1::PackReleaseRecord& known, std::string_view remedy) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.metadata["path"] = std::string(source);
  detail.metadata["pack_revision"] = pack.revision;
  detail.metadata["sequence"] = StrCat(pack.release->sequence);
  detail.metadata["known_revision"] = known.revision();
  detail.metadata["known_sequence"] = StrCat(known.sequence());
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   StrCat(source, ": ", pack.revision, " is release ", pack.release->sequence,
                          " of its pack, and release ", known.sequence(), " (", known.revision(),
                          ") was in use before. ", remedy),
                   std::move(detail));
}

}  // namespace

absl::Status PackLedger::Admit(const pack::PackInfo& pack, std::string_view source,
                               bool allow_rollback) {
  if (!pack.release) return absl::OkStatus();
  const std::string key = PackReleaseKey(pack.id);
  for (;;) {
    std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
    absl::StatusOr<std::optional<std::string>> stored = transaction->Get(key);
    if (!stored.ok()) return StoreFailed(stored.status());
    if (*stored) {
      winnow::store::v1::PackReleaseRecord known;
      RETURN_IF_ERROR(ParseRecord(**stored, StrCat("the record of pack ", pack.id), &known));
      const uint64_t sequence = pack.release->sequence;
      const bool same = sequence == known.sequence() && pack.revision == known.revision();
      if (same) return absl::OkStatus();
      if (sequence < known.sequence() && !allow_rollback) {
        return Refuse("PACK_ROLLED_BACK", source, pack, known,
                      "To go back to it all the same, ask for that: `--allow-rollback` of `winnow "
                      "pack reload` or `promote`, or `rules.allow_rollback` for a start");
      }
      if (sequence == known.sequence() && !allow_rollback) {
        return Refuse("PACK_SEQUENCE_REUSED", source, pack, known,
                      "Sign this one with a greater number (`winnow pack sign --sequence`)");
      }
    }
    winnow::store::v1::PackReleaseRecord record;
    record.set_sequence(pack.release->sequence);
    record.set_revision(pack.revision);
    std::string bytes;
    SerializeRecord(record, &bytes);
    transaction->Put(key, bytes);
    ASSIGN_OR_RETURN(const bool done, CommitUnlessOvertaken(std::move(transaction)));
    if (done) return absl::OkStatus();
  }
}

}  // namespace winnow::domain
