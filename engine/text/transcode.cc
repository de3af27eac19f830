#include "engine/text/transcode.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "engine/text/utf8_scan.h"

namespace winnow::text {
namespace {

const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

char* PutUtf8(char32_t c, char* to) {
  const auto continuation = [&c](int shift) {
    return static_cast<char>(0x80 | ((c >> shift) & 0x3f));
  };
  if (c < 0x80) {
    *to++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *to++ = static_cast<char>(0xc0 | c >> 6);
    *to++ = continuation(0);
  } else if (c < 0x10000) {
    *to++ = static_cast<char>(0xe0 | c >> 12);
    *to++ = continuation(6);
    *to++ = continuation(0);
  } else {
    *to++ = static_cast<char>(0xf0 | c >> 18);
    *to++ = continuation(12);
    *to++ = continuation(6);
    *to++ = continuation(0);
  }
  return to;
}

}  // namespace

// Where decoded characters go.
class Transcoder::Sink {
 public:
  Sink(Decoded* out, uint64_t text_at, uint64_t source_at)
      : out_(out), text_begin_(text_at), source_at_(source_at), next_source_(source_at) {}

  // Room for what `bytes` of source become at most, ending at Written(). A byte makes at most
  // three: the longest character of one byte, U+FFFD included, has three bytes of UTF-8, and none
  // of n bytes has more than 3n.
  void Reserve(size_t source_bytes) {
    out_->storage.resize(used_ + 3 * source_bytes);
    to_ = out_->storage.data() + used_;
  }
  void Written() { used_ = static_cast<size_t>(to_ - out_->storage.data()); }
  void Finish() { out_->storage.resize(used_); }

  // `n` bytes of source that are themselves the text.
  void Copy(const uint8_t* p, size_t n) {
    AddRun(1, 1);
    std::memcpy(to_, p, n);
    to_ += n;
    Advance(n);
  }

  void Put(const Character& c, size_t source_bytes) {
    if (c.kind == Character::kNone) {
      source_at_ += source_bytes;
      return;
    }
    char* const begin = to_;
    char* end = PutUtf8(c.kind == Character::kIllFormed ? U'\ufffd' : c.first, begin);
    if (c.kind == Character::kTwo) end = PutUtf8(c.second, end);
    if (c.kind == Character::kIllFormed) ++out_->replacements;
    AddRun(static_cast<uint8_t>(end - begin), static_cast<uint8_t>(source_bytes));
    to_ = end;
    Advance(source_bytes);
  }

  uint64_t source_at() const { return source_at_; }

 private:
  void AddRun(uint8_t text_width, uint8_t source_width) {
    if (!out_->runs.empty()) {
      const Decoded::Run& run = out_->runs.back();
      if (run.text_width == text_width && run.source_width == source_width &&
          next_source_ == source_at_) {
        return;
      }
    }
    const auto text_at = text_begin_ + static_cast<uint64_t>(to_ - out_->storage.data());
    out_->runs.push_back({text_at, source_at_, text_width, source_width});
  }
  void Advance(size_t source_bytes) {
    source_at_ += source_bytes;
    next_source_ = source_at_;
  }

  Decoded* const out_;
  const uint64_t text_begin_;
  uint64_t source_at_;
  uint64_t next_source_;  // where the last character ended
  size_t used_ = 0;
  char* to_ = nullptr;
};

Transcoder::Transcoder(const Charset& charset, uint32_t bom_bytes, uint64_t ascii_before)
    : charset_(&charset),
      bom_bytes_(bom_bytes),
      text_at_(ascii_before),
      source_at_(bom_bytes + ascii_before) {
  switch (charset.family) {
    case Family::kUtf8:
      decoder_ = Utf8Decoder{};
      break;
    case Family::kUtf16:
    case Family::kUtf16Le:
      decoder_ = Utf16Decoder<false>{};
      break;
    case Family::kUtf16Be:
      decoder_ = Utf16Decoder<true>{};
      break;
    case Family::kUtf32:
    case Family::kUtf32Le:
      decoder_ = Utf32Decoder<false>{};
      break;
    case Family::kUtf32Be:
      decoder_ = Utf32Decoder<true>{};
      break;
    case Family::kBytes:
      decoder_ = ByteDecoder{&TableOf(charset)};
      break;
    case Family::kIso2022Jp:
      decoder_ = Iso2022JpDecoder{&TableOf(charset)};
      break;
  }
}

size_t Transcoder::Decode(std::string_view bytes, bool last, bool copy, Decoded* out) {
  Clear(out);
  out->charset = charset_->name;
  out->bom_bytes = bom_bytes_;
  const uint8_t* const begin = Bytes(bytes);
  const uint8_t* const end = begin + bytes.size();

  // Text that needs no decoding is not copied.
  size_t plain = 0;
  if (charset_->family == Family::kUtf8) {
    plain = Utf8Prefix(begin, bytes.size());
  } else if (charset_->ascii_compatible()) {
    plain = AsciiPrefix(begin, bytes.size());
  }
  const bool shifted = text_at_ + bom_bytes_ != source_at_;
  const bool all_plain = plain == bytes.size() || (charset_->family == Family::kUtf8 && !last &&
                                                   IsCutUtf8(begin + plain, bytes.size() - plain));
  if (all_plain) {
    out->text = bytes.substr(0, plain);
    if (copy) {
      out->storage.assign(out->text);
      out->text = out->storage;
    }
    out->identity = !shifted;
    if (shifted && plain > 0) out->runs.push_back({text_at_, source_at_, 1, 1});
    text_at_ += plain;
    source_at_ += plain;
    return plain;
  }

  out->identity = false;
  Sink sink(out, text_at_, source_at_);
  const uint8_t* const stopped =
      std::visit([&](auto& decoder) { return Run(&decoder, begin, end, last, &sink); }, decoder_);
  sink.Finish();
  out->text = out->storage;
  text_at_ += out->storage.size();
  source_at_ = sink.source_at();
  return static_cast<size_t>(stopped - begin);
}

template <typename Decoder>
const uint8_t* Transcoder::Run(Decoder* decoder, const uint8_t* p, const uint8_t* end, bool last,
                               Sink* sink) {
  // A slice at a time keeps the room that is written ahead small against the text.
  constexpr ptrdiff_t kSlice = 8192;
  Character c;
  while (p < end) {
    const uint8_t* const slice_end = p + std::min<ptrdiff_t>(end - p, kSlice);
    sink->Reserve(static_cast<size_t>(slice_end - p) + kLongestSequence);
    while (p < slice_end) {
      if constexpr (Decoder::kAsciiCompatible) {
        size_t plain = 0;
        if constexpr (std::is_same_v<Decoder, Utf8Decoder>) {
          plain = Utf8Prefix(p, static_cast<size_t>(slice_end - p));
        } else if (*p < 0x80) {
          plain = AsciiPrefix(p, static_cast<size_t>(slice_end - p));
        }
        if (plain > 0) {
          sink->Copy(p, plain);
          p += plain;
          continue;
        }
      }
      const size_t taken = decoder->Next(p, end, last, &c);
      if (taken == 0) {
        sink->Written();
        return p;
      }
      sink->Put(c, taken);
      p += taken;
    }
    sink->Written();
  }
  return p;
}

void Clear(Decoded* out) {
  out->text = {};
  out->charset = {};
  out->detected = false;
  out->confidence = 100;
  out->alternative = {};
  out->replacements = 0;
  out->bom_bytes = 0;
  out->identity = true;
  out->runs.clear();
  out->storage.clear();
}

}  // namespace winnow::text
