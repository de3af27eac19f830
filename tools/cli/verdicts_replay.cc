// winnow verdicts replay: whether the rules that made a verdict make it again.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "engine/base/sha256.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/checker.h"
#include "engine/rules/diagnostics.h"
#include "engine/text/charset.h"
#include "proto/result_printer.h"
#include "tools/cli/command.h"
#include "tools/cli/console.h"
#include "tools/cli/input.h"
#include "tools/cli/json.h"
#include "tools/cli/remote.h"
#include "tools/cli/server_flags.h"
#include "tools/cli/verdict_json.h"
#include "tools/cli/verdict_text.h"

namespace winnow::cli {
namespace {

struct ReplayFlags {
  ServerFlags server;
  std::string name;
  std::vector<std::string> fields;  // KEY=TEXT
  std::string file;
  std::string charset;
  std::string format = "text";

  bool HasContent() const { return !fields.empty() || !file.empty(); }
};

struct Difference {
  std::string what, was, is;
};

// What came of it.
struct Outcome {
  enum class Answer { kAgrees, kDiffers, kUnknown };
  Answer answer = Answer::kUnknown;
  std::string basis;  // "content", "excerpts"; empty: nothing to replay
  std::string why;    // kUnknown
  std::vector<Difference> differences;
};

std::string_view Name(Outcome::Answer answer) {
  constexpr std::string_view kNames[] = {"agrees", "differs", "unknown"};
  return kNames[static_cast<size_t>(answer)];
}

// "gambling.a at note 3..9".
std::string PlaceOf(const v1::Finding& f) {
  return StrCat(f.rule_id(), " at ", f.span().field(), " ", f.span().begin(), "..", f.span().end());
}

// What a finding says beside its place, but for the excerpt, which is as long as was asked for.
std::string SaysOf(const v1::Finding& f) {
  v1::Finding copy = f;
  copy.clear_excerpt();
  copy.clear_excerpt_begin();
  copy.clear_excerpt_end();
  copy.clear_span();
  copy.clear_rule_id();
  return ProtoJson(copy);
}

void Compare(std::string_view what, const std::string& was, const std::string& is,
             std::vector<Difference>* out) {
  if (was != is) out->push_back({std::string(what), was, is});
}

std::vector<Difference> Compare(const v1::Verdict& was, const v1::Verdict& is) {
  std::vector<Difference> out;
  Compare("decision", v1::Decision_Name(was.decision()), v1::Decision_Name(is.decision()), &out);
  Compare("completeness", v1::Completeness_Name(was.completeness()),
          v1::Completeness_Name(is.completeness()), &out);
  Compare("charset", was.detected_charset(), is.detected_charset(), &out);
  // Both lie in order of place and rule; what is in one of them only is told as such.
  std::vector<bool> seen(static_cast<size_t>(is.findings_size()));
  for (const v1::Finding& finding : was.findings()) {
    const std::string place = PlaceOf(finding);
    int found = -1;
    for (int i = 0; i < is.findings_size() && found < 0; ++i) {
      if (!seen[static_cast<size_t>(i)] && PlaceOf(is.findings(i)) == place) found = i;
    }
    if (found < 0) {
      out.push_back({StrCat("finding ", place), "found", "not found"});
      continue;
    }
    seen[static_cast<size_t>(found)] = true;
    Compare(StrCat("finding ", place), SaysOf(finding), SaysOf(is.findings(found)), &out);
  }
  for (int i = 0; i < is.findings_size(); ++i) {
    if (seen[static_cast<size_t>(i)]) continue;
    out.push_back({StrCat("finding ", PlaceOf(is.findings(i))), "not found", "found"});
  }
  const auto sums = [](const v1::Verdict& verdict) {
    std::string text;
    for (const v1::CategoryResult& c : verdict.categories()) {
      StrAppend(&text, text.empty() ? "" : ", ", CategoryText(c.category(), c.label()), " ",
                c.finding_count());
    }
    return text;
  };
  Compare("categories", sums(was), sums(is), &out);
  return out;
}

class Replayer {
 public:
  Replayer(const ReplayFlags& flags, const v1::Verdict& verdict, const Checker& checker)
      : flags_(flags), verdict_(verdict), checker_(checker) {
    // "tenants/{tenant}/verdicts/{id}"
    std::string_view rest = verdict.name();
    rest.remove_prefix(std::min(rest.size(), rest.find('/') + 1));
    tenant_ = std::string(rest.substr(0, rest.find('/')));
    options_.offset_unit = api::FromProto(verdict.offset_unit());
    if (verdict.findings_truncated()) {
      options_.findings_max = static_cast<uint32_t>(verdict.findings_size());
    }
  }

