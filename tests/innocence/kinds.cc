#include "tests/innocence/kinds.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace winnow::innocence {
namespace {

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Traditional(std::string_view text) {
  static const std::unique_ptr<icu::Transliterator> table = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> t(
        icu::Transliterator::createInstance("Simplified-Traditional", UTRANS_FORWARD, status));
    if (U_FAILURE(status)) std::abort();
    return t;
  }();
  icu::UnicodeString s =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  table->transliterate(s);
  std::string out;
  s.toUTF8String(out);
  return out;
}

}  // namespace

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = {
      {"english", {"english"}, "text"},
      {"chinese_simplified", {"chinese"}, "text"},
      {"chinese_traditional", {"chinese"}, "text", true},
      {"chinese_with_english", {"english", "chinese", "mixed"}, "mixed"},
      {"japanese", {"japanese"}, "text"},
      {"korean", {"korean"}, "text"},
      {"russian", {"russian"}, "text"},
      {"arabic_persian_hindi", {"joiners"}, "text"},
      {"vietnamese", {"vietnamese"}, "text"},
      {"layout", {"english", "chinese", "layout"}, "layout"},
      {"chat", {"english", "chinese", "chat"}, "chat"},
      {"names", {"english", "names"}, "names"},
      {"code", {"english", "code"}, "code"},
      {"logs", {"english", "chinese", "machine"}, "log"},
      {"urls", {"english", "chinese", "machine"}, "url_list"},
      {"base64", {"english", "chinese", "machine"}, "base64"},
      {"tables", {"english", "chinese", "machine"}, "table"},
      {"product_codes", {"english", "chinese", "machine"}, "products"},
      {"phone_lists", {"english", "chinese", "machine"}, "phones"},
      {"science", {"english", "chinese", "science"}, "science"},
      {"law", {"english", "chinese", "science"}, "citations"},
  };
  return kinds;
}

Grammar ReadGrammar(const Kind& kind) {
  Grammar grammar;
  for (const std::string_view file : kind.files) {
    const std::string path =
        WINNOW_SOURCE_DIR "/tests/innocence/grammar/" + std::string(file) + ".txt";
    if (kind.traditional) {
      grammar.Add(path, Read(path), Traditional);
    } else {
      grammar.Add(path, Read(path), nullptr);
    }
  }
  grammar.Link();
  return grammar;
}

}  // namespace winnow::innocence
