#include "service/system/config.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <set>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/rules/yaml_fields.h"
#include "engine/rules/yaml_reader.h"

namespace winnow::system {
namespace {

using rules::Diagnostic;
using rules::SourceFile;
using rules::SourceRange;
using rules::YamlNode;

constexpr std::string_view kEnvironmentPrefix = "WINNOW__";

// ------------------------------------------------------------------------------------------------
// Types of settings

using Place = std::variant<std::string*, bool*, int64_t*, uint64_t*, absl::Duration*>;

struct Text {
  std::string_view name = "text";
};
struct Choice {
  std::vector<std::string_view> values;
};
struct Boolean {};
struct Count {
  int64_t minimum, maximum;
};
struct Size {
  uint64_t minimum, maximum;
};
struct Span {
  absl::Duration minimum, maximum;
};
using Type = std::variant<Text, Choice, Boolean, Count, Size, Span>;

struct Unit {
  std::string_view name;
  uint64_t bytes;
};
constexpr Unit kUnits[] = {{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}};

std::string PrintSize(uint64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes > 0 && bytes % unit.bytes == 0) return StrCat(bytes / unit.bytes, " ", unit.name);
  }
  return StrCat(bytes);
}

// nullopt: not a size, or too large for 64 bits.
std::optional<uint64_t> ParseSize(std::string_view text) {
  uint64_t factor = 1;
  for (const Unit& unit : kUnits) {
    if (text.ends_with(unit.name)) {
      factor = unit.bytes;
      text.remove_suffix(unit.name.size());
      while (text.ends_with(' ')) text.remove_suffix(1);
      break;
    }
  }
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  uint64_t number = 0;
  if (!digits || !absl::SimpleAtoi(ToAbsl(text), &number) ||
      number > std::numeric_limits<uint64_t>::max() / factor) {
    return std::nullopt;
  }
  return number * factor;
}

