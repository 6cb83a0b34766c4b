"""Smooth random maps from a patch (or follow-up) to a source volume, exact at any point.

source = origin + matrix . p + sum of cubic B-spline fields at p. p and source are (z, y, x) in mm; p is relative to the
patch centre. Points and the image grid are evaluated by the same formula, so that correspondences are exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


def uniform(rng: torch.Generator, low: float, high: float) -> float:
    """One number from U(low, high)."""
    return low + (high - low) * float(torch.rand((), generator=rng))


def rotation(angles_deg: Sequence[float]) -> Tensor:
    """Rotation matrix (3, 3) about z, y, x by the given angles."""
    matrix = torch.eye(3)
    for axis, degrees in enumerate(angles_deg):
        a, b = [i for i in range(3) if i != axis]
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = torch.eye(3)
        turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
        matrix = turn @ matrix
    return matrix


def bspline_weights(position: Tensor, count: int) -> Tensor:
    """Cubic B-spline basis (N, count) at positions in knot units, knot 1 at position 0."""
    distance = (position[:, None] + 1 - torch.arange(count)[None]).abs()
    inner = 2 / 3 - distance**2 + distance**3 / 2
    outer = (2 - distance).clamp(min=0) ** 3 / 6
    return torch.where(distance < 1, inner, outer)


@dataclass(frozen=True)
class Field:
    """Displacement field. knots: (3, Kz, Ky, Kx) mm; knot_mm: their distance; start: p of position 0, mm."""

    knots: Tensor
    knot_mm: float
    start: Tensor

    def weights(self, axis: int, p: Tensor) -> Tensor:
        """Basis along one axis at coordinates p (N,) in mm."""
        return bspline_weights((p - self.start[axis]) / self.knot_mm, self.knots.shape[axis + 1])

    def at(self, points: Tensor) -> Tensor:
        """Displacement (N, 3) mm at points (N, 3)."""
        z, y, x = (self.weights(i, points[:, i]) for i in range(3))
        field = torch.einsum("czyx,nx->nczy", self.knots, x)
        return torch.einsum("nczy,nz,ny->nc", field, z, y)

    def on_grid(self, axes: Sequence[Tensor]) -> Tensor:
        """Displacement (3, Z, Y, X) mm on the grid of the three coordinate vectors."""
        z, y, x = (self.weights(i, axes[i]) for i in range(3))
        field = torch.einsum("czyx,Zz->cZyx", self.knots, z)
        field = torch.einsum("cZyx,Yy->cZYx", field, y)
        return torch.einsum("cZYx,Xx->cZYX", field, x)


def random_field(rng: torch.Generator, half_mm: Tensor, knot_mm: float, sigma_mm: float) -> Field:
    """A field over -half_mm..half_mm (3,) with normally distributed knots of standard deviation sigma_mm."""
    counts = [math.ceil(2 * float(h) / knot_mm) + 3 for h in half_mm]
    return Field(torch.randn((3, *counts), generator=rng) * sigma_mm, knot_mm, -half_mm)


@dataclass(frozen=True)
class SmoothMap:
    """The composed map. origin: (3,) mm; matrix: (3, 3); fields: added displacements."""

    origin: Tensor
    matrix: Tensor
    fields: tuple[Field, ...]

    def at(self, points: Tensor) -> Tensor:
        """Source positions (N, 3) of points (N, 3)."""
        out = self.origin + points @ self.matrix.T
        for field in self.fields:
            out = out + field.at(points)
        return out

    def on_grid(self, axes: Sequence[Tensor]) -> Tensor:
        """Source positions (3, Z, Y, X) of a grid given by its three coordinate vectors (mm)."""
        z, y, x = axes
        shape = (3, len(z), len(y), len(x))
        m = self.matrix
        out = self.origin.view(3, 1, 1, 1) + m[:, 0].view(3, 1, 1, 1) * z.view(1, -1, 1, 1)
        out = out + m[:, 1].view(3, 1, 1, 1) * y.view(1, 1, -1, 1) + m[:, 2].view(3, 1, 1, 1) * x.view(1, 1, 1, -1)
        out = out.expand(shape).contiguous()
        for field in self.fields:
            out += field.on_grid(axes)
        return out

    def inverse_at(self, source: Tensor, rounds: int = 12) -> tuple[Tensor, Tensor]:
        """(points (N, 3), residual mm (N,)) with map(points) = source, by fixed-point iteration."""
        inverse = torch.linalg.inv(self.matrix)
        points = (source - self.origin) @ inverse.T
        for _ in range(rounds):
            points = points + 0.9 * (source - self.at(points)) @ inverse.T
        return points, (source - self.at(points)).norm(dim=1)
