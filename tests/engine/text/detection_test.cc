// How well charsets are detected: stretches of every length of ordinary text in every charset and
// a language that is written in it, beside what ICU's detector says of the same bytes. Prints the
// table that it asserts.
#include <unicode/ucsdet.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "engine/text/charset.h"
#include "gtest/gtest.h"
#include "tests/engine/text/icu_bytes.h"

namespace winnow::text {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSimplified =
    "今天下午三点在会议室讨论新产品的发布计划，请大家准时参加，并带上各自负责部分的材料。"
    "昨天收到的货物有两箱包装破损，已经拍照发给客服，请尽快安排退换。"
    "孩子们在公园里放风筝，老人坐在长椅上晒太阳，春天的气息越来越浓了。"
    "这本书讲述了一个普通家庭在城市里奋斗的故事，读起来让人感到温暖。"
    "系统将于周六凌晨进行维护，期间无法登录，请提前保存好您的工作内容。"
    "订购数量超过一百件的客户可以享受九折优惠，运费由我们承担。"
    "医生建议他每天散步半个小时，少吃油腻的食物，按时服药。"
    "火车晚点了四十分钟，旅客们在候车室里耐心等待，广播里不断播放着通知。"
    "网上赌场真人荷官在线发牌，注册就送彩金，提现秒到账。";
constexpr std::string_view kTraditional =
    "今天下午三點在會議室討論新產品的發布計畫，請大家準時參加，並帶上各自負責部分的資料。"
    "昨天收到的貨物有兩箱包裝破損，已經拍照傳給客服，請儘快安排退換。"
    "孩子們在公園裡放風箏，老人坐在長椅上曬太陽，春天的氣息越來越濃了。"
    "這本書講述了一個普通家庭在城市裡奮鬥的故事，讀起來讓人感到溫暖。"
    "系統將於週六凌晨進行維護，期間無法登入，請提前保存好您的工作內容。"
    "訂購數量超過一百件的客戶可以享受九折優惠，運費由我們承擔。"
    "醫生建議他每天散步半個小時，少吃油膩的食物，按時服藥。"
    "火車誤點了四十分鐘，旅客們在候車室裡耐心等待，廣播裡不斷播放著通知。"
    "網上賭場真人荷官在線發牌，註冊就送彩金，提現即時到帳。";
constexpr std::string_view kCantonese =
    "佢哋琴日喺公司開會，話下個月會加人工，大家都好開心。"
    "你哋食咗飯未呀，我哋啱啱喺茶餐廳食完，啲嘢幾好味。"
    "今晚落好大雨，記得帶遮，唔好淋濕個袋。"
    "呢間舖頭賣嘅嘢平過隔籬嗰間，不過冇得刷卡。";
constexpr std::string_view kJapanese =
    "本日の会議は午後三時から行われますので、資料を忘れずにお持ちください。"
    "昨日届いた荷物のうち二箱が破損していたため、写真を撮って担当者に連絡しました。"
    "子供たちは公園で凧を揚げ、お年寄りはベンチに座って日向ぼっこをしています。"
    "システムの点検のため、土曜日の早朝はログインできません。あらかじめご了承ください。"
    "電車が四十分ほど遅れており、駅のホームには多くの人が並んでいました。"
    "オンラインカジノの広告を見かけたら、すぐに通報してください。";
constexpr std::string_view kKorean =
    "오늘 오후 세 시에 회의실에서 새로운 제품의 발표 계획을 논의할 예정이니 모두 참석해 주시기 "
    "바랍니다. "
    "어제 받은 물건 가운데 두 상자가 파손되어 사진을 찍어 고객 센터에 보냈습니다. "
    "아이들은 공원에서 연을 날리고 노인들은 긴 의자에 앉아 햇볕을 쬐고 있다. "
    "토요일 새벽에 시스템 점검이 있어 접속할 수 없으니 미리 작업 내용을 저장해 주세요. "
    "기차가 사십 분 늦어져 승객들이 대합실에서 기다리고 있습니다. ";
constexpr std::string_view kRussian =
    "Сегодня в три часа дня состоится совещание, на котором мы обсудим план выпуска нового "
    "продукта. "
    "Вчера мы получили товар, но две коробки оказались повреждены, поэтому прошу оформить возврат. "
    "Дети запускали воздушного змея в парке, а старики сидели на скамейках и грелись на солнце. "
    "В субботу ночью будут проводиться работы, войти в систему будет невозможно. "
    "Поезд опоздал на сорок минут, и пассажиры терпеливо ждали на вокзале. ";
constexpr std::string_view kUkrainian =
    "Сьогодні о третій годині відбудеться нарада, на якій ми обговоримо план випуску нового "
    "виробу. "
    "Учора ми отримали товар, але дві коробки виявилися пошкодженими, тож прошу оформити "
    "повернення. "
    "Діти запускали повітряного змія в парку, а старі люди сиділи на лавках і грілися на сонці. ";
constexpr std::string_view kFrench =
    "La réunion de cet après-midi aura lieu à trois heures ; pensez à apporter vos dossiers. "
    "Hier nous avons reçu la marchandise, mais deux boîtes étaient abîmées et il faut les "
    "échanger. "
    "Les élèves ont préféré rester près de la forêt où l'été dernier ils avaient été très "
    "heureux. ";
constexpr std::string_view kGerman =
    "Die Besprechung findet heute um drei Uhr statt, bitte bringen Sie Ihre Unterlagen pünktlich "
    "mit. "
    "Gestern haben wir die Ware erhalten, zwei Schachteln waren beschädigt und müssen zurück. "
    "Die Kinder ließen im Park Drachen steigen, während die Großmütter auf Bänken saßen. ";
constexpr std::string_view kPolish =
    "Dzisiaj o trzeciej odbędzie się zebranie, na którym omówimy plan wprowadzenia nowego wyrobu. "
    "Wczoraj otrzymaliśmy towar, ale dwie skrzynki były uszkodzone, więc proszę o wymianę. "
    "Dzieci puszczały latawce, a starsi ludzie siedzieli na ławkach i wygrzewali się w słońcu. ";
constexpr std::string_view kCzech =
    "Dnes ve tři hodiny se koná schůze, na které probereme plán uvedení nového výrobku. "
    "Včera jsme dostali zboží, ale dvě krabice byly poškozené, prosím tedy o výměnu. "
    "Děti pouštěly v parku draky a staří lidé seděli na lavičkách a hřáli se na sluníčku. ";
constexpr std::string_view kGreek =
    "Σήμερα στις τρεις το απόγευμα θα γίνει η σύσκεψη για το πρόγραμμα του νέου προϊόντος. "
    "Χθες παραλάβαμε τα εμπορεύματα, αλλά δύο κουτιά ήταν χαλασμένα και πρέπει να αλλαχτούν. "
    "Τα παιδιά πετούσαν χαρταετό στο πάρκο και οι γέροι κάθονταν στα παγκάκια. ";
constexpr std::string_view kTurkish =
    "Bugün saat üçte yeni ürünün çıkış planını görüşmek için toplantı yapılacaktır. "
    "Dün malları aldık fakat iki kutu kırılmıştı, değiştirilmesini rica ediyoruz. "
    "Çocuklar parkta uçurtma uçuruyor, yaşlılar güneşin altında sıralarda oturuyordu. ";
constexpr std::string_view kHebrew =
    "היום בשעה שלוש תתקיים ישיבה שבה נדון בתוכנית להוצאת המוצר החדש. "
    "אתמול קיבלנו את הסחורה אבל שתי קופסאות היו פגומות ויש להחליף אותן. "
    "הילדים העיפו עפיפון בפארק והזקנים ישבו על הספסלים והתחממו בשמש. ";
constexpr std::string_view kArabic =
    "سيعقد اليوم في الساعة الثالثة اجتماع لمناقشة خطة إصدار المنتج الجديد. "
    "استلمنا البضاعة أمس لكن صندوقين كانا تالفين ونرجو استبدالهما. "
    "كان الأطفال يلعبون في الحديقة والشيوخ يجلسون على المقاعد تحت الشمس. ";
constexpr std::string_view kLithuanian =
    "Šiandien trečią valandą vyks susirinkimas, kuriame aptarsime naujo gaminio išleidimo planą. "
    "Vakar gavome prekes, tačiau dvi dėžės buvo sugadintos, todėl prašome jas pakeisti. "
    "Vaikai parke leido aitvarą, o seneliai sėdėjo ant suolų ir šildėsi saulėje. ";
constexpr std::string_view kThai =
    "วันนี้เวลาบ่ายสามโมงจะมีการประชุมเพื่อหารือแผนการเปิดตัวสินค้าใหม่ "
    "เมื่อวานเราได้รับสินค้าแล้วแต่มีสองกล่องที่เสียหาย กรุณาเปลี่ยนให้ด้วย ";

struct Language {
  const char* name;
  const char* icu;
  std::string_view text;
  // Of 100 stretches of two, of four, and of eight to thirty-two characters at least so many read
  // rightly the likeliest way or the other that is named.
  int least[3];
};
constexpr Language kLanguages[] = {
    {"Chinese, simplified", "gb18030", kSimplified, {90, 97, 97}},
    {"Chinese, traditional", "windows-950-2000", kTraditional, {94, 98, 98}},
    {"Cantonese, HKSCS", "ibm-1375_P100-2008", kCantonese, {88, 95, 98}},
    {"Japanese, Shift_JIS", "ibm-943_P15A-2003", kJapanese, {96, 98, 98}},
    {"Japanese, EUC-JP", "euc-jp-2007", kJapanese, {92, 98, 98}},
    {"Japanese, ISO-2022-JP", "ISO-2022-JP", kJapanese, {98, 98, 98}},
    {"Korean", "windows-949-2000", kKorean, {70, 88, 98}},
    {"Russian, windows-1251", "windows-1251", kRussian, {92, 92, 96}},
    {"Russian, KOI8-R", "KOI8-R", kRussian, {80, 94, 97}},
    {"Ukrainian, windows-1251", "windows-1251", kUkrainian, {90, 95, 97}},
    {"French, windows-1252", "windows-1252", kFrench, {88, 97, 97}},
    {"German, windows-1252", "windows-1252", kGerman, {95, 97, 97}},
    {"Polish, windows-1250", "windows-1250", kPolish, {94, 97, 97}},
    {"Czech, windows-1250", "windows-1250", kCzech, {92, 95, 92}},
    {"Greek, windows-1253", "windows-1253", kGreek, {65, 82, 95}},
    {"Turkish, windows-1254", "windows-1254", kTurkish, {84, 90, 88}},
    {"Hebrew, windows-1255", "windows-1255", kHebrew, {62, 76, 92}},
    {"Arabic, windows-1256", "windows-1256", kArabic, {64, 92, 96}},
    {"Lithuanian, windows-1257", "windows-1257", kLithuanian, {82, 76, 62}},
    {"Thai", "windows-874-2000", kThai, {24, 80, 95}},
    {"Chinese, UTF-8", "UTF-8", kSimplified, {100, 100, 100}},
    {"Chinese, UTF-16LE", "UTF-16LE", kSimplified, {78, 90, 98}},
    {"Chinese, UTF-16BE", "UTF-16BE", kSimplified, {80, 92, 98}},
    {"Russian, UTF-16LE", "UTF-16LE", kRussian, {98, 98, 98}},
    {"German, UTF-16BE", "UTF-16BE", kGerman, {98, 98, 98}},
    {"Chinese, UTF-32LE", "UTF-32LE", kSimplified, {98, 98, 98}},
    {"Chinese, UTF-32BE", "UTF-32BE", kSimplified, {98, 98, 98}},
};

constexpr int kLengths[] = {2, 4, 8, 16, 32, 64, 128};

// `chars` characters of the language, from anywhere in its text, which goes round.
std::string Stretch(const Language& language, int chars, std::mt19937* random) {
  const icu::UnicodeString all = icu::UnicodeString::fromUTF8(
      {language.text.data(), static_cast<int32_t>(language.text.size())});
  icu::UnicodeString stretch;
  int32_t at = static_cast<int32_t>((*random)() % static_cast<uint32_t>(all.length()));
  if (U16_IS_TRAIL(all[at])) at = (at + 1) % all.length();
  while (stretch.countChar32() < chars) {
    stretch.append(all.char32At(at));
    at = all.moveIndex32(at, 1) % all.length();
  }
  std::string utf8;
  stretch.toUTF8String(utf8);
  return utf8;
}

// The text by ICU's best match; empty where that is none we decode.
std::string ByIcu(UCharsetDetector* detector, const std::string& bytes) {
  UErrorCode error = U_ZERO_ERROR;
  ucsdet_setText(detector, bytes.data(), static_cast<int32_t>(bytes.size()), &error);
  const UCharsetMatch* match = ucsdet_detect(detector, &error);
  if (U_FAILURE(error) || match == nullptr) return "";
  const char* name = ucsdet_getName(match, &error);
  Decoded decoded;
  return Decode(bytes, name, &decoded).ok() ? std::string(decoded.text) : "";
}

TEST(DetectionTest, OfStretchesOfEveryLength) {
  constexpr int kRounds = 300;
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&error),
                                                                            ucsdet_close);
  std::mt19937 random(4);
  std::cout << "of 100, right/right with the other reading (ICU's detector)\n"
            << absl::StrFormat("%-25s", "characters");
  for (int length : kLengths) std::cout << absl::StrFormat(" %-13d", length);
  std::cout << "\n";
  for (const Language& language : kLanguages) {
    SCOPED_TRACE(language.name);
    const Converter converter = Open(language.icu);
    std::cout << absl::StrFormat("%-25s", language.name);
    for (int length : kLengths) {
      int right = 0, either = 0, icu = 0;
      for (int round = 0; round < kRounds; ++round) {
        const std::string text = Stretch(language, length, &random);
        const std::string bytes = Encode(converter.get(), text);
        Decoded decoded;
        ASSERT_TRUE(Decode(bytes, "", &decoded).ok());
        bool found = decoded.text == text;
        right += found;
        if (!found && !decoded.alternative.empty()) {
          Decoded other;
          ASSERT_TRUE(Decode(bytes, decoded.alternative, &other).ok());
          found = other.text == text;
        }
        either += found;
        icu += ByIcu(detector.get(), bytes) == text;
      }
      const int percent = either * 100 / kRounds;
      std::cout << absl::StrFormat(" %3d/%-3d (%3d)", right * 100 / kRounds, percent,
                                   icu * 100 / kRounds);
      const int least = length == 2    ? language.least[0]
                        : length == 4  ? language.least[1]
                        : length <= 32 ? language.least[2]
                                       : std::max(language.least[2], 90);
      EXPECT_GE(percent, least) << length << " characters";
      EXPECT_GE(percent, icu * 100 / kRounds - 3) << length << " characters";
    }
    std::cout << "\n";
  }
}