  absl::StatusOr<Outcome> Run() {
    if (!flags_.file.empty()) return OfFile();
    if (!flags_.fields.empty()) return OfFields();
    return OfExcerpts();
  }

 private:
  Outcome Judge(const CheckResult& result) const {
    v1::Verdict again;
    api::PrintResult(result, &again);
    Outcome out;
    out.basis = "content";
    out.differences = Compare(verdict_, again);
    out.answer = out.differences.empty() ? Outcome::Answer::kAgrees : Outcome::Answer::kDiffers;
    return out;
  }

  absl::StatusOr<Outcome> OfFile() {
    constexpr size_t kFileBytesMax = size_t{1} << 30;
    ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(flags_.file, kFileBytesMax));
    if (Sha256Hex(bytes) != verdict_.content_sha256()) {
      return absl::FailedPreconditionError(
          verdict_.content_sha256().empty()
              ? StrCat("the verdict is of texts, not of a file; give them with --field")
              : StrCat(Harmless(flags_.file),
                       " is not the file that was checked: its SHA-256 is another"));
    }
    Checker::FileInput file;
    file.file_name =
        verdict_.findings_size() > 0 ? verdict_.findings(0).span().field() : verdict_.content_id();
    file.charset = flags_.charset;
    file.surface = api::FromProto(verdict_.surface());
    file.region = verdict_.region();
    file.tenant = tenant_;
    ASSIGN_OR_RETURN(const auto check, checker_.StartFile(file, options_));
    RETURN_IF_ERROR(check->Feed(bytes));
    ASSIGN_OR_RETURN(const CheckResult result, check->Finish());
    return Judge(result);
  }

  Content NewContent() const {
    Content content;
    content.surface = api::FromProto(verdict_.surface());
    content.region = verdict_.region();
    content.tenant = tenant_;
    return content;
  }

  absl::StatusOr<Outcome> OfFields() {
    if (!verdict_.content_sha256().empty()) {
      return absl::FailedPreconditionError("the verdict is of a file; give it with --file");
    }
    Content content = NewContent();
    for (const std::string_view field : flags_.fields) {
      const size_t at = field.find('=');
      const std::string_view text = field.substr(at + 1);
      content.fields.push_back({field.substr(0, at), text, "", text::ValidUtf8(text)});
    }
    ASSIGN_OR_RETURN(const CheckResult result, checker_.Check(content, options_));
    return Judge(result);
  }

  // Whether a finding's rule finds what it found in the text that is kept around it.
  absl::StatusOr<bool> FoundAgain(const v1::Finding& finding) {
    Content content = NewContent();
    content.fields.push_back({finding.span().field(), finding.excerpt(), "", true});
    CheckOptions options;
    ASSIGN_OR_RETURN(const CheckResult result, checker_.Check(content, options));
    v1::Verdict again;
    api::PrintResult(result, &again);
    return std::any_of(
        again.findings().begin(), again.findings().end(), [&finding](const v1::Finding& f) {
          return f.rule_id() == finding.rule_id() && f.span().begin() == finding.excerpt_begin() &&
                 f.span().end() == finding.excerpt_end() && f.decision() == finding.decision();
        });
  }

