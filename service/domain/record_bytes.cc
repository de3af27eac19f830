#include "service/domain/record_bytes.h"

#include "engine/base/status_macros.h"
#include "service/domain/refusals.h"

namespace winnow::domain {

using google::protobuf::MessageLite;

void SerializeRecord(const MessageLite& message, std::string* out, int version) {
  const size_t size = message.ByteSizeLong();
  out->resize(1 + size);
  (*out)[0] = static_cast<char>(version);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(out->data() + 1));
}

absl::StatusOr<std::string_view> MessageOf(std::string_view bytes,
                                           absl::FunctionRef<std::string()> what, int known) {
  if (bytes.empty()) return RecordDamaged(what(), "it is empty");
  const int version = static_cast<uint8_t>(bytes[0]);
  if (version > known) return RecordTooNew(what(), version, known);
  if (version == 0) return RecordDamaged(what(), "its version is 0");
  return bytes.substr(1);
}

absl::Status ParseRecord(std::string_view bytes, std::string_view what, MessageLite* out,
                         int known) {
  ASSIGN_OR_RETURN(bytes, MessageOf(
                              bytes, [&] { return std::string(what); }, known));
  if (!out->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return RecordDamaged(what, "it does not parse");
  }
  return absl::OkStatus();
}

}  // namespace winnow::domain
