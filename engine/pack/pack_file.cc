#include "engine/pack/pack_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "absl/strings/escaping.h"
#include "engine/base/sha256.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/pack/manifest.pb.h"

namespace winnow::pack {
namespace {

// The first byte is no text, the line ends show a transfer that meddled with them.
constexpr char kMagic[8] = {'\x89', 'W', 'N', 'P', '\r', '\n', '\x1a', '\n'};
constexpr size_t kHeaderBytes = 64;
constexpr size_t kAlignment = 64;
constexpr std::string_view kSourcePrefix = "source:";

void PutFixed(uint64_t n, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(n >> (8 * i)));
}

uint64_t GetFixed(std::string_view in, size_t at, int bytes) {
  uint64_t n = 0;
  for (int i = bytes; i-- > 0;) n = n << 8 | static_cast<uint8_t>(in[at + i]);
  return n;
}

std::string DigestOf(std::string_view bytes) { return absl::HexStringToBytes(Sha256Hex(bytes)); }

std::string SourceDigest(const std::vector<rules::SourceFile>& sources) {
  std::string all;
  for (const rules::SourceFile& source : sources) {
    PutFixed(source.path.size(), 8, &all);
    all += source.path;
    PutFixed(source.text.size(), 8, &all);
    all += source.text;
  }
  return Sha256Hex(all);
}

std::string RevisionOf(const std::string& id, const std::string& source_digest) {
  return StrCat("packs/", id, "/revisions/", source_digest.substr(0, 12));
}

// A file in memory for as long as the pack lives.
class MappedFile {
 public:
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Open(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return OpenError(path, errno);
    struct stat st = {};
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
      close(fd);
      return absl::InvalidArgumentError(StrCat("not a pack: ", path, " is not a regular file"));
    }
    auto file = std::make_shared<MappedFile>();
    file->size_ = static_cast<size_t>(st.st_size);
    if (file->size_ > 0) {
      void* data = mmap(nullptr, file->size_, PROT_READ, MAP_PRIVATE, fd, 0);
      if (data == MAP_FAILED) {
        const int error = errno;
        close(fd);
        return absl::UnavailableError(StrCat("cannot map ", path, ": ", strerror(error)));
      }
      file->data_ = data;
    }
    close(fd);
    return file;
  }
  ~MappedFile() {
    if (data_ != nullptr) munmap(data_, size_);
  }
  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  static absl::Status OpenError(const std::string& path, int error) {
    const std::string message = StrCat("cannot open the pack ", path, ": ", strerror(error));
    if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
    if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
    return absl::UnavailableError(message);
  }
  void* data_ = nullptr;
  size_t size_ = 0;
};

class LoadedPack final : public Pack {
 public:
  const PackInfo& info() const override { return contents.info; }
  absl::Span<const RuleInfo> rules() const override { return contents.rules; }
  const match::Program& program() const override { return *contents.program; }
  const std::vector<rules::SourceFile>& sources() const override { return contents.sources; }
  std::string_view bytes() const override { return file != nullptr ? file->bytes() : owned; }

  PackContents contents;
  std::string owned;
  std::shared_ptr<const MappedFile> file;
};

struct Parsed {
  format::Manifest manifest;
  std::vector<match::Program::SectionView> program;
  std::vector<rules::SourceFile> sources;
};

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      StrCat("the pack is damaged: ", what, ". Build it again or copy it anew"));
}

// Verifies every digest before anything behind it is parsed.
absl::StatusOr<Parsed> ParseFile(std::string_view bytes) {
  if (bytes.size() < sizeof kMagic || memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) {
    return absl::InvalidArgumentError(
        "not a pack: it does not begin as one. Packs are made with `winnow pack build`");
  }
  if (bytes.size() < sizeof kMagic + 4) return Damaged("it ends within its header");
  const uint64_t version = GetFixed(bytes, 8, 4);
  if (version > kPackFormatVersion) {
    return absl::FailedPreconditionError(
        StrCat("the pack has format version ", version, ", and this winnow (", Version(),
               ") reads versions up to ", kPackFormatVersion,
               ". Use a newer winnow, or build the pack with this one"));
  }
  if (version == 0) return Damaged("its format version is 0");
  if (bytes.size() < kHeaderBytes) return Damaged("it ends within its header");
  const uint64_t offset = GetFixed(bytes, 16, 8);
  const uint64_t size = GetFixed(bytes, 24, 8);
  if (GetFixed(bytes, 12, 4) != kHeaderBytes || offset < kHeaderBytes || offset > bytes.size() ||
      size > bytes.size() - offset || size > INT32_MAX) {
    return Damaged("its manifest lies outside the file");
  }
  const std::string_view manifest = bytes.substr(offset, size);
  if (DigestOf(manifest) != bytes.substr(32, 32))
    return Damaged("its manifest does not match its digest");
  Parsed parsed;
  if (!parsed.manifest.ParseFromArray(manifest.data(), static_cast<int>(manifest.size()))) {
    return Damaged("its manifest does not parse");
  }
  for (const format::Manifest::Section& section : parsed.manifest.sections()) {
    if (section.offset() > bytes.size() || section.size() > bytes.size() - section.offset()) {
      return Damaged(StrCat("section ", section.name(), " lies outside the file"));
    }
    const std::string_view content = bytes.substr(section.offset(), section.size());
    if (DigestOf(content) != section.digest()) {
      return Damaged(StrCat("section ", section.name(), " does not match its digest"));
    }
    const std::string_view name = section.name();
    if (name.starts_with(kSourcePrefix)) {
      parsed.sources.push_back(
          {std::string(name.substr(kSourcePrefix.size())), std::string(content)});
    } else {
      parsed.program.push_back({name, content});
    }
  }
  return parsed;
}

