#include "engine/match/program.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/gate.h"
#include "engine/match/pattern_check.h"
#include "engine/match/program_impl.h"
#include "engine/match/trace.h"

namespace winnow::match {
namespace {

constexpr std::string_view kConditionsSection = "conditions";

uint64_t NextSerial() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

std::string TakeMessage(hs_compile_error_t* error) {
  std::string message = error != nullptr ? error->message : "out of memory";
  hs_free_compile_error(error);
  return message;
}

// The literals and gates of one view: indexed, and those that the index cannot tell as one
// database, which is null when there are none.
absl::Status CompileLiterals(const std::vector<Leaf>& leaves, const std::vector<Gate>& gates,
                             int view, CompiledProgram::ViewDatabases* out) {
  std::vector<LiteralIndex::Literal> literals;
  std::vector<LiteralIndex::DigitRun> runs;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = leaves[i];
    if (leaf.kind == Leaf::Kind::kRegex) {
      if (!(leaf.views >> view & 1)) continue;
      for (const std::string& text : gates[i].strings) literals.push_back({text, i});
      if (gates[i].digits > 0) runs.push_back({gates[i].digits, i});
    } else if (!leaf.in_view[view].empty()) {
      literals.push_back({leaf.in_view[view], i, leaf.border_begin, leaf.border_end});
    }
  }
  std::vector<uint32_t> ids;
  out->index = LiteralIndex::Build(literals, std::move(runs), &ids);
  if (ids.empty()) return absl::OkStatus();
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (uint32_t id : ids) {
    texts.push_back(leaves[id].in_view[view].data());
    lengths.push_back(leaves[id].in_view[view].size());
  }
  const std::vector<unsigned> flags(ids.size(), 0);
  hs_database_t* db = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), texts.size(),
                           HS_MODE_BLOCK, nullptr, &db, &error) != HS_SUCCESS) {
    return absl::InternalError(StrCat("cannot compile the terms: ", TakeMessage(error)));
  }
  out->literals.reset(db);
  return absl::OkStatus();
}

// All expressions of one view and kind. A refusal that names an expression is the author's problem.
absl::StatusOr<DatabasePtr> CompileRegexes(const CompiledProgram& program, int view, int kind,
                                           std::vector<PatternProblem>* problems) {
  const std::vector<Leaf>& leaves = program.spec.leaves;
  std::vector<const char*> texts;
  std::vector<unsigned> flags, ids;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind != Leaf::Kind::kRegex || !(leaves[i].views >> view & 1)) continue;
    if (program.KindOf(i) != kind) continue;
    texts.push_back(leaves[i].in_view[0].c_str());
    flags.push_back(kRegexFlags);
    ids.push_back(i);
  }
  if (texts.empty()) return DatabasePtr();
  hs_database_t* db = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), ids.data(), texts.size(), HS_MODE_BLOCK, nullptr,
                       &db, &error) != HS_SUCCESS) {
    const int at = error != nullptr ? error->expression : -1;
    std::string message = TakeMessage(error);
    if (at < 0) return absl::InternalError(StrCat("cannot compile the expressions: ", message));
    problems->push_back({ids[at], PatternProblem::Kind::kTooLarge, std::move(message)});
    return DatabasePtr();
  }
  return DatabasePtr(db);
}

// One expression with start-of-match.
DatabasePtr CompileStartFinder(const Leaf& leaf, std::string* message) {
  hs_database_t* db = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile(leaf.in_view[0].c_str(), kRegexFlags | HS_FLAG_SOM_LEFTMOST, HS_MODE_BLOCK,
                 nullptr, &db, &error) != HS_SUCCESS) {
    *message = TakeMessage(error);
    return nullptr;
  }
  return DatabasePtr(db);
}

std::string ViewSection(int view, std::string_view what) { return StrCat("view", view, ".", what); }

