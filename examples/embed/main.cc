// Winnow inside a program of your own: compiles the rule files named first, checks the text named
// last. usage: embed RULES.yaml... TEXT
#include <cstdio>
#include <string>
#include <vector>

#include "engine/checker.h"

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: embed RULES.yaml... TEXT\n"), 2;
  auto sources = winnow::pack::ReadRuleFiles(std::vector<std::string>(argv + 1, argv + argc - 1));
  if (!sources.ok()) return std::fprintf(stderr, "%s\n", sources.status().ToString().c_str()), 2;
  auto compiled = winnow::pack::CompilePack(*std::move(sources), {.id = "embedded"});
  std::fputs(winnow::rules::Render(compiled.diagnostics, compiled.sources, false).c_str(), stderr);
  if (compiled.pack == nullptr) return 2;

  winnow::Checker checker(compiled.pack, winnow::DefaultPolicy());
  winnow::Content content{.surface = winnow::Surface::kComment};
  content.fields.push_back({.key = "text", .bytes = argv[argc - 1]});
  auto result = checker.Check(content, {.excerpts = true});
  if (!result.ok()) return std::fprintf(stderr, "%s\n", result.status().ToString().c_str()), 2;
  std::printf("%s\n", std::string(winnow::Name(result->decision)).c_str());
  for (const winnow::Finding& f : result->findings) {
    std::printf("%s %s\n", f.rule_id.c_str(), f.excerpt.c_str());
  }
}
