#include "engine/match/start_finder.h"

#include <cstdint>
#include <cstdlib>

#include "engine/base/deflate.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"

namespace winnow::match {
namespace {

// Two numbers of four bytes, the lowest first, before the compressed bytes: how many the database
// has, and how many they are.
constexpr size_t kHead = 8;
constexpr uint32_t kDatabaseBytesMax = 64 << 20;

void PutFixed(size_t n, std::string* out) {
  for (int i = 0; i < 4; ++i) out->push_back(static_cast<char>(n >> (8 * i)));
}

uint32_t Fixed(std::string_view in, size_t at) {
  uint32_t n = 0;
  for (size_t i = 4; i-- > 0;) n = n << 8 | static_cast<uint8_t>(in[at + i]);
  return n;
}

absl::Status Refuse(std::string_view name, hs_error_t error) {
  switch (error) {
    case HS_DB_VERSION_ERROR:
    case HS_DB_PLATFORM_ERROR:
    case HS_DB_MODE_ERROR:
      return absl::FailedPreconditionError(
          StrCat("section ", name, " was built for another machine or library"));
    default:
      return absl::DataLossError(StrCat("section ", name, " is damaged (", error, ")"));
  }
}

}  // namespace

std::string SerializeDatabase(const hs_database_t* db) {
  char* bytes = nullptr;
  size_t size = 0;
  if (hs_serialize_database(db, &bytes, &size) != HS_SUCCESS) return "";
  std::string out(bytes, size);
  std::free(bytes);
  return out;
}

absl::StatusOr<DatabasePtr> DeserializeDatabase(std::string_view name, std::string_view bytes) {
  hs_database_t* db = nullptr;
  const hs_error_t error = hs_deserialize_database(bytes.data(), bytes.size(), &db);
  if (error != HS_SUCCESS) return Refuse(name, error);
  return DatabasePtr(db);
}

absl::Status StartFinder::Check(std::string_view name, std::string_view bytes) {
  const bool good = bytes.size() >= kHead && Fixed(bytes, 0) <= kDatabaseBytesMax &&
                    Fixed(bytes, 4) == bytes.size() - kHead;
  return good ? absl::OkStatus() : Refuse(name, HS_INVALID);
}

absl::StatusOr<const hs_database_t*> StartFinder::Get() const {
  hs_database_t* db = database_.load(std::memory_order_acquire);
  if (db != nullptr) return db;
  const auto make = [this]() -> absl::StatusOr<DatabasePtr> {
    ASSIGN_OR_RETURN(const std::string bytes, Inflate(stored_.substr(kHead), Fixed(stored_, 0)));
    return DeserializeDatabase("start", bytes);
  };
  absl::StatusOr<DatabasePtr> made = make();
  if (!made.ok()) {
    return absl::InternalError(
        StrCat("an expression cannot be sought by itself: ", ToStd(made.status().message())));
  }
  // Of threads that need it at once, the first one's is kept.
  if (database_.compare_exchange_strong(db, made->get(), std::memory_order_acq_rel)) {
    db = made->release();
  }
  return db;
}

std::string StartFinder::Serialize() const {
  if (!stored_.empty()) return std::string(stored_);
  const std::string bytes = SerializeDatabase(database_.load(std::memory_order_acquire));
  const std::string deflated = Deflate(bytes);
  std::string out;
  PutFixed(bytes.size(), &out);
  PutFixed(deflated.size(), &out);
  return out + deflated;
}

size_t StartFinder::memory_bytes() const {
  size_t size = 0;
  const hs_database_t* db = database_.load(std::memory_order_acquire);
  if (db != nullptr && hs_database_size(db, &size) != HS_SUCCESS) size = 0;
  return sizeof *this + size;
}

}  // namespace winnow::match
