// Signed packs: who released one, as its how-manieth release, from when and until when. The format
// is docs/formats/pack.md. A signature covers the pack's header, which holds the digest of its
// manifest, which holds those of all sections: so it covers every byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/ed25519.h"
#include "engine/pack/pack.h"

namespace winnow::pack {

// The keys in the PEM file at `path`, or in the files *.pem and *.pub of the folder at `path`; one
// key once. So a key is added or withdrawn with a file. Each failure names the file: NOT_FOUND
// (also a folder without such files), PERMISSION_DENIED, UNAVAILABLE, and INVALID_ARGUMENT for a
// file that holds anything but Ed25519 public keys.
absl::StatusOr<std::vector<Ed25519PublicKey>> ReadTrustedKeys(const std::string& path);

// The pack's bytes released as `release`, signed by each of `keys`, without the signatures they had
// before. Statuses of a file that is no whole pack as LoadPack()'s, but nothing behind the manifest
// is read; INVALID_ARGUMENT: no key, or a release that expires before it is issued.
absl::StatusOr<std::string> SignPack(std::string_view bytes, const Release& release,
                                     absl::Span<const Ed25519PrivateKey> keys);
// A signed pack's bytes with signatures by `keys` more, over the release it has: how keys overlap
// while one takes another's place. FAILED_PRECONDITION: the pack is not signed.
absl::StatusOr<std::string> AddSignatures(std::string_view bytes,
                                          absl::Span<const Ed25519PrivateKey> keys);

// How far out of step the clocks of who signs and who loads may be.
inline constexpr absl::Duration kClockSkewMax = absl::Minutes(5);

enum class Trust {
  kTrusted,       // one of the keys signed it, and its time is now
  kUnsigned,      // no signature at all
  kUnknownKey,    // signed, by none of the keys
  kBadSignature,  // a signature in the name of one of the keys is not that key's over this pack
  kNotYetValid,   // issued more than kClockSkewMax from now
  kExpired,
};
std::string_view Name(Trust trust);  // "trusted", "unsigned", "unknown_key", ...

struct Judgement {
  Trust trust = Trust::kUnsigned;
  std::string key_id;  // of the first key that signed it; empty unless kTrusted, or out of time
  std::optional<Release> release;  // nullopt when unsigned
  std::string why;                 // a sentence with its remedy; empty when trusted
};

// Whether a pack may be loaded, before anything behind its header is parsed. The digests are
// LoadPack()'s to verify: both together say that every byte is as it was signed. INVALID_ARGUMENT,
// FAILED_PRECONDITION and DATA_LOSS as LoadPack(). Thread safe.
absl::StatusOr<Judgement> JudgePack(std::string_view bytes, absl::Span<const Ed25519PublicKey> keys,
                                    absl::Time now);

}  // namespace winnow::pack
