#include "service/domain/rule_archive.h"

#include <algorithm>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/rules/diagnostics.h"
#include "service/domain/commit.h"
#include "service/domain/digest.h"
#include "service/domain/error.h"
#include "service/domain/keys.h"
#include "service/domain/record_bytes.h"
#include "service/domain/refusals.h"
#include "winnow/store/v1/records.pb.h"

namespace winnow::domain {
namespace {

using winnow::store::v1::PackArchiveRecord;
using winnow::store::v1::PackPieceRecord;
using winnow::store::v1::PackReleaseRecord;
using winnow::store::v1::PolicyArchiveRecord;

// Well below the store's bound on a value, and no more than others' commits should wait behind.
constexpr size_t kPieceBytes = 4 << 20;

PackArchiveRecord RecordOf(const ArchivedPack& pack) {
  PackArchiveRecord record;
  record.set_revision(pack.revision);
  record.set_source_digest(pack.source_digest);
  record.set_file_digest(pack.file_digest);
  record.set_file_bytes(pack.file_bytes);
  record.set_pieces(pack.pieces);
  if (pack.release) {
    auto* release = record.mutable_release();
    release->set_sequence(pack.release->sequence);
    release->set_issue_time_seconds(absl::ToUnixSeconds(pack.release->issue_time));
    release->set_expire_time_seconds(absl::ToUnixSeconds(pack.release->expire_time));
    for (const std::string& id : pack.release->signer_ids) release->add_signer_ids(id);
  }
  record.set_rule_count(pack.rule_count);
  record.set_term_count(pack.term_count);
  record.set_regex_count(pack.regex_count);
  record.set_tool_version(pack.tool_version);
  record.set_format_version(pack.format_version);
  record.set_archive_time_ms(absl::ToUnixMillis(pack.archive_time));
  record.set_path(pack.path);
  record.set_accepted_unsigned(pack.accepted_unsigned);
  record.mutable_actor()->set_name(pack.actor.name);
  record.mutable_actor()->set_peer(pack.actor.peer);
  record.mutable_actor()->set_reason(pack.actor.reason);
  return record;
}

absl::StatusOr<ArchivedPack> PackOf(std::string_view bytes, std::string_view revision) {
  PackArchiveRecord record;
  const std::string what = StrCat("the archive's record of ", revision);
  RETURN_IF_ERROR(ParseRecord(bytes, what, &record));
  if (record.revision() != revision || record.file_digest().size() != kSha256Bytes) {
    return RecordDamaged(what, "it is not this revision's");
  }
  ArchivedPack pack;
  pack.revision = record.revision();
  pack.source_digest = record.source_digest();
  pack.file_digest = record.file_digest();
  pack.file_bytes = record.file_bytes();
  pack.pieces = record.pieces();
  if (record.has_release()) {
    pack::Release& release = pack.release.emplace();
    release.sequence = record.release().sequence();
    release.issue_time = absl::FromUnixSeconds(record.release().issue_time_seconds());
    release.expire_time = absl::FromUnixSeconds(record.release().expire_time_seconds());
    release.signer_ids = {record.release().signer_ids().begin(),
                          record.release().signer_ids().end()};
  }
  pack.rule_count = record.rule_count();
  pack.term_count = record.term_count();
  pack.regex_count = record.regex_count();
  pack.tool_version = record.tool_version();
  pack.format_version = record.format_version();
  pack.archive_time = absl::FromUnixMillis(record.archive_time_ms());
  pack.path = record.path();
  pack.accepted_unsigned = record.accepted_unsigned();
  pack.actor = {record.actor().name(), record.actor().peer(), record.actor().reason()};
  return pack;
}

absl::Status NotFound(std::string_view reason, std::string_view type, std::string_view revision,
                      std::string_view remedy) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.resource_type = std::string(type);
  detail.resource_name = std::string(revision);
  return MakeError(absl::StatusCode::kNotFound,
                   StrCat("the archive has no ", revision, ". ", remedy), std::move(detail));
}

absl::Status Refuse(std::string_view reason, const pack::PackInfo& pack, std::string_view known,
                    uint64_t known_sequence, std::string_view message) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.metadata["pack_revision"] = pack.revision;
  detail.metadata["known_revision"] = std::string(known);
  if (pack.release) {
    detail.metadata["sequence"] = StrCat(pack.release->sequence);
    detail.metadata["known_sequence"] = StrCat(known_sequence);
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, message, std::move(detail));
}

