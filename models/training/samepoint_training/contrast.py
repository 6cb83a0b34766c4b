"""Synthetic contrasts of a CT: one random value per tissue class, as in SynthSeg (Billot et al., 2023), but from HU.

Input images are (1, 1, Z, Y, X) float, HU + 1024. Results are MR-like intensities in 0..1, as after scaling between
the 0.2 and 99.8 percentiles of a volume.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .config import ContrastConfig
from .intensity import blur, curve
from .smoothmap import uniform

KNOTS = (
    ("air", -1024.0),
    ("air", -950.0),
    ("lung", -800.0),
    ("lung", -500.0),
    ("fat", -160.0),
    ("fat", -110.0),
    ("fat", -60.0),
    ("fluid", -10.0),
    ("fluid", 20.0),
    ("muscle", 45.0),
    ("organ", 70.0),
    ("enhanced", 110.0),
    ("enhanced", 180.0),
    ("trabecular", 300.0),
    ("cortical", 650.0),
    ("cortical", 1200.0),
    ("cortical", 3071.0),
)
"""Tissue class and HU of the control points of the intensity map; between them it is linear."""
TISSUES = ("air", "lung", "fat", "fluid", "muscle", "organ", "enhanced", "trabecular", "cortical")
MR_RANGES = {
    "air": (0.0, 0.05),
    "lung": (0.0, 0.15),
    "fat": (0.55, 1.0),
    "fluid": (0.05, 0.3),
    "muscle": (0.15, 0.42),
    "organ": (0.2, 0.6),
    "enhanced": (0.05, 0.9),
    "trabecular": (0.3, 0.9),
    "cortical": (0.0, 0.15),
}
"""Ranges of the values of a T1-like contrast."""
SUPPRESSED_FAT = (0.03, 0.25)
BRIGHT_FLUID = (0.6, 1.0)
DARK_AIR_CHANCE = 0.8
JITTER = 0.05
"""Standard deviation of the control points about the value of their class."""
SMOOTH_CHANCE = 0.7
"""Chance that the CT is smoothed first: a steep intensity map amplifies its noise."""
VARIATION_MM = (24.0, 80.0)
"""Distance of the knots of the field that mixes two variants of the intensity map."""
WORKING_MM = 2.0


def random_values(rng: torch.Generator, mr_like: bool) -> dict[str, float]:
    """A value in 0..1 per tissue class: in an order of MR (T1-like or T2-like, with or without fat) or in any order."""
    if not mr_like:
        values = {tissue: uniform(rng, 0, 1) for tissue in TISSUES}
        if uniform(rng, 0, 1) < DARK_AIR_CHANCE:
            values["air"] = uniform(rng, 0, 0.08)
        return values
    ranges = dict(MR_RANGES)
    if uniform(rng, 0, 1) < 0.3:
        ranges["fat"] = SUPPRESSED_FAT
        ranges["trabecular"] = SUPPRESSED_FAT
    if uniform(rng, 0, 1) < 0.5:
        ranges["fluid"] = BRIGHT_FLUID
    return {tissue: uniform(rng, *ranges[tissue]) for tissue in TISSUES}


def knot_values(values: dict[str, float], rng: torch.Generator, jitter: float) -> Tensor:
    """Values (K,) at the control points: that of the class plus noise."""
    means = torch.tensor([values[tissue] for tissue, _ in KNOTS])
    return (means + torch.randn(len(KNOTS), generator=rng) * jitter).clamp(0.0, 1.0)


def smooth_noise(shape: torch.Size, rng: torch.Generator, knot_mm: float) -> Tensor:
    """Normal noise on knots `knot_mm` apart, interpolated linearly to (1, 1, Z, Y, X)."""
    sizes = [max(2, round(n * WORKING_MM / knot_mm) + 1) for n in shape[2:]]
    knots = torch.randn((1, 1, *sizes), generator=rng)
    return F.interpolate(knots, size=tuple(shape[2:]), mode="trilinear", align_corners=True)


def synthetic_contrast(image: Tensor, rng: torch.Generator, config: ContrastConfig) -> Tensor:
    """MR-like intensities in 0..1 of a CT image.

    Two variants of one intensity map are mixed by a smooth field, so that a tissue does not have one value everywhere.
    """
    if uniform(rng, 0, 1) < SMOOTH_CHANCE:
        image = blur(image, uniform(rng, 0.4, 1.0))
    places = torch.tensor([hu for _, hu in KNOTS]) + 1024.0
    values = random_values(rng, uniform(rng, 0, 1) < config.mr_like_chance)
    first, second = (knot_values(values, rng, JITTER), knot_values(values, rng, config.variation))
    share = torch.sigmoid(2.0 * smooth_noise(image.shape, rng, uniform(rng, *VARIATION_MM)))
    return torch.lerp(curve(image, places, first), curve(image, places, second), share)


def thick_along(image: Tensor, rng: torch.Generator, axis: int) -> Tensor:
    """Slices of 2 to 4 working voxels along one axis (0 z, 1 y, 2 x), averaged and interpolated back."""
    count = int(torch.randint(2, 5, (), generator=rng))
    kernel = [count if i == axis else 1 for i in range(3)]
    slabs = F.avg_pool3d(image, kernel, ceil_mode=True)
    sizes = [n * k for n, k in zip(slabs.shape[2:], kernel, strict=True)]
    full = F.interpolate(slabs, size=sizes, mode="trilinear", align_corners=False)
    z, y, x = image.shape[2:]
    return full[:, :, :z, :y, :x]


def random_scanner(image: Tensor, rng: torch.Generator, config: ContrastConfig) -> Tensor:
    """Bias field, gain and gamma, blur, noise and thick slices of intensities in 0..1; the result lies in 0..1."""
    strength = uniform(rng, 0, 1) * config.bias
    image = image * torch.exp(strength * smooth_noise(image.shape, rng, uniform(rng, 80.0, 240.0)))
    image = image.clamp(min=0.0) ** uniform(rng, 0.7, 1.4) * uniform(rng, 0.6, 1.3)
    sigma = uniform(rng, -0.4, 1.0) * config.blur_voxels
    if sigma > 0.35:
        image = blur(image, sigma)
    if uniform(rng, 0, 1) < config.thick_slice_chance:
        image = thick_along(image, rng, int(torch.randint(0, 3, (), generator=rng)))
    sigma = uniform(rng, 0, 1) ** 2 * config.noise
    return (image + torch.randn(image.shape, generator=rng) * sigma).abs().clamp(0.0, 1.0)


def in_hu_range(intensity: Tensor, window: tuple[float, float]) -> Tensor:
    """Intensities in 0..1 as HU + 1024 in a HU interval, where the windows of the CT network resolve them."""
    low, high = window
    return intensity * (high - low) + (low + 1024.0)
