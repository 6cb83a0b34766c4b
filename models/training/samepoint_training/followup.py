"""Synthetic follow-ups with known correspondence, for model selection on held-out volumes.

The four cases are those of the accuracy benchmark (test/accuracy): F(y) = V(T(y)) for a volume V, a smooth random map
T and the follow-up F. Points are (z, y, x) in mm from the centre of voxel 0 of the respective 2 mm volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from .augment import sample_volume
from .config import WORKING_MM
from .data import Volume
from .intensity import contrast_phase, noise
from .smoothmap import Field, SmoothMap, random_field, rotation

SKIN_MM = 8.0
"""Points lie at least this far inside the skin."""
FIELD_MM = 6.0
"""Points lie at least this far inside both fields of view."""
THICK_MM = 5.0
"""Slice thickness of the case `thick`."""


@dataclass(frozen=True)
class Case:
    """One case of the protocol. Amplitudes: 99th percentile of the displacement. shift_mm: maximum along x, y, z."""

    smooth_mm: float
    smooth_knot_mm: float
    local_mm: float
    rotation_deg: float
    shift_mm: tuple[float, float, float]
    noise_hu: float
    crop: bool = False
    thick: bool = False


CASES: dict[str, Case] = {
    "easy": Case(8.0, 80.0, 1.5, 3.0, (8.0, 8.0, 20.0), 10.0),
    "strong": Case(22.0, 70.0, 3.0, 5.0, (15.0, 15.0, 25.0), 15.0),
    "crop": Case(12.0, 70.0, 2.0, 4.0, (15.0, 15.0, 50.0), 15.0, crop=True),
    "thick": Case(12.0, 70.0, 2.0, 4.0, (10.0, 10.0, 25.0), 25.0, thick=True),
}
LOCAL_KNOT_MM = 30.0


@dataclass(frozen=True)
class FollowUp:
    """image: (Z, Y, X) HU + 1024 at 2 mm. query: (N, 3) mm in V; truth: (N, 3) mm in F."""

    image: Tensor
    query: Tensor
    truth: Tensor


def resampled(volume: Volume) -> Tensor:
    """The volume at 2 mm isotropic, (Z, Y, X) HU + 1024, voxel 0 kept in place."""
    sizes = (volume.extent() / WORKING_MM).floor().long() + 1
    axes = [torch.arange(int(n)) * WORKING_MM for n in sizes]
    source = torch.stack(torch.meshgrid(*axes, indexing="ij")).float()
    return sample_volume(volume.image, volume.spacing, source)[0, 0]


def scaled_field(rng: torch.Generator, half: Tensor, knot_mm: float, amplitude_mm: float, points: Tensor) -> Field:
    """A random field whose 99th percentile length on `points` (N, 3) is `amplitude_mm`."""
    field = random_field(rng, half, knot_mm, 1.0)
    length = torch.quantile(field.at(points).norm(dim=1), 0.99)
    return Field(field.knots * (amplitude_mm / length), knot_mm, field.start)


def follow_up_map(case: Case, rng: torch.Generator, half: Tensor, body: Tensor) -> SmoothMap:
    """T in coordinates whose origin is the centre of the volume.

    half: half the extent of the fields (3,), mm. body: body points (N, 3) in these coordinates, mm.
    """
    some = body[torch.randint(0, len(body), (1500,), generator=rng)]
    fields = (
        scaled_field(rng, half, case.smooth_knot_mm, case.smooth_mm, some),
        scaled_field(rng, half, LOCAL_KNOT_MM, case.local_mm, some),
    )
    sign = torch.rand(3, generator=rng) * 2 - 1
    turn = rotation([float(s) * case.rotation_deg for s in torch.rand(3, generator=rng) * 2 - 1])
    shift = torch.tensor(case.shift_mm).flip(0) * sign
    return SmoothMap(shift, turn, fields)


def make_follow_up(volume: Volume, name: str, seed: int, count: int = 200) -> FollowUp:
    """One case of the protocol for one volume with `count` points; the same seed gives the same follow-up."""
    case, rng = CASES[name], torch.Generator().manual_seed(seed)
    fixed = resampled(volume)
    size = torch.tensor(fixed.shape, dtype=torch.float32)
    centre = (size - 1) * WORKING_MM / 2
    smooth_map = follow_up_map(case, rng, centre + 60.0, volume.body - centre)
    share = torch.tensor([0.55, 0.88, 0.88]) if case.crop else torch.ones(3)
    cut = (size * share).floor()
    low = ((size - cut) * torch.rand(3, generator=rng)).floor()
    axes = [(torch.arange(int(n)) + a) * WORKING_MM - c for n, a, c in zip(cut, low, centre, strict=True)]
    source = smooth_map.on_grid(axes) + centre.view(3, 1, 1, 1)
    image = sample_volume(fixed, torch.full((3,), WORKING_MM), source)
    if case.thick:
        image = contrast_phase(thick(image), rng, 1.0)
    image = noise(image, rng, case.noise_hu)[0, 0].clamp(min=0.0)
    truth = eligible(image, source, size, rng, count)
    points = truth.float() * WORKING_MM + low * WORKING_MM - centre
    return FollowUp(image, smooth_map.at(points) + centre, truth.float() * WORKING_MM)


def thick(image: Tensor) -> Tensor:
    """The image (1, 1, Z, Y, X) as if reconstructed in slices of THICK_MM: averaged, then interpolated back to 2 mm."""
    depth = image.shape[2]
    slabs = F.interpolate(image, size=(int(depth * WORKING_MM / THICK_MM), *image.shape[3:]), mode="area")
    return F.interpolate(slabs, size=image.shape[2:], mode="trilinear", align_corners=False)


def eligible(image: Tensor, source: Tensor, size: Tensor, rng: torch.Generator, count: int) -> Tensor:
    """Random voxels (count, 3) of F: SKIN_MM inside the body, FIELD_MM inside both fields of view."""
    margin, skin = int(FIELD_MM / WORKING_MM), int(SKIN_MM / WORKING_MM)
    extent = ((size - 1) * WORKING_MM).view(3, 1, 1, 1)
    ok = ((source > FIELD_MM) & (source < extent - FIELD_MM)).all(0)
    ok &= deep_body(image, skin)
    inner = torch.zeros_like(ok)
    inner[margin:-margin, margin:-margin, margin:-margin] = True
    places = torch.nonzero(ok & inner)
    return places[torch.randint(0, len(places), (count,), generator=rng)]


def deep_body(image: Tensor, skin: int) -> Tensor:
    """(Z, Y, X) bool: at least `skin` voxels inside the filled body of (Z, Y, X) HU + 1024."""
    mask = ndimage.uniform_filter(image.numpy(), 3) > 524.0
    mask = ndimage.binary_opening(mask, iterations=3)
    filled = [ndimage.binary_fill_holes(s) for s in mask]
    body = torch.from_numpy(np.stack(filled))
    inner = -F.max_pool2d(-body.float()[None], 2 * skin + 1, 1, skin)
    return inner[0] > 0.5
