// Texts in the bytes of other charsets, by ICU's converters.
#pragma once

#include <gtest/gtest.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <memory>
#include <string>
#include <string_view>

namespace winnow::text {

struct CloseConverter {
  void operator()(UConverter* c) const { ucnv_close(c); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

// One that stops at what it cannot convert.
inline Converter Open(const std::string& icu_name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(icu_name.c_str(), &error));
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  EXPECT_TRUE(U_SUCCESS(error)) << icu_name << ": " << u_errorName(error);
  return converter;
}

// `utf8` in the bytes of ICU's charset; empty when it has no such bytes.
inline std::string Encode(UConverter* converter, std::string_view utf8) {
  const icu::UnicodeString units = icu::UnicodeString::fromUTF8({utf8.data(), int(utf8.size())});
  std::string bytes(static_cast<size_t>(units.length()) * 8 + 16, '\0');
  UErrorCode error = U_ZERO_ERROR;
  const int32_t n = ucnv_fromUChars(converter, bytes.data(), static_cast<int32_t>(bytes.size()),
                                    units.getBuffer(), units.length(), &error);
  if (U_FAILURE(error)) return {};
  bytes.resize(static_cast<size_t>(n));
  return bytes;
}
inline std::string Encode(const std::string& icu_name, std::string_view utf8) {
  const std::string bytes = Encode(Open(icu_name).get(), utf8);
  EXPECT_FALSE(bytes.empty()) << icu_name << " cannot write " << utf8;
  return bytes;
}

inline std::string ToUtf8(UChar32 c) {
  std::string out;
  icu::UnicodeString(c).toUTF8String(out);
  return out;
}

}  // namespace winnow::text
