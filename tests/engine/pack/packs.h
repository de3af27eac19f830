// Packs for the tests of this room, and the means to break them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/pack/manifest.pb.h"
#include "engine/pack/pack.h"

namespace winnow::pack {

// Rules that use every kind of section: terms, words, expressions, conditions.
std::vector<rules::SourceFile> SampleSources();

// Compiles; errors end the test.
CompileResult CompileOrDie(std::vector<rules::SourceFile> sources);

// A pack's file taken apart, to be changed and put together again with digests that fit.
struct Parts {
  format::Manifest manifest;
  std::vector<std::string> sections;  // by index of manifest.sections()

  static Parts Of(std::string_view bytes);
  std::string Assemble(uint32_t version = 5);
  // That of the sources among the sections, as docs/formats/pack.md has it.
  std::string SourceDigest() const;
  // Index of the section so named; fails the test when there is none.
  int Find(const std::string& name) const;
};

// Where each part of a pack's file lies.
struct Region {
  std::string name;  // "magic", "version", ..., "padding", a section's name, "manifest"
  size_t begin = 0, end = 0;
};
std::vector<Region> RegionsOf(std::string_view bytes);

// "rule@begin-end" of what the pack finds in a text on the surface `order`, by code points.
std::string Findings(const Pack& pack, const std::string& text);

}  // namespace winnow::pack
