#include "engine/text/fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "engine/text/ascii.h"
#include "engine/text/utf8.h"
#include "engine/text/variants.h"

namespace winnow::text {
namespace {

using icu::UnicodeString;

constexpr EvasionMask kAsciiLookAlike = MaskOf(Evasion::kHomoglyph);

// ICU's data is part of the program's installation: without it nothing can be checked.
void Require(UErrorCode error) {
  if (U_FAILURE(error)) std::abort();
}

bool IsMark(char32_t c) { return U_GET_GC_MASK(c) & U_GC_M_MASK; }
bool IsLetter(char32_t c) { return U_GET_GC_MASK(c) & U_GC_L_MASK; }

UScriptCode ScriptOf(char32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(c), &error);
}

std::u32string ToU32(const UnicodeString& s) {
  std::u32string out;
  for (int32_t i = 0; i < s.length();) {
    const UChar32 c = s.char32At(i);
    out.push_back(static_cast<char32_t>(c));
    i += U16_LENGTH(c);
  }
  return out;
}

std::string ToUtf8(std::u32string_view s) {
  std::string out;
  for (char32_t c : s) AppendChar(c, &out);
  return out;
}

bool IsIdeographic(UScriptCode script) {
  switch (script) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_KATAKANA_OR_HIRAGANA:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_YI:
      return true;
    default:
      return false;
  }
}

bool IsUnspaced(UScriptCode script) {
  switch (script) {
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_TIBETAN:
    case USCRIPT_JAVANESE:
    case USCRIPT_BALINESE:
    case USCRIPT_NEW_TAI_LUE:
    case USCRIPT_LANNA:
    case USCRIPT_TAI_LE:
    case USCRIPT_TAI_VIET:
      return true;
    default:
      return false;
  }
}

// Scripts whose letters are put for Latin ones, and are read as them wherever they stand.
bool ImitatesLatin(UScriptCode script) {
  switch (script) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARMENIAN:
    case USCRIPT_CHEROKEE:
      return true;
    default:
      return uscript_getUsage(script) == USCRIPT_USAGE_EXCLUDED ||
             uscript_getUsage(script) == USCRIPT_USAGE_LIMITED_USE;
  }
}

