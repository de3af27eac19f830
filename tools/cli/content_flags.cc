#include "tools/cli/content_flags.h"

#include <CLI/CLI.hpp>

#include "engine/base/strings.h"
#include "engine/text/charset.h"
#include "tools/cli/console.h"

namespace winnow::cli {

std::vector<std::string> ContentFlags::Files() const {
  return files.empty() ? std::vector<std::string>{"-"} : files;
}

Surface ContentFlags::SurfaceValue() const {
  return ParseSurface(surface).value_or(Surface::kUnspecified);
}

text::OffsetUnit ContentFlags::OffsetUnit() const {
  if (offsets == "utf16") return text::OffsetUnit::kUtf16;
  if (offsets == "code_points") return text::OffsetUnit::kCodePoints;
  return text::OffsetUnit::kBytes;
}

Format ContentFlags::FormatValue() const {
  if (format.empty()) return jsonl ? Format::kNdjson : Format::kText;
  if (format == "json") return Format::kJson;
  return format == "ndjson" ? Format::kNdjson : Format::kText;
}

void AddContentFlags(CLI::App* command, ContentFlags* flags) {
  command->add_option("FILE", flags->files, "Files to check; - is standard input, the default")
      ->type_name("");
  command->add_flag("--jsonl", flags->jsonl,
                    R"(Each line is a content: {"id": "7", "text": "hello"})");
  command
      ->add_option("--surface", flags->surface,
                   "Where the contents appear: order, file, comment, profile or message")
      ->type_name("NAME")
      ->check(CLI::IsMember({"order", "file", "comment", "profile", "message"}).description(""));
  command
      ->add_option("--region", flags->region,
                   "Region of service, such as mainland or overseas: selects the policy")
      ->type_name("NAME");
  command
      ->add_option("--charset", flags->charset,
                   "Charset of the files, such as gb18030; found out by default")
      ->type_name("NAME")
      ->check([](const std::string& name) {
        return text::KnownCharset(name)
                   ? std::string()
                   : StrCat("unknown charset \"", Harmless(name),
                            "\"; use a name such as UTF-8, GB18030, Big5, UTF-16LE, Shift_JIS or "
                            "windows-1252");
      });
  command
      ->add_option("--format", flags->format,
                   "text (for people), json (one array) or ndjson (one line a content);\n"
                   "text by default, ndjson with --jsonl")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json", "ndjson"}).description(""));
  command
      ->add_option("--offsets", flags->offsets,
                   "Unit of positions: bytes of the original, utf16 or code_points")
      ->type_name("UNIT")
      ->check(CLI::IsMember({"bytes", "utf16", "code_points"}).description(""))
      ->capture_default_str();
  command->add_flag("--excerpts", flags->excerpts, "Put the text around each match into JSON too");
  command->add_flag("--exit-code", flags->exit_code, "Exit with 1 when a content is not allowed");
}

std::string Contradiction(const ContentFlags& flags) {
  if (flags.jsonl && !flags.charset.empty()) {
    return "--charset does not go with --jsonl: JSON is UTF-8; convert the lines with iconv first";
  }
  return "";
}

}  // namespace winnow::cli
