#include "service/domain/keys.h"

#include <utility>

namespace winnow::domain {
namespace {

constexpr char kAccount = 'a';
constexpr char kBlock = 'b';
constexpr char kContent = 'c';
constexpr char kFlagged = 'f';
constexpr char kAction = 'h';
constexpr char kPostings = 'i';
constexpr char kChannels = 'n';
constexpr char kPack = 'p';
constexpr char kPackPiece = 'q';
constexpr char kRequest = 'r';
constexpr char kPackRelease = 's';
constexpr char kFresh = 'u';
constexpr char kVerdict = 'v';
constexpr char kComparison = 'w';
constexpr char kPolicy = 'y';
// Behind kPostings, beside the values of Posted.
constexpr char kRun = 'r';

std::string Key(char kind, std::string_view rest) {
  std::string key;
  key.reserve(1 + rest.size());
  key.push_back(kind);
  key.append(rest);
  return key;
}

// The length before the value keeps "a" and "ab" apart.
std::string ValuePrefix(char kind, std::string_view value) {
  std::string key;
  key.reserve(3 + value.size() + sizeof(Uuid));
  key.push_back(kind);
  key.push_back(static_cast<char>(value.size() >> 8));
  key.push_back(static_cast<char>(value.size() & 0xFF));
  key.append(value);
  return key;
}

}  // namespace

std::string VerdictKey(const Uuid& id) { return Key(kVerdict, id.view()); }
std::string ContentIndexPrefix(std::string_view content_id) {
  return ValuePrefix(kContent, content_id);
}
std::string AccountIndexPrefix(std::string_view account_id) {
  return ValuePrefix(kAccount, account_id);
}
std::string FlaggedIndexPrefix() { return std::string(1, kFlagged); }
std::string VerdictPrefix() { return std::string(1, kVerdict); }
std::string IndexKey(std::string prefix, const Uuid& id) {
  prefix.append(id.view());
  return prefix;
}

std::string BlockPrefix() { return std::string(1, kBlock); }
std::string FreshBlockPrefix() { return std::string(1, kFresh); }

std::string PostingsPrefix(Posted what, size_t bucket) {
  return {kPostings, static_cast<char>(what), static_cast<char>(bucket >> 8),
          static_cast<char>(bucket & 0xFF)};
}

std::string RunKey(const Uuid& greatest) { return IndexKey({kPostings, kRun}, greatest); }

// FNV-1a, whose high bits hardly depend on the last bytes, and a finaliser that spreads them.
uint64_t PostingHash(std::string_view value) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : value) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 29;
}

std::string RequestKey(const Uuid& request_id) { return Key(kRequest, request_id.view()); }
std::string RequestKeysBegin() { return std::string(1, kRequest); }
std::string RequestKeysEnd() { return std::string(1, kRequest + 1); }

std::string PackReleaseKey(std::string_view pack_id) { return Key(kPackRelease, pack_id); }

std::string PackArchivePrefix() { return std::string(1, kPack); }
std::string PackArchiveKey(std::string_view revision) { return Key(kPack, revision); }
std::string PackPieceKey(std::string_view file_digest, uint32_t piece) {
  std::string key = Key(kPackPiece, file_digest);
  key.push_back(static_cast<char>(piece >> 8));
  key.push_back(static_cast<char>(piece & 0xFF));
  return key;
}
std::string PolicyArchiveKey(std::string_view revision) { return Key(kPolicy, revision); }
std::string ChannelsKey() { return std::string(1, kChannels); }
std::string ActionPrefix() { return std::string(1, kAction); }
std::string ComparisonPrefix() { return {kComparison, 'h'}; }
std::string ComparisonKey(std::string_view digest) { return ComparisonPrefix().append(digest); }
std::string RuleComparisonKey(std::string_view digest, std::string_view rule_id) {
  return std::string({kComparison, 'r'}).append(digest).append(rule_id);
}

}  // namespace winnow::domain
