#!/usr/bin/env python3
"""Runs README.md's commands as a newcomer would: every ```sh block, in order, in one shell.

`<!-- prints: TEXT -->` lines after a block say what its output holds; a block that exits non-zero fails. The
port is exchanged for a free one, so that a server which runs already does no harm. `tools/dev test`, which runs
this, stands in the page as indented text.

usage: readme_test.py SOURCE_DIR
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

PORT = "50051"


def blocks(text):
    """(line number, commands, [expected]) of each block."""
    found = []
    for match in re.finditer(r"^```sh\n(.*?)^```\n((?:<!-- prints: .*? -->\n)*)", text, re.M | re.S):
        expected = re.findall(r"<!-- prints: (.*?) -->", match.group(2))
        found.append((text.count("\n", 0, match.start()) + 1, match.group(1), expected))
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def main():
    source = pathlib.Path(sys.argv[1])
    text = (source / "README.md").read_text()
    found = blocks(text)
    if len(found) != text.count("```sh") or not found:
        sys.exit("README.md: a block of commands was not understood")
    if "    tools/dev test\n" not in text:
        sys.exit("README.md does not name `tools/dev test`")
    shutil.rmtree(source / "build/first", ignore_errors=True)

    port = free_port()
    mark = "--- end of block"
    script = ["set -euo pipefail", "export LC_ALL=C.UTF-8"]
    for line, commands, _ in found:
        script += [commands.replace(PORT, port), f"echo '{mark} {line}'"]
    environment = dict(os.environ, WINNOW_SERVER=f"127.0.0.1:{port}", WINNOW__SERVER__LISTEN=f"127.0.0.1:{port}")
    # A group of its own, so that the server ends with the shell even when a block fails.
    shell = subprocess.Popen(["bash", "-c", "\n".join(script)], cwd=source, env=environment, start_new_session=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        output, _ = shell.communicate(timeout=1500)
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    failed = False
    for line, commands, expected in found:
        part, separator, output = output.partition(f"{mark} {line}\n")
        if not separator:
            sys.exit(f"README.md:{line}: these commands failed:\n{commands}\nThey printed:\n{part}")
        for what in expected:
            if what not in part:
                print(f"README.md:{line}: these commands do not print {what!r}:\n{commands}\nThey printed:\n{part}")
                failed = True
    if failed or shell.returncode != 0:
        sys.exit(f"README.md does not hold (exit {shell.returncode})")
    print(f"README.md: {len(found)} blocks hold")


if __name__ == "__main__":
    main()
