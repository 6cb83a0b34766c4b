#!/usr/bin/python3
"""Writes the graphs and model.json of mind-ssc: self-similarity descriptors without training.

    apt-get install python3-onnx python3-numpy
    /usr/bin/python3 models/mind-ssc/build.py

The descriptor is MIND-SSC (Heinrich et al., MICCAI 2013): around each voxel the six neighbours at distance d are
compared in the 12 pairs that are not opposite, D_p = smoothed squared difference of pair p, and the channel is
exp(-(D_p - min D) / mean D). It distinguishes edges and corners independently of their contrast. Here it is computed at
four scales, d = 4, 8, 16, 32 mm, on an image pyramid, and combined with intensities, so that the tissue counts too.

All channels are compared by a cosine: MIND channels are centred on 0 and scaled to unit length per scale; an intensity
h becomes the pair (cos theta(h), sin theta(h)), whose dot product falls off with the difference of theta, not with
its size.

Two maps, two graphs: fine (4 mm voxels: MIND at 4 and 8 mm, intensity) and coarse (16 mm voxels: MIND at 16 and 32
mm, intensity here and 16, 32, 64 mm away, place within the outline of the body in the axial slice). Their cosines are
averaged by the matcher as those of SAM.

The input is in HU (MR: percentiles spread over the same range), resampled to 4 mm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent
FINE_FILE, COARSE_FILE = "mind-ssc-fine.onnx", "mind-ssc-coarse.onnx"
OPSET = 15
IR_VERSION = 8
"""Known to onnx 1.12 (Debian 12) and to onnxruntime 1.30."""

SPACING_MM = 4.0
LOW_HU, HIGH_HU = -1000.0, 600.0
"""Clip: below is air, above is cortical bone, metal and dense contrast, which differ between scanners."""

NOISE_HU2 = 400.0
"""Added to mean D: differences below about 20 HU are noise, so flat tissue gives a flat descriptor."""

THETA_HU = (-1000.0, -700.0, -150.0, 0.0, 100.0, 600.0)
THETA = (0.0, 0.25, 0.45, 0.62, 0.82, 1.0)
THETA_MAX = 1.4 * np.pi / 2
"""theta(h), piecewise linear: most of the angle for soft tissue, and air against bone nearly opposite."""

NEIGHBOURS = ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1))
PAIRS = [(a, b) for a, b in combinations(range(6), 2) if a // 2 != b // 2]
"""Neighbour pairs (z, y, x) of self-similarity context: all but the opposite ones."""

BODY_HU = -500.0
"""Body or air, for the outline of the body."""
OUTLINE_SHARE = 0.03
"""A row or column of an axial slice crosses the body if more than this share of it is body: noise does not."""
PLACE_MAX = 0.8 * np.pi
"""Angle from one side of the body to the other; below pi, so that the sides are not confused."""
PLACE_WEIGHT, SURROUNDINGS_WEIGHT = 4.0, 2.0
"""Weights against 1 for each scale of MIND; the best of those measured (README.md of this folder)."""

PYRAMID = 4
"""Voxels of the coarse map, in voxels of the input: levels 4, 8, 16 mm."""


class Graph:
    """Collects ONNX nodes; every method returns the name of its result, a tensor (1, C, Z, Y, X)."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.known: dict[str, str] = {}

    def constant(self, value: np.ndarray) -> str:
        """A constant, shared between uses."""
        key = f"{value.dtype}{value.shape}{value.tobytes().hex()}"
        if key not in self.known:
            self.known[key] = f"c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(value, self.known[key]))
        return self.known[key]

    def number(self, value: float) -> str:
        """A float scalar."""
        return self.constant(np.array(value, np.float32))

    def ints(self, *values: int) -> str:
        """A vector of int64."""
        return self.constant(np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        """One node with one result."""
        result = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [result], **attributes))
        return result

    def pad_edges(self, image: str, before: Sequence[int], after: Sequence[int]) -> str:
        """Repeats the border along z, y, x."""
        return self.op("Pad", image, self.ints(0, 0, *before, 0, 0, *after), mode="edge")

    def pad_to_multiple(self, image: str, multiple: int) -> str:
        """Repeats the far border until z, y and x are multiples of `multiple`."""
        size = self.op("Slice", self.op("Shape", image), self.ints(2), self.ints(5))
        rest = self.op("Mod", self.op("Neg", size), self.ints(multiple))
        pads = self.op("Concat", self.ints(0, 0, 0, 0, 0, 0, 0), rest, axis=0)
        return self.op("Pad", image, pads, mode="edge")

    def box(self, image: str, passes: int) -> str:
        """Mean over 3 x 3 x 3 voxels, `passes` times; at the border over the voxels that exist."""
        for _ in range(passes):
            for axis in range(3):
                kernel = [3 if i == axis else 1 for i in range(3)]
                pads = [k // 2 for k in kernel]
                image = self.op("AveragePool", image, kernel_shape=kernel, pads=[*pads, *pads], strides=[1, 1, 1])
        return image

    def half(self, image: str) -> str:
        """Mean of blocks of 2 x 2 x 2 voxels: the next level of the pyramid. Sizes must be even."""
        return self.op("AveragePool", image, kernel_shape=[2, 2, 2], strides=[2, 2, 2])

    def shifted(self, image: str, offsets: Sequence[tuple[int, ...]], distance: int) -> str:
        """The image seen from voxels `distance` away in each direction, one channel per offset."""
        padded = self.pad_edges(image, [distance] * 3, [distance] * 3)
        views = []
        for offset in offsets:
            start = [distance + distance * step for step in offset]
            # The end counts from the back, so that the graph accepts any size; 2**31 stands for "to the end".
            end = [-(distance - distance * step) or 2**31 for step in offset]
            views.append(self.op("Slice", padded, self.ints(*start), self.ints(*end), self.ints(2, 3, 4)))
        return self.op("Concat", *views, axis=1)

    def mind(self, image: str, distance: int, passes: int) -> str:
        """12 channels of MIND-SSC of unit length."""
        views = self.shifted(image, NEIGHBOURS, distance)
        first = self.op("Gather", views, self.ints(*(a for a, _ in PAIRS)), axis=1)
        second = self.op("Gather", views, self.ints(*(b for _, b in PAIRS)), axis=1)
        difference = self.op("Sub", first, second)
        ssd = self.box(self.op("Mul", difference, difference), passes)
        ssd = self.op("Sub", ssd, self.op("ReduceMin", ssd, axes=[1], keepdims=1))
        mean = self.op("ReduceMean", ssd, axes=[1], keepdims=1)
        ratio = self.op("Div", ssd, self.op("Add", mean, self.number(NOISE_HU2)))
        centred = self.op("Sub", self.op("Exp", self.op("Neg", ratio)), self.number(0.5))
        return self.unit(centred)

    def unit(self, tensor: str) -> str:
        """Unit length over the channels. Never zero here: the smallest D gives exp(0) - 0.5."""
        return self.op("Div", tensor, self.op("ReduceL2", tensor, axes=[1], keepdims=1))

    def angle(self, image: str) -> str:
        """theta(h) of the intensities."""
        terms = []
        for (low, high), (start, end) in zip(pairwise(THETA_HU), pairwise(THETA), strict=True):
            above = self.op("Sub", image, self.number(low))
            part = self.op("Clip", above, self.number(0.0), self.number(high - low))
            terms.append(self.op("Mul", part, self.number((end - start) / (high - low) * THETA_MAX)))
        return self.op("Sum", *terms)

    def circle(self, angles: str, count: int) -> str:
        """(cos, sin) of `count` channels of angles, unit length."""
        pair = self.op("Concat", self.op("Cos", angles), self.op("Sin", angles), axis=1)
        return self.op("Mul", pair, self.number(count**-0.5))

    def surroundings(self, image: str, distance: int) -> str:
        """Intensity at the six neighbours: 12 channels of unit length."""
        return self.circle(self.shifted(self.angle(image), NEIGHBOURS, distance), len(NEIGHBOURS))

    def place(self, image: str, axis: int) -> str:
        """(cos, sin) of the position along y (axis 3) or x (axis 4) in the bounding box of the body of the slice."""
        body = self.op("Cast", self.op("Greater", image, self.number(BODY_HU)), to=TensorProto.FLOAT)
        share = self.op("ReduceMean", body, axes=[7 - axis], keepdims=1)
        crosses = self.op("Greater", share, self.number(OUTLINE_SHARE))
        ones = self.op("Add", self.op("Mul", share, self.number(0.0)), self.number(1.0))
        index = self.op("CumSum", ones, self.constant(np.array(axis, np.int64)), exclusive=1)
        beyond = self.op("ReduceSum", ones, self.ints(axis), keepdims=1)
        first = self.op("ReduceMin", self.op("Where", crosses, index, beyond), axes=[axis], keepdims=1)
        last = self.op("ReduceMax", self.op("Where", crosses, index, self.number(-1.0)), axes=[axis], keepdims=1)
        width = self.op("Max", self.op("Sub", last, first), self.number(1.0))
        part = self.op("Clip", self.op("Div", self.op("Sub", index, first), width), self.number(0.0), self.number(1.0))
        angle = self.op("Mul", self.op("Expand", part, self.op("Shape", image)), self.number(PLACE_MAX))
        return self.circle(angle, 2)


def build_fine() -> ModelProto:
    """Image (1, 1, Z, Y, X) in HU at 4 mm -> fine (1, 26, Z, Y, X)."""
    g = Graph()
    parts = [g.mind("image", 1, 1), g.mind("image", 2, 2), g.circle(g.angle(g.box("image", 1)), 1)]
    return model_of(g, "fine", parts, FINE_CHANNELS, ["z", "y", "x"])


def build_coarse() -> ModelProto:
    """Image (1, 1, Z, Y, X) in HU at 4 mm -> coarse (1, 66, Z/4, Y/4, X/4), rounded up."""
    g = Graph()
    level4 = g.pad_to_multiple("image", PYRAMID)
    level8 = g.half(level4)
    level16 = g.half(level8)
    smooth16 = g.box(level16, 1)
    surroundings = [
        g.half(g.surroundings(g.box(level8, 1), 2)),
        g.surroundings(level16, 2),
        g.surroundings(smooth16, 4),
    ]
    place = [g.half(g.half(g.place(level4, axis))) for axis in (3, 4)]
    parts = [
        g.half(g.mind(level8, 2, 2)),
        g.mind(level16, 2, 2),
        g.circle(g.angle(smooth16), 1),
        *(g.op("Mul", part, g.number(SURROUNDINGS_WEIGHT)) for part in surroundings),
        *(g.op("Mul", part, g.number(PLACE_WEIGHT)) for part in place),
    ]
    return model_of(g, "coarse", parts, COARSE_CHANNELS, ["zc", "yc", "xc"])


def model_of(g: Graph, name: str, parts: Sequence[str], channels: int, size: Sequence[str]) -> ModelProto:
    """The model whose only output joins `parts`."""
    g.nodes.append(helper.make_node("Concat", parts, [name], axis=1))
    graph = helper.make_graph(
        g.nodes,
        f"mind-ssc-{name}",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, "z", "y", "x"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, *size])],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="samepoint")
    model.ir_version = IR_VERSION
    checker.check_model(model)
    return model


