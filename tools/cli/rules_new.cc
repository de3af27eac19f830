// winnow rules new: a rule to begin with, valid as it stands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/write_file.h"
#include "engine/pack/pack.h"
#include "engine/rules/diagnostics.h"
#include "engine/rules/taxonomy.h"
#include "engine/rules/yaml_reader.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"

namespace winnow::cli {
namespace {

struct NewFlags {
  std::string id;
  std::string category;
  std::string severity = "medium";
  std::string action = "review";
  std::vector<std::string> terms;
  std::string file;
};

struct Kind {
  Category category = Category::kUnspecified;
  std::string label;
};

// What the first part of an id says: a label, or a category.
std::optional<Kind> KindOf(std::string_view id, std::string_view category) {
  const std::string_view first = id.substr(0, id.find('.'));
  for (int c = 1; c < kCategoryCount; ++c) {
    const auto candidate = static_cast<Category>(c);
    if (!category.empty() && Name(candidate) != category) continue;
    for (const std::string_view label : LabelsOf(candidate)) {
      if (label == first) return Kind{candidate, std::string(label)};
    }
    if (Name(candidate) == first) return Kind{candidate, ""};
  }
  return std::nullopt;
}

std::string Beginnings() {
  std::string out;
  for (int c = 1; c < kCategoryCount; ++c) {
    const auto category = static_cast<Category>(c);
    const auto labels = LabelsOf(category);
    if (labels.empty() || category == Category::kOtherProhibited) {
      StrAppend(&out, out.empty() ? "" : ", ", Name(category));
    }
    for (const std::string_view label : labels) StrAppend(&out, out.empty() ? "" : ", ", label);
  }
  return out;
}

// Plain where YAML and a flow list allow it.
std::string Scalar(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(":#{}[],&*!|>'\"%@`\\\n\t") == text.npos &&
                     text.front() != ' ' && text.back() != ' ' && text.front() != '-' &&
                     text.front() != '?';
  if (plain) return std::string(text);
  return StrCat("'", absl::StrReplaceAll(ToAbsl(text), {{"'", "''"}}), "'");
}

bool HasHan(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) >= 0xe3; });
}

std::string Skeleton(const NewFlags& flags, const Kind& kind) {
  std::vector<std::string> terms = flags.terms;
  if (terms.empty()) terms = {"把这里换成词语", "put your words here"};
  std::string out = StrCat("- id: ", flags.id, "\n  category: ", Name(kind.category), "\n");
  if (!kind.label.empty()) StrAppend(&out, "  label: ", kind.label, "\n");
  StrAppend(&out, "  severity: ", flags.severity, "\n  action: ", flags.action,
            "\n  # Recorded, never acted on. Remove the line once the rule has proved itself.\n"
            "  status: experimental\n"
            "  match:\n"
            "    any:\n"
            "      - terms: [");
  for (size_t i = 0; i < terms.size(); ++i) {
    StrAppend(&out, i == 0 ? "" : ", ", Scalar(terms[i]));
  }
  out +=
      "]\n"
      "      # Words that mean it only together:\n"
      "      # - near: {within: 12, of: [[one, another], [beside it]]}\n"
      "  # Where it is reported, taught or fought rather than done:\n"
      "  # unless: {terms: [警方, police], within: sentence}\n"
      "  reason:\n"
      "    en: Say what is wrong, as its author will read it.\n"
      "    zh: 写给内容作者看的说明。\n"
      "  tests:\n"
      "    # As people write it: at least three of each.\n"
      "    match:\n";
  for (const std::string& term : terms) {
    StrAppend(
        &out, "      - ",
        Scalar(HasHan(term) ? StrCat("今天看到", term, "的消息") : StrCat("Today I saw ", term)),
        "\n");
  }
  out +=
      "    no_match:\n"
      "      - 今天天气很好\n"
      "      - The weather is fine today\n";
  return out;
}

absl::Status InFile(const std::string& path, const absl::Status& why) {
  return absl::Status(why.code(), StrCat(Harmless(path), ": ", ToStd(why.message())));
}