// The stored sections by name. One must be there when it is asked for: a database that lacks would
// be a silent pass.
class Sections {
 public:
  explicit Sections(const std::vector<Program::SectionView>& sections) {
    for (const Program::SectionView& s : sections) by_name_.emplace(s.name, s.bytes);
  }

  absl::StatusOr<std::string_view> Find(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    return absl::DataLossError(StrCat("section ", name, " is missing"));
  }

  absl::StatusOr<DatabasePtr> Database(std::string_view name) const {
    ASSIGN_OR_RETURN(const std::string_view bytes, Find(name));
    return DeserializeDatabase(name, bytes);
  }

 private:
  absl::flat_hash_map<std::string_view, std::string_view> by_name_;
};

// The index, and a database of what it does not have. Expressions that the index has no gate of are
// struck from `gated`.
absl::Status LoadLiterals(const Sections& sections, const std::vector<Leaf>& leaves, int view,
                          CompiledProgram::ViewDatabases* out, std::vector<bool>* gated) {
  const std::string name = ViewSection(view, "index");
  ASSIGN_OR_RETURN(const std::string_view bytes, sections.Find(name));
  const auto in_section = [&name](std::string_view what) {
    return absl::DataLossError(StrCat("section ", name, ": ", what));
  };
  absl::StatusOr<LiteralIndex> index = LiteralIndex::Parse(bytes, leaves.size());
  if (!index.ok()) return in_section(ToStd(index.status().message()));
  out->index = *std::move(index);
  const std::vector<bool> indexed = out->index.Finds(leaves.size());
  bool others = false;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const bool expression = leaves[i].kind == Leaf::Kind::kRegex;
    const bool sought = expression ? leaves[i].views >> view & 1 : !leaves[i].in_view[view].empty();
    if (indexed[i] && !sought) return in_section("it has a term that is not this view's");
    if (!sought || indexed[i]) continue;
    if (expression) {
      (*gated)[i] = false;
    } else {
      others = true;
    }
  }
  if (!others) return absl::OkStatus();
  ASSIGN_OR_RETURN(out->literals, sections.Database(ViewSection(view, "others")));
  return absl::OkStatus();
}

}  // namespace

CompiledProgram::CompiledProgram(ProgramSpec s) : spec(std::move(s)), serial_(NextSerial()) {
  start_finders.resize(spec.leaves.size());
  regex_bytes_max.resize(spec.leaves.size());
  traits_.reserve(spec.leaves.size());
  for (const Leaf& leaf : spec.leaves) {
    if (leaf.kind == Leaf::Kind::kRegex) {
      traits_.push_back(kExpression);
      views_ |= leaf.views;
      continue;
    }
    traits_.push_back(static_cast<uint8_t>((leaf.border_begin ? kBorderBegin : 0) |
                                           (leaf.border_end ? kBorderEnd : 0) |
                                           (leaf.kind == Leaf::Kind::kParts ? kParts : 0)));
    const std::string& folded = leaf.in_view[static_cast<int>(text::View::kFolded)];
    if (leaf.kind == Leaf::Kind::kLiteral && folded.find(' ') != folded.npos) {
      spaced_bytes_max_ = std::max(spaced_bytes_max_, folded.size());
    }
    for (int v = 0; v < text::kViewCount; ++v) {
      if (!leaf.in_view[v].empty()) views_ |= text::SetOf(static_cast<text::View>(v));
    }
  }
  std::vector<std::vector<uint32_t>> rules_of(spec.leaves.size());
  for (uint32_t rule = 0; rule < spec.rules.size(); ++rule) {
    ForEachLeaf(spec, spec.rules[rule], [&](uint32_t leaf) {
      if (rules_of[leaf].empty() || rules_of[leaf].back() != rule) rules_of[leaf].push_back(rule);
    });
  }
  rules_of_leaf_ = NumberLists(rules_of);
}

