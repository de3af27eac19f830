#include "tests/evasion/sounds.h"

#include <unicode/translit.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace winnow::evasion {
namespace {

using Places = std::vector<bool>;

std::u32string ToU32(const icu::UnicodeString& s) {
  std::u32string out;
  for (int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
    out.push_back(static_cast<char32_t>(s.char32At(i)));
  }
  return out;
}

// What one ideograph, by itself, is read as.
class Readings {
 public:
  static Readings& Get() {
    static Readings& readings = *new Readings;
    return readings;
  }

  // With the tone's mark ("dǔ"), without tones ("du"); empty when it has no reading.
  const std::u32string& Marked(char32_t han) { return Of(han).first; }
  const std::u32string& Plain(char32_t han) { return Of(han).second; }
  // Others of the same sound among the 3,755 common ideographs of GB 2312.
  const std::u32string& Homophones(char32_t han) { return common_[Plain(han)]; }

 private:
  Readings() {
    UErrorCode error = U_ZERO_ERROR;
    marked_.reset(icu::Transliterator::createInstance("Han-Latin", UTRANS_FORWARD, error));
    plain_.reset(
        icu::Transliterator::createInstance("Han-Latin; Latin-ASCII", UTRANS_FORWARD, error));
    UConverter* gb = ucnv_open("GB2312", &error);
    if (U_FAILURE(error)) std::abort();
    for (int high = 0xb0; high <= 0xd7; ++high) {
      for (int low = 0xa1; low <= (high == 0xd7 ? 0xf9 : 0xfe); ++low) {
        const char bytes[] = {static_cast<char>(high), static_cast<char>(low)};
        char16_t unit = 0;
        ucnv_toUChars(gb, &unit, 1, bytes, 2, &error);
        error = U_ZERO_ERROR;  // no room for a terminator
        // These ICU reads in an uncommon way, as nobody would who looks for a homophone.
        if (std::u16string_view(u"长地佛似茄咳泊伺").find(unit) != std::u16string_view::npos)
          continue;
        common_[Plain(unit)].push_back(unit);
      }
    }
    ucnv_close(gb);
  }

  const std::pair<std::u32string, std::u32string>& Of(char32_t han) {
    const auto [it, fresh] = readings_.try_emplace(han);
    if (fresh) {
      icu::UnicodeString marked(static_cast<UChar32>(han)), plain(marked);
      marked_->transliterate(marked);
      plain_->transliterate(plain);
      it->second = {ToU32(marked), ToU32(plain)};
      for (char32_t c : it->second.second) {
        if (!IsLatin(c)) it->second = {};
      }
    }
    return it->second;
  }

  std::unique_ptr<icu::Transliterator> marked_, plain_;
  std::map<char32_t, std::pair<std::u32string, std::u32string>> readings_;
  std::map<std::u32string, std::u32string> common_;
};

bool Applies(const Writing& w) {
  return w.cells.size() >= 2 &&
         std::all_of(w.cells.begin(), w.cells.end(), [](const Writing::Cell& c) {
           return IsHan(c.plain) && !Readings::Get().Plain(c.plain).empty();
         });
}

// Writes what `of` gives for each ideograph of the term at `places`, and `gap` between all.
template <typename F>
uint32_t Spell(const Places& places, std::u32string_view gap, Writing* w, F of) {
  if (!Applies(*w)) return 0;
  uint32_t written = 0;
  for (size_t i = 0; i < w->cells.size(); ++i) {
    if (places[i]) {
      std::u32string shown = of(w->cells[i].plain);
      if (shown.empty()) continue;
      w->cells[i].shown = std::move(shown);
      ++written;
    }
    if (i + 1 < w->cells.size()) w->cells[i].after = gap;
  }
  return written;
}

Places All(const Places& places) { return Places(places.size(), true); }

std::u32string Homophone(Random* r, char32_t han) {
  const std::u32string& list = Readings::Get().Homophones(han);
  if (list.empty() || (list.size() == 1 && list[0] == han)) return {};
  char32_t other = han;
  while (other == han) other = r->Of(list);
  return {other};
}

uint32_t Homophones(Random* r, const Places& places, Writing* w) {
  return Spell(places, U"", w, [&](char32_t han) { return Homophone(r, han); });
}

uint32_t PinyinRunTogether(Random*, const Places& places, Writing* w) {
  return Spell(All(places), U"", w, [](char32_t han) { return Readings::Get().Plain(han); });
}

uint32_t PinyinDivided(Random* r, const Places& places, Writing* w) {
  const std::u32string_view kGaps[] = {U" ", U" ", U"-", U"'", U"_", U".", U"·"};
  const std::u32string_view gap = r->Of(kGaps);
  return Spell(All(places), gap, w, [](char32_t han) { return Readings::Get().Plain(han); });
}

uint32_t PinyinMarked(Random* r, const Places& places, Writing* w) {
  return Spell(All(places), r->OneIn(2) ? U" " : U"", w,
               [](char32_t han) { return Readings::Get().Marked(han); });
}

uint32_t PinyinNumbered(Random* r, const Places& places, Writing* w) {
  return Spell(All(places), r->OneIn(2) ? U" " : U"", w, [&](char32_t han) {
    return Readings::Get().Plain(han) + static_cast<char32_t>(U'1' + r->Below(4));
  });
}

// Some of the ideographs, not all.
uint32_t PinyinAmidHan(Random* r, const Places& places, Writing* w) {
  Places some(places.size());
  for (size_t i = 0; i < some.size(); ++i) some[i] = r->OneIn(2);
  const size_t kept = r->Below(static_cast<uint32_t>(some.size()));
  some[kept] = false;
  some[(kept + 1) % some.size()] = true;
  return Spell(some, U"", w, [](char32_t han) { return Readings::Get().Plain(han); });
}

uint32_t PinyinAmidHomophones(Random* r, const Places& places, Writing* w) {
  return Spell(All(places), U"", w, [&](char32_t han) {
    return r->OneIn(2) ? Readings::Get().Plain(han) : Homophone(r, han);
  });
}

constexpr text::EvasionMask kPhonetic = text::MaskOf(text::Evasion::kPhonetic);

const std::vector<Kind> kKinds = {
    {"homophones", Stage::kSpell, kPhonetic, 0.99, 0.98, Around::kAny, Homophones,
     "homophones that are ordinary words"},
    {"pinyin run together", Stage::kSpell, kPhonetic, 0.99, 0.99, Around::kAny, PinyinRunTogether,
     ""},
    {"pinyin divided", Stage::kSpell, kPhonetic, 0.99, 0.99, Around::kAny, PinyinDivided, ""},
    {"pinyin with tone marks", Stage::kSpell, kPhonetic, 0.99, 0.99, Around::kAny, PinyinMarked,
     ""},
    {"pinyin with tone digits", Stage::kSpell, kPhonetic, 0.99, 0.99, Around::kAny, PinyinNumbered,
     ""},
    {"pinyin amid Han", Stage::kSpell, kPhonetic, 0.95, 0.99, Around::kAny, PinyinAmidHan,
     "a single letter (`企e`)"},
    {"pinyin amid homophones", Stage::kSpell, kPhonetic, 0.95, 0.99, Around::kAny,
     PinyinAmidHomophones, "a single letter"},
};

}  // namespace

const std::vector<Kind>& SoundKinds() { return kKinds; }

}  // namespace winnow::evasion
