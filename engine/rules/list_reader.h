// Lists of terms: files of one term a line, which conditions name as `list:`. Private to this room;
// docs/rules.md describes the format.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/model.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::rules {

inline constexpr size_t kMaxListTerms = 500'000;

// The path of the list that the rule file at `rule_path` names as `name`; nullopt when `name` is no
// path below that file's folder.
std::optional<std::string> ListPath(std::string_view rule_path, std::string_view name);

// Reads each list once, however many rules name it. Not thread safe.
class ListReader {
 public:
  // Both must outlive the reader; `sources` must not change.
  ListReader(const std::vector<SourceFile>& sources, std::vector<Diagnostic>* out);

  // The list that `node`, the value of `list` in the source `file`, names. Null when there is none
  // or nothing of it can be used, which `reader` or the list's own diagnostics then tell. `alone`:
  // each of its terms is a match of the rule, so that those of one character are told.
  std::shared_ptr<const TermList> Read(int file, const YamlNode& node, bool alone,
                                       FieldReader* reader);

  // Warns of the lists that nothing has named.
  void WarnOfUnused();

  // Those that were named and can be used, in order of file.
  std::vector<std::shared_ptr<const TermList>> Used() const;

 private:
  struct Entry {
    bool named = false;
    bool short_terms_told = false;
    std::shared_ptr<const TermList> list;  // null until read, and where nothing can be used
  };

  void ReportMissing(int file, const YamlNode& node, FieldReader* reader) const;

  const std::vector<SourceFile>& sources_;
  std::vector<Diagnostic>* const out_;
  std::vector<Entry> entries_;  // by source
  absl::flat_hash_map<std::string, int> by_path_;
};

}  // namespace winnow::rules
