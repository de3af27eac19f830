#include "engine/pack/pack_file.h"

#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "engine/base/read_file.h"
#include "engine/base/sha256.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "engine/base/write_file.h"
#include "engine/pack/manifest.pb.h"

namespace winnow::pack {
namespace {

// The first byte is no text, the line ends show a transfer that meddled with them.
constexpr char kMagic[8] = {'\x89', 'W', 'N', 'P', '\r', '\n', '\x1a', '\n'};
constexpr size_t kHeaderBytes = 64;
constexpr size_t kAlignment = 64;
constexpr uint64_t kPackBytesMax = uint64_t{1} << 30;
constexpr std::string_view kSourcePrefix = "source:";
constexpr std::string_view kListPrefix = "list:";

uint64_t Aligned(uint64_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; }

// The name of a source's section.
std::string SectionName(const rules::SourceFile& source) {
  const bool list = source.kind == rules::SourceFile::Kind::kList;
  return StrCat(list ? kListPrefix : kSourcePrefix, source.path);
}

std::string SourceDigest(const std::vector<rules::SourceFile>& sources) {
  std::string all;
  for (const rules::SourceFile& source : sources) {
    const bool list = source.kind == rules::SourceFile::Kind::kList;
    const std::string path = list ? SectionName(source) : source.path;
    PutFixed(path.size(), 8, &all);
    all += path;
    PutFixed(source.text.size(), 8, &all);
    all += source.text;
  }
  return Sha256Hex(all);
}

std::string RevisionOf(const std::string& id, const std::string& source_digest) {
  return StrCat("packs/", id, "/revisions/", source_digest.substr(0, 12));
}

absl::Status FileError(std::string_view what, const std::string& path, const absl::Status& why) {
  return absl::Status(why.code(),
                      ToAbsl(StrCat("cannot ", what, " ", path, ": ", ToStd(why.message()))));
}

class LoadedPack final : public Pack {
 public:
  const PackInfo& info() const override { return contents.info; }
  absl::Span<const RuleInfo> rules() const override { return contents.rules; }
  const match::Program& program() const override { return *contents.program; }
  absl::Span<const LayerInfo> layers() const override { return contents.layers; }
  absl::Span<const DisabledRule> disabled() const override { return contents.disabled; }
  absl::Span<const TenantRules> tenants() const override { return contents.tenants; }
  const TenantRules* ForTenant(std::string_view tenant) const override {
    if (contents.tenants.empty()) return nullptr;
    const auto it = tenant_by_id_.find(ToAbsl(tenant));
    return it == tenant_by_id_.end() ? &others_ : &contents.tenants[it->second];
  }
  const std::vector<rules::SourceFile>& sources() const override { return contents.sources; }
  std::string_view bytes() const override { return built.empty() ? read.view() : built; }
  size_t memory_bytes() const override {
    size_t total = sizeof *this + contents.program->memory_bytes() + bytes().size();
    for (const rules::SourceFile& source : contents.sources) total += source.text.capacity();
    for (const RuleInfo& rule : contents.rules) {
      total += sizeof rule + rule.reason_en.capacity() + rule.reason_zh.capacity();
    }
    for (const TenantRules& tenant : contents.tenants) {
      total += sizeof tenant + tenant.unheard.capacity() * sizeof(uint64_t) +
               tenant.changes.capacity() * sizeof(TenantChange);
    }
    return total;
  }

  // Once the contents are complete: whom each tenant does not hear.
  void IndexTenants() {
    if (contents.tenants.empty()) return;
    const size_t words = (contents.rules.size() + 63) / 64;
    const auto bit = [](uint32_t rule) { return uint64_t{1} << rule % 64; };
    // By layer the rules of tenants, so that each tenant's are found without a look at all.
    std::vector<std::vector<uint32_t>> own(contents.layers.size());
    others_.unheard.assign(words, 0);
    for (uint32_t i = 0; i < contents.rules.size(); ++i) {
      const uint32_t layer = contents.rules[i].layer;
      if (contents.layers[layer].kind != rules::LayerKind::kTenant) continue;
      others_.unheard[i / 64] |= bit(i);
      own[layer].push_back(i);
    }
    for (size_t t = 0; t < contents.tenants.size(); ++t) {
      TenantRules& tenant = contents.tenants[t];
      tenant.unheard = others_.unheard;
      for (const uint32_t rule : own[tenant.layer]) tenant.unheard[rule / 64] &= ~bit(rule);
      for (const TenantChange& change : tenant.changes) {
        if (change.disabled) tenant.unheard[change.rule / 64] |= bit(change.rule);
      }
      tenant_by_id_.emplace(contents.layers[tenant.layer].name, t);
    }
  }

