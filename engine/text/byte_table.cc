#include "engine/text/byte_table.h"

#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "engine/text/gb18030.h"

namespace winnow::text {
namespace {

using Lead = ByteTable::Lead;

bool IsPrivateUse(char32_t c) { return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000; }

// What one ICU converter says about one byte sequence.
struct Answer {
  enum Kind { kNothing, kIncomplete, kCharacter } kind = kNothing;
  char32_t first = 0;
  char32_t second = 0;  // 0 unless the sequence stands for two characters
};

// Characters of HKSCS that ICU leaves at the private-use characters they once had: strokes and
// ideographs that Unicode took in later.
struct Hkscs {
  uint16_t bytes;
  char16_t character;
};
constexpr Hkscs kHkscs[] = {
    {0x8840, 0x31c0}, {0x8841, 0x31c1}, {0x8842, 0x31c2}, {0x8843, 0x31c3}, {0x8844, 0x31c4},
    {0x8846, 0x31c5}, {0x8849, 0x31c6}, {0x884a, 0x31c7}, {0x884d, 0x31c8}, {0x884f, 0x31c9},
    {0x8850, 0x31ca}, {0x8851, 0x31cb}, {0x8852, 0x31cc}, {0x8854, 0x31cd}, {0x8855, 0x31ce},
    {0xc879, 0x31cf}, {0x88a9, 0x23da}, {0x88aa, 0x23db}, {0x8c43, 0x9fa6}, {0x8c6d, 0x9fa7},
    {0x8c74, 0x9fa8}, {0x8cb7, 0x9fa9}, {0x8cb9, 0x9faa}, {0x8cbb, 0x9fab}, {0x8cc0, 0x9fac},
    {0x8cd7, 0x9fad}, {0x8cd8, 0x9fae}, {0x8cda, 0x9faf}, {0xc8a1, 0x9fb0}, {0xc8a3, 0x9fb1},
    {0x8ced, 0x9fb2}, {0x8d48, 0x9fb3},
};

class Converter {
 public:
  // ICU's data is part of the library we link, so a converter of our list that does not open is a
  // broken installation. Text must not be read wrongly for it.
  explicit Converter(const char* name) {
    if (name == nullptr) return;
    UErrorCode error = U_ZERO_ERROR;
    converter_.reset(ucnv_open(name, &error));
    if (U_SUCCESS(error)) {
      ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                          &error);
    }
    if (U_FAILURE(error)) std::abort();
  }

  Answer Ask(const std::string& bytes) {
    Answer answer;
    if (converter_ == nullptr) return answer;
    UErrorCode error = U_ZERO_ERROR;
    UChar units[8];
    ucnv_resetToUnicode(converter_.get());
    const int32_t n = ucnv_toUChars(converter_.get(), units, 8, bytes.data(),
                                    static_cast<int32_t>(bytes.size()), &error);
    if (error == U_TRUNCATED_CHAR_FOUND && n == 0) answer.kind = Answer::kIncomplete;
    if (U_FAILURE(error) || n == 0) return answer;
    int32_t i = 0;
    UChar32 c;
    U16_NEXT(units, i, n, c);
    answer.first = static_cast<char32_t>(c);
    if (i < n) {
      U16_NEXT(units, i, n, c);
      answer.second = static_cast<char32_t>(c);
    }
    // A sequence that is a character and then another is not one sequence.
    answer.kind = i == n ? Answer::kCharacter : Answer::kNothing;
    return answer;
  }

 private:
  struct Close {
    void operator()(UConverter* c) const { ucnv_close(c); }
  };
  std::unique_ptr<UConverter, Close> converter_;
};

class Builder {
 public:
  explicit Builder(const Charset& charset)
      : primary_(charset.icu),
        extension_(charset.icu_extension),
        hkscs_(charset.name == "Big5" || charset.name == "Big5-HKSCS") {}

  std::unique_ptr<ByteTable> Build(bool gb18030) {
    table_ = std::make_unique<ByteTable>();
    bool any_lead = false;
    for (int b = 0; b < 256; ++b) {
      AddSingle(static_cast<uint8_t>(b));
      any_lead = any_lead || table_->lead[b] == Lead::kLead;
    }
    if (any_lead) {
      table_->two.resize(128 * 256);
      for (int b = 0x80; b < 256; ++b) {
        if (table_->lead[b] == Lead::kLead) AddTwo(static_cast<uint8_t>(b));
      }
    }
    if (gb18030) AddFour();
    return std::move(table_);
  }

