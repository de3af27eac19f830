// The commands of a program as other programs are told of them: completions and manual pages. All
// is read from the one tree that also parses the command line and prints the help.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace winnow::cli {

// A script for "bash", "zsh" or "fish" that completes commands and options, and files elsewhere.
// `app` is the root of the tree.
std::string CompletionScript(const CLI::App& app, std::string_view shell);

// Manual pages in roff (man(7)): of the program and of each of its commands, with their file names
// ("winnow.1", "winnow-rules-check.1"). `version` goes into the foot.
std::vector<std::pair<std::string, std::string>> ManualPages(const CLI::App& app,
                                                             std::string_view version);

}  // namespace winnow::cli
