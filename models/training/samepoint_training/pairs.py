"""CT-MR pairs of one patient in one frame (folder limb): the MR is resampled to the cropped grid of the CT.

MR intensities are mapped to 0..4095 between their 0.2 and 99.8 percentiles, so that `normalise_hu(image - 1024)` gives
the MR input of UAE-M with the same code as for CT.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .augment import sample_volume
from .data import FULL_RANGE, Volume, read_ct, read_placed, rescaled, stem

MR_PERCENTILES = (0.2, 99.8)
MIN_MR = 1.0
"""Smallest scaled intensity inside the MR field of view; outside, the resampled image is exactly 0."""


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
