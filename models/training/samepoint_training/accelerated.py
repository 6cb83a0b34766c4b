"""Adds the form for GPUs to an exported model: the same weights as floats, in graphs of their own.

    samepoint-export-form --checkpoint ../samepoint-ct/weights.pt --model ../samepoint-ct

Writes stem-float.onnx, trunk-float.onnx and heads-float.onnx and names them in model.json, whose other keys stay. The
weights are stored as float16, which halves the files, and become float32 when a graph is opened: every adapter computes
float32, and the intensities of CT need more digits than float16 has.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .checkpoint import averaged_network
from .errors import ConfigError, command
from .export import export_graphs, graph_entry
from .folded import FoldedNet, z_strides

PROVIDERS = ("cuda", "webgpu", "coreml", "dml")
"""Execution providers of onnxruntime that run floats faster than int8."""
SMALLEST_HALVED = 256
"""Constants of fewer values stay float32: biases, factors and limits."""


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its large float32 constants stored as float16 and cast back."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph, casts = made.graph, []
    for constant in graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.size < SMALLEST_HALVED:
            continue
        name, stored = constant.name, f"{constant.name}_f16"
        constant.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [name], name=f"cast_{name}", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(made)
    return made


def add_form(folded: FoldedNet, folder: Path) -> list[Path]:
    """Write the graphs of the form into the folder of an exported model; returns the files.

    Raises ConfigError if there is no model, or one that the form does not belong to.
    """
    file = folder / "model.json"
    try:
        model: dict[str, Any] = json.loads(file.read_text())
    except (OSError, json.JSONDecodeError) as cause:
        raise ConfigError(f"{file}: not a readable JSON file ({cause})") from cause
    graphs = [
        dataclasses.replace(g, name=f"{g.name}-float", model=halved(g.model)) for g in export_graphs(folded, None)
    ]
    made = [sorted(graph.outputs) for graph in graphs]
    if made != [sorted(graph["outputs"]) for graph in model["graphs"]]:
        raise ConfigError(f"{file}: its graphs do not have the outputs of this checkpoint")
    for graph in graphs:
        onnx.save(graph.model, str(folder / f"{graph.name}.onnx"))
    strides = z_strides(folded)
    form = {"providers": list(PROVIDERS), "graphs": [graph_entry(graph, strides, folder) for graph in graphs]}
    after = list(model).index("graphs") + 1
    entries = [entry for entry in model.items() if entry[0] != "forms"]
    text = json.dumps(dict([*entries[:after], ("forms", [form]), *entries[after:]]), indent=2)
    file.write_text(text + "\n")
    return [folder / f"{graph.name}.onnx" for graph in graphs] + [file]


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Add the form for GPUs to an exported model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the exported model")
    args = parser.parse_args(argv)
    net, _ = averaged_network(args.checkpoint)
    semantic = "semantic" in json.loads((args.model / "model.json").read_text())["matching"]["weights"]
    with torch.no_grad():
        for file in add_form(FoldedNet(net, semantic), args.model):
            print(f"{file} {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
