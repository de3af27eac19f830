#!/usr/bin/env python3
"""Lints every .proto under proto/ with buf and the rules of proto/buf.yaml, without network.

protoc resolves the imports into one image, which buf then lints; only our own files are reported. A
second image, made of the same files with one rule broken, must be refused: a linter that looks at
nothing would pass everything.

usage: buf_lint.py SOURCE_DIR GOOGLE_PROTOS PROTOC PROTOBUF_INCLUDE
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    source, google_protos, protoc, protobuf_include = sys.argv[1:]
    proto_dir = pathlib.Path(source) / "proto"
    buf = pathlib.Path(source) / "tools/npm/node_modules/@bufbuild/buf-linux-x64/bin/buf"
    if not buf.exists():
        sys.exit(f"buf is not installed at {buf}: run `tools/dev setup` (npm ci in tools/npm)")
    protos = sorted(str(p.relative_to(proto_dir)) for p in proto_dir.rglob("*.proto"))
    if not protos:
        sys.exit(f"no .proto file under {proto_dir}")

    def lint(root, temporary):
        image = pathlib.Path(temporary) / "image.binpb"
        subprocess.run(
            [protoc, "-I", root, "-I", google_protos, "-I", protobuf_include, "--include_imports",
             "--include_source_info", f"--descriptor_set_out={image}", *protos],
            check=True)
        command = [buf, "lint", image, "--config", proto_dir / "buf.yaml"]
        for proto in protos:
            command += ["--path", proto]
        # A place without a buf.yaml of its own, and no cache outside it.
        return subprocess.run(command, cwd=temporary, capture_output=True, text=True,
                              env={"HOME": temporary, "PATH": "/usr/bin:/bin"})

    with tempfile.TemporaryDirectory() as temporary:
        result = lint(proto_dir, temporary)
        if result.returncode != 0:
            sys.exit(f"buf lint found:\n{result.stdout}{result.stderr}")

        broken = pathlib.Path(temporary) / "broken"
        for proto in protos:
            (broken / proto).parent.mkdir(parents=True, exist_ok=True)
            text = (proto_dir / proto).read_text()
            if proto == "winnow/v1/types.proto":
                text, count = re.subn(r"\bSURFACE_ORDER\b", "ORDER_SURFACE", text)
                assert count == 1, "types.proto has no SURFACE_ORDER to break any more"
            (broken / proto).write_text(text)
        result = lint(broken, temporary)
        if result.returncode == 0 or "ORDER_SURFACE" not in result.stdout + result.stderr:
            sys.exit("buf did not report an enum value without its prefix:\n"
                     f"{result.stdout}{result.stderr}")
    print(f"buf lint: {len(protos)} files are clean: {' '.join(protos)}")


if __name__ == "__main__":
    main()
