#include "tools/cli/rule_side.h"

#include <filesystem>
#include <utility>

#include "engine/rules/parser.h"
#include "tools/cli/command.h"
#include "tools/cli/rule_source.h"

namespace winnow::cli {

std::optional<RuleSide> LoadSide(const std::string& path, int* exit_code) {
  RuleSide side;
  side.name = path;
  std::error_code error;
  if (path.ends_with(".yaml") || std::filesystem::is_directory(path, error)) {
    std::optional<pack::CompileResult> compiled = CompileSource({.paths = {path}}, exit_code);
    if (!compiled) return std::nullopt;
    side.pack = std::move(compiled->pack);
    side.rules = std::move(compiled->rules);
    return side;
  }
  auto pack = pack::LoadPack(path);
  if (!pack.ok()) {
    *exit_code = Fail(pack.status());
    return std::nullopt;
  }
  side.pack = *std::move(pack);
  side.rules = rules::ParseRules(side.pack->sources()).rules;
  return side;
}

}  // namespace winnow::cli
