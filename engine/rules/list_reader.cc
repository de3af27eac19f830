#include "engine/rules/list_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/strings.h"
#include "engine/rules/codes.h"
#include "engine/rules/term_check.h"
#include "engine/rules/utf8.h"
#include "engine/rules/views.h"
#include "engine/text/normalizer.h"

namespace winnow::rules {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kFence = "---";
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kExtension = ".txt";
constexpr std::string_view kHeaderKeys[] = {"anywhere", "reversed", "views"};
// No term has so many bytes once normalised; what is far longer is not a term at all.
constexpr size_t kLineBytesMax = 4096;

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// The mistakes of one list. A list of a wrong kind has one in each of its lines: of each code a few
// are told and the others counted.
class Mistakes {
 public:
  explicit Mistakes(std::vector<Diagnostic>* out) : out_(out) {}

  void Add(Diagnostic d) {
    OfCode& of = by_code_[d.code];
    if (++of.count <= kTold) {
      out_->push_back(std::move(d));
    } else if (of.count == kTold + 1) {
      of.last = std::move(d);
    }
  }

  void Add(char prefix, int number, DiagnosticLevel level, const SourceRange& where,
           std::string message, std::string label, std::string help) {
    std::vector<Diagnostic> one;
    FieldReader reader(prefix, &one);
    if (level == DiagnosticLevel::kError) {
      reader.Error(number, where, std::move(message), std::move(label), std::move(help));
    } else {
      reader.Warn(number, where, std::move(message), std::move(label), std::move(help));
    }
    Add(std::move(one.front()));
  }

  // Tells how many were not told.
  void Finish() {
    for (auto& [code, of] : by_code_) {
      if (of.count <= kTold) continue;
      const size_t more = of.count - kTold - 1;
      if (more > 0) StrAppend(&of.last.message, ", and ", more, " more like it in this list");
      out_->push_back(std::move(of.last));
    }
    by_code_.clear();
  }

  bool any() const { return !by_code_.empty(); }

 private:
  static constexpr size_t kTold = 10;
  struct OfCode {
    size_t count = 0;
    Diagnostic last;  // the first that is told with a count
  };
  std::vector<Diagnostic>* const out_;
  std::map<std::string, OfCode> by_code_;
};

// Reads one list from its text.
class OneList {
 public:
  OneList(const SourceFile& source, int file, std::vector<Diagnostic>* out)
      : text_(source.text), file_(file), out_(out), mistakes_(out) {
    list_.file = file;
  }

  // Null when nothing of it can be used.
  std::shared_ptr<const TermList> Read() {
    const size_t reported = out_->size();
    if (text_.size() > kMaxYamlBytes) {
      Error(kListTooLarge, {file_, 0, 0, 0, 0},
            StrCat("the list has ", text_.size(), " bytes; at most ", kMaxYamlBytes, " are read"),
            "", "split it: a rule can name several lists in an `any`");
    } else {
      if (text_.starts_with(kByteOrderMark)) {
        mistakes_.Add('L', kListByteOrderMark, DiagnosticLevel::kWarning, {file_, 1, 1, 1, 1},
                      "the list begins with a byte order mark", "", "save it as UTF-8 without one");
        text_.remove_prefix(kByteOrderMark.size());
      }
      ReadLines();
    }
    mistakes_.Finish();
    if (!list_.terms.empty()) return std::make_shared<const TermList>(std::move(list_));
    const bool told =
        std::any_of(out_->begin() + static_cast<ptrdiff_t>(reported), out_->end(),
                    [](const Diagnostic& d) { return d.level == DiagnosticLevel::kError; });
    if (!told) {
      Error(kListEmpty, {file_, 0, 0, 0, 0}, "the list holds no terms", "",
            "write one term a line; lines that begin with `#` are comments");
      mistakes_.Finish();
    }
    return nullptr;
  }

