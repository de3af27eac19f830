#!/usr/bin/env python3
"""Tests tidy.py itself: each row is a small tree and what must be said about it."""
import pathlib
import tempfile
import unittest

import tidy

CMAKE = "add_library(x {})\n"
HEADER = "// What it is.\n#pragma once\n"

# name, {path: text}, substring of the one finding (None: the tree is in order)
ROWS = [
    ("a tidy tree", {"engine/text/a.cc": '#include "engine/base/b.h"\n#include <unicode/ucnv.h>\n',
                     "engine/text/CMakeLists.txt": CMAKE.format("a.cc")}, None),
    ("engine includes service", {"engine/match/a.h": HEADER + '#include "service/domain/b.h"\n'},
     "engine/match may include"),
    ("base includes text", {"engine/base/a.h": HEADER + '#include "engine/text/b.h"\n'}, "engine/base may include"),
    ("domain includes an adapter", {"service/domain/a.h": HEADER + '#include "service/rocks/b.h"\n'},
     "service/domain may include"),
    ("domain includes the API", {"service/domain/a.h": HEADER + '#include "winnow/v1/types.pb.h"\n'},
     "service/domain may include"),
    ("rocks includes its port", {"service/rocks/a.h": HEADER + '#include "service/domain/ports/store.h"\n'}, None),
    ("rocks includes the domain", {"service/rocks/a.h": HEADER + '#include "service/domain/checks.h"\n'},
     "service/rocks may include"),
    ("the checker includes its rooms", {"engine/a.h": HEADER + '#include "engine/pack/pack.h"\n'}, None),
    ("ICU outside its folder", {"engine/rules/a.h": HEADER + "#include <unicode/utf8.h>\n"}, "ICU stops at"),
    ("Hyperscan outside its folder", {"engine/a.h": HEADER + "#include <hs/hs.h>\n"}, "Hyperscan stops at"),
    ("RocksDB in the domain", {"service/domain/a.h": HEADER + "#include <rocksdb/db.h>\n"}, "RocksDB stops at"),
    ("gRPC in the domain", {"service/domain/a.h": HEADER + "#include <grpcpp/grpcpp.h>\n"}, "gRPC stops at"),
    ("the wall clock in the engine", {"engine/a.h": HEADER + "auto t = absl::Now();\n"}, "absl::Now("),
    ("the wall clock in a comment", {"engine/a.h": HEADER + "// not absl::Now()\n"}, None),
    ("the wall clock in a string", {"engine/a.h": HEADER + 'auto t = "absl::Now()";\n'}, None),
    ("the clock itself", {"service/system/a.h": HEADER + "auto t = absl::Now();\n"}, None),
    ("sleeping", {"service/grpc/a.h": HEADER + "std::this_thread::sleep_for(x);\n"}, "sleep_for("),
    ("an unsafe string call", {"tools/cli/a.h": HEADER + "strcpy(a, b);\n"}, "strcpy("),
    ("a disabled test", {"tests/a.h": HEADER + "TEST(X, DISABLED_Y) {}\n"}, "DISABLED_Y"),
    ("a header without its contract", {"engine/a.h": "#pragma once\n"}, "begins with a comment"),
    ("a header without a guard", {"engine/a.h": "// What it is.\n"}, "#pragma once"),
    ("a long line", {"engine/a.h": HEADER + "int " + "a" * 100 + ";\n"}, "columns"),
    ("a long file", {"engine/a.h": HEADER + "int a;\n" * 1000}, "divide the file"),
    ("blanks at the end", {"engine/a.h": HEADER + "int a; \n"}, "blanks at the end"),
    ("a source that nothing builds", {"engine/a.cc": "int a;\n", "engine/CMakeLists.txt": CMAKE.format("b.cc")},
     "nothing builds it"),
    ("a source named from above", {"engine/x/a.cc": "int a;\n", "engine/CMakeLists.txt": CMAKE.format("x/a.cc")},
     None),
    ("a source whose name ends another's", {"engine/a.cc": "int a;\n", "engine/aa.cc": "int a;\n",
                                            "engine/CMakeLists.txt": CMAKE.format("aa.cc")}, "nothing builds it"),
    ("sources by glob", {"engine/CMakeLists.txt": "file(GLOB x *.cc)\n"}, "not found by glob"),
    ("a download", {"CMakeLists.txt": "include(FetchContent)\n"}, "nothing is downloaded"),
    ("a dead link", {"README.md": "see [it](docs/none.md)\n"}, "does not exist"),
    ("a live link", {"README.md": "see [it](docs/a.md#part)\n", "docs/a.md": "x\n"}, None),
    ("a generated file", {"engine/a.pb.h": HEADER}, "generated"),
]


class Tidy(unittest.TestCase):
    def test_rows(self):
        for name, tree, expected in ROWS:
            with self.subTest(name), tempfile.TemporaryDirectory() as temporary:
                root = pathlib.Path(temporary)
                for path, text in tree.items():
                    (root / path).parent.mkdir(parents=True, exist_ok=True)
                    (root / path).write_text(text)
                found = [what for _, _, what in tidy.findings(root)]
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(expected, found[0])


if __name__ == "__main__":
    unittest.main()
