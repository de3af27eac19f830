#!/usr/bin/env python3
"""The house's rules as a check: who may include whom, calls that have a better way here, files that no
target builds. Prints one line a finding, "path:line: what, and what to do instead", and exits 1.

usage: tidy.py SOURCE_DIR
"""
import pathlib
import re
import subprocess
import sys

# Our own folders: which of ours each may include. A folder may always include itself. Prefixes.
MAY_INCLUDE = {
    "engine/base": [],
    "engine/text": ["engine/base"],
    "engine/rules": ["engine/base", "engine/text"],
    "engine/match": ["engine/base", "engine/text"],
    "engine/pack": ["engine/base", "engine/text", "engine/rules", "engine/match"],
    "engine/policy": ["engine/base", "engine/rules"],
    "engine/extract": ["engine/base"],
    "engine": ["engine"],
    "proto": ["engine", "winnow"],
    "service/domain": ["engine", "winnow/store"],
    "service/rocks": ["service/domain/ports", "engine/base"],
    "service/system": ["service/domain/ports", "engine/base", "engine/rules"],
    "service/grpc": ["service/domain", "engine", "proto", "winnow/v1", "google/rpc"],
    "service": ["service", "engine"],  # main.cc and what it is made of
    "tools/cli": ["engine", "proto", "winnow/v1", "google/rpc"],
    "examples": ["engine"],
    "tests": ["engine", "proto", "service", "tools", "tests", "winnow", "google/rpc"],
}
OURS = re.compile(r"^(engine|proto|service|tools|tests|winnow|google/rpc)/")

# Foreign headers stop at one folder: pattern of the include, folders that may have it.
FOREIGN = [
    (r"^(hs|hs/.*|hs_.*)\.h$", ["engine/match", "tests/bench", "tests/engine/match"], "Hyperscan"),
    (r"^unicode/",
     ["engine/text", "tests/engine/text", "tests/evasion", "tests/innocence", "tests/fuzz"], "ICU"),
    (r"^yaml\.h$", ["engine/rules"], "libyaml"),
    (r"^rocksdb/", ["service/rocks", "tests/service/rocks"], "RocksDB"),
    (r"^(grpc|grpcpp|grpc\+\+)/|\.grpc\.pb\.h$",
     ["service/grpc", "tools/cli", "tests/service/grpc", "tests/e2e", "tests/support", "tests/bench", "tests/tools"],
     "gRPC"),
    (r"^CLI/", ["tools/cli", "service"], "CLI11"),
    (r"^openssl/", ["engine/base", "service/domain", "service/grpc", "service/system", "tests"], "OpenSSL"),
    (r"^zlib\.h$", ["engine/base"], "zlib"),
    (r"^nlohmann/", ["tools/cli", "tests"], "nlohmann/json"),
    (r"^re2/|^yara", ["tests/bench"], "a peer of the benchmarks"),
]

# (pattern in code, folders it is refused in, folders it is allowed in all the same, remedy)
BANNED = [
    (r"\bsystem_clock::now\b|\babsl::Now\(|\bgettimeofday\(|(?<![\w:])time\((NULL|nullptr|0)\)",
     ["engine", "service", "proto"],
     # gRPC's Shutdown() wants a time of day.
     ["service/system", "service/grpc/server.cc"],
     "take a domain::Clock, so that tests own the time"),
    (r"\bsteady_clock::now\b", ["engine", "service/domain", "proto"], [], "take a domain::Clock"),
    (r"\bsleep_for\(|\babsl::SleepFor\(|(?<!\w)usleep\(", ["engine", "service", "tools"], [],
     "wait for the condition itself"),
    (r"(?<![\w:])s?rand\(", ["engine", "service", "tools", "tests"], [], "use <random> with a seed"),
    (r"\bstd::regex\b", ["engine", "service", "tools", "proto"], [], "use the matcher, or plain code"),
    (r"(?<![\w:.>])(?<!size_t )(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof)\(",
     ["engine", "service", "tools", "proto", "tests"], [], "use absl/strings"),
    (r"\bstd::(cout|cerr|clog)\b", ["engine", "service", "proto"], ["service/main.cc", "service/options.cc"],
     "return a status, or use the Logger"),
    (r"\bthrow\s+\w|\bcatch\s*\(", ["engine", "service/domain", "service/grpc", "proto"], ["engine/match"],
     "return absl::Status"),
    (r"\busing namespace\b(?! std::\w*literals)", ["engine", "service", "tools", "proto", "tests"], [], "name what is used"),
    (r"\bDISABLED_\w+|\bGTEST_SKIP\b", ["tests"], [], "a test that does not run checks nothing"),
]

LINES_MAX = 1000
COLUMNS_MAX = 100


def folder_of(path, folders):
    """The longest of `folders` that holds `path`, or None."""
    best = None
    for folder in folders:
        if (path == folder or path.startswith(folder + "/")) and (best is None or len(folder) > len(best)):
            best = folder
    return best


