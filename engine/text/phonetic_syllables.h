// Syllables of pinyin as numbers, and the ideographs with several readings: what the table of
// readings is made with when the program is built. Private to this room.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace winnow::text {

// A syllable's code point, in the private use area, is kFirstSyllable plus its number; 0 is none.
inline constexpr char32_t kFirstSyllable = 0xe000;
inline constexpr uint32_t kSyllableNumbersMax = 24 * 48;
// Ideographs lie below.
inline constexpr char32_t kIdeographsEnd = 0x32000;

// The places of both are part of a syllable's number, which packs keep: only append to the finals.
// "zh", "ch" and "sh" stand before "z", "c" and "s", as the longest is tried first.
inline constexpr std::string_view kInitials[] = {"zh", "ch", "sh", "b", "p", "m", "f", "d",
                                                 "t",  "n",  "l",  "g", "k", "h", "j", "q",
                                                 "x",  "r",  "z",  "c", "s", "y", "w", ""};
inline constexpr std::string_view kFinals[] = {
    "a",    "o",  "e",  "ai", "ei",  "ao",  "ou",  "an",  "en",   "ang",  "eng",
    "ong",  "er", "i",  "ia", "ie",  "iao", "iu",  "ian", "in",   "iang", "ing",
    "iong", "u",  "ua", "uo", "uai", "ui",  "uan", "un",  "uang", "ueng", "ue",
};
static_assert(std::size(kInitials) * 48 == 24 * 48 && std::size(kFinals) <= 48);

// The number of what is spelled so, in lower-case ASCII ("lv" as "lu"); 0 when no syllable can be.
inline uint16_t SyllableNumber(std::string_view spelling) {
  for (uint32_t i = 0; i < std::size(kInitials); ++i) {
    if (spelling.substr(0, kInitials[i].size()) != kInitials[i]) continue;
    const std::string_view final = spelling.substr(kInitials[i].size());
    for (uint32_t f = 0; f < std::size(kFinals); ++f) {
      const bool umlaut = !final.empty() && final[0] == 'v' && kFinals[f][0] == 'u' &&
                          final.substr(1) == kFinals[f].substr(1);
      if (umlaut || final == kFinals[f]) return static_cast<uint16_t>(1 + i * 48 + f);
    }
    return 0;
  }
  return 0;
}

// What else an ideograph is read, where the sounds differ in more than the tone: the character and
// its readings, the commonest first.
inline constexpr std::string_view kHeteronyms =
    "行xing,hang 长chang,zhang 重zhong,chong 乐le,yue 会hui,kuai 着zhe,zhao,zhuo 了le,liao "
    "都dou,du 还hai,huan 得de,dei 地di,de 的de,di 大da,dai 单dan,shan 弹dan,tan 调diao,tiao "
    "度du,duo 佛fo,fu 给gei,ji 和he,huo,hu 贾jia,gu 降jiang,xiang 角jiao,jue 觉jue,jiao 卡ka,qia "
    "落luo,la,lao 绿lu 率lu,shuai 没mei,mo 模mo,mu 便bian,pian 曝pu,bao 强qiang,jiang 色se,shai "
    "塞sai,se 刹sha,cha 厦sha,xia 什shen,shi 省sheng,xing 石shi,dan 识shi,zhi 似si,shi "
    "宿su,xiu 提ti,di 尾wei,yi 系xi,ji 吓xia,he 校xiao,jiao 血xue,xie 削xue,xiao 咽yan,ye "
    "殷yin,yan 约yue,yao 择ze,zhai 扎zha,za 折zhe,she 传chuan,zhuan 朝chao,zhao 车che,ju "
    "称cheng,chen 臭chou,xiu 畜chu,xu 藏cang,zang 曾ceng,zeng 差cha,chai 参can,shen "
    "盛sheng,cheng 薄bao,bo 剥bo,bao 秘mi,bi 泊bo,po 仔zi,zai 娜na,nuo 拓ta,tuo 露lu,lou "
    "陆lu,liu 六liu,lu 熟shu,shou 谁shei,shui 亲qin,qing 圈quan,juan 番fan,pan 否fou,pi 脯pu,fu "
    "龟gui,jun,qiu 蛤ha,ge 核he,hu 吭keng,hang 壳ke,qiao 勒lei,le 俩lia,liang 埋mai,man 脉mai,mo "
    "蔓man,wan 氓mang,meng 泌mi,bi 粘zhan,nian 尿niao,sui 迫po,pai 朴pu,piao,po 茄qie,jia "
    "雀que,qiao 杉shan,sha 射she,ye 属shu,zhu 数shu,shuo 说shuo,shui 伺si,ci 虾xia,ha "
    "巷xiang,hang 叶ye,xie 艾ai,yi 熨yun,yu 扛kang,gang 呢ne,ni 哪na,nei 那na,nei 这zhe,zhei "
    "爪zhao,zhua 琢zuo,zhuo 轧ya,zha,ga 柏bai,bo 蚌bang,beng 堡bao,bu,pu 伯bo,bai 卜bo,bu "
    "侧ce,ze,zhai 禅chan,shan 乘cheng,sheng 匙shi,chi 澄cheng,deng 绰chuo,chao 囤dun,tun "
    "恶e,wu 阿a,e 咖ka,ga 谷gu,yu 稽ji,qi 缉ji,qi 夹jia,ga 槛kan,jian 见jian,xian 嚼jue,jiao "
    "劲jin,jing 句ju,gou 咯ge,lo,ka 咳ke,hai 烙lao,luo 抹mo,ma 摩mo,ma 牟mou,mu 弄nong,long "
    "疟nue,yao 刨pao,bao 屏ping,bing 栖qi,xi 蹊qi,xi 纤xian,qian 券quan,xuan 蛇she,yi 沓da,ta "
    "褪tui,tun 驮tuo,duo 圩wei,xu 万wan,mo 尉wei,yu 洗xi,xian 吁xu,yu 钥yao,yue 术shu,zhu "
    "其qi,ji 奇qi,ji 期qi,ji 嘿hei,mo 嗯en 唔wu 吗ma 吧ba 呗bei 啊a 哎ai 欸ei,ai 喔o,wo 哟yo "
    "趾zhi 嗲dia 攒zan,cuan 撮cuo,zuo 芥jie,gai 隽juan,jun 掺can,chan 拽zhuai,ye 莎sha,suo "
    "炮pao,bao 吐tu 处chu 片pian 把ba 不bu 打da 货huo 操cao 日ri 口kou 比bi 逼bi 屌diao "
    "鸟niao,diao "
    "一yi 二er 两liang 个ge 上shang 下xia 干gan 发fa 女nu 旅lu 律lu 虑lu 吕lu 略lue 虐nue 侣lu "
    "铝lu";

}  // namespace winnow::text