 private:
  void Error(int number, const SourceRange& where, std::string message, std::string label,
             std::string help, char prefix = 'L') {
    mistakes_.Add(prefix, number, DiagnosticLevel::kError, where, std::move(message),
                  std::move(label), std::move(help));
  }

  // Lines end as they do for Render(): LF, CR LF or CR.
  std::string_view NextLine() {
    ++line_;
    const size_t end = text_.find_first_of("\r\n");
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(line.size());
    if (text_.starts_with("\r\n")) {
      text_.remove_prefix(2);
    } else if (!text_.empty()) {
      text_.remove_prefix(1);
    }
    return line;
  }

  void ReadLines() {
    const size_t lines = static_cast<size_t>(std::count(text_.begin(), text_.end(), '\n'));
    list_.terms.reserve(std::min(lines + 1, kMaxListTerms));
    first_.reserve(std::min(lines + 1, kMaxListTerms));
    bool header_may_follow = true;
    while (!text_.empty()) {
      const std::string_view line = NextLine();
      const std::string_view trimmed = Trimmed(line);
      if (trimmed.empty() || !CheckUtf8(line) || trimmed.front() == '#') continue;
      if (trimmed == kFence) {
        if (!header_may_follow) {
          Error(kListHeaderMisplaced, WhereOf(line, trimmed), "a line `---` stands among the terms",
                "", "a header stands before the first term; remove the line");
        } else if (!ReadHeader(WhereOf(line, trimmed))) {
          return;
        }
        header_may_follow = false;
        continue;
      }
      header_may_follow = false;
      if (list_.terms.size() == kMaxListTerms) {
        Error(kListTooLarge, WhereOf(line, trimmed),
              StrCat("the list has more than ", kMaxListTerms, " terms"), "the rest is not read",
              "split it: a rule can name several lists in an `any`");
        return;
      }
      ReadTerm(line);
    }
  }

  SourceRange WhereOf(std::string_view line, std::string_view part) const {
    const size_t before = CountCodePoints(line.substr(0, part.data() - line.data()));
    const int begin = static_cast<int>(before) + 1;
    return {file_, line_, begin, line_, begin + static_cast<int>(CountCodePoints(part))};
  }

  // From behind its first fence; false when it has no end.
  bool ReadHeader(const SourceRange& fence) {
    // Empty lines for those before, so that what is wrong in it is told at its place.
    SourceFile header;
    header.text.assign(static_cast<size_t>(line_), '\n');
    bool closed = false;
    while (!text_.empty() && !closed) {
      const std::string_view line = NextLine();
      closed = Trimmed(line) == kFence;
      if (!closed) StrAppend(&header.text, line, "\n");
    }
    if (!closed) {
      Error(kListHeaderOpen, fence, "the header has no end", "it begins here",
            "close it with a second line `---`, or remove this one");
      return false;
    }
    const std::optional<YamlNode> root = ParseYaml(header, file_, out_);
    if (!root || root->IsEmpty()) return true;
    FieldReader reader('L', out_);
    if (!root->IsMapping()) {
      reader.Error(FieldReader::kRoot, root->where, "the header of a list is a mapping",
                   StrCat("this is ", KindName(*root)), "write `anywhere: true`");
      return true;
    }
    reader.CheckKeys(*root, kHeaderKeys, "the header of a list");
    if (const YamlNode* node = root->Find("anywhere")) {
      list_.anywhere = reader.Bool(*node, "anywhere");
    }
    if (const YamlNode* node = root->Find("reversed")) {
      list_.reversed = reader.Bool(*node, "reversed");
    }
    if (const YamlNode* node = root->Find("views")) list_.views = ReadViews(*node, &reader);
    return true;
  }

