#include "tests/evasion/letters.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>

#include "tests/evasion/writing.h"

namespace winnow::evasion {
namespace {

constexpr std::u32string_view kCyrillic[26] = {
    U"аА", U"ЬВв", U"сС", U"ԁ",  U"еЕ", U"",   U"ԍ",  U"һНн", U"іІ", U"јЈ",  U"кК", U"ӏӀ", U"мМ",
    U"п",  U"оО",  U"рР", U"ԛԚ", U"гя", U"ѕЅ", U"тТ", U"",    U"ѵѴ", U"ԝԜш", U"хХ", U"уУ", U"",
};
constexpr std::u32string_view kGreek[26] = {
    U"αΑ", U"βΒ", U"ϲϹ", U"δ", U"εΕ", U"", U"",   U"Η", U"ιΙ", U"ϳͿ", U"κΚ", U"",   U"Μ",
    U"ηΝ", U"οΟ", U"ρΡ", U"",  U"",   U"", U"τΤ", U"υ", U"ν",  U"ω",    U"χΧ", U"γΥ", U"Ζ",
};
constexpr std::u32string_view kCherokee[26] = {
    U"Ꭺ", U"Ᏼ", U"Ꮯ", U"Ꭰ", U"Ꭼ", U"",  U"Ꮐ", U"Ꮋ", U"Ꭵ", U"Ꭻ", U"Ꮶ", U"Ꮮ", U"Ꮇ",
    U"",  U"",  U"Ꮲ", U"",  U"Ꮢ", U"Ꮪ", U"Ꭲ", U"",  U"Ꮩ", U"Ꮃ", U"",  U"Ꭹ", U"Ꮓ",
};
constexpr std::u32string_view kSuperscript[26] = {
    U"ᵃₐᴬ", U"ᵇᴮ",  U"ᶜ",   U"ᵈᴰ",  U"ᵉₑᴱ", U"ᶠ",   U"ᵍᴳ",  U"ʰₕᴴ", U"ⁱᵢᴵ",
    U"ʲⱼᴶ", U"ᵏₖᴷ", U"ˡₗᴸ", U"ᵐₘᴹ", U"ⁿₙᴺ", U"ᵒₒᴼ", U"ᵖₚᴾ", U"",    U"ʳᵣᴿ",
    U"ˢₛ",  U"ᵗₜᵀ", U"ᵘᵤᵁ", U"ᵛᵥⱽ", U"ʷᵂ",  U"ˣₓ",  U"ʸ",   U"ᶻ",
};
constexpr std::u32string_view kTurned[26] = {
    U"ɐ", U"q", U"ɔ", U"p", U"ǝ", U"ɟ", U"ƃ", U"ɥ", U"ᴉ", U"ɾ", U"ʞ", U"l", U"ɯ",
    U"u", U"o", U"d", U"b", U"ɹ", U"s", U"ʇ", U"n", U"ʌ", U"ʍ", U"x", U"ʎ", U"z",
};
constexpr std::u32string_view kLeet[26] = {
    U"4@", U"8", U"", U"", U"3", U"",   U"96", U"", U"1!", U"", U"", U"1", U"",
    U"",   U"0", U"", U"", U"",  U"5$", U"7",  U"", U"",   U"", U"", U"",  U"",
};

std::u32string_view ByLetter(const std::u32string_view (&lists)[26], char32_t letter) {
  return IsLatin(letter) ? lists[(letter | 0x20) - U'a'] : std::u32string_view();
}

// Variants in print that ICU's transform does not give, after the usual form.
constexpr std::u32string_view kVariants[] = {
    U"为爲為", U"群羣",   U"里裏裡",   U"线綫線",   U"床牀",     U"吃喫",   U"峰峯",   U"卫衞衛",
    U"踪蹤",   U"台臺枱", U"只隻祇",   U"回囘",     U"毁毀燬",   U"钩鉤鈎", U"杀殺",   U"冲沖衝",
    U"周週",   U"烟煙菸", U"麻蔴",     U"药藥葯",   U"赌賭",     U"铺鋪舖", U"馆館舘", U"伙夥",
    U"奸姦",   U"秘祕",   U"决決",     U"减減",     U"净淨",     U"凑湊",   U"准準",   U"枪槍鎗",
    U"炮砲",   U"说說説", U"户戶",     U"教敎",     U"真眞",     U"清淸",   U"强強彊", U"众眾衆",
    U"币幣",   U"略畧",   U"够夠",     U"采採",     U"岩巖",     U"险險",   U"仇讎讐", U"唇脣",
    U"欲慾",   U"淫婬",   U"脱脫",     U"阅閱",     U"税稅",     U"锐銳",   U"兑兌",   U"刷㕞",
    U"面麵",   U"干乾幹", U"当當",     U"发發髮発", U"体體軆躰", U"迹跡蹟", U"气氣気", U"战戰戦",
    U"卖賣売", U"实實実", U"图圖図",   U"权權権",   U"钱錢銭",   U"单單単", U"变變変", U"高髙",
    U"冰氷",   U"裸躶",   U"国國囯圀", U"步歩",     U"针針鍼",   U"验驗験", U"证證証", U"铁鐵鉄",
    U"读讀読", U"传傳伝", U"转轉転",   U"剑劍剣",   U"弹彈弾",   U"总總総", U"樱櫻桜", U"龙龍竜",
    U"盐鹽塩", U"听聽聴", U"对對対",   U"处處処",   U"艳艷豔",   U"闹鬧閙", U"骗騙騗", U"锁鎖鎻",
    U"葬塟",   U"效効傚", U"餐飡湌",   U"翻飜",     U"答荅",     U"恶惡悪", U"岁歲歳", U"你妳",
    U"产產産", U"秋龝",   U"时時旹",   U"法灋",     U"算祘",     U"宝寶寳",
};
// CJK radicals that stand for the ideograph they are drawn as.
constexpr std::u32string_view kRadicals[] = {
    U"长⻓", U"马⻢", U"见⻅", U"贝⻉", U"车⻋", U"门⻔", U"页⻚",
    U"风⻛", U"飞⻜", U"鱼⻥", U"鸟⻦", U"黄⻩", U"齐⻬", U"龙⻰",
    U"青⻘", U"鬼⻤", U"西⻄", U"民⺠", U"母⺟", U"麦⻨", U"韦⻙",
};

// Components read as one ideograph: the ideograph, then its parts, and a space.
constexpr std::u32string_view kComponents =
    U"江氵工 河氵可 海氵每 法氵去 洗氵先 淫氵㸒 汽氵气 油氵由 流氵㐬 活氵舌 "
    U"消氵肖 游氵斿 港氵巷 洋氵羊 泄氵世 注氵主 溶氵容 漏氵屚 泳氵永 湾氵弯 "
    U"沙氵少 浴氵谷 澡氵喿 沟氵勾 汇氵匚 涉氵步 涨氵张 激氵敫 滴氵啇 没氵殳 "
    U"沉氵冗 治氵台 湿氵显 清氵青 渠氵巨 机木几 枪木仓 林木木 杆木干 校木交 "
    U"相木目 根木艮 样木羊 板木反 权木又 材木才 村木寸 杜木土 柜木巨 标木示 "
    U"械木戒 杠木工 核木亥 赌贝者 账贝长 贩贝反 购贝勾 财贝才 贴贝占 赔贝咅 "
    U"赠贝曾 贿贝有 赃贝庄 赐贝易 赚贝兼 败贝攵 钱钅戋 银钅艮 铁钅失 钢钅冈 "
    U"钥钅月 锁钅肖 针钅十 铃钅令 镜钅竟 链钅连 锦钅帛 错钅昔 钻钅占 铜钅同 "
    U"销钅肖 铺钅甫 铅钅㕣 镖钅票 作亻乍 代亻弋 他亻也 位亻立 体亻本 做亻故 "
    U"信亻言 仿亻方 件亻牛 任亻壬 化亻匕 伪亻为 传亻专 供亻共 保亻呆 优亻尤 "
    U"伤亻昜 债亻责 俄亻我 佛亻弗 倍亻咅 值亻直 付亻寸 仇亻九 低亻氐 住亻主 "
    U"借亻昔 打扌丁 找扌戈 抢扌仓 投扌殳 抖扌斗 扣扌口 换扌奂 挂扌圭 抽扌由 "
    U"押扌甲 拍扌白 招扌召 按扌安 掉扌卓 接扌妾 推扌隹 扩扌广 扫扌彐 报扌𠬝 "
    U"抗扌亢 拉扌立 摸扌莫 操扌喿 捕扌甫 拘扌句 持扌寺 指扌旨 说讠兑 话讠舌 "
    U"证讠正 请讠青 谁讠隹 诈讠乍 词讠司 认讠人 识讠只 让讠上 讨讠寸 评讠平 "
    U"计讠十 议讠义 记讠己 设讠殳 访讠方 试讠式 诗讠寺 课讠果 读讠卖 语讠吾 "
    U"调讠周 谋讠某 谣讠䍃 订讠丁 许讠午 饭饣反 饮饣欠 饼饣并 馆饣官 饥饣几 "
    U"红纟工 约纟勺 级纟及 线纟戋 组纟且 给纟合 绝纟色 结纟吉 经纟圣 网冂㐅 "
    U"细纟田 终纟冬 绑纟邦 续纟卖 维纟隹 织纟只 绕纟尧 狗犭句 猫犭苗 独犭虫 "
    U"猪犭者 狂犭王 猎犭昔 狼犭良 犯犭㔾 好女子 妈女马 她女也 奸女干 妇女彐 "
    U"姐女且 妹女未 姓女生 婚女昏 娼女昌 妓女支 嫖女票 姑女古 娘女良 奶女乃 "
    U"妖女夭 嫩女敕 吗口马 吃口乞 叫口丩 吸口及 吧口巴 呢口尼 喝口曷 唱口昌 "
    U"咪口米 明日月 时日寸 暗日音 昨日乍 晚日免 地土也 场土昜 坏土不 城土成 "
    U"址土止 块土夬 坦土旦 坑土亢 埋土里 精米青 粉米分 料米斗 粮米良 弹弓单 "
    U"张弓长 强弓虽 引弓丨 炸火乍 烟火因 炮火包 烧火尧 灯火丁 爆火暴 炒火少 "
    U"炼火柬 毒龶母 种禾中 私禾厶 秘禾必 科禾斗 税禾兑 和禾口 租禾且 积禾只 "
    U"玩王元 现王见 球王求 理王里 班王王 环王不 加力口 动云力 助且力 功工力 "
    U"劫去力 别另刂 到至刂 刷尸刂 刑开刂 利禾刂 剑佥刂 刻亥刂 刮舌刂 收丩攵 "
    U"放方攵 政正攵 教孝攵 攻工攵 改己攵 敌舌攵 救求攵 效交攵 群君羊 邮由阝 "
    U"都者阝 部咅阝 邪牙阝 院阝完 防阝方 陪阝咅 阳阝日 阴阝月 附阝付 险阝佥 "
    U"际阝示 除阝余 限阝艮 随阝有 情忄青 性忄生 快忄夬 怕忄白 惊忄京 恨忄艮 "
    U"忙忄亡 怀忄不 冰冫水 次冫欠 冲冫中 决冫夬 准冫隹 减冫咸 净冫争 冻冫东 "
    U"冷冫令 行彳亍 得彳㝵 往彳主 律彳聿 待彳寺 德彳悳 社礻土 神礻申 福礻畐 "
    U"礼礻乚 视礻见 祖礻且 被衤皮 裤衤库 裸衤果 初衤刀 衬衤寸 跑足包 路足各 "
    U"跳足兆 踪足宗 跟足艮 踢足易 轮车仑 转车专 软车欠 辆车两 输车俞 轰车双 "
    U"较车交 驾加马 骗马扁 骑马奇 验马佥 驱马区 胸月匈 肛月工 胖月半 脱月兑 "
    U"服月𠬝 肥月巴 脑月㐫 胎月台 腿月退 肤月夫 股月殳 朋月月 期其月 肝月干 "
    U"肾臤月 脏月庄 眼目艮 睡目垂 盯目丁 瞎目害 睛目青 项工页 顺川页 预予页 "
    U"领令页 频步页 须彡页 额客页 鸭甲鸟 鸡又鸟 鸦牙鸟 鹅我鸟 码石马 破石皮 "
    U"硬石更 砖石专 砍石欠 研石开 确石角 对又寸 双又又 欢又欠 难又隹 戏又戈 "
    U"观又见 取耳又 站立占 彩采彡 影景彡 形开彡 所户斤 新亲斤 断米斤 欣斤欠 "
    U"款示欠 歌哥欠 欲谷欠 乱舌乚 辞舌辛 甜舌甘 刊干刂 封圭寸 ";

struct HanTables {
  std::map<char32_t, std::u32string> ideographs;
  std::map<char32_t, std::vector<std::u32string>> components;
};

const HanTables& Tables() {
  static const HanTables& tables = *[] {
    auto* t = new HanTables;
    const auto add = [&](char32_t to, char32_t from) {
      std::u32string& list = t->ideographs[to];
      if (from != to && list.find(from) == list.npos) list.push_back(from);
    };
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(error);
    const std::unique_ptr<icu::Transliterator> traditional(
        icu::Transliterator::createInstance("Simplified-Traditional", UTRANS_FORWARD, error));
    if (U_FAILURE(error)) std::abort();
    for (UChar32 c = 0x4e00; c < 0xa000; ++c) {
      icu::UnicodeString s(c);
      traditional->transliterate(s);
      if (s.countChar32() == 1) add(static_cast<char32_t>(c), static_cast<char32_t>(s.char32At(0)));
    }
    // Kangxi radicals, compatibility ideographs and their supplement.
    const UChar32 ranges[][2] = {{0x2f00, 0x2fd6}, {0xf900, 0xfae0}, {0x2f800, 0x2fa1e}};
    for (const auto& [begin, end] : ranges) {
      for (UChar32 c = begin; c < end; ++c) {
        const icu::UnicodeString s = nfkc->normalize(icu::UnicodeString(c), error);
        if (s.countChar32() == 1) {
          add(static_cast<char32_t>(s.char32At(0)), static_cast<char32_t>(c));
        }
      }
    }
    for (std::u32string_view list : kVariants) {
      for (char32_t c : list.substr(1)) add(list[0], c);
    }
    for (std::u32string_view list : kRadicals) add(list[0], list[1]);
    for (std::u32string_view rest = kComponents; !rest.empty();) {
      const std::u32string_view list = rest.substr(0, rest.find(U' '));
      t->components[list[0]].emplace_back(list.substr(1));
      rest.remove_prefix(list.size() + 1);
    }
    return t;
  }();
  return tables;
}

}  // namespace

std::u32string_view CyrillicFor(char32_t letter) { return ByLetter(kCyrillic, letter); }
std::u32string_view GreekFor(char32_t letter) { return ByLetter(kGreek, letter); }
std::u32string_view CherokeeFor(char32_t letter) { return ByLetter(kCherokee, letter); }
std::u32string_view SuperscriptFor(char32_t letter) { return ByLetter(kSuperscript, letter); }
std::u32string_view TurnedFor(char32_t letter) { return ByLetter(kTurned, letter); }

std::u32string_view LeetFor(char32_t c) {
  if (c == U'0') return U"oO";
  if (c == U'1') return U"lI";
  return ByLetter(kLeet, c);
}

char32_t MathFor(char32_t c, uint32_t alphabet) {
  // Where each alphabet's A is; its small letters follow.
  constexpr char32_t kA[kMathAlphabets] = {0x1d400, 0x1d434, 0x1d468, 0x1d49c, 0x1d4d0,
                                           0x1d504, 0x1d538, 0x1d56c, 0x1d5a0, 0x1d5d4,
                                           0x1d608, 0x1d63c, 0x1d670};
  // Letters that had been encoded before.
  struct Hole {
    char32_t at;
    char32_t instead;
  };
  constexpr Hole kHoles[] = {
      {0x1d455, U'ℎ'}, {0x1d49d, U'ℬ'}, {0x1d4a0, U'ℰ'}, {0x1d4a1, U'ℱ'}, {0x1d4a3, U'ℋ'},
      {0x1d4a4, U'ℐ'}, {0x1d4a7, U'ℒ'}, {0x1d4a8, U'ℳ'}, {0x1d4ad, U'ℛ'}, {0x1d4ba, U'ℯ'},
      {0x1d4bc, U'ℊ'}, {0x1d4c4, U'ℴ'}, {0x1d506, U'ℭ'}, {0x1d50b, U'ℌ'}, {0x1d50c, U'ℑ'},
      {0x1d515, U'ℜ'}, {0x1d51d, U'ℨ'}, {0x1d53a, U'ℂ'}, {0x1d53f, U'ℍ'}, {0x1d545, U'ℕ'},
      {0x1d547, U'ℙ'}, {0x1d548, U'ℚ'}, {0x1d549, U'ℝ'}, {0x1d551, U'ℤ'},
  };
  if (IsDigit(c)) return 0x1d7ce + alphabet % 5 * 10 + (c - U'0');
  if (!IsLatin(c)) return 0;
  const bool small = c >= U'a';
  const char32_t at = kA[alphabet] + (small ? 26 : 0) + ((c | 0x20) - U'a');
  for (const Hole& hole : kHoles) {
    if (hole.at == at) return hole.instead;
  }
  return at;
}

const std::u32string& IdeographsFor(char32_t han) {
  static const std::u32string none;
  const auto it = Tables().ideographs.find(han);
  return it == Tables().ideographs.end() ? none : it->second;
}

const std::vector<std::u32string>& ComponentsFor(char32_t han) {
  static const std::vector<std::u32string> none;
  const auto it = Tables().components.find(han);
  return it == Tables().components.end() ? none : it->second;
}

const std::vector<std::u32string>& NumeralsFor(char32_t c) {
  static const std::map<char32_t, std::vector<std::u32string>> numerals = {
      {U'零', {U"0"}},          {U'〇', {U"0"}},           {U'一', {U"1", U"壹"}},
      {U'二', {U"2", U"贰"}},   {U'三', {U"3", U"叁"}},    {U'四', {U"4", U"肆"}},
      {U'五', {U"5", U"伍"}},   {U'六', {U"6", U"陆"}},    {U'七', {U"7", U"柒"}},
      {U'八', {U"8", U"捌"}},   {U'九', {U"9", U"玖"}},    {U'十', {U"10", U"拾"}},
      {U'百', {U"100", U"佰"}}, {U'千', {U"1000", U"仟"}}, {U'0', {U"零", U"〇"}},
      {U'1', {U"一", U"壹"}},   {U'2', {U"二", U"贰"}},    {U'3', {U"三", U"叁"}},
      {U'4', {U"四", U"肆"}},   {U'5', {U"五", U"伍"}},    {U'6', {U"六", U"陆"}},
      {U'7', {U"七", U"柒"}},   {U'8', {U"八", U"捌"}},    {U'9', {U"九", U"玖"}},
  };
  static const std::vector<std::u32string> none;
  const auto it = numerals.find(c);
  return it == numerals.end() ? none : it->second;
}

}  // namespace winnow::evasion
