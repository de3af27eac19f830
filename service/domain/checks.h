// The use cases of CheckService: validate, scan, decide, store, read back. Transport-free.
//
// Every call returns at once; `done` is called exactly once, from a pool or store thread, or from
// the caller's before the call returns when it is refused at once. It must not block. Refusals are
// statuses made by MakeError(). Thread safe. Must outlive all calls (Drain() waits for them).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/domain/packs_in_use.h"
#include "service/domain/plain_batch.h"
#include "service/domain/ports/clock.h"
#include "service/domain/ports/executor.h"
#include "service/domain/ports/ids.h"
#include "service/domain/ports/store.h"
#include "service/domain/verdict.h"

namespace winnow::domain {

class ShadowRuns;

// DESIGN's table of limits; a refusal names the limit and the actual value.
struct Limits {
  size_t field_bytes_max = 1 << 20;
  size_t content_bytes_max = 4 << 20;
  size_t batch_items_max = 1000;
  uint64_t file_bytes_max = 256ull << 20;
  size_t chunk_bytes_max = 1 << 20;
  size_t fields_max = 100;
  uint32_t findings_max = 1000;
  // Files that may be open at a time, each with a working set in memory; OVERLOADED beyond.
  size_t open_files_max = 256;
  absl::Duration text_deadline_max = absl::Seconds(10);
  absl::Duration file_deadline_max = absl::Seconds(120);
};

struct TextInput {
  std::string key;
  std::string bytes;
  std::string charset;
  bool valid_utf8 = false;
};

// One content to check. Strings are owned by whoever made the request and must live until `done`;
// `keep_alive` can hold them.
struct ContentCheck {
  std::string tenant;
  ContentRef content;
  std::vector<Field> fields;  // views into keep_alive
  std::string request_id;
  std::string client_token;
  text::OffsetUnit offset_unit = text::OffsetUnit::kBytes;
  bool include_excerpts = false;
  // SHA-256 over everything in the request that determines its answer; compared under request_id.
  // Needed only with a request_id.
  std::string body_digest;
  std::string field_path_prefix;       // for refusals inside a batch: "requests[3]."
  std::optional<absl::Time> deadline;  // monotonic
  std::function<bool()> cancelled;     // the caller has gone; may be empty
  std::shared_ptr<const void> keep_alive;
};

struct FileHeader {
  std::string tenant;
  ContentRef content;  // file_name within
  std::string charset;
  uint64_t size_bytes = 0;  // 0: unknown
  std::string request_id;
  std::string client_token;
  text::OffsetUnit offset_unit = text::OffsetUnit::kBytes;
  bool include_excerpts = false;
  std::string header_digest;  // over the header; the file's own bytes are added while they come
  std::optional<absl::Time> deadline;
  std::function<bool()> cancelled;
};

struct VerdictPage {
  std::vector<Verdict> verdicts;
  std::string next_page_token;
};

class Checks {
 public:
  struct Options {
    Limits limits;
    // Clean verdicts are stored relaxed (bounded loss window), also under a request id: after a
    // loss the same id is checked anew. Flagged and incomplete ones never.
    bool relaxed_clean = false;
    // How long the same id gives the same answer. Expired ids are deleted little by little.
    absl::Duration request_id_ttl = absl::Hours(24);
    // Of the scan pool: a batch is spread over as many tasks. At least 1.
    size_t scan_threads = 2;
    // Clean verdicts are indexed as many at a time; a list by content or author reads up to twice
    // as many that are not.
    size_t block_run = 32'768;
    std::string page_token_key;  // 32 secret bytes; page tokens are MACed with it
  };
  struct Ports {
    Store* store;
    Executor* scan_pool;  // CPU
    Executor* io_pool;    // store reads
    const Clock* clock;
    IdGenerator* ids;
    PacksInUse* packs;
    // Is given what was answered and stored while a pack is shadow; null: nothing is compared.
    ShadowRuns* shadow = nullptr;
    // Runs a function that completes many calls, so that who replies to them can do it for all of
    // them at once. Any thread; may be empty.
    std::function<void(absl::FunctionRef<void()> completions)> together;
  };
  Checks(const Options& options, const Ports& ports);
  ~Checks();

  using VerdictDone = std::function<void(absl::StatusOr<Verdict>)>;

  // While another call with the same request id and body is under way, waits for its verdict and
  // gives the same; when that one ends without a verdict for reasons of its own,
  // REQUEST_IN_PROGRESS.
  void CheckContent(ContentCheck check, VerdictDone done);

  // Items as for CheckContent, all of one tenant, stored together: a verdict that has to be durable
  // makes the whole batch so. The batch as a whole is refused for its size, or with OVERLOADED when
  // none of it could be started.
  using BatchDone = std::function<void(absl::StatusOr<std::vector<absl::StatusOr<Verdict>>>)>;
  void BatchCheckContents(std::vector<ContentCheck> checks, BatchDone done);

  // The same for contents that carry little beside their texts; the fast way. `done` is given the
  // batch back.
  using PlainDone = std::function<void(const PlainBatch& batch, absl::StatusOr<PlainOutcome>)>;
  void CheckPlainBatch(PlainBatch batch, PlainDone done);

  // As CheckContent, storing nothing; content_id may be empty.
  void ScanText(ContentCheck check, VerdictDone done);

  // A file in pieces. Feed() may be called again once its `ready` was called (back-pressure),
  // Finish() after the last; the first error ends the check. Dropping the object without Finish()
  // abandons it: nothing is stored. An open file counts as a call in flight.
  class FileCheck {
   public:
    virtual ~FileCheck() = default;
    virtual void Feed(std::string chunk, std::function<void(absl::Status)> ready) = 0;
    virtual void Finish(VerdictDone done) = 0;
  };
  absl::StatusOr<std::shared_ptr<FileCheck>> StartFile(FileHeader header);

  void GetVerdict(std::string tenant, std::string id, VerdictDone done);

  // A page may be shorter than asked for, even empty, with a token for the next: one call looks at
  // no more than a bounded number and size of verdicts. Only an empty token is the end.
  using PageDone = std::function<void(absl::StatusOr<VerdictPage>)>;
  void ListVerdicts(std::string tenant, int32_t page_size, std::string page_token,
                    std::string filter, PageDone done);

  // Refuses new work with UNAVAILABLE/DRAINING and waits until `timeout` for what is in flight;
  // DEADLINE_EXCEEDED says how many calls remain.
  absl::Status Drain(absl::Duration timeout);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// "tenants/{tenant}" to the tenant; FIELD_INVALID naming `field` otherwise.
absl::StatusOr<std::string> ParseTenant(std::string_view name, std::string_view field);
// "tenants/{tenant}/verdicts/{verdict}".
struct VerdictName {
  std::string tenant, id;
};
absl::StatusOr<VerdictName> ParseVerdictName(std::string_view name, std::string_view field);

}  // namespace winnow::domain
