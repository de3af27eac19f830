// The commands that measure, repair and compare rules. As in command.h, each adds itself to its
// parent, and its callback stores how it ended in `*exit_code`, which must live as long as that.
#pragma once

namespace CLI {
class App;
}

namespace winnow::cli {

// The verbs of `winnow rules`.
void AddRulesFix(CLI::App& rules, int* exit_code);
void AddRulesCoverage(CLI::App& rules, int* exit_code);
void AddRulesBench(CLI::App& rules, int* exit_code);
void AddRulesReplay(CLI::App& rules, int* exit_code);
// The verb of `winnow pack`.
void AddPackDiff(CLI::App& pack, int* exit_code);

}  // namespace winnow::cli
