"""The client against a made-up server, and the format of fields byte by byte."""

import json
import struct
import threading
import unittest
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import numpy as np

from samepoint_client import Client, SamepointError, Series, client, field
from samepoint_client.field import decode_field

CURRENT, PRIOR = Series("1.1", "1.1.1"), Series("1.2", "1.2.1", source="archive")
Answer = tuple[int, str, bytes]


def as_json(value: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value).encode()


class Stub:
    """A server that answers requests in order and keeps them."""

    def __init__(self, *answers: Answer) -> None:
        stub, self.requests = self, []
        left = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                stub.requests.append(
                    (self.command, self.path, json.loads(body) if body else None, self.headers.get("Authorization"))
                )
                status, kind, data = left.pop(0)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/samepoint/"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class ClientTest(unittest.TestCase):
    def stub(self, *answers: Answer) -> Stub:
        stub = Stub(*answers)
        self.addCleanup(stub.close)
        faster = mock.patch.object(client, "POLL_S", 0.01)
        faster.start()
        self.addCleanup(faster.stop)
        return stub

    def refused(self, work: Callable[[], object]) -> SamepointError:
        with self.assertRaises(SamepointError) as raised:
            work()
        return raised.exception

    def test_models(self) -> None:
        model = {"id": "a", "title": "A", "kind": "sam", "region": "chest", "modalities": ["CT"], "default": True}
        stub = self.stub(as_json({"models": [model]}))
        self.assertEqual([m.id for m in Client(stub.url, token="t").models() if m.is_default], ["a"])
        self.assertEqual(stub.requests, [("GET", "/samepoint/api/models", None, "Bearer t")])

    def test_points_are_matched_in_their_order_after_a_job(self) -> None:
        def outcome(point: str, x: float) -> dict:
            match = {"target": {"lps": [x, 2, 3]}, "verdict": "matched", "errorRadiusMm": 4, "similarity": 0.9}
            pair = {"query": [0, 0, 0], "target": [1, 1, 1], "similarity": 0.9, "weights": [1, 0.5, 1]}
            return {
                "pointId": point,
                "target": PRIOR.reference(),
                "ok": True,
                "match": {**match, "cycleErrorMm": 0.5, "fixedPoints": [pair]},
            }

        failed = {"code": "matching/outside-body", "message": "outside", "remedy": "Click on it.", "status": 422}
        missed = {"pointId": "2", "target": PRIOR.reference(), "ok": False, "error": failed}
        running = {"id": "j", "state": "running", "progress": {"message": "Embedding"}}
        done = {**running, "state": "done", "result": {"matches": [missed, outcome("1", 10), outcome("0", 20)]}}
        stub = self.stub(as_json(running, 202), as_json(running), as_json(done))
        points = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
        [found] = Client(stub.url).match(CURRENT, PRIOR, points, method="structural", fixed_points=True)
        self.assertEqual([m.lps[0] for m in found[:2]], [20, 10])
        self.assertTrue(np.isnan(found[2].lps).all())
        self.assertEqual((found[2].error.code, found[2].error.remedy), ("matching/outside-body", "Click on it."))
        self.assertEqual(found[0].fixed_points[0].weights.tolist(), [1, 0.5, 1])
        self.assertEqual(
            stub.requests[0][2],
            {
                "query": {"studyInstanceUid": "1.1", "seriesInstanceUid": "1.1.1"},
                "targets": [{"studyInstanceUid": "1.2", "seriesInstanceUid": "1.2.1", "source": "archive"}],
                "points": [{"id": str(n), "lps": list(map(float, point))} for n, point in enumerate(points)],
                "method": "structural",
                "fixedPoints": True,
            },
        )
        self.assertEqual([path for _, path, _, _ in stub.requests[1:]], ["/samepoint/api/jobs/j"] * 2)

    def test_landmarks(self) -> None:
        template = {"templateVersion": 1}
        place = {"place": {"lps": [1, 2, 3]}, "verdict": "uncertain", "errorRadiusMm": 23.5, "similarity": 0.8}
        answer = {"landmarks": [{"name": "carina", "ok": True, "landmark": place}]}
        stub = self.stub(as_json(template), as_json(answer))
        made = Client(stub.url).make_template(CURRENT, {"carina": (1, 2, 3)})
        [found] = Client(stub.url).landmarks(PRIOR, made)
        self.assertEqual((found.name, found.lps.tolist(), found.error_radius_mm), ("carina", [1, 2, 3], 23.5))
        self.assertEqual(stub.requests[1][2]["templates"], [template])

    def test_a_refusal_is_raised_in_the_words_of_the_server(self) -> None:
        error = {"code": "dicomweb/series-not-found", "message": "no such series", "remedy": "Look.", "status": 404}
        stub = self.stub(as_json({"error": error}, 404))
        raised = self.refused(lambda: Client(stub.url).embed(CURRENT))
        self.assertEqual((raised.code, raised.status), ("dicomweb/series-not-found", 404))
        self.assertEqual(str(raised), "no such series [dicomweb/series-not-found] Look.")

    def test_a_failed_job_raises_its_error(self) -> None:
        error = {"code": "embedding/no-body", "message": "no body", "remedy": "", "status": 422}
        stub = self.stub(as_json({"id": "j", "state": "failed", "progress": {}, "error": error}, 202))
        self.assertEqual(self.refused(lambda: Client(stub.url).embed(CURRENT)).code, "embedding/no-body")

    def test_a_job_that_lasts_too_long_is_cancelled(self) -> None:
        running = {"id": "j", "state": "running", "progress": {"message": "Embedding"}}
        stub = self.stub(*[as_json(running, 202)] * 100)
        raised = self.refused(lambda: Client(stub.url, timeout_s=0.1).embed(CURRENT))
        self.assertEqual(raised.code, "client/timeout")
        self.assertEqual(stub.requests[-1][:2], ("DELETE", "/samepoint/api/jobs/j"))

    def test_what_is_no_samepoint_is_named(self) -> None:
        page = (200, "text/html", b"<html>")
        stub = self.stub(page, (404, "text/html", b"<html>"))
        for _ in range(2):
            self.assertEqual(self.refused(Client(stub.url).models).code, "client/not-samepoint")
        self.assertEqual(self.refused(Client("http://127.0.0.1:9/x").models).code, "client/unreachable")
        self.assertEqual(self.refused(lambda: Client("file:///etc")).code, "client/bad-address")

    def test_points_are_three_finite_numbers(self) -> None:
        for point in ((1, 2), (1, 2, float("nan")), "a,b,c", None):
            raised = self.refused(lambda p=point: Client("http://127.0.0.1:9").match(CURRENT, PRIOR, [p]))
            self.assertEqual(raised.code, "client/not-a-point")