FINE_CHANNELS = 12 + 12 + 2
COARSE_CHANNELS = 12 + 12 + 2 + 3 * 12 + 2 * 2

FINE_HALO = 4
"""Reach of the fine graph in slices: MIND at 8 mm looks 2 away after boxes of 2."""
COARSE_HALO = 24
"""Reach of the coarse graph: a shift of 4 and a box of 1 at level 16 mm, five voxels of 4 slices, rounded up."""
FINE_BYTES, COARSE_BYTES = 500, 60
"""Peak of a run per voxel of the input; measured 410 and 44 on 48 x 112 x 112, and the arena rounds up."""


def graph_entry(file: str, data: bytes, name: str, stride: int, halo: int, peak: int, cost: float) -> dict[str, object]:
    """One graph in model.json."""
    return {
        "file": file,
        "sha256": hashlib.sha256(data).hexdigest(),
        "inputs": {"image": "image"},
        "outputs": {name: {"tensor": name, "zStride": stride}},
        "slab": {"halo": halo, "bytesPerVoxel": peak},
        "cost": cost,
    }


def map_entry(role: str, channels: int, stride: int) -> dict[str, object]:
    """One map in model.json; a map voxel stands for a block of `stride` voxels along each axis."""
    centre = (stride - 1) / 2
    return {"tensor": role, "role": role, "channels": channels, "stride": [stride] * 3, "centre": [centre] * 3}


