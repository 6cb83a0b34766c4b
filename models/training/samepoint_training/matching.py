"""Nearest-neighbour matching of SAM, in 2 mm working voxels with exact voxel centres.

The published code rounds a query down to a fine voxel and stretches the similarity map to the size of the volume; both
shift answers by up to 4 mm. Here queries are interpolated and every map is evaluated at its voxel centres.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from .features import FeatureMaps, split_batch
from .network import HU_OFFSET, EmbeddingNet, normalise_hu

CHUNK = 25
"""Queries per similarity matrix: 25 x 1 million voxels of float32 are 100 MB."""

SAM = {"fine": 0.5, "coarse": 0.5}
UAE_S = {"fine": 1 / 3, "coarse": 1 / 3, "semantic": 1 / 3}
"""Weights of the similarities in the published rules: the mean of the heads."""


@torch.no_grad()
def embed(net: EmbeddingNet, image: Tensor) -> FeatureMaps:
    """Unit features of a whole volume (Z, Y, X) HU + 1024; coarse is kept on its own grid."""
    net.eval()
    device = next(net.parameters()).device
    out = net(normalise_hu(image - HU_OFFSET)[None, None].to(device))
    return split_batch({head: rows.float().cpu() for head, rows in out.items()}, net.config)[0]


@torch.no_grad()
def match(
    source: FeatureMaps, target: FeatureMaps, query: Tensor, weights: Mapping[str, float], trilinear: bool = True
) -> Tensor:
    """Answers (N, 3), working indices in the target, of working indices (N, 3) in the source.

    weights: share of each head in the similarity. trilinear: sample the query's features between fine voxels
    instead of at the nearest fine voxel.
    """
    index = (query - 0.5) / 2
    if not trilinear:
        index = index.round()
    maps = {h: target.on_fine_grid(h) for h in weights}
    size = target.heads["fine"].shape[1:]
    answers = []
    for rows in index.split(CHUNK):
        found = source.sample(rows, tuple(weights))
        total = sum(weight * (found[h] @ maps[h]) for h, weight in weights.items())
        answers.append(upsampled_peak(total.view(len(rows), *size)))
    return torch.cat(answers)


def upsampled_peak(sims: Tensor) -> Tensor:
    """Working index (N, 3) of the maximum of (N, z, y, x) similarities upsampled trilinearly by two.

    The working voxel next to a fine voxel's centre is a quarter fine voxel away, so the maximum lies in the
    octant of the best fine voxel whose neighbours are most similar.
    """
    n, d, h, w = sims.shape
    best = sims.flatten(1).argmax(1)
    index = torch.stack([best // (h * w), best // w % h, best % w], 1)
    size = torch.tensor([d, h, w])
    octants = torch.cartesian_prod(*[torch.tensor([-1, 1])] * 3)
    values = torch.zeros(n, 8)
    for k, octant in enumerate(octants):
        for corner in torch.cartesian_prod(*[torch.tensor([0, 1])] * 3):
            weight = torch.where(corner == 1, 0.25, 0.75).prod()
            at = torch.minimum((index + corner * octant).clamp(min=0), size - 1)
            values[:, k] += weight * sims[torch.arange(n), at[:, 0], at[:, 1], at[:, 2]]
    return index * 2 + 0.5 + 0.5 * octants[values.argmax(1)]