// Whether `pack` is no earlier release than any that is known.
absl::Status CheckSequence(const pack::PackInfo& pack, const std::vector<ArchivedPack>& archived,
                           const std::optional<PackReleaseRecord>& last_in_use) {
  if (!pack.release) return absl::OkStatus();
  const uint64_t sequence = pack.release->sequence;
  std::string_view revision;
  uint64_t greatest = 0;
  const auto know = [&](uint64_t known, std::string_view known_revision) {
    // Of two with one number, the one that is not this pack is what matters.
    if (known < greatest || (known == greatest && known_revision == pack.revision)) return;
    greatest = known;
    revision = known_revision;
  };
  for (const ArchivedPack& other : archived) {
    if (other.release) know(other.release->sequence, other.revision);
  }
  if (last_in_use) know(last_in_use->sequence(), last_in_use->revision());
  if (revision.empty() || sequence > greatest) return absl::OkStatus();
  if (sequence < greatest) {
    return Refuse("PACK_ROLLED_BACK", pack, revision, greatest,
                  StrCat(pack.revision, " is release ", sequence, " of its pack, and release ",
                         greatest, " (", revision,
                         ") is known here. To have the earlier one all the same, ask for that: "
                         "`winnow pack push --allow-rollback`"));
  }
  if (revision == pack.revision) return absl::OkStatus();
  return Refuse(
      "PACK_SEQUENCE_REUSED", pack, revision, greatest,
      StrCat(pack.revision, " is release ", sequence, " of its pack, and so is ", revision,
             ". Sign this one with a greater number (`winnow pack sign --sequence`)"));
}

// Whether the file that came should take the place of the one that is there.
bool IsLater(const pack::PackInfo& incoming, const ArchivedPack& archived) {
  if (!incoming.release) return false;
  return !archived.release || incoming.release->sequence > archived.release->sequence;
}

absl::Status CannotLoad(std::string_view revision, const absl::Status& status) {
  ErrorDetail detail;
  detail.reason = absl::IsDataLoss(status)             ? "PACK_DAMAGED"
                  : absl::IsFailedPrecondition(status) ? "PACK_TOO_NEW"
                                                       : "PACK_INVALID";
  detail.metadata["pack_revision"] = std::string(revision);
  const absl::StatusCode code = absl::IsDataLoss(status) ? absl::StatusCode::kDataLoss
                                                         : absl::StatusCode::kFailedPrecondition;
  return MakeError(code, StrCat(revision, " in the archive: ", ToStd(status.message())),
                   std::move(detail));
}

}  // namespace

std::string_view ArchivedPack::pack_id() const {
  constexpr std::string_view kBegin = "packs/";
  const std::string_view rest = std::string_view(revision).substr(kBegin.size());
  return rest.substr(0, rest.find('/'));
}

absl::StatusOr<std::shared_ptr<const Checker>> MakeChecker(
    std::shared_ptr<const pack::Pack> pack, std::shared_ptr<const policy::Policy> policy) {
  auto checker = std::make_shared<const Checker>(std::move(pack), std::move(policy));
  Content content;
  content.fields.push_back({.key = "", .bytes = "a", .charset = {}});
  RETURN_IF_ERROR(checker->Check(content).status());
  return checker;
}

