#include "engine/match/program.h"

#include <atomic>
#include <cstdlib>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/base/strings.h"
#include "engine/match/pattern_check.h"
#include "engine/match/program_impl.h"

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

// Notes how the nodes below `index` wake it, and which of them each leaf wakes. A `not` never does.
void CollectWaking(const ProgramSpec& spec, uint32_t index, uint32_t rule,
                   std::vector<CompiledProgram::Waking>* waking,
                   std::vector<std::vector<uint32_t>>* nodes_of) {
  const Node& node = spec.nodes[index];
  (*waking)[index].rule = rule;
  uint32_t helpers = 0;
  for (uint32_t i = 0; i < node.child_count; ++i) {
    if (node.op == Op::kLeaves) {
      std::vector<uint32_t>& nodes = (*nodes_of)[spec.leaf_index[node.first_child + i]];
      if (nodes.empty() || nodes.back() != index) nodes.push_back(index);
      continue;
    }
    const uint32_t child = spec.child_index[node.first_child + i];
    if (spec.nodes[child].op == Op::kNot) continue;
    ++helpers;
    (*waking)[child].parent = index;
    CollectWaking(spec, child, rule, waking, nodes_of);
  }
  if (node.op == Op::kAll || node.op == Op::kNear) (*waking)[index].needed = helpers;
}

// The literals of one view: indexed, and those that the index cannot tell as one database, which is
// null when there are none.
absl::Status CompileLiterals(const std::vector<Leaf>& leaves, int view,
                             CompiledProgram::ViewDatabases* out) {
  std::vector<LiteralIndex::Literal> literals;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = leaves[i];
    if (leaf.kind != Leaf::Kind::kLiteral || leaf.in_view[view].empty()) continue;
    literals.push_back({leaf.in_view[view], i, leaf.border_begin, leaf.border_end});
  }
  std::vector<uint32_t> ids;
  out->index = LiteralIndex::Build(literals, &ids);
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

// All expressions of one view. A refusal that names an expression is the author's problem.
absl::StatusOr<DatabasePtr> CompileRegexes(const std::vector<Leaf>& leaves, int view,
                                           std::vector<PatternProblem>* problems) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags, ids;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind != Leaf::Kind::kRegex || !(leaves[i].views >> view & 1)) continue;
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

std::string SerializeDatabase(const hs_database_t* db) {
  char* bytes = nullptr;
  size_t size = 0;
  if (hs_serialize_database(db, &bytes, &size) != HS_SUCCESS) return "";
  std::string out(bytes, size);
  std::free(bytes);
  return out;
}

absl::StatusOr<DatabasePtr> DeserializeDatabase(std::string_view name, std::string_view bytes) {
  hs_database_t* db = nullptr;
  switch (const hs_error_t error = hs_deserialize_database(bytes.data(), bytes.size(), &db)) {
    case HS_SUCCESS:
      return DatabasePtr(db);
    case HS_DB_VERSION_ERROR:
    case HS_DB_PLATFORM_ERROR:
    case HS_DB_MODE_ERROR:
      return absl::FailedPreconditionError(
          StrCat("section ", name, " was built for another machine or library"));
    default:
      return absl::DataLossError(StrCat("section ", name, " is damaged (", error, ")"));
  }
}

using FindSection = absl::FunctionRef<const Program::SectionView*(std::string_view name)>;

absl::Status Missing(std::string_view name) {
  return absl::DataLossError(StrCat("section ", name, " is missing"));
}

// `name` must be there: a database that lacks would be a silent pass.
absl::Status LoadDatabase(FindSection find, std::string_view name, DatabasePtr* out) {
  const Program::SectionView* section = find(name);
  if (section == nullptr) return Missing(name);
  ASSIGN_OR_RETURN(*out, DeserializeDatabase(name, section->bytes));
  return absl::OkStatus();
}

// The index, and a database of what it does not have.
absl::Status LoadLiterals(FindSection find, const std::vector<Leaf>& leaves, int view,
                          CompiledProgram::ViewDatabases* out) {
  const std::string name = ViewSection(view, "index");
  const Program::SectionView* section = find(name);
  if (section == nullptr) return Missing(name);
  const auto in_section = [&name](std::string_view what) {
    return absl::DataLossError(StrCat("section ", name, ": ", what));
  };
  absl::StatusOr<LiteralIndex> index = LiteralIndex::Parse(section->bytes, leaves.size());
  if (!index.ok()) return in_section(ToStd(index.status().message()));
  out->index = *std::move(index);
  std::vector<bool> indexed(leaves.size());
  for (uint32_t leaf : out->index.leaves()) indexed[leaf] = true;
  bool others = false;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const bool sought = leaves[i].kind == Leaf::Kind::kLiteral && !leaves[i].in_view[view].empty();
    if (indexed[i] && !sought) return in_section("it has a term that is not this view's");
    others |= sought && !indexed[i];
  }
  return others ? LoadDatabase(find, ViewSection(view, "others"), &out->literals)
                : absl::OkStatus();
}

}  // namespace

