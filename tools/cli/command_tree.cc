#include "tools/cli/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/rules/utf8.h"

namespace winnow::cli {
namespace {

struct Flag {
  std::vector<std::string> names;  // with their dashes, short ones first
  std::string value;               // what stands for its value in the help; empty: takes none
  std::string about;
};

struct Node {
  std::string path;  // "winnow rules check"
  std::string name;
  std::string about, footer;
  std::vector<Flag> flags;
  std::vector<Flag> arguments;
  std::vector<std::pair<std::string, std::string>> commands;  // name, about
};

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void Collect(const CLI::App& app, const std::string& path, std::vector<Node>* nodes) {
  Node node = {path, app.get_name(), app.get_description(), app.get_footer(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    Flag flag;
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    flag.about = option->get_description();
    if (!flag.names.empty()) {
      if (option->get_items_expected_max() > 0) {
        flag.value = option->get_type_name().empty() ? "VALUE" : option->get_type_name();
        if (!option->get_default_str().empty()) {
          StrAppend(&flag.about, " [", option->get_default_str(), "]");
        }
      }
      node.flags.push_back(flag);
    }
    if (option->get_positional()) {
      flag.value = option->get_name(true);
      node.arguments.push_back(flag);
    }
  }
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) {
    node.commands.emplace_back(command->get_name(), command->get_description());
  }
  nodes->push_back(std::move(node));
  for (const CLI::App* command : commands) {
    Collect(*command, StrCat(path, " ", command->get_name()), nodes);
  }
}

std::vector<Node> NodesOf(const CLI::App& app) {
  std::vector<Node> nodes;
  Collect(app, app.get_name(), &nodes);
  return nodes;
}

// In single quotes, for sh and its kin.
std::string Quoted(std::string_view text) {
  return StrCat("'", absl::StrReplaceAll(ToAbsl(text), {{"'", "'\\''"}}), "'");
}

std::string Paths(const std::vector<Node>& nodes, std::string_view divider) {
  std::vector<std::string> paths;
  for (size_t i = 1; i < nodes.size(); ++i) paths.push_back(Quoted(nodes[i].path));
  return absl::StrJoin(paths, ToAbsl(divider));
}

// The options that take a value, behind their command.
std::string Valued(const std::vector<Node>& nodes, std::string_view divider) {
  std::vector<std::string> all;
  for (const Node& node : nodes) {
    for (const Flag& flag : node.flags) {
      if (flag.value.empty()) continue;
      for (const std::string& name : flag.names)
        all.push_back(Quoted(StrCat(node.path, " ", name)));
    }
  }
  return absl::StrJoin(all, ToAbsl(divider));
}

std::string Bash(const std::vector<Node>& nodes) {
  std::string out = StrCat(
      "# bash completion of winnow: source it, or put it into bash-completion's folder.\n"
      "_winnow() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} path=winnow words= i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${COMP_WORDS[i]}\" in\n"
      "      ",
      Paths(nodes, " | "),
      ") path+=\" ${COMP_WORDS[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path ${COMP_WORDS[COMP_CWORD - 1]}\" in\n"
      "    ",
      Valued(nodes, " | "),
      ") return ;;\n"
      "  esac\n"
      "  case $path in\n");
  for (const Node& node : nodes) {
    std::vector<std::string> words;
    for (const auto& [name, about] : node.commands) words.push_back(name);
    for (const Flag& flag : node.flags) {
      words.insert(words.end(), flag.names.begin(), flag.names.end());
    }
    StrAppend(&out, "    ", Quoted(node.path), ") words=", Quoted(absl::StrJoin(words, " ")),
              " ;;\n");
  }
  return out +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _winnow winnow\n";
}

std::string Zsh(const std::vector<Node>& nodes) {
  const auto described = [](std::string_view name, std::string_view about) {
    return Quoted(StrCat(absl::StrReplaceAll(ToAbsl(name), {{":", "\\:"}}), ":",
                         OneLine(std::string(about))));
  };
  std::string out = StrCat(
      "#compdef winnow\n"
      "# zsh completion of winnow: put it into a folder of $fpath as _winnow.\n"
      "_winnow() {\n"
      "  local path_=winnow word\n"
      "  local -a commands options\n"
      "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
      "    case \"$path_ $word\" in\n"
      "      (",
      Paths(nodes, "|"),
      ") path_+=\" $word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$path_ ${words[CURRENT-1]}\" in\n"
      "    (",
      Valued(nodes, "|"),
      ") _files; return ;;\n"
      "  esac\n"
      "  case $path_ in\n");
  for (const Node& node : nodes) {
    StrAppend(&out, "    (", Quoted(node.path), ")\n      commands=(");
    for (const auto& [name, about] : node.commands) {
      StrAppend(&out, "\n        ", described(name, about));
    }
    out += ")\n      options=(";
    for (const Flag& flag : node.flags) {
      for (const std::string& name : flag.names) {
        StrAppend(&out, "\n        ", described(name, flag.about));
      }
    }
    out += ") ;;\n";
  }
  return out +
         "  esac\n"
         "  if [[ $PREFIX == -* ]]; then\n"
         "    _describe -o option options\n"
         "  elif (( $#commands )); then\n"
         "    _describe command commands\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "if [[ $funcstack[1] == _winnow ]]; then _winnow \"$@\"; else compdef _winnow winnow; "
         "fi\n";
}

std::string Fish(const std::vector<Node>& nodes) {
  // Within single quotes fish knows \' and \\ only.
  const auto quoted = [](std::string_view text) {
    return StrCat(
        "'",
        absl::StrReplaceAll(ToAbsl(OneLine(std::string(text))), {{"\\", "\\\\"}, {"'", "\\'"}}),
        "'");
  };
  std::string out = StrCat(
      "# fish completion of winnow: put it into ~/.config/fish/completions/winnow.fish.\n"
      "function __winnow_path\n"
      "  set -l path winnow\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$path $word\"\n"
      "      case ",
      Paths(nodes, " "),
      "\n"
      "        set path \"$path $word\"\n"
      "    end\n"
      "  end\n"
      "  echo $path\n"
      "end\n");
  for (const Node& node : nodes) {
    const std::string here = StrCat("complete -c winnow -n ",
                                    quoted(StrCat("test (__winnow_path) = '", node.path, "'")));
    for (const auto& [name, about] : node.commands) {
      StrAppend(&out, here, " -f -a ", name, " -d ", quoted(about), "\n");
    }
    for (const Flag& flag : node.flags) {
      StrAppend(&out, here);
      for (const std::string& name : flag.names) {
        StrAppend(&out, name.rfind("--", 0) == 0 ? " -l " : " -s ",
                  name.substr(name.rfind("--", 0) == 0 ? 2 : 1));
      }
      StrAppend(&out, flag.value.empty() ? "" : " -r", " -d ", quoted(flag.about), "\n");
    }
  }
  return out;
}

// roff's own signs, and lines that it would take as requests.
std::string Roff(std::string_view text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const rules::CodePoint c = rules::DecodeOne(rest);
    if (c.value >= 0x80) {
      StrAppend(&out, absl::StrFormat("\\[u%04X]", static_cast<uint32_t>(c.value)));
    } else if (c.value == '\\' || c.value == '-') {
      out.append(c.value == '-' ? "\\-" : "\\e");
    } else {
      out.push_back(static_cast<char>(c.value));
    }
    rest.remove_prefix(c.bytes);
  }
  for (size_t at = 0; at < out.size(); at = out.find('\n', at), at += at < out.size()) {
    if (out[at] == '.' || out[at] == '\'') out.insert(at, "\\&");
  }
  return out;
}

std::string FileStem(const Node& node) {
  return absl::StrReplaceAll(ToAbsl(node.path), {{" ", "-"}});
}

std::string Page(const Node& node, std::string_view version) {
  const std::string stem = FileStem(node);
  const std::string about = node.about.substr(0, node.about.find('\n'));
  std::string out = StrCat(".TH ", absl::AsciiStrToUpper(Roff(stem)), " 1 \"\" \"winnow ", version,
                           "\" \"Winnow\"\n.SH NAME\n", Roff(stem), " \\- ", Roff(about),
                           "\n.SH SYNOPSIS\n.B ", Roff(node.path), "\n");
  if (!node.flags.empty()) out += "[OPTIONS]\n";
  for (const Flag& argument : node.arguments) StrAppend(&out, Roff(argument.value), "...\n");
  if (!node.commands.empty()) out += "COMMAND\n";
  if (about.size() < node.about.size()) {
    StrAppend(&out, ".SH DESCRIPTION\n", Roff(node.about.substr(about.size() + 1)), "\n");
  }
  const auto list = [&out](std::string_view title, const std::vector<Flag>& flags) {
    if (!flags.empty()) StrAppend(&out, ".SH ", title, "\n");
    for (const Flag& flag : flags) {
      StrAppend(
          &out, ".TP\n.B ",
          Roff(StrCat(absl::StrJoin(flag.names, ", "), flag.names.empty() ? "" : " ", flag.value)),
          "\n", Roff(flag.about), "\n");
    }
  };
  list("ARGUMENTS", node.arguments);
  list("OPTIONS", node.flags);
  if (!node.commands.empty()) out += ".SH COMMANDS\n";
  for (const auto& [name, what] : node.commands) {
    StrAppend(&out, ".TP\n.B ", Roff(name), "\n", Roff(what), "; see ", Roff(stem + "-" + name),
              "(1)\n");
  }
  if (!node.footer.empty()) StrAppend(&out, ".SH NOTES\n.nf\n", Roff(node.footer), "\n.fi\n");
  return out;
}

}  // namespace

std::string CompletionScript(const CLI::App& app, std::string_view shell) {
  const std::vector<Node> nodes = NodesOf(app);
  if (shell == "zsh") return Zsh(nodes);
  return shell == "fish" ? Fish(nodes) : Bash(nodes);
}

std::vector<std::pair<std::string, std::string>> ManualPages(const CLI::App& app,
                                                             std::string_view version) {
  std::vector<std::pair<std::string, std::string>> pages;
  for (const Node& node : NodesOf(app))
    pages.emplace_back(FileStem(node) + ".1", Page(node, version));
  return pages;
}

}  // namespace winnow::cli