// What is found must not hang on which of two charsets a word happens to look like more.
TEST(DetectionTest, ShortChineseHasBothReadings) {
  struct Row {
    const char* icu;
    std::string_view text;
  };
  const Row rows[] = {
      {"gb18030", "赌博"},
      {"gb18030", "赌场"},
      {"gb18030", "加微信"},
      {"gb18030", "代开发票"},
      {"gb18030", "真人荷官"},
      {"gb18030", "冰毒"},
      {"gb18030", "枪支"},
      {"gb18030", "澳门"},
      {"windows-950-2000", "賭博"},
      {"windows-950-2000", "賭場"},
      {"windows-950-2000", "加微信"},
      {"windows-950-2000", "代開發票"},
      {"windows-950-2000", "真人荷官"},
      {"windows-950-2000", "冰毒"},
      {"windows-950-2000", "槍支"},
      {"windows-950-2000", "澳門"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const std::string bytes = Encode(row.icu, row.text);
    Decoded decoded;
    ASSERT_TRUE(Decode(bytes, "", &decoded).ok());
    if (decoded.text == row.text) continue;
    Decoded other;
    ASSERT_FALSE(decoded.alternative.empty()) << decoded.charset;
    EXPECT_NE(decoded.alternative, decoded.charset);
    ASSERT_TRUE(Decode(bytes, decoded.alternative, &other).ok());
    EXPECT_EQ(other.text, row.text);
    EXPECT_TRUE(other.alternative.empty());
  }
}

TEST(DetectionTest, LongTextsAndToldOnesHaveOneReading) {
  Decoded decoded;
  ASSERT_TRUE(Decode(Encode("gb18030", kSimplified), "", &decoded).ok());
  EXPECT_EQ(decoded.charset, "GB18030");
  EXPECT_EQ(decoded.alternative, "");
  ASSERT_TRUE(Decode(Encode("windows-950-2000", kTraditional), "", &decoded).ok());
  EXPECT_EQ(decoded.charset, "Big5");
  EXPECT_EQ(decoded.alternative, "");
  ASSERT_TRUE(Decode(Encode("gb18030", "赌博"), "gbk", &decoded).ok());
  EXPECT_EQ(decoded.alternative, "");
  ASSERT_TRUE(Decode("赌博", "", &decoded).ok());
  EXPECT_EQ(decoded.alternative, "");
}

// Bytes that are well-formed UTF-8 and yet are not.
TEST(DetectionTest, UnitsOfAsciiHalvesAreNotTakenForUtf8) {
  struct Row {
    const char* icu;
    const char* charset;
    std::string_view text;
  };
  const Row rows[] = {
      {"UTF-16LE", "UTF-16LE", "казино онлайн"}, {"UTF-16BE", "UTF-16BE", "казино онлайн"},
      {"UTF-16LE", "UTF-16LE", "online casino"}, {"UTF-16BE", "UTF-16BE", "online casino"},
      {"UTF-32LE", "UTF-32LE", "online casino"}, {"ISO-2022-JP", "ISO-2022-JP", "オンラインカジノ"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const std::string bytes = Encode(row.icu, row.text);
    ASSERT_TRUE(ValidUtf8(bytes));
    Decoded decoded;
    ASSERT_TRUE(Decode(bytes, "", &decoded).ok());
    EXPECT_EQ(decoded.charset, row.charset);
    EXPECT_EQ(decoded.text, row.text);
  }
  // A few controls among letters are somebody's hiding place, not another charset.
  for (std::string_view text :
       {"c\0a\0sino"sv, "c\x01\x01\x01\x01\x01\x01sino"sv, "\x1b[1mcasino\x1b[0m"sv}) {
    Decoded decoded;
    ASSERT_TRUE(Decode(text, "", &decoded).ok());
    EXPECT_EQ(decoded.charset, "UTF-8");
    EXPECT_EQ(decoded.text, text);
  }
}

}  // namespace
}  // namespace winnow::text
