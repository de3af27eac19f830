// What people write to hide a word, what the views show, and what they say was undone.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text/normalizer.h"

namespace winnow::text {
namespace {

struct Row {
  std::string_view text;
  std::string_view view;  // the folded view as a whole
  EvasionMask undone;     // over all of it
};

constexpr EvasionMask kNone = 0;
constexpr EvasionMask kZeroWidth = MaskOf(Evasion::kZeroWidth);
constexpr EvasionMask kBidi = MaskOf(Evasion::kBidiControl);
constexpr EvasionMask kMarks = MaskOf(Evasion::kCombiningMarks);
constexpr EvasionMask kWidth = MaskOf(Evasion::kWidth);
constexpr EvasionMask kStyled = MaskOf(Evasion::kStyled);
constexpr EvasionMask kHomoglyph = MaskOf(Evasion::kHomoglyph);
constexpr EvasionMask kTraditional = MaskOf(Evasion::kTraditional);
constexpr EvasionMask kEscape = MaskOf(Evasion::kEscape);

const Row kFoldedRows[] = {
    {"", "", kNone},
    {"Plain English text.", "plain english text.", kNone},
    {"普通的中文。", "普通的中文。", kNone},
    {"ＣＡＳＩＮＯ，赌场", "casino,赌场", kWidth},
    {"ｶｼﾞﾉ", "カジノ", kWidth},
    {"ca\u200bsi\u200cno", "casino", kZeroWidth},
    {"ca\u00adsi\u2060no", "casino", kZeroWidth},
    {"ca\ufe0fsi\U000e0101no", "casino", kZeroWidth},
    {"c\U000e0061asino", "casino", kZeroWidth},
    {"ca\x01sino", "casino", kZeroWidth},
    {"ca\u202esi\u2066no", "casino", kBidi},
    {"c\u0337a\u0322s\u0338i\u0334\u0353n\u0336o", "casino", kMarks},
    {"赌\u0336博\u20dd吧", "赌博吧", kMarks},
    {"café CAFE\u0301 naïve", "cafe cafe naive", kNone},
    {"Việt Nam đẹp", "viet nam dep", kNone},
    {"𝓬𝓪𝓼𝓲𝓷𝓸 𝕮𝖆𝖘", "casino cas", kStyled},
    {"ⓒⓐⓢⓘⓝⓞ", "casino", kStyled},
    {"🄲🄰🅂 🅒🅐🅢 🅲🅰🆂 ⒞⒜⒮ 🄒🄐🄢", "cas cas cas cas cas", kStyled},
    {"ᶜᵃˢⁱⁿᵒ ₐₑₒ", "casino aeo", kStyled},
    {"ᴄᴀꜱɪɴᴏ", "casino", kStyled},
    {"🇨🇦🇸🇮🇳🇴🇸", "casinos", kStyled},
    {"🇨🇳 🇺🇸🇬🇧", "🇨🇳 🇺🇸🇬🇧", kNone},
    {"🇼🇮🇹🇭 🇺🇸", "with us", kStyled},
    {"d🇴ll🇦🇷s 🇨🇦🇸🇭", "dollars 🇨🇦🇸🇭", kStyled},
    {"USA🇺🇸 🇬🇧 🇫🇷go🇨🇳", "usa🇺🇸 🇬🇧 🇫🇷go🇨🇳", kNone},
    {"саsіnо", "casino", kHomoglyph},
    {"САSINО", "casino", kHomoglyph},
    {"ВЕТТING", "betting", kHomoglyph},
    {"Κασino", "kaoino", kHomoglyph},
    // Capitals are what they look like themselves; letters that no word of theirs has show them.
    {"саѕн ѵоте", "cash vote", kHomoglyph},
    {"СоNТаСТ", "contact", kHomoglyph},
    {"ОФѴs Вuу", "oфvs buy", kHomoglyph},
    {"мЕТаЅ сОМе", "metas come", kHomoglyph},
    {"НІЅТОгУ ԍатЕ", "history gate", kHomoglyph},
    {"ΜΝΗΥs ΟϲϹυργ", "mnhys occupy", kHomoglyph},
    {"sΗΟΝ", "shon", kHomoglyph},
    {"pɐʎ ʇɥǝ ɯᴉn", "pay the min", kHomoglyph},
    {"ɟᴉƃɥʇ doʍn ɹǝɐl", "fight down real", kHomoglyph},
    {"賭博網站", "赌博网站", kTraditional},
    {"⾦⻓", "金长", kTraditional},
    {"&#99;asin&#x6f;", "casino", kEscape},
    {"free&#32;sp&#x69;ns&#xa0;now", "free spins now", kEscape},
    {"&amp;#99;asino", "casino", kEscape},
    {"%63%61%73%69%6E%6F", "casino", kEscape},
    {"c%61sino", "casino", kEscape},
    {"%E8%B5%8C%E5%8D%9A", "赌博", kEscape},
    {"buy%20guns", "buy guns", kEscape},
    {"with %70orn", "with porn", kEscape},
    {R"(&#9426;\u24d0s\u24D8no)", "casino", kEscape | kStyled},
    {"&#9312; &#8230; &#189;", "&#9312; &#8230; &#189;", kNone},
    {R"(\u8d4c\u535a)", "赌博", kEscape},
    {R"(\u{8d4c}\U0000535A)", "赌博", kEscape},
    {R"(\xe8\xb5\x8c\xE5\x8D\x9A)", "赌博", kEscape},
    {R"(\x63\x61sin\u006f)", "casino", kEscape},
    {R"(c\u200basino)", "casino", kEscape | kZeroWidth},
    {R"(\\u8d4c博)", R"(\赌博)", kEscape},
    {"=E8=B5=8C=E5=8D=9A", "赌博", kEscape},
    {"&#112;&#48;&#114;n p&#33;n", "p0rn p!n", kEscape},
    {"%70%30%72n %70%30%30l name%40host", "p0rn p00l name@host", kEscape},
    {R"(p\x30rn \u0024ex)", "p0rn $ex", kEscape},
    {"=70=30=72=6E", "p0rn", kEscape},
    {"x=30 50%30 100%35", "x=30 50%30 100%35", kNone},
    {"=63=61=73ino", "casino", kEscape},
    {"c=61=73ino q=%64%72%75%67", "casino q=drug", kEscape},
    {"c=6Fsino x=65 a=b5=8c a=6f=72 =20", "c=6fsino x=65 a=b5=8c a=6f=72 =20", kNone},
    {R"(C:\users\x \alpha \xdef \u{1} \u00e \ud835 \xe8)",
     R"(c:\users\x \alpha \xdef \u{1} \u00e \ud835 \xe8)", kNone},
    {"50%ab 20% off 100%", "50%ab 20% off 100%", kNone},
    {"AT&T R&D &copy; a&b;", "at&t r&d &copy; a&b;", kNone},
    {"नमस्ते दुनिया", "नमस्ते दुनिया", kNone},
    {"สวัสดีครับ", "สวัสดีครับ", kNone},
    {"مَرْحَبًا", "مَرْحَبًا", kNone},
    {"한국어", "한국어", kNone},
    {"\u1112\u1161\u11ab", "한", kNone},
    {"か\u3099", "が", kNone},
    {"Этот город", "этoт гopoд", kNone},
    // Words of their own alphabets, also names with capitals inside, stay what they are.
    {"Вот кот, СберБанк и АвтоВАЗ", "вoт кoт, cбepбaнк и aвтoвaз", kNone},
    {"ВКонтакте, МОСКВА, ВУЗы", "вкoнтaктe, мocквa, вyзы", kNone},
    {"Він і вікно, кӀант", "вiн i вiкнo, кiaнт", kNone},
    {"ΤΗΝ ΝΕΑ Νέα τον νου", "τηv vεa vέa τov vou", kNone},
    {"[ˈsɐmθɪŋ ʃʌt] ɯ ʌ ǝ", "[ˈsɐmoiŋ ʃʌt] w ʌ ǝ", kHomoglyph | kStyled},
};

TEST(Evasions, FoldedViewShowsWhatAReaderSees) {
  auto normalizer = Normalizer::Create({});
  for (const Row& row : kFoldedRows) {
    SCOPED_TRACE(row.text);
    normalizer->Begin();
    int blocks = 0;
    normalizer->Feed(row.text, true, [&](const Block& block) {
      ++blocks;
      const std::string_view view = block.view(View::kFolded);
      EXPECT_EQ(view, row.view);
      if (!view.empty()) {
        const Place place = block.Locate(View::kFolded, {0, static_cast<uint32_t>(view.size())});
        EXPECT_EQ(place.evasions, row.undone);
        EXPECT_LE(place.text.begin, place.text.end);
        EXPECT_LE(place.text.end, row.text.size());
      }
      return true;
    });
    EXPECT_EQ(blocks, 1);
  }
}

// What the squeezed view shows, with '|' for its line feeds.
struct SqueezedRow {
  std::string_view text;
  std::string_view view;
  EvasionMask undone;
};

constexpr EvasionMask kSeparator = MaskOf(Evasion::kSeparator);
constexpr EvasionMask kLeet = MaskOf(Evasion::kLeet);
constexpr EvasionMask kRepeat = MaskOf(Evasion::kRepeat);

const SqueezedRow kSqueezedRows[] = {
    {"best c a s i n o here", "casino", kSeparator},
    {"best c.a.s.i.n.o here", "casino", kSeparator},
    {"c-a-s-i-n-o c_a_s_i_n_o c*a*s*i*n*o", "casinocasinocasino|casino|casino|casino", kSeparator},
    {"c🎲a🎲s🎲i🎲n🎲o", "casino", kSeparator},
    {"c\na\ns\ni\nn\no", "casino", kSeparator},
    {"c    a    s    i    n    o", "casino", kSeparator},
    {"c\u3000a\u2003s\u00a0i n o", "casino", kSeparator | kWidth | kStyled},
    {"I w i n", "iwin|win", kSeparator},
    {"w i n  b i g", "winbig|win|big", kSeparator},
    {"c a s 1 n o", "casino|caslno", kSeparator | kLeet},
    {"c★@♪s☆h", "cash", kSeparator | kLeet},
    {"s ! m 1 n", "simin|slmln|simln", kSeparator | kLeet},
    {"ｃ ａ ｓ ｉ ｎ ｏ", "casino", kSeparator | kWidth},
    {"п о к е р", "пoкep", kSeparator},
    {"c4sin0 and pok3r", "casino|poker|Casino And Poker", kLeet},
    {"v1agra", "viagra|vlagra", kLeet},
    {"v1agra100", "viagra100|vlagra100", kLeet},
    {"pu55y b!tch c@sh", "pusy|bitch|bltch|cash|Pusy Bitch Cash|Pusy Bltch Cash", kLeet},
    {"cas1n0", "casino|caslno", kLeet},
    {"caaaasino", "casino", kRepeat},
    {"caSSSSino hellooo", "casino|helo|Casino Helo", kRepeat},
    {"pooook3r", "poker", kRepeat | kLeet},
    {"赌 博", "赌博", kSeparator},
    {"来 赌*博 吧", "来赌博吧", kSeparator},
    {"代-开-发-票", "代开发票", kSeparator},
    {"可以代*开*发*票的", "可以代开发票的", kSeparator},
    {"赌🎲博🎲网🎲站", "赌博网站", kSeparator},
    {"赌1博2网3址", "赌博网址", kSeparator},
    {"赌\n博\n网\n站", "赌博网站", kSeparator},
    {"加 v 信", "加v信", kSeparator},
    {"賭 博", "赌博", kSeparator | kTraditional},
    // Chains that begin or end inside a run of ideographs, and single symbols in one.
    {"大家撕 毁 宪 法，拿", "大家撕毁宪法", kSeparator},
    {"通知已经断 交，马上", "通知已经断交", kSeparator},
    {"来赌*博吧", "来赌博吧", kSeparator},
    {"一起赌★★博吧", "一起赌博吧", kSeparator},
    {"一起赌🎲博，", "一起赌博", kSeparator},
    {"红包🇬🇧住址", "", kNone},
    {"红包💰住址\n天 天 向", "天天向", kSeparator},
    {"我们去网上赌※场玩吧", "我们去网上赌场玩吧", kSeparator},
    {"这里，买3枪", "买枪", kSeparator},
    {"赌0博", "赌博", kSeparator},
    {"部5名5额", "部名额", kSeparator},
    {"赌–博", "赌博", kSeparator},
    {"加vvvv信", "VV|加v信", kRepeat},
    {"内※网vpn", "内网vpn", kSeparator},
    // A symbol among ideographs with words and numbers beside them.
    {"破解qq密※码", "q密码|破解q密码", kSeparator},
    {"代★写assignment", "代写|代写asignment", kSeparator},
    {"3d打★印枪", "打印枪|3D打印枪", kSeparator},
    {"3d打🔥印枪", "打印枪", kSeparator},
    // Letters with a symbol amid them, or one digit between each two.
    {"ca*sino", "casino", kSeparator},
    {"ca🎲sino wins", "casino|Casino Wins", kSeparator},
    {"c1a2s3i4n5o", "casino|casino", kSeparator},
    {"c,a,s,i,n,o", "casino", kSeparator},
    {"c/a-s|i", "casi", kSeparator},
    {"c\u1680a\u1680s\u1680h", "cash", kSeparator},
    // Words around a hidden one, for terms of several.
    {"the onl1ne casino", "online|onlne|The Online Casino|The Onlne Casino", kLeet},
    {"drug$ for sale", "drugs|Drugs For Sale", kLeet},
    // Second readings.
    {"uɹod", "porn", kHomoglyph},
    {"u2ɹ2o2d", "u2r2o2d|urod|p2o2r2n|porn", kSeparator | kHomoglyph},
    {"ɯ ɐ ƃ", "M A G|mag|G A M|gam", kSeparator | kHomoglyph},
    {"🇨🇦🇸🇭", "cash", kStyled},
    {"c=61sh", "cash", kEscape},
    {"тне", "", kNone},
    {"m3ssage7", "mesaget", kLeet},
};

TEST(Evasions, SqueezedViewPutsWordsTogether) {
  auto normalizer = Normalizer::Create({});
  for (const SqueezedRow& row : kSqueezedRows) {
    SCOPED_TRACE(row.text);
    normalizer->Begin();
    normalizer->Feed(row.text, true, [&](const Block& block) {
      std::string shown(block.view(View::kSqueezed));
      std::replace(shown.begin(), shown.end(), '\n', '|');
      EXPECT_EQ(shown, row.view);
      if (!shown.empty()) {
        const Place place = block.Locate(View::kSqueezed, {0, static_cast<uint32_t>(shown.size())});
        EXPECT_EQ(place.evasions, row.undone);
      }
      return true;
    });
  }
}

// A term found in a hidden form: where, and what was undone there.
struct Hidden {
  std::string_view term;
  std::string_view text;
  std::string_view found;  // the stretch of the text
  EvasionMask undone;
};

const Hidden kHidden[] = {
    {"casino", "best c a s i n o here", "c a s i n o", kSeparator},
    {"casino", "a cas\u200bino!", "cas\u200bino", kZeroWidth},
    {"casino", "our САSІNО.", "САSІNО", kHomoglyph},
    {"online casino", "o n l i n e  c a s i n o", "o n l i n e  c a s i n o", kSeparator},
    {"online casino", "O-N-L-I-N-E C-A-S-I-N-O", "O-N-L-I-N-E C-A-S-I-N-O", kSeparator},
    {"poker", "I p o k e r", "p o k e r", kSeparator},
    {"poker", "p0ker, p00ker? poooker!", "p0ker", kLeet},
    {"ass", "asssss", "asssss", kRepeat},
    {"vx", "add vvvx", "vvvx", kRepeat},
    {"dm", "a dddm now", "dddm", kRepeat},
    {"oz", "an ooooz", "ooooz", kRepeat},
    {"mild", "mmmild", "mmmild", kRepeat},
    {"viagra", "v1agra", "v1agra", kLeet},
    {"click", "c1ick", "c1ick", kLeet},
    {"网上赌场", "进 网-上-赌-场 玩", "网-上-赌-场", kSeparator},
    {"赌博", "賭︀博", "賭︀博", kTraditional | kZeroWidth},
    {"赌博", "赌\u0336博\u0336", "赌\u0336博\u0336", kMarks},
    {"加微信", "加 微 信 ：", "加 微 信", kSeparator},
    // Terms of two, and of three with signs of arithmetic or lines between.
    {"vx", "my v x is", "v x", kSeparator},
    {"qq", "昨天的q*q里", "q*q", kSeparator},
    {"加v", "请你加 v 聊", "加 v", kSeparator},
    {"v信", "有v·信的", "v·信", kSeparator},
    {"law", "the l=a=w says", "l=a=w", kSeparator},
    {"war", "w\na\nr", "w\na\nr", kSeparator},
    // A digit before what is often counted.
    {"收费", "收1费", "收1费", kSeparator},
    {"付款", "先付7款的", "付7款", kSeparator},
    {"join us", "j3o3i3n u3s", "j3o3i3n u3s", kSeparator},
    // Digits for letters where names and codes have them too.
    {"drugs", "the drug5 here", "drug5", kLeet},
    {"vote", "they vo73 now", "vo73", kLeet},
    {"seoul", "in 53oul", "53oul", kLeet},
    {"buy", "8uy now", "8uy", kLeet},
    {"war", "no w@r", "w@r", kLeet},
    {"help me", "please help m3 now", "help m3", kLeet},
    {"go out", "we 9o 0ut", "9o 0ut", kLeet},
    {"convention", "a convent!on", "convent!on", kLeet},
    // Signs that belong to the term, and numbers in one.
    {".com", "site .c0m now", ".c0m", kLeet},
    {"send $", "s/e/n/d $ now", "s/e/n/d $", kSeparator},
    {"fact check:", "a fac7 check: no", "fac7 check:", kLeet},
    {"举报:", "请举*报:我", "举*报:", kSeparator},
    {"12 years old", "12 y34rs o1d", "12 y34rs o1d", kLeet},
    {"100% profit", "a 100% prof!7 now", "100% prof!7", kLeet},
    {"tg代发", "找t8g8代8发。", "t8g8代8发", kSeparator},
    {"kill family", "ki11 f4m11y", "ki11 f4m11y", kLeet},
    {"vx", "our νχ here", "νχ", kHomoglyph},
    // A digit between a letter and ideographs.
    {"加v", "请加3v聊", "加3v", kSeparator},
    {"v信", "我的v5信。", "v5信", kSeparator},
    {"tg代发", "找7g代发吧", "7g代发", kLeet},
    {"ag真人", "他说：a6真人。", "a6真人", kLeet},
    // Numbers that are meant as numbers.
    {"150p", "about 150ppp now", "150ppp", kRepeat},
    {"ak-47", "an aaaak-47 here", "aaaak-47", kRepeat | kSeparator},
    {"ak-47", "an a7k-477 here", "a7k-477", kSeparator},
    {"14岁以下", "有1343岁3以3下。", "1343岁3以3下", kSeparator},
    {"14岁以下", "有1*4*岁*以*下。", "1*4*岁*以*下", kSeparator},
    {"pk10", "play p k 1 0 now", "p k 1 0", kSeparator},
    {"in 17", "he i5n 197 a", "i5n 197", kSeparator},
    // The same digit between ideographs that often stand beside numbers.
    {"有门路", "我有8门8路。", "有8门8路", kSeparator},
    {"批次号", "这批5次5号的", "批5次5号", kSeparator},
    // Signs at an end, and what a letter beside a dot is.
    {"replicas", "best rep1ic@$ now", "rep1ic@$", kLeet},
    {"nazi", "a n4z! here", "n4z!", kLeet},
    {"militia", "a m!lit!@ of", "m!lit!@", kLeet},
    {"t.me", "on \"t.m3\" now", "t.m3", kLeet | kSeparator},
    {"t.me", "at t.m7e now", "t.m7e", kSeparator},
    {"t.me", "at tttt.me now", "tttt.me", kRepeat | kSeparator},
    {"/hr", "40/h7r now", "/h7r", kSeparator},
    {"send bitcoin", "go 53nd bitcoin", "53nd bitcoin", kLeet},
    {"called her", "he ca11ed her", "ca11ed her", kLeet},
    {"a day", "about a d@y", "a d@y", kLeet},
    {"加v", "如下\n加vvv\n请", "加vvv", kRepeat},
    {"黑u换白u", "有黑uuuu换白u，大", "黑uuuu换白u", kRepeat},
    // Two at once.
    {"throw", "you t1h1r101w it", "t1h1r101w", kSeparator | kLeet},
    {"attempted", "we a3ttttt3t3eeee3m3p3t3e3d it", "a3ttttt3t3eeee3m3p3t3e3d",
     kSeparator | kRepeat},
};

std::vector<std::string> SqueezedForms(std::string_view term) {
  std::vector<std::string> forms = OtherForms(term, View::kSqueezed);
  forms.push_back(NormalizeTerm(term, View::kSqueezed));
  return forms;
}

// Hidden characters that show as line breaks do not part words.
TEST(Evasions, WordsAreFoundAroundAnyNumberOfHiddenCharacters) {
  struct Row {
    std::string_view term, before, behind;
  };
  auto normalizer = Normalizer::Create({});
  for (const Row& row : {Row{"casino", "the casi", "no here"}, Row{"网上赌场", "在网上", "赌场玩"},
                         Row{"buy drugs", "to buy dr", "ugs now"}, Row{"tg", "my t", "g is"},
                         Row{"加v信", "请加v", "信"}}) {
    for (const int size : {60, 130, 1300}) {
      std::string hidden;
      for (int i = 0; i < size; ++i) hidden += "\u200b";
      const std::string text = std::string(row.before) + hidden + std::string(row.behind);
      SCOPED_TRACE(std::string(row.term) + " " + std::to_string(size));
      normalizer->Begin();
      bool found = false;
      normalizer->Feed(text, true, [&](const Block& block) {
        for (const std::string& term : SqueezedForms(row.term)) {
          const size_t at =
              term.empty() ? std::string::npos : block.view(View::kSqueezed).find(term);
          if (at == std::string::npos) continue;
          found = true;
          const Place place =
              block.Locate(View::kSqueezed,
                           {static_cast<uint32_t>(at), static_cast<uint32_t>(at + term.size())});
          EXPECT_TRUE(place.evasions & kZeroWidth);
        }
        if (size < 128 / 3 * 2)
          found |= block.view(View::kFolded).find(row.term) != std::string::npos;
        return true;
      });
      EXPECT_TRUE(found);
    }
  }
}

TEST(Evasions, TermsAreFoundWhereTheyAreHidden) {
  auto normalizer = Normalizer::Create({});
  for (const Hidden& row : kHidden) {
    SCOPED_TRACE(row.text);
    normalizer->Begin();
    bool found = false;
    normalizer->Feed(row.text, true, [&](const Block& block) {
      std::vector<std::pair<View, std::string>> forms = {
          {View::kFolded, NormalizeTerm(row.term, View::kFolded)}};
      for (const std::string& form : SqueezedForms(row.term)) {
        forms.emplace_back(View::kSqueezed, form);
      }
      for (const auto& [view, term] : forms) {
        if (term.empty()) continue;
        const TermBorders borders = BordersOf(term);
        const std::string_view text = block.view(view);
        for (size_t at = text.find(term); at != text.npos && !found; at = text.find(term, at + 1)) {
          const uint32_t begin = static_cast<uint32_t>(at);
          const uint32_t end = begin + static_cast<uint32_t>(term.size());
          if (borders.begin && !block.WordBorder(view, begin)) continue;
          if (borders.end && !block.WordBorder(view, end)) continue;
          found = true;
          const Place place = block.Locate(view, {begin, end});
          EXPECT_EQ(row.text.substr(place.text.begin, place.text.end - place.text.begin),
                    row.found);
          EXPECT_EQ(place.evasions, row.undone);
        }
      }
      return true;
    });
    EXPECT_TRUE(found);
  }
}

TEST(Evasions, TermsTakeTheFormOfTheSqueezedView) {
  struct Row {
    std::string_view term;
    std::string_view squeezed;
  };
  for (const Row& row : {Row{"Casino", "casino"}, Row{"online casino", "onlinecasino"},
                         Row{"ass", "as"},        Row{"赌博", "赌博"},
                         Row{"天天", "天天"},     Row{"加V信", "加v信"},
                         Row{"b00bs", "bobs"},    Row{"18禁", ""},
                         Row{"c4", ""},           Row{"10086", ""},
                         Row{"vx", "VX"},         Row{"qq", "QQ"},
                         Row{".com", ".com"},     Row{"to $", "TO$"},
                         Row{"/hr", "/HR"},       Row{"ak-47", ""},
                         Row{"send $", "send$"},  Row{"+to", ""},
                         Row{"举报:", "举报:"},   Row{"/min", "/min"},
                         Row{":to", ""},          Row{"to +", ""},
                         Row{"+口", ""}}) {
    EXPECT_EQ(NormalizeTerm(row.term, View::kSqueezed), row.squeezed) << row.term;
  }
}

TEST(Evasions, FoldingWhatWasFoldedChangesNothing) {
  for (const Row& row : kFoldedRows) {
    const std::string once = NormalizeTerm(row.text, View::kFolded);
    EXPECT_EQ(once, row.view);
    EXPECT_EQ(NormalizeTerm(once, View::kFolded), once) << row.text;
  }
}

TEST(Evasions, CleanTextIsNotCopied) {
  auto normalizer = Normalizer::Create({});
  for (std::string_view text :
       {"all lower, clean ascii text", "普通的中文。没有变化", "смысл 100 км"}) {
    normalizer->Begin();
    normalizer->Feed(text, true, [&](const Block& block) {
      if (block.view(View::kFolded) == text) {
        EXPECT_EQ(block.view(View::kFolded).data(), text.data());
      }
      EXPECT_EQ(block.text().data(), text.data());
      return true;
    });
  }
}

}  // namespace
}  // namespace winnow::text
