"""Corresponding points of two patients from their organ contours. Points are (z, y, x) in mm.

A compact organ gives seven landmarks: its centroid, and along each axis the mean of the tenth of its voxels at either
end. Spinal cord and oesophagus give only centroids, because a contouring protocol defines where their contours end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

COMPACT_ORGANS = (1, 3, 4, 6, 7)
"""Labels of brainstem, parotid glands, larynx and mandible in OpenKBP."""
MIN_VOXELS = 40
"""Smaller organs give no landmarks."""
TAIL = 0.1
"""Share of the voxels at one end of an axis."""
RIDGE_MM = 30.0
"""Regularisation of the scale: landmarks with less spread than this along an axis, mm, hardly change the scale there.
"""
RESIDUAL_MM = 25.0
"""Standard deviation of the Gaussian weight of a residual of the affine fit, mm."""
RESIDUAL_TRUST = 0.5
"""Added to the sum of weights: far from landmarks the map tends to the affine fit."""


def find_anchors(organs: np.ndarray, spacing: np.ndarray) -> dict[int, np.ndarray]:
    """{10 * label + k: point} of a label map (Z, Y, X); k = 0 centroid, 1-6 low and high end of z, y, x."""
    where = np.stack(np.nonzero(organs), 1)
    codes = organs[tuple(where.T)]
    out: dict[int, np.ndarray] = {}
    for label in COMPACT_ORGANS:
        points = where[codes == label] * spacing
        if len(points) < MIN_VOXELS:
            continue
        out[10 * label] = points.mean(0)
        for axis in range(3):
            low, high = np.quantile(points[:, axis], [TAIL, 1 - TAIL])
            out[10 * label + 1 + 2 * axis] = points[points[:, axis] <= low].mean(0)
            out[10 * label + 2 + 2 * axis] = points[points[:, axis] >= high].mean(0)
    return out


@dataclass(frozen=True)
class PatientMap:
    """Approximate map between two patients: affine plus smoothed residuals at `landmarks` (N, 3)."""

    landmarks: Tensor
    centre: Tensor
    target_centre: Tensor
    matrix: Tensor
    residuals: Tensor

    def affine(self, points: Tensor) -> Tensor:
        """Affine part at points (M, 3)."""
        return (points - self.centre) @ self.matrix + self.target_centre

    def at(self, points: Tensor) -> Tensor:
        """Positions in the other patient (M, 3) of points (M, 3)."""
        weight = torch.exp(-0.5 * (torch.cdist(points, self.landmarks) / RESIDUAL_MM) ** 2)
        return self.affine(points) + weight @ self.residuals / (weight.sum(1, keepdim=True) + RESIDUAL_TRUST)


def patient_map(source: Tensor, target: Tensor) -> PatientMap:
    """The map of corresponding landmarks (N, 3), N >= 1; ridge regression towards a pure shift."""
    centre, target_centre = source.mean(0), target.mean(0)
    a, b = source - centre, target - target_centre
    ridge = len(a) * RIDGE_MM**2 / 3 * torch.eye(3)
    matrix = torch.eye(3) + torch.linalg.solve(a.T @ a + ridge, a.T @ (b - a))
    draft = PatientMap(source, centre, target_centre, matrix, torch.zeros_like(source))
    return PatientMap(source, centre, target_centre, matrix, target - draft.affine(source))
