"""Runs the commands of .pre-commit-hooks.yaml as pre-commit does, in a repository whose rules are well and
in one whose rules are not."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(sys.argv.pop(1))
PROGRAMS = pathlib.Path(sys.argv.pop(1))
DATA = ROOT / "tests/tools/testdata"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
BAD = {
    "winnow-rules-fmt": "loose_rules",
    "winnow-rules-fmt-check": "loose_rules",
    "winnow-rules-check": "bad_rules",
    "winnow-rules-test": "failing_rules",
}


def run(hook, repository):
    """The exit code that pre-commit gives the hook over all files: a file that it changes is a failure."""
    files = sorted(p.relative_to(repository).as_posix() for p in repository.rglob("*") if p.is_file())
    chosen = [
        f for f in files if re.search(hook["files"], f) and not re.search(hook.get("exclude", "^$"), f)
    ]
    if not chosen:
        return None
    command = shlex.split(hook["entry"]) + hook.get("args", [])
    if hook.get("pass_filenames", True):
        command += chosen
    before = {f: (repository / f).read_bytes() for f in files}
    environment = dict(os.environ, PATH=f"{PROGRAMS}:{os.environ['PATH']}")
    done = subprocess.run(command, cwd=repository, env=environment, timeout=60, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    changed = any((repository / f).read_bytes() != text for f, text in before.items())
    return done.returncode or int(changed), done.stdout.decode("utf-8", "replace")


class PreCommitTest(unittest.TestCase):

    def repository(self, paths):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        top = pathlib.Path(temporary.name)
        (top / "rules").mkdir()
        for path in paths:
            shutil.copy(path, top / "rules" / path.name)
        return top

    def test_each_hook_has_what_pre_commit_asks_for(self):
        ids = [hook["id"] for hook in HOOKS]
        self.assertEqual(sorted(ids), sorted(BAD))
        for hook in HOOKS:
            with self.subTest(hook["id"]):
                self.assertLessEqual({"id", "name", "entry", "language", "files"}, set(hook))
                known = {"id", "name", "description", "entry", "args", "language", "files", "exclude",
                         "pass_filenames"}
                self.assertLessEqual(set(hook), known)
                self.assertEqual(hook["language"], "system")

    def test_rules_that_are_well_pass(self):
        # The bundled policy beside them is no rule file.
        top = self.repository(
            [ROOT / "examples/embed/rules.yaml", ROOT / "rules/policy.yaml", ROOT / "rules/taxonomy.yaml"])
        for hook in HOOKS:
            with self.subTest(hook["id"]):
                code, output = run(hook, top)
                self.assertEqual(code, 0, output)

    def test_rules_that_are_not_fail(self):
        for hook in HOOKS:
            with self.subTest(hook["id"]):
                code, output = run(hook, self.repository((DATA / BAD[hook["id"]]).glob("*.yaml")))
                self.assertNotEqual(code, 0, output)
                self.assertNotIn("Usage", output)

    def test_no_hook_runs_where_there_are_no_rules(self):
        with tempfile.TemporaryDirectory() as top:
            (pathlib.Path(top) / "README.md").write_text("rules\n")
            for hook in HOOKS:
                self.assertIsNone(run(hook, pathlib.Path(top)))


if __name__ == "__main__":
    unittest.main()