  void ReadTerm(std::string_view line) {
    std::string_view written;
    std::string term = TermOf(line, &written);
    const SourceRange where = WhereOf(line, written);
    if (!CheckCharacters(written, where)) return;
    if (term.size() > kLineBytesMax) {
      Error(kTermTooLong, where,
            StrCat("the term is ", term.size(),
                   " bytes long; the limit is 1024 once it is normalised"),
            "", "shorten it to what tells it apart: a line holds one term", 'R');
      return;
    }
    std::string folded = text::NormalizeTerm(term, text::View::kFolded);
    if (folded.empty()) {
      Error(kTermEmpty, where,
            StrCat("nothing is left of the term ", Quoted(term), " once it is normalised"), "",
            "write characters that a reader sees", 'R');
      return;
    }
    found_.clear();
    CheckTerm(term, where, &terms_);
    for (Diagnostic& d : found_) mistakes_.Add(std::move(d));
    const auto [first, fresh] = first_.try_emplace(std::move(folded), list_.terms.size());
    if (!fresh) {
      found_.clear();
      ReportRepeated(list_.terms[first->second], {term, where}, &terms_);
      for (Diagnostic& d : found_) mistakes_.Add(std::move(d));
      return;
    }
    list_.terms.push_back({std::move(term), where});
  }

  // The term of a line, without blanks around it and without the comment behind it; `written` is
  // the part of the line that spells it.
  static std::string TermOf(std::string_view line, std::string_view* written) {
    std::string_view rest = line;
    if (const size_t hash = CommentIn(line); hash != line.npos) rest = line.substr(0, hash);
    rest = Trimmed(rest);
    *written = rest;
    std::string term(rest);
    for (size_t at = 0; (at = term.find("\\#", at)) != term.npos; ++at) term.erase(at, 1);
    return term;
  }

  static size_t CommentIn(std::string_view line) {
    for (size_t at = line.find('#'); at != line.npos; at = line.find('#', at + 1)) {
      if (at == 0 || kBlanks.find(line[at - 1]) != kBlanks.npos) return at;
    }
    return line.npos;
  }

  bool CheckUtf8(std::string_view line) {
    int column = 1;
    for (std::string_view rest = line; !rest.empty(); ++column) {
      const CodePoint c = DecodeOne(rest);
      if (!c.valid) {
        Error(kListUtf8, {file_, line_, column, line_, column + 1},
              "the line is not well-formed UTF-8", "this byte belongs to no character",
              "save the file as UTF-8");
        return false;
      }
      rest.remove_prefix(c.bytes);
    }
    return true;
  }

  // Of the part that spells the term, which begins at `where`.
  bool CheckCharacters(std::string_view written, const SourceRange& where) {
    int column = where.begin_column;
    for (std::string_view rest = written; !rest.empty(); ++column) {
      const CodePoint c = DecodeOne(rest);
      const bool control = c.value < 0x20 || (c.value >= 0x7F && c.value <= 0x9F) ||
                           c.value == 0x2028 || c.value == 0x2029 || c.value == 0xFEFF ||
                           (c.value & 0xFFFE) == 0xFFFE;
      if (control) {
        const bool tab = c.value == '\t';
        Error(kListControl, {file_, line_, column, line_, column + 1},
              tab ? std::string("a tab stands in a term")
                  : StrCat("the control character ", CodePointName(c.value), " stands in a term"),
              "", tab ? "write one term a line and nothing else" : "remove it");
        return false;
      }
      rest.remove_prefix(c.bytes);
    }
    return true;
  }

  std::string_view text_;  // what is left of it
  int line_ = 0;           // the one read last
  const int file_;
  std::vector<Diagnostic>* const out_;
  Mistakes mistakes_;
  std::vector<Diagnostic> found_;  // of one term
  FieldReader terms_{'R', &found_};
  TermList list_;
  absl::flat_hash_map<std::string, size_t> first_;  // by normalised form: the first such term
};

}  // namespace

