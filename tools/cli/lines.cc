#include "tools/cli/lines.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace winnow::cli {
namespace {

// Chunks on their way from the reader through the workers to the sink.
class Pipeline {
 public:
  Pipeline(size_t threads, const std::function<ChunkOutput(const LineChunk&)>& work,
           const std::function<absl::Status(const ChunkOutput&)>& sink)
      : in_flight_max_(threads * 4), work_(work), sink_(sink) {
    for (size_t i = 0; i < threads; ++i) workers_.emplace_back([this] { Work(); });
  }

  // Waits while too many chunks are under way. False when the sink has failed.
  bool Add(LineChunk chunk) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return added_ - written_ < in_flight_max_ || !status_.ok(); });
    if (!status_.ok()) return false;
    queue_.push_back({added_++, std::move(chunk)});
    wanted_.notify_one();
    return true;
  }

  // Waits until all is done.
  absl::Status Finish() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wanted_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    return status_;
  }

 private:
  struct Job {
    uint64_t number;
    LineChunk chunk;
  };

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wanted_.wait(lock, [this] { return !queue_.empty() || closed_; });
      if (queue_.empty()) return;
      const Job job = std::move(queue_.front());
      queue_.pop_front();
      if (!status_.ok()) continue;
      lock.unlock();
      ChunkOutput output = work_(job.chunk);
      lock.lock();
      done_.emplace(job.number, std::move(output));
      WriteWhatIsNext(&lock);
    }
  }

  // Whoever finds the next output writes it, and those that follow.
  void WriteWhatIsNext(std::unique_lock<std::mutex>* lock) {
    if (writing_) return;
    writing_ = true;
    while (!done_.empty() && done_.begin()->first == written_ && status_.ok()) {
      const ChunkOutput output = std::move(done_.begin()->second);
      done_.erase(done_.begin());
      lock->unlock();
      absl::Status status = sink_(output);
      lock->lock();
      ++written_;
      if (!status.ok()) status_ = std::move(status);
      room_.notify_one();
    }
    writing_ = false;
  }

  const size_t in_flight_max_;
  const std::function<ChunkOutput(const LineChunk&)>& work_;
  const std::function<absl::Status(const ChunkOutput&)>& sink_;
  std::mutex mutex_;
  std::condition_variable wanted_;  // a job, or the end
  std::condition_variable room_;    // for another chunk
  std::deque<Job> queue_;
  std::map<uint64_t, ChunkOutput> done_;
  uint64_t added_ = 0;
  uint64_t written_ = 0;
  bool writing_ = false;
  bool closed_ = false;
  absl::Status status_;
  std::vector<std::thread> workers_;
};

// Cuts what is read into chunks of whole lines.
class Cutter {
 public:
  Cutter(Input* input, const LineOptions& options, Pipeline* pipeline)
      : input_(*input), options_(options), pipeline_(*pipeline) {}

  absl::Status Run() {
    while (true) {
      const size_t old_size = pending_.size();
      pending_.resize(old_size + kReadBytes);
      const absl::StatusOr<size_t> n = input_.Read(pending_.data() + old_size, kReadBytes);
      pending_.resize(old_size + (n.ok() ? *n : 0));
      if (!n.ok()) {
        SendLines();
        return n.status();
      }
      if (*n == 0) {
        SendLines();
        if (skipping_) {
          SendOverlong();
        } else if (!pending_.empty()) {
          Send(std::exchange(pending_, {}), 1);
        }
        return absl::OkStatus();
      }
      if (!Absorb(old_size)) return absl::OkStatus();
    }
  }

 private:
  static constexpr size_t kReadBytes = 128 * 1024;

  // Looks at what was read, from `new_at` on. False when nobody wants more.
  bool Absorb(size_t new_at) {
    if (skipping_) {
      const size_t end = pending_.find('\n');
      if (end == std::string::npos) {
        pending_.clear();
        return true;
      }
      pending_.erase(0, end + 1);
      new_at = 0;
      skipping_ = false;
      lines_ = 0;
      if (!SendOverlong()) return false;
    }
    lines_ += static_cast<size_t>(
        std::count(pending_.begin() + static_cast<ptrdiff_t>(new_at), pending_.end(), '\n'));
    if (lines_ == 0) {
      if (pending_.size() > options_.line_bytes_max) {
        skipping_ = true;
        pending_.clear();
      }
      return true;
    }
    const bool enough = pending_.size() >= options_.chunk_bytes || lines_ >= options_.lines_max;
    return enough || !input_.ReadyNow() ? SendLines() : true;
  }

  // The whole lines of pending_, in chunks of at most lines_max.
  bool SendLines() {
    while (lines_ > 0) {
      const size_t take = std::min(lines_, options_.lines_max);
      size_t end;
      if (take == lines_) {
        end = pending_.rfind('\n') + 1;
      } else {
        end = 0;
        for (size_t i = 0; i < take; ++i) end = pending_.find('\n', end) + 1;
      }
      std::string rest = pending_.substr(end);
      pending_.resize(end);
      lines_ -= take;
      if (!Send(std::exchange(pending_, std::move(rest)), take)) return false;
    }
    return true;
  }

  bool Send(std::string bytes, size_t lines) {
    const uint64_t first = next_line_;
    next_line_ += lines;
    return pipeline_.Add({std::move(bytes), first, false});
  }

  bool SendOverlong() { return pipeline_.Add({"", next_line_++, true}); }

  Input& input_;
  const LineOptions& options_;
  Pipeline& pipeline_;
  std::string pending_;
  size_t lines_ = 0;  // line ends in pending_
  uint64_t next_line_ = 1;
  bool skipping_ = false;  // inside a line that is too long
};

}  // namespace

absl::Status ProcessLines(Input* input, const LineOptions& options,
                          const std::function<ChunkOutput(const LineChunk&)>& work,
                          const std::function<absl::Status(const ChunkOutput&)>& sink) {
  Pipeline pipeline(std::max<size_t>(options.threads, 1), work, sink);
  absl::Status read = Cutter(input, options, &pipeline).Run();
  absl::Status written = pipeline.Finish();
  return written.ok() ? read : written;
}

void ForEachLine(const LineChunk& chunk,
                 const std::function<void(std::string_view, uint64_t)>& each) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view rest = chunk.bytes;
  uint64_t number = chunk.first_line;
  if (number == 1 && rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  for (; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) each(line, number);
  }
}

}  // namespace winnow::cli
