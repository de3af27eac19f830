// winnow pack keygen | sign | verify: who released a pack, and whether it is trusted.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "engine/base/ed25519.h"
#include "engine/base/read_file.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/base/write_file.h"
#include "engine/pack/pack.h"
#include "engine/pack/signature.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/input.h"
#include "tools/cli/json.h"
#include "tools/cli/pack_text.h"

namespace winnow::cli {
namespace {

constexpr size_t kKeyFileBytesMax = 64 << 10;

struct SignFlags {
  std::string file, output;
  std::vector<std::string> keys;
  std::string trusted_keys;
  std::string name;
  std::string issued, at;
  std::string valid_for = "365d";
  uint64_t sequence = 0;
  bool has_sequence = false;
  bool add = false;
  std::string format = "text";
};

// "90d", or what absl::ParseDuration() takes.
bool ParseDays(const std::string& text, absl::Duration* out) {
  int64_t days = 0;
  if (text.ends_with('d') && absl::SimpleAtoi(text.substr(0, text.size() - 1), &days)) {
    *out = days <= 36500 ? absl::Hours(24) * days : absl::InfiniteDuration();
  } else if (!absl::ParseDuration(text, out)) {
    return false;
  }
  return *out >= absl::Seconds(1) && *out < absl::InfiniteDuration();
}

bool ParseTime(const std::string& text, absl::Time* out) {
  return absl::ParseTime(absl::RFC3339_full, text, out, nullptr);
}

std::string CheckTime(const std::string& text) {
  absl::Time ignored;
  return ParseTime(text, &ignored) ? std::string()
                                   : std::string("write a time as 2026-11-25T09:00:00Z");
}

std::string CheckDuration(const std::string& text) {
  absl::Duration ignored;
  return ParseDays(text, &ignored) ? std::string()
                                   : std::string("write a duration as 90d, 36h or 30m");
}

absl::Time TimeOr(const std::string& text, absl::Time otherwise) {
  absl::Time time = otherwise;
  if (!text.empty()) ParseTime(text, &time);
  return time;
}

// A new file; one that is there stays as it is, since a key may be the only one of its kind.
absl::Status WriteNewFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) {
    return errno == EEXIST ? absl::AlreadyExistsError(
                                 "it is there already; keys are never overwritten, choose another "
                                 "name")
                           : FileStatus(errno);
  }
  const ssize_t n = write(fd, bytes.data(), bytes.size());
  const bool whole = n == static_cast<ssize_t>(bytes.size()) && fsync(fd) == 0;
  const absl::Status status = whole ? absl::OkStatus() : FileStatus(n < 0 ? errno : ENOSPC);
  close(fd);
  if (!whole) unlink(path.c_str());
  return status;
}

int Keygen(const SignFlags& flags) {
  auto key = Ed25519PrivateKey::Generate();
  if (!key.ok()) return Fail(key.status());
  const std::string secret_path = flags.name + ".key", public_path = flags.name + ".pub";
  if (absl::Status s = WriteNewFile(secret_path, key->ToPem(), 0600); !s.ok()) {
    return Fail(secret_path, s);
  }
  if (absl::Status s = WriteNewFile(public_path, key->public_key().ToPem(), 0644); !s.ok()) {
    unlink(secret_path.c_str());
    return Fail(public_path, s);
  }
  Print(StrCat("key ", key->public_key().Id(), "\n", Harmless(secret_path),
               ": sign with it, and keep it secret\n", Harmless(public_path),
               ": give it to servers (rules.trusted_keys)\n"));
  return kOk;
}

// Of a file that is a whole pack: one that is damaged is not signed.
absl::StatusOr<std::string> ReadWholePack(const std::string& path) {
  ASSIGN_OR_RETURN(FileBytes bytes, pack::ReadPackFile(path));
  return std::string(bytes.view());
}

int Sign(const SignFlags& flags) {
  std::vector<Ed25519PrivateKey> keys;
  for (const std::string& path : flags.keys) {
    auto pem = ReadWhole(path, kKeyFileBytesMax);
    if (!pem.ok()) return Fail(pem.status());
    auto key = Ed25519PrivateKey::FromPem(*pem);
    if (!key.ok()) return Fail(path, key.status());
    keys.push_back(*std::move(key));
  }
  auto bytes = ReadWholePack(flags.file);
  if (!bytes.ok()) return Fail(bytes.status());
  pack::Release release;
  release.issue_time =
      absl::FromUnixSeconds(absl::ToUnixSeconds(TimeOr(flags.issued, absl::Now())));
  absl::Duration valid_for;
  ParseDays(flags.valid_for, &valid_for);
  release.expire_time = release.issue_time + valid_for;
  release.sequence = flags.has_sequence
                         ? flags.sequence
                         : static_cast<uint64_t>(absl::ToUnixSeconds(release.issue_time));
  absl::StatusOr<std::string> made =
      flags.add ? pack::AddSignatures(*bytes, keys) : pack::SignPack(*bytes, release, keys);
  if (!made.ok()) return Fail(flags.file, made.status());
  const auto loaded = pack::LoadPackBytes(*made);
  if (!loaded.ok()) return Fail(flags.file, loaded.status());
  const std::string& output = flags.output.empty() ? flags.file : flags.output;
  if (absl::Status s = WriteFileWhole(output, *made); !s.ok()) return Fail(output, s);
  Print(StrCat(Harmless(output), ": ", (*loaded)->info().revision, ", ",
               ReleaseText(*(*loaded)->info().release), "\n"));
  return kOk;
}