def field_bytes(version: int = 1) -> bytes:
    """A field of 2 x 2 x 3 nodes (x, y, z), 10 mm apart from (0, 0, 100): displacement (0.1 x + 1, 2, 0)."""
    dims = [2, 2, 3]
    numbers = [(round(0.1 * 10 * x / 0.5) + 2, 4, 0) for _ in range(3) for _ in range(2) for x in range(2)]
    displacement = struct.pack("<36h", *[n for node in numbers for n in node])
    jacobian, radius = struct.pack("<12h", *[100] * 12), bytes([255, *[8] * 11])
    lattice = {
        "dims": dims,
        "origin": [0, 0, 100],
        "spacing": [10, 10, 10],
        "displacement": {"offset": 0, "scaleMm": 0.5},
        "jacobian": {"offset": 72, "scale": 0.01},
        "errorRadius": {"offset": 96, "scaleMm": 0.25},
    }
    affine = [[1, 0, 0, 5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    header = {"verdict": "usable", "affine": affine, "forward": lattice, "inverse": lattice, "quality": {"x": 1}}
    text = json.dumps(header).encode()
    text += b" " * (-(12 + len(text)) % 8)
    return b"SPFD" + struct.pack("<HHI", version, 0, len(text)) + text + displacement + jacobian + radius


class FieldTest(unittest.TestCase):
    def test_a_point_moves_by_the_interpolated_displacement(self) -> None:
        found = decode_field(field_bytes())
        self.assertEqual(found.forward.displacement.shape, (3, 2, 2, 3))
        points = np.array([[0, 0, 100], [5, 5, 110], [10, 10, 120], [10.1, 0, 100]])
        expected = [[1, 2, 100], [6.5, 7, 110], [12, 12, 120], [np.nan] * 3]
        np.testing.assert_allclose(found.forward.map(points), expected)
        self.assertTrue(np.isnan(found.forward.error_radius_mm[0, 0, 0]))
        self.assertEqual(found.forward.error_radius_mm[0, 0, 1], 2.0)
        self.assertEqual(float(found.forward.jacobian[2, 1, 1]), 1.0)
        self.assertEqual((found.verdict, found.quality), ("usable", {"x": 1}))

    def test_simpleitk_maps_points_alike(self) -> None:
        found = decode_field(field_bytes())
        transform = found.forward.to_sitk()
        for point in ((2.0, 3.0, 104.0), (5.0, 5.0, 110.0)):
            np.testing.assert_allclose(transform.TransformPoint(point), found.forward.map(np.array(point)), atol=1e-9)
        self.assertEqual(found.affine_to_sitk().TransformPoint((1.0, 2.0, 3.0)), (6.0, 2.0, 3.0))

    def test_other_bytes_are_refused(self) -> None:
        for data, words in (
            (b"", "no field"),
            (field_bytes(2), "format version 2"),
            (field_bytes()[:-40], "damaged"),
            (b"SPFD" + struct.pack("<HHI", 1, 0, 2) + b"{}", "damaged"),
        ):
            with self.assertRaisesRegex(SamepointError, words):
                decode_field(data)

    def test_without_simpleitk_it_says_what_to_install(self) -> None:
        with (
            mock.patch.dict("sys.modules", {"SimpleITK": None}),
            self.assertRaisesRegex(SamepointError, r"samepoint-client\[simpleitk\]"),
        ):
            field.simpleitk()


if __name__ == "__main__":
    unittest.main()
