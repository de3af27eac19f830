// What the program says about itself, and of command lines it does not understand.
#include <gtest/gtest.h>

#include "tests/tools/cli_golden.h"

namespace winnow::test {
namespace {

class Help : public testing::TestWithParam<CliCase> {};

TEST_P(Help, IsAsRecorded) { CheckCli(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Commands, Help,
    testing::Values(CliCase{"help", {"--help"}}, CliCase{"help_scan", {"scan", "--help"}},
                    CliCase{"help_check", {"check", "--help"}},
                    CliCase{"help_rules", {"rules", "--help"}},
                    CliCase{"help_rules_new", {"rules", "new", "--help"}},
                    CliCase{"help_rules_fmt", {"rules", "fmt", "--help"}},
                    CliCase{"help_rules_fix", {"rules", "fix", "--help"}},
                    CliCase{"help_rules_check", {"rules", "check", "--help"}},
                    CliCase{"help_rules_test", {"rules", "test", "--help"}},
                    CliCase{"help_rules_explain", {"rules", "explain", "--help"}},
                    CliCase{"help_rules_why", {"rules", "why", "--help"}},
                    CliCase{"help_rules_coverage", {"rules", "coverage", "--help"}},
                    CliCase{"help_rules_replay", {"rules", "replay", "--help"}},
                    CliCase{"help_rules_bench", {"rules", "bench", "--help"}},
                    CliCase{"help_pack", {"pack", "--help"}},
                    CliCase{"help_pack_build", {"pack", "build", "--help"}},
                    CliCase{"help_pack_diff", {"pack", "diff", "--help"}},
                    CliCase{"help_pack_inspect", {"pack", "inspect", "--help"}},
                    CliCase{"help_pack_keygen", {"pack", "keygen", "--help"}},
                    CliCase{"help_pack_sign", {"pack", "sign", "--help"}},
                    CliCase{"help_pack_verify", {"pack", "verify", "--help"}},
                    CliCase{"help_pack_active", {"pack", "active", "--help"}},
                    CliCase{"help_pack_reload", {"pack", "reload", "--help"}},
                    CliCase{"help_pack_push", {"pack", "push", "--help"}},
                    CliCase{"help_pack_list", {"pack", "list", "--help"}},
                    CliCase{"help_pack_download", {"pack", "download", "--help"}},
                    CliCase{"help_pack_promote", {"pack", "promote", "--help"}},
                    CliCase{"help_pack_rollback", {"pack", "rollback", "--help"}},
                    CliCase{"help_pack_comparison", {"pack", "comparison", "--help"}},
                    CliCase{"help_verdicts", {"verdicts", "--help"}},
                    CliCase{"help_verdicts_get", {"verdicts", "get", "--help"}},
                    CliCase{"help_rules_stats", {"rules", "stats", "--help"}},
                    CliCase{"help_verdicts_replay", {"verdicts", "replay", "--help"}},
                    CliCase{"help_verdicts_list", {"verdicts", "list", "--help"}},
                    CliCase{"help_samples", {"samples", "--help"}},
                    CliCase{"help_health", {"health", "--help"}},
                    CliCase{"help_completion", {"completion", "--help"}},
                    CliCase{"help_man", {"man", "--help"}}, CliCase{"version", {"--version"}}),
    [](const auto& info) { return CaseName(info.param); });

INSTANTIATE_TEST_SUITE_P(
    WrongUsage, Help,
    testing::Values(
        CliCase{"usage_no_command", {}}, CliCase{"usage_unknown_command", {"frobnicate"}},
        CliCase{"usage_unknown_option", {"scan", "--frobnicate"}},
        CliCase{"usage_hostile_option", {"scan", "--\x1b[31mred\xe2\x80\xae"}},
        CliCase{"usage_unknown_format", {"scan", "--format", "xml"}},
        CliCase{"usage_unknown_surface", {"scan", "--surface", "billboard"}},
        CliCase{"usage_unknown_charset", {"scan", "--charset", "klingon-1", "-"}},
        CliCase{"usage_charset_of_jsonl", {"scan", "--jsonl", "--charset", "gb18030", "-"}},
        CliCase{"usage_pack_id", {"pack", "build", "-o", "x", "--id", "Not Good", "rules"}},
        CliCase{"usage_text_and_file", {"check", "--text", "a", "b.txt"}},
        CliCase{"usage_stream_without_lines", {"check", "--stream", "b.txt"}},
        CliCase{"usage_id_of_many", {"check", "--content-id", "a", "b.txt", "c.txt"}},
        CliCase{"usage_cert_without_key", {"health", "--cert", "a.pem"}},
        CliCase{"usage_unknown_shell", {"completion", "tcsh"}},
        CliCase{"usage_explain_unknown_code", {"rules", "explain", "Z999"}}),
    [](const auto& info) { return CaseName(info.param); });

// Port 1 of this machine has no server.
INSTANTIATE_TEST_SUITE_P(
    NoServer, Help,
    testing::Values(CliCase{"no_server_health", {"health", "--server", "127.0.0.1:1"}},
                    CliCase{"no_server_check",
                            {"check", "--server", "127.0.0.1:1", "--jsonl", "-"},
                            "{\"id\": \"a\", \"text\": \"hello\"}\nnot json\n"},
                    CliCase{"no_server_from_environment",
                            {"verdicts", "list"},
                            "",
                            {{"WINNOW_SERVER", "unix:/nonexistent/winnowd.sock"}}},
                    CliCase{"no_samples", {"samples", "$TMP/nowhere"}},
                    CliCase{"no_ca_file", {"health", "--ca", "$TMP/nowhere.pem"}}),
    [](const auto& info) { return CaseName(info.param); });

}  // namespace
}  // namespace winnow::test
