#include "service/system/logger.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/strings.h"

namespace winnow::system {
namespace {

// How long the writer waits for more lines, so that it need not be called for each.
constexpr std::chrono::milliseconds kGatherTime{5};

// Length of the well-formed UTF-8 sequence at the begin of `s`, which is not empty; 0 if
// ill-formed.
size_t SequenceLength(std::string_view s) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  auto trail = [&](size_t i) { return i < s.size() && (byte(i) & 0xC0) == 0x80; };
  unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return trail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!trail(1) || !trail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (lead == 0xED && byte(1) > 0x9F) return 0;  // a surrogate
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!trail(1) || !trail(2) || !trail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// Whether it stands for itself in JSON. Looks at all of it, which is quicker than stopping early.
bool IsPlain(std::string_view text) {
  bool plain = true;
  for (char c : text) plain &= c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
  return plain;
}

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  if (text.size() <= kLogTextBytesMax && IsPlain(text)) {
    out->append(text);
    out->push_back('"');
    return;
  }
  const size_t begin_size = text.size();
  while (!text.empty()) {
    if (begin_size - text.size() >= kLogTextBytesMax) {
      out->append("…");
      break;
    }
    size_t length = SequenceLength(text);
    unsigned char c = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      out->append("\uFFFD");
      length = 1;
    } else if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(text[0]);
    } else if (c == '\n') {
      out->append("\\n");
    } else if (c == '\t') {
      out->append("\\t");
    } else if (c < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(out, "\\u%04x", c);
    } else {
      out->append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out->push_back('"');
}

void AppendThreeDigits(int64_t number, std::string* out) {
  out->push_back(static_cast<char>('0' + number / 100 % 10));
  out->push_back(static_cast<char>('0' + number / 10 % 10));
  out->push_back(static_cast<char>('0' + number % 10));
}

// RFC 3339 in UTC, within quotes.
void AppendTime(absl::Time time, std::string* out) {
  // Formatting a time costs more than the rest of a line; most lines are of the same second.
  static thread_local int64_t second = 0;
  static thread_local std::string text;
  const int64_t now = absl::ToUnixSeconds(time);
  if (text.empty() || now != second) {
    text =
        absl::FormatTime("\"%Y-%m-%dT%H:%M:%S.", absl::FromUnixSeconds(now), absl::UTCTimeZone());
    second = now;
  }
  out->append(text);
  AppendThreeDigits(absl::ToInt64Milliseconds(time - absl::FromUnixSeconds(now)), out);
  out->append("Z\"");
}

struct AppendValue {
  std::string* out;
  void operator()(std::string_view value) const { AppendJsonText(value, out); }
  void operator()(bool value) const { out->append(value ? "true" : "false"); }
  void operator()(int64_t value) const { absl::StrAppend(out, value); }
  void operator()(uint64_t value) const { absl::StrAppend(out, value); }
  void operator()(double value) const {
    // JSON has no infinities.
    if (std::isfinite(value)) {
      absl::StrAppendFormat(out, "%.6g", value);
    } else {
      out->append("null");
    }
  }
  void operator()(absl::Duration value) const {
    if (value == absl::InfiniteDuration() || value == -absl::InfiniteDuration()) {
      out->append("null");
      return;
    }
    int64_t us = absl::ToInt64Microseconds(value);
    if (us < 0) {
      out->push_back('-');
      us = -us;
    }
    absl::StrAppend(out, us / 1000, ".");
    AppendThreeDigits(us % 1000, out);
  }
  void operator()(absl::Time value) const { AppendTime(value, out); }
};

}  // namespace

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

std::optional<LogLevel> LogLevelFromName(std::string_view name) {
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (Name(level) == name) return level;
  }
  return std::nullopt;
}

