"""Writes the folded form as ONNX, in fp32 or as QDQ int8.

int8: activations are uint8 with a scale and zero point from measured ranges, weights are symmetric int8 per output
channel with 7 bits. 7 because CPUs without VNNI add pairs of u8 x s8 products in 16 bits, which 8-bit weights
overflow. Slices are cut, padded and joined on uint8, so only convolutions and sums sit between Q and DQ.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .errors import ConfigError
from .folded import Conv2d
from .network import NORM_EPS, Triple
from .torch_ops import Range

OPSET = 13
FAR = 2**31 - 1
"""'To the end' of a Slice."""
WEIGHT_LEVELS = 63


@dataclass(frozen=True)
class Value:
    """A tensor in the graph. name: its float form; codes: its uint8 form where it exists (int8 graphs)."""

    name: str
    codes: Optional[str] = None
    scale: float = 0.0
    zero: int = 0


class OnnxOps:
    """Backend of FoldedNet that collects ONNX nodes. ranges: activation ranges, or None for fp32."""

    def __init__(self, ranges: Optional[Dict[str, Range]] = None) -> None:
        self.ranges = ranges
        self.nodes: List[onnx.NodeProto] = []
        self.constants: Dict[str, np.ndarray] = {}
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
        key = f"c_{array.dtype}_{'x'.join(map(str, array.shape))}_{hashlib.sha1(array.tobytes()).hexdigest()[:12]}"
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
        scale = (high - low) / 255.0
        zero = int(round(-low / scale))
        codes = self.node("QuantizeLinear", [name, *self.scale_of(scale, zero)])
        return self.dequantised(codes, scale, zero)

    def scale_of(self, scale: float, zero: int) -> Tuple[str, str]:
        """Constants of a uint8 quantiser."""
        return self.constant(np.array(scale, np.float32)), self.constant(np.array(zero, np.uint8))

    def dequantised(self, codes: str, scale: float, zero: int) -> Value:
        """A value given by its codes."""
        name = self.node("DequantizeLinear", [codes, *self.scale_of(scale, zero)])
        return Value(name, codes, scale, zero)

    def activation(self, name: str, key: str) -> Value:
        """A named activation: quantised with its measured range in int8 graphs."""
        if self.ranges is None:
            return Value(name)
        if key not in self.ranges:
            raise ConfigError(f"no calibrated range for activation {key!r}")
        return self.quantised(name, *self.ranges[key])

    def moved(self, x: Value, move: Callable[[str, str], str]) -> Value:
        """A data movement: on the codes where there are any, else on the floats."""
        if x.codes is None:
            return Value(move(x.name, self.constant(np.array(0, np.float32))))
        return self.dequantised(move(x.codes, self.constant(np.array(x.zero, np.uint8))), x.scale, x.zero)

    # -- Ops ------------------------------------------------------------------------------------------------------

    def windows(self, image: Value, scales: Sequence[Tuple[float, float]]) -> Value:
        if not scales:
            return self.activation(image.name, "image")
        parts = []
        for factor, summand in scales:
            scaled = self.node("Mul", [image.name, self.constant(np.array(factor, np.float32))])
            x = self.node("Add", [scaled, self.constant(np.array(summand, np.float32))])
            limits = [self.constant(np.array(v, np.float32)) for v in (-1.0, 1.0)]
            parts.append(self.node("Clip", [x, *limits]))
        joined = self.node("Concat", parts, axis=1)
        return Value(joined) if self.ranges is None else self.quantised(joined, -1.0, 1.0)

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
        return self.activation(out, conv.name)

    def parameters(self, x: Value, conv: Conv2d) -> Tuple[str, str]:
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

    def upsample(self, x: Value, scale: Triple, like: Value) -> Value:
        factors = self.constant(np.array([scale[0], 1, scale[1], scale[2]], np.float32))
        size = self.node("Gather", [self.node("Shape", [like.name]), self.ints(0, 2, 3)])
        mode = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}

        def move(name: str, _: str) -> str:
            large = self.node("Resize", [name, "", factors], **mode)
            return self.slice(large, [0, 2, 3], [0, 0, 0], size, [1, 1, 1])

        return self.moved(x, move)

    def normalise(self, x: Value) -> Value:
        norm = self.node("ReduceL2", [x.name], axes=[1], keepdims=1)
        safe = self.node("Max", [norm, self.constant(np.array(NORM_EPS, np.float32))])
        return Value(self.node("Div", [x.name, safe]))

    # -- graph boundaries -----------------------------------------------------------------------------------------

    def enter(self, name: str, key: Optional[str] = None) -> Value:
        """A graph input (1, C, Z, Y, X) as (Z, C, Y, X); quantised with the range of `key`."""
        turned = self.node("Squeeze", [self.node("Transpose", [name], perm=[2, 1, 0, 3, 4]), self.ints(2)])
        return Value(turned) if key is None else self.activation(turned, key)

    def leave(self, x: Value, name: str) -> None:
        """Make (Z, C, Y, X) the graph output `name` as (1, C, Z, Y, X)."""
        wide = self.node("Unsqueeze", [x.name, self.ints(2)])
        self.nodes.append(helper.make_node("Transpose", [wide], [name], name=f"out_{name}", perm=[2, 1, 0, 3, 4]))

    def model(self, inputs: Dict[str, int], outputs: Dict[str, int]) -> onnx.ModelProto:
        """The finished model; inputs and outputs are {name: channels}, z, y, x free."""
        used = {name for node in self.nodes for name in node.input}
        graph = helper.make_graph(
            self.nodes,
            "samepoint",
            [tensor_info(name, channels) for name, channels in inputs.items()],
            [tensor_info(name, channels) for name, channels in outputs.items()],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items() if name in used],
        )
        model = helper.make_model(graph, producer_name="samepoint", opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = 7
        onnx.checker.check_model(model)
        return model


def tensor_info(name: str, channels: int) -> onnx.ValueInfoProto:
    """(1, channels, z, y, x) float32 with free sizes named after the tensor."""
    return helper.make_tensor_value_info(
        name, TensorProto.FLOAT, [1, channels, f"{name}_z", f"{name}_y", f"{name}_x"]
    )
