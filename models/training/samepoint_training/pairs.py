"""CT-MR pairs of one patient in one frame (folder limb): the MR is resampled to the cropped grid of the CT.

MR intensities are mapped to 0..4095 between their 0.2 and 99.8 percentiles, so that `normalise_hu(image - 1024)` gives
the MR input of UAE-M with the same code as for CT.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .augment import sample_volume
from .data import FULL_RANGE, Volume, read_ct, read_placed, rescaled, stem
from .errors import DataError

MR_PERCENTILES = (0.2, 99.8)
MIN_MR = 1.0
"""Smallest scaled intensity inside the MR field of view; outside, the resampled image is exactly 0."""

NO_POINTS = torch.zeros(0, 3)


def read_ct_mr(ct_path: Path, window: tuple[float, float]) -> tuple[Volume, Volume]:
    """(CT, MR) in the CT's cropped frame; body points of the MR lie in both fields of view.

    window: HU interval of the CT that is mapped to the input range.
    """
    ct = rescaled(read_ct(ct_path), window)
    array, spacing, origin = read_placed(ct_path.with_name(ct_path.name.replace("_ct.", "_t1.")))
    axes = [torch.arange(n) * float(s) for n, s in zip(ct.image.shape, ct.spacing, strict=True)]
    place = torch.stack(torch.meshgrid(*axes, indexing="ij")) + (ct.origin - torch.from_numpy(origin)).view(3, 1, 1, 1)
    image = sample_volume(torch.from_numpy(scaled_mr(array)), torch.from_numpy(spacing), place.float())[0, 0]
    index = (ct.body / ct.spacing).round().long()
    index = torch.minimum(index, torch.tensor(image.shape) - 1)
    seen = image[index[:, 0], index[:, 1], index[:, 2]] >= MIN_MR
    name = stem(ct_path).replace("_ct", "_t1")
    return ct, Volume(name, image, ct.spacing, ct.body[seen], origin=ct.origin)


def scaled_mr(array: np.ndarray) -> np.ndarray:
    """MR units to 0..4095 by percentiles, float32."""
    # Python floats: numpy 2 would otherwise widen the result to float64.
    low, high = (float(bound) for bound in np.percentile(array, MR_PERCENTILES))
    unit = (array.astype(np.float32) - low) / max(high - low, 1.0)
    return np.clip(unit, 0.0, 1.0) * FULL_RANGE


def mr_points(mr: Volume, count: int, rng: torch.Generator) -> Tensor:
    """(count, 3) random body points (mm) inside both fields of view."""
    return mr.body[torch.randint(0, len(mr.body), (count,), generator=rng)]


@dataclass(frozen=True)
class RegisteredPair:
    """A CT and the MR of the same patient with the rigid map between them.

    The place of a CT point p (z, y, x), mm from the centre of voxel 0 of the CT, is `matrix @ p + shift` in the MR, mm
    from the centre of its voxel 0. mr is None for a CT without MR. The image of the MR lies in 0..FULL_RANGE.
    """

    ct: Volume
    mr: Volume | None
    matrix: Tensor
    shift: Tensor
    shared: Tensor = NO_POINTS
    """Body points (N, 3) mm of the CT in the field of view of the MR."""

    def in_mr(self, source: Tensor) -> Tensor:
        """Places in the MR, mm, of CT places (3, Z, Y, X)."""
        rotated = torch.einsum("ij,jzyx->izyx", self.matrix, source)
        return rotated + self.shift.view(3, 1, 1, 1)


def read_registrations(path: Path) -> dict[str, Any]:
    """{patient: registration} of a file of `register_pairs`."""
    try:
        return json.loads(path.read_text())["pairs"]
    except (OSError, ValueError, KeyError) as cause:
        raise DataError(f"{path}: no file of registrations ({cause})") from cause


def read_registered(ct_paths: Sequence[Path], registrations: Path) -> list[RegisteredPair]:
    """The pairs that the file of registrations accepts, with their corrected maps."""
    table = read_registrations(registrations)
    out = []
    for path in ct_paths:
        entry = table.get(stem(path).replace("_ct", ""))
        if entry is not None and entry["accepted"]:
            out.append(read_pair(path, torch.tensor(entry["matrix"]), torch.tensor(entry["shift"])))
    return out


def read_pair(ct_path: Path, matrix: Tensor, shift: Tensor) -> RegisteredPair:
    """One pair. matrix (3, 3), shift (3,): map of scanner coordinates (z, y, x along S, P, L), mm, from CT to MR."""
    ct = read_ct(ct_path)
    array, spacing, origin = read_placed(ct_path.with_name(ct_path.name.replace("_ct.", "_t1.")))
    image = torch.from_numpy(scaled_mr(array))
    name = stem(ct_path).replace("_ct", "_t1")
    mr = Volume(name, image, torch.from_numpy(spacing), torch.zeros(0, 3), origin=torch.from_numpy(origin))
    local = matrix @ ct.origin + shift - mr.origin
    places = ct.body @ matrix.t() + local
    shared = ct.body[((places >= 0) & (places <= mr.extent())).all(1)]
    return RegisteredPair(ct, mr, matrix, local, shared)
