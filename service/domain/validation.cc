#include "service/domain/validation.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "service/domain/error.h"
#include "service/domain/refusals.h"

namespace winnow::domain {
namespace {

constexpr size_t kIdBytesMax = 256;
constexpr size_t kFieldKeyBytesMax = 128;
constexpr size_t kFileNameBytesMax = 1024;
constexpr size_t kRegionBytesMax = 64;
constexpr size_t kLanguageBytesMax = 64;
constexpr size_t kTokenBytesMax = 256;
constexpr size_t kLabelsMax = 32;
constexpr size_t kLabelKeyBytesMax = 64;
constexpr size_t kLabelValueBytesMax = 256;

// The path of a field, put together only for a refusal.
class Path {
 public:
  Path(std::string_view prefix, std::string_view message) : prefix_(prefix), message_(message) {}
  std::string operator()(std::string_view field) const { return StrCat(prefix_, message_, field); }

 private:
  const std::string_view prefix_;   // "requests[3]."
  const std::string_view message_;  // "content."
};

absl::Status CheckBytes(std::string_view value, size_t least, size_t most, const Path& path,
                        std::string_view field) {
  if (value.size() >= least && value.size() <= most) return absl::OkStatus();
  return FieldOutOfRange(path(field), least, most, value.size(), "bytes");
}

absl::Status CheckTenant(std::string_view tenant, const Path& path) {
  if (ValidTenant(tenant)) return absl::OkStatus();
  return ParseTenant(StrCat("tenants/", tenant), path("parent")).status();
}

absl::Status CheckRef(const ContentRef& content, const Path& path, size_t content_id_least) {
  RETURN_IF_ERROR(
      CheckBytes(content.content_id, content_id_least, kIdBytesMax, path, "content_id"));
  RETURN_IF_ERROR(CheckBytes(content.account_id, 0, kIdBytesMax, path, "account_id"));
  if (content.surface == Surface::kUnspecified) {
    return FieldInvalid(path("surface"), "is required: say where the content appears");
  }
  RETURN_IF_ERROR(CheckBytes(content.region, 0, kRegionBytesMax, path, "region"));
  RETURN_IF_ERROR(CheckBytes(content.language_hint, 0, kLanguageBytesMax, path, "language_hint"));
  if (content.labels.size() > kLabelsMax) {
    return FieldOutOfRange(path("labels"), 0, kLabelsMax, content.labels.size(), "labels");
  }
  for (const auto& [key, value] : content.labels) {
    RETURN_IF_ERROR(CheckBytes(key, 1, kLabelKeyBytesMax, path, "labels (a key)"));
    RETURN_IF_ERROR(CheckBytes(value, 0, kLabelValueBytesMax, path, StrCat("labels[", key, "]")));
  }
  return absl::OkStatus();
}

absl::Status CheckCharset(std::string_view charset, const Path& path, std::string_view field) {
  if (charset.empty() || text::KnownCharset(charset)) return absl::OkStatus();
  return CharsetUnknown(path(field), charset);
}

// Tells which keys were seen before. For the few fields of most contents, looking at each of them
// is quickest.
class KeysSeen {
 public:
  // False when there was one like it.
  bool Add(const std::vector<Field>& fields, size_t i) {
    if (fields.size() > kFew) return keys_.insert(fields[i].key).second;
    for (size_t j = 0; j < i; ++j) {
      if (fields[j].key == fields[i].key) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kFew = 16;
  absl::flat_hash_set<std::string_view> keys_;
};

absl::Status CheckFields(const std::vector<Field>& fields, const Limits& limits, const Path& path) {
  if (fields.empty() || fields.size() > limits.fields_max) {
    return FieldOutOfRange(path("fields"), 1, limits.fields_max, fields.size(), "fields");
  }
  size_t total = 0;
  KeysSeen seen;
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const auto part = [i](std::string_view name) { return StrCat("fields[", i, "].", name); };
    if (field.key.empty() || field.key.size() > kFieldKeyBytesMax) {
      return CheckBytes(field.key, 1, kFieldKeyBytesMax, path, part("key"));
    }
    if (!seen.Add(fields, i)) {
      return FieldInvalid(path(part("key")), StrCat("\"", field.key,
                                                    "\" is the key of an earlier field too; give "
                                                    "each field of a content a key of its own"));
    }
    if (field.bytes.size() > limits.field_bytes_max) {
      return TextTooLarge(path(part(field.valid_utf8 ? "text" : "raw")), limits.field_bytes_max,
                          field.bytes.size(), "split the text, or send it as a file");
    }
    if (!field.charset.empty()) {
      RETURN_IF_ERROR(CheckCharset(field.charset, path, part("charset")));
    }
    total += field.bytes.size();
  }
  if (total > limits.content_bytes_max) {
    return TextTooLarge(path("fields"), limits.content_bytes_max, total,
                        "split the content, or send it as a file");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<Uuid>> ValidateRequestId(std::string_view request_id,
                                                      std::string_view field) {
  if (request_id.empty()) return std::nullopt;
  const std::optional<Uuid> uuid = ParseUuid(request_id);
  if (!uuid || uuid->is_nil()) {
    return FieldInvalid(field,
                        "must be a UUID such as \"1f0c2f1e-8a52-4f4e-9c3b-0d8f2a7b6c5d\", not the "
                        "nil one, and new for each request; or leave it empty");
  }
  return uuid;
}

absl::Status ValidateContent(const ContentCheck& check, const Limits& limits, Keep keep) {
  const std::string_view prefix = check.field_path_prefix;
  const Path top(prefix, ""), content(prefix, "content.");
  RETURN_IF_ERROR(CheckTenant(check.tenant, top));
  RETURN_IF_ERROR(CheckRef(check.content, content, keep == Keep::kStored ? 1 : 0));
  RETURN_IF_ERROR(CheckFields(check.fields, limits, content));
  return CheckBytes(check.client_token, 0, kTokenBytesMax, top, "client_token");
}

absl::Status ValidatePlain(const PlainBatch& batch, size_t i, const Limits& limits) {
  const PlainContent& plain = batch.contents[i];
  ContentCheck check;
  check.tenant = batch.tenant;
  check.content = RefOf(plain);
  check.client_token = plain.client_token;
  check.fields.assign(batch.fields.begin() + plain.fields_begin,
                      batch.fields.begin() + plain.fields_end);
  check.field_path_prefix = StrCat("requests[", i, "].");
  return ValidateContent(check, limits, Keep::kStored);
}

bool IsPlainlyValid(const PlainBatch& batch, size_t i, const Limits& limits) {
  constexpr size_t kFewFields = 8;
  const PlainContent& plain = batch.contents[i];
  const size_t fields = plain.fields_end - plain.fields_begin;
  if (plain.content_id.empty() || plain.content_id.size() > kIdBytesMax ||
      plain.account_id.size() > kIdBytesMax || plain.surface == Surface::kUnspecified ||
      plain.region.size() > kRegionBytesMax || plain.language_hint.size() > kLanguageBytesMax ||
      plain.client_token.size() > kTokenBytesMax || fields == 0 ||
      fields > std::min(kFewFields, limits.fields_max)) {
    return false;
  }
  size_t total = 0;
  for (size_t j = plain.fields_begin; j < plain.fields_end; ++j) {
    const Field& field = batch.fields[j];
    if (field.key.empty() || field.key.size() > kFieldKeyBytesMax || !field.charset.empty() ||
        field.bytes.size() > limits.field_bytes_max) {
      return false;
    }
    for (size_t k = plain.fields_begin; k < j; ++k) {
      if (batch.fields[k].key == field.key) return false;
    }
    total += field.bytes.size();
  }
  return total <= limits.content_bytes_max;
}

absl::Status ValidateFileHeader(const FileHeader& header, const Limits& limits) {
  const Path path("", "header.");
  RETURN_IF_ERROR(CheckTenant(header.tenant, path));
  RETURN_IF_ERROR(CheckRef(header.content, path, 1));
  RETURN_IF_ERROR(CheckBytes(header.content.file_name, 0, kFileNameBytesMax, path, "file_name"));
  RETURN_IF_ERROR(CheckCharset(header.charset, path, "charset"));
  RETURN_IF_ERROR(CheckBytes(header.client_token, 0, kTokenBytesMax, path, "client_token"));
  if (header.size_bytes > limits.file_bytes_max) {
    return FileTooLarge("header.size_bytes", limits.file_bytes_max, header.size_bytes);
  }
  return absl::OkStatus();
}

}  // namespace winnow::domain
