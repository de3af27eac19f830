#include "engine/pack/ordinary_texts.h"

namespace winnow::pack {
namespace {

constexpr std::string_view kChinese[] = {
    "明天下午三点在二楼会议室开会，请大家准时参加。",
    "这家面馆的牛肉面很好吃，就是排队的人太多了。",
    "订单已经发货，预计后天送到，请注意查收短信。",
    "孩子今天有点咳嗽，我们先在家里观察一下。",
    "请问这件外套还有没有大号？颜色要深蓝的。",
    "我上周买的耳机右边没有声音，想申请换货。",
    "周末和朋友去爬山，山顶的风景非常漂亮。",
    "麻烦把合同的第三条再改一下，付款时间写清楚。",
    "地铁十号线今天早上晚点了大约二十分钟。",
    "这本小说的开头很慢，后面越来越精彩。",
    "公司年会定在十二月，节目单下周发给各部门。",
    "新买的冰箱声音有点大，师傅说过几天会好。",
    "老师布置了两页数学作业，还有一篇作文。",
    "请把发票抬头写成公司全称，税号见附件。",
    "他昨天跑完了全程马拉松，用了四个多小时。",
    "附近有没有可以修自行车的地方？链条断了。",
    "今年的橘子特别甜，给你寄了一箱过去。",
    "程序启动时报错，日志里说找不到配置文件。",
    "医生建议少吃盐，多走路，三个月后复查。",
    "租房合同下个月到期，房东说可以再续一年。",
    "请在群里报名，周五之前统计好人数。",
    "这个手机壳手感不错，但是按键有点紧。",
    "飞机晚上九点落地，我自己打车回去就行。",
    "图书馆周一闭馆，其他时间早上八点开门。",
    "我们家的猫最近特别爱睡在窗台上。",
    "请问快递可以送到学校的东门吗？",
    "昨天的比赛下半场才进球，最后一比零赢了。",
    "项目进度比计划晚了一周，需要增加一名测试。",
    "奶奶种的番茄今年结了很多，吃不完。",
    "收到货了，包装完好，客服回复也很快。",
    "这条路正在施工，建议从南边绕行。",
    "他在银行工作，每天很早就要出门。",
    "会员积分年底清零，可以换购小礼品。",
    "下雨天开车要慢一点，刹车距离会变长。",
    "请帮我查一下余额，上次充值好像没有到账。",
    "展览的门票可以在公众号上预约，免费参观。",
    "这道菜先放油，再放葱姜，最后加两勺酱油。",
    "宝宝的出生证明需要带身份证去医院领取。",
    "新员工培训持续三天，内容包括安全和制度。",
    "电影的音乐很美，结尾让人想了很久。",
};

constexpr std::string_view kEnglish[] = {
    "The meeting has moved to Thursday at three; please bring last month's figures.",
    "I ordered a blue jacket in size medium, but a large one arrived. Can I exchange it?",
    "Thanks for the quick delivery, the box was in perfect condition.",
    "We are looking for a two bedroom flat near the station from the first of June.",
    "The train was twenty minutes late this morning because of the snow.",
    "Please find attached the signed contract and our invoice for September.",
    "My daughter has a cough, so we will stay at home today.",
    "The build fails on the second step because the configuration file is missing.",
    "It is a slow book at the start, but the last hundred pages are wonderful.",
    "Could you send me the recipe for the lemon cake you made on Sunday?",
    "The left speaker does not work, and there is a scratch on the case.",
    "Our team won the match one to nil in the last minute.",
    "Add two eggs and a little milk, then stir until the mixture is smooth.",
    "The library closes at six on weekdays and at noon on Saturdays.",
    "I would like to cancel my subscription at the end of this month.",
    "He walked home along the river and thought about the letter.",
    "The new phone is lighter than the old one, but the battery is smaller.",
    "Parents are invited to the school play on Friday evening.",
    "The patient should take one tablet twice a day after meals.",
    "Is there a bus from the airport to the city centre after midnight?",
    "The committee will discuss the budget for next year on Monday.",
    "We hiked to the lake and had lunch under the old trees.",
    "Please reset my password, I cannot sign in from my work account.",
    "The garden needs rain; even the tomatoes look tired this week.",
    "She studied chemistry for two years before she moved to law.",
    "Customers may return goods within thirty days with a receipt.",
    "The road to the north is closed for repairs until the end of April.",
    "I have been learning the guitar for a year and can play five songs.",
    "The function returns an error when the list is empty.",
    "Breakfast is served from seven to ten in the room behind the bar.",
    "They painted the kitchen yellow and put in a larger window.",
    "Your parcel is at the post office; bring a document with your name.",
    "The museum has a new exhibition of maps from the sixteenth century.",
    "Can somebody recommend a good dentist who also sees children?",
    "The weather will be dry and bright, with a cold wind from the east.",
    "Remember to save your work before you install the update.",
    "The bank is open today, but the branch in the high street is closed.",
    "Our cat likes to sleep on top of the warm printer.",
    "The minister said that the bridge would open before the summer.",
    "You can pay by card or by transfer; we send the tickets by mail.",
};

// Words in which shorter ones stand that people filter for, beside those of the texts.
constexpr std::string_view kHosts =
    " advice analysis analyst arsenal assassin assembly assess assignment assistant associate "
    "assume basement bass beaver bitter blackcurrant blowout bombastic breastfeeding brass brigade "
    "buttery butterfly button canal cassette class classic cockatoo cockpit cocktail cockroach "
    "compass constitution country cucumber cumulative custom dickens document drapery drugstore "
    "dukedom embarrass essex evaluate evaporate exterminate fuchsia grape glass "
    "grass gunpowder harass hancock helpful hotshot hypertension identity institution "
    "japanese kissing knives laboratory manslaughter mass massage matchmaking methane "
    "mobster nightmare niggardly nitrate opiate organism organisation pakistan parliament "
    "passage passenger passion peacock pharmacist phoenix piston potash "
    "potential predict psychotherapist raccoon rapeseed respond retardant saturday "
    "scrap scunthorpe sextant sextet shiitake shotgun skyscraper snigger specialist "
    "socialist spicy status subsidy substitution suffix sussex swallow therapeutic therapist "
    "titanic title titration transfer transparent trapeze vagrant whoever "
    "whitespace widget windows ";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The first word of `text` that holds `letters` and more.
std::string_view WordWith(std::string_view text, std::string_view letters) {
  for (size_t at = text.find(letters); at != text.npos; at = text.find(letters, at + 1)) {
    size_t begin = at, end = at + letters.size();
    while (begin > 0 && IsLetter(text[begin - 1])) --begin;
    while (end < text.size() && IsLetter(text[end])) ++end;
    if (end - begin > letters.size()) return text.substr(begin, end - begin);
  }
  return {};
}

}  // namespace

absl::Span<const std::string_view> OrdinaryChineseTexts() { return kChinese; }
absl::Span<const std::string_view> OrdinaryEnglishTexts() { return kEnglish; }

std::string_view OrdinaryWordWith(std::string_view letters) {
  if (const std::string_view word = WordWith(kHosts, letters); !word.empty()) return word;
  for (const std::string_view text : kEnglish) {
    if (const std::string_view word = WordWith(text, letters); !word.empty()) return word;
  }
  return {};
}

}  // namespace winnow::pack
