#include "tests/service/rocks/numbered_commits.h"

#include <optional>
#include <string_view>

#include "engine/base/strings.h"

namespace winnow::rocks {
namespace {

std::string Number(int n) {
  const std::string digits = std::to_string(n);
  return std::string(8 - digits.size(), '0') + digits;
}
std::string Payload(int n) {
  return std::string(static_cast<size_t>(n * 37 % 3000), static_cast<char>('a' + n % 26));
}

}  // namespace

std::string Tenant(int writer) { return StrCat("writer-", writer); }

void WriteCommit(int n, domain::Transaction* transaction) {
  transaction->Put(StrCat("a/", Number(n)), Payload(n));
  transaction->Put(StrCat("b/", Number(n)), Payload(n));
  transaction->Put("last", Number(n));
}

int CountCommits(domain::Store* store, int writer, std::vector<std::string>* broken) {
  const std::string who = Tenant(writer);
  auto transaction = store->Begin(who);
  const auto count = [&](std::string_view prefix) {
    int n = 0;
    const absl::Status status = transaction->Scan(
        prefix, StrCat(prefix, "~"), {}, [&](std::string_view key, std::string_view value) {
          if (key != StrCat(prefix, Number(n)) || value != Payload(n)) {
            broken->push_back(StrCat(who, " has ", key, " where ", Number(n), " is due"));
            return false;
          }
          ++n;
          return true;
        });
    if (!status.ok()) broken->push_back(StrCat(who, ": ", status.ToString()));
    return n;
  };
  const int present = count("a/");
  if (const int others = count("b/"); others != present) {
    broken->push_back(StrCat(who, " has ", present, " of a, ", others, " of b"));
  }
  const auto last = transaction->Get("last");
  const std::optional<std::string> expected =
      present == 0 ? std::nullopt : std::optional(Number(present - 1));
  if (!last.ok() || *last != expected) {
    broken->push_back(StrCat(who, " does not end at ", expected.value_or("nothing")));
  }
  return present;
}

}  // namespace winnow::rocks
