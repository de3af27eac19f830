// Any bytes as a pack, a sound pack cut off or with some bytes changed, and one with any one
// section replaced behind digests that fit: it is refused or loads, and then scans. First byte:
// which. Databases are not scanned with: Hyperscan trusts them, which is why packs must come from a
// trusted origin.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "engine/base/sha256.h"
#include "engine/checker.h"
#include "engine/pack/manifest.pb.h"
#include "engine/pack/pack.h"
#include "tests/fuzz/expect.h"

namespace {

using winnow::pack::format::Manifest;

const std::string& SoundPack() {
  static const auto* bytes = [] {
    const auto compiled = winnow::pack::CompilePack({{"fuzz.yaml", R"(
- id: gambling.fuzz
  category: vice_violence
  label: gambling
  severity: high
  action: block
  match:
    any:
      - near: {within: 4, of: [[赌场, casino], [开户]]}
      - all: [{regex: 'a[0-9]{2,4}'}, {not: {terms: [no]}}]
  unless: {terms: [反赌]}
  reason: {en: Offers gambling., zh: 提供赌博。}
  tests: {match: [赌场开户], no_match: [x]}
)"}},
                                                    {.id = "fuzz"});
    FUZZ_EXPECT(compiled.pack != nullptr);
    return new std::string(compiled.pack->bytes());
  }();
  return *bytes;
}

uint64_t Fixed64(std::string_view bytes, size_t at) {
  uint64_t n = 0;
  for (size_t i = 8; i-- > 0;) n = n << 8 | static_cast<uint8_t>(bytes[at + i]);
  return n;
}

void Put64(uint64_t n, size_t at, std::string* bytes) {
  for (size_t i = 0; i < 8; ++i) (*bytes)[at + i] = static_cast<char>(n >> (8 * i));
}

std::string Digest(std::string_view bytes) {
  return absl::HexStringToBytes(winnow::Sha256Hex(bytes));
}

// The sound pack with section `which` replaced; past the last, with the manifest replaced.
std::string With(size_t which, std::string_view content) {
  const std::string& sound = SoundPack();
  Manifest manifest;
  FUZZ_EXPECT(manifest.ParseFromString(sound.substr(Fixed64(sound, 16), Fixed64(sound, 24))));
  std::string bytes = sound.substr(0, 64);
  for (int i = 0; i < manifest.sections_size(); ++i) {
    Manifest::Section* section = manifest.mutable_sections(i);
    const std::string_view now =
        static_cast<size_t>(i) == which
            ? content
            : std::string_view(sound).substr(section->offset(), section->size());
    bytes.resize((bytes.size() + 63) / 64 * 64);
    section->set_offset(bytes.size());
    section->set_size(now.size());
    section->set_digest(Digest(now));
    bytes += now;
  }
  const std::string stored = which >= static_cast<size_t>(manifest.sections_size())
                                 ? std::string(content)
                                 : manifest.SerializeAsString();
  Put64(bytes.size(), 16, &bytes);
  Put64(stored.size(), 24, &bytes);
  bytes.replace(32, 32, Digest(stored));
  return bytes + stored;
}

// The sound pack with bytes changed and its end cut off, as `how` says: four bytes a change, which
// are the place and the new value, and two at the end for what is cut.
std::string Damaged(std::string_view how) {
  std::string bytes = SoundPack();
  const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(how[i])}; };
  for (size_t i = 0; i + 4 <= how.size(); i += 4) {
    bytes[(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2)) % bytes.size()] = how[i + 3];
  }
  if (how.size() % 4 >= 2) {
    bytes.resize(bytes.size() - (byte(how.size() - 2) << 8 | byte(how.size() - 1)) % bytes.size());
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  // 0: as it is. 1: the source, which a changed digest refuses. 2: the conditions. 3 and on: the
  // databases, then the manifest.
  const size_t what = data[0] % 10;
  const bool damaged = data[0] % 11 == 10;
  const std::string bytes = damaged     ? Damaged(rest)
                            : what == 0 ? std::string(rest)
                                        : With(what - 1, rest);
  const auto pack = winnow::pack::LoadPackBytes(bytes);
  // What differs from what was signed off by its digests is refused, save what says that it is of
  // an older format: of that only the source counts, which has a digest of its own.
  if (damaged) {
    FUZZ_EXPECT(pack.ok() || bytes != SoundPack());
    FUZZ_EXPECT(!pack.ok() || bytes == SoundPack() || (*pack)->info().recompiled);
  }
  if (!pack.ok()) {
    FUZZ_EXPECT(!pack.status().message().empty());
    return 0;
  }
  FUZZ_EXPECT((*pack)->rules().size() == (*pack)->info().rule_count);
  if (what != 2 || damaged) return 0;
  const winnow::Checker checker(*pack, winnow::DefaultPolicy());
  winnow::Content content;
  content.fields.push_back({"text", "casino 开户 a123 赌场开户。反赌", "", true});
  // It may say that pack and conditions do not belong together; it must not crash.
  (void)checker.Check(content);
  return 0;
}
