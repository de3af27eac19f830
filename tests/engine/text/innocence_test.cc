// Ordinary text, whose squeezed view must be empty: nothing in it may become a match that a reader
// would not see. Every innocent text that was once caught gets a row.
#include <gtest/gtest.h>

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
    "RTX4090 SKU-4821-BX AB12CD34 iPhone15 B2B H2O x86_64 COVID19 WD-40 3D 2nd 5kg 4x4",
    "Call 400-820-8820 or +86 138 0013 8000, order 20231105-0042, only $19.99 or ¥1,299.00!",
    "10mmol, 5mins, 3pcs, 8GB, 1080p, 4K, 5G, mp3, 2x4, 100ml, 50% off, 24/7",
    "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |",
    "for (i = 0; i < n; ++i) { x[i] = a + b * c; }",
    "x + y = z, a < b > c, f(x, y), (a) one, (b) two, (c) three",
    "https://www.example.com/a/b/c?x=1&y=2#z mailto:first.last@example.co.uk user_name1",
    "https://t.co/Ab3dE4fGh https://youtu.be/dQw4w9WgXcQ",
    "#fffaaa 0xdeadbeef Henry VIII, World War III, www, AAA batteries",
    "SGVsbG8gd29ybGQhIFRoaXMgaXMgYmFzZTY0IHRleHQu",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "user@host:~$ ls -l -a -h | wc -l && echo $HOME $PATH",
    // Chinese prose, dates, addresses, promotions, lists.
    "你好，世界。今天天气很好！我们去公园吧？",
    "你好,世界.今天 天气 很好",
    "2023年5月3日上午8时，第3章第2节，3月8号楼5层601室，弄8号",
    "买1送1，满100减20，共3件，每人2个，5岁，第3名",
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
    "👨‍👩‍👧‍👦 🇨🇳🇺🇸 ❤️ 👍🏽 😀 😂 great 🎉",
    "Art. 5 § 2 lit. a GDPR, 42 U.S.C. § 1983, Bürgerliches Gesetzbuch § 1 Abs. 2",
};

TEST(Innocence, OrdinaryTextHasNoSqueezedView) {
  auto normalizer = Normalizer::Create({});
  for (std::string_view text : kInnocent) {
    normalizer->Begin();
    normalizer->Feed(text, true, [&](const Block& block) {
      EXPECT_EQ(block.view(View::kSqueezed), "") << text;
      EXPECT_EQ(block.view(View::kPhonetic), "") << text;
      return true;
    });
  }
}

}  // namespace
}  // namespace winnow::text
