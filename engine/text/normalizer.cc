#include "engine/text/normalizer.h"

#include "engine/text/block.h"
#include "engine/text/fold.h"

namespace winnow::text {
namespace {

class WindowedNormalizer final : public Normalizer {
 public:
  explicit WindowedNormalizer(const NormalizerOptions& options) : options_(options) {}

  void Begin() override { held_.clear(); }

  void Feed(std::string_view utf8, bool last, absl::FunctionRef<bool(const Block&)> sink) override {
    if (!last || !held_.empty()) {
      held_.append(utf8);
      if (!last) return;
      utf8 = held_;
    }
    block_.Set(utf8, 0, {0, utf8.size()}, options_.views, {});
    sink(block_);
  }

 private:
  const NormalizerOptions options_;
  TextBlock block_;
  std::string held_;
};

}  // namespace

std::unique_ptr<Normalizer> Normalizer::Create(const NormalizerOptions& options) {
  return std::make_unique<WindowedNormalizer>(options);
}

std::string NormalizeTerm(std::string_view utf8, View view) {
  Buffer buffer;
  const std::string folded(Fold(utf8, &buffer, nullptr));
  switch (view) {
    case View::kFolded:
      return folded;
    case View::kSqueezed:
      return SqueezeTerm(folded);
    case View::kPhonetic:
      break;  // the rule parser refuses it: no view shows it yet
  }
  return {};
}

}  // namespace winnow::text
