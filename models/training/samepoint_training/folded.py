"""The inference form of a network: folded batch norms, 3-D convolutions as 2-D convolutions, three graphs.

The sequence of operations is written once against `Ops`: `torch_ops` runs it (test of equality, calibration) and
`onnx_ops` writes it. Inside a graph a tensor is (Z, C, Y, X): slices are the batch. A kernel with kz taps along z
becomes a concatenation of kz shifted and strided stacks of slices along the channels, because onnxruntime has int8
kernels for 2-D convolutions only.

Graph "stem": image to the leading levels, whose layers see single slices. Graph "trunk" (whole volume): the other
levels, the coarse head, and the sum of their lateral convolutions. Graph "heads": lateral convolutions of the levels
of the stem, plus that sum, and the last convolution. The outputs are not normalised: the server keeps only the
directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from .network import (
    HALVED,
    HU_OFFSET,
    INPUT_SCALE,
    INPUT_SHIFT,
    BasicBlock,
    ConvUnit,
    EmbeddingNet,
    PlainConv,
    PyramidHead,
    Triple,
)

Value = Any
"""A tensor of the back end: a torch tensor or an ONNX value."""


@dataclass(frozen=True)
class Conv2d:
    """A folded convolution. weight: (out, kz * in, ky, kx); pads: (begin, end) along z, y, x."""

    name: str
    weight: Tensor
    bias: Tensor
    kernel: Triple
    stride: Triple
    pads: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    relu: bool
    signed: bool = False
    """The result is an embedding map: its codes are symmetric about 128."""


class Ops(Protocol):
    """The operations of a back end on tensors (Z, C, Y, X). `name` identifies an activation for its int8 range."""

    def windows(self, image: Value, scales: Sequence[tuple[float, float]]) -> Value:
        """clip(factor * image + summand, -1, 1) per (factor, summand), as channels; the image itself without scales."""

    def conv(self, x: Value, conv: Conv2d) -> Value:
        """A folded convolution, with its taps along z, padding and ReLU."""

    def add(self, a: Value, b: Value, relu: bool, name: str) -> Value:
        """Sum of two tensors of one size, quantised as activation `name` in int8 graphs."""

    def pool_z(self, x: Value) -> Value:
        """Maximum of the slices 2i and 2i + 1; an odd last slice is dropped."""

    def upsample(self, x: Value, scale: Triple, like: Value, start: int = 0) -> Value:
        """Nearest neighbour, then a crop of the size of `like` from index `start` along z, y, x."""

    def upsample_linear(self, x: Value, like: Value, start: int) -> Value:
        """Trilinear by two (half-pixel centres), then a crop as in `upsample`."""

    def shift(self, x: Value) -> Value:
        """One zero slice, row and column before the first."""

    def sum(self, a: Value, b: Value) -> Value:
        """Sum of two tensors of one size that stays in fp32."""


def z_taps_as_channels(weight: Tensor) -> Tensor:
    """(out, in, kz, ky, kx) to (out, kz * in, ky, kx), tap-major."""
    out, cin, kz, ky, kx = weight.shape
    return weight.permute(0, 2, 1, 3, 4).reshape(out, kz * cin, ky, kx).contiguous()


def fold_unit(unit: ConvUnit, name: str) -> Conv2d:
    """Convolution and batch norm as one convolution."""
    scale = unit.bn.weight / torch.sqrt(unit.bn.running_var + unit.bn.eps)
    weight = unit.conv.weight * scale.view(-1, 1, 1, 1, 1)
    bias = unit.bn.bias - unit.bn.running_mean * scale
    pads = tuple((p, p) for p in unit.conv.padding)
    if unit.edge is not None:
        e = unit.edge
        pads = ((e[4], e[5]), (e[2], e[3]), (e[0], e[1]))
    return as_conv2d(name, weight, bias, unit.conv.stride, pads, unit.relu)


def fold_plain(conv: PlainConv, name: str, share: float = 1.0) -> Conv2d:
    """A convolution of a head; `share`: factor of its result."""
    pads = tuple((p, p) for p in conv.conv.padding)
    return as_conv2d(name, conv.conv.weight * share, conv.conv.bias * share, (1, 1, 1), pads, False)


def fold_last(head: PyramidHead, name: str) -> Conv2d:
    """The last convolution of a head, whose result is a map."""
    return replace(fold_plain(head.fpn_convs[0], f"{name}.fpn"), signed=True)


def as_conv2d(name: str, weight: Tensor, bias: Tensor, stride: Triple, pads: Any, relu: bool) -> Conv2d:
    """The 2-D form of folded 3-D parameters."""
    kernel = tuple(weight.shape[2:])
    return Conv2d(name, z_taps_as_channels(weight.detach()), bias.detach(), kernel, tuple(stride), pads, relu)


class FoldedNet:
    """A network in eval mode as a sequence of folded operations."""

    def __init__(self, net: EmbeddingNet, semantic: bool = True) -> None:
        self.net, self.config = net.eval(), net.config
        self.semantic = semantic and net.semantic_head is not None
        """Whether the semantic head is exported."""
        kernels, strides = self.config.kernels, self.config.strides
        split = 1
        while split < 3 and kernels[split][0] == 1 and strides[split][0] == 1:
            split += 1
        self.stem_levels = split
        """Number of levels that the stem graph computes."""

    def window_scales(self) -> list[tuple[float, float]]:
        """(factor, summand) per HU window: SAM input units to [-1, 1] before clipping; empty without windows."""
        out = []
        for lo, hi in self.config.windows:
            a = (lo + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT
            b = (hi + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT
            out.append((2.0 / (b - a), -2.0 * a / (b - a) - 1.0))
        return out

    def heads(self) -> dict[str, PyramidHead]:
        """Pyramid heads by output name."""
        out = {"fine": self.net.neck}
        if self.semantic and self.net.semantic_head is not None:
            out["semantic"] = self.net.semantic_head
        return out

    def stem(self, ops: Ops, image: Value) -> dict[str, Value]:
        """{level0, ...} of the image (Z, 1, Y, X)."""
        trunk = self.net.backbone
        x = ops.windows(image, self.window_scales())
        x = ops.conv(x, fold_unit(trunk.conv1, "conv1"))
        x = self.layer(ops, x, 0)
        if self.config.pool != (1, 1, 1):
            x = ops.pool_z(x)
        out = {"level0": x}
        for i in range(1, self.stem_levels):
            x = self.layer(ops, x, i)
            out[f"level{i}"] = x
        return out

    def trunk(self, ops: Ops, x: Value) -> dict[str, Value]:
        """{coarse, top_fine, top_semantic} of the last level of the stem graph."""
        levels: dict[int, Value] = {self.stem_levels - 1: x}
        for i in range(self.stem_levels, 3):
            levels[i] = self.layer(ops, levels[i - 1], i)
        phases = [self.layer(ops, levels[2], 3)]
        if self.config.phases == 2:
            phases.append(self.layer(ops, ops.shift(levels[2]), 3))
        out = {"coarse": self.coarse(ops, phases, levels[2])}
        for name, head in self.heads().items():
            out[f"top_{name}"] = self.top_down(ops, name, head, levels, phases)
        return out

    def coarse(self, ops: Ops, phases: Sequence[Value], like: Value) -> Value:
        """The coarse head of every phase; for two phases their sum on the grid of `like`, the level that they halve."""
        head, maps = self.net.read_out_head, []
        for x in phases:
            lateral = ops.conv(x, fold_plain(head.lateral_convs[0], "coarse.lateral"))
            maps.append(ops.conv(lateral, fold_last(head, "coarse")))
        if len(maps) == 1:
            return maps[0]
        return ops.sum(*(ops.upsample_linear(x, like, start) for start, x in enumerate(maps)))

    def head(self, ops: Ops, name: str, levels: dict[int, Value], top: Value) -> Value:
        """The map of one pyramid head from the levels of the stem and the sum of the deeper ones."""
        head = self.heads()[name]
        for i in range(self.stem_levels - 1, -1, -1):
            top = self.joined(ops, name, head, levels, top, i)
        return ops.conv(top, fold_last(head, name))

    def top_down(
        self, ops: Ops, name: str, head: PyramidHead, levels: dict[int, Value], phases: Sequence[Value]
    ) -> Value:
        """Sum of the lateral convolutions of the levels of the trunk graph, on the grid of the finest of them."""
        last = self.config.neck_levels - 1
        deepest = phases if last == 3 else [levels[last]]
        lateral = fold_plain(head.lateral_convs[last], f"{name}.lateral{last}", 1 / len(deepest))
        parts = [ops.conv(x, lateral) for x in deepest]
        top = parts[0]
        if len(parts) == 2:
            near = [ops.upsample(x, HALVED, levels[2], start) for start, x in enumerate(parts)]
            top = ops.add(*near, False, f"{name}.sum{last}")
        for i in range(last - 1, self.stem_levels - 1, -1):
            top = self.joined(ops, name, head, levels, top, i)
        return top

    def joined(self, ops: Ops, name: str, head: PyramidHead, levels: dict[int, Value], top: Value, i: int) -> Value:
        """Lateral convolution of level `i` plus the sum of the deeper ones."""
        lateral = ops.conv(levels[i], fold_plain(head.lateral_convs[i], f"{name}.lateral{i}"))
        is_there = i == 2 and self.config.phases == 2
        up = top if is_there else ops.upsample(top, self.config.strides[i + 1], lateral)
        return ops.add(lateral, up, False, f"{name}.sum{i}")

    def layer(self, ops: Ops, x: Value, index: int) -> Value:
        """One residual layer."""
        for k, block in enumerate(getattr(self.net.backbone, f"layer{index + 1}")):
            x = self.block(ops, x, block, f"layer{index + 1}.{k}")
        return x

    def block(self, ops: Ops, x: Value, block: BasicBlock, name: str) -> Value:
        """One basic block."""
        skip = x if block.downsample is None else ops.conv(x, fold_unit(block.downsample, f"{name}.downsample"))
        x = ops.conv(x, fold_unit(block.conv1, f"{name}.conv1"))
        x = ops.conv(x, fold_unit(block.conv2, f"{name}.conv2"))
        return ops.add(x, skip, True, f"{name}.out")


def z_strides(folded: FoldedNet) -> dict[str, int]:
    """Working slices per slice of every tensor between graphs and of the outputs."""
    config = folded.config
    out = {"image": 1, "level0": config.fine_stride()[0]}
    for i in range(1, 4):
        out[f"level{i}"] = out[f"level{i - 1}"] * config.strides[i][0]
    top = out[f"level{folded.stem_levels}"]
    if folded.stem_levels == 3 and config.phases == 2:
        top = out["level2"]
    for name in folded.heads():
        out[f"top_{name}"] = top
        out[name] = out["level0"]
    out["coarse"] = config.coarse_stride()[0]
    return out
