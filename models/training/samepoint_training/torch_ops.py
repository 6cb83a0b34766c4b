"""Runs the folded form in PyTorch: to test that it equals the network, and to measure activation ranges for int8."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .folded import Conv2d, FoldedNet
from .network import Triple, unit

Range = tuple[float, float]
CLIP_SHARE = 1e-5
"""Share of values beyond each end of a range: a range that includes outliers has a coarser step for all other values.
"""
SAMPLE = 200_000
"""Largest number of values that a quantile is computed from."""


class TorchOps:
    """Backend of FoldedNet on torch tensors (Z, C, Y, X). ranges: {activation: (low, high)} over all runs."""

    def __init__(self) -> None:
        self.ranges: dict[str, Range] = {}

    def record(self, name: str, x: Tensor) -> Tensor:
        """Widen the range of an activation."""
        flat = x.reshape(-1)
        flat = flat[:: max(1, flat.numel() // SAMPLE)]
        low, high = torch.quantile(flat, torch.tensor([CLIP_SHARE, 1 - CLIP_SHARE])).tolist()
        old = self.ranges.get(name, (0.0, 0.0))
        self.ranges[name] = (min(old[0], low), max(old[1], high))
        return x

    def windows(self, image: Tensor, scales: Sequence[tuple[float, float]]) -> Tensor:
        if not scales:
            return self.record("image", image)
        return torch.cat([(image * k + c).clamp(-1, 1) for k, c in scales], 1)

    def conv(self, x: Tensor, conv: Conv2d) -> Tensor:
        x = stacked_slices(x, conv)
        pads = [*conv.pads[2], *conv.pads[1]]
        out = F.conv2d(F.pad(x, pads), conv.weight, conv.bias, conv.stride[1:])
        return self.record(conv.name, out.relu() if conv.relu else out)

    def add(self, a: Tensor, b: Tensor, relu: bool, name: str) -> Tensor:
        return self.record(name, (a + b).relu() if relu else a + b)

    def pool_z(self, x: Tensor) -> Tensor:
        even = len(x) // 2 * 2
        return torch.maximum(x[0:even:2], x[1:even:2])

    def upsample(self, x: Tensor, scale: Triple, like: Tensor, start: int = 0) -> Tensor:
        for axis, factor in zip((0, 2, 3), scale, strict=True):
            x = x.repeat_interleave(factor, axis)
        return cut(x, like, start)

    def upsample_linear(self, x: Tensor, like: Tensor, start: int) -> Tensor:
        wide = F.interpolate(x.transpose(0, 1)[None], scale_factor=2, mode="trilinear", align_corners=False)
        return cut(wide[0].transpose(0, 1), like, start)

    def shift(self, x: Tensor) -> Tensor:
        return F.pad(x, [1, 0, 1, 0, 0, 0, 1, 0])

    def sum(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b


def cut(x: Tensor, like: Tensor, start: int) -> Tensor:
    """A crop of the size of `like` from index `start` on along z, y and x."""
    z, y, x_size = (start + n for n in (like.shape[0], *like.shape[2:]))
    return x[start:z, :, start:y, start:x_size]


def stacked_slices(x: Tensor, conv: Conv2d) -> Tensor:
    """(Z, C, Y, X) to (Z', kz * C, Y, X): the input slices of each output slice; zeros beyond the ends."""
    taps, stride, (before, after) = conv.kernel[0], conv.stride[0], conv.pads[0]
    if taps == 1:
        return x[::stride]
    padded = F.pad(x, [0, 0, 0, 0, 0, 0, before, after])
    count = (len(padded) - taps) // stride + 1
    parts: list[Tensor] = [padded[k : k + (count - 1) * stride + 1 : stride] for k in range(taps)]
    return torch.cat(parts, 1)


@torch.no_grad()
def run_folded(folded: FoldedNet, image: Tensor, ops: TorchOps) -> dict[str, Tensor]:
    """{head: unit vectors (1, E, Z, Y, X)} of an image (1, 1, Z, Y, X): the three graphs one after the other."""
    stem = folded.stem(ops, image[0, 0][:, None])
    levels = {i: stem[f"level{i}"] for i in range(folded.stem_levels)}
    trunk = folded.trunk(ops, levels[folded.stem_levels - 1])
    out = {"coarse": trunk["coarse"]}
    for name in folded.heads():
        out[name] = folded.head(ops, name, levels, trunk[f"top_{name}"])
    return {name: unit(value.transpose(0, 1)[None]) for name, value in out.items()}