void CompiledProgram::SetGated(std::vector<bool> gated, const std::vector<bool>& numbers) {
  gated_ = std::move(gated);
  alone_.resize(spec.leaves.size());
  for (const RuleCondition& rule : spec.rules) {
    if (!AwakeByExpressions(rule.match)) continue;
    ForEachLeaf(spec, rule.match, [this](uint32_t leaf) { alone_[leaf] = Ungated(leaf); });
  }
  std::vector<bool> granted(spec.leaves.size());
  for (uint32_t i = 0; i < spec.leaves.size(); ++i) {
    granted[i] = Ungated(i) && !alone_[i];
    for (int v = 0; v < text::kViewCount; ++v) {
      databases[v].beside_ungated |= granted[i] && (spec.leaves[i].views >> v & 1);
    }
  }
  std::vector<std::vector<uint32_t>> beside_of(spec.rules.size());
  for (uint32_t i = 0; i < spec.rules.size(); ++i) {
    ForEachLeaf(spec, spec.rules[i], [&](uint32_t leaf) {
      const bool beside = spec.leaves[leaf].kind == Leaf::Kind::kRegex && !alone_[leaf];
      if (beside) beside_of[i].push_back(leaf);
    });
  }
  beside_of_rule_ = NumberLists(beside_of);
  waking_ = Waking(spec, granted, numbers);
  for (uint32_t i = 0; i < spec.leaves.size(); ++i) {
    if (waking_.IsGuard(i)) traits_[i] |= kGuard;
  }
}

double CompiledProgram::OftenJudged(uint32_t root) const {
  return AwakeByExpressions(root) ? 1 : std::min(1.0, OftenAwake(spec, root, {}));
}

bool CompiledProgram::AwakeByExpressions(uint32_t index) const {
  return CanHold(spec, index, [this](uint32_t at) {
    const Node& node = spec.nodes[at];
    const auto first = spec.leaf_index.begin() + node.first_child;
    return std::any_of(first, first + node.child_count,
                       [this](uint32_t leaf) { return Ungated(leaf); });
  });
}

int CompiledProgram::RegexesLike(int view) const {
  for (int other = 0; other < view; ++other) {
    const bool same = std::all_of(spec.leaves.begin(), spec.leaves.end(), [&](const Leaf& leaf) {
      return leaf.kind != Leaf::Kind::kRegex ||
             (leaf.views >> view & 1) == (leaf.views >> other & 1);
    });
    if (same) return other;
  }
  return view;
}

size_t CompiledProgram::memory_bytes() const {
  size_t total = sizeof *this + spec.nodes.size() * sizeof(Node) +
                 (spec.child_index.size() + spec.leaf_index.size()) * sizeof(uint32_t) +
                 beside_of_rule_.memory_bytes() + rules_of_leaf_.memory_bytes() +
                 waking_.memory_bytes();
  for (const Leaf& leaf : spec.leaves) {
    total += sizeof leaf;
    for (const std::string& text : leaf.in_view) total += text.capacity();
  }
  for (const ViewDatabases& view : databases) total += view.index.memory_bytes();
  ForEachDatabase([&total](hs_database_t* db) {
    size_t size = 0;
    if (hs_database_size(db, &size) == HS_SUCCESS) total += size;
  });
  for (const auto& finder : start_finders) {
    total += sizeof finder + (finder != nullptr ? finder->memory_bytes() : 0);
  }
  return total;
}

