// A pack and a policy of a few lines, for tests that need rules but not the bundled ones.
#pragma once

#include <string>
#include <string_view>

namespace winnow {

// What the test rules look for: the first two are blocked as gambling, the third goes to review.
inline constexpr std::string_view kBlockedWord = "真人荷官";
inline constexpr std::string_view kBlockedLatin = "online casino";
inline constexpr std::string_view kReviewedWord = "审核词语";

// Compiles a pack whose first rule blocks `word` and kBlockedLatin and whose second one asks for a
// review of kReviewedWord, and writes it to `path`. Packs of different words are of different
// revisions. Fails the test when it cannot.
void WriteTestPack(const std::string& path, std::string_view word = kBlockedWord);

// A policy that lets every rule decide by itself. `comment` makes revisions differ.
void WriteTestPolicy(const std::string& path, std::string_view comment = "first");

// The file's bytes, and back again.
std::string ReadWholeFile(const std::string& path);
void WriteWholeFile(const std::string& path, std::string_view bytes);

}  // namespace winnow