absl::StatusOr<RuleInfo> ReadRule(const format::Manifest::Rule& stored) {
  if (stored.category() >= kCategoryCount ||
      stored.severity() > static_cast<uint32_t>(Severity::kCritical) ||
      stored.action() > static_cast<uint32_t>(Decision::kBlock) ||
      stored.status() > static_cast<uint32_t>(rules::RuleStatus::kDeprecated)) {
    return Damaged(StrCat("rule ", stored.id(), " has a value that this winnow does not know"));
  }
  RuleInfo rule;
  rule.id = stored.id();
  rule.category = static_cast<Category>(stored.category());
  rule.label = stored.label();
  rule.severity = static_cast<Severity>(stored.severity());
  rule.action = static_cast<Decision>(stored.action());
  rule.surfaces = stored.surfaces();
  rule.status = static_cast<rules::RuleStatus>(stored.status());
  rule.reason_en = stored.reason_en();
  rule.reason_zh = stored.reason_zh();
  return rule;
}

absl::StatusOr<std::shared_ptr<LoadedPack>> Load(std::string_view bytes) {
  ASSIGN_OR_RETURN(Parsed parsed, ParseFile(bytes));
  auto pack = std::make_shared<LoadedPack>();
  PackContents& contents = pack->contents;
  PackInfo& info = contents.info;
  info.id = parsed.manifest.id();
  info.source_digest = parsed.manifest.source_digest();
  if (SourceDigest(parsed.sources) != info.source_digest) {
    return Damaged("its source does not match its digest");
  }
  info.revision = RevisionOf(info.id, info.source_digest);
  info.format_version = static_cast<uint32_t>(GetFixed(bytes, 8, 4));
  info.tool_version = parsed.manifest.tool_version();
  info.engine = parsed.manifest.engine();
  info.platform = parsed.manifest.platform();
  info.file_bytes = bytes.size();
  info.rule_count = parsed.manifest.rules_size();
  info.term_count = parsed.manifest.term_count();
  info.regex_count = parsed.manifest.regex_count();
  contents.sources = std::move(parsed.sources);
  for (const format::Manifest::Rule& stored : parsed.manifest.rules()) {
    ASSIGN_OR_RETURN(RuleInfo rule, ReadRule(stored));
    contents.rules.push_back(std::move(rule));
  }

  auto program = match::Program::Load(parsed.program);
  if (program.ok() && info.engine == match::Program::EngineName()) {
    if ((*program)->rule_count() != contents.rules.size()) {
      return Damaged("its rules and its conditions differ in number");
    }
    contents.program = *std::move(program);
    return pack;
  }
  if (!program.ok() && !absl::IsFailedPrecondition(program.status())) {
    return Damaged(ToStd(program.status().message()));
  }
  // Built for another machine or library: the source is at hand.
  CompileResult compiled = CompilePack(contents.sources, {.id = info.id});
  if (compiled.pack == nullptr) {
    return absl::FailedPreconditionError(
        StrCat("the pack was built for ", info.engine, " on ", info.platform,
               ", and its source does not compile here:\n",
               rules::Render(compiled.diagnostics, compiled.sources, false)));
  }
  contents.program = static_cast<const LoadedPack&>(*compiled.pack).contents.program;
  contents.rules.assign(compiled.pack->rules().begin(), compiled.pack->rules().end());
  info.rule_count = contents.rules.size();
  info.engine = match::Program::EngineName();
  info.platform = match::Program::PlatformName();
  info.recompiled = true;
  return pack;
}

}  // namespace

std::vector<rules::SourceFile> StorablePaths(const std::vector<rules::SourceFile>& sources) {
  std::optional<std::string> shared;
  for (const rules::SourceFile& source : sources) {
    const std::string folder = source.path.substr(0, source.path.rfind('/') + 1);
    if (!shared) shared = folder;
    while (!folder.starts_with(*shared)) {
      shared->pop_back();
      shared->resize(shared->rfind('/') + 1);
    }
  }
  std::vector<rules::SourceFile> out = sources;
  for (rules::SourceFile& source : out) source.path.erase(0, shared->size());
  return out;
}