// The file with what it names, as far as it is there, and the rule behind what it holds.
absl::StatusOr<std::vector<rules::SourceFile>> WithRule(const std::string& path,
                                                        const std::string& rule) {
  if (path.empty()) return std::vector<rules::SourceFile>{{"new.yaml", rule}};
  // Asked first, for what is said when the file is there but cannot be read.
  if (const auto text = ReadRegularFile(path, rules::kMaxYamlBytes); !text.ok()) {
    if (!absl::IsNotFound(text.status())) return InFile(path, text.status());
    return std::vector<rules::SourceFile>{{path, rule}};
  }
  ASSIGN_OR_RETURN(std::vector<rules::SourceFile> sources, pack::ReadRuleFiles({path}));
  for (rules::SourceFile& source : sources) {
    if (source.kind != rules::SourceFile::Kind::kYaml) continue;
    if (!source.text.empty() && source.text.back() != '\n') source.text.push_back('\n');
    StrAppend(&source.text, source.text.empty() ? "" : "\n", rule);
  }
  return sources;
}

int New(const NewFlags& flags) {
  const std::optional<Kind> kind = KindOf(flags.id, flags.category);
  if (!kind) {
    Complain(StrCat("the id \"", Harmless(flags.id), "\" must begin with a label or category",
                    flags.category.empty() ? "" : StrCat(" of ", flags.category),
                    ", such as gambling.my_rule; there are: ", Beginnings()));
    return kUsage;
  }
  const std::string rule = Skeleton(flags, *kind);
  absl::StatusOr<std::vector<rules::SourceFile>> sources = WithRule(flags.file, rule);
  if (!sources.ok()) return Fail(sources.status());
  // Also finds an id that the file has already, and whatever else is wrong with the file.
  const pack::CompileResult compiled = pack::CompilePack(*sources, {});
  if (compiled.pack == nullptr) {
    ComplainOf(compiled.diagnostics, compiled.sources);
    Complain("no rule was written");
    return kFound;
  }
  if (flags.file.empty()) {
    Print(rule);
    return kOk;
  }
  const auto file = std::find_if(sources->begin(), sources->end(), [](const rules::SourceFile& s) {
    return s.kind == rules::SourceFile::Kind::kYaml;
  });
  if (const absl::Status s = WriteFileWhole(flags.file, file->text); !s.ok()) {
    return Fail(flags.file, s);
  }
  Print(StrCat("Added ", flags.id, " to ", Harmless(flags.file), ". Next: winnow rules test ",
               Harmless(flags.file), " --rule ", flags.id, "\n"));
  return kOk;
}

template <typename T>
std::vector<std::string> NamesOf(int count) {
  std::vector<std::string> names;
  for (int i = 1; i < count; ++i) names.emplace_back(Name(static_cast<T>(i)));
  return names;
}

}  // namespace

void AddRulesNew(CLI::App& rules, int* exit_code) {
  auto flags = std::make_shared<NewFlags>();
  CLI::App* command = rules.add_subcommand("new", "Begin a rule");
  command->footer(
      "Prints a rule that is valid and whose tests pass, to be filled in; with --file it goes\n"
      "behind the rules that the file holds. The id's first part is a label or a category.\n"
      "\n"
      "Examples:\n"
      "  winnow rules new gambling.vip_rooms\n"
      "  winnow rules new fraud.refund_scam --term 退款专员 --term 'refund agent' --file "
      "my.yaml\n");
  command->add_option("ID", flags->id, "The rule's id, such as gambling.vip_rooms")
      ->type_name("")
      ->required();
  command
      ->add_option("--category", flags->category,
                   "Its category, where two have a label of the same name")
      ->type_name("NAME")
      ->check(CLI::IsMember(NamesOf<Category>(kCategoryCount)).description(""));
  command->add_option("--term", flags->terms, "A term to look for; may be given again")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command->add_option("--severity", flags->severity, "low, medium, high or critical")
      ->type_name("NAME")
      ->check(CLI::IsMember(NamesOf<Severity>(5)).description(""))
      ->capture_default_str();
  command->add_option("--action", flags->action, "allow, review or block")
      ->type_name("NAME")
      ->check(CLI::IsMember(NamesOf<Decision>(4)).description(""))
      ->capture_default_str();
  command->add_option("--file", flags->file, "Write it behind the rules of this file")
      ->type_name("FILE");
  command->callback([flags, exit_code] { *exit_code = New(*flags); });
}

}  // namespace winnow::cli