namespace {

void AppendLogLine(absl::Time time, LogLevel level, std::string_view message, Logger::Pairs pairs,
                   std::string* line) {
  line->append("{\"time\":");
  AppendTime(time, line);
  line->append(",\"level\":\"").append(Name(level)).append("\",\"message\":");
  AppendJsonText(message, line);
  for (const LogPair& pair : pairs) {
    line->push_back(',');
    AppendJsonText(pair.key, line);
    line->push_back(':');
    std::visit(AppendValue{line}, pair.value.value());
  }
  line->push_back('}');
}

}  // namespace

std::string FormatLogLine(absl::Time time, LogLevel level, std::string_view message,
                          Logger::Pairs pairs) {
  std::string line;
  AppendLogLine(time, level, message, pairs, &line);
  return line;
}

// Lines one behind the other, each with its newline.
class Lines {
 public:
  size_t count() const { return sizes_.size(); }
  void Add(std::string_view line) {
    bytes_.append(line);
    sizes_.push_back(line.size());
  }
  void DropOldest() {
    begin_ += sizes_.front();
    sizes_.pop_front();
    if (begin_ > bytes_.size() / 2) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
  }
  std::string_view bytes() const { return std::string_view(bytes_).substr(begin_); }
  // Keeps the memory.
  void Clear() {
    bytes_.clear();
    sizes_.clear();
    begin_ = 0;
  }

 private:
  std::string bytes_;
  std::deque<size_t> sizes_;  // of the lines from begin_ on
  size_t begin_ = 0;
};

struct Logger::Impl {
  Impl(const Options& the_options, const domain::Clock* the_clock)
      : options(the_options), clock(the_clock), writer([this] { Write(); }) {}

  void Add(std::string_view line, bool at_once) {
    std::unique_lock lock(mutex);
    if (waiting.count() >= options.lines_waiting_max) {
      waiting.DropOldest();
      ++dropped;
    }
    waiting.Add(line);
    const bool full = waiting.count() == std::max<size_t>(1, options.lines_waiting_max / 2);
    hurry = hurry || at_once || full;
    // A writer that was called takes all that has come until it runs.
    const bool call = state == kAsleep || (state == kGathers && (at_once || full));
    if (!call) return;
    state = kCalled;
    lock.unlock();
    wake.notify_one();
  }

  void Write() {
    std::unique_lock lock(mutex);
    Lines lines;
    while (true) {
      if (waiting.count() == 0) {
        if (closing) return;
        state = kAsleep;
        wake.wait(lock, [this] { return closing || waiting.count() > 0; });
      }
      // Being called costs more than writing a line does.
      state = kGathers;
      wake.wait_for(lock, kGatherTime, [this] { return closing || hurry; });
      state = kCalled;
      hurry = false;
      std::swap(lines, waiting);
      lock.unlock();
      std::fwrite(lines.bytes().data(), 1, lines.bytes().size(), options.stream);
      std::fflush(options.stream);
      lines.Clear();
      lock.lock();
    }
  }

  void Close() {
    {
      std::lock_guard lock(mutex);
      closing = true;
    }
    wake.notify_one();
    writer.join();
  }

  const Options options;
  const domain::Clock* const clock;
  std::mutex mutex;
  std::condition_variable wake;
  Lines waiting;
  uint64_t dropped = 0;
  // What the writer does: waits for a first line, or for more of them, or has enough.
  enum { kAsleep, kGathers, kCalled } state = kCalled;
  bool hurry = false;  // what waits should be written at once
  bool closing = false;
  std::thread writer;  // one, so that lines keep their order
};

Logger::Logger(const Options& options, const domain::Clock* clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}

Logger::~Logger() { impl_->Close(); }

void Logger::Log(LogLevel level, std::string_view message, Pairs pairs) {
  if (!Enabled(level)) return;
  static thread_local std::string line;
  line.clear();
  AppendLogLine(impl_->clock->Now(), level, message, pairs, &line);
  line.push_back('\n');
  impl_->Add(line, level >= LogLevel::kWarning);
}

bool Logger::Enabled(LogLevel level) const { return level >= impl_->options.level; }

uint64_t Logger::dropped() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->dropped;
}

}  // namespace winnow::system
