"""The embedding networks of SAM and UAE with configurable width, strides and heads.

A 3-D ResNet-18 trunk; a feature pyramid for the fine (and, in UAE, the semantic) map; a head on the last level for the
coarse map. All tensors are (N, C, Z, Y, X); every kernel, stride and size triple is (z, y, x). The names of sub-modules
give the published state_dict keys: `backbone.layer1.0.conv1.conv.weight`, `...bn.weight`, `neck.lateral_convs.0...`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .errors import ConfigError

Triple = tuple[int, int, int]

HU_OFFSET = 1024.0
"""Input of SAM: v = (HU + 1024) / 4095 * 255 - 50, HU limited to -1024..3071."""
INPUT_SCALE = 255.0 / 4095.0
INPUT_SHIFT = -50.0
NORM_EPS = 1e-12
"""Smallest norm that a vector is divided by, as published."""
HALVED: Triple = (2, 2, 2)


@dataclass(frozen=True)
class NetworkConfig:
    """Shape of the network. The defaults are SAM as published; `semantic_embedding` > 0 makes it UAE.

    channels: of layers 1-4. windows: HU intervals, each becoming one stem input channel in [-1, 1];
    empty means the SAM input itself. neck_levels: how many trunk levels the fine pyramid joins.
    """

    channels: tuple[int, int, int, int] = (64, 128, 256, 512)
    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)
    kernels: tuple[Triple, Triple, Triple, Triple] = ((1, 3, 3), (1, 3, 3), (3, 3, 3), (3, 3, 3))
    strides: tuple[Triple, Triple, Triple, Triple] = ((1, 2, 2), (1, 2, 2), (1, 2, 2), (2, 2, 2))
    stem_kernel: Triple = (3, 7, 7)
    stem_stride: Triple = (1, 1, 1)
    pool: Triple = (2, 1, 1)
    windows: tuple[tuple[float, float], ...] = ()
    embedding: int = 128
    neck_width: int = 128
    neck_levels: int = 3
    neck_kernel: Triple = (3, 3, 3)
    semantic_embedding: int = 0
    phases: int = 1
    """2: the last layer also runs on a second grid, half a voxel off along each axis, and both results are averaged."""

    def __post_init__(self) -> None:
        sizes = (*self.channels, *self.blocks, self.embedding, self.neck_width)
        if min(sizes) < 1 or self.semantic_embedding < 0:
            raise ConfigError(f"network: every size must be positive, got {self}")
        if not 1 <= self.neck_levels <= 4:
            raise ConfigError(f"network.neck_levels must be 1 to 4, got {self.neck_levels}")
        if any(lo >= hi for lo, hi in self.windows):
            raise ConfigError(f"network.windows must be (low, high) in HU, got {self.windows}")
        if self.phases not in (1, 2) or (self.phases == 2 and self.strides[3] != HALVED):
            raise ConfigError(f"network.phases must be 1, or 2 where strides[3] is {list(HALVED)}, got {self.phases}")

    def fine_stride(self) -> Triple:
        """Input voxels per fine-grid voxel, (z, y, x)."""
        return product(self.stem_stride, self.strides[0], self.pool)

    def coarse_stride(self) -> Triple:
        """Input voxels per coarse-grid voxel, (z, y, x)."""
        return product(self.fine_stride(), *self.strides[1 : 4 if self.phases == 1 else 3])


def sam_config(width: int = 64, embedding: int = 128, semantic: bool = False) -> NetworkConfig:
    """The published topology at any width; width 64 and embedding 128 are SAM, with `semantic` UAE."""
    return NetworkConfig(
        channels=(width, 2 * width, 4 * width, 8 * width),
        embedding=embedding,
        neck_width=embedding,
        semantic_embedding=embedding if semantic else 0,
    )


def product(*triples: Triple) -> Triple:
    """Element-wise product of (z, y, x) triples."""
    z = y = x = 1
    for triple in triples:
        z, y, x = z * triple[0], y * triple[1], x * triple[2]
    return (z, y, x)


def normalise_hu(hu: Tensor) -> Tensor:
    """HU to the input range of SAM, [-50, 205]."""
    return (hu.clamp(-HU_OFFSET, 3071.0) + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT


class ConvUnit(nn.Module):
    """Convolution, batch norm, optional ReLU.

    An even kernel is padded so that the size is rounded down along z and rounded up along y and x, as in SAM.
    """

    def __init__(self, cin: int, cout: int, kernel: Triple, stride: Triple = (1, 1, 1), relu: bool = True) -> None:
        super().__init__()
        even = any(k % 2 == 0 for k in kernel)
        self.edge = edge_padding(kernel) if even else None
        pad = (0, 0, 0) if even else tuple(k // 2 for k in kernel)
        self.conv = nn.Conv3d(cin, cout, kernel, stride, pad, bias=False)
        self.bn = nn.BatchNorm3d(cout)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """(N, cin, Z, Y, X) to (N, cout, Z', Y', X')."""
        if self.edge is not None:
            x = F.pad(x, self.edge)
        x = self.bn(self.conv(x))
        return F.relu(x, inplace=True) if self.relu else x


def edge_padding(kernel: Triple) -> list[int]:
    """F.pad order (x, x, y, y, z, z): kernel/2 - 1 on each side, one more at the far y and x edges."""
    z, y, x = (k // 2 - (k % 2 == 0) for k in kernel)
    return [x, x + 1, y, y + 1, z, z]


class BasicBlock(nn.Module):
    """ResNet basic block; `downsample` exists where the shape changes or the block is the first of its layer."""

    def __init__(self, cin: int, cout: int, kernel: Triple, stride: Triple, first: bool) -> None:
        super().__init__()
        self.conv1 = ConvUnit(cin, cout, kernel, stride)
        self.conv2 = ConvUnit(cout, cout, kernel, relu=False)
        self.downsample = ConvUnit(cin, cout, (1, 1, 1), stride, relu=False) if first else None

    def forward(self, x: Tensor) -> Tensor:
        """(N, cin, Z, Y, X) to (N, cout, Z', Y', X')."""
        skip = x if self.downsample is None else self.downsample(x)
        return F.relu(self.conv2(self.conv1(x)) + skip, inplace=True)


def make_layer(cin: int, cout: int, count: int, kernel: Triple, stride: Triple) -> nn.Sequential:
    """`count` basic blocks, the first of them strided."""
    first = BasicBlock(cin, cout, kernel, stride, True)
    rest = [BasicBlock(cout, cout, kernel, (1, 1, 1), False) for _ in range(count - 1)]
    return nn.Sequential(first, *rest)


class Trunk(nn.Module):
    """Stem and four residual layers; returns levels 0 (after the z pool) to 2, and level 3 of each phase."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.windows = config.windows
        self.pool = config.pool
        c = config.channels
        self.conv1 = ConvUnit(max(1, len(config.windows)), c[0], config.stem_kernel, config.stem_stride)
        for i in range(4):
            layer = make_layer(c[max(0, i - 1)], c[i], config.blocks[i], config.kernels[i], config.strides[i])
            setattr(self, f"layer{i + 1}", layer)

    def forward(self, image: Tensor, phases: int = 1) -> tuple[list[Tensor], list[Tensor]]:
        """Input (N, 1, Z, Y, X) to (levels 0 to 2, level 3 of each phase)."""
        x = self.layer1(self.conv1(apply_windows(image, self.windows)))
        if self.pool != (1, 1, 1):
            x = F.max_pool3d(x, self.pool, self.pool)
        levels = [x]
        for layer in (self.layer2, self.layer3):
            levels.append(layer(levels[-1]))
        return levels, [self.layer4(F.pad(levels[-1], (p, 0, p, 0, p, 0))) for p in range(phases)]


def interleaved(phases: Sequence[Tensor], size: Sequence[int], mode: str) -> Tensor:
    """The mean of two grids at twice their resolution, the second one shifted by one voxel; a single grid unchanged."""
    if len(phases) == 1:
        return phases[0]
    corners = None if mode == "nearest" else False
    first, second = (F.interpolate(x, scale_factor=2, mode=mode, align_corners=corners) for x in phases)
    z, y, x = size
    return (first[:, :, :z, :y, :x] + second[:, :, 1 : z + 1, 1 : y + 1, 1 : x + 1]) / 2


def apply_windows(image: Tensor, windows: Sequence[tuple[float, float]]) -> Tensor:
    """SAM input (N, 1, Z, Y, X) to one channel in [-1, 1] per HU window; unchanged without windows."""
    if not windows:
        return image
    parts = []
    for lo, hi in windows:
        a = (lo + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT
        b = (hi + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT
        parts.append((image.clamp(a, b) - a) * (2.0 / (b - a)) - 1.0)
    return torch.cat(parts, 1)


class PlainConv(nn.Module):
    """A convolution with bias, without norm or activation; its name `conv` gives the published keys."""

    def __init__(self, cin: int, cout: int, kernel: Triple) -> None:
        super().__init__()
        self.conv = nn.Conv3d(cin, cout, kernel, padding=tuple(k // 2 for k in kernel))
        nn.init.xavier_uniform_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, cin, Z, Y, X) to (N, cout, Z, Y, X)."""
        return self.conv(x)


class PyramidHead(nn.Module):
    """Lateral 1x1x1 convolutions, nearest top-down sum, one convolution (3x3x3 in SAM) on the finest sum."""

    def __init__(self, channels: Sequence[int], width: int, embedding: int, kernel: Triple) -> None:
        super().__init__()
        self.lateral_convs = nn.ModuleList([PlainConv(c, width, (1, 1, 1)) for c in channels])
        self.fpn_convs = nn.ModuleList([PlainConv(width, embedding, kernel)])

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """Levels (N, C_i, Z_i, Y_i, X_i) to (N, embedding, Z_0, Y_0, X_0)."""
        last = len(self.lateral_convs) - 1
        total = self.lateral_convs[last](levels[last])
        for i in range(last - 1, -1, -1):
            up = F.interpolate(total, size=levels[i].shape[2:], mode="nearest")
            total = self.lateral_convs[i](levels[i]) + up
        return self.fpn_convs[0](total)


class EmbeddingNet(nn.Module):
    """The whole network. Input: (N, 1, Z, Y, X) in SAM units at the working spacing."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        levels = config.channels[: config.neck_levels]
        self.backbone = Trunk(config)
        kernel = config.neck_kernel
        self.neck = PyramidHead(levels, config.neck_width, config.embedding, kernel)
        self.read_out_head = PyramidHead(config.channels[3:], config.embedding, config.embedding, (3, 3, 3))
        self.semantic_head: PyramidHead | None = None
        if config.semantic_embedding:
            self.semantic_head = PyramidHead(levels, config.neck_width, config.semantic_embedding, kernel)

    def raw(self, image: Tensor, semantic: bool = True) -> dict[str, Tensor]:
        """{head: features} before normalisation: training samples points first and normalises only these."""
        levels, phases = self.backbone(image, self.config.phases)
        size = levels[-1].shape[2:]
        out = {"coarse": interleaved([self.read_out_head([x]) for x in phases], size, "trilinear")}
        levels.append(interleaved(phases, size, "nearest"))
        out["fine"] = self.neck(levels)
        if semantic and self.semantic_head is not None:
            out["semantic"] = self.semantic_head(levels)
        return out

    def reconfigure(self, config: NetworkConfig) -> None:
        """Change the number of phases, the only key that the weights do not depend on."""
        if config != replace(self.config, phases=config.phases):
            raise ConfigError("only the phases of a network can change while it is trained")
        self.config = config

    def forward(self, image: Tensor, semantic: bool = True) -> dict[str, Tensor]:
        """Unit vectors: fine (N, E, Z/2, Y/2, X/2), coarse on its grid, semantic like fine where it exists."""
        return {head: unit(rows) for head, rows in self.raw(image, semantic).items()}


def unit(x: Tensor) -> Tensor:
    """L2-normalise over channels."""
    return F.normalize(x, dim=1, eps=NORM_EPS)
