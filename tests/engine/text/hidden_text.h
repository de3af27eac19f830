// Text full of everything that the views undo, for properties that must hold whatever comes.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace winnow::text {

// Characters and short stretches, each of its own kind; any sequence of them is valid UTF-8.
inline constexpr std::string_view kAtoms[] = {
    "a",
    "i",
    "o",
    "x",
    "casino",
    "Poker",
    "the",
    "WIN",
    "free",
    "bet365",
    "c4sin0",
    "p0k3r",
    "v1agra",
    "sh!t",
    "pu55y",
    "hellooooo",
    "asssss",
    "A",
    "B",
    "1",
    "2",
    "10",
    "2023",
    "0",
    ".",
    ",",
    "!",
    "?",
    "-",
    "*",
    "_",
    "/",
    "+",
    "'",
    "(",
    ")",
    "&",
    "%",
    ";",
    "#",
    "@",
    "$",
    " ",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "\u3000",
    "\u00a0",
    "。",
    "，",
    "！",
    "、",
    "赌",
    "博",
    "网",
    "站",
    "的",
    "加",
    "微",
    "信",
    "年",
    "月",
    "第",
    "赌博",
    "du",
    "bo",
    "dubo",
    "du3",
    "wǎng",
    "xian",
    "wei xin",
    "zhuang",
    "vx",
    "堵",
    "菠",
    "薇",
    "网上赌场",
    "賭",
    "場",
    "發票",
    "⽹",
    "ｃ",
    "ａ",
    "Ｓ",
    "ｉ",
    "ｶ",
    "ﾞ",
    "か",
    "\u3099",
    "ガ",
    "한",
    "국",
    "\u1112",
    "\u1161",
    "\u11ab",
    "ㅋ",
    "ㅠ",
    "е",
    "о",
    "С",
    "н",
    "в",
    "Нет",
    "город",
    "й",
    "и\u0306",
    "α",
    "β",
    "Ω",
    "σ",
    "ά",
    "é",
    "e\u0301",
    "ö",
    "Việt",
    "ß",
    "ﬁ",
    "İ",
    "ǆ",
    "²",
    "½",
    "㎛",
    "①",
    "⑴",
    "Ⓟ",
    "🅿",
    "𝓹",
    "𝟙",
    "ᴏ",
    "ʀ",
    "\u200b",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u00ad",
    "\ufe0f",
    "\u2060",
    "\u202e",
    "\u2066",
    "\U000e0061",
    "\U000e0101",
    "\u0336",
    "\u0301",
    "\u0323",
    "\u0489",
    "\u20dd",
    "\u0e47",
    "\u0900",
    "\u064b",
    "नमस्ते",
    "สวัสดี",
    "مرحبا",
    "שלום",
    "🎲",
    "❤️",
    "👨‍👩‍👧",
    "★",
    "●",
    "🇨",
    "🇳",
    "🇺",
    "🇸",
    "🇵",
    "&#112;",
    "&#x6f;",
    "&#8203;",
    "&nbsp;",
    "&amp;",
    "&amp;#112;",
    "&lt;",
    "%70",
    "%6F",
    "%20",
    "%E8%B5%8C",
    "%E5",
    "%ff",
    "50%",
    R"(\u8d4c)",
    R"(\u{6F})",
    R"(\x70)",
    R"(\x6f\x72)",
    R"(\U0001d4d0)",
    R"(\ud835\udcd0)",
    R"(\u200b)",
    R"(\xe8\xb5\x8c)",
    R"(\u00)",
    R"(\x)",
    R"(\)",
    "=E8=B5=8C",
    "=70=6F",
    "=6E",
    "=E8=B5",
    "=",
    "6",
    "＝",
    "＼",
    "％",
    "＆",
    "＃",
    "\x01",
    "\u0085",
    "\ufffd",
    "\U0010ffff",
    "\U00020000",
    "\u2800",
    "p\u0336\u0322o\u0336r\u0336n",
    "w i n",
    "w.i.n",
    "w-i-n b-i-g",
    "赌 博",
    "赌*博*网",
    "p\u200bo\u200br\u200bn",
    "J. R. R.",
    "U.S.A.",
    "example.com",
    "3.14",
};

inline std::string_view AnyAtom(std::mt19937* random) {
  return kAtoms[(*random)() % (sizeof(kAtoms) / sizeof(kAtoms[0]))];
}

// About `bytes` of atoms; ordinary words and long hidden, repeated or spaced stretches among them.
inline std::string HiddenText(std::mt19937* random, size_t bytes) {
  constexpr std::string_view kWords[] = {"ordinary words ", "go on and on ",  "普通的文字",
                                         "没有什么特别，",  "обычный текст ", "end of it. "};
  std::string text;
  while (text.size() < bytes) {
    switch ((*random)() % 24) {
      case 0: {  // one thing over and over
        const std::string_view atom = AnyAtom(random);
        const size_t times = (*random)() % 8 == 0 ? 900 : (*random)() % 40;
        for (size_t i = 0; i < times; ++i) text += atom;
        break;
      }
      case 1: {  // held apart
        const std::string_view gap = AnyAtom(random);
        const size_t times = (*random)() % 8 == 0 ? 200 : (*random)() % 12;
        for (size_t i = 0; i < times; ++i) {
          text += "casino"[(*random)() % 6];
          text += gap;
        }
        break;
      }
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        for (size_t i = (*random)() % 20; i > 0; --i) text += kWords[(*random)() % 6];
        break;
      default:
        for (size_t i = (*random)() % 8; i > 0; --i) text += AnyAtom(random);
        break;
    }
  }
  return text;
}

}  // namespace winnow::text
