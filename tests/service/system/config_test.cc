#include "service/system/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "tests/support/golden.h"

namespace winnow::system {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ConfigResult ReadText(std::string text) {
  return ReadConfig({.file = rules::SourceFile{"winnow.yaml", std::move(text)}});
}

std::string Rendered(const ConfigResult& result) {
  return rules::Render(result.diagnostics, result.sources, /*color=*/false);
}

TEST(Config, AnEmptyFileGivesTheDefaults) {
  for (const char* text : {"", "# nothing\n", "server:\n  # listen: x\n"}) {
    const ConfigResult result = ReadText(text);
    EXPECT_THAT(result.diagnostics, IsEmpty()) << Rendered(result);
    EXPECT_EQ(PrintConfig(result.config, nullptr), PrintConfig(Config(), nullptr));
  }
}

TEST(Config, ReadsEveryType) {
  const ConfigResult result = ReadText(
      "server:\n"
      "  listen: unix:/run/winnow.sock\n"
      "  drain_timeout: 1m30s\n"
      "  message_bytes_max: 32 MiB\n"
      "store: {relaxed_clean: true, block_cache_bytes: 8388608}\n"
      "pools: {scan: {threads: 3, bytes_max: 1GiB}}\n"
      "log: {access: failed}\n");
  ASSERT_THAT(result.diagnostics, IsEmpty()) << Rendered(result);
  EXPECT_EQ(result.config.server.listen, "unix:/run/winnow.sock");
  EXPECT_EQ(result.config.server.drain_timeout, absl::Seconds(90));
  EXPECT_EQ(result.config.server.message_bytes_max, 32u << 20);
  EXPECT_TRUE(result.config.store.relaxed_clean);
  EXPECT_EQ(result.config.store.block_cache_bytes, 8u << 20);
  EXPECT_EQ(result.config.pools.scan.threads, 3);
  EXPECT_EQ(result.config.pools.scan.bytes_max, 1u << 30);
  EXPECT_EQ(result.config.log.access, "failed");
  EXPECT_EQ(result.origins.at("store.relaxed_clean"), "file winnow.yaml:5");
}

TEST(Config, TheEnvironmentWinsOverTheFileAndFlagsOverBoth) {
  ConfigInput input;
  input.file = rules::SourceFile{"f.yaml", "server: {listen: '1.1.1.1:1'}\ndata_dir: /file\n"};
  input.environment = {"PATH=/bin", "WINNOW__SERVER__LISTEN=2.2.2.2:2",
                       "WINNOW__POOLS__IO__THREADS=7", "WINNOW_UNRELATED=x"};
  input.flags = {{"--listen", "server.listen", "3.3.3.3:3"},
                 {"--listen", "server.listen", "4.4.4.4:4"}};
  const ConfigResult result = ReadConfig(input);
  ASSERT_THAT(result.diagnostics, IsEmpty()) << Rendered(result);
  EXPECT_EQ(result.config.server.listen, "4.4.4.4:4");
  EXPECT_EQ(result.config.data_dir, "/file");
  EXPECT_EQ(result.config.pools.io.threads, 7);
  EXPECT_EQ(result.origins.at("server.listen"), "flag --listen");
  EXPECT_EQ(result.origins.at("pools.io.threads"), "environment WINNOW__POOLS__IO__THREADS");
}

TEST(Config, WhatIsPrintedReadsBackToTheSame) {
  Config config;
  config.server.listen = "unix:/tmp/a \"b\" \\c # d: \x01.sock";
  config.server.drain_timeout = absl::Milliseconds(1500);
  config.limits.field_bytes_max = 1234;
  config.store.relaxed_clean = true;
  config.log.level = "debug";
  const std::string printed = PrintConfig(config, nullptr);
  const ConfigResult result = ReadText(printed);
  EXPECT_THAT(result.diagnostics, IsEmpty()) << Rendered(result);
  EXPECT_EQ(PrintConfig(result.config, nullptr), printed);
  EXPECT_EQ(result.config.server.listen, config.server.listen);
  EXPECT_EQ(result.origins.size(), AllSettings().size()) << "every setting is printed";
}

TEST(Config, PrintsWhereEachValueCameFrom) {
  const ConfigResult result = ReadText("data_dir: /d\n");
  const std::string printed = PrintConfig(result.config, &result.origins);
  EXPECT_THAT(printed, HasSubstr("data_dir: \"/d\"  # from file winnow.yaml:1\n"));
  EXPECT_THAT(printed, HasSubstr("listen: \"127.0.0.1:50051\"  # from default\n"));
}

struct Refused {
  const char* name;
  const char* text;
  const char* code;
  int line, column;  // of the first diagnostic
  const char* message;
  const char* help;
};

class ConfigRefuses : public testing::TestWithParam<Refused> {};

TEST_P(ConfigRefuses, WithPlaceAndRemedy) {
  const ConfigResult result = ReadText(GetParam().text);
  ASSERT_THAT(result.diagnostics, Not(IsEmpty()));
  const rules::Diagnostic& first = result.diagnostics[0];
  EXPECT_EQ(first.level, rules::DiagnosticLevel::kError);
  EXPECT_EQ(first.code, GetParam().code);
  EXPECT_TRUE(std::any_of(rules::AllDiagnosticCodes().begin(), rules::AllDiagnosticCodes().end(),
                          [&](const auto& known) { return known.code == first.code; }))
      << "`winnow rules explain " << first.code << "` must explain it";
  EXPECT_EQ(first.where.begin_line, GetParam().line) << Rendered(result);
  EXPECT_EQ(first.where.begin_column, GetParam().column) << Rendered(result);
  EXPECT_THAT(first.message, HasSubstr(GetParam().message));
  EXPECT_THAT(first.help, HasSubstr(GetParam().help));
}

INSTANTIATE_TEST_SUITE_P(
    Files, ConfigRefuses,
    testing::Values(
        Refused{"not_yaml", "server: [", "Y004", 2, 1, "not YAML", ""},
        Refused{"anchor", "data_dir: &a /d\n", "Y007", 1, 11, "anchor", "write the value out"},
        Refused{"duplicate", "data_dir: /a\ndata_dir: /b\n", "Y011", 2, 1, "twice", "remove"},
        Refused{"a_list", "- server\n", "C002", 1, 1, "must be a mapping", "server: {listen"},
        Refused{"misspelt_section", "sever: {listen: x}\n", "C001", 1, 1, "no setting `sever`",
                "did you mean `server`?"},
        Refused{"misspelt_key", "server:\n  lisen: x\n", "C001", 2, 3, "no setting `server.lisen`",
                "did you mean `listen`?"},
        Refused{"key_of_another_section", "listen: x\n", "C001", 1, 1, "no setting `listen`",
                "the setting is `server.listen`"},
        Refused{"unlike_any", "store: {zzzzzzzzzz: 1}\n", "C001", 1, 9, "no setting",
                "known under `store` are `relaxed_clean`"},
        Refused{"section_as_text", "server: here\n", "C002", 1, 9, "`server` must be a mapping",
                "`listen`"},
        Refused{"value_as_mapping", "data_dir: {a: b}\n", "C002", 1, 11,
                "needs a value of type path", "one value"},
        Refused{"no_value", "data_dir:\n", "C002", 1, 1, "needs a value", "`\"\"`"},
        Refused{"empty_data_dir", "data_dir: ''\n", "C005", 1, 11, "must not be empty", "name"},
        Refused{"not_a_boolean", "store: {relaxed_clean: yes}\n", "C003", 1, 24, "cannot be `yes`",
                "`true` or `false`"},
        Refused{"not_a_number", "pools: {io: {threads: four}}\n", "C003", 1, 23, "`four`",
                "digits"},
        Refused{"out_of_range", "pools: {io: {threads: 0}}\n", "C004", 1, 23, "`0`",
                "from 1 to 1024"},
        Refused{"negative", "limits: {fields_max: -1}\n", "C004", 1, 22, "`-1`", "from 1 to"},
        Refused{"si_unit", "limits: {field_bytes_max: 1 MB}\n", "C003", 1, 27, "`1 MB`", "MiB"},
        Refused{"size_beyond_64_bits", "limits: {field_bytes_max: 99999999999 GiB}\n", "C003", 1,
                27, "cannot be", "MiB"},
        Refused{"size_too_small", "limits: {field_bytes_max: 12}\n", "C004", 1, 27, "`12`",
                "from 1 KiB to 256 MiB"},
        Refused{"bare_number_as_duration", "server: {drain_timeout: 30}\n", "C003", 1, 25, "`30`",
                "500ms"},
        Refused{"infinite", "server: {drain_timeout: inf}\n", "C003", 1, 25, "`inf`", "500ms"},
        Refused{"short_memory_of_request_ids", "limits: {request_id_ttl: 1h}\n", "C004", 1, 26,
                "`1h`", "from 24h"},
        Refused{"not_a_choice", "log: {level: loud}\n", "C003", 1, 14, "`loud`",
                "`debug`, `info`, `warning`, `error`"},
        Refused{"certificate_without_key", "server: {tls: {certificate_file: a.pem}}\n", "C005", 1,
                34, "certificate and its private key", "private_key_file"},
        Refused{"client_ca_without_tls", "server: {tls: {client_ca_file: a.pem}}\n", "C005", 1, 32,
                "need TLS", "certificate_file"},
        Refused{"content_larger_than_message", "limits: {content_bytes_max: 16 MiB}\n", "C005", 1,
                29, "does not fit into `server.message_bytes_max` (16 MiB)",
                "larger by at least 1 MiB"},
        Refused{"field_larger_than_content", "limits: {field_bytes_max: 5 MiB}\n", "C005", 1, 27,
                "does not fit into `limits.content_bytes_max`", "at least as large"},
        Refused{"content_as_large_as_the_pool", "pools: {scan: {bytes_max: 4 MiB}}\n", "C005", 1,
                27, "does not fit into `pools.scan.bytes_max`", "larger by at least 1 MiB"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Config, AllThatIsWrongIsSaidAtOnce) {
  const ConfigResult result = ReadText("a: 1\nstore: {relaxed_clean: 2}\nlog: {level: x}\n");
  std::vector<std::string> codes;
  for (const rules::Diagnostic& diagnostic : result.diagnostics) codes.push_back(diagnostic.code);
  EXPECT_THAT(codes, ElementsAre("C001", "C003", "C003"));
}

TEST(Config, RefusesVariablesThatNameNothing) {
  const ConfigResult result = ReadConfig({.environment = {"WINNOW__SERVER__LISTN=x"}});
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].code, "C001");
  EXPECT_EQ(result.diagnostics[0].help, "did you mean WINNOW__SERVER__LISTEN?");
  EXPECT_THAT(Rendered(result), HasSubstr("environment:1:1"));
}

TEST(Config, RefusesFlagsThatNameNothing) {
  const ConfigResult result = ReadConfig({.flags = {{"--set log.acess", "log.acess", "none"}}});
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].help, "did you mean `access`?");
}