CharClass ClassOf(char32_t c) {
  if (c == 0x2800) return CharClass::kSpace;  // a blank braille cell
  const UChar32 u = static_cast<UChar32>(c);
  const uint32_t category = U_GET_GC_MASK(u);
  if (category & U_GC_Z_MASK || (c >= 9 && c <= 13) || c == 0x85) return CharClass::kSpace;
  if (category & U_GC_CC_MASK || u_hasBinaryProperty(u, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
    return CharClass::kHidden;
  }
  if (category & U_GC_ND_MASK) return CharClass::kDigit;
  if (category & U_GC_M_MASK) return CharClass::kMark;
  if (category & (U_GC_L_MASK | U_GC_NL_MASK)) {
    const UScriptCode script = ScriptOf(c);
    if (IsIdeographic(script) || c == 0x30fc || c == 0xff70) return CharClass::kHan;
    if (script == USCRIPT_HANGUL) return CharClass::kHangul;
    return IsUnspaced(script) ? CharClass::kUnspaced : CharClass::kLetter;
  }
  if (category & U_GC_P_MASK) return CharClass::kPunct;
  return CharClass::kOther;
}

// Small capitals: letters of their own to Unicode, a style to a reader. By letter.
struct StyledLetter {
  char32_t from;
  char to;
};
constexpr StyledLetter kSmallCapitals[] = {
    {U'ᴀ', 'a'}, {U'ʙ', 'b'}, {U'ᴄ', 'c'},   {U'ᴅ', 'd'}, {U'ᴇ', 'e'}, {U'ꜰ', 'f'}, {U'ɢ', 'g'},
    {U'ʜ', 'h'}, {U'ɪ', 'i'}, {U'ᴊ', 'j'},   {U'ᴋ', 'k'}, {U'ʟ', 'l'}, {U'ᴍ', 'm'}, {U'ɴ', 'n'},
    {U'ᴏ', 'o'}, {U'ᴘ', 'p'}, {U'ꞯ', 'q'}, {U'ʀ', 'r'}, {U'ꜱ', 's'}, {U'ᴛ', 't'}, {U'ᴜ', 'u'},
    {U'ᴠ', 'v'}, {U'ᴡ', 'w'}, {U'ʏ', 'y'},   {U'ᴢ', 'z'},
};

// Letters put for a Latin one amid Latin ones whose prototype, to Unicode, is another.
constexpr StyledLetter kAmidLatin[] = {
    {U'б', 'b'}, {U'в', 'b'}, {U'г', 'r'}, {U'з', 'e'}, {U'и', 'n'}, {U'й', 'n'}, {U'к', 'k'},
    {U'м', 'm'}, {U'н', 'h'}, {U'п', 'n'}, {U'т', 't'}, {U'ц', 'u'}, {U'ш', 'w'}, {U'щ', 'w'},
    {U'ь', 'b'}, {U'э', 'e'}, {U'я', 'r'}, {U'ћ', 'h'}, {U'β', 'b'}, {U'ε', 'e'}, {U'ζ', 'z'},
    {U'η', 'n'}, {U'θ', 'o'}, {U'κ', 'k'}, {U'μ', 'u'}, {U'ξ', 'e'}, {U'π', 'n'}, {U'ς', 'c'},
    {U'τ', 't'}, {U'φ', 'o'}, {U'χ', 'x'}, {U'ω', 'w'}, {U'δ', 'd'}, {U'ĸ', 'k'}, {U'ԍ', 'g'},
};

// Letters, by themselves and with marks, that amid Latin ones look like another letter than what
// they fold to looks like: capitals above all.
constexpr StyledLetter kLooksOtherwise[] = {
    {U'Η', 'h'}, {U'Ν', 'n'}, {U'Μ', 'm'}, {U'Υ', 'y'}, {U'ϲ', 'c'},
    {U'Ϲ', 'c'}, {U'Ӏ', 'l'}, {U'ӏ', 'l'}, {U'Ԍ', 'g'},
};

// Letters turned upside down, by the letter they were.
constexpr StyledLetter kTurnedLetters[] = {
    {U'ɐ', 'a'}, {U'ɔ', 'c'}, {U'ǝ', 'e'}, {U'ɟ', 'f'}, {U'ƃ', 'g'},
    {U'ɥ', 'h'}, {U'ᴉ', 'i'}, {U'ɾ', 'j'}, {U'ʞ', 'k'}, {U'ɯ', 'm'},
    {U'ɹ', 'r'}, {U'ʇ', 't'}, {U'ʌ', 'v'}, {U'ʍ', 'w'}, {U'ʎ', 'y'},
};

// Letters of old spellings only.
constexpr std::u32string_view kStrangeLetters = U"ϲϹԍԌ";

// Of the letters that are read as themselves in words of their own alphabet, those drawn as the
// Latin letter is.
constexpr std::u32string_view kDrawnAlike = U"вВкКмМнНтТӀӏԌԍΒΕΖΗΚκΜΝΤτΥϲϹ";

// Letters in circles and squares that Unicode gives no mapping, or one with brackets.
char StyledByPlace(char32_t c) {
  constexpr char32_t kFirst[] = {0x249c, 0x1f110, 0x1f150, 0x1f170};
  for (char32_t first : kFirst) {
    if (c - first < 26) return static_cast<char>('a' + (c - first));
  }
  return 0;
}

}  // namespace

class FoldTableBuilder {
 public:
  FoldTableBuilder() : table_(new FoldTable) {
    UErrorCode error = U_ZERO_ERROR;
    casefold_ = icu::Normalizer2::getNFKCCasefoldInstance(error);
    Require(error);
    for (const StyledLetter& l : kSmallCapitals) small_capitals_[l.from] = l.to;
    for (const StyledLetter& l : kAmidLatin) amid_latin_[l.from] = l.to;
    for (const StyledLetter& l : kLooksOtherwise) looks_otherwise_[l.from] = l.to;
    for (const StyledLetter& l : kTurnedLetters) turned_[l.from] = l.to;
    GatherSimplified();
    GatherPrototypes();
    GatherRegions();
  }

  const FoldTable* Build() {
    // Planes 4 to 13, 15 and 16 hold nothing that folds: they share the blocks of plane 4.
    constexpr uint32_t kPlane = 0x10000;
    for (uint32_t plane : {0u, 1u, 2u, 3u, 4u, 14u}) {
      for (uint32_t block = plane * kPlane >> 7; block < (plane + 1) * kPlane >> 7; ++block) {
        AddBlock(block);
      }
    }
    for (uint32_t plane : {5u, 6u, 7u, 8u, 9u, 10u, 11u, 12u, 13u, 15u, 16u}) {
      std::memcpy(&table_->stage1_[plane * kPlane >> 7], &table_->stage1_[4 * kPlane >> 7],
                  (kPlane >> 7) * sizeof(table_->stage1_[0]));
    }
    return table_;
  }

