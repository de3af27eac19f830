#include "tools/cli/corpus.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "engine/base/find_files.h"
#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"
#include "engine/text/charset.h"
#include "tools/cli/console.h"
#include "tools/cli/json.h"

namespace winnow::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kFileBytesMax = 1 << 30;
constexpr std::string_view kBlanks = " \t\r";

bool HoldsObjects(const fs::path& path) {
  return path.extension() == ".jsonl" || path.extension() == ".ndjson";
}

absl::Status Collect(const std::string& root, std::vector<std::string>* files) {
  const absl::Status status = FindFiles(
      root, [](const fs::path&) { return true; },
      [](const fs::path& path) { return path.extension() == ".txt" || HoldsObjects(path); }, files);
  return absl::Status(status.code(), Harmless(ToStd(status.message())));
}

// The `text` of a line's object; `*buffer` is where escapes are undone.
absl::StatusOr<std::string_view> TextOf(std::string_view line, std::string* buffer) {
  JsonReader in(line);
  std::string_view key, text;
  bool found = false;
  if (in.BeginObject()) {
    while (in.NextMember(&key)) {
      if (key == "text" && in.Peek() == JsonReader::Type::kString) {
        found = in.ReadString(buffer, &text);
      } else {
        in.SkipValue();
      }
    }
  }
  if (!in.End()) return absl::InvalidArgumentError(in.error());
  if (!found) return absl::InvalidArgumentError("there is no string `text`");
  return text;
}

absl::Status ReadFile(const std::string& path, bool* any,
                      const std::function<absl::Status(const CorpusText&)>& each) {
  absl::StatusOr<std::string> bytes = ReadRegularFile(path, kFileBytesMax);
  if (!bytes.ok()) {
    return absl::Status(bytes.status().code(),
                        StrCat(Harmless(path), ": ", ToStd(bytes.status().message())));
  }
  text::Decoded decoded;
  RETURN_IF_ERROR(text::Decode(*bytes, "", &decoded));
  const bool objects = HoldsObjects(path);
  std::string buffer;
  uint64_t number = 0;
  for (std::string_view rest = decoded.text; !rest.empty();) {
    ++number;
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(kBlanks) == line.npos) continue;
    text::Decoded of_line;
    if (objects) {
      const absl::StatusOr<std::string_view> text = TextOf(line, &buffer);
      if (!text.ok()) {
        return absl::InvalidArgumentError(
            StrCat(Harmless(path), ":", number, ": ", ToStd(text.status().message())));
      }
      // A lone surrogate escape is no character.
      RETURN_IF_ERROR(text::Decode(*text, "utf-8", &of_line));
      line = of_line.text;
      if (line.find_first_not_of(kBlanks) == line.npos) continue;
    }
    *any = true;
    RETURN_IF_ERROR(each({path, number, line}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadCorpus(const std::vector<std::string>& paths,
                        const std::function<absl::Status(const CorpusText&)>& each) {
  std::vector<std::string> files;
  for (const std::string& path : paths) RETURN_IF_ERROR(Collect(path, &files));
  bool any = false;
  for (const std::string& file : files) RETURN_IF_ERROR(ReadFile(file, &any, each));
  if (any || paths.empty()) return absl::OkStatus();
  return absl::NotFoundError(StrCat("there is no text in ", Harmless(paths.front())));
}

void AddCorpus(CLI::App* command, std::vector<std::string>* paths, bool required) {
  CLI::Option* option =
      command
          ->add_option("--corpus", *paths,
                       "Texts, one a line (*.txt), or in objects {\"text\": ...} (*.jsonl,\n"
                       "*.ndjson): a file, or a folder of them; may be given several times")
          ->type_name("PATH")
          ->allow_extra_args(false);
  if (required) option->required();
}

std::string Beginning(std::string_view text, size_t characters) {
  std::string_view rest = text;
  while (characters > 0 && !rest.empty()) {
    rest.remove_prefix(rules::DecodeOne(rest).bytes);
    --characters;
  }
  const std::string_view shown = text.substr(0, text.size() - rest.size());
  return StrCat(Harmless(shown), rest.empty() ? "" : "…");
}

}  // namespace winnow::cli
