// What the bundled rules say of the real text in ../shared/data: prints Markdown tables, one row a
// source, and for sources with judgements (tests/innocence/judged) how much of what a reader calls
// prohibited was flagged. docs/real_text.md holds a run.
//
//   real_text [--surface order] [--flags] [--missed]
//
// --flags also prints the ids and findings of flagged benign texts, --missed the ids of what was
// judged prohibited and not flagged. No text is printed: the data is not ours to show.
// Exit code 1: more than one in a thousand texts of a benign source is flagged; 3: no data.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/strings.h"
#include "engine/checker.h"
#include "tests/innocence/trial.h"

namespace winnow::innocence {
namespace {

namespace fs = std::filesystem;

struct Options {
  Surface surface = Surface::kOrder;
  bool flags = false;
  bool missed = false;
};

struct Judgement {
  std::string sample;
  std::string verdict;
};

// By id. Empty where nobody judged the source.
std::map<std::string, Judgement> ReadJudgements(const std::string& source) {
  std::map<std::string, Judgement> judged;
  std::ifstream in(StrCat(WINNOW_SOURCE_DIR, "/tests/innocence/judged/", source, ".tsv"));
  for (std::string line; std::getline(in, line);) {
    std::istringstream columns(line);
    std::string id, sample, verdict;
    if (line.rfind('#', 0) == 0 || !(columns >> id >> sample >> verdict)) continue;
    judged[id] = {sample, verdict};
  }
  return judged;
}

struct Share {
  uint64_t texts = 0;
  uint64_t flagged = 0;
};

struct Source {
  std::string name;
  uint64_t texts = 0, flagged = 0, blocked = 0;
  std::map<std::string, std::map<std::string, Share>> judged;  // by sample and verdict
  std::vector<std::string> flags, missed;
};

CheckResult CheckOrDie(const Checker& checker, Surface surface, const std::string& text) {
  Content content;
  content.surface = surface;
  content.fields.emplace_back();
  content.fields.back().key = "text";
  content.fields.back().bytes = text;
  auto result = checker.Check(content, {});
  if (!result.ok() || result->completeness != Completeness::kComplete) {
    std::fprintf(stderr, "a text was not checked whole\n");
    std::abort();
  }
  return *std::move(result);
}

Source Read(const Checker& checker, const Options& options, const fs::path& file) {
  Source source;
  source.name = file.stem().string();
  const std::map<std::string, Judgement> judgements = ReadJudgements(source.name);
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("text") || !json["text"].is_string()) continue;
    const std::string id = json.value("id", "");
    const CheckResult result =
        CheckOrDie(checker, options.surface, json["text"].get<std::string>());
    const bool flagged = result.decision != Decision::kAllow;
    ++source.texts;
    source.flagged += flagged;
    source.blocked += result.decision == Decision::kBlock;
    if (flagged) {
      std::set<std::string> rules;
      for (const Finding& f : result.findings) rules.emplace(f.rule_id);
      std::string all;
      for (const std::string& rule : rules) StrAppend(&all, " ", rule);
      source.flags.push_back(StrCat(id, all));
    }
    const auto judged = judgements.find(id);
    if (judged == judgements.end()) continue;
    Share& share = source.judged[judged->second.sample][judged->second.verdict];
    ++share.texts;
    share.flagged += flagged;
    if (!flagged && judged->second.verdict == "prohibited") {
      source.missed.push_back(StrCat(judged->second.sample, " ", id));
    }
  }
  return source;
}

double PerCent(const Share& share) {
  return 100.0 * static_cast<double>(share.flagged) / static_cast<double>(share.texts);
}

// True when no benign source has more than one flagged text in a thousand.
bool Print(const std::vector<Source>& sources, const Options& options) {
  const auto n = [](uint64_t v) { return static_cast<unsigned long long>(v); };
  bool within = true;
  std::printf("| source | texts | flagged | of them blocked |\n|---|---:|---:|---:|\n");
  for (const Source& s : sources) {
    std::printf("| %s | %llu | %llu | %llu |\n", s.name.c_str(), n(s.texts), n(s.flagged),
                n(s.blocked));
    if (s.name.rfind("benign.", 0) == 0) within = within && s.flagged * 1000 <= s.texts;
  }
  std::printf("\n| source | sample | judged | texts | flagged | |\n|---|---|---|---:|---:|---:|\n");
  for (const Source& s : sources) {
    for (const auto& [sample, verdicts] : s.judged) {
      for (const auto& [verdict, share] : verdicts) {
        std::printf("| %s | %s | %s | %llu | %llu | %.0f %% |\n", s.name.c_str(), sample.c_str(),
                    verdict.c_str(), n(share.texts), n(share.flagged), PerCent(share));
      }
    }
  }
  for (const Source& s : sources) {
    if (options.flags && s.name.rfind("benign.", 0) == 0) {
      for (const std::string& flag : s.flags) std::printf("flagged %s\n", flag.c_str());
    }
    if (options.missed) {
      for (const std::string& id : s.missed) std::printf("missed %s\n", id.c_str());
    }
  }
  return within;
}

int Run(const Options& options) {
  const char* const told = std::getenv("WINNOW_SHARED_DATA");
  const fs::path folder = told != nullptr ? told : WINNOW_SOURCE_DIR "/../shared/data";
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "there is no data in %s\n", folder.c_str());
    return 3;
  }
  std::sort(files.begin(), files.end());
  const Checker checker(BundledPacks().bundled, DefaultPolicy());
  std::vector<Source> sources;
  for (const fs::path& file : files) sources.push_back(Read(checker, options, file));
  return Print(sources, options) ? 0 : 1;
}

}  // namespace
}  // namespace winnow::innocence

int main(int argc, char** argv) {
  winnow::innocence::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--flags") {
      options.flags = true;
    } else if (arg == "--missed") {
      options.missed = true;
    } else if (const auto surface = arg == "--surface" && i + 1 < argc
                                        ? winnow::ParseSurface(argv[++i])
                                        : std::nullopt) {
      options.surface = *surface;
    } else {
      std::fprintf(stderr, "usage: real_text [--surface order] [--flags] [--missed]\n");
      return 2;
    }
  }
  return winnow::innocence::Run(options);
}