absl::StatusOr<RuleArchive::Kept> RuleArchive::Keep(const IncomingPack& incoming,
                                                    const Actor& actor, bool strict,
                                                    absl::FunctionRef<void(Transaction&)> also) {
  const pack::PackInfo& info = incoming.pack->info();
  std::lock_guard one_at_a_time(writing_);
  Kept kept;
  ArchivedPack& record = kept.pack;
  record.revision = info.revision;
  record.source_digest = info.source_digest;
  record.file_digest = Sha256(incoming.bytes);
  record.file_bytes = incoming.bytes.size();
  record.pieces = static_cast<uint32_t>(
      std::max<size_t>(1, (incoming.bytes.size() + kPieceBytes - 1) / kPieceBytes));
  record.release = info.release;
  record.rule_count = info.rule_count;
  record.term_count = info.term_count;
  record.regex_count = info.regex_count;
  record.tool_version = info.tool_version;
  record.format_version = info.format_version;
  record.archive_time = clock_->Now();
  record.path = incoming.path;
  record.accepted_unsigned = incoming.accepted_unsigned;
  record.actor = actor;

  bool pieces_written = false;
  for (;;) {
    std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
    const std::string key = PackArchiveKey(info.revision);
    const absl::StatusOr<std::optional<std::string>> stored = transaction->Get(key);
    if (!stored.ok()) return StoreFailed(stored.status());
    std::optional<ArchivedPack> before;
    if (*stored) {
      ASSIGN_OR_RETURN(before, PackOf(**stored, info.revision));
      if (before->source_digest != info.source_digest) {
        return Refuse("PACK_REVISION_TAKEN", info, before->revision, 0,
                      StrCat("other rules already have the name ", info.revision,
                             ": change a comment in a rule file and build again"));
      }
    }
    if (strict) {
      ASSIGN_OR_RETURN(const std::vector<ArchivedPack> archived, ListPacks(info.id));
      std::optional<PackReleaseRecord> last_in_use;
      const auto release = transaction->Get(PackReleaseKey(info.id));
      if (!release.ok()) return StoreFailed(release.status());
      if (*release) {
        RETURN_IF_ERROR(
            ParseRecord(**release, StrCat("the record of pack ", info.id), &last_in_use.emplace()));
      }
      RETURN_IF_ERROR(CheckSequence(info, archived, last_in_use));
    }
    if (before && !IsLater(info, *before)) return Kept{*std::move(before), false};
    if (!pieces_written) {
      // In transactions of their own, so that no check waits behind a whole pack. Should the server
      // end now they lie there unused until the same file comes again.
      RETURN_IF_ERROR(PutPieces(incoming, record));
      pieces_written = true;
    }
    if (before && before->file_digest != record.file_digest) {
      for (uint32_t i = 0; i < before->pieces; ++i) {
        transaction->Delete(PackPieceKey(before->file_digest, i));
      }
    }
    std::string bytes;
    SerializeRecord(RecordOf(record), &bytes);
    transaction->Put(key, bytes);
    also(*transaction);
    ASSIGN_OR_RETURN(const bool done, CommitUnlessOvertaken(std::move(transaction)));
    if (done) break;
  }
  kept.changed = true;
  return kept;
}

absl::Status RuleArchive::PutPieces(const IncomingPack& pack, const ArchivedPack& record) const {
  for (uint32_t i = 0; i < record.pieces; ++i) {
    PackPieceRecord piece;
    piece.set_bytes(
        std::string(std::string_view(pack.bytes).substr(size_t{i} * kPieceBytes, kPieceBytes)));
    std::string bytes;
    SerializeRecord(piece, &bytes);
    std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
    transaction->Put(PackPieceKey(record.file_digest, i), bytes);
    // The record's own commit makes everything before it durable.
    if (const absl::Status put = CommitAndWait(std::move(transaction), Durability::kRelaxed);
        !put.ok()) {
      return StoreFailed(put);
    }
  }
  return absl::OkStatus();
}

absl::Status RuleArchive::Keep(const IncomingPolicy& policy) {
  const std::string& revision = policy.policy->revision();
  const std::string key = PolicyArchiveKey(revision);
  for (;;) {
    std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
    const absl::StatusOr<std::optional<std::string>> stored = transaction->Get(key);
    if (!stored.ok()) return StoreFailed(stored.status());
    if (*stored) return absl::OkStatus();
    PolicyArchiveRecord record;
    record.set_revision(revision);
    record.set_source(policy.source);
    record.set_path(policy.path);
    record.set_archive_time_ms(absl::ToUnixMillis(clock_->Now()));
    std::string bytes;
    SerializeRecord(record, &bytes);
    transaction->Put(key, bytes);
    ASSIGN_OR_RETURN(const bool done, CommitUnlessOvertaken(std::move(transaction)));
    if (done) return absl::OkStatus();
  }
}

absl::StatusOr<ArchivedPack> RuleArchive::GetPack(std::string_view revision) const {
  const auto stored = store_->Begin(kServerTenant)->Get(PackArchiveKey(revision));
  if (!stored.ok()) return StoreFailed(stored.status());
  if (!*stored) {
    return NotFound("PACK_REVISION_NOT_FOUND", "winnow.v1.PackRevision", revision,
                    "`winnow pack list` lists those it has; `winnow pack push` adds one");
  }
  return PackOf(**stored, revision);
}

