"""The map of a pair of series: docs/fields.md of the server, format version 1."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import SamepointError

if TYPE_CHECKING:
    import SimpleITK

MAGIC, VERSION, HEADER_AT = b"SPFD", 1, 12
UNKNOWN_RADIUS = 255


@dataclass(frozen=True)
class Lattice:
    """Displacements on a regular lattice in the patient. Arrays are (z, y, x, ...); triples are x, y, z, mm, LPS."""

    origin: np.ndarray
    spacing: np.ndarray
    displacement: np.ndarray
    """(nz, ny, nx, 3), mm."""
    jacobian: np.ndarray
    """(nz, ny, nx): how many times larger a small volume is in the other series."""
    error_radius_mm: np.ndarray
    """(nz, ny, nx): NaN where the map is not known."""

    def map(self, points: np.ndarray) -> np.ndarray:
        """Places (..., 3) in the other series of points (..., 3), interpolated; NaN outside of the lattice."""
        points = np.asarray(points, dtype=float)
        index = ((points - self.origin) / self.spacing)[..., ::-1]
        last = np.array(self.displacement.shape[:3]) - 1
        low = np.clip(np.floor(index), 0, last - 1).astype(int)
        share = index - low
        out = np.zeros(points.shape)
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(corner, share, 1 - share), axis=-1)
            out += weight[..., None] * self.displacement[tuple(np.moveaxis(low + corner, -1, 0))]
        outside = ((index < 0) | (index > last)).any(-1)
        return np.where(outside[..., None], np.nan, points + out)

    def to_sitk(self) -> SimpleITK.DisplacementFieldTransform:
        """A transform that maps a point as `map` does; resampling the other series with it warps that one to this."""
        sitk = simpleitk()
        image = sitk.GetImageFromArray(np.ascontiguousarray(self.displacement, dtype=float), isVector=True)
        image.SetOrigin([float(x) for x in self.origin])
        image.SetSpacing([float(x) for x in self.spacing])
        return sitk.DisplacementFieldTransform(image)


@dataclass(frozen=True)
class Field:
    """The map of a pair. affine: (4, 4), from the query to the target. verdict: usable, unsure or different-region."""

    verdict: str
    affine: np.ndarray
    forward: Lattice
    """From the query to the target."""
    inverse: Lattice
    """From the target to the query."""
    header: dict[str, Any]

    @property
    def quality(self) -> dict[str, Any]:
        """foldingShare, inverseConsistencyMm, coveredShare."""
        return self.header["quality"]

    def affine_to_sitk(self) -> SimpleITK.AffineTransform:
        """The affine part, from the query to the target."""
        transform = simpleitk().AffineTransform(3)
        transform.SetMatrix([float(x) for x in self.affine[:3, :3].ravel()])
        transform.SetTranslation([float(x) for x in self.affine[:3, 3]])
        return transform


def simpleitk() -> Any:
    """The package SimpleITK. Raises SamepointError where it is not installed."""
    try:
        import SimpleITK
    except ImportError as cause:
        remedy = "pip install samepoint-client[simpleitk]"
        raise SamepointError("SimpleITK is not installed", "client/no-simpleitk", remedy) from cause
    return SimpleITK


def decode_field(data: bytes) -> Field:
    """The field of the bytes that `POST /fields` answers. Raises SamepointError if they are none of this version."""
    if len(data) < HEADER_AT or data[:4] != MAGIC:
        raise SamepointError("the answer is no field of Samepoint", "client/bad-field")
    version, _, length = struct.unpack_from("<HHI", data, 4)
    if version != VERSION:
        remedy = "Install the version of this client that belongs to the server."
        raise SamepointError(f"the field has format version {version}, not {VERSION}", "client/bad-field", remedy)
    try:
        header = json.loads(data[HEADER_AT : HEADER_AT + length])
        body = data[HEADER_AT + length :]
        forward, inverse = (lattice_of(header[key], body) for key in ("forward", "inverse"))
        return Field(header["verdict"], np.array(header["affine"], dtype=float), forward, inverse, header)
    except (ValueError, KeyError, TypeError) as cause:
        raise SamepointError(f"the field is damaged ({cause})", "client/bad-field") from cause


def lattice_of(header: dict[str, Any], body: bytes) -> Lattice:
    """One lattice of the header with its data."""
    size = tuple(int(n) for n in reversed(header["dims"]))
    count = int(np.prod(size))

    def read(key: str, kind: str, scale: str, numbers: int = 1) -> np.ndarray:
        part = header[key]
        return np.frombuffer(body, kind, numbers * count, part["offset"]).astype(float) * part[scale]

    codes = np.frombuffer(body, "u1", count, header["errorRadius"]["offset"])
    radius = np.where(codes == UNKNOWN_RADIUS, np.nan, codes * header["errorRadius"]["scaleMm"])
    return Lattice(
        np.array(header["origin"], dtype=float),
        np.array(header["spacing"], dtype=float),
        read("displacement", "<i2", "scaleMm", 3).reshape(*size, 3),
        read("jacobian", "<i2", "scale").reshape(size),
        radius.reshape(size),
    )