def without_comments(text):
    """C++ with comments and string contents blanked, line for line."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()) if m.group()[0] == "/" else '""', text)


def check_includes(path, text):
    home = folder_of(path, MAY_INCLUDE)
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        include = match.group(2)
        for pattern, folders, name in FOREIGN:
            if re.search(pattern, include) and folder_of(path, folders) is None:
                yield number, f"{name} stops at {', '.join(folders)}: use what that folder offers instead of <{include}>"
        if not OURS.match(include) or home is None:
            continue
        target = include
        if target.startswith(home + "/") and "/" not in target[len(home) + 1:]:
            continue
        if folder_of(target, [home]) and home != "service":
            continue
        if folder_of(target, MAY_INCLUDE[home]) is None:
            allowed = ", ".join(MAY_INCLUDE[home]) or "nothing of ours"
            yield number, f"{home} may include {allowed}; not {include}"


def check_calls(path, text):
    code = without_comments(text)
    for number, line in enumerate(code.split("\n"), 1):
        for pattern, folders, allowed, remedy in BANNED:
            match = re.search(pattern, line)
            if match and folder_of(path, folders) and not folder_of(path, allowed):
                yield number, f"{match.group().strip()} is not used here: {remedy}"


def check_shape(path, text):
    lines = text.split("\n")
    if len(lines) > LINES_MAX:
        yield LINES_MAX, f"{len(lines)} lines; at most {LINES_MAX}: divide the file"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX and not re.match(r'\s*(#include|//.*https?:|R?")', line) and '"' not in line:
            yield number, f"{len(line)} columns; at most {COLUMNS_MAX}: run `tools/dev format`"
        if line.rstrip() != line:
            yield number, "blanks at the end of the line"
    if path.endswith(".h"):
        if not lines[0].startswith("//"):
            yield 1, "a header begins with a comment: what it is, who may call it"
        if "#pragma once" not in text:
            yield 1, "a header has `#pragma once`"


def check_cmake(root, files):
    """Every source is named by the CMakeLists.txt of its folder or one above; none is found by glob."""
    lists = {p: (root / p).read_text() for p in files if p.endswith("CMakeLists.txt") or p.endswith(".cmake")}
    for path, text in lists.items():
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"file\s*\(\s*GLOB", line, re.I) and "CONFIGURE_DEPENDS" not in line:
                yield path, number, "sources are named, not found by glob"
            if re.search(r"\b(FetchContent|ExternalProject)", line):
                yield path, number, "nothing is downloaded by the build: take the distribution's package"
    for path in files:
        if not path.endswith(".cc"):
            continue
        folder = pathlib.PurePosixPath(path).parent
        names = [(str(path[len(str(parent)) + 1:]) if str(parent) != "." else path, str(parent))
                 for parent in [folder, *folder.parents]]
        if not any(re.search(r"(?<![\w/])" + re.escape(name) + r"(?!\w)", lists.get(
                (parent + "/" if parent != "." else "") + "CMakeLists.txt", "")) for name, parent in names):
            yield path, 1, "no CMakeLists.txt names this file, so nothing builds it"


def check_links(root, path, text):
    for number, line in enumerate(text.split("\n"), 1):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
            if not re.match(r"^[a-z]+:", target) and not (root / path).parent.joinpath(target).exists():
                yield number, f"link to {target}, which does not exist"


def tracked(root):
    """What git tracks or would; a tree without git (a release, a test's) is taken whole."""
    if (root / ".git").exists():
        out = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], check=True,
                             capture_output=True, text=True).stdout.split("\n")
        return sorted(f for f in out if f and (root / f).is_file())
    return sorted(str(p.relative_to(root)) for p in root.rglob("*")
                  if p.is_file() and p.relative_to(root).parts[0] not in ("build", "node_modules"))


def findings(root):
    files = tracked(root)
    for path in files:
        if path.endswith((".h", ".cc")):
            text = (root / path).read_text()
            for check in (check_includes, check_calls, check_shape):
                for number, what in check(path, text):
                    yield path, number, what
        elif path.endswith(".md"):
            for number, what in check_links(root, path, (root / path).read_text()):
                yield path, number, what
        if re.search(r"(^|/)(build|node_modules|__pycache__)/|\.(o|a|so|pyc|pb\.(h|cc))$", path):
            yield path, 1, "generated: it does not belong in git"
    yield from check_cmake(root, files)


def main():
    root = pathlib.Path(sys.argv[1])
    found = list(findings(root))
    for path, number, what in found:
        print(f"{path}:{number}: {what}")
    if found:
        sys.exit(f"tidy: {len(found)} findings")
    print(f"tidy: {len(tracked(root))} files are in order")


if __name__ == "__main__":
    main()
