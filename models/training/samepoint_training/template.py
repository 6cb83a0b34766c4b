"""Templates for `samepoint models import`.

    samepoint-template --out ../templates

For each published network (width 64, embedding 128) a folder with the fp32 graphs of the exporter without their
weights, and template.json. Its `manifest` is model.json without hashes; `layers` lists every layer of the checkpoint
with the shape of its 3-D weight and the graph that contains it (null: checked, not used). The server appends to each
graph the initialisers `<layer>.weight` (out, kz * in, ky, kx) and `<layer>.bias` (out), so that importing needs no
Python (docs/decisions/007-import-without-python.md).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from .config import DataConfig, TrainingConfig
from .errors import command
from .export import export_graphs, manifest
from .folded import Conv2d, FoldedNet, fold_plain, fold_unit
from .network import ConvUnit, EmbeddingNet, PlainConv, sam_config
from .onnx_ops import OnnxOps

HALF, THIRD = 1 / 2, 1 / 3
IMPORTED = {"version": "1.0.0", "preference": 100}
"""The preference is below that of samepoint-ct (500) and above that of the descriptors (0)."""
ABOUT: dict[str, dict[str, Any]] = {
    "sam": {
        **IMPORTED,
        "id": "sam",
        "title": "SAM, published weights",
        "region": "chest to pelvis",
        "weights": {"fine": HALF, "coarse": HALF},
    },
    "uae-s": {
        **IMPORTED,
        "id": "uae-s",
        "title": "UAE-S, published weights",
        "region": "head to pelvis",
        "weights": {"fine": THIRD, "coarse": THIRD, "semantic": THIRD},
    },
    "uae-m": {
        **IMPORTED,
        "id": "uae-m",
        "title": "UAE-M, published weights",
        "region": "abdomen",
        "weights": {"fine": HALF, "coarse": HALF},
    },
}
"""Regions: those of the published training data. Weights: the published rules; the semantic head of UAE-M is
untrained.
"""


def published(kind: str) -> FoldedNet:
    """A network of the published shape with random weights. No two tensors are equal: each can be identified."""
    torch.manual_seed(0)
    net = EmbeddingNet(sam_config(semantic=kind != "sam"))
    with torch.no_grad():
        for tensor in net.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.0)
    return FoldedNet(net, semantic=kind == "uae-s")


def folded_layers(net: EmbeddingNet) -> dict[str, Conv2d]:
    """{state_dict prefix: folded convolution} of every layer."""
    out = {}
    for name, module in net.named_modules():
        if isinstance(module, ConvUnit):
            out[name] = fold_unit(module, name)
        elif isinstance(module, PlainConv):
            out[name] = fold_plain(module, name)
    return out


def constant_name(tensor: Tensor) -> str:
    """The name that the exporter gives a constant."""
    return OnnxOps().constant(tensor.numpy())


def without_weights(model: onnx.ModelProto, layers: dict[str, Conv2d]) -> list[str]:
    """Remove the weights and name the inputs of the nodes after their layers; returns the layers in order."""
    names = {}
    for layer, conv in layers.items():
        names[constant_name(conv.weight)] = f"{layer}.weight"
        names[constant_name(conv.bias)] = f"{layer}.bias"
    kept = [tensor for tensor in model.graph.initializer if tensor.name not in names]
    found = {names[tensor.name] for tensor in model.graph.initializer if tensor.name in names}
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    return [layer for layer in layers if f"{layer}.weight" in found and f"{layer}.bias" in found]


def write_template(kind: str, root: Path) -> list[Path]:
    """Write the template of one kind; returns its files."""
    folder = root / kind
    folder.mkdir(parents=True, exist_ok=True)
    folded = published(kind)
    layers = folded_layers(folded.net)
    training = TrainingConfig(kind, kind.upper(), folded.config, DataConfig(ct_mr=kind == "uae-m"))
    graphs = export_graphs(folded, None)
    graph_of: dict[str, str | None] = dict.fromkeys(layers)
    for graph in graphs:
        graph_of.update(dict.fromkeys(without_weights(graph.model, layers), f"{graph.name}.onnx"))
        onnx.save(graph.model, str(folder / f"{graph.name}.onnx"))
    about = manifest(folded, ABOUT[kind], training, graphs, folder)
    for entry in about["graphs"]:
        del entry["sha256"]
    state = folded.net.state_dict()
    template = {
        "manifest": about,
        "layers": [
            {
                "name": layer,
                "shape": list(state[f"{layer}.conv.weight"].shape),
                "norm": f"{layer}.bn.weight" in state,
                "graph": graph,
            }
            for layer, graph in graph_of.items()
        ],
    }
    (folder / "template.json").write_text(as_text(template))
    return sorted(folder.iterdir())


def as_text(template: dict[str, Any]) -> str:
    """JSON with one line per layer."""
    lines = ",\n".join("    " + json.dumps(layer) for layer in template["layers"])
    return f'{{\n  "manifest": {json.dumps(template["manifest"])},\n  "layers": [\n{lines}\n  ]\n}}\n'


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Write all templates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args(argv).out
    for kind in ABOUT:
        for file in write_template(kind, out):
            print(f"{file} {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
