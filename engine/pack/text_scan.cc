#include "engine/pack/text_scan.h"

#include "engine/base/status_macros.h"

namespace winnow::pack {

TextScanner::TextScanner(const match::Program& program) : program_(program) {
  text::NormalizerOptions options;
  options.views = program.views();
  options.max_match_chars = match::kMaxMatchBytes;
  normalizer_ = text::Normalizer::Create(options);
  matcher_ = match::Matcher::Create();
}

absl::StatusOr<match::ScanOutcome> TextScanner::Scan(
    std::string_view text, Surface surface,
    const std::function<void(const match::HitTable&)>* inspect) {
  return ScanOn(text, MaskOf(surface), inspect);
}

absl::StatusOr<match::ScanOutcome> TextScanner::ScanOn(
    std::string_view text, SurfaceMask surfaces,
    const std::function<void(const match::HitTable&)>* inspect) {
  match::Matcher::Options options;
  options.surfaces = surfaces;
  options.matches_max = UINT32_MAX;
  options.unit = text::OffsetUnit::kCodePoints;
  options.inspect = inspect;
  RETURN_IF_ERROR(matcher_->Begin(program_, options));
  matcher_->BeginField(0);
  normalizer_->Begin();
  absl::Status status;
  normalizer_->Feed(text, true, [&](const text::Block& block) {
    status = matcher_->Feed(block, [](text::TextSpan span) {
      return text::SourceSpan{span.begin, span.end};
    });
    return status.ok();
  });
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(matcher_->EndField());
  match::ScanOutcome outcome;
  RETURN_IF_ERROR(matcher_->Finish(&outcome));
  return outcome;
}

Surface FirstOf(SurfaceMask surfaces) {
  for (int s = 1; s < kSurfaceCount; ++s) {
    if (surfaces & MaskOf(static_cast<Surface>(s))) return static_cast<Surface>(s);
  }
  return Surface::kOrder;
}

}  // namespace winnow::pack
