"""The first call from another language: stubs made by protoc from proto/, a Python client, winnowd.

  python_client_test.py BIN_DIR PROTO_DIR GOOGLE_PROTOS PROTOBUF_INCLUDE PROTOC GRPC_PYTHON_PLUGIN TEST_RULES
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

(BIN_DIR, PROTO_DIR, GOOGLE_PROTOS, PROTOBUF_INCLUDE, PROTOC, PLUGIN, TEST_RULES) = sys.argv[1:8]

PROTOS = [
    "google/rpc/status.proto", "google/rpc/error_details.proto", "google/api/field_behavior.proto",
    "winnow/v1/types.proto", "winnow/v1/check_service.proto", "winnow/v1/pack_service.proto",
]


def make_stubs(folder):
    subprocess.run(
        [PROTOC, "-I", PROTO_DIR, "-I", GOOGLE_PROTOS, "-I", PROTOBUF_INCLUDE,
         f"--plugin=protoc-gen-grpc_python={PLUGIN}", f"--python_out={folder}",
         f"--grpc_python_out={folder}", *PROTOS], check=True)
    sys.path.insert(0, str(folder))
    # google/rpc lies here, google/protobuf with Python's own package.
    import google
    google.__path__.append(str(folder / "google"))


class PythonClientTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        make_stubs(folder)
        subprocess.run([TEST_RULES, folder], check=True)
        cls.server = subprocess.Popen(
            [f"{BIN_DIR}/winnowd", "--listen", "127.0.0.1:0", "--data-dir", folder / "data",
             "--pack", folder / "test.pack", "--policy", folder / "policy.yaml",
             "--set", "rules.accept_unsigned=true"],
            stdout=subprocess.PIPE, text=True)
        line = cls.server.stdout.readline()
        assert line.startswith("listening on "), f"winnowd did not start: {line!r}"
        import grpc
        from winnow.v1 import check_service_pb2_grpc, pack_service_pb2_grpc
        cls.channel = grpc.insecure_channel(line.split()[-1])
        cls.checks = check_service_pb2_grpc.CheckServiceStub(cls.channel)
        cls.packs = pack_service_pb2_grpc.PackServiceStub(cls.channel)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.server.terminate()
        code = cls.server.wait(timeout=60)
        cls.server.stdout.close()
        cls.folder.cleanup()
        assert code == 0, f"winnowd ended with {code}"

    def request(self, content_id, **value):
        from winnow.v1 import check_service_pb2, types_pb2
        return check_service_pb2.CheckContentRequest(
            parent="tenants/python",
            content=types_pb2.Content(
                content_id=content_id, surface=types_pb2.SURFACE_ORDER,
                fields=[types_pb2.TextField(key="note", **value)]),
            client_token=content_id)

    def test_checks_and_reads_back(self):
        from winnow.v1 import check_service_pb2, types_pb2
        text = "😀来真人荷官吧"
        request = self.request("order-1", text=text)
        request.offset_unit = types_pb2.OFFSET_UNIT_CODE_POINTS
        verdict = self.checks.CheckContent(request, timeout=30)
        self.assertEqual(verdict.decision, types_pb2.DECISION_BLOCK)
        span = verdict.findings[0].span
        # Code points are what Python counts.
        self.assertEqual(text[span.begin:span.end], "真人荷官")
        read = self.checks.GetVerdict(check_service_pb2.GetVerdictRequest(name=verdict.name),
                                      timeout=30)
        self.assertEqual(read, verdict)
        listed = self.checks.ListVerdicts(
            check_service_pb2.ListVerdictsRequest(parent="tenants/python",
                                                  filter='content_id = "order-1"'), timeout=30)
        self.assertEqual(list(listed.verdicts), [verdict])

    def test_bytes_in_another_charset(self):
        from winnow.v1 import types_pb2
        verdict = self.checks.CheckContent(
            self.request("order-2", raw="来真人荷官吧".encode("gb18030"), charset="gb18030"),
            timeout=30)
        self.assertEqual(verdict.decision, types_pb2.DECISION_BLOCK)
        self.assertEqual(verdict.detected_charset, "GB18030")

    def test_streams(self):
        from winnow.v1 import check_service_pb2, types_pb2
        requests = (check_service_pb2.CheckStreamRequest(
            request=self.request(f"s-{i}", text="真人荷官" if i % 2 else "你好"))
                    for i in range(200))
        decisions = {r.client_token: r.verdict.decision
                     for r in self.checks.CheckStream(requests, timeout=60)}
        self.assertEqual(len(decisions), 200)
        for token, decision in decisions.items():
            odd = int(token[2:]) % 2
            self.assertEqual(decision,
                             types_pb2.DECISION_BLOCK if odd else types_pb2.DECISION_ALLOW)

    def test_a_file(self):
        from winnow.v1 import check_service_pb2, types_pb2

        def messages():
            yield check_service_pb2.CheckFileRequest(
                header=check_service_pb2.CheckFileRequest.Header(
                    parent="tenants/python", content_id="file-1", file_name="notes.txt"))
            for _ in range(10):
                yield check_service_pb2.CheckFileRequest(chunk="一行文字\n".encode() * 1000)
            yield check_service_pb2.CheckFileRequest(chunk="真人荷官".encode())

        verdict = self.checks.CheckFile(messages(), timeout=60)
        self.assertEqual(verdict.decision, types_pb2.DECISION_BLOCK)

    def test_an_error_says_what_to_repair(self):
        import grpc
        from google.rpc import error_details_pb2, status_pb2
        with self.assertRaises(grpc.RpcError) as raised:
            self.checks.CheckContent(self.request("", text="hello"), timeout=30)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        details = dict(raised.exception.trailing_metadata())["grpc-status-details-bin"]
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in status_pb2.Status.FromString(details).details:
            detail.Unpack(info)
            detail.Unpack(bad)
        self.assertEqual((info.domain, info.reason), ("winnow", "FIELD_INVALID"))
        self.assertEqual(bad.field_violations[0].field, "content.content_id")

    def test_which_pack(self):
        from winnow.v1 import pack_service_pb2
        pack = self.packs.GetActivePack(pack_service_pb2.GetActivePackRequest(), timeout=30)
        self.assertEqual(pack.rule_count, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
