// winnowd's configuration: one YAML file, then environment variables, then flags; the later wins.
//
// Every setting has a key such as "server.listen". The file nests it (`server: {listen: ...}`), the
// environment spells it WINNOW__SERVER__LISTEN. All three are read by one table, so that each
// setting has one type, one range and one sentence of documentation. docs/configuration.md and
// docs/config.schema.json are checked against that table by a test.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/rules/diagnostics.h"

namespace winnow::system {

// The values of all settings; what each means stands in the table in config.cc, as printed by
// `winnowd --print-default-config`.
struct Config {
  struct Tls {
    std::string certificate_file, private_key_file, client_ca_file;
  };
  struct Server {
    std::string listen = "127.0.0.1:50051";
    Tls tls;
    bool allow_plaintext_anywhere = false;
    uint64_t message_bytes_max = 16 << 20;
    int64_t stream_in_flight_max = 64;
    absl::Duration connection_age_max = absl::Minutes(5);
    absl::Duration connection_age_grace = absl::Seconds(150);
    absl::Duration drain_timeout = absl::Seconds(30);
  } server;
  std::string data_dir = "/var/lib/winnow";
  struct Rules {
    std::string pack, policy;  // empty: what is installed beside the program
    std::string trusted_keys;
    bool accept_unsigned = false;
    bool allow_rollback = false;
  } rules;
  struct Limits {
    uint64_t field_bytes_max = 1 << 20;
    uint64_t content_bytes_max = 4 << 20;
    int64_t fields_max = 100;
    int64_t batch_items_max = 1000;
    uint64_t file_bytes_max = 256 << 20;
    uint64_t chunk_bytes_max = 1 << 20;
    int64_t findings_max = 1000;
    absl::Duration text_deadline_max = absl::Seconds(10);
    absl::Duration file_deadline_max = absl::Seconds(120);
    absl::Duration request_id_ttl = absl::Hours(24);
  } limits;
  struct Pool {
    int64_t threads = 0;
    int64_t waiting_max = 0;
    uint64_t bytes_max = 0;
  };
  struct Pools {
    Pool scan{.threads = 0, .waiting_max = 4096, .bytes_max = 256 << 20};  // 0: one a CPU
    Pool io{.threads = 4, .waiting_max = 4096, .bytes_max = 64 << 20};
  } pools;
  struct Store {
    bool relaxed_clean = false;
    absl::Duration relaxed_sync_interval = absl::Milliseconds(100);
    uint64_t block_cache_bytes = 64 << 20;
  } store;
  struct Log {
    std::string level = "info";
    std::string access = "all";
  } log;
};

// Where the values come from.
struct ConfigInput {
  std::optional<rules::SourceFile> file = {};
  // All variables of the process, or only those that begin with WINNOW__, as "NAME=value".
  std::vector<std::string> environment = {};
  struct Flag {
    std::string name;  // as typed, for messages: "--listen"
    std::string key;   // "server.listen"
    std::string value;
  };
  std::vector<Flag> flags = {};  // of two for the same key the later wins
};

struct ConfigResult {
  Config config;  // to be used only if there are no errors
  // With codes C001 to C005 and those of the YAML reader; all of them at once.
  std::vector<rules::Diagnostic> diagnostics;
  std::vector<rules::SourceFile> sources;  // for Render()
  // Key to "file winnow.yaml:3", "environment WINNOW__...", "flag --listen", where a setting was
  // given.
  std::map<std::string, std::string> origins;
};

// Reads and checks everything. Never fails otherwise than by diagnostics. Thread safe.
ConfigResult ReadConfig(const ConfigInput& input);

// The configuration as a file that ReadConfig() reads back to the same values, each with its
// sentence of documentation as a comment, and where it came from when `origins` is given.
std::string PrintConfig(const Config& config, const std::map<std::string, std::string>* origins);

// What is known of a setting without a value.
struct SettingInfo {
  std::string_view key;
  std::string_view type;         // "text", "path", "boolean", "count", "size", "duration", "choice"
  std::string default_value;     // as a file spells it
  std::string minimum, maximum;  // as a file spells them; empty where there is none
  std::vector<std::string_view> choices;
  std::string_view description;  // a sentence or more
};
// In the order of the file.
std::vector<SettingInfo> AllSettings();

// "server.listen" to "WINNOW__SERVER__LISTEN".
std::string EnvironmentName(std::string_view key);

}  // namespace winnow::system