absl::StatusOr<Program::BuildResult> Program::Build(ProgramSpec spec) {
  RETURN_IF_ERROR(ValidSpec(spec));
  BuildResult result;
  for (uint32_t i = 0; i < spec.nodes.size(); ++i) {
    if (spec.nodes[i].op == Op::kNear && spec.nodes[i].child_count > kMaxNearGroups) {
      result.problems.push_back({i, PatternProblem::Kind::kTooManyGroups,
                                 StrCat("`near` has ", spec.nodes[i].child_count,
                                        " groups; the limit is ", kMaxNearGroups)});
    }
  }
  auto program = std::make_shared<CompiledProgram>(std::move(spec));
  const std::vector<Leaf>& leaves = program->spec.leaves;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind != Leaf::Kind::kRegex) continue;
    PatternFacts facts = CheckPattern(leaves[i].in_view[0]);
    if (!facts.problem) {
      program->regex_bytes_max[i] = facts.bytes_max;
      if (DatabasePtr db = CompileStartFinder(leaves[i], &facts.message)) {
        program->start_finders[i] = std::make_unique<StartFinder>(std::move(db));
      } else {
        facts.problem = PatternProblem::Kind::kTooLarge;
      }
    }
    if (facts.problem) result.problems.push_back({i, *facts.problem, std::move(facts.message)});
  }
  if (!result.problems.empty()) return result;
  std::vector<Gate> gates(leaves.size());
  std::vector<bool> gated(leaves.size()), numbers(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind == Leaf::Kind::kRegex) gates[i] = GateOf(leaves[i].in_view[0]);
    gated[i] = !gates[i].empty();
    numbers[i] = gates[i].digits > 0;
  }
  program->SetGated(std::move(gated), numbers);
  for (int v = 0; v < text::kViewCount; ++v) {
    RETURN_IF_ERROR(CompileLiterals(leaves, gates, v, &program->databases[v]));
    const int like = program->RegexesLike(v);
    for (int kind : {CompiledProgram::kAlone, CompiledProgram::kBeside}) {
      std::shared_ptr<hs_database_t>& regexes = program->databases[v].regexes[kind];
      if (like < v) {
        regexes = program->databases[like].regexes[kind];
      } else {
        ASSIGN_OR_RETURN(regexes, CompileRegexes(*program, v, kind, &result.problems));
      }
    }
    if (!result.problems.empty()) return result;
  }
  result.program = std::move(program);
  return result;
}

std::vector<Program::Section> CompiledProgram::Serialize() const {
  std::vector<Section> sections;
  sections.push_back({std::string(kConditionsSection), EncodeSpec(spec, regex_bytes_max)});
  for (int v = 0; v < text::kViewCount; ++v) {
    if (views_ & text::SetOf(static_cast<text::View>(v))) {
      sections.push_back({ViewSection(v, "index"), databases[v].index.Serialize()});
    }
    if (databases[v].literals) {
      sections.push_back(
          {ViewSection(v, "others"), SerializeDatabase(databases[v].literals.get())});
    }
    if (RegexesLike(v) != v) continue;
    for (int kind : {kAlone, kBeside}) {
      const hs_database_t* regexes = databases[v].regexes[kind].get();
      if (regexes == nullptr) continue;
      sections.push_back({ViewSection(v, kRegexSections[kind]), SerializeDatabase(regexes)});
    }
  }
  for (size_t i = 0; i < start_finders.size(); ++i) {
    if (start_finders[i]) {
      sections.push_back({StrCat("start.", i), start_finders[i]->Serialize()});
    }
  }
  return sections;
}

