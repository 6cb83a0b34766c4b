"""Random views of a volume with exact correspondence.

A view is a patch on the working grid (2 mm) with the SmoothMap that made it. Patch coordinates are (z, y, x) in mm from
the patch centre. A fine voxel i of stride 2 is the block of working voxels 2i and 2i + 1: its centre has the working
index 2i + 0.5, as in the training of SAM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .config import AugmentConfig
from .data import Volume
from .intensity import blank_outside, random_appearance, random_box
from .network import HU_OFFSET, Triple, normalise_hu
from .smoothmap import SmoothMap, random_field, rotation, uniform


@dataclass(frozen=True)
class View:
    """A patch and where each of its fine voxels comes from.

    image: (1, 1, Z, Y, X) in network units. source: (3, z, y, x), position in the volume of each fine voxel, mm.
    inside: (z, y, x) bool, fine voxels whose source lies in the volume and is not blanked. body: (z, y, x) bool,
    those of them above the smoothed skin threshold. map: patch mm to source mm.
    """

    image: Tensor
    source: Tensor
    inside: Tensor
    body: Tensor
    map: SmoothMap
    grid: FineGrid


@dataclass(frozen=True)
class FineGrid:
    """Fine grid of a patch. patch: working voxels (z, y, x); stride: working voxels per fine voxel."""

    patch: Triple
    stride: Triple
    spacing_mm: float

    def sizes(self) -> Triple:
        """Fine voxels (z, y, x): as in SAM, z is rounded down, y and x are rounded up."""
        z, y, x = (p / s for p, s in zip(self.patch, self.stride, strict=True))
        return (int(z), int(-(-y // 1)), int(-(-x // 1)))

    def axes(self) -> list[Tensor]:
        """Patch coordinates (mm from the centre) of the fine block centres along each axis."""
        return [
            (torch.arange(n) * s + (s - 1) / 2 - (p - 1) / 2) * self.spacing_mm
            for n, s, p in zip(self.sizes(), self.stride, self.patch, strict=True)
        ]

    def to_index(self, points: Tensor) -> Tensor:
        """Fractional fine indices (N, 3) of patch points (N, 3) in mm."""
        stride = torch.tensor(self.stride, dtype=torch.float32)
        patch = torch.tensor(self.patch, dtype=torch.float32)
        return (points / self.spacing_mm + (patch - 1) / 2 - (stride - 1) / 2) / stride


def working_axes(patch: Triple, spacing_mm: float) -> list[Tensor]:
    """Patch coordinates (mm from the centre) of the working voxels along each axis."""
    return [(torch.arange(n) - (n - 1) / 2) * spacing_mm for n in patch]


def sample_volume(volume: Tensor, spacing: Tensor, source: Tensor) -> Tensor:
    """Linear interpolation of a volume.

    volume: (Z, Y, X). spacing: (3,) mm. source: positions (3, z, y, x), mm from the centre of voxel 0.
    Returns (1, 1, z, y, x); 0 outside the volume.
    """
    size = torch.tensor(volume.shape, dtype=torch.float32)
    scale = (2.0 / (spacing * (size - 1).clamp(min=1))).view(3, 1, 1, 1)
    grid = (source * scale - 1.0).flip(0).permute(1, 2, 3, 0)[None]
    return F.grid_sample(volume[None, None], grid, mode="bilinear", padding_mode="zeros", align_corners=True)


def random_map(rng: torch.Generator, seed: Tensor, config: AugmentConfig, strength: float) -> SmoothMap:
    """A map from some point within `offset_mm` of the patch centre to `seed` (3,), mm in the volume.

    strength: factor of rotation, scale and deformation; 1 is the configured range.
    """
    half = torch.tensor(config.patch) * config.spacing_mm / 2
    angles = [uniform(rng, -1, 1) * config.rotation_deg * strength for _ in range(3)]
    common = 1 + uniform(rng, -1, 1) * config.scale * strength
    scales = torch.tensor([common * (1 + uniform(rng, -0.3, 0.3) * config.scale * strength) for _ in range(3)])
    knot = uniform(rng, *config.elastic_knot_mm)
    sigma = uniform(rng, 0, 1) * config.elastic_mm * strength
    fields = (
        random_field(rng, half, knot, sigma),
        random_field(rng, half, config.local_knot_mm, uniform(rng, 0, 1) * config.local_mm * strength),
    )
    limit = torch.minimum(torch.full((3,), config.offset_mm), half * 0.6)
    offset = (torch.rand(3, generator=rng) * 2 - 1) * limit
    draft = SmoothMap(torch.zeros(3), rotation(angles) @ torch.diag(scales), fields)
    origin = seed - draft.at(offset[None])[0]
    return SmoothMap(origin, draft.matrix, fields)


def make_view(volume: Volume, view_map: SmoothMap, rng: torch.Generator, config: AugmentConfig, stride: Triple) -> View:
    """Render one view and its fine-grid correspondence."""
    grid = FineGrid(config.patch, stride, config.spacing_mm)
    source = view_map.on_grid(working_axes(config.patch, config.spacing_mm))
    image = sample_volume(volume.image, volume.spacing, source)
    body = F.avg_pool3d(image, 2 * max(stride) - 1, stride, max(stride) - 1)[0, 0] > 500.0
    image = random_appearance(image, rng, config)
    visible = torch.ones_like(body)
    if uniform(rng, 0, 1) < config.crop_chance:
        box = random_box(config.patch, rng)
        image = blank_outside(image, box)
        # A fine voxel is visible if its whole block is visible: points in the blanked part have no correspondence.
        fine_box = tuple(slice(-(-b.start // s), b.stop // s) for b, s in zip(box, stride, strict=True))
        visible = blank_outside(visible, fine_box)
    fine = view_map.on_grid(grid.axes())
    extent = volume.extent().view(3, 1, 1, 1)
    sizes = tuple(slice(0, n) for n in grid.sizes())
    inside = ((fine >= 0) & (fine <= extent)).all(0) & visible[sizes]
    body = body[sizes]
    return View(normalise_hu(image - HU_OFFSET), fine, inside, body & inside, view_map, grid)


def random_pair(
    volume: Volume,
    rng: torch.Generator,
    config: AugmentConfig,
    stride: Triple,
    seed: Tensor | None = None,
    partner: Volume | None = None,
) -> tuple[View, View]:
    """Two views that share a body point. The first is deformed less, as a baseline scan would be.

    Both show `volume`, or the second shows `partner`: another image of the patient in the same frame.
    seed: the shared point (3,), mm; None draws a body point.
    """
    if seed is None:
        pick = int(torch.randint(0, len(volume.body), (), generator=rng))
        seed = volume.body[pick]
    views = []
    for shown, strength in ((volume, uniform(rng, 0.1, 0.6)), (partner or volume, uniform(rng, 0.5, 1.2))):
        view_map = random_map(rng, seed, config, strength)
        views.append(make_view(shown, view_map, rng, config, stride))
    return views[0], views[1]


def stack_images(views: Sequence[View]) -> Tensor:
    """(N, 1, Z, Y, X) batch."""
    return torch.cat([v.image for v in views])
