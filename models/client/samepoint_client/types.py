"""What the client is given and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import SamepointError, error_of


@dataclass(frozen=True)
class Series:
    """A series of the PACS. source: name of the PACS where the server has several."""

    study: str
    series: str
    source: str | None = None

    def reference(self) -> dict[str, str]:
        """As the API names it."""
        source = {} if self.source is None else {"source": self.source}
        return {"studyInstanceUid": self.study, "seriesInstanceUid": self.series, **source}


@dataclass(frozen=True)
class Model:
    """An installed model."""

    id: str
    title: str
    kind: str
    region: str
    modalities: tuple[str, ...]
    is_default: bool


@dataclass(frozen=True)
class FixedPoint:
    """A pair of places that are each other's nearest neighbours; weights: in the affine along x, y and z, 0 to 1."""

    query: np.ndarray
    target: np.ndarray
    similarity: float
    weights: np.ndarray


@dataclass(frozen=True)
class Match:
    """The answer for one point in one series.

    lps: (3,) mm in the target; NaN where there is an error. verdict: matched, uncertain, out-of-view or absent; only
    `matched` claims the same point. error_radius_mm: holds the true place with 90 % probability.
    """

    target: str
    """Series Instance UID."""
    lps: np.ndarray
    verdict: str
    error_radius_mm: float
    similarity: float
    cycle_error_mm: float
    fixed_points: tuple[FixedPoint, ...] = ()
    error: SamepointError | None = None
    raw: dict[str, Any] = field(default_factory=dict, repr=False)
    """The whole answer, as the API describes it."""


@dataclass(frozen=True)
class Landmark:
    """A named place.

    verdict: uncertain, out-of-view or absent; never `matched`, because the template may be of another patient.
    """

    name: str
    lps: np.ndarray
    verdict: str
    error_radius_mm: float
    similarity: float
    error: SamepointError | None = None


NOWHERE = np.full(3, np.nan)


def as_point(lps: Sequence[float] | np.ndarray) -> list[float]:
    """Three finite numbers. Raises SamepointError otherwise."""
    try:
        point = np.asarray(lps, dtype=float)
    except (TypeError, ValueError):
        point = NOWHERE
    if point.shape != (3,) or not np.isfinite(point).all():
        raise SamepointError(f"a point is three finite numbers, LPS in mm; got {lps!r}", "client/not-a-point")
    return [float(x) for x in point]


def match_of(outcome: dict[str, Any]) -> Match:
    """One outcome of `POST /matches`."""
    target = outcome["target"]["seriesInstanceUid"]
    if not outcome["ok"]:
        error = error_of(outcome["error"])
        return Match(target, NOWHERE, "", np.nan, np.nan, np.nan, error=error, raw=outcome)
    found = outcome["match"]
    return Match(
        target,
        np.array(found["target"]["lps"]),
        found["verdict"],
        found["errorRadiusMm"],
        found["similarity"],
        found["cycleErrorMm"],
        tuple(fixed_point_of(pair) for pair in found.get("fixedPoints", ())),
        raw=outcome,
    )


def fixed_point_of(pair: dict[str, Any]) -> FixedPoint:
    """One of the key `fixedPoints`."""
    query, target, weights = (np.array(pair[key]) for key in ("query", "target", "weights"))
    return FixedPoint(query, target, pair["similarity"], weights)


def landmark_of(outcome: dict[str, Any]) -> Landmark:
    """One outcome of `POST /landmarks`."""
    if not outcome["ok"]:
        return Landmark(outcome["name"], NOWHERE, "", np.nan, np.nan, error_of(outcome["error"]))
    found = outcome["landmark"]
    place = np.array(found["place"]["lps"])
    return Landmark(outcome["name"], place, found["verdict"], found["errorRadiusMm"], found["similarity"])
