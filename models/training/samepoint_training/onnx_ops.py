"""Writes the folded form as ONNX, in fp32 or as QDQ int8.

The graph is built node by node with onnx.helper: no tracing exporter of PyTorch is involved, so that every version of
PyTorch gives the same file.

int8: activations are uint8 with a scale and zero point from measured ranges, also between graphs. Weights are symmetric
int8 per output channel with 7 bits: CPUs without VNNI add pairs of u8 x s8 products in 16 bits, which 8-bit weights
overflow. Slices are cut, padded and joined as uint8; only convolutions and sums are between Q and DQ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .errors import ConfigError
from .folded import Conv2d
from .network import Triple
from .torch_ops import Range

OPSET = 13
IMAGE = "image"
FAR = 2**31 - 1
"""End of a Slice that extends to the end of the axis."""
WEIGHT_LEVELS = 63
"""Largest code of a weight: 7 bits with sign."""
SIGNED_ZERO = 128
"""Code of 0 in maps; the server subtracts it when it packs the vectors."""


@dataclass(frozen=True)
class Value:
    """A tensor in the graph. name: its float form; codes: its uint8 form where it exists (int8 graphs)."""

    name: str
    codes: str | None = None
    scale: float = 0.0
    zero: int = 0


Quantiser = tuple[float, int]
"""Scale and zero point of uint8 codes."""


class OnnxOps:
    """Backend of FoldedNet that collects ONNX nodes. ranges: activation ranges, or None for fp32.

    input_codes: quantisers of the inputs that are codes, the outputs of other graphs.
    """

    def __init__(self, ranges: dict[str, Range] | None = None, input_codes: dict[str, Quantiser] | None = None) -> None:
        self.ranges = ranges
        self.input_codes = input_codes or {}
        self.output_codes: dict[str, Quantiser] = {}
        """Quantisers of the outputs that are codes."""
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.count = 0

    # -- building blocks ------------------------------------------------------------------------------------------

    def node(self, kind: str, inputs: Sequence[str], **attributes: object) -> str:
        """Append a node and return the name of its only output."""
        self.count += 1
        name = f"{kind.lower()}_{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, array: np.ndarray) -> str:
        """An initialiser; equal arrays share one."""
        digest = hashlib.sha1(array.tobytes(), usedforsecurity=False).hexdigest()[:12]
        key = f"c_{array.dtype}_{'x'.join(map(str, array.shape))}_{digest}"
        self.constants[key] = array
        return key

    def ints(self, *values: int) -> str:
        """An int64 vector."""
        return self.constant(np.array(values, dtype=np.int64))

    def slice(self, x: str, axes: Sequence[int], starts: Sequence[int], ends: str, steps: Sequence[int]) -> str:
        """Slice with constant starts and steps; `ends` names an int64 vector."""
        return self.node("Slice", [x, self.ints(*starts), ends, self.ints(*axes), self.ints(*steps)])

    # -- quantisation ---------------------------------------------------------------------------------------------

    def quantised(self, name: str, low: float, high: float) -> Value:
        """Q and DQ around a float tensor whose values lie in [low, high]; 0 is represented exactly."""
        low, high = min(0.0, low), max(high, low + 1e-6, 1e-6)
        return self.coded(name, (high - low) / 255.0, round(-low * 255.0 / (high - low)))

    def signed(self, name: str, key: str) -> Value:
        """Q and DQ with codes symmetric about SIGNED_ZERO."""
        largest = max(1e-6, *(abs(end) for end in self.range_of(key)))
        return self.coded(name, largest / (SIGNED_ZERO - 1), SIGNED_ZERO)

    def coded(self, name: str, scale: float, zero: int) -> Value:
        """Q and DQ around a float tensor."""
        codes = self.node("QuantizeLinear", [name, *self.scale_of(scale, zero)])
        return self.dequantised(codes, scale, zero)

    def scale_of(self, scale: float, zero: int) -> tuple[str, str]:
        """Constants of a uint8 quantiser."""
        return self.constant(np.array(scale, np.float32)), self.constant(np.array(zero, np.uint8))

    def dequantised(self, codes: str, scale: float, zero: int) -> Value:
        """A value given by its codes."""
        name = self.node("DequantizeLinear", [codes, *self.scale_of(scale, zero)])
        return Value(name, codes, scale, zero)

    def activation(self, name: str, key: str) -> Value:
        """A named activation: quantised with its measured range in int8 graphs."""
        return Value(name) if self.ranges is None else self.quantised(name, *self.range_of(key))

    def range_of(self, key: str) -> Range:
        """The measured range of an activation."""
        found = (self.ranges or {}).get(key)
        if found is None:
            raise ConfigError(f"no calibrated range for activation {key!r}")
        return found

    def moved(self, x: Value, move: Callable[[str, str], str]) -> Value:
        """A data movement, applied to the codes if there are any and otherwise to the floats."""
        if x.codes is None:
            return Value(move(x.name, self.constant(np.array(0, np.float32))))
        return self.dequantised(move(x.codes, self.constant(np.array(x.zero, np.uint8))), x.scale, x.zero)

    # -- Ops ------------------------------------------------------------------------------------------------------

    def windows(self, image: Value, scales: Sequence[tuple[float, float]]) -> Value:
        if not scales:
            return self.activation(image.name, "image")
        if self.ranges is not None:
            return self.window_codes(image, scales)
        parts = []
        for factor, summand in scales:
            scaled = self.node("Mul", [image.name, self.constant(np.array(factor, np.float32))])
            x = self.node("Add", [scaled, self.constant(np.array(summand, np.float32))])
            limits = [self.constant(np.array(v, np.float32)) for v in (-1.0, 1.0)]
            parts.append(self.node("Clip", [x, *limits]))
        return Value(self.node("Concat", parts, axis=1))

    def window_codes(self, image: Value, scales: Sequence[tuple[float, float]]) -> Value:
        """Windows as codes: the range of uint8 is that of the window, so that the quantiser scales and clips."""
        scale, zero = 2.0 / 255.0, 128
        parts = []
        for factor, summand in scales:
            shifted = self.node("Add", [image.name, self.constant(np.array(summand / factor, np.float32))])
            parts.append(self.node("QuantizeLinear", [shifted, *self.scale_of(scale / factor, zero)]))
        return self.dequantised(self.node("Concat", parts, axis=1), scale, zero)

    def conv(self, x: Value, conv: Conv2d) -> Value:
        if conv.kernel[0] > 1 or conv.stride[0] > 1:
            x = self.moved(x, lambda name, zero: self.stacked_slices(name, zero, conv))
        weight, bias = self.parameters(x, conv)
        pads = [conv.pads[1][0], conv.pads[2][0], conv.pads[1][1], conv.pads[2][1]]
        out = self.node(
            "Conv", [x.name, weight, bias], kernel_shape=conv.kernel[1:], strides=conv.stride[1:], pads=pads
        )
        if conv.relu:
            out = self.node("Relu", [out])
        if conv.signed and self.ranges is not None:
            return self.signed(out, conv.name)
        return self.activation(out, conv.name)

    def parameters(self, x: Value, conv: Conv2d) -> tuple[str, str]:
        """Weight and bias inputs of a convolution: floats, or DQ of int8 and int32."""
        weight, bias = conv.weight.numpy(), conv.bias.numpy()
        if self.ranges is None:
            return self.constant(weight), self.constant(bias)
        scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(1), 1e-8) / WEIGHT_LEVELS
        scale = scale.astype(np.float32)
        codes = np.round(weight / scale.reshape(-1, 1, 1, 1)).astype(np.int8)
        whole = scale * np.float32(x.scale)
        offsets = np.round(bias / whole).astype(np.int32)
        return self.per_channel(codes, scale), self.per_channel(offsets, whole)

    def per_channel(self, codes: np.ndarray, scale: np.ndarray) -> str:
        """DQ of constant codes along axis 0."""
        zero = self.constant(np.zeros(len(scale), codes.dtype))
        return self.node("DequantizeLinear", [self.constant(codes), self.constant(scale), zero], axis=0)

    def stacked_slices(self, x: str, zero: str, conv: Conv2d) -> str:
        """Concatenate the slices that each output slice sees along channels."""
        taps, stride, (before, after) = conv.kernel[0], conv.stride[0], conv.pads[0]
        if taps == 1:
            return self.slice(x, [0], [0], self.ints(FAR), [stride])
        padded = self.node("Pad", [x, self.ints(before, 0, 0, 0, after, 0, 0, 0), zero])
        parts = []
        for k in range(taps):
            end = FAR if k == taps - 1 else k - taps + 1
            parts.append(self.slice(padded, [0], [k], self.ints(end), [stride]))
        return self.node("Concat", parts, axis=1)

    def add(self, a: Value, b: Value, relu: bool, name: str) -> Value:
        out = self.node("Add", [a.name, b.name])
        if relu:
            out = self.node("Relu", [out])
        return self.activation(out, name)

    def pool_z(self, x: Value) -> Value:
        return self.moved(x, lambda name, _: self.pairwise_max(name))

    def pairwise_max(self, x: str) -> str:
        """Maximum of slices 2i and 2i + 1; an odd last slice is dropped."""
        even = self.slice(x, [0], [0], self.ints(FAR), [2])
        odd = self.slice(x, [0], [1], self.ints(FAR), [2])
        count = self.node("Slice", [self.node("Shape", [odd]), self.ints(0), self.ints(1)])
        return self.node("Max", [self.slice(even, [0], [0], count, [1]), odd])

    def upsample(self, x: Value, scale: Triple, like: Value, start: int = 0) -> Value:
        factors = self.constant(np.array([scale[0], 1, scale[1], scale[2]], np.float32))
        mode = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
        ends = self.ends(like, start)

        def move(name: str, _: str) -> str:
            large = self.node("Resize", [name, "", factors], **mode)
            return self.slice(large, [0, 2, 3], [start] * 3, ends, [1, 1, 1])

        return self.moved(x, move)

    def ends(self, like: Value, start: int) -> str:
        """End along z, y, x of a crop that begins at `start` and has the size of `like`."""
        size = self.node("Gather", [self.node("Shape", [like.name]), self.ints(0, 2, 3)])
        return self.node("Add", [size, self.ints(start)]) if start else size

    def upsample_linear(self, x: Value, like: Value, start: int) -> Value:
        wide = self.node("Transpose", [self.node("Unsqueeze", [x.name, self.ints(0)])], perm=[0, 2, 1, 3, 4])
        factors = self.constant(np.array([1, 1, 2, 2, 2], np.float32))
        large = self.node("Resize", [wide, "", factors], mode="linear", coordinate_transformation_mode="half_pixel")
        cut = self.slice(large, [2, 3, 4], [start] * 3, self.ends(like, start), [1, 1, 1])
        return Value(self.node("Squeeze", [self.node("Transpose", [cut], perm=[0, 2, 1, 3, 4]), self.ints(0)]))

    def shift(self, x: Value) -> Value:
        """One zero slice, row and column before the first."""
        return self.moved(x, lambda name, zero: self.node("Pad", [name, self.ints(1, 0, 1, 1, 0, 0, 0, 0), zero]))

    def sum(self, a: Value, b: Value) -> Value:
        """A sum that stays in fp32."""
        return Value(self.node("Add", [a.name, b.name]))

    # -- graph boundaries -----------------------------------------------------------------------------------------

    def input_image(self) -> Value:
        """The graph input `image` (1, 1, Z, Y, X) as (Z, 1, Y, X)."""
        return Value(self.node("Squeeze", [self.node("Transpose", [IMAGE], perm=[2, 1, 0, 3, 4]), self.ints(2)]))

    def input(self, name: str) -> Value:
        """A graph input (Z, Y, X, C) as (Z, C, Y, X); it is uint8 if the graph that computed it has codes."""
        turned = self.node("Transpose", [name], perm=[0, 3, 1, 2])
        quantiser = self.input_codes.get(name)
        return Value(turned) if quantiser is None else self.dequantised(turned, *quantiser)

    def output(self, x: Value, name: str) -> None:
        """Make (Z, C, Y, X) the graph output `name` as (Z, Y, X, C), the order of onnxruntime's int8 convolutions."""
        if x.codes is not None:
            self.output_codes[name] = (x.scale, x.zero)
        source = x.codes or x.name
        self.nodes.append(helper.make_node("Transpose", [source], [name], name=f"out_{name}", perm=[0, 2, 3, 1]))

    def needed(self, outputs: set[str]) -> list[onnx.NodeProto]:
        """The nodes that the outputs depend on: onnxruntime does not remove every unused node by itself."""
        wanted, nodes = set(outputs), []
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                wanted.update(node.input)
                nodes.append(node)
        return nodes[::-1]

    def model(self, inputs: dict[str, int], outputs: dict[str, int]) -> onnx.ModelProto:
        """The finished model. inputs, outputs: {name: channels}; z, y, x are free. Only `image` has channels first."""
        nodes = self.needed(set(outputs))
        used = {name for node in nodes for name in node.input}
        graph = helper.make_graph(
            nodes,
            "samepoint",
            [tensor_info(name, channels, name in self.input_codes) for name, channels in inputs.items()],
            [tensor_info(name, channels, name in self.output_codes) for name, channels in outputs.items()],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items() if name in used],
        )
        model = helper.make_model(graph, producer_name="samepoint", opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 7
        onnx.checker.check_model(model)
        return model


def tensor_info(name: str, channels: int, is_codes: bool) -> onnx.ValueInfoProto:
    """An input or output with free sizes: the image is (1, 1, z, y, x), all others (z, y, x, channels)."""
    sizes = [f"{name}_{axis}" for axis in "zyx"]
    shape = [1, channels, *sizes] if name == IMAGE else [*sizes, channels]
    return helper.make_tensor_value_info(name, TensorProto.UINT8 if is_codes else TensorProto.FLOAT, shape)