std::shared_ptr<const Pack> FinishPack(PackContents contents) {
  auto pack = std::make_shared<LoadedPack>();
  PackInfo& info = contents.info;
  info.source_digest = SourceDigest(contents.sources);
  info.revision = RevisionOf(info.id, info.source_digest);
  info.format_version = kPackFormatVersion;
  info.tool_version = std::string(Version());
  info.engine = match::Program::EngineName();
  info.platform = match::Program::PlatformName();
  info.rule_count = contents.rules.size();

  format::Manifest manifest;
  manifest.set_id(info.id);
  manifest.set_source_digest(info.source_digest);
  manifest.set_tool_version(info.tool_version);
  manifest.set_engine(info.engine);
  manifest.set_platform(info.platform);
  manifest.set_term_count(info.term_count);
  manifest.set_regex_count(info.regex_count);
  for (const RuleInfo& rule : contents.rules) {
    format::Manifest::Rule* stored = manifest.add_rules();
    stored->set_id(rule.id);
    stored->set_category(static_cast<uint32_t>(rule.category));
    stored->set_label(rule.label);
    stored->set_severity(static_cast<uint32_t>(rule.severity));
    stored->set_action(static_cast<uint32_t>(rule.action));
    stored->set_surfaces(rule.surfaces);
    stored->set_status(static_cast<uint32_t>(rule.status));
    stored->set_reason_en(rule.reason_en);
    stored->set_reason_zh(rule.reason_zh);
  }

  // Sections come right behind the header, the manifest that describes them last.
  std::string& bytes = pack->owned;
  bytes.assign(kHeaderBytes, '\0');
  const auto add_section = [&](std::string name, std::string_view content) {
    bytes.resize((bytes.size() + kAlignment - 1) / kAlignment * kAlignment, '\0');
    format::Manifest::Section* section = manifest.add_sections();
    section->set_name(std::move(name));
    section->set_offset(bytes.size());
    section->set_size(content.size());
    section->set_digest(DigestOf(content));
    bytes.append(content);
  };
  for (const rules::SourceFile& source : contents.sources) {
    add_section(StrCat(kSourcePrefix, source.path), source.text);
  }
  for (const match::Program::Section& section : contents.program->Serialize()) {
    add_section(section.name, section.bytes);
  }
  const std::string stored = manifest.SerializeAsString();
  std::string header(kMagic, sizeof kMagic);
  PutFixed(kPackFormatVersion, 4, &header);
  PutFixed(kHeaderBytes, 4, &header);
  PutFixed(bytes.size(), 8, &header);
  PutFixed(stored.size(), 8, &header);
  header += DigestOf(stored);
  bytes.replace(0, kHeaderBytes, header);
  bytes += stored;
  info.file_bytes = bytes.size();
  pack->contents = std::move(contents);
  return pack;
}

absl::Status WritePack(const Pack& pack, const std::string& path) {
  const std::string temporary = StrCat(path, ".tmp.", getpid());
  const auto failed = [&](std::string_view what, int error) {
    unlink(temporary.c_str());
    const std::string message = StrCat("cannot ", what, " ", path, ": ", strerror(error));
    if (error == EACCES || error == EPERM || error == EROFS)
      return absl::PermissionDeniedError(message);
    if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
    if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
    return absl::UnavailableError(message);
  };
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed("write", errno);
  std::string_view rest = pack.bytes();
  while (!rest.empty()) {
    const ssize_t n = write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      const int error = errno;
      close(fd);
      return failed("write", error);
    }
    rest.remove_prefix(static_cast<size_t>(n));
  }
  if (fsync(fd) != 0) {
    const int error = errno;
    close(fd);
    return failed("sync", error);
  }
  close(fd);
  if (rename(temporary.c_str(), path.c_str()) != 0) return failed("write", errno);
  // The rename itself lasts only once the folder is synced.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int dir = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir >= 0) {
    fsync(dir);
    close(dir);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Pack>> LoadPack(const std::string& path) {
  ASSIGN_OR_RETURN(std::shared_ptr<const MappedFile> file, MappedFile::Open(path));
  auto pack = Load(file->bytes());
  if (!pack.ok()) {
    return absl::Status(pack.status().code(), ToAbsl(StrCat(path, ": ", pack.status().message())));
  }
  (*pack)->file = std::move(file);
  return *std::move(pack);
}

absl::StatusOr<std::shared_ptr<const Pack>> LoadPackBytes(std::string bytes) {
  ASSIGN_OR_RETURN(std::shared_ptr<LoadedPack> pack, Load(bytes));
  pack->owned = std::move(bytes);
  return pack;
}

}  // namespace winnow::pack
