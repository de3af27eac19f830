#include "service/domain/keys.h"

#include <utility>

namespace winnow::domain {
namespace {

constexpr char kAccount = 'a';
constexpr char kContent = 'c';
constexpr char kFlagged = 'f';
constexpr char kRequest = 'r';
constexpr char kVerdict = 'v';

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

std::string RequestKey(const Uuid& request_id) { return Key(kRequest, request_id.view()); }
std::string RequestKeysBegin() { return std::string(1, kRequest); }
std::string RequestKeysEnd() { return std::string(1, kRequest + 1); }

}  // namespace winnow::domain
