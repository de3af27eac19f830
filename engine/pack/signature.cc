#include "engine/pack/signature.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "engine/base/read_file.h"
#include "engine/base/sha256.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/pack/pack_file.h"

namespace winnow::pack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTag = "WNPSIGN\n";
constexpr uint32_t kBlockVersion = 1;
constexpr size_t kBlockHeaderBytes = 8 + 4 + 4 + 32;  // tag, version, count, digest
constexpr size_t kReleaseBytes = 3 * 8;
constexpr size_t kSignatureBytes = kEd25519KeyIdBytes + kEd25519SignatureBytes;
// So that no signature over anything else is ever one over a pack.
constexpr std::string_view kSignedPrefix = "winnow pack release 1\n";
constexpr size_t kKeyFileBytesMax = 64 << 10;

std::string SignedMessage(std::string_view header, std::string_view release) {
  return StrCat(kSignedPrefix, header, release);
}

std::string PrintTime(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

std::string PrintRelease(const Release& release) {
  std::string out;
  PutFixed(release.sequence, 8, &out);
  PutFixed(static_cast<uint64_t>(absl::ToUnixSeconds(release.issue_time)), 8, &out);
  PutFixed(static_cast<uint64_t>(absl::ToUnixSeconds(release.expire_time)), 8, &out);
  return out;
}

struct NewSignature {
  std::string key_id, bytes;
};

// The pack's bytes up to its manifest's end, and a block behind them.
std::string WithBlock(std::string_view bytes, const Layout& layout, std::string_view release,
                      const std::vector<NewSignature>& signatures) {
  std::string content(release);
  for (const NewSignature& signature : signatures) {
    StrAppend(&content, signature.key_id, signature.bytes);
  }
  std::string out(bytes.substr(0, bytes.size() - layout.signatures.size()));
  std::string numbers;
  PutFixed(kBlockVersion, 4, &numbers);
  PutFixed(signatures.size(), 4, &numbers);
  StrAppend(&out, kTag, numbers, Sha256(StrCat(numbers, content)), content);
  return out;
}

// Puts a signature by `key` in the place of one in its name, or behind the others.
void Sign(const Ed25519PrivateKey& key, std::string_view message,
          std::vector<NewSignature>* signatures) {
  NewSignature made{key.public_key().RawId(), key.Sign(message)};
  for (NewSignature& signature : *signatures) {
    if (signature.key_id == made.key_id) {
      signature = std::move(made);
      return;
    }
  }
  signatures->push_back(std::move(made));
}

absl::StatusOr<std::string> Finish(std::string_view bytes, const Layout& layout,
                                   std::string_view release,
                                   absl::Span<const Ed25519PrivateKey> keys,
                                   std::vector<NewSignature> signatures) {
  const std::string message = SignedMessage(layout.header, release);
  for (const Ed25519PrivateKey& key : keys) Sign(key, message, &signatures);
  if (signatures.empty()) return absl::InvalidArgumentError("no key to sign with");
  if (signatures.size() > kSignaturesMax) {
    return absl::InvalidArgumentError(
        StrCat("a pack has at most ", kSignaturesMax, " signatures; sign it anew with fewer keys"));
  }
  return WithBlock(bytes, layout, release, signatures);
}

absl::Status KeyFileError(const std::string& path, const absl::Status& why) {
  return absl::Status(why.code(),
                      ToAbsl(StrCat("the trusted keys ", path, ": ", ToStd(why.message()))));
}

absl::Status AddKeysOf(const std::string& path, std::vector<Ed25519PublicKey>* keys) {
  absl::StatusOr<std::string> pem = ReadRegularFile(path, kKeyFileBytesMax);
  if (!pem.ok()) return KeyFileError(path, pem.status());
  absl::StatusOr<std::vector<Ed25519PublicKey>> read = Ed25519PublicKey::FromPem(*pem);
  if (!read.ok()) return KeyFileError(path, read.status());
  for (Ed25519PublicKey& key : *read) {
    const bool known = std::any_of(keys->begin(), keys->end(), [&key](const auto& other) {
      return other.bytes() == key.bytes();
    });
    if (!known) keys->push_back(std::move(key));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Ed25519PublicKey>> ReadTrustedKeys(const std::string& path) {
  std::vector<Ed25519PublicKey> keys;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    RETURN_IF_ERROR(AddKeysOf(path, &keys));
    return keys;
  }
  std::set<std::string> files;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string extension = entry->path().extension();
    if (extension == ".pem" || extension == ".pub") files.insert(entry->path());
  }
  if (error) return KeyFileError(path, FileStatus(error.value()));
  for (const std::string& file : files) RETURN_IF_ERROR(AddKeysOf(file, &keys));
  if (keys.empty()) {
    return KeyFileError(path, absl::NotFoundError("no file *.pub or *.pem lies in this folder"));
  }
  return keys;
}

absl::StatusOr<std::string> SignPack(std::string_view bytes, const Release& release,
                                     absl::Span<const Ed25519PrivateKey> keys) {
  ASSIGN_OR_RETURN(const Layout layout, LayoutOf(bytes));
  if (absl::ToUnixSeconds(release.expire_time) <= absl::ToUnixSeconds(release.issue_time)) {
    return absl::InvalidArgumentError("a release has to expire after it is issued");
  }
  return Finish(bytes, layout, PrintRelease(release), keys, {});
}

absl::StatusOr<std::string> AddSignatures(std::string_view bytes,
                                          absl::Span<const Ed25519PrivateKey> keys) {
  ASSIGN_OR_RETURN(const Layout layout, LayoutOf(bytes));
  ASSIGN_OR_RETURN(const std::optional<SignatureBlock> block, ParseSignatures(layout.signatures));
  if (!block) {
    return absl::FailedPreconditionError(
        "the pack is not signed yet, so there is no release to sign too");
  }
  std::vector<NewSignature> signatures;
  for (const SignatureBlock::Signature& signature : block->signatures) {
    signatures.push_back({std::string(signature.key_id), std::string(signature.bytes)});
  }
  return Finish(bytes, layout, block->signed_release, keys, std::move(signatures));
}

absl::StatusOr<std::optional<SignatureBlock>> ParseSignatures(std::string_view in) {
  if (in.empty()) return std::nullopt;
  if (in.size() < kBlockHeaderBytes || !in.starts_with(kTag)) {
    return Damaged("bytes follow its manifest");
  }
  const uint64_t version = GetFixed(in, 8, 4);
  if (version > kBlockVersion) {
    return absl::FailedPreconditionError(StrCat(
        "the pack's signatures have version ", version, ", and this winnow reads versions up to ",
        kBlockVersion, ". Use a newer winnow, or sign the pack with this one"));
  }
  const uint64_t count = GetFixed(in, 12, 4);
  const std::string_view content = in.substr(kBlockHeaderBytes);
  if (version == 0 || count == 0 || count > kSignaturesMax ||
      content.size() != kReleaseBytes + count * kSignatureBytes) {
    return Damaged("its signatures have another size than they say");
  }
  if (Sha256(StrCat(in.substr(8, 8), content)) != in.substr(16, 32)) {
    return Damaged("its signatures do not match their digest");
  }
  SignatureBlock block;
  block.signed_release = content.substr(0, kReleaseBytes);
  block.release.sequence = GetFixed(content, 0, 8);
  block.release.issue_time = absl::FromUnixSeconds(static_cast<int64_t>(GetFixed(content, 8, 8)));
  block.release.expire_time = absl::FromUnixSeconds(static_cast<int64_t>(GetFixed(content, 16, 8)));
  for (size_t i = 0; i < count; ++i) {
    const std::string_view signature =
        content.substr(kReleaseBytes + i * kSignatureBytes, kSignatureBytes);
    block.signatures.push_back(
        {signature.substr(0, kEd25519KeyIdBytes), signature.substr(kEd25519KeyIdBytes)});
    block.release.signer_ids.push_back(
        absl::BytesToHexString(ToAbsl(block.signatures.back().key_id)));
  }
  return block;
}

std::string_view Name(Trust trust) {
  switch (trust) {
    case Trust::kTrusted:
      return "trusted";
    case Trust::kUnsigned:
      return "unsigned";
    case Trust::kUnknownKey:
      return "unknown_key";
    case Trust::kBadSignature:
      return "bad_signature";
    case Trust::kNotYetValid:
      return "not_yet_valid";
    case Trust::kExpired:
      return "expired";
  }
  return "";
}

absl::StatusOr<Judgement> JudgePack(std::string_view bytes, absl::Span<const Ed25519PublicKey> keys,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(const Layout layout, LayoutOf(bytes));
  ASSIGN_OR_RETURN(std::optional<SignatureBlock> block, ParseSignatures(layout.signatures));
  Judgement out;
  const auto judged = [&out](Trust trust, std::string why) {
    out.trust = trust;
    out.why = std::move(why);
    return out;
  };
  if (!block) {
    return judged(Trust::kUnsigned,
                  "the pack is not signed. Sign it with `winnow pack sign` and a trusted key");
  }
  out.release = std::move(block->release);
  const std::string message = SignedMessage(layout.header, block->signed_release);
  for (const SignatureBlock::Signature& signature : block->signatures) {
    bool named = false, good = false;
    for (const Ed25519PublicKey& key : keys) {
      if (key.RawId() != signature.key_id) continue;
      named = true;
      good = good || key.Verify(message, signature.bytes);
    }
    if (!named) continue;
    const std::string id = absl::BytesToHexString(ToAbsl(signature.key_id));
    // Beside a good signature by another key it is still no accident.
    if (!good) {
      out.key_id.clear();
      return judged(Trust::kBadSignature,
                    StrCat("the pack's signature in the name of key ", id,
                           " was not made by that key over this pack. Take the pack from where it "
                           "was signed, and find out who changed this one"));
    }
    if (out.key_id.empty()) out.key_id = id;
  }
  if (out.key_id.empty()) {
    return judged(
        Trust::kUnknownKey,
        StrCat("the pack is signed by ", absl::StrJoin(out.release->signer_ids, ", "),
               ", and none of the ", keys.size(),
               " trusted keys is that one. Sign it with a trusted key, or trust this one"));
  }
  if (out.release->issue_time > now + kClockSkewMax) {
    return judged(Trust::kNotYetValid,
                  StrCat("the pack is issued ", PrintTime(out.release->issue_time), ", and it is ",
                         PrintTime(now), " here. Set the clock that is wrong, or wait"));
  }
  if (out.release->expire_time <= now) {
    return judged(Trust::kExpired,
                  StrCat("the pack expired ", PrintTime(out.release->expire_time), ", and it is ",
                         PrintTime(now), " here. Sign it anew with `winnow pack sign`"));
  }
  return judged(Trust::kTrusted, "");
}

}  // namespace winnow::pack