 private:
  void GatherSimplified() {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> simplify(
        icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, error));
    Require(error);
    icu::UnicodeSet sources;
    simplify->getSourceSet(sources);
    // Line feeds keep the characters from being each other's context. The transform also turns
    // brackets into quotation marks, which hides nothing.
    UnicodeString in;
    for (int32_t r = 0; r < sources.getRangeCount(); ++r) {
      for (UChar32 c = sources.getRangeStart(r); c <= sources.getRangeEnd(r); ++c) {
        if (ScriptOf(static_cast<char32_t>(c)) == USCRIPT_HAN) in.append(c).append(u'\n');
      }
    }
    UnicodeString out = in;
    simplify->transliterate(out);
    const std::u32string from = ToU32(in), to = ToU32(out);
    for (size_t i = 0, j = 0; i + 1 < from.size() && j < to.size(); i += 2) {
      const size_t end = to.find(U'\n', j);
      if (end == std::u32string::npos) break;
      if (end == j + 1 && to[j] != from[i]) simplified_[from[i]] = to[j];
      j = end + 1;
    }
    std::unordered_map<char32_t, char32_t> variants;
    for (const IdeographVariant& v : IdeographVariants()) variants.emplace(v.from, v.to);
    for (auto& [traditional, usual] : simplified_) {
      if (const auto it = variants.find(usual); it != variants.end()) usual = it->second;
    }
    simplified_.insert(variants.begin(), variants.end());
  }

  void GatherPrototypes() {
    UErrorCode error = U_ZERO_ERROR;
    USpoofChecker* checker = uspoof_open(&error);
    Require(error);
    UnicodeString in, out;
    for (UChar32 c = 0x80; c < 0x20000; ++c) {
      if (c == 0x3400) c = 0xa000;  // ideographs
      if (c == 0xac00) c = 0xf900;  // Hangul, surrogates, private use
      if (!u_isdefined(c) || IsMark(c)) continue;
      in.append(c).append(u'\n');
    }
    uspoof_getSkeletonUnicodeString(checker, 0, in, out, &error);
    Require(error);
    uspoof_close(checker);
    const std::u32string from = ToU32(in), to = ToU32(out);
    size_t j = 0;
    for (size_t i = 0; i + 1 < from.size(); i += 2) {
      const size_t end = to.find(U'\n', j);
      if (end == std::u32string::npos) break;
      if (end != j + 1 || to[j] != from[i]) prototypes_[from[i]] = to.substr(j, end - j);
      j = end + 1;
    }
  }

  void GatherRegions() {
    for (uint32_t a = 0; a < 26; ++a) {
      for (uint32_t b = 0; b < 26; ++b) {
        const UChar flag[] = {0xd83c, static_cast<UChar>(0xdde6 + a), 0xd83c,
                              static_cast<UChar>(0xdde6 + b)};
        if (u_stringHasBinaryProperty(flag, 4, UCHAR_RGI_EMOJI_FLAG_SEQUENCE)) {
          table_->regions_[a] |= 1u << b;
        }
      }
    }
  }

  std::u32string Casefold(char32_t c) const {
    const UChar32 u = static_cast<UChar32>(c);
    UnicodeString decomposition;
    if (!casefold_->getDecomposition(u, decomposition)) return {c};
    UErrorCode error = U_ZERO_ERROR;
    const UnicodeString folded = casefold_->normalize(UnicodeString(u), error);
    Require(error);
    return ToU32(folded);
  }

  // The prototype in lower-case ASCII letters, marks dropped; empty when it is something else.
  std::u32string AsciiPrototype(char32_t c) const {
    const auto it = prototypes_.find(c);
    if (it == prototypes_.end()) return {};
    std::u32string letters;
    for (char32_t p : it->second) {
      if (IsMark(p)) continue;
      if (!IsAsciiLetter(p)) return {};
      letters.push_back(p | 0x20);
    }
    // To Unicode the prototype of m is rn; to us ASCII stays what it is.
    return letters == U"rn" ? U"m" : letters;
  }

  // What a letter that survived NFKC_Casefold looks like wherever it stands.
  std::u32string Look(char32_t c, EvasionMask* evasions) const {
    if (c < 0x80) return {c};
    if (u_charType(c) == U_SPACE_SEPARATOR) return {U' '};  // U+1680, which NFKC keeps
    if (const auto it = simplified_.find(c); it != simplified_.end()) {
      *evasions |= MaskOf(Evasion::kTraditional);
      return {it->second};
    }
    if (const auto it = small_capitals_.find(c); it != small_capitals_.end()) {
      *evasions |= MaskOf(Evasion::kStyled);
      return {static_cast<char32_t>(it->second)};
    }
    if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) {
      return {static_cast<char32_t>(U'0' + u_charDigitValue(c))};
    }
    if (c >= 0x2e80 && c <= 0x2fdf) {  // radicals
      const auto it = prototypes_.find(c);
      if (it != prototypes_.end() && it->second.size() == 1 &&
          ScriptOf(it->second[0]) == USCRIPT_HAN) {
        *evasions |= MaskOf(Evasion::kTraditional);
        return it->second;
      }
      return {c};
    }
    const UScriptCode script = ScriptOf(c);
    if (!IsLetter(c) || IsIdeographic(script) || !ImitatesLatin(script)) return {c};
    const std::u32string prototype = AsciiPrototype(c);
    if (prototype.empty() || ReadAsItselfAlone(c)) return {c};
    // Latin letters of living spellings (é, ø, æ) are nobody's disguise.
    if (script != USCRIPT_LATIN || (c >= 0x250 && c < 0x1e00) || c >= 0x2000) {
      *evasions |= kAsciiLookAlike;
    }
    return prototype;
  }

  // Letters, with whatever marks, too common in words of their own alphabet to stand for one that
  // only Latin has: that would make every such word Latin.
  bool ReadAsItselfAlone(char32_t c) const {
    return std::u32string_view(U"гґғћη").find(BaseOf(c)) != std::u32string_view::npos;
  }

  // The letter without its marks.
  static char32_t BaseOf(char32_t c) {
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
    Require(error);
    UnicodeString apart;
    if (!nfd->getDecomposition(static_cast<UChar32>(c), apart)) return c;
    return static_cast<char32_t>(apart.char32At(0));
  }

  EvasionMask CompatibilityEvasion(char32_t c) const {
    switch (u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_DECOMPOSITION_TYPE)) {
      case U_DT_WIDE:
      case U_DT_NARROW:
        return MaskOf(Evasion::kWidth);
      case U_DT_FONT:
      case U_DT_CIRCLE:
      case U_DT_SQUARE:
      case U_DT_SUPER:
      case U_DT_SUB:
      case U_DT_COMPAT:
      case U_DT_SMALL:
        return ScriptOf(c) == USCRIPT_HAN ? MaskOf(Evasion::kTraditional)
                                          : MaskOf(Evasion::kStyled);
      case U_DT_CANONICAL:
        return ScriptOf(c) == USCRIPT_HAN ? MaskOf(Evasion::kTraditional) : 0;
      default:
        return 0;
    }
  }

  std::u32string FoldAlone(char32_t c, EvasionMask* evasions) const {
    if (const char letter = StyledByPlace(c)) {
      *evasions |= MaskOf(Evasion::kStyled);
      return {static_cast<char32_t>(letter)};
    }
    std::u32string now = {c};
    for (int round = 0; round < 4; ++round) {
      std::u32string next;
      for (char32_t x : now) {
        for (char32_t y : Casefold(x)) next += Look(y, evasions);
      }
      if (next == now) break;
      now = std::move(next);
    }
    if (now != std::u32string{c}) *evasions |= CompatibilityEvasion(c);
    return now.size() > 1 ? Settle(now) : now;
  }

  // As the folding of a text would treat the characters of one that folds to several: no mark on a
  // letter of another script, no look-alikes amid Latin.
  std::u32string Settle(const std::u32string& folded) const {
    std::u32string settled;
    UScriptCode script = USCRIPT_INVALID_CODE;
    const bool latin = std::any_of(folded.begin(), folded.end(), [](char32_t c) {
      return IsOnlyLatin(c) || c == U's';  // Greek has none
    });
    for (char32_t c : folded) {
      if (IsMark(c)) {
        if (uscript_hasScript(static_cast<UChar32>(c), script)) settled.push_back(c);
        continue;
      }
      script = ScriptOf(c);
      const std::u32string mixed = latin && c >= 0x80 ? FoldMixed(c) : std::u32string();
      settled += mixed.empty() ? std::u32string{c} : mixed;
    }
    return settled;
  }

  // What a code point that folds to itself is amid Latin letters; empty when no letter.
  std::u32string FoldMixed(char32_t c) const {
    const auto it = amid_latin_.find(BaseOf(c));
    if (it != amid_latin_.end()) return {static_cast<char32_t>(it->second)};
    const UScriptCode script = ScriptOf(c);
    if (IsIdeographic(script) || script == USCRIPT_HANGUL) return {};
    return AsciiPrototype(c);
  }

  // The same for what folds to `alone`: capitals look like what their small letters look like.
  std::u32string MixedOf(const std::u32string& alone) const {
    std::u32string mixed;
    for (char32_t x : alone) {
      if (IsMark(x) && !mixed.empty() && mixed.back() < 0x80) continue;
      const std::u32string look = x < 0x80 ? std::u32string() : FoldMixed(x);
      mixed += look.empty() ? std::u32string{x} : look;
    }
    return mixed;
  }

  // The letter that `c`, or its small form, is turned upside down; 0 when none.
  char Turned(char32_t c) const {
    const std::u32string small = Casefold(c);
    const auto it = small.size() == 1 ? turned_.find(small[0]) : turned_.end();
    return it == turned_.end() ? 0 : it->second;
  }

  // What `c`, which folds to `alone`, is amid Latin letters; empty when the same.
  std::u32string AmidLatin(char32_t c, const std::u32string& alone) const {
    if (const char letter = Turned(c)) return {static_cast<char32_t>(letter)};
    if (const auto it = looks_otherwise_.find(BaseOf(c));
        it != looks_otherwise_.end() && alone.size() == 1) {
      return {static_cast<char32_t>(it->second)};
    }
    const bool ascii = std::all_of(alone.begin(), alone.end(), [](char32_t x) { return x < 0x80; });
    return ascii ? std::u32string() : MixedOf(alone);
  }

  // Of scripts only what is left when it folds to `alone`, since that may be folded again.
  uint8_t TraitsOf(char32_t c, const std::u32string& alone, const std::u32string& mixed) const {
    uint8_t traits = 0;
    if (std::all_of(mixed.begin(), mixed.end(), IsAsciiLetter)) traits |= FoldTable::kReadable;
    if (kDrawnAlike.find(BaseOf(c)) == kDrawnAlike.npos) traits |= FoldTable::kWeak;
    if (Turned(c) != 0) {
      traits |= FoldTable::kTurned;
    } else {
      for (char32_t x : alone) {
        if (x < 0x80) continue;
        const UScriptCode script = ScriptOf(x);
        traits |= script == USCRIPT_GREEK      ? FoldTable::kGreek
                  : script == USCRIPT_CYRILLIC ? FoldTable::kCyrillic
                                               : FoldTable::kForeign;
      }
    }
    if (kStrangeLetters.find(c) != kStrangeLetters.npos) traits |= FoldTable::kStrange;
    return traits;
  }

  // True for most of the many characters of which little can be said, without asking for all of it.
  bool Inert(char32_t c) const {
    const bool hangul = c >= 0xac00 && c < 0xd7b0;
    const bool private_use = (c >= 0xd800 && c < 0xf900) || (c >= 0x40000 && c < 0x50000);
    if (hangul || private_use) return true;
    const bool ideograph = (c >= 0x3400 && c < 0xa000) || (c >= 0x20000 && c < 0x2f800) ||
                           (c >= 0x30000 && c < 0x40000);
    return ideograph && simplified_.find(c) == simplified_.end();
  }

  FoldTable::Entry MakeEntry(char32_t c) {
    const auto entry = [](FoldKind kind, uint32_t payload, EvasionMask evasions) {
      return FoldTable::Entry{static_cast<uint32_t>(kind) << 21 | payload |
                              (evasions & 0xff) << 24};
    };
    if (c < 0x80) {
      if (c >= U'A' && c <= U'Z') return entry(FoldKind::kChar, c | 0x20, 0);
      const bool hidden = (c < 0x20 && (c < 9 || c > 13)) || c == 0x7f;
      return entry(hidden ? FoldKind::kRemove : FoldKind::kKeep, 0,
                   hidden ? MaskOf(Evasion::kZeroWidth) : 0);
    }
    if (c < 0xa0 && c != 0x85) return entry(FoldKind::kRemove, 0, MaskOf(Evasion::kZeroWidth));
    if (Inert(c)) return entry(FoldKind::kKeep, 0, 0);
    if (c >= 0x1f1e6 && c <= 0x1f1ff) return entry(FoldKind::kRegional, c - 0x1f1e6, 0);
    const UChar32 u = static_cast<UChar32>(c);
    EvasionMask evasions = 0;
    const std::u32string alone = FoldAlone(c, &evasions);
    const bool mark = IsMark(c) && !u_hasBinaryProperty(u, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    if (alone.empty() && !mark) {
      return entry(FoldKind::kRemove, 0,
                   u_hasBinaryProperty(u, UCHAR_BIDI_CONTROL) ? MaskOf(Evasion::kBidiControl)
                                                              : MaskOf(Evasion::kZeroWidth));
    }
    if (mark || !casefold_->hasBoundaryBefore(u) ||
        !casefold_->hasBoundaryBefore(static_cast<UChar32>(alone[0]))) {
      return entry(FoldKind::kJoin, 0, MaskOf(Evasion::kCombiningMarks));
    }
    const std::u32string mixed = AmidLatin(c, alone);
    if (!mixed.empty() && mixed != alone) {
      FoldTable::Mixed both = {ToUtf8(alone),   ToUtf8(mixed), evasions & 0xff,
                               kAsciiLookAlike, false,         0};
      for (char32_t x : alone) {
        both.only_latin |= IsOnlyLatin(x);
        if (IsAsciiLetter(x)) both.letters |= 1u << ((x | 0x20) - U'a');
      }
      const uint8_t ascii = both.letters != 0 ? FoldTable::kAscii : 0;
      table_->mixed_.push_back(std::move(both));
      return entry(FoldKind::kMixed, table_->mixed_.size() - 1, TraitsOf(c, alone, mixed) | ascii);
    }
    if (alone.size() == 1 && alone[0] == c) return entry(FoldKind::kKeep, 0, 0);
    if (alone.size() == 1) return entry(FoldKind::kChar, alone[0], evasions);
    const std::string string = ToUtf8(alone);
    const uint32_t at = table_->pool_.size();
    table_->pool_.push_back(static_cast<char>(string.size()));
    table_->pool_.append(string);
    return entry(FoldKind::kString, at, evasions);
  }

  void AddBlock(uint32_t block) {
    std::string bytes;
    FoldTable::Entry entries[128];
    CharClass classes[128];
    for (uint32_t i = 0; i < 128; ++i) {
      const char32_t c = block << 7 | i;
      entries[i] = MakeEntry(c);
      classes[i] = ClassOf(c);
      if (c < 0x10000 && entries[i].kind() == FoldKind::kKeep) {
        table_->plain_[c >> 5] |= 1u << (c & 31);
      }
    }
    bytes.append(reinterpret_cast<const char*>(entries), sizeof(entries));
    bytes.append(reinterpret_cast<const char*>(classes), sizeof(classes));
    const auto [it, fresh] = blocks_.try_emplace(std::move(bytes), blocks_.size());
    if (fresh) {
      table_->entries_.insert(table_->entries_.end(), entries, entries + 128);
      table_->classes_.insert(table_->classes_.end(), classes, classes + 128);
    }
    table_->stage1_[block] = static_cast<uint16_t>(it->second);
  }

  FoldTable* table_;
  const icu::Normalizer2* casefold_;
  std::unordered_map<char32_t, char32_t> simplified_;
  std::unordered_map<char32_t, std::u32string> prototypes_;
  std::unordered_map<char32_t, char> small_capitals_;
  std::unordered_map<char32_t, char> amid_latin_;
  std::unordered_map<char32_t, char> looks_otherwise_;
  std::unordered_map<char32_t, char> turned_;
  std::unordered_map<std::string, uint32_t> blocks_;
};

const FoldTable& FoldTable::Get() {
  static const FoldTable& table = *FoldTableBuilder().Build();
  return table;
}

std::string FoldTable::Fold(char32_t c) const {
  const Entry e = entry(c);
  std::string out;
  switch (e.kind()) {
    case FoldKind::kKeep:
    case FoldKind::kJoin:
      AppendChar(c, &out);
      break;
    case FoldKind::kChar:
      AppendChar(e.payload(), &out);
      break;
    case FoldKind::kString:
      out = String(e);
      break;
    case FoldKind::kRemove:
      break;
    case FoldKind::kMixed:
      out = MixedOf(e).alone;
      break;
    case FoldKind::kRegional:
      out.push_back(static_cast<char>('a' + e.payload()));
      break;
  }
  return out;
}

}  // namespace winnow::text