  PackContents contents;
  // Its bytes: one of the two.
  std::string built;
  FileBytes read;

 private:
  TenantRules others_;                                     // of tenants without a layer
  absl::flat_hash_map<std::string, size_t> tenant_by_id_;  // index into contents.tenants
};

struct Parsed {
  format::Manifest manifest;
  std::vector<match::Program::SectionView> program;
  std::vector<rules::SourceFile> sources;
};

using Sections = google::protobuf::RepeatedPtrField<format::Manifest::Section>;

// Verifies the digests of some of a file's sections, on whatever thread runs it.
struct DigestCheck {
  std::string_view bytes;
  const Sections& sections;
  int begin, end;    // indexes into `sections`
  int damaged = -1;  // the first that does not match

  void Run() {
    for (int i = begin; i < end && damaged < 0; ++i) {
      const format::Manifest::Section& section = sections[i];
      if (Sha256(bytes.substr(section.offset(), section.size())) != section.digest()) damaged = i;
    }
  }
};

// The first section that does not match its digest; -1 when all do. The digests of a large pack
// take longer than everything else of its loading together, so a second thread takes half of them.
int FirstDamaged(std::string_view bytes, const Sections& sections) {
  constexpr uint64_t kWorthAThread = 4 << 20;
  int middle = sections.size();
  if (bytes.size() > kWorthAThread) {
    middle = 0;
    while (middle < sections.size() && sections[middle].offset() < bytes.size() / 2) ++middle;
  }
  DigestCheck first{bytes, sections, 0, middle};
  DigestCheck second{bytes, sections, middle, sections.size()};
  // std::thread would throw where none is to be had.
  pthread_t helper;
  const auto run = [](void* check) -> void* {
    static_cast<DigestCheck*>(check)->Run();
    return nullptr;
  };
  const bool helped =
      middle < sections.size() && pthread_create(&helper, nullptr, run, &second) == 0;
  first.Run();
  if (helped) {
    pthread_join(helper, nullptr);
  } else {
    second.Run();
  }
  return first.damaged >= 0 ? first.damaged : second.damaged;
}

// Verifies every digest before anything behind it is parsed.
absl::StatusOr<Parsed> ParseFile(std::string_view bytes, const Layout& layout) {
  const std::string_view manifest = layout.manifest;
  const auto offset = static_cast<uint64_t>(manifest.data() - bytes.data());
  Parsed parsed;
  if (!parsed.manifest.ParseFromArray(manifest.data(), static_cast<int>(manifest.size()))) {
    return Damaged("its manifest does not parse");
  }
  uint64_t end = kHeaderBytes;
  for (const format::Manifest::Section& section : parsed.manifest.sections()) {
    const uint64_t begin = Aligned(end);
    if (section.offset() != begin || begin > offset || section.size() > offset - begin) {
      return Damaged(StrCat("section ", section.name(), " is not in its place"));
    }
    if (bytes.substr(end, begin - end).find_first_not_of('\0') != std::string_view::npos) {
      return Damaged(StrCat("there are bytes before section ", section.name()));
    }
    end = begin + section.size();
  }
  if (end != offset) return Damaged("there are bytes before its manifest");
  const Sections& sections = parsed.manifest.sections();
  if (const int damaged = FirstDamaged(bytes, sections); damaged >= 0) {
    return Damaged(StrCat("section ", sections[damaged].name(), " does not match its digest"));
  }
  for (const format::Manifest::Section& section : sections) {
    const std::string_view content = bytes.substr(section.offset(), section.size());
    const std::string_view name = section.name();
    if (name.starts_with(kSourcePrefix)) {
      parsed.sources.push_back(
          {std::string(name.substr(kSourcePrefix.size())), std::string(content)});
    } else if (name.starts_with(kListPrefix)) {
      parsed.sources.push_back({std::string(name.substr(kListPrefix.size())), std::string(content),
                                rules::SourceFile::Kind::kList});
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
  rule.layer = stored.layer();
  rule.amender = stored.amender();
  return rule;
}

// The layers of a manifest, and what they say. Indexes are checked: they are looked up unasked.
absl::Status ReadLayers(const format::Manifest& manifest, PackContents* contents) {
  for (const format::Manifest::Layer& stored : manifest.layers()) {
    if (stored.kind() > static_cast<uint32_t>(rules::LayerKind::kTenant)) {
      return Damaged(
          StrCat("layer ", stored.name(), " is of a kind that this winnow does not know"));
    }
    contents->layers.push_back({static_cast<rules::LayerKind>(stored.kind()), stored.name()});
  }
  if (contents->layers.empty()) contents->layers.push_back({rules::LayerKind::kBundled, ""});
  const size_t layers = contents->layers.size();
  for (const RuleInfo& rule : contents->rules) {
    if (rule.layer >= layers || rule.amender >= layers) {
      return Damaged(StrCat("rule ", rule.id, " is of no layer"));
    }
  }
  for (const format::Manifest::Tenant& stored : manifest.tenants()) {
    TenantRules tenant;
    tenant.layer = stored.layer();
    if (tenant.layer >= layers ||
        contents->layers[tenant.layer].kind != rules::LayerKind::kTenant) {
      return Damaged("what a tenant changes is of no layer");
    }
    for (const format::Manifest::TenantChange& change : stored.changes()) {
      if (change.rule() >= contents->rules.size() ||
          (!tenant.changes.empty() && change.rule() <= tenant.changes.back().rule) ||
          change.action() > static_cast<uint32_t>(Decision::kBlock) ||
          change.severity() > static_cast<uint32_t>(Severity::kCritical) ||
          change.status() > static_cast<uint32_t>(rules::RuleStatus::kDeprecated)) {
        return Damaged("a tenant changes what this winnow does not know");
      }
      tenant.changes.push_back({change.rule(), change.disabled(),
                                static_cast<Decision>(change.action()),
                                static_cast<Severity>(change.severity()),
                                static_cast<rules::RuleStatus>(change.status())});
    }
    contents->tenants.push_back(std::move(tenant));
  }
  for (const format::Manifest::DisabledRule& stored : manifest.disabled()) {
    if (stored.layer() >= layers) return Damaged("a rule is disabled by no layer");
    contents->disabled.push_back({stored.id(), stored.layer()});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<LoadedPack>> Load(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Layout layout, LayoutOf(bytes));
  ASSIGN_OR_RETURN(const std::optional<SignatureBlock> block, ParseSignatures(layout.signatures));
  ASSIGN_OR_RETURN(Parsed parsed, ParseFile(bytes, layout));
  auto pack = std::make_shared<LoadedPack>();
  PackContents& contents = pack->contents;
  PackInfo& info = contents.info;
  info.id = parsed.manifest.id();
  info.source_digest = parsed.manifest.source_digest();
  if (SourceDigest(parsed.sources) != info.source_digest) {
    return Damaged("its source does not match its digest");
  }
  info.revision = RevisionOf(info.id, info.source_digest);
  info.format_version = layout.version;
  if (block) info.release = block->release;
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
  RETURN_IF_ERROR(ReadLayers(parsed.manifest, &contents));

  if (info.format_version == kPackFormatVersion && info.engine == match::Program::EngineName() &&
      info.platform == match::Program::PlatformName()) {
    auto program = match::Program::Load(parsed.program);
    if (program.ok()) {
      if ((*program)->rule_count() != contents.rules.size()) {
        return Damaged("its rules and its conditions differ in number");
      }
      contents.program = *std::move(program);
      pack->IndexTenants();
      return pack;
    }
    if (!absl::IsFailedPrecondition(program.status())) {
      return Damaged(ToStd(program.status().message()));
    }
  }
  // Built for another machine or library, or by an older winnow: the source is at hand.
  CompileResult compiled = CompilePack(contents.sources, {.id = info.id});
  if (compiled.pack == nullptr) {
    return absl::InvalidArgumentError(
        StrCat("the pack was built for ", info.engine, " on ", info.platform,
               ", and its source does not compile here:\n",
               rules::Render(compiled.diagnostics, compiled.sources, false)));
  }
  const PackContents& fresh = static_cast<const LoadedPack&>(*compiled.pack).contents;
  contents.program = fresh.program;
  contents.rules = fresh.rules;
  contents.layers = fresh.layers;
  contents.tenants = fresh.tenants;
  contents.disabled = fresh.disabled;
  pack->IndexTenants();
  info.rule_count = contents.rules.size();
  info.engine = match::Program::EngineName();
  info.platform = match::Program::PlatformName();
  info.recompiled = true;
  return pack;
}

}  // namespace

const TenantChange* TenantRules::Of(uint32_t rule) const {
  const auto it =
      std::lower_bound(changes.begin(), changes.end(), rule,
                       [](const TenantChange& change, uint32_t r) { return change.rule < r; });
  return it != changes.end() && it->rule == rule ? &*it : nullptr;
}

void PutFixed(uint64_t n, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(n >> (8 * i)));
}

uint64_t GetFixed(std::string_view in, size_t at, int bytes) {
  uint64_t n = 0;
  for (int i = bytes; i-- > 0;) n = n << 8 | static_cast<uint8_t>(in[at + i]);
  return n;
}

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      StrCat("the pack is damaged: ", what, ". Build it again or copy it anew"));
}

// Read, not mapped: whoever copies a new pack over a mapped one kills its readers with SIGBUS.
absl::StatusOr<FileBytes> ReadPackFile(const std::string& path) {
  absl::StatusOr<FileBytes> bytes = ReadLargeFile(path, kPackBytesMax);
  switch (bytes.status().code()) {
    case absl::StatusCode::kOk:
      return bytes;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return absl::InvalidArgumentError(
          StrCat("not a pack: ", path, ": ", ToStd(bytes.status().message())));
    default:
      return FileError("open the pack", path, bytes.status());
  }
}

// Sections fill the file from header to manifest, so that no byte escapes the digests.
absl::StatusOr<Layout> LayoutOf(std::string_view bytes) {
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
  Layout layout;
  layout.version = static_cast<uint32_t>(version);
  layout.header = bytes.substr(0, kHeaderBytes);
  layout.manifest = bytes.substr(offset, size);
  layout.signatures = bytes.substr(offset + size);
  if (Sha256(layout.manifest) != bytes.substr(32, 32))
    return Damaged("its manifest does not match its digest");
  return layout;
}

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
    stored->set_layer(rule.layer);
    stored->set_amender(rule.amender);
  }
  // A pack of one layer is as it was when there were none.
  if (contents.layers.size() > 1) {
    for (const LayerInfo& layer : contents.layers) {
      format::Manifest::Layer* stored = manifest.add_layers();
      stored->set_kind(static_cast<uint32_t>(layer.kind));
      stored->set_name(layer.name);
    }
  }
  for (const TenantRules& tenant : contents.tenants) {
    format::Manifest::Tenant* stored = manifest.add_tenants();
    stored->set_layer(tenant.layer);
    for (const TenantChange& change : tenant.changes) {
      format::Manifest::TenantChange* stored_change = stored->add_changes();
      stored_change->set_rule(change.rule);
      stored_change->set_disabled(change.disabled);
      stored_change->set_action(static_cast<uint32_t>(change.action));
      stored_change->set_severity(static_cast<uint32_t>(change.severity));
      stored_change->set_status(static_cast<uint32_t>(change.status));
    }
  }
  for (const DisabledRule& rule : contents.disabled) {
    format::Manifest::DisabledRule* stored = manifest.add_disabled();
    stored->set_id(rule.id);
    stored->set_layer(rule.layer);
  }

  // Sections come right behind the header, the manifest that describes them last.
  std::string& bytes = pack->built;
  bytes.assign(kHeaderBytes, '\0');
  const auto add_section = [&](std::string name, std::string_view content) {
    bytes.resize(Aligned(bytes.size()), '\0');
    format::Manifest::Section* section = manifest.add_sections();
    section->set_name(std::move(name));
    section->set_offset(bytes.size());
    section->set_size(content.size());
    section->set_digest(Sha256(content));
    bytes.append(content);
  };
  for (const rules::SourceFile& source : contents.sources) {
    add_section(SectionName(source), source.text);
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
  header += Sha256(stored);
  bytes.replace(0, kHeaderBytes, header);
  bytes += stored;
  info.file_bytes = bytes.size();
  pack->contents = std::move(contents);
  pack->IndexTenants();
  return pack;
}