CompiledProgram::CompiledProgram(ProgramSpec s) : spec(std::move(s)), serial_(NextSerial()) {
  start_finders.resize(spec.leaves.size());
  regex_bytes_max.resize(spec.leaves.size());
  for (const Leaf& leaf : spec.leaves) {
    if (leaf.kind == Leaf::Kind::kRegex) {
      views_ |= leaf.views;
      continue;
    }
    for (int v = 0; v < text::kViewCount; ++v) {
      if (!leaf.in_view[v].empty()) views_ |= text::SetOf(static_cast<text::View>(v));
    }
  }
  waking_.resize(spec.nodes.size());
  std::vector<std::vector<uint32_t>> nodes_of(spec.leaves.size());
  for (uint32_t rule = 0; rule < spec.rules.size(); ++rule) {
    CollectWaking(spec, spec.rules[rule].match, rule, &waking_, &nodes_of);
  }
  for (const auto& nodes : nodes_of) {
    nodes_begin_.push_back(nodes_of_leaf_.size());
    nodes_of_leaf_.insert(nodes_of_leaf_.end(), nodes.begin(), nodes.end());
  }
  nodes_begin_.push_back(nodes_of_leaf_.size());
}

size_t CompiledProgram::memory_bytes() const {
  size_t total = sizeof *this + spec.nodes.size() * (sizeof(Node) + sizeof(Waking)) +
                 (spec.child_index.size() + spec.leaf_index.size() + nodes_of_leaf_.size()) * 4;
  for (const Leaf& leaf : spec.leaves) {
    total += sizeof leaf;
    for (const std::string& text : leaf.in_view) total += text.capacity();
  }
  for (const ViewDatabases& view : databases) total += view.index.memory_bytes();
  ForEachDatabase([&total](hs_database_t* db) {
    size_t size = 0;
    if (hs_database_size(db, &size) == HS_SUCCESS) total += size;
  });
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
      program->start_finders[i] = CompileStartFinder(leaves[i], &facts.message);
      if (!program->start_finders[i]) facts.problem = PatternProblem::Kind::kTooLarge;
    }
    if (facts.problem) result.problems.push_back({i, *facts.problem, std::move(facts.message)});
  }
  if (!result.problems.empty()) return result;
  for (int v = 0; v < text::kViewCount; ++v) {
    RETURN_IF_ERROR(CompileLiterals(leaves, v, &program->databases[v]));
    ASSIGN_OR_RETURN(program->databases[v].regexes, CompileRegexes(leaves, v, &result.problems));
    if (!result.problems.empty()) return result;
  }
  result.program = std::move(program);
  return result;
}

std::vector<Program::Section> CompiledProgram::Serialize() const {
  std::vector<Section> sections;
  sections.push_back({std::string(kConditionsSection), EncodeSpec(spec, regex_bytes_max)});
  for (int v = 0; v < text::kViewCount; ++v) {
    if (!databases[v].index.empty() || databases[v].literals) {
      sections.push_back({ViewSection(v, "index"), databases[v].index.Serialize()});
    }
    if (databases[v].literals) {
      sections.push_back(
          {ViewSection(v, "others"), SerializeDatabase(databases[v].literals.get())});
    }
    if (databases[v].regexes) {
      sections.push_back(
          {ViewSection(v, "regexes"), SerializeDatabase(databases[v].regexes.get())});
    }
  }
  for (size_t i = 0; i < start_finders.size(); ++i) {
    if (start_finders[i]) {
      sections.push_back({StrCat("start.", i), SerializeDatabase(start_finders[i].get())});
    }
  }
  return sections;
}

absl::StatusOr<std::shared_ptr<const Program>> Program::Load(
    const std::vector<SectionView>& sections) {
  const auto find = [&sections](std::string_view name) -> const SectionView* {
    for (const SectionView& section : sections) {
      if (section.name == name) return &section;
    }
    return nullptr;
  };
  const SectionView* conditions = find(kConditionsSection);
  if (conditions == nullptr) return Missing(kConditionsSection);
  std::vector<uint32_t> regex_bytes_max;
  ASSIGN_OR_RETURN(ProgramSpec spec, DecodeSpec(conditions->bytes, &regex_bytes_max));
  RETURN_IF_ERROR(ValidSpec(spec));

  auto program = std::make_shared<CompiledProgram>(std::move(spec));
  program->regex_bytes_max = std::move(regex_bytes_max);
  // Which databases there must be follows from the leaves.
  const std::vector<Leaf>& leaves = program->spec.leaves;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind == Leaf::Kind::kRegex) {
      RETURN_IF_ERROR(LoadDatabase(find, StrCat("start.", i), &program->start_finders[i]));
    }
  }
  for (int v = 0; v < text::kViewCount; ++v) {
    CompiledProgram::ViewDatabases& databases = program->databases[v];
    bool literals = false, regexes = false;
    for (const Leaf& leaf : leaves) {
      if (leaf.kind == Leaf::Kind::kRegex) {
        regexes |= leaf.views >> v & 1;
      } else {
        literals |= !leaf.in_view[v].empty();
      }
    }
    if (literals) RETURN_IF_ERROR(LoadLiterals(find, leaves, v, &databases));
    if (regexes) RETURN_IF_ERROR(LoadDatabase(find, ViewSection(v, "regexes"), &databases.regexes));
  }
  return program;
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