 private:
  Answer Ask(const std::string& bytes) {
    const Answer first = primary_.Ask(bytes);
    if (first.kind == Answer::kIncomplete ||
        (first.kind == Answer::kCharacter && !IsPrivateUse(first.first))) {
      return first;
    }
    const Answer second = extension_.Ask(bytes);
    if (first.kind == Answer::kNothing) return second;
    return second.kind == Answer::kCharacter && !IsPrivateUse(second.first) ? second : first;
  }

  void AddSingle(uint8_t b) {
    // IBM's tables exchange three controls; nobody else's do.
    if (b < 0x80) {
      table_->lead[b] = Lead::kSingle;
      table_->single[b] = b;
      return;
    }
    const Answer answer = Ask(std::string(1, static_cast<char>(b)));
    table_->single[b] = answer.first;
    switch (answer.kind) {
      case Answer::kNothing:
        table_->lead[b] = Lead::kIllegal;
        break;
      case Answer::kIncomplete:
        table_->lead[b] = IsShift(b) ? Lead::kThree : Lead::kLead;
        if (IsShift(b)) AddThree(b);
        break;
      case Answer::kCharacter:
        // Vendors park bytes they left undefined at private-use characters.
        table_->lead[b] = IsPrivateUse(answer.first) ? Lead::kIllegal : Lead::kSingle;
        break;
    }
  }

  // True when `b` and a second byte are still not a character: EUC-JP's single shift 3.
  bool IsShift(uint8_t b) {
    return Ask({static_cast<char>(b), '\xb0'}).kind == Answer::kIncomplete;
  }

  void AddTwo(uint8_t b) {
    for (int t = 0; t < 256; ++t) {
      Answer answer = Ask({static_cast<char>(b), static_cast<char>(t)});
      if (hkscs_ && IsPrivateUse(answer.first)) {
        answer = FromHkscs(b, static_cast<uint8_t>(t), answer);
      }
      if (answer.kind != Answer::kCharacter) continue;
      char32_t& slot = table_->two[(b - 0x80) * 256 + t];
      slot = answer.first;
      if (answer.second != 0) {
        table_->pairs.push_back({answer.first, answer.second});
        slot = ByteTable::kPairs + static_cast<char32_t>(table_->pairs.size());
      }
    }
  }

  static Answer FromHkscs(uint8_t b, uint8_t t, const Answer& otherwise) {
    const int bytes = b << 8 | t;
    for (const Hkscs& row : kHkscs) {
      if (row.bytes == bytes) return {Answer::kCharacter, row.character};
    }
    // The four that Unicode writes with a combining mark.
    switch (bytes) {
      case 0x8862:
        return {Answer::kCharacter, 0xca, 0x304};
      case 0x8864:
        return {Answer::kCharacter, 0xca, 0x30c};
      case 0x88a3:
        return {Answer::kCharacter, 0xea, 0x304};
      case 0x88a5:
        return {Answer::kCharacter, 0xea, 0x30c};
    }
    return otherwise;
  }

  void AddThree(uint8_t b) {
    table_->three.resize(94 * 94);
    for (int second = 0; second < 94; ++second) {
      for (int third = 0; third < 94; ++third) {
        const Answer answer = Ask({static_cast<char>(b), static_cast<char>(second + 0xa1),
                                   static_cast<char>(third + 0xa1)});
        if (answer.kind == Answer::kCharacter && answer.second == 0) {
          table_->three[second * 94 + third] = answer.first;
        }
      }
    }
  }

  void AddFour() {
    Converter gb18030("gb18030");
    table_->four.resize(kGb18030BmpCount);
    for (uint32_t linear = 0; linear < kGb18030BmpCount; ++linear) {
      const Answer answer = gb18030.Ask(Gb18030Bytes(linear));
      if (answer.kind == Answer::kCharacter && answer.second == 0 && answer.first < 0x10000) {
        table_->four[linear] = static_cast<uint16_t>(answer.first);
      }
    }
  }

  Converter primary_;
  Converter extension_;
  const bool hkscs_;
  std::unique_ptr<ByteTable> table_;
};

bool HasFourBytes(const Charset& charset) {
  const auto names_gb18030 = [](const char* icu) {
    return icu != nullptr && std::string_view(icu) == "gb18030";
  };
  return names_gb18030(charset.icu) || names_gb18030(charset.icu_extension);
}

}  // namespace

const ByteTable& TableOf(const Charset& charset) {
  struct Slot {
    std::once_flag once;
    std::unique_ptr<ByteTable> table;
  };
  // Never destroyed: a thread may still decode while the process exits.
  static Slot* const slots = new Slot[CharsetCount()];
  Slot& slot = slots[IndexOf(charset)];
  std::call_once(slot.once, [&] { slot.table = Builder(charset).Build(HasFourBytes(charset)); });
  return *slot.table;
}

}  // namespace winnow::text
