#include "tests/engine/pack/packs.h"

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "engine/base/sha256.h"
#include "engine/base/strings.h"
#include "engine/checker.h"
#include "gtest/gtest.h"

namespace winnow::pack {
namespace {

constexpr size_t kHeader = 64;

uint64_t Fixed(std::string_view bytes, size_t at, int size) {
  uint64_t n = 0;
  for (int i = size; i-- > 0;) n = n << 8 | static_cast<uint8_t>(bytes[at + i]);
  return n;
}

void Put(uint64_t n, int size, size_t at, std::string* bytes) {
  for (int i = 0; i < size; ++i) (*bytes)[at + i] = static_cast<char>(n >> (8 * i));
}

std::string Digest(std::string_view bytes) { return absl::HexStringToBytes(Sha256Hex(bytes)); }

}  // namespace

std::vector<rules::SourceFile> SampleSources() {
  return {{"gambling.yaml", R"(
- id: gambling.online_casino
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match:
    any:
      - terms: [真人荷官, 网上赌场]
      - near: {within: 12, of: [[赌场], [开户, 返水]]}
  unless: {any: [{terms: [反赌]}], within: sentence}
  reason: {en: Offers online gambling., zh: 提供网络赌博。}
  tests: {match: [真人荷官在线], no_match: [荷官培训课程]}
)"},
          {"privacy.yaml", R"(
- id: personal_data.phone_list
  category: rights_infringement
  label: personal_data
  severity: medium
  action: review
  match:
    all:
      - regex: 'tel[: ]{1,2}[0-9]{6,11}'
      - terms: [customer list]
    within: field
  reason: {en: Offers personal data., zh: 出售个人信息。}
  tests:
    match: ["customer list, tel: 5550100"]
    no_match: ["our tel: 5550100"]
)"}};
}

CompileResult CompileOrDie(std::vector<rules::SourceFile> sources) {
  CompileResult compiled = CompilePack(std::move(sources), {.id = "sample"});
  if (compiled.pack == nullptr) {
    ADD_FAILURE() << rules::Render(compiled.diagnostics, compiled.sources, false);
    std::abort();
  }
  return compiled;
}

Parts Parts::Of(std::string_view bytes) {
  Parts parts;
  const size_t offset = Fixed(bytes, 16, 8), size = Fixed(bytes, 24, 8);
  EXPECT_TRUE(parts.manifest.ParseFromString(std::string(bytes.substr(offset, size))));
  for (const auto& section : parts.manifest.sections()) {
    parts.sections.emplace_back(bytes.substr(section.offset(), section.size()));
  }
  return parts;
}

std::string Parts::Assemble(uint32_t version) {
  std::string bytes("\x89WNP\r\n\x1a\n");
  bytes.resize(kHeader);
  for (size_t i = 0; i < sections.size(); ++i) {
    bytes.resize((bytes.size() + 63) / 64 * 64);
    auto* section = manifest.mutable_sections(static_cast<int>(i));
    section->set_offset(bytes.size());
    section->set_size(sections[i].size());
    section->set_digest(Digest(sections[i]));
    bytes += sections[i];
  }
  const std::string stored = manifest.SerializeAsString();
  Put(version, 4, 8, &bytes);
  Put(kHeader, 4, 12, &bytes);
  Put(bytes.size(), 8, 16, &bytes);
  Put(stored.size(), 8, 24, &bytes);
  bytes.replace(32, 32, Digest(stored));
  return bytes + stored;
}

std::string Parts::SourceDigest() const {
  std::string all;
  const auto add = [&all](std::string_view text) {
    const size_t at = all.size();
    all.resize(at + 8);
    Put(text.size(), 8, at, &all);
    all.append(text);
  };
  for (int i = 0; i < manifest.sections_size(); ++i) {
    const std::string_view name = manifest.sections(i).name();
    if (name.starts_with("list:")) {
      add(name);
    } else if (name.starts_with("source:")) {
      add(name.substr(7));
    } else {
      continue;
    }
    add(sections[i]);
  }
  return Sha256Hex(all);
}

int Parts::Find(const std::string& name) const {
  for (int i = 0; i < manifest.sections_size(); ++i) {
    if (manifest.sections(i).name() == name) return i;
  }
  ADD_FAILURE() << "no section " << name;
  std::abort();
}

std::vector<Region> RegionsOf(std::string_view bytes) {
  std::vector<Region> regions = {{"magic", 0, 8},           {"version", 8, 12},
                                 {"header size", 12, 16},   {"manifest offset", 16, 24},
                                 {"manifest size", 24, 32}, {"manifest digest", 32, 64}};
  size_t end = kHeader;
  const Parts parts = Parts::Of(bytes);
  for (const auto& section : parts.manifest.sections()) {
    if (section.offset() > end) regions.push_back({"padding", end, section.offset()});
    end = section.offset() + section.size();
    regions.push_back({section.name(), section.offset(), end});
  }
  regions.push_back({"manifest", end, bytes.size()});
  return regions;
}

std::string Findings(const Pack& pack, const std::string& text) {
  // The checker wants to share the pack; these live as long as the call.
  const Checker checker(std::shared_ptr<const Pack>(&pack, [](const Pack*) {}), DefaultPolicy());
  Content content;
  content.surface = Surface::kOrder;
  content.fields.push_back({"text", text, "", true});
  CheckOptions options;
  options.offset_unit = text::OffsetUnit::kCodePoints;
  const absl::StatusOr<CheckResult> result = checker.Check(content, options);
  EXPECT_TRUE(result.ok()) << result.status();
  std::string out;
  if (!result.ok()) return out;
  for (const Finding& f : result->findings) {
    StrAppend(&out, out.empty() ? "" : " ", f.rule_id, "@", f.begin, "-", f.end);
  }
  return out;
}

}  // namespace winnow::pack