absl::Status WritePack(const Pack& pack, const std::string& path) {
  const absl::Status status = WriteFileWhole(path, pack.bytes());
  return status.ok() ? status : FileError("write the pack", path, status);
}

absl::StatusOr<std::shared_ptr<const Pack>> LoadPack(const std::string& path) {
  ASSIGN_OR_RETURN(FileBytes bytes, ReadPackFile(path));
  absl::StatusOr<std::shared_ptr<LoadedPack>> pack = Load(bytes.view());
  if (!pack.ok()) {
    return absl::Status(pack.status().code(), ToAbsl(StrCat(path, ": ", pack.status().message())));
  }
  (*pack)->read = std::move(bytes);
  return pack;
}

absl::StatusOr<std::shared_ptr<const Pack>> LoadPackBytes(FileBytes bytes) {
  ASSIGN_OR_RETURN(std::shared_ptr<LoadedPack> pack, Load(bytes.view()));
  pack->read = std::move(bytes);
  return pack;
}

absl::StatusOr<std::shared_ptr<const Pack>> LoadPackBytes(std::string bytes) {
  ASSIGN_OR_RETURN(std::shared_ptr<LoadedPack> pack, Load(bytes));
  pack->built = std::move(bytes);
  return pack;
}

}  // namespace winnow::pack
