// The service's log: one JSON object a line.
//
//   log.Info("pack loaded", {{"pack_revision", info.revision}, {"rules", info.rule_count}});
//   {"time":"2026-03-01T09:30:00.123Z","level":"info","message":"pack loaded","pack_revision":...}
//
// Text of users is never logged: log ids, digests, rule ids, counts and reasons.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/domain/ports/clock.h"

namespace winnow::system {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning", "error".
std::string_view Name(LogLevel level);
std::optional<LogLevel> LogLevelFromName(std::string_view name);

// A value of a line. Views must live during the call that logs them.
class LogValue {
 public:
  LogValue(std::string_view value) : value_(value) {}
  LogValue(absl::string_view value) : value_(std::string_view(value.data(), value.size())) {}
  LogValue(const std::string& value) : value_(std::string_view(value)) {}
  LogValue(const char* value) : value_(std::string_view(value)) {}
  LogValue(bool value) : value_(value) {}
  LogValue(double value) : value_(value) {}
  LogValue(absl::Duration value) : value_(value) {}  // printed in milliseconds
  LogValue(absl::Time value) : value_(value) {}      // printed as RFC 3339 in UTC
  template <typename Int>
  requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) LogValue(Int value) {
    if constexpr (std::is_signed_v<Int>) {
      value_ = static_cast<int64_t>(value);
    } else {
      value_ = static_cast<uint64_t>(value);
    }
  }

  using Variant =
      std::variant<std::string_view, bool, int64_t, uint64_t, double, absl::Duration, absl::Time>;
  const Variant& value() const { return value_; }

 private:
  Variant value_;
};

struct LogPair {
  std::string_view key;  // snake_case; units last: "duration_ms"
  LogValue value;
};

// Thread safe. Lines are written by a thread of their own, many at a time: warnings and errors at
// once, others within 5 ms. Logging never waits for whoever reads the log. When that reader cannot
// follow, the oldest waiting lines are dropped and counted (dropped()).
class Logger {
 public:
  struct Options {
    LogLevel level = LogLevel::kInfo;
    std::FILE* stream = stderr;  // stays the caller's; must outlive the logger
    size_t lines_waiting_max = 8192;
  };
  // `clock` must outlive the logger.
  Logger(const Options& options, const domain::Clock* clock);
  // Writes what waits.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  using Pairs = absl::Span<const LogPair>;
  void Log(LogLevel level, std::string_view message, Pairs pairs);
  void Debug(std::string_view message, std::initializer_list<LogPair> pairs = {}) {
    Log(LogLevel::kDebug, message, pairs);
  }
  void Info(std::string_view message, std::initializer_list<LogPair> pairs = {}) {
    Log(LogLevel::kInfo, message, pairs);
  }
  void Warning(std::string_view message, std::initializer_list<LogPair> pairs = {}) {
    Log(LogLevel::kWarning, message, pairs);
  }
  void Error(std::string_view message, std::initializer_list<LogPair> pairs = {}) {
    Log(LogLevel::kError, message, pairs);
  }

  bool Enabled(LogLevel level) const;
  uint64_t dropped() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The line without its newline, as Logger writes it. Texts longer than kLogTextBytesMax are cut on
// a character border and end in "…"; ill-formed UTF-8 becomes U+FFFD.
inline constexpr size_t kLogTextBytesMax = 4096;
std::string FormatLogLine(absl::Time time, LogLevel level, std::string_view message,
                          Logger::Pairs pairs);

}  // namespace winnow::system