absl::StatusOr<std::shared_ptr<const Program>> Program::Load(
    const std::vector<SectionView>& stored) {
  const Sections sections(stored);
  ASSIGN_OR_RETURN(const std::string_view conditions, sections.Find(kConditionsSection));
  std::vector<uint32_t> regex_bytes_max;
  ASSIGN_OR_RETURN(ProgramSpec spec, DecodeSpec(conditions, &regex_bytes_max));
  RETURN_IF_ERROR(ValidSpec(spec));

  auto program = std::make_shared<CompiledProgram>(std::move(spec));
  program->regex_bytes_max = std::move(regex_bytes_max);
  // Which databases there must be follows from the leaves.
  const std::vector<Leaf>& leaves = program->spec.leaves;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind == Leaf::Kind::kRegex) {
      const std::string name = StrCat("start.", i);
      ASSIGN_OR_RETURN(const std::string_view bytes, sections.Find(name));
      RETURN_IF_ERROR(StartFinder::Check(name, bytes));
      program->start_finders[i] = std::make_unique<StartFinder>(bytes);
    }
  }
  std::vector<bool> gated(leaves.size());
  for (size_t i = 0; i < leaves.size(); ++i) gated[i] = leaves[i].kind == Leaf::Kind::kRegex;
  for (int v = 0; v < text::kViewCount; ++v) {
    if (!(program->views() & text::SetOf(static_cast<text::View>(v)))) continue;
    RETURN_IF_ERROR(LoadLiterals(sections, leaves, v, &program->databases[v], &gated));
  }
  std::vector<bool> numbers(leaves.size());
  for (const CompiledProgram::ViewDatabases& view : program->databases) {
    for (const LiteralIndex::DigitRun& run : view.index.digit_runs()) numbers[run.leaf] = true;
  }
  program->SetGated(std::move(gated), numbers);
  for (int v = 0; v < text::kViewCount; ++v) {
    CompiledProgram::ViewDatabases& databases = program->databases[v];
    bool regexes[2] = {};
    for (uint32_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].kind == Leaf::Kind::kRegex) {
        regexes[program->KindOf(i)] |= leaves[i].views >> v & 1;
      }
    }
    const int like = program->RegexesLike(v);
    for (int kind : {CompiledProgram::kAlone, CompiledProgram::kBeside}) {
      if (!regexes[kind]) continue;
      if (like < v) {
        databases.regexes[kind] = program->databases[like].regexes[kind];
      } else {
        const std::string name = ViewSection(v, CompiledProgram::kRegexSections[kind]);
        ASSIGN_OR_RETURN(databases.regexes[kind], sections.Database(name));
      }
    }
  }
  return program;
}

const ProgramSpec& SpecOf(const Program& program) {
  return static_cast<const CompiledProgram&>(program).spec;
}

std::vector<LeafFacts> FactsOf(const Program& any) {
  const CompiledProgram& program = static_cast<const CompiledProgram&>(any);
  const size_t count = program.spec.leaves.size();
  std::vector<LeafFacts> out(count);
  for (int v = 0; v < text::kViewCount; ++v) {
    const std::vector<const char*> anchors = program.databases[v].index.AnchorsOf(count);
    for (size_t i = 0; i < count; ++i) out[i].anchor[v] = anchors[i];
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (program.spec.leaves[i].kind != Leaf::Kind::kRegex) continue;
    out[i].bytes_max = program.regex_bytes_max[i];
    out[i].gate = GateOf(program.spec.leaves[i].in_view[0]);
    out[i].gated = program.Gated(i);
    out[i].alone = program.KindOf(i) == CompiledProgram::kAlone;
  }
  return out;
}

RuleCost CostOf(const Program& any, size_t rule) {
  const CompiledProgram& program = static_cast<const CompiledProgram&>(any);
  return {program.OftenJudged(program.spec.rules[rule].match)};
}

std::string Program::EngineName() {
  // "5.4.0 2023-01-01": only the number says what we link.
  std::string version = hs_version();
  version.resize(std::min(version.find(' '), version.size()));
#ifdef WINNOW_REGEX_VECTORSCAN
  return "vectorscan " + version;
#else
  return "hyperscan " + version;
#endif
}

std::string Program::PlatformName() {
  hs_platform_info_t info = {};
  if (hs_populate_platform(&info) != HS_SUCCESS) return "unknown";
  std::string name;
  const auto add = [&name](std::string_view feature) {
    StrAppend(&name, name.empty() ? "" : "+", feature);
  };
  if (info.cpu_features & HS_CPU_FEATURES_AVX2) add("avx2");
  if (info.cpu_features & HS_CPU_FEATURES_AVX512) add("avx512");
#ifdef HS_CPU_FEATURES_AVX512VBMI
  if (info.cpu_features & HS_CPU_FEATURES_AVX512VBMI) add("avx512vbmi");
#endif
  return name.empty() ? "baseline" : name;
}

}  // namespace winnow::match
