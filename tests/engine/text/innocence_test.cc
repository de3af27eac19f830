// Ordinary text, whose squeezed view must be empty: nothing in it may become a match that a reader
// would not see. Every innocent text that was once caught gets a row. Two letters apart ("x, y")
// are a run of two capitals, which is like no word and no term of more letters.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/text/normalizer.h"

namespace winnow::text {
namespace {

const std::string_view kInnocent[] = {
    // Words across a space, and words that hold others.
    "A class assignment on the assassination in Scunthorpe, Essex.",
    "I saw a cat. A dog and I ran; it was a b test.",
    "Let me know if I can be of help, or if a change is due by 5 pm on a weekday.",
    // Initials, abbreviations, dotted things.
    "J. R. R. Tolkien met C. S. Lewis in the U.S.A. or the U.K., a.k.a. Britain, e.g. Oxford.",
    "See p. 5, fig. 3.14, v1.2.3, 10.0.0.1, Ph.D. and M.Sc. at 9 a.m. and 5 p.m.",
    "A/B testing, Y/N, and/or, w/o, c/o, I/O, n/a.",
    // Digits as quantities, codes, prices, phones.
    "RTX4090 SKU-4821-BX AB12CD34 B2B H2O x86_64 WD-40 3D 2nd 5kg 4x4",
    "Call 400-820-8820 or +86 138 0013 8000, order 20231105-0042, only $19.99 or ¥1,299.00!",
    "10mmol, 5mins, 3pcs, 8GB, 1080p, 4K, 5G, h264, 2x4, 100ml, 50% off, 24/7",
    "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |",
    "for (i = 0; i < n; ++i) { x[i] = a + b * c; }",
    "x + y = z, a < b > c, f(x, y), (a) one, (b) two, (c) three",
    "https://www.example.com/a/b/c?x=1&y=2#z mailto:first.last@example.co.uk user_name",
    "https://t.co/Ab3dE4fGh https://youtu.be/dQw4w9WgXcQ",
    "#fffaaa 0xdeadbeef Henry VIII, World War III, www, AA batteries",
    "SGVsbG8gd29ybGQhIFRoaXMgaXMgYmFzZTY0IHRleHQu",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "root:~$ ls -l -a -h | wc -l && echo $HOME $PATH",
    // Chinese prose, dates, addresses, promotions, lists.
    "你好，世界。今天天气很好！我们去公园吧？",
    "你好,世界.今天 天气 很好",
    "2023年5月3日上午8时，第3章第2节，3月8号楼5层601室，弄8号",
    "买1送1，满100减20，共3件，买2个，5岁，第3名",
    "吃、喝、玩、乐；甲、乙、丙、丁；葱、姜、蒜",
    "约翰·史密斯，男，30岁，联系电话：13800138000",
    "男/女 是/否 次/分 上/下",
    "慢！慢！慢！好，好，好。是的，我。",
    "浙江-温州-瑞安市，还不错~~包装袋子特别好，肥牛+番茄",
    "我在Google工作，他用iPhone，B站的up主，3D打印，T恤，A股，K歌",
    "哈哈哈哈哈哈，呵呵呵，啊啊啊啊",
    // Other languages.
    "Я и он в саду, а она у реки. И я с ним.",
    "그 사람은 이 일을 할 수 있다. 저 큰 산 위에.",
    "これは私の本です。東京へ行きます。ラーメン、カレー",
    "مرحبا بكم في موقعنا، نحن هنا لمساعدتكم",
    "नमस्ते, आप कैसे हैं? मैं ठीक हूँ।",
    "Tôi yêu Việt Nam, đất nước của tôi. Ở đây có phở.",
    "ภาษาไทยไม่มีการเว้นวรรคระหว่างคำ",
    "Ça va? L'été à Orléans, où j'étais. Où est l'hôtel?",
    "/ˈɪŋɡlɪʃ/ [ˈdɔɪtʃ] CH₃CH₂OH, H₂SO₄, 2,4-dinitrophenol",
    "👨‍👩‍👧‍👦 🇨🇳 🇺🇸 ❤️ 👍🏽 😀 😂 great 🎉",
    "Art. 5 § 2 lit. a GDPR, 42 U.S.C. § 1983, Bürgerliches Gesetzbuch § 1 Abs. 2",
    // Words of several languages that hold others; places and surnames.
    "Penistone, Clitheroe, Lightwater, Assington, Cockermouth, Arsoli, Wankendorf, Titisee",
    "Hancock, Babcock, Dickinson, Weedon, Titmuss, Cummings, Cockburn, Sexton, Lipshitz",
    "Assel, Bassist, Dickmilch, Fahrt, Ausfahrt, Massage; assassin, cassette, cucumber, shiitake",
    "компас, оскорблять, употреблять, застрахуй, мебель, колебания, сабля",
    "如果照顾不好，帮助考试，开心水果，27日比较，大麻哈鱼，空降兵，黄片糖，药片",
    "部落格式，上海洛因，孤独博客，大麻袋装，下水冰毒刺，老鸦片区",
    // Codes that random letters and digits make.
    "3f8a1c7e-f0dd-4a2e-ff0d-49e45a1e450c 2001:db8:f0dd:17a8::e7cc:1",
    R"(C:\users\x64\Release \alpha \xi [\x00-\x1f\x7f] \u00e9t\u00e9 caf\xe9 \u{a})",
    "printf(\"%-4d %6dx %-5s\", a=6f); q=70 & r=65; x=6E =?UTF-8?Q?Caf=C3=A9?=",
    "%f0%9f%98%80 %e7%cc%2d #f0d #5ad #b4d #f0d0c5",
    "Model E 7 C, Part M 4 L, Row F 0 D, size 8B, type 4A, A4, B5, C6",
    "lfxIO/d0Xx+awEA4uTOMSlS0b+tg9/QgTMt+tojI0HgT+zm5",
    // Code.
    "for (i = 0; i < n; i++) { k[i] = *l; l++; }",
    "a[i] = b[j] ^ c[k]; *p++ = *q++; x = y = z;",
    "SELECT a.x, b.y FROM t a JOIN u b ON a.id = b.id WHERE a.z = 5",
    "def f(a, b=1, *c, **d): return [x for x in a if x % b]",
    // Brands and user names.
    "3M, G2A, B2B, M&M's, AT&T, C&A, P&G, U2, UB40",
    "EC2, K9, Q10, B12, 5W30, R134a, CR2032, GU10, 18650",
    "li.wei_88, zhang-san-2024, anna2008, t_smith",
    "Wang Sheng, Dong Fang, Ma Fei, Du Bo, Shi Ting, Pu Yi, Hui Shan; wang.sheng@example.cn",
    // Lists and tables.
    "(a) one; (b) two; (c) three; a) b) c); i. ii. iii. iv. v.",
    "A, B, C, D, E and F; P or Q, R or S; X, Y, Z",
    "一、二、三、四；（一）（二）（三）；①②③；1、2、3",
    "12 34 56 78 90, 1 2 3 4 5 6 7, 0 1 1 0 1 0 0 1",
    // Emoji of many parts.
    "👩‍❤️‍💋‍👩 🏳️‍🌈 🏴‍☠️ 🧑🏿‍🤝‍🧑🏻 "
    "👁️‍🗨️ "
    "1️⃣2️⃣3️⃣ ©️®️™️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    // Joiners, marks, sounds.
    "می‌خرم نمی‌خواهم کتاب‌خانه دست‌نوشته "
    "به‌روزرسانی",
    "क्‍लब शक्‍ति विद्‌या श्री‍मान, "
    "ज़रूरी, "
    "बाज़ार",
    "Ở đây có phở, bún và chè; người Việt, Nguyễn Văn Dũng, Đặng Phúc",
    "/ˈsɛksi/ [ˈkɒk.teɪl] nǐ hǎo, pǔ tōng huà, lǜ",
    // Chemistry, medicine, law, music.
    "N,N-dimethylformamide, (2R,3S)-3-phenyl, o-, m- and p-cresol",
    "b.i.d., t.i.d., q.i.d., p.r.n., p.o., i.v., s.c., c/o, r/o, s/p, 5-HT, SpO2",
    "ss. 1(1)(a), 2 & 3; Sch. 4 Pt. I para. B; Pub. L. No. 91-513",
    "e4 e5, a6, O-O, 1-0; G/B",
};

// The view without its runs of two letters.
std::string WithoutPairs(std::string_view view) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::string rest;
  for (size_t begin = 0; begin < view.size();) {
    const size_t end = std::min(view.find('\n', begin), view.size());
    const std::string_view run = view.substr(begin, end - begin);
    if (run.size() != 2 || !is_capital(run[0]) || !is_capital(run[1])) {
      rest += rest.empty() ? "" : "|";
      rest += run;
    }
    begin = end + 1;
  }
  return rest;
}

// Ordinary text that may be meant in a second way, with what it then shows.
struct ReadTwice {
  std::string_view text;
  std::string_view squeezed;
};
const ReadTwice kReadTwice[] = {
    {"Flags: 🇨🇦🇸🇭 win", "cash\nCash Win"},
    {"Flags: 🇨🇳🇺🇸 win, in 🇮🇳 ?", ""},
    {"https://a.b/c?v=70&t=43s", ""},
    {"width=65px", "widthepx"},
    {"printf(\"%4d %6dx\")", "M Mx"},
    {"the β test", "The B Test"},
    {"вот Bluetooth", "bot\nBot Bluetoth"},
    // Beside words that only their own alphabet has.
    {"вот Bluetooth, который я купил", ""},
    {"τον ελληνικό server, την ψηφιακή", ""},
};

TEST(Innocence, WhatMayBeMeantInASecondWayIsReadTwice) {
  auto normalizer = Normalizer::Create({});
  for (const ReadTwice& row : kReadTwice) {
    normalizer->Begin();
    normalizer->Feed(row.text, true, [&](const Block& block) {
      EXPECT_EQ(block.view(View::kSqueezed), row.squeezed) << row.text;
      return true;
    });
  }
}

TEST(Innocence, OrdinaryTextHasNoSqueezedView) {
  auto normalizer = Normalizer::Create({});
  for (std::string_view text : kInnocent) {
    normalizer->Begin();
    normalizer->Feed(text, true, [&](const Block& block) {
      EXPECT_EQ(WithoutPairs(block.view(View::kSqueezed)), "") << text;
      EXPECT_EQ(block.view(View::kPhonetic), "") << text;
      return true;
    });
  }
}

}  // namespace
}  // namespace winnow::text
