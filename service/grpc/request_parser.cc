#include "service/grpc/request_parser.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/time_util.h>
#include <openssl/sha.h>

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "proto/result_printer.h"
#include "service/domain/error.h"

namespace winnow::rpc {
namespace {

using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

absl::StatusOr<std::optional<absl::Time>> ParseTime(const Timestamp& time, std::string_view field) {
  if (time.seconds() < TimeUtil::kTimestampMinSeconds ||
      time.seconds() > TimeUtil::kTimestampMaxSeconds || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return domain::FieldInvalid(
        field, "must lie in the years 1 to 9999, with nanos from 0 to 999,999,999");
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<text::OffsetUnit> ParseOffsetUnit(v1::OffsetUnit unit, std::string_view path) {
  if (!v1::OffsetUnit_IsValid(unit)) {
    return domain::FieldInvalid(StrCat(path, "offset_unit"),
                                StrCat(static_cast<int>(unit), " is not an OffsetUnit"));
  }
  return api::FromProto(unit);
}

bool IsUtf8Name(std::string_view charset) {
  return charset.empty() || absl::EqualsIgnoreCase(ToAbsl(charset), "utf-8") ||
         absl::EqualsIgnoreCase(ToAbsl(charset), "utf8");
}

// Paths are put together only for a refusal.
using Path = absl::FunctionRef<std::string()>;

absl::StatusOr<std::string> ParseTenant(std::string_view parent, std::string_view path) {
  absl::StatusOr<std::string> tenant = domain::ParseTenant(parent, "parent");
  if (tenant.ok() || path.empty()) return tenant;
  return domain::ParseTenant(parent, StrCat(path, "parent"));
}

absl::StatusOr<Field> ParseField(const v1::TextField& field, Path path) {
  switch (field.value_case()) {
    case v1::TextField::kText:
      if (!IsUtf8Name(field.charset())) {
        return domain::FieldInvalid(
            StrCat(path(), ".charset"),
            "must be empty or UTF-8 with `text`; send bytes in another charset as `raw`");
      }
      return Field{.key = field.key(), .bytes = field.text(), .charset = {}, .valid_utf8 = true};
    case v1::TextField::kRaw:
      return Field{.key = field.key(), .bytes = field.raw(), .charset = field.charset()};
    case v1::TextField::VALUE_NOT_SET:
      break;
  }
  return domain::FieldInvalid(path(), "must have `text` or `raw`; an empty one is allowed");
}

absl::Status CheckSurface(v1::Surface surface, Path path) {
  if (v1::Surface_IsValid(surface)) return absl::OkStatus();
  return domain::FieldInvalid(
      path(), StrCat(static_cast<int>(surface), " is not a Surface that this server knows"));
}

// Fills what CheckContent and ScanText have in common.
absl::Status ParseContent(const v1::Content& content, std::string_view path,
                          domain::ContentCheck* out) {
  out->content.content_id = content.content_id();
  out->content.account_id = content.account_id();
  RETURN_IF_ERROR(CheckSurface(content.surface(), [&] { return StrCat(path, "content.surface"); }));
  out->content.surface = api::FromProto(content.surface());
  out->content.region = content.region();
  out->content.language_hint = content.language_hint();
  if (content.has_content_time()) {
    ASSIGN_OR_RETURN(out->content.content_time,
                     ParseTime(content.content_time(), StrCat(path, "content.content_time")));
  }
  out->content.labels.insert(content.labels().begin(), content.labels().end());
  out->fields.reserve(content.fields_size());
  for (int i = 0; i < content.fields_size(); ++i) {
    ASSIGN_OR_RETURN(Field field, ParseField(content.fields(i), [&] {
                       return StrCat(path, "content.fields[", i, "]");
                     }));
    out->fields.push_back(field);
  }
  return absl::OkStatus();
}

absl::Status ContentMissing(std::string_view path) {
  return domain::FieldInvalid(StrCat(path, "content"), "is required");
}

// The same bytes for the same message in every process of one build: maps in the order of their
// keys.
void AppendDeterministic(const Message& message, std::string* out) {
  google::protobuf::io::StringOutputStream sink(out);
  google::protobuf::io::CodedOutputStream coded(&sink);
  coded.SetSerializationDeterministic(true);
  coded.WriteVarint64(message.ByteSizeLong());
  message.SerializeWithCachedSizes(&coded);
}

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// Over the options first and then the content, so that the content is not copied.
std::string DigestOf(const v1::CheckContentRequest& request, std::string_view parent) {
  v1::CheckContentRequest options;
  options.set_parent(std::string(parent));
  options.set_offset_unit(request.offset_unit());
  options.set_include_excerpts(request.include_excerpts());
  std::string bytes;
  AppendDeterministic(options, &bytes);
  AppendDeterministic(request.content(), &bytes);
  return Sha256(bytes);
}

}  // namespace

absl::StatusOr<domain::ContentCheck> ParseContentCheck(const v1::CheckContentRequest& request,
                                                       std::string_view parent,
                                                       std::string_view path) {
  domain::ContentCheck out;
  ASSIGN_OR_RETURN(out.tenant, ParseTenant(parent, path));
  if (!request.has_content()) return ContentMissing(path);
  RETURN_IF_ERROR(ParseContent(request.content(), path, &out));
  ASSIGN_OR_RETURN(out.offset_unit, ParseOffsetUnit(request.offset_unit(), path));
  out.include_excerpts = request.include_excerpts();
  out.request_id = request.request_id();
  out.client_token = request.client_token();
  out.field_path_prefix = std::string(path);
  if (!out.request_id.empty()) out.body_digest = DigestOf(request, parent);
  return out;
}

absl::StatusOr<domain::ContentCheck> ParseScan(const v1::ScanTextRequest& request) {
  domain::ContentCheck out;
  ASSIGN_OR_RETURN(out.tenant, domain::ParseTenant(request.parent(), "parent"));
  if (!request.has_content()) return ContentMissing("");
  RETURN_IF_ERROR(ParseContent(request.content(), "", &out));
  ASSIGN_OR_RETURN(out.offset_unit, ParseOffsetUnit(request.offset_unit(), ""));
  out.include_excerpts = request.include_excerpts();
  return out;
}

absl::StatusOr<domain::FileHeader> ParseFileHeader(const v1::CheckFileRequest::Header& header) {
  domain::FileHeader out;
  ASSIGN_OR_RETURN(out.tenant, domain::ParseTenant(header.parent(), "header.parent"));
  out.content.content_id = header.content_id();
  out.content.account_id = header.account_id();
  out.content.file_name = header.file_name();
  out.content.region = header.region();
  RETURN_IF_ERROR(CheckSurface(header.surface(), [] { return std::string("header.surface"); }));
  out.content.surface = header.surface() == v1::SURFACE_UNSPECIFIED
                            ? Surface::kFile
                            : api::FromProto(header.surface());
  if (header.has_content_time()) {
    ASSIGN_OR_RETURN(out.content.content_time,
                     ParseTime(header.content_time(), "header.content_time"));
  }
  out.content.labels.insert(header.labels().begin(), header.labels().end());
  ASSIGN_OR_RETURN(out.offset_unit, ParseOffsetUnit(header.offset_unit(), "header."));
  out.charset = header.charset();
  out.size_bytes = header.size_bytes();
  out.include_excerpts = header.include_excerpts();
  out.request_id = header.request_id();
  out.client_token = header.client_token();
  if (!out.request_id.empty()) {
    v1::CheckFileRequest::Header body = header;
    body.clear_request_id();
    body.clear_client_token();
    std::string bytes;
    AppendDeterministic(body, &bytes);
    out.header_digest = Sha256(bytes);
  }
  return out;
}

}  // namespace winnow::rpc