  // Contents are not stored, only what stands around findings, where that was asked for. A rule
  // that needs more of the text may be silent there, which proves nothing.
  absl::StatusOr<Outcome> OfExcerpts() {
    Outcome out;
    size_t with_excerpt = 0;
    v1::Decision strictest = v1::DECISION_ALLOW;
    std::string missed;
    for (const v1::Finding& finding : verdict_.findings()) {
      strictest = std::max(strictest, finding.decision());
      if (finding.excerpt().empty()) continue;
      ++with_excerpt;
      ASSIGN_OR_RETURN(const bool found, FoundAgain(finding));
      if (!found) StrAppend(&missed, missed.empty() ? "" : ", ", PlaceOf(finding));
    }
    if (with_excerpt > 0) out.basis = "excerpts";
    const std::string_view remedy = verdict_.content_sha256().empty()
                                        ? "; give its texts with --field"
                                        : "; give it with --file";
    if (verdict_.findings_size() == 0 || with_excerpt == 0) {
      out.why = StrCat("the server keeps no contents, and of this one no excerpts", remedy);
    } else if (with_excerpt < static_cast<size_t>(verdict_.findings_size()) ||
               verdict_.findings_truncated()) {
      out.why = StrCat("not every finding is kept with an excerpt", remedy);
    } else if (!missed.empty()) {
      out.why = StrCat("not found in its excerpt alone: ", missed, remedy);
    } else if (verdict_.completeness() != v1::COMPLETENESS_COMPLETE) {
      out.why = StrCat("part of the content was not checked", remedy);
    } else {
      Compare("decision", v1::Decision_Name(verdict_.decision()), v1::Decision_Name(strictest),
              &out.differences);
      out.answer = out.differences.empty() ? Outcome::Answer::kAgrees : Outcome::Answer::kDiffers;
    }
    return out;
  }

  const ReplayFlags& flags_;
  const v1::Verdict& verdict_;
  const Checker& checker_;
  std::string tenant_;
  CheckOptions options_;
};

// A checker of the revisions that the verdict names. Null, having complained, when the archive or
// this build cannot give it.
std::unique_ptr<Checker> ArchivedChecker(const v1::Verdict& verdict, Remote& server) {
  std::string bytes;
  v1::DownloadPackRequest pack_request;
  pack_request.set_name(verdict.pack_revision());
  if (const CallResult result = server.DownloadPack(pack_request, &bytes); result.code() != 0) {
    Fail(result, server);
    return nullptr;
  }
  v1::GetPolicyRevisionRequest policy_request;
  policy_request.set_name(verdict.policy_revision());
  v1::PolicyRevision policy;
  if (const CallResult result = server.GetPolicyRevision(policy_request, &policy);
      result.code() != 0) {
    Fail(result, server);
    return nullptr;
  }
  auto pack = pack::LoadPackBytes(std::move(bytes));
  if (!pack.ok()) {
    Fail(pack.status());
    return nullptr;
  }
  const rules::SourceFile source{policy.path(), policy.source()};
  policy::Policy::ParseResult parsed = policy::Policy::Parse(source);
  if (parsed.policy == nullptr) {
    ComplainOf(parsed.diagnostics, {source});
    Complain("the archived policy is not one that this winnow reads");
    return nullptr;
  }
  // What the archive gives is what the verdict names, or nothing is proved.
  if ((*pack)->info().revision != verdict.pack_revision() ||
      parsed.policy->revision() != verdict.policy_revision()) {
    Complain("the archive gave other revisions than the verdict names");
    return nullptr;
  }
  return std::make_unique<Checker>(*std::move(pack), std::move(parsed.policy));
}

void TellText(const v1::Verdict& verdict, const Outcome& outcome) {
  const Style style(StandardOutput());
  const std::string answer = outcome.answer == Outcome::Answer::kAgrees    ? style.Good("AGREES")
                             : outcome.answer == Outcome::Answer::kDiffers ? style.Bad("DIFFERS")
                                                                           : style.Bad("UNKNOWN");
  Print(StrCat(answer, "  ", Harmless(verdict.name()), "  ", style.Of(DecisionOf(verdict)), "\n"));
  Print(StrCat("  pack    ", Harmless(verdict.pack_revision()), "\n  policy  ",
               Harmless(verdict.policy_revision()), "\n"));
  if (outcome.basis == "excerpts") {
    Print("  by the text around its findings alone, which is what the server keeps\n");
  }
  if (!outcome.why.empty()) Print(StrCat("  ", outcome.why, "\n"));
  for (const Difference& d : outcome.differences) {
    Print(StrCat("  ", style.Bold(Harmless(d.what)), ": was ", Harmless(d.was), ", is ",
                 Harmless(d.is), "\n"));
  }
}

void TellJson(const v1::Verdict& verdict, const Outcome& outcome) {
  std::string out = "{";
  const auto text = [&out](std::string_view key, std::string_view value, bool last = false) {
    AppendJsonString(key, &out);
    out.push_back(':');
    AppendJsonString(value, &out);
    if (!last) out.push_back(',');
  };
  text("name", verdict.name());
  text("result", Name(outcome.answer));
  text("basis", outcome.basis);
  text("why", outcome.why);
  text("packRevision", verdict.pack_revision());
  text("policyRevision", verdict.policy_revision());
  out += R"("differences":[)";
  for (size_t i = 0; i < outcome.differences.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    text("what", outcome.differences[i].what);
    text("was", outcome.differences[i].was);
    text("is", outcome.differences[i].is, true);
    out.push_back('}');
  }
  out += "]}\n";
  Print(out);
}

int Replay(const ReplayFlags& flags) {
  if (!flags.fields.empty() && !flags.file.empty()) {
    Complain("a verdict is of texts or of a file: give --field or --file");
    return kUsage;
  }
  int exit_code = kOk;
  const std::unique_ptr<Remote> server = Connect(flags.server, &exit_code);
  if (server == nullptr) return exit_code;
  const std::optional<v1::Verdict> got = GetVerdict(flags.server, flags.name, *server, &exit_code);
  if (!got) return exit_code;
  const v1::Verdict& verdict = *got;
  const std::unique_ptr<Checker> checker = ArchivedChecker(verdict, *server);
  if (checker == nullptr) return kFailed;
  const absl::StatusOr<Outcome> outcome = Replayer(flags, verdict, *checker).Run();
  if (!outcome.ok()) return Fail(outcome.status());
  if (flags.format == "json") {
    TellJson(verdict, *outcome);
  } else {
    TellText(verdict, *outcome);
  }
  switch (outcome->answer) {
    case Outcome::Answer::kAgrees:
      return kOk;
    case Outcome::Answer::kDiffers:
      return kFound;
    case Outcome::Answer::kUnknown:
      break;
  }
  return kFailed;
}

}  // namespace

