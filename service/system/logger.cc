#include "service/system/logger.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <cmath>
#include <mutex>
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

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
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

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
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
    double ms = absl::ToDoubleMilliseconds(value);
    if (std::isfinite(ms)) {
      absl::StrAppendFormat(out, "%.3f", ms);
    } else {
      out->append("null");
    }
  }
  void operator()(absl::Time value) const { AppendJsonText(Rfc3339(value), out); }
};

// Writes finished lines; the spdlog sinks that exist either own their stream or add a pattern.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::FILE* stream) : stream_(stream) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::fwrite(message.payload.data(), 1, message.payload.size(), stream_);
    std::fflush(stream_);
  }
  void flush_() override { std::fflush(stream_); }

  std::FILE* stream_;
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
  std::string line =
      StrCat("{\"time\":\"", Rfc3339(time), "\",\"level\":\"", Name(level), "\",\"message\":");
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
  LogLevel level;
  const domain::Clock* clock;
  // One thread, so that lines keep their order. Destroyed last: it writes what waits.
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::async_logger> lines;
};

Logger::Logger(const Options& options, const domain::Clock* clock)
    : impl_(std::make_unique<Impl>()) {
  impl_->level = options.level;
  impl_->clock = clock;
  impl_->writer = std::make_shared<spdlog::details::thread_pool>(options.lines_waiting_max, 1);
  impl_->lines = std::make_shared<spdlog::async_logger>(
      "winnow", std::make_shared<LineSink>(options.stream), impl_->writer,
      spdlog::async_overflow_policy::overrun_oldest);
  impl_->lines->set_level(spdlog::level::trace);  // ours decides
}

Logger::~Logger() {
  impl_->writer.reset();  // joins its thread after the last line
}

void Logger::Log(LogLevel level, std::string_view message, Pairs pairs) {
  if (!Enabled(level)) return;
  std::string line = FormatLogLine(impl_->clock->Now(), level, message, pairs);
  line.push_back('\n');
  impl_->lines->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

bool Logger::Enabled(LogLevel level) const { return level >= impl_->level; }

uint64_t Logger::dropped() const { return impl_->writer->overrun_counter(); }

}  // namespace winnow::system
