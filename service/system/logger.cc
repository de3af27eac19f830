#include "service/system/logger.h"

#include <algorithm>
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

bool IsPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  if (text.size() <= kLogTextBytesMax && std::all_of(text.begin(), text.end(), IsPlain)) {
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

std::string Rfc3339(absl::Time time) {
  // Formatting a time costs more than the rest of a line; most lines are of the same second.
  static thread_local int64_t second = 0;
  static thread_local std::string text;
  const int64_t now = absl::ToUnixSeconds(time);
  if (text.empty() || now != second) {
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(now), absl::UTCTimeZone());
    second = now;
  }
  std::string out = text;
  out.push_back('.');
  AppendThreeDigits(absl::ToInt64Milliseconds(time - absl::FromUnixSeconds(now)), &out);
  out.push_back('Z');
  return out;
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
  void operator()(absl::Time value) const { AppendJsonText(Rfc3339(value), out); }
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

std::string FormatLogLine(absl::Time time, LogLevel level, std::string_view message,
                          Logger::Pairs pairs) {
  std::string line;
  line.reserve(256);
  absl::StrAppend(&line, "{\"time\":\"", Rfc3339(time), "\",\"level\":\"", ToAbsl(Name(level)),
                  "\",\"message\":");
  AppendJsonText(message, &line);
  for (const LogPair& pair : pairs) {
    line.push_back(',');
    AppendJsonText(pair.key, &line);
    line.push_back(':');
    std::visit(AppendValue{&line}, pair.value.value());
  }
  line.push_back('}');
  return line;
}

struct Logger::Impl {
  Impl(const Options& the_options, const domain::Clock* the_clock)
      : options(the_options), clock(the_clock), writer([this] { Write(); }) {}

  void Add(std::string line) {
    std::unique_lock lock(mutex);
    if (waiting.size() >= options.lines_waiting_max) {
      waiting.pop_front();
      ++dropped;
    }
    waiting.push_back(std::move(line));
    // A writer that is called takes all that has come until it runs.
    if (!std::exchange(asleep, false)) return;
    lock.unlock();
    wake.notify_one();
  }

  void Write() {
    std::unique_lock lock(mutex);
    std::string bytes;
    while (true) {
      if (waiting.empty()) {
        if (closing) return;
        asleep = true;
        wake.wait(lock, [this] { return closing || !waiting.empty(); });
        asleep = false;
        continue;
      }
      std::deque<std::string> lines = std::exchange(waiting, {});
      lock.unlock();
      bytes.clear();
      for (const std::string& line : lines) bytes.append(line);
      std::fwrite(bytes.data(), 1, bytes.size(), options.stream);
      std::fflush(options.stream);
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
  std::deque<std::string> waiting;
  uint64_t dropped = 0;
  bool asleep = false;  // the writer, and nobody has called it
  bool closing = false;
  std::thread writer;  // one, so that lines keep their order
};

Logger::Logger(const Options& options, const domain::Clock* clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}

Logger::~Logger() { impl_->Close(); }

void Logger::Log(LogLevel level, std::string_view message, Pairs pairs) {
  if (!Enabled(level)) return;
  std::string line = FormatLogLine(impl_->clock->Now(), level, message, pairs);
  line.push_back('\n');
  impl_->Add(std::move(line));
}

bool Logger::Enabled(LogLevel level) const { return level >= impl_->options.level; }

uint64_t Logger::dropped() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->dropped;
}

}  // namespace winnow::system
