"""Random appearance of a view: contrast phase, thick slices, noise, blur, field of view, CT-MR histogram warps.

Images are (1, 1, Z, Y, X) float, HU + 1024 (0 is air) unless a function says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .config import AugmentConfig
from .data import FULL_RANGE
from .smoothmap import uniform

CURVE_HU = (-1024.0, -950.0, -700.0, -150.0, -80.0, 10.0, 40.0, 80.0, 130.0, 200.0, 350.0, 800.0, 3071.0)
CURVE_SIGMA_HU = (0.0, 25.0, 60.0, 30.0, 15.0, 10.0, 20.0, 30.0, 40.0, 60.0, 90.0, 150.0, 150.0)
"""Control points of the contrast-phase curve, HU, and the standard deviation of their shifts, HU."""


def curve(image: Tensor, knots: Tensor, values: Tensor) -> Tensor:
    """Piecewise-linear map of intensities through (knots, values), both (K,) ascending in `knots`."""
    index = torch.bucketize(image.contiguous(), knots[1:-1])
    slope = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])
    return values[index] + (image - knots[index]) * slope[index]


def contrast_phase(image: Tensor, rng: torch.Generator, strength: float) -> Tensor:
    """Another contrast phase: the control points shift independently, most where tissue enhances."""
    knots = torch.tensor(CURVE_HU) + 1024.0
    shift = torch.randn(len(CURVE_HU), generator=rng) * torch.tensor(CURVE_SIGMA_HU) * strength
    return curve(image, knots, knots + shift).clamp(0.0, FULL_RANGE)


def histogram_warp(image: Tensor, rng: torch.Generator) -> Tensor:
    """Random histogram map of UAE-M: 5 to 15 monotone control points, inverted in 3 of 10 cases."""
    low, high = image.min(), image.max().clamp(min=1.0)
    unit = (image - low) / (high - low)
    if uniform(rng, 0, 1) < 0.3:
        unit = torch.where(image > 500.0, 1.0 - unit, torch.zeros_like(unit))
    count = int(torch.randint(5, 16, (), generator=rng))
    knots = torch.linspace(0, 1, count)
    values = torch.sort(torch.rand(count, generator=rng)).values
    values[0], values[-1] = 0.0, 1.0
    return curve(unit, knots, values) * FULL_RANGE


def thick_slices(image: Tensor, rng: torch.Generator) -> Tensor:
    """Average 2-4 working slices and interpolate back, with a random phase."""
    count = int(torch.randint(2, 5, (), generator=rng))
    phase = int(torch.randint(0, count, (), generator=rng))
    depth = image.shape[2]
    back = (-(depth + phase)) % count
    padded = F.pad(image, (0, 0, 0, 0, phase, back), mode="replicate")
    slabs = F.avg_pool3d(padded, (count, 1, 1))
    full = F.interpolate(slabs, size=padded.shape[2:], mode="trilinear", align_corners=False)
    return full[:, :, phase : phase + depth]


def blur(image: Tensor, sigma: float) -> Tensor:
    """Separable Gaussian, sigma in voxels."""
    taps = torch.arange(-3, 4, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (taps / sigma) ** 2)
    kernel = kernel / kernel.sum()
    for axis in range(3):
        shape = [1, 1, 1, 1, 1]
        shape[axis + 2] = 7
        pad = [0] * 6
        pad[5 - 2 * axis] = pad[4 - 2 * axis] = 3
        image = F.conv3d(F.pad(image, pad, mode="replicate"), kernel.view(shape))
    return image


def noise(image: Tensor, rng: torch.Generator, sigma: float) -> Tensor:
    """Gaussian noise of `sigma` HU; in half of the cases correlated, as after a soft reconstruction kernel."""
    white = torch.randn(image.shape, generator=rng)
    if uniform(rng, 0, 1) < 0.5:
        white = F.avg_pool3d(white, (1, 3, 3), 1, (0, 1, 1)) * 2.5
    return image + white * sigma


def random_box(shape: Sequence[int], rng: torch.Generator) -> tuple[slice, ...]:
    """A field of view (z, y, x) smaller than `shape`: each face moves inwards by up to 30 % in half of the cases."""
    box = []
    for size in shape:
        low = int(max(0.0, uniform(rng, -0.3, 0.3)) * size)
        high = size - int(max(0.0, uniform(rng, -0.3, 0.3)) * size)
        box.append(slice(low, high))
    return tuple(box)


def blank_outside(image: Tensor, box: tuple[slice, ...]) -> Tensor:
    """Zero (air) outside a box of (..., Z, Y, X): a scan or reconstruction that is smaller than the patch."""
    out = torch.zeros_like(image)
    out[(..., *box)] = image[(..., *box)]
    return out


def random_appearance(image: Tensor, rng: torch.Generator, config: AugmentConfig) -> Tensor:
    """A random scanner, protocol and contrast phase; the geometry does not change."""
    if config.aggressive and uniform(rng, 0, 1) < 0.9:
        image = histogram_warp(image, rng)
    elif uniform(rng, 0, 1) < config.curve_chance:
        image = contrast_phase(image, rng, uniform(rng, 0, 1.2) * config.curve_strength)
    sigma = uniform(rng, -0.6, 1.0) * config.blur_voxels
    if sigma > 0.35:
        image = blur(image, sigma)
    if uniform(rng, 0, 1) < 0.8:
        image = noise(image, rng, uniform(rng, 0, 1) ** 2 * config.noise_hu)
    if uniform(rng, 0, 1) < config.thick_chance:
        image = thick_slices(image, rng)
    return image