def manifest(fine: bytes, coarse: bytes) -> dict[str, object]:
    """model.json; models/README.md explains the keys."""
    spread = HIGH_HU - LOW_HU
    window = {"type": "window", "low": LOW_HU, "high": HIGH_HU, "scale": 1, "offset": LOW_HU, "outside": -1024}
    percentile = {"type": "percentile", "lowPercent": 0.2, "highPercent": 99.8}
    percentile.update({"scale": spread, "offset": LOW_HU, "outside": 0})
    return {
        "manifestVersion": 1,
        "id": "mind-ssc",
        "title": "MIND-SSC self-similarity, 4 to 32 mm (no training)",
        "version": "1.1.0",
        "kind": "descriptor",
        "region": "any",
        "preference": 0,
        "input": {
            "spacingMm": SPACING_MM,
            "orientation": "LPS",
            "layout": "NCZYX",
            "antialias": True,
            "minimumSize": [PYRAMID] * 3,
            "intensity": {"CT": window, "MR": percentile},
        },
        "graphs": [
            graph_entry(FINE_FILE, fine, "fine", 1, FINE_HALO, FINE_BYTES, 4),
            graph_entry(COARSE_FILE, coarse, "coarse", PYRAMID, COARSE_HALO, COARSE_BYTES, 1),
        ],
        "outputs": [map_entry("fine", FINE_CHANNELS, 1), map_entry("coarse", COARSE_CHANNELS, PYRAMID)],
        "matching": {"weights": {"fine": 0.5, "coarse": 0.5}, "globalStep": "edges"},
    }


def main() -> None:
    """Writes the three files beside this script."""
    files = {FINE_FILE: build_fine(), COARSE_FILE: build_coarse()}
    data = {name: model.SerializeToString() for name, model in files.items()}
    for name, content in data.items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    text = json.dumps(manifest(data[FINE_FILE], data[COARSE_FILE]), indent=2)
    (FOLDER / "model.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