absl::StatusOr<ArchivedPolicy> RuleArchive::GetPolicy(std::string_view revision) const {
  const auto stored = store_->Begin(kServerTenant)->Get(PolicyArchiveKey(revision));
  if (!stored.ok()) return StoreFailed(stored.status());
  if (!*stored) {
    return NotFound("POLICY_REVISION_NOT_FOUND", "winnow.v1.PolicyRevision", revision,
                    "A policy comes into the archive when it comes into use");
  }
  PolicyArchiveRecord record;
  const std::string what = StrCat("the archive's record of ", revision);
  RETURN_IF_ERROR(ParseRecord(**stored, what, &record));
  if (record.revision() != revision) return RecordDamaged(what, "it is not this revision's");
  return ArchivedPolicy{record.revision(), record.source(), record.path(),
                        absl::FromUnixMillis(record.archive_time_ms())};
}

absl::StatusOr<std::string> RuleArchive::ReadPack(const ArchivedPack& pack) const {
  std::string file;
  file.reserve(pack.file_bytes);
  const std::unique_ptr<Transaction> transaction = store_->Begin(kServerTenant);
  const std::string what = StrCat("the file of ", pack.revision, " in the archive");
  for (uint32_t i = 0; i < pack.pieces; ++i) {
    const auto stored = transaction->Get(PackPieceKey(pack.file_digest, i));
    if (!stored.ok()) return StoreFailed(stored.status());
    if (!*stored) return RecordDamaged(what, StrCat("piece ", i, " of it is missing"));
    PackPieceRecord piece;
    RETURN_IF_ERROR(ParseRecord(**stored, what, &piece));
    file.append(piece.bytes());
  }
  if (Sha256(file) != pack.file_digest) return RecordDamaged(what, "its digest is another");
  return file;
}

absl::StatusOr<std::vector<ArchivedPack>> RuleArchive::ListPacks(std::string_view pack_id) const {
  std::vector<ArchivedPack> packs;
  absl::Status bad;
  const std::string begin = PackArchivePrefix(), end(1, begin[0] + 1);
  const absl::Status scanned =
      store_->Begin(kServerTenant)->Scan(begin, end, {}, [&](auto key, auto value) {
        auto pack = PackOf(value, key.substr(begin.size()));
        if (!pack.ok()) {
          bad = pack.status();
          return false;
        }
        if (pack_id.empty() || pack->pack_id() == pack_id) {
          packs.push_back(*std::move(pack));
        }
        return true;
      });
  if (!scanned.ok()) return StoreFailed(scanned);
  RETURN_IF_ERROR(bad);
  std::stable_sort(packs.begin(), packs.end(), [](const ArchivedPack& a, const ArchivedPack& b) {
    return a.archive_time > b.archive_time;
  });
  return packs;
}

absl::StatusOr<std::shared_ptr<const Checker>> RuleArchive::CheckerOf(
    std::string_view pack_revision, std::string_view policy_revision) const {
  const CacheKey key(pack_revision, policy_revision);
  std::lock_guard lock(cache_mutex_);  // over the loading too: two who ask for one load it once
  for (auto it = cache_.begin(); it != cache_.end(); ++it) {
    if (it->first != key) continue;
    cache_.splice(cache_.begin(), cache_, it);
    return it->second;
  }
  ASSIGN_OR_RETURN(const ArchivedPolicy archived, GetPolicy(policy_revision));
  const rules::SourceFile source{archived.revision, archived.source};
  policy::Policy::ParseResult parsed = policy::Policy::Parse(source);
  if (parsed.policy == nullptr) {
    ErrorDetail detail;
    detail.reason = "POLICY_INVALID";
    return MakeError(
        absl::StatusCode::kFailedPrecondition,
        StrCat(policy_revision, " in the archive is not one that this winnowd reads:\n",
               rules::Render(parsed.diagnostics, {source}, false)),
        std::move(detail));
  }
  ASSIGN_OR_RETURN(const ArchivedPack pack, GetPack(pack_revision));
  ASSIGN_OR_RETURN(std::string bytes, ReadPack(pack));
  auto loaded = pack::LoadPackBytes(std::move(bytes));
  if (!loaded.ok()) return CannotLoad(pack_revision, loaded.status());
  ASSIGN_OR_RETURN(std::shared_ptr<const Checker> checker,
                   MakeChecker(*std::move(loaded), std::move(parsed.policy)));
  cache_.emplace_front(key, checker);
  if (cache_.size() > kCheckersMax) cache_.pop_back();
  return checker;
}

}  // namespace winnow::domain
