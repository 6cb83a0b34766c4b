"""The client. One request after the other; nothing is kept between them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from .errors import SamepointError, error_of
from .field import Field, decode_field
from .types import Landmark, Match, Model, Series, as_point, landmark_of, match_of

POLL_S = 0.5
"""Between two looks at a job."""
FIELD_TYPE = "application/vnd.samepoint.field"


class Client:
    """A server of Samepoint.

    url: of the server, such as http://127.0.0.1:8480/samepoint. token: for `Authorization: Bearer`, which the server
    passes to the PACS. timeout_s: for one call, with the jobs that it waits for.
    """

    def __init__(self, url: str, token: str | None = None, timeout_s: float = 600.0) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise SamepointError(f"{url!r} is no http or https address", "client/bad-address")
        self.api = f"{url.rstrip('/')}/api"
        self.token, self.timeout_s = token, timeout_s

    def models(self) -> list[Model]:
        """The installed models."""
        answer = self._json("GET", "/models")
        return [
            Model(m["id"], m["title"], m["kind"], m["region"], tuple(m["modalities"]), m["default"])
            for m in answer["models"]
        ]

    def embed(self, series: Series, model: str | None = None) -> dict[str, Any]:
        """Embed a series, so that everything after is fast; returns {model, warnings, ...} when it is at hand."""
        return self._json("POST", "/series-embeddings", {**series.reference(), **given(model=model)})

    def match(
        self,
        query: Series,
        targets: Series | Sequence[Series],
        points: Sequence[Sequence[float]] | np.ndarray,
        *,
        method: str | None = None,
        model: str | None = None,
        fixed_points: bool = False,
    ) -> list[list[Match]]:
        """Find points (N, 3) of one series in others: a list per target with a match per point, in their order."""
        wanted = [targets] if isinstance(targets, Series) else list(targets)
        named = [{"id": str(n), "lps": as_point(point)} for n, point in enumerate(points)]
        request = {
            "query": query.reference(),
            "targets": [target.reference() for target in wanted],
            "points": named,
            **given(method=method, model=model, fixedPoints=fixed_points or None),
        }
        answer = self._json("POST", "/matches", request)
        found = {
            (outcome["target"]["seriesInstanceUid"], outcome["pointId"]): match_of(outcome)
            for outcome in answer["matches"]
        }
        return [[found[target.series, point["id"]] for point in named] for target in wanted]

    def register(self, query: Series, target: Series, model: str | None = None) -> Field:
        """The whole map of a pair of series, both ways."""
        request = {"query": query.reference(), "target": target.reference(), **given(model=model)}
        end = time.monotonic() + self.timeout_s
        while True:
            status, kind, body = self._request("POST", "/fields", request, end)
            if kind == FIELD_TYPE:
                return decode_field(body)
            # The job keeps no bytes: the same request gives them when it is done.
            self._wait(parsed(body, status), end)

    def make_template(
        self, series: Series, landmarks: Mapping[str, Sequence[float]], model: str | None = None
    ) -> dict[str, Any]:
        """A template of named points of an embedded series: plain data without image or identity, to keep as JSON."""
        named = [{"name": name, "lps": as_point(lps)} for name, lps in landmarks.items()]
        request = {"series": series.reference(), "landmarks": named, **given(model=model)}
        return self._json("POST", "/landmark-templates", request)

    def landmarks(self, series: Series, templates: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[Landmark]:
        """The landmarks of one template, or of several that vote, in an embedded series."""
        several = [templates] if isinstance(templates, Mapping) else list(templates)
        answer = self._json("POST", "/landmarks", {"series": series.reference(), "templates": several})
        return [landmark_of(outcome) for outcome in answer["landmarks"]]

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A JSON answer; of a job its result."""
        end = time.monotonic() + self.timeout_s
        status, _, data = self._request(method, path, body, end)
        answer = parsed(data, status)
        return self._wait(answer, end) if status == 202 else answer

    def _wait(self, job: dict[str, Any], end: float) -> dict[str, Any]:
        """The result of a job. Raises SamepointError with its error, or when the time is over: the job is cancelled."""
        while job["state"] in ("queued", "running"):
            if time.monotonic() > end:
                self._request("DELETE", f"/jobs/{job['id']}", None, end + POLL_S)
                message = f"the server needed more than {self.timeout_s:g} s: {job['progress']['message']}"
                raise SamepointError(message, "client/timeout", "Give the client a longer timeout_s.")
            time.sleep(POLL_S)
            status, _, data = self._request("GET", f"/jobs/{job['id']}", None, end + POLL_S)
            job = parsed(data, status)
        if job["state"] == "done":
            return job["result"]
        raise error_of(job.get("error") or {"message": "the job was cancelled", "code": "client/cancelled"})

    def _request(self, method: str, path: str, body: dict[str, Any] | None, end: float) -> tuple[int, str, bytes]:
        """(status, media type, bytes) of an answer. Raises SamepointError for any that is none of success."""
        headers = {"Accept": f"application/json, {FIELD_TYPE}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        # The scheme is http or https: checked when the client was made.
        request = Request(self.api + path, data, headers, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=max(0.1, end - time.monotonic())) as answer:  # noqa: S310
                return answer.status, answer.headers.get_content_type(), answer.read()
        except HTTPError as cause:
            raise error_of(error_part(cause.read()), cause.code) from cause
        except (URLError, TimeoutError, ConnectionError) as cause:
            reason = getattr(cause, "reason", cause)
            remedy = "Is the server running, and is the address right?"
            raise SamepointError(f"{self.api}: no answer ({reason})", "client/unreachable", remedy) from cause


def given(**values: Any) -> dict[str, Any]:
    """The values that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def parsed(data: bytes, status: int) -> dict[str, Any]:
    """A JSON object. Raises SamepointError if the bytes are none."""
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise error_of(None, status)
    return value


def error_part(data: bytes) -> Any:
    """The value of the key `error` of a JSON object; None where there is none."""
    try:
        return json.loads(data).get("error")
    except (ValueError, AttributeError):
        return None
