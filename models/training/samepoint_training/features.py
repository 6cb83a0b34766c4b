"""Feature maps of one image and interpolation in them. Indices are (z, y, x); integers are voxel centres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .network import NetworkConfig, Triple


@dataclass(frozen=True)
class FeatureMaps:
    """heads: {name: (E, Z, Y, X)}; coarse_ratio: fine voxels per coarse voxel (z, y, x)."""

    heads: dict[str, Tensor]
    coarse_ratio: Triple

    def sample(self, index: Tensor, heads: Sequence[str]) -> dict[str, Tensor]:
        """{head: (N, E) unit rows} at fractional fine indices (N, 3)."""
        return {h: interpolate(self.heads[h], self.head_index(index, h)) for h in heads}

    def head_index(self, index: Tensor, head: str) -> Tensor:
        """Fine indices (N, 3) in the grid of `head`; a coarse voxel is a block of fine ones."""
        if head != "coarse":
            return index
        ratio = torch.tensor(self.coarse_ratio, dtype=torch.float32)
        return (index + 0.5) / ratio - 0.5

    def on_fine_grid(self, head: str) -> Tensor:
        """(E, V) unit features of a head at every fine voxel: interpolated first, then normalised, as in SAM."""
        rows = self.heads[head]
        if head == "coarse":
            size = self.heads["fine"].shape[1:]
            scale = [float(r) for r in self.coarse_ratio]
            rows = F.interpolate(rows[None], scale_factor=scale, mode="trilinear", align_corners=False)[0]
            rows = F.normalize(rows[:, : size[0], : size[1], : size[2]], dim=0)
        return rows.flatten(1)


def split_batch(out: dict[str, Tensor], config: NetworkConfig) -> tuple[FeatureMaps, ...]:
    """One FeatureMaps per image of a batch. `unbind`: one backward pass per head instead of one per image."""
    ratio = tuple(c // f for c, f in zip(config.coarse_stride(), config.fine_stride(), strict=True))
    parts = {head: rows.contiguous().unbind(0) for head, rows in out.items()}
    count = len(next(iter(parts.values())))
    return tuple(FeatureMaps({h: rows[i] for h, rows in parts.items()}, ratio) for i in range(count))


def interpolate(features: Tensor, index: Tensor) -> Tensor:
    """Unit features (N, E) of (E, Z, Y, X) at fractional indices (N, 3), linear, clamped at the border."""
    size = torch.tensor(features.shape[1:], dtype=torch.float32, device=features.device)
    grid = (index.to(features.device) * 2 / (size - 1).clamp(min=1) - 1).flip(1).view(1, -1, 1, 1, 3)
    rows = F.grid_sample(features[None], grid, padding_mode="border", align_corners=True)
    return F.normalize(rows[0, :, :, 0, 0].t(), dim=1)
