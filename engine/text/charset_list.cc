#include "engine/text/charset_list.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "absl/container/flat_hash_map.h"
#include "engine/base/strings.h"

namespace winnow::text {
namespace {

// The Unicode families stand first, in the order of their enum.
constexpr Charset kCharsets[] = {
    {"UTF-8", Family::kUtf8, nullptr, nullptr,
     "utf8 unicode11utf8 ascii usascii ansix341968 iso646us us cp65001"},
    {"UTF-16LE", Family::kUtf16Le, nullptr, nullptr, "utf16le unicodefffe cp1200"},
    {"UTF-16BE", Family::kUtf16Be, nullptr, nullptr, "utf16be unicodefeff cp1201"},
    {"UTF-16", Family::kUtf16, nullptr, nullptr, "utf16 unicode ucs2 iso10646ucs2"},
    {"UTF-32LE", Family::kUtf32Le, nullptr, nullptr, "utf32le"},
    {"UTF-32BE", Family::kUtf32Be, nullptr, nullptr, "utf32be"},
    {"UTF-32", Family::kUtf32, nullptr, nullptr, "utf32 ucs4 iso10646ucs4"},
    {"GB18030", Family::kBytes, "gb18030", nullptr, "gb18030 gb180302000 gb180302005 cp54936"},
    {"GBK", Family::kBytes, "windows-936-2000", "gb18030", "gbk cp936 ms936 windows936 xgbk"},
    {"GB2312", Family::kBytes, "windows-936-2000", "gb18030",
     "gb2312 gb231280 csgb2312 euccn eucgb2312cn chinese csiso58gb231280 isoir58 xeuccn"},
    {"Big5", Family::kBytes, "windows-950-2000", "ibm-1375_P100-2008",
     "big5 csbig5 cnbig5 xxbig5 cp950 ms950 windows950"},
    {"Big5-HKSCS", Family::kBytes, "ibm-1375_P100-2008", "windows-950-2000",
     "big5hkscs big5hk cp951"},
    {"Shift_JIS", Family::kBytes, "ibm-943_P15A-2003", nullptr,
     "shiftjis sjis xsjis csshiftjis mskanji windows31j cswindows31j cp932 ms932 windows932"},
    {"EUC-JP", Family::kBytes, "euc-jp-2007", nullptr,
     "eucjp xeucjp ujis cseucpkdfmtjapanese cp51932 extendedunixcodepackedformatforjapanese"},
    {"ISO-2022-JP", Family::kIso2022Jp, "euc-jp-2007", nullptr, "iso2022jp csiso2022jp jis"},
    {"EUC-KR", Family::kBytes, "windows-949-2000", nullptr,
     "euckr cseuckr korean ksc56011987 ksc5601 ksx1001 uhc cp949 ms949 windows949 isoir149"},
    {"windows-1250", Family::kBytes, "windows-1250", nullptr, "windows1250 cp1250"},
    {"windows-1251", Family::kBytes, "windows-1251", nullptr, "windows1251 cp1251"},
    {"windows-1252", Family::kBytes, "windows-1252", nullptr, "windows1252 cp1252 ansi"},
    {"windows-1253", Family::kBytes, "windows-1253", nullptr, "windows1253 cp1253"},
    {"windows-1254", Family::kBytes, "windows-1254", nullptr, "windows1254 cp1254"},
    {"windows-1255", Family::kBytes, "windows-1255", nullptr, "windows1255 cp1255"},
    {"windows-1256", Family::kBytes, "windows-1256", nullptr, "windows1256 cp1256"},
    {"windows-1257", Family::kBytes, "windows-1257", nullptr, "windows1257 cp1257"},
    {"windows-1258", Family::kBytes, "windows-1258", nullptr, "windows1258 cp1258"},
    {"TIS-620", Family::kBytes, "windows-874-2000", nullptr,
     "tis620 tis6202533 windows874 cp874 iso885911 dos874"},
    {"ISO-8859-1", Family::kBytes, "ISO-8859-1", nullptr,
     "iso88591 latin1 l1 csisolatin1 isoir100 ibm819 cp819 iso885911987"},
    {"ISO-8859-2", Family::kBytes, "ISO-8859-2", nullptr,
     "iso88592 latin2 l2 csisolatin2 isoir101"},
    {"ISO-8859-3", Family::kBytes, "ISO-8859-3", nullptr,
     "iso88593 latin3 l3 csisolatin3 isoir109"},
    {"ISO-8859-4", Family::kBytes, "ISO-8859-4", nullptr,
     "iso88594 latin4 l4 csisolatin4 isoir110"},
    {"ISO-8859-5", Family::kBytes, "ISO-8859-5", nullptr,
     "iso88595 cyrillic csisolatincyrillic isoir144"},
    {"ISO-8859-6", Family::kBytes, "ISO-8859-6", nullptr,
     "iso88596 arabic csisolatinarabic isoir127 asmo708 ecma114"},
    {"ISO-8859-7", Family::kBytes, "ISO-8859-7", nullptr,
     "iso88597 greek greek8 csisolatingreek isoir126 elot928 ecma118"},
    {"ISO-8859-8", Family::kBytes, "ISO-8859-8", nullptr,
     "iso88598 iso88598i logical hebrew csisolatinhebrew isoir138"},
    {"ISO-8859-9", Family::kBytes, "ISO-8859-9", nullptr,
     "iso88599 latin5 l5 csisolatin5 isoir148"},
    {"ISO-8859-10", Family::kBytes, "iso-8859_10-1998", nullptr,
     "iso885910 latin6 l6 csisolatin6 isoir157"},
    {"ISO-8859-13", Family::kBytes, "ISO-8859-13", nullptr, "iso885913 latin7"},
    {"ISO-8859-14", Family::kBytes, "iso-8859_14-1998", nullptr, "iso885914 latin8 isoceltic"},
    {"ISO-8859-15", Family::kBytes, "ISO-8859-15", nullptr, "iso885915 latin9 l9"},
    {"KOI8-R", Family::kBytes, "KOI8-R", nullptr, "koi8r koi8 koi cskoi8r cp878"},
    {"KOI8-U", Family::kBytes, "KOI8-U", nullptr, "koi8u koi8ru"},
    {"IBM866", Family::kBytes, "IBM866", nullptr, "ibm866 cp866 866 csibm866"},
    {"macintosh", Family::kBytes, "macintosh", nullptr,
     "macintosh mac xmacroman macroman csmacintosh"},
};

std::string Normalized(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
  }
  return out;
}

using NameMap = absl::flat_hash_map<std::string, const Charset*>;

NameMap* NewNameMap() {
  auto* names = new NameMap;
  for (const Charset& charset : kCharsets) {
    std::string_view rest = charset.aliases;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      [[maybe_unused]] const bool added =
          names->emplace(std::string(rest.substr(0, end)), &charset).second;
      assert(added);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return names;
}

}  // namespace

const Charset* FindCharset(std::string_view name) {
  static const NameMap& names = *NewNameMap();
  constexpr size_t kLongestName = 64;
  if (name.size() > kLongestName) return nullptr;
  const auto it = names.find(Normalized(name));
  return it == names.end() ? nullptr : it->second;
}

const Charset& UnicodeCharset(Family family) {
  const Charset& charset = kCharsets[static_cast<size_t>(family)];
  assert(charset.family == family);
  return charset;
}

size_t IndexOf(const Charset& charset) { return static_cast<size_t>(&charset - kCharsets); }
size_t CharsetCount() { return std::size(kCharsets); }

std::string CharsetNames() {
  std::string out;
  for (const Charset& charset : kCharsets) {
    StrAppend(&out, out.empty() ? "" : ", ", charset.name);
  }
  return out;
}

}  // namespace winnow::text