void AddVerdictsReplay(CLI::App& verdicts, int* exit_code) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* replay = verdicts.add_subcommand(
      "replay", "Make a verdict again, by the pack and policy that made it");
  replay->footer(
      "Fetches the revisions that the verdict names from the server's archive, and checks here. "
      "The\n"
      "server keeps no contents: give the content's texts or its file. A file is compared with "
      "the\n"
      "SHA-256 that the verdict has. Without either, what was kept around the findings is "
      "checked.\n"
      "Exit code 0: it agrees; 1: it differs; 3: nothing can be said.\n"
      "The pack is loaded as one of a server that you trust.\n"
      "\n"
      "Examples:\n"
      "  winnow verdicts replay --tenant acme 019ab0c1-7c1e-7f00-8000-000000000001\n"
      "  winnow verdicts replay NAME --field 'title=A chair' --field 'note=by the window'\n"
      "  winnow verdicts replay NAME --file upload.txt --format json\n");
  replay->add_option("NAME", flags->name, "tenants/TENANT/verdicts/ID, or the ID alone")
      ->type_name("")
      ->required();
  replay
      ->add_option("--field", flags->fields,
                   "A text of the content under its key; one for each, in their order")
      ->type_name("KEY=TEXT")
      ->allow_extra_args(false)
      ->check([](const std::string& field) {
        return field.find('=') == std::string::npos
                   ? std::string("write KEY=TEXT, the key as the caller gave it")
                   : std::string();
      });
  replay->add_option("--file", flags->file, "The file that was checked")->type_name("FILE");
  replay->add_option("--charset", flags->charset, "Charset of the file, if the caller gave one")
      ->type_name("NAME");
  AddFormat(replay, &flags->format);
  AddServerFlags(replay, &flags->server, true);
  replay->callback([flags, exit_code] { *exit_code = Replay(*flags); });
}

}  // namespace winnow::cli
