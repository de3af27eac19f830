#include "engine/text/checksum.h"

#include <algorithm>
#include <array>

namespace winnow::text {
namespace {

constexpr std::string_view kNames[kChecksumCount] = {"",     "luhn",  "cn_resident_id", "cn_uscc",
                                                     "iban", "hk_id", "tw_id"};

// No number with a checksum has more places; a longer text is none.
constexpr size_t kPlacesMax = 64;

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

// The letters and digits of a number, in lower case.
class Places {
 public:
  explicit Places(std::string_view number) {
    for (char c : number) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (IsDigit(c) || IsLetter(c)) {
        if (size_ == kPlacesMax) return;
        places_[size_++] = c;
      } else if (std::string_view(" \t\n-._()").find(c) == std::string_view::npos) {
        return;
      }
    }
    ok_ = true;
  }
  bool ok() const { return ok_; }
  size_t size() const { return size_; }
  char operator[](size_t i) const { return places_[i]; }
  uint32_t Digit(size_t i) const { return static_cast<uint32_t>(places_[i] - '0'); }
  // The number that `count` digits from `first` on spell.
  uint32_t Number(size_t first, size_t count) const {
    uint32_t n = 0;
    for (size_t i = first; i < first + count; ++i) n = n * 10 + Digit(i);
    return n;
  }
  bool DigitsOnly(size_t first, size_t end) const {
    return std::all_of(places_.begin() + first, places_.begin() + end, IsDigit);
  }

 private:
  std::array<char, kPlacesMax> places_ = {};
  size_t size_ = 0;
  bool ok_ = false;
};

bool Luhn(const Places& p) {
  if (p.size() < 2 || !p.DigitsOnly(0, p.size())) return false;
  uint32_t sum = 0;
  bool alike = true;
  for (size_t i = 0; i < p.size(); ++i) {
    uint32_t digit = p.Digit(p.size() - 1 - i);
    alike &= digit == p.Digit(0);
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return !alike && sum % 10 == 0;
}

bool IsDay(uint32_t year, uint32_t month, uint32_t day) {
  constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1850 || year > 2100 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1u : 0u);
}

// The first two digits of a region of GB/T 2260.
bool IsCnRegion(uint32_t region) {
  constexpr uint8_t kRegions[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34,
                                  35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                                  53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91};
  return std::binary_search(std::begin(kRegions), std::end(kRegions), region);
}

bool CnResidentId(const Places& p) {
  if (p.size() != 18 || !p.DigitsOnly(0, 17) || !(IsDigit(p[17]) || p[17] == 'x')) return false;
  if (!IsCnRegion(p.Number(0, 2)) || !IsDay(p.Number(6, 4), p.Number(10, 2), p.Number(12, 2))) {
    return false;
  }
  constexpr uint8_t kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  uint32_t sum = 0;
  for (size_t i = 0; i < 17; ++i) sum += p.Digit(i) * kWeights[i];
  return p[17] == "10x98765432"[sum % 11];
}

bool CnUscc(const Places& p) {
  // Without the letters that look like digits.
  constexpr std::string_view kAlphabet = "0123456789abcdefghjklmnpqrtuwxy";
  constexpr uint8_t kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (p.size() != 18 || !p.DigitsOnly(2, 8)) return false;
  uint32_t sum = 0;
  bool alike = true;
  for (size_t i = 0; i < 17; ++i) {
    const size_t value = kAlphabet.find(p[i]);
    if (value == kAlphabet.npos) return false;
    alike &= p[i] == p[0];
    sum += static_cast<uint32_t>(value) * kWeights[i];
  }
  return !alike && p[17] == kAlphabet[(31 - sum % 31) % 31];
}

bool Iban(const Places& p) {
  if (p.size() < 15 || p.size() > 34 || !IsLetter(p[0]) || !IsLetter(p[1]) || !p.DigitsOnly(2, 4)) {
    return false;
  }
  uint32_t rest = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    const char c = p[(i + 4) % p.size()];
    rest = IsDigit(c) ? (rest * 10 + static_cast<uint32_t>(c - '0')) % 97
                      : (rest * 100 + static_cast<uint32_t>(c - 'a') + 10) % 97;
  }
  return rest == 1;
}

bool HkId(const Places& p) {
  if (p.size() != 8 && p.size() != 9) return false;
  const size_t letters = p.size() - 7;
  const char check = p[p.size() - 1];
  if (!IsLetter(p[0]) || !IsLetter(p[letters - 1]) || !p.DigitsOnly(letters, p.size() - 1) ||
      !(IsDigit(check) || check == 'a')) {
    return false;
  }
  // A number with one letter has a blank before it, which counts 36.
  uint32_t sum = letters == 1 ? 36 * 9 : 0;
  for (size_t i = 0; i + 1 < p.size(); ++i) {
    const uint32_t value = IsLetter(p[i]) ? static_cast<uint32_t>(p[i] - 'a') + 10 : p.Digit(i);
    sum += value * static_cast<uint32_t>(p.size() - i);
  }
  sum += check == 'a' ? 10 : static_cast<uint32_t>(check - '0');
  return sum % 11 == 0;
}

bool TwId(const Places& p) {
  // By letter, the two digits that it stands for; they are in no order.
  constexpr uint8_t kOfLetter[] = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                   22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
  if (p.size() != 10 || !IsLetter(p[0]) || !p.DigitsOnly(1, 10)) return false;
  // Sex: 1, 2; of foreign residents 8, 9.
  if (p[1] != '1' && p[1] != '2' && p[1] != '8' && p[1] != '9') return false;
  const uint32_t letter = kOfLetter[p[0] - 'a'];
  uint32_t sum = letter / 10 + letter % 10 * 9 + p.Digit(9);
  for (size_t i = 1; i < 9; ++i) sum += p.Digit(i) * static_cast<uint32_t>(9 - i);
  return sum % 10 == 0;
}

}  // namespace

absl::Span<const std::string_view> ChecksumNames() { return kNames; }

bool Satisfies(Checksum checksum, std::string_view number) {
  if (checksum == Checksum::kNone) return true;
  const Places places(number);
  if (!places.ok()) return false;
  switch (checksum) {
    case Checksum::kNone:
      return true;
    case Checksum::kLuhn:
      return Luhn(places);
    case Checksum::kCnResidentId:
      return CnResidentId(places);
    case Checksum::kCnUscc:
      return CnUscc(places);
    case Checksum::kIban:
      return Iban(places);
    case Checksum::kHkId:
      return HkId(places);
    case Checksum::kTwId:
      return TwId(places);
  }
  return false;
}

}  // namespace winnow::text