int Verify(const SignFlags& flags) {
  const auto keys = pack::ReadTrustedKeys(flags.trusted_keys);
  if (!keys.ok()) return Fail(keys.status());
  auto bytes = ReadWholePack(flags.file);
  if (!bytes.ok()) return Fail(bytes.status());
  const auto judged = pack::JudgePack(*bytes, *keys, TimeOr(flags.at, absl::Now()));
  if (!judged.ok()) return Fail(flags.file, judged.status());
  // What nobody vouches for is not opened.
  std::string revision;
  if (judged->trust == pack::Trust::kTrusted) {
    const auto loaded = pack::LoadPackBytes(*std::move(bytes));
    if (!loaded.ok()) return Fail(flags.file, loaded.status());
    revision = (*loaded)->info().revision;
  }
  const bool trusted = judged->trust == pack::Trust::kTrusted;
  if (flags.format == "json") {
    std::string out = StrCat(R"({"trust":)", JsonString(Name(judged->trust)));
    if (!judged->key_id.empty()) StrAppend(&out, R"(,"key":)", JsonString(judged->key_id));
    if (!revision.empty()) StrAppend(&out, R"(,"revision":)", JsonString(revision));
    if (judged->release) StrAppend(&out, R"(,"release":)", ReleaseJson(*judged->release));
    if (!judged->why.empty()) StrAppend(&out, R"(,"why":)", JsonString(judged->why));
    Print(out + "}\n");
  } else if (trusted) {
    const Style style(StandardOutput());
    Print(StrCat(Harmless(flags.file), ": ", style.Good("trusted"), ", signed by key ",
                 judged->key_id, "\n", revision, ", ", ReleaseText(*judged->release), "\n"));
  } else {
    Complain(StrCat(Harmless(flags.file), ": ", judged->why));
  }
  return trusted ? kOk : kFound;
}

}  // namespace

void AddPackSign(CLI::App& pack, int* exit_code) {
  auto flags = std::make_shared<SignFlags>();

  CLI::App* keygen = pack.add_subcommand("keygen", "Make a key to sign packs with");
  keygen->footer(
      "Writes NAME.key, which its owner alone can read, and NAME.pub, both PEM. Files that are\n"
      "there are never overwritten. `openssl genpkey -algorithm ed25519` makes such keys as "
      "well.\n\n"
      "Example:\n"
      "  winnow pack keygen release-2026\n");
  keygen->add_option("NAME", flags->name, "The files' name, without .key and .pub")
      ->type_name("")
      ->required();
  keygen->callback([flags, exit_code] { *exit_code = Keygen(*flags); });

  CLI::App* sign = pack.add_subcommand("sign", "Sign a pack as a release");
  sign->footer(
      "A release has a sequence number, which servers never let sink unasked, and a time from\n"
      "which and until which it may be loaded. Signatures that the pack had are replaced, unless\n"
      "--add says to sign the release it has with further keys, so that servers which trust the\n"
      "old key and servers which trust the new one both take it.\n\n"
      "Examples:\n"
      "  winnow pack sign my.pack --key release-2026.key\n"
      "  winnow pack sign my.pack --key release-2027.key --add\n");
  sign->add_option("FILE", flags->file, "The pack")->type_name("")->required();
  sign->add_option("--key", flags->keys, "A private key (PEM, Ed25519); may be given several times")
      ->type_name("FILE")
      ->required()
      ->take_all();
  sign->add_option("-o,--output", flags->output, "Where to write the signed pack [in its place]")
      ->type_name("FILE");
  CLI::Option* sequence =
      sign->add_option_function<uint64_t>(
              "--sequence",
              [flags](uint64_t n) {
                flags->sequence = n;
                flags->has_sequence = true;
              },
              "Number of the release, greater than those before [the time of issue, in seconds]")
          ->type_name("N");
  CLI::Option* issued =
      sign->add_option("--issued", flags->issued, "Time from which it is valid [now]")
          ->type_name("TIME")
          ->check(CheckTime);
  CLI::Option* valid_for =
      sign->add_option("--valid-for", flags->valid_for, "How long it is valid, such as 90d or 36h")
          ->type_name("DURATION")
          ->check(CheckDuration)
          ->capture_default_str();
  CLI::Option* add = sign->add_flag("--add", flags->add,
                                    "Keep release and signatures, and add signatures to them");
  add->excludes(sequence)->excludes(issued)->excludes(valid_for);
  sign->callback([flags, exit_code] { *exit_code = Sign(*flags); });

  CLI::App* verify = pack.add_subcommand("verify", "Say whether a pack may be trusted");
  verify->footer(
      "Exit code 1 when it may not: unsigned, signed by none of the keys, a signature that is not\n"
      "its key's, not yet valid or expired. 3 when it is damaged, of a later format or no pack.\n\n"
      "Examples:\n"
      "  winnow pack verify my.pack --keys release-2026.pub\n"
      "  winnow pack verify my.pack --keys /etc/winnow/keys --format json\n");
  verify->add_option("FILE", flags->file, "The pack")->type_name("")->required();
  verify
      ->add_option("--keys", flags->trusted_keys,
                   "Trusted public keys: a PEM file, or a folder of *.pub and *.pem")
      ->type_name("PATH")
      ->required();
  verify->add_option("--at", flags->at, "The time to judge by [now]")
      ->type_name("TIME")
      ->check(CheckTime);
  AddFormat(verify, &flags->format);
  verify->callback([flags, exit_code] { *exit_code = Verify(*flags); });
}

}  // namespace winnow::cli
