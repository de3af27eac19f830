#include "service/grpc/check_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "service/domain/error.h"
#include "service/grpc/batch_printer.h"
#include "service/grpc/batch_reader.h"
#include "service/grpc/check_file.h"
#include "service/grpc/check_stream.h"
#include "service/grpc/request_parser.h"
#include "service/grpc/status_printer.h"
#include "service/grpc/verdict_printer.h"

namespace winnow::rpc {
namespace {

template <typename Request, typename Response>
using CallPtr = std::shared_ptr<UnaryCall<Request, Response>>;

// For calls whose response is the verdict itself.
template <typename Request>
domain::Checks::VerdictDone FinishWithVerdict(CallPtr<Request, v1::Verdict> call) {
  return [call = std::move(call)](const absl::StatusOr<domain::Verdict>& verdict) {
    if (!verdict.ok()) return call->Refuse(verdict.status());
    call->Reply([&](v1::Verdict* response) { PrintVerdict(*verdict, response); });
  };
}

absl::StatusOr<domain::ContentCheck> ParseBatchItem(const v1::BatchCheckContentsRequest& batch,
                                                    int index) {
  const v1::CheckContentRequest& item = batch.requests(index);
  const std::string path = StrCat("requests[", index, "].");
  if (!item.parent().empty() && item.parent() != batch.parent()) {
    return domain::FieldInvalid(StrCat(path, "parent"), "must be empty or the batch's `parent`");
  }
  return ParseContentCheck(item, batch.parent(), path);
}

constexpr char kBatchMethod[] = "winnow.v1.CheckService/BatchCheckContents";

// A batch that is read, and its reply written, without a message of each item. nullptr: it is not
// such a batch, and nothing was done.
grpc::ServerUnaryReactor* CheckPlainBatch(const Runtime* runtime,
                                          grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer& in, grpc::ByteBuffer* out) {
  auto bytes = std::make_shared<const grpc::Slice>(InOnePiece(in));
  std::optional<domain::PlainBatch> batch =
      ReadPlainBatch({reinterpret_cast<const char*>(bytes->begin()), bytes->size()});
  if (!batch) return nullptr;
  auto call = std::make_shared<UnaryReply>(runtime, kBatchMethod, context, out);
  // Kept aside: the call may be finished and gone before this returns.
  grpc::ServerUnaryReactor* const reactor = call->reactor();
  call->Describe(batch->tenant, "", batch->contents.size());
  batch->deadline = call->Deadline();
  batch->cancelled = call->Cancelled();
  batch->keep_alive = std::move(bytes);
  runtime->ports.checks->CheckPlainBatch(
      *std::move(batch),
      [call](const domain::PlainBatch& batch, const absl::StatusOr<domain::PlainOutcome>& outcome) {
        if (!outcome.ok()) return call->Refuse(outcome.status());
        call->ReplyBytes(PrintPlainOutcome(batch, *outcome));
      });
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* CheckServiceHandlers::CheckContent(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* in,
                                                             grpc::ByteBuffer* out) {
  using Request = v1::CheckContentRequest;
  return Handle<Request, v1::Verdict>(
      runtime_, "winnow.v1.CheckService/CheckContent", context, in, out,
      [&](const CallPtr<Request, v1::Verdict>& call) -> absl::Status {
        ASSIGN_OR_RETURN(domain::ContentCheck check,
                         ParseContentCheck(call->request(), call->request().parent(), ""));
        call->Describe(check.tenant, check.request_id);
        check.deadline = call->Deadline();
        check.cancelled = call->Cancelled();
        check.keep_alive = call;
        runtime_->ports.checks->CheckContent(std::move(check), FinishWithVerdict(call));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CheckServiceHandlers::BatchCheckContents(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* in, grpc::ByteBuffer* out) {
  using Request = v1::BatchCheckContentsRequest;
  using Response = v1::BatchCheckContentsResponse;
  using Verdicts = std::vector<absl::StatusOr<domain::Verdict>>;
  if (auto* const reactor = CheckPlainBatch(runtime_, context, *in, out)) return reactor;
  return Handle<Request, Response>(
      runtime_, kBatchMethod, context, in, out,
      [&](const CallPtr<Request, Response>& call) -> absl::Status {
        const Request& request = call->request();
        ASSIGN_OR_RETURN(std::string tenant, domain::ParseTenant(request.parent(), "parent"));
        call->Describe(tenant, "", request.requests_size());
        std::vector<domain::ContentCheck> checks;
        checks.reserve(request.requests_size());
        const std::optional<absl::Time> deadline = call->Deadline();
        auto unread = std::make_shared<std::vector<std::pair<int, absl::Status>>>();
        for (int i = 0; i < request.requests_size(); ++i) {
          absl::StatusOr<domain::ContentCheck> check = ParseBatchItem(request, i);
          if (!check.ok()) {
            // An empty check, which the domain refuses, keeps the item's place and the batch's
            // size.
            unread->emplace_back(i, check.status());
            check.emplace();
          }
          check->deadline = deadline;
          check->cancelled = call->Cancelled();
          check->keep_alive = call;
          checks.push_back(*std::move(check));
        }
        runtime_->ports.checks->BatchCheckContents(
            std::move(checks), [call, unread](absl::StatusOr<Verdicts> verdicts) {
              if (!verdicts.ok()) return call->Refuse(verdicts.status());
              for (auto& [index, status] : *unread) (*verdicts)[index] = std::move(status);
              call->Reply([&](Response* response) {
                response->mutable_results()->Reserve(static_cast<int>(verdicts->size()));
                for (const absl::StatusOr<domain::Verdict>& verdict : *verdicts) {
                  Response::Result* result = response->add_results();
                  if (verdict.ok()) {
                    PrintVerdict(*verdict, result->mutable_verdict());
                  } else {
                    *result->mutable_error() = PrintStatus(verdict.status());
                  }
                }
              });
            });
        return absl::OkStatus();
      });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* CheckServiceHandlers::CheckStream(
    grpc::CallbackServerContext* context) {
  return NewCheckStream(runtime_, context);
}

grpc::ServerReadReactor<grpc::ByteBuffer>* CheckServiceHandlers::CheckFile(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* out) {
  return NewCheckFile(runtime_, context, out);
}

grpc::ServerUnaryReactor* CheckServiceHandlers::ScanText(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* in,
                                                         grpc::ByteBuffer* out) {
  using Request = v1::ScanTextRequest;
  using Response = v1::ScanTextResponse;
  return Handle<Request, Response>(
      runtime_, "winnow.v1.CheckService/ScanText", context, in, out,
      [&](const CallPtr<Request, Response>& call) -> absl::Status {
        ASSIGN_OR_RETURN(domain::ContentCheck check, ParseScan(call->request()));
        call->Describe(check.tenant, "");
        check.deadline = call->Deadline();
        check.cancelled = call->Cancelled();
        check.keep_alive = call;
        runtime_->ports.checks->ScanText(
            std::move(check), [call](const absl::StatusOr<domain::Verdict>& verdict) {
              if (!verdict.ok()) return call->Refuse(verdict.status());
              call->Reply(
                  [&](Response* response) { PrintVerdict(*verdict, response->mutable_verdict()); });
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CheckServiceHandlers::GetVerdict(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* in,
                                                           grpc::ByteBuffer* out) {
  using Request = v1::GetVerdictRequest;
  return Handle<Request, v1::Verdict>(
      runtime_, "winnow.v1.CheckService/GetVerdict", context, in, out,
      [&](const CallPtr<Request, v1::Verdict>& call) -> absl::Status {
        ASSIGN_OR_RETURN(domain::VerdictName name,
                         domain::ParseVerdictName(call->request().name(), "name"));
        call->Describe(name.tenant, "");
        runtime_->ports.checks->GetVerdict(name.tenant, name.id, FinishWithVerdict(call));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CheckServiceHandlers::ListVerdicts(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* in,
                                                             grpc::ByteBuffer* out) {
  using Request = v1::ListVerdictsRequest;
  using Response = v1::ListVerdictsResponse;
  return Handle<Request, Response>(
      runtime_, "winnow.v1.CheckService/ListVerdicts", context, in, out,
      [&](const CallPtr<Request, Response>& call) -> absl::Status {
        const Request& request = call->request();
        ASSIGN_OR_RETURN(std::string tenant, domain::ParseTenant(request.parent(), "parent"));
        call->Describe(tenant, "");
        runtime_->ports.checks->ListVerdicts(
            std::move(tenant), request.page_size(), request.page_token(), request.filter(),
            [call](const absl::StatusOr<domain::VerdictPage>& page) {
              if (!page.ok()) return call->Refuse(page.status());
              call->Reply([&](Response* response) {
                for (const domain::Verdict& verdict : page->verdicts) {
                  PrintVerdict(verdict, response->add_verdicts());
                }
                response->set_next_page_token(page->next_page_token);
              });
            });
        return absl::OkStatus();
      });
}

}  // namespace winnow::rpc