std::optional<absl::Duration> ParseSpan(std::string_view text) {
  absl::Duration d;
  if (!absl::ParseDuration(ToAbsl(text), &d) || d == absl::InfiniteDuration() ||
      d == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return d;
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(&out, "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string PrintValue(const Type& type, const Place& place) {
  switch (type.index()) {
    case 0:
      return Quote(*std::get<std::string*>(place));
    case 1:
      return *std::get<std::string*>(place);
    case 2:
      return *std::get<bool*>(place) ? "true" : "false";
    case 3:
      return StrCat(*std::get<int64_t*>(place));
    case 4:
      return PrintSize(*std::get<uint64_t*>(place));
    default:
      return absl::FormatDuration(*std::get<absl::Duration*>(place));
  }
}

// What was wrong with a value: the text beside the caret and the remedy. Empty label: nothing.
struct Refusal {
  std::string code;
  std::string label;
  std::string help;
};

template <typename Value, typename Bounds>
std::optional<Refusal> CheckRange(const Value& value, const Bounds& bounds,
                                  std::string (*print)(Value)) {
  if (value >= bounds.minimum && value <= bounds.maximum) return std::nullopt;
  return Refusal{
      "C004", StrCat("must be ", print(bounds.minimum), " to ", print(bounds.maximum)),
      StrCat("write a value from ", print(bounds.minimum), " to ", print(bounds.maximum))};
}

std::string PrintCount(int64_t n) { return StrCat(n); }
std::string PrintSpan(absl::Duration d) { return absl::FormatDuration(d); }

// Sets `place` from `text`, or says why not.
std::optional<Refusal> ParseValue(const Type& type, std::string_view text, const Place& place) {
  if (std::holds_alternative<Text>(type)) {
    *std::get<std::string*>(place) = std::string(text);
    return std::nullopt;
  }
  if (const auto* choice = std::get_if<Choice>(&type)) {
    if (std::find(choice->values.begin(), choice->values.end(), text) == choice->values.end()) {
      std::string names;
      for (std::string_view name : choice->values) {
        StrAppend(&names, names.empty() ? "" : ", ", "`", name, "`");
      }
      return Refusal{"C003", "not one of the choices", StrCat("write one of ", names)};
    }
    *std::get<std::string*>(place) = std::string(text);
    return std::nullopt;
  }
  if (std::holds_alternative<Boolean>(type)) {
    if (text != "true" && text != "false") {
      return Refusal{"C003", "neither true nor false", "write `true` or `false`"};
    }
    *std::get<bool*>(place) = text == "true";
    return std::nullopt;
  }
  if (const auto* bounds = std::get_if<Count>(&type)) {
    int64_t value = 0;
    if (!absl::SimpleAtoi(ToAbsl(text), &value)) {
      return Refusal{"C003", "not a whole number", "write digits only, such as `64`"};
    }
    if (auto refusal = CheckRange(value, *bounds, &PrintCount)) return refusal;
    *std::get<int64_t*>(place) = value;
    return std::nullopt;
  }
  if (const auto* bounds = std::get_if<Size>(&type)) {
    const std::optional<uint64_t> value = ParseSize(text);
    if (!value) {
      return Refusal{"C003", "not a size",
                     "write a number of bytes, or a number with KiB, MiB or GiB, such as `16 MiB`"};
    }
    if (auto refusal = CheckRange(*value, *bounds, &PrintSize)) return refusal;
    *std::get<uint64_t*>(place) = *value;
    return std::nullopt;
  }
  const std::optional<absl::Duration> value = ParseSpan(text);
  if (!value) {
    return Refusal{"C003", "not a duration",
                   "write a number with ms, s, m or h, such as `500ms` or `1m30s`"};
  }
  if (auto refusal = CheckRange(*value, std::get<Span>(type), &PrintSpan)) return refusal;
  *std::get<absl::Duration*>(place) = *value;
  return std::nullopt;
}

std::string_view TypeName(const Type& type) {
  constexpr std::string_view kNames[] = {"", "choice", "boolean", "count", "size", "duration"};
  if (const auto* text = std::get_if<Text>(&type)) return text->name;
  return kNames[type.index()];
}

// ------------------------------------------------------------------------------------------------
// The settings

constexpr uint64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30;

struct Setting {
  std::string_view key;
  Type type;
  Place (*at)(Config&);
  std::string_view description;
};

const std::vector<Setting>& Settings() {
  static const auto* const settings = new std::vector<Setting>{
      {"server.listen", Text{}, [](Config& c) -> Place { return &c.server.listen; },
       "Where gRPC is served: `host:port`, `[ipv6]:port` or `unix:/path`. Port 0 takes a free "
       "one."},
      {"server.tls.certificate_file", Text{"path"},
       [](Config& c) -> Place { return &c.server.tls.certificate_file; },
       "PEM file with the server's certificate chain, leaf first. Empty: no TLS."},
      {"server.tls.private_key_file", Text{"path"},
       [](Config& c) -> Place { return &c.server.tls.private_key_file; },
       "PEM file with the private key of the certificate."},
      {"server.tls.client_ca_file", Text{"path"},
       [](Config& c) -> Place { return &c.server.tls.client_ca_file; },
       "PEM file with the authorities of client certificates. When given, a client without a "
       "certificate signed by one of them cannot connect."},
      {"server.allow_plaintext_anywhere", Boolean{},
       [](Config& c) -> Place { return &c.server.allow_plaintext_anywhere; },
       "Whether other than loopback addresses are listened on without TLS. Only for a server "
       "behind "
       "something that does TLS."},
      {"server.message_bytes_max", Size{kMiB, kGiB},
       [](Config& c) -> Place { return &c.server.message_bytes_max; },
       "The largest message the transport accepts. Larger than the limits below by at least 1 MiB, "
       "so "
       "that a refusal names the limit."},
      {"server.stream_in_flight_max", Count{1, 65536},
       [](Config& c) -> Place { return &c.server.stream_in_flight_max; },
       "Checks of one CheckStream that may be in flight before the stream is read further."},
      {"server.connection_age_max", Span{absl::Seconds(1), absl::Hours(24 * 365)},
       [](Config& c) -> Place { return &c.server.connection_age_max; },
       "Connections are closed in turn at about this age, so that load spreads over servers added "
       "later."},
      {"server.connection_age_grace", Span{absl::Seconds(1), absl::Hours(24)},
       [](Config& c) -> Place { return &c.server.connection_age_grace; },
       "Time for the calls of a connection that has reached its age. At least the deadline of the "
       "longest file check that should not be cut."},
      {"server.drain_timeout", Span{absl::ZeroDuration(), absl::Hours(1)},
       [](Config& c) -> Place { return &c.server.drain_timeout; },
       "How long a stopping server waits for the calls in flight."},
      {"data_dir", Text{"path"}, [](Config& c) -> Place { return &c.data_dir; },
       "Folder of the store and of the key of page tokens. Made when missing."},
      {"rules.pack", Text{"path"}, [](Config& c) -> Place { return &c.rules.pack; },
       "The rule pack. Empty: the bundled one, share/winnow/bundled.pack beside the program's "
       "folder."},
      {"rules.policy", Text{"path"}, [](Config& c) -> Place { return &c.rules.policy; },
       "The decision policy. Empty: the bundled one, share/winnow/policy.yaml beside the program's "
       "folder."},
      {"rules.trusted_keys", Text{"path"}, [](Config& c) -> Place { return &c.rules.trusted_keys; },
       "Public keys of those who may sign packs: a PEM file, or a folder of files *.pub and *.pem. "
       "Read anew with the pack. Empty: nobody."},
      {"rules.accept_unsigned", Boolean{},
       [](Config& c) -> Place { return &c.rules.accept_unsigned; },
       "Whether a pack without a signature is used. The bundled one, which is as safe as the "
       "program beside it, always is."},
      {"rules.allow_rollback", Boolean{},
       [](Config& c) -> Place { return &c.rules.allow_rollback; },
       "Whether an earlier release of a pack than the one last in use may come into use. For one "
       "start; `winnow pack reload --allow-rollback` asks a running server."},
      {"limits.field_bytes_max", Size{kKiB, 256 * kMiB},
       [](Config& c) -> Place { return &c.limits.field_bytes_max; },
       "Text in one field; beyond it TEXT_TOO_LARGE."},
      {"limits.content_bytes_max", Size{kKiB, 512 * kMiB},
       [](Config& c) -> Place { return &c.limits.content_bytes_max; },
       "Text in one check; beyond it TEXT_TOO_LARGE."},
      {"limits.fields_max", Count{1, 10000},
       [](Config& c) -> Place { return &c.limits.fields_max; }, "Fields in one check."},
      {"limits.batch_items_max", Count{1, 100000},
       [](Config& c) -> Place { return &c.limits.batch_items_max; },
       "Items in one batch; beyond it BATCH_TOO_LARGE."},
      {"limits.file_bytes_max", Size{kKiB, 1024 * kGiB},
       [](Config& c) -> Place { return &c.limits.file_bytes_max; },
       "Bytes of one file; beyond it FILE_TOO_LARGE."},
      {"limits.chunk_bytes_max", Size{kKiB, 256 * kMiB},
       [](Config& c) -> Place { return &c.limits.chunk_bytes_max; },
       "Bytes of one chunk of a file."},
      {"limits.findings_max", Count{1, 100000},
       [](Config& c) -> Place { return &c.limits.findings_max; },
       "Findings kept in one verdict; counts go on beyond it."},
      {"limits.text_deadline_max", Span{absl::Milliseconds(10), absl::Hours(1)},
       [](Config& c) -> Place { return &c.limits.text_deadline_max; },
       "Time for one check of text, also when the caller gives more."},
      {"limits.file_deadline_max", Span{absl::Milliseconds(10), absl::Hours(24)},
       [](Config& c) -> Place { return &c.limits.file_deadline_max; },
       "Time for one check of a file, also when the caller gives more."},
      {"limits.request_id_ttl", Span{absl::Hours(24), absl::Hours(24 * 365)},
       [](Config& c) -> Place { return &c.limits.request_id_ttl; },
       "How long a request id is remembered."},
      {"pools.scan.threads", Count{0, 1024},
       [](Config& c) -> Place { return &c.pools.scan.threads; },
       "Threads that scan text. 0: one a CPU."},
      {"pools.scan.waiting_max", Count{1, 1 << 20},
       [](Config& c) -> Place { return &c.pools.scan.waiting_max; },
       "Scans that wait; beyond it OVERLOADED."},
      {"pools.scan.bytes_max", Size{kMiB, 1024 * kGiB},
       [](Config& c) -> Place { return &c.pools.scan.bytes_max; },
       "Text of all scans that wait or run; beyond it OVERLOADED."},
      {"pools.io.threads", Count{1, 1024}, [](Config& c) -> Place { return &c.pools.io.threads; },
       "Threads that read the store."},
      {"pools.io.waiting_max", Count{1, 1 << 20},
       [](Config& c) -> Place { return &c.pools.io.waiting_max; },
       "Reads that wait; beyond it OVERLOADED."},
      {"pools.io.bytes_max", Size{kMiB, 1024 * kGiB},
       [](Config& c) -> Place { return &c.pools.io.bytes_max; },
       "Memory of all reads that wait or run; beyond it OVERLOADED."},
      {"store.relaxed_clean", Boolean{}, [](Config& c) -> Place { return &c.store.relaxed_clean; },
       "Whether verdicts without findings may be acknowledged before they reach the disk. They "
       "survive kill -9, and power loss may take back those of the last relaxed_sync_interval. "
       "Flagged ones never are."},
      {"store.relaxed_sync_interval", Span{absl::Milliseconds(1), absl::Minutes(1)},
       [](Config& c) -> Place { return &c.store.relaxed_sync_interval; },
       "At most this much later a relaxed verdict reaches the disk."},
      {"store.block_cache_bytes", Size{kMiB, 1024 * kGiB},
       [](Config& c) -> Place { return &c.store.block_cache_bytes; },
       "Memory for blocks of the store read lately."},
      {"log.level", Choice{{"debug", "info", "warning", "error"}},
       [](Config& c) -> Place { return &c.log.level; }, "The least grave lines that are logged."},
      {"log.access", Choice{{"all", "failed", "none"}},
       [](Config& c) -> Place { return &c.log.access; },
       "Which calls get a line in the log: all, those that did not end OK, or none."},
  };
  return *settings;
}

const Setting* FindSetting(std::string_view key) {
  for (const Setting& setting : Settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

// ------------------------------------------------------------------------------------------------
// Suggestions

std::string_view LastPart(std::string_view key) { return key.substr(key.rfind('.') + 1); }

// The names that may stand under `section` ("" for the top, else with its dot).
std::vector<std::string_view> NamesUnder(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Setting& setting : Settings()) {
    if (!setting.key.starts_with(section)) continue;
    std::string_view name = setting.key.substr(section.size());
    name = name.substr(0, name.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::string HelpForUnknown(std::string_view section, std::string_view name) {
  const std::vector<std::string_view> names = NamesUnder(section);
  if (const std::string_view near = rules::Closest(name, names); !near.empty()) {
    return StrCat("did you mean `", near, "`?");
  }
  for (const Setting& setting : Settings()) {
    if (LastPart(setting.key) == name) return StrCat("the setting is `", setting.key, "`");
  }
  std::string list;
  for (std::string_view known : names) StrAppend(&list, list.empty() ? "" : ", ", "`", known, "`");
  return section.empty()
             ? StrCat("known are ", list)
             : StrCat("known under `", section.substr(0, section.size() - 1), "` are ", list);
}

// ------------------------------------------------------------------------------------------------
// Reading

class Reader {
 public:
  ConfigResult Read(const ConfigInput& input) {
    if (input.file) ReadFile(*input.file);
    ReadEnvironment(input.environment);
    ReadFlags(input.flags);
    CheckTogether();
    return std::move(result_);
  }

 private:
  void Report(std::string code, SourceRange where, std::string message, std::string label,
              std::string help) {
    result_.diagnostics.push_back({rules::DiagnosticLevel::kError, std::move(code),
                                   std::move(message), where, std::move(label), std::move(help)});
  }

  int AddSource(std::string path, std::string text) {
    result_.sources.push_back({std::move(path), std::move(text)});
    return static_cast<int>(result_.sources.size()) - 1;
  }

  void Set(const Setting& setting, std::string_view text, const SourceRange& where,
           std::string origin) {
    if (const auto refusal = ParseValue(setting.type, text, setting.at(result_.config))) {
      Report(refusal->code, where, StrCat("`", setting.key, "` cannot be `", text, "`"),
             refusal->label, refusal->help);
      return;
    }
    result_.origins[std::string(setting.key)] = std::move(origin);
    where_[std::string(setting.key)] = where;
  }

  void ReadFile(const SourceFile& file) {
    const int index = AddSource(file.path, file.text);
    const std::optional<YamlNode> root = rules::ParseYaml(file, index, &result_.diagnostics);
    if (!root || root->IsEmpty()) return;
    if (!root->IsMapping()) {
      Report("C002", root->where, "the configuration must be a mapping",
             StrCat("this is ", rules::KindName(*root)), "write it as `server: {listen: ...}`");
      return;
    }
    ReadSection(*root, "", file.path);
  }

  void ReadSection(const YamlNode& mapping, const std::string& section, std::string_view path) {
    for (const YamlNode::Entry& entry : mapping.entries) {
      const std::string key = section + entry.key;
      if (const Setting* setting = FindSetting(key)) {
        if (!entry.value.IsScalar() || entry.value.IsEmpty()) {
          Report("C002", entry.value.IsEmpty() ? entry.key_where : entry.value.where,
                 StrCat("`", key, "` needs a value of type ", TypeName(setting->type)),
                 StrCat("this is ", rules::KindName(entry.value)),
                 entry.value.IsEmpty()
                     ? "write a value, `\"\"` for an empty text, or remove the key"
                     : "write one value");
          continue;
        }
        Set(*setting, entry.value.text, entry.value.where,
            StrCat("file ", path, ":", entry.value.where.begin_line));
        continue;
      }
      if (NamesUnder(key + ".").empty()) {
        Report("C001", entry.key_where, StrCat("there is no setting `", key, "`"), "",
               HelpForUnknown(section, entry.key));
        continue;
      }
      if (entry.value.IsEmpty()) continue;  // a section with all of its settings commented out
      if (!entry.value.IsMapping()) {
        Report("C002", entry.value.where, StrCat("`", key, "` must be a mapping"),
               StrCat("this is ", rules::KindName(entry.value)), HelpForUnknown(key + ".", ""));
        continue;
      }
      ReadSection(entry.value, key + ".", path);
    }
  }

  // A variable or flag is shown as a source of one line, so that its diagnostics look like others.
  struct Line {
    SourceRange name, value;
  };
  Line AddLine(std::string path, std::string_view name, std::string_view separator,
               std::string_view value) {
    const int file = AddSource(std::move(path), StrCat(name, separator, value));
    const int begin = static_cast<int>(name.size() + separator.size()) + 1;
    return {{file, 1, 1, 1, static_cast<int>(name.size()) + 1},
            {file, 1, begin, 1, begin + std::max(1, static_cast<int>(value.size()))}};
  }

  void ReadEnvironment(const std::vector<std::string>& environment) {
    for (const std::string& variable : environment) {
      const std::string_view all = variable;
      if (!all.starts_with(kEnvironmentPrefix)) continue;
      const size_t equals = std::min(all.find('='), all.size());
      const std::string_view name = all.substr(0, equals);
      const std::string_view value = all.substr(std::min(equals + 1, all.size()));
      const Setting* found = nullptr;
      std::vector<std::string> known;
      for (const Setting& setting : Settings()) {
        known.push_back(EnvironmentName(setting.key));
        if (known.back() == name) found = &setting;
      }
      const Line line = AddLine("environment", name, "=", value);
      if (found == nullptr) {
        const std::string_view near =
            rules::Closest(name, std::vector<std::string_view>(known.begin(), known.end()));
        Report("C001", line.name, StrCat("the variable ", name, " names no setting"), "",
               near.empty() ? StrCat("name one as ", EnvironmentName("server.listen"),
                                     " names `server.listen`, or unset it")
                            : StrCat("did you mean ", near, "?"));
        continue;
      }
      Set(*found, value, line.value, StrCat("environment ", name));
    }
  }

  void ReadFlags(const std::vector<ConfigInput::Flag>& flags) {
    for (const ConfigInput::Flag& flag : flags) {
      const Line line = AddLine("command line", flag.name, " ", flag.value);
      const Setting* setting = FindSetting(flag.key);
      if (setting == nullptr) {
        const size_t dot = flag.key.rfind('.');
        const std::string section = dot == std::string::npos ? "" : flag.key.substr(0, dot + 1);
        Report("C001", line.value, StrCat("there is no setting `", flag.key, "`"), "",
               NamesUnder(section).empty() ? HelpForUnknown("", flag.key)
                                           : HelpForUnknown(section, LastPart(flag.key)));
        continue;
      }
      Set(*setting, flag.value, line.value, StrCat("flag ", flag.name));
    }
  }

  SourceRange WhereIs(std::initializer_list<std::string_view> keys) const {
    for (std::string_view key : keys) {
      if (const auto it = where_.find(std::string(key)); it != where_.end()) return it->second;
    }
    return {};
  }

  // `smaller` must be at most `larger` less `room`; both are settings.
  void CheckOrder(std::string_view smaller, uint64_t smaller_bytes, std::string_view larger,
                  uint64_t larger_bytes, uint64_t room) {
    if (larger_bytes >= room && smaller_bytes <= larger_bytes - room) return;
    Report("C005", WhereIs({smaller, larger}),
           StrCat("`", smaller, "` (", PrintSize(smaller_bytes), ") does not fit into `", larger,
                  "` (", PrintSize(larger_bytes), ")"),
           "",
           room == 0 ? StrCat("make `", larger, "` at least as large")
                     : StrCat("make `", larger, "` larger by at least ", PrintSize(room)));
  }

  void CheckTogether() {
    // Beside a value that was refused its default would be compared, which says nothing.
    if (rules::HasErrors(result_.diagnostics)) return;
    const Config& c = result_.config;
    const Config::Tls& tls = c.server.tls;
    if (tls.certificate_file.empty() != tls.private_key_file.empty()) {
      Report(
          "C005", WhereIs({"server.tls.certificate_file", "server.tls.private_key_file"}),
          "TLS needs a certificate and its private key", "",
          StrCat("give `server.tls.",
                 tls.certificate_file.empty() ? "certificate_file" : "private_key_file", "` too"));
    } else if (!tls.client_ca_file.empty() && tls.certificate_file.empty()) {
      Report("C005", WhereIs({"server.tls.client_ca_file"}),
             "client certificates need TLS, which is not configured", "",
             "give `server.tls.certificate_file` and `server.tls.private_key_file` too");
    }
    const uint64_t message = c.server.message_bytes_max;
    CheckOrder("limits.field_bytes_max", c.limits.field_bytes_max, "limits.content_bytes_max",
               c.limits.content_bytes_max, 0);
    CheckOrder("limits.content_bytes_max", c.limits.content_bytes_max, "server.message_bytes_max",
               message, kMiB);
    CheckOrder("limits.chunk_bytes_max", c.limits.chunk_bytes_max, "server.message_bytes_max",
               message, kMiB);
    // A task takes a little more than its text, and one that is larger than the bound never runs.
    CheckOrder("limits.content_bytes_max", c.limits.content_bytes_max, "pools.scan.bytes_max",
               c.pools.scan.bytes_max, kMiB);
    CheckOrder("limits.chunk_bytes_max", c.limits.chunk_bytes_max, "pools.scan.bytes_max",
               c.pools.scan.bytes_max, kMiB);
    if (c.data_dir.empty()) {
      Report("C005", WhereIs({"data_dir"}), "`data_dir` must not be empty", "",
             "name the folder of the store");
    }
  }

  ConfigResult result_;
  std::map<std::string, SourceRange> where_;
};

// The description as comment lines of at most `width` columns.
void AppendComment(std::string_view text, std::string_view indent, std::string* out) {
  constexpr size_t kWidth = 100;
  std::string line;
  for (absl::string_view word : absl::StrSplit(ToAbsl(text), ' ')) {
    if (!line.empty() && indent.size() + 3 + line.size() + word.size() > kWidth) {
      StrAppend(out, indent, "# ", line, "\n");
      line.clear();
    }
    StrAppend(&line, line.empty() ? "" : " ", ToStd(word));
  }
  StrAppend(out, indent, "# ", line, "\n");
}

}  // namespace

std::string EnvironmentName(std::string_view key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += absl::ascii_toupper(c);
    }
  }
  return name;
}

ConfigResult ReadConfig(const ConfigInput& input) { return Reader().Read(input); }

std::string PrintConfig(const Config& config, const std::map<std::string, std::string>* origins) {
  Config copy = config;
  std::string out;
  std::vector<std::string_view> open;  // sections that the last line stands in
  for (const Setting& setting : Settings()) {
    std::vector<std::string_view> parts;
    for (absl::string_view part : absl::StrSplit(ToAbsl(setting.key), '.')) {
      parts.push_back(ToStd(part));
    }
    size_t common = 0;
    while (common < open.size() && common + 1 < parts.size() && open[common] == parts[common]) {
      ++common;
    }
    open.resize(common);
    for (size_t i = common; i + 1 < parts.size(); ++i) {
      StrAppend(&out, std::string(2 * i, ' '), parts[i], ":\n");
      open.push_back(parts[i]);
    }
    const std::string indent(2 * (parts.size() - 1), ' ');
    AppendComment(setting.description, indent, &out);
    StrAppend(&out, indent, parts.back(), ": ", PrintValue(setting.type, setting.at(copy)));
    if (origins != nullptr) {
      const auto it = origins->find(std::string(setting.key));
      StrAppend(&out, "  # from ", it == origins->end() ? "default" : it->second);
    }
    out += '\n';
  }
  return out;
}

std::vector<SettingInfo> AllSettings() {
  Config defaults;
  std::vector<SettingInfo> out;
  for (const Setting& setting : Settings()) {
    SettingInfo info;
    info.key = setting.key;
    info.type = TypeName(setting.type);
    info.default_value = PrintValue(setting.type, setting.at(defaults));
    info.description = setting.description;
    if (const auto* choice = std::get_if<Choice>(&setting.type)) info.choices = choice->values;
    if (const auto* count = std::get_if<Count>(&setting.type)) {
      info.minimum = PrintCount(count->minimum);
      info.maximum = PrintCount(count->maximum);
    }
    if (const auto* size = std::get_if<Size>(&setting.type)) {
      info.minimum = PrintSize(size->minimum);
      info.maximum = PrintSize(size->maximum);
    }
    if (const auto* span = std::get_if<Span>(&setting.type)) {
      info.minimum = PrintSpan(span->minimum);
      info.maximum = PrintSpan(span->maximum);
    }
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace winnow::system