TEST(Config, BadValuesOfVariablesAndFlagsHaveACaretToo) {
  const ConfigResult result =
      ReadConfig({.environment = {"WINNOW__STORE__RELAXED_CLEAN=maybe"},
                  .flags = {{"--set pools.io.threads", "pools.io.threads", "x"}}});
  ASSERT_EQ(result.diagnostics.size(), 2u);
  EXPECT_EQ(result.diagnostics[0].where.begin_column, 30);
  const std::string rendered = Rendered(result);
  EXPECT_THAT(rendered, HasSubstr("WINNOW__STORE__RELAXED_CLEAN=maybe"));
  EXPECT_THAT(rendered, HasSubstr("--set pools.io.threads x"));
}

TEST(Config, EverySettingHasADistinctNameInTheEnvironment) {
  std::vector<std::string> environment;
  for (const SettingInfo& setting : AllSettings()) {
    std::string value = setting.default_value;
    if (value.front() == '"') value = value.substr(1, value.size() - 2);
    environment.push_back(EnvironmentName(setting.key) + "=" + value);
  }
  const ConfigResult result = ReadConfig({.environment = environment});
  EXPECT_THAT(result.diagnostics, IsEmpty()) << Rendered(result);
  EXPECT_EQ(result.origins.size(), AllSettings().size());
  EXPECT_EQ(PrintConfig(result.config, nullptr), PrintConfig(Config(), nullptr));
}

// ---- What operators are told: testdata/diagnostics/<meaning>.yaml, rendered into <meaning>.out

class ConfigDiagnostics : public testing::TestWithParam<std::string> {};

TEST_P(ConfigDiagnostics, ReadAsReviewed) {
  const std::filesystem::path folder =
      std::filesystem::path(WINNOW_SOURCE_DIR) / "tests/service/system/testdata/diagnostics";
  const std::string name = GetParam() + ".yaml";
  const ConfigResult result =
      ReadConfig({.file = rules::SourceFile{name, test::ReadFileOrFail(folder / name)}});
  EXPECT_TRUE(rules::HasErrors(result.diagnostics));
  test::ExpectGolden(folder / (GetParam() + ".out"), Rendered(result));
}

INSTANTIATE_TEST_SUITE_P(Files, ConfigDiagnostics,
                         testing::Values("contradictions", "out_of_bounds", "unknown_settings",
                                         "wrong_forms", "wrong_types"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace winnow::system