std::optional<std::string> ListPath(std::string_view rule_path, std::string_view name) {
  if (name.size() <= kExtension.size() || !name.ends_with(kExtension)) return std::nullopt;
  if (name.find('\\') != name.npos) return std::nullopt;
  for (std::string_view rest = name; !rest.empty();) {
    const CodePoint c = DecodeOne(rest);
    if (!c.valid || IsInvisible(c.value)) return std::nullopt;
    rest.remove_prefix(c.bytes);
  }
  for (std::string_view rest = name; true;) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    if (slash == rest.npos) break;
    rest.remove_prefix(slash + 1);
  }
  return StrCat(rule_path.substr(0, rule_path.rfind('/') + 1), name);
}

ListReader::ListReader(const std::vector<SourceFile>& sources, std::vector<Diagnostic>* out)
    : sources_(sources), out_(out), entries_(sources.size()) {
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].kind == SourceFile::Kind::kList) {
      by_path_.emplace(sources[i].path, static_cast<int>(i));
    }
  }
}

std::shared_ptr<const TermList> ListReader::Read(int file, const YamlNode& node, bool alone,
                                                 FieldReader* reader) {
  const std::optional<std::string> name = reader->Text(node, "list");
  if (!name) return nullptr;
  const std::optional<std::string> path = ListPath(sources_[file].path, *name);
  if (!path) {
    reader->Error(kListPath, node.where, StrCat(Quoted(*name), " is not the path of a list"), "",
                  "name a `.txt` file in the folder of this rule file or below it: "
                  "`list: lists/casinos.txt`");
    return nullptr;
  }
  const auto found = by_path_.find(*path);
  if (found == by_path_.end()) {
    ReportMissing(file, node, reader);
    return nullptr;
  }
  const int index = found->second;
  const SourceFile& source = sources_[index];
  Entry& entry = entries_[index];
  if (!source.problem.empty()) {
    entry.named = true;
    reader->Error(kListUnreadable, node.where,
                  StrCat("the list ", Quoted(*name), " cannot be read"), source.problem, "");
    return nullptr;
  }
  if (!entry.named) {
    entry.named = true;
    entry.list = OneList(source, index, out_).Read();
  }
  if (alone && entry.list != nullptr && !entry.short_terms_told) {
    entry.short_terms_told = true;
    Mistakes mistakes(out_);
    std::vector<Diagnostic> found_here;
    FieldReader of_terms('R', &found_here);
    for (const Located& term : entry.list->terms) {
      WarnIfShort(term.text, term.where, &of_terms);
      for (Diagnostic& d : found_here) mistakes.Add(std::move(d));
      found_here.clear();
    }
    mistakes.Finish();
  }
  return entry.list;
}

void ListReader::ReportMissing(int file, const YamlNode& node, FieldReader* reader) const {
  const std::string_view folder =
      std::string_view(sources_[file].path).substr(0, sources_[file].path.rfind('/') + 1);
  std::vector<std::string_view> names;
  for (const SourceFile& source : sources_) {
    if (source.kind != SourceFile::Kind::kList || !source.path.starts_with(folder)) continue;
    names.push_back(std::string_view(source.path).substr(folder.size()));
  }
  const std::string_view closest = Closest(node.text, names);
  reader->Error(kListMissing, node.where, StrCat("there is no list ", Quoted(node.text)),
                closest.empty() ? "" : StrCat("did you mean `", closest, "`?"),
                folder.empty() ? "paths are taken from the folder of this rule file"
                               : StrCat("it is sought in ", folder, ", the folder of this file"));
}

void ListReader::WarnOfUnused() {
  FieldReader reader('L', out_);
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].kind != SourceFile::Kind::kList || entries_[i].named) continue;
    reader.Warn(kListUnused, {static_cast<int>(i), 0, 0, 0, 0}, "no rule names this list", "",
                "name it in a rule, or remove it: it is not part of the pack");
  }
}

std::vector<std::shared_ptr<const TermList>> ListReader::Used() const {
  std::vector<std::shared_ptr<const TermList>> out;
  for (const Entry& entry : entries_) {
    if (entry.list != nullptr) out.push_back(entry.list);
  }
  return out;
}

}  // namespace winnow::rules
