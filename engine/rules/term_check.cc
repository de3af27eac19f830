#include "engine/rules/term_check.h"

#include <string>

#include "engine/base/strings.h"
#include "engine/rules/codes.h"
#include "engine/rules/utf8.h"
#include "engine/text/normalizer.h"

namespace winnow::rules {

void CheckTerm(std::string_view term, const SourceRange& where, FieldReader* reader) {
  if (const std::string names = text::InvisibleCharacters(term); !names.empty()) {
    reader
        ->Warn(kTermInvisible, where,
               StrCat("the term ", Quoted(term), " holds characters that nobody sees"), names,
               "remove them: they are removed from texts as well")
        .fixes = {{Fix::Kind::kRemoveUnseen, where}};
  }
  if (term.front() == ' ' || term.back() == ' ') {
    reader
        ->Warn(kTermSpaces, where,
               StrCat("the term ", Quoted(term), " begins or ends with a space"), "",
               "remove it: terms of letters match at the borders of words anyway")
        .fixes = {{Fix::Kind::kRemoveUnseen, where}};
  }
}

void WarnIfShort(std::string_view term, const SourceRange& where, FieldReader* reader) {
  if (CountCodePoints(term) != 1) return;
  reader->Warn(kTermShort, where,
               StrCat("the term ", Quoted(term), " of one character matches the rule alone"), "",
               "relate it to others with `near` or `all`");
}

void ReportRepeated(const Located& first, const Located& again, FieldReader* reader) {
  reader
      ->Warn(kTermRepeated, again.where,
             first.text == again.text ? StrCat("the term ", Quoted(again.text), " is given twice")
                                      : StrCat("the terms ", Quoted(first.text), " and ",
                                               Quoted(again.text), " are one once normalised"),
             StrCat("the first stands in line ", first.where.begin_line),
             "remove one: width, case, accents, traditional forms and look-alikes are undone "
             "anyway")
      .fixes = {{Fix::Kind::kRemoveItem, again.where}};
}

}  // namespace winnow::rules
