"""Export of a checkpoint as a model of the server.

    samepoint-export --checkpoint runs/NAME/last.pt --about manifests/NAME.json --out ../NAME

Writes stem.onnx, trunk.onnx and heads.onnx (QDQ int8, or fp32 with --fp32) and model.json, whose keys models/README.md
explains. The int8 ranges are measured on training volumes only. The semantic head is not exported if the description
gives it no weight.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from .checkpoint import averaged_network
from .config import WORKING_MM, TrainingConfig
from .data import FULL_RANGE, data_root, read_ct, split
from .errors import ConfigError, command
from .folded import FoldedNet, z_strides
from .followup import resampled
from .network import HU_OFFSET, INPUT_SCALE, INPUT_SHIFT, normalise_hu, product
from .onnx_ops import OnnxOps, Quantiser, Value
from .pairs import MR_PERCENTILES, read_ct_mr
from .torch_ops import Range, TorchOps, run_folded

ABOUT_KEYS = {"id", "title", "version", "region", "preference", "weights"}
MATCHING_KEYS = ("weights", "neighbourMapWeights", "globalStep", "nearestPriorMm")
OPTIONAL_KEYS = {"crop", "bodyParts", "neighbourMapWeights", "globalStep", "nearestPriorMm"}
CALIBRATION_PATCH = (112, 160, 160)
"""Working voxels of the centre that is run per calibration volume."""
Ranges = dict[str, Range] | None
"""Ranges of activations; None for fp32."""
Codes = dict[str, Quantiser]
"""Quantisers of the tensors that pass from graph to graph as uint8 codes."""


@dataclass(frozen=True)
class Exported:
    """One graph: its model, its inputs and outputs ({name: channels}), and how it is divided into slabs along z."""

    name: str
    model: onnx.ModelProto
    inputs: dict[str, int]
    outputs: dict[str, int]
    slab: Any
    cost: float
    codes: Codes
    """Quantisers of the outputs that are codes."""


def calibrate(folded: FoldedNet, images: Iterable[Tensor]) -> dict[str, Range]:
    """Activation ranges over images (1, 1, Z, Y, X) in network units."""
    ops = TorchOps()
    for image in images:
        run_folded(folded, image, ops)
    return ops.ranges


def calibration_images(config: TrainingConfig) -> Iterable[Tensor]:
    """The centre of every torso training volume and of four head-neck patients; limb CT and MR for UAE-M.

    Images (1, 1, Z, Y, X) in network units at 2 mm.
    """
    root = data_root()
    if config.data.ct_mr:
        pairs = (read_ct_mr(f, config.data.ct_window) for f in split("limb", root)[0])
        volumes = (volume for pair in pairs for volume in pair)
    else:
        volumes = (read_ct(f) for f in split("torso", root)[0] + split("headneck", root)[0][:4])
    for volume in volumes:
        yield centre(resampled(volume))


def centre(image: Tensor) -> Tensor:
    """The centre of an image (Z, Y, X), HU + 1024 at 2 mm, as (1, 1, Z, Y, X) in network units."""
    start = [max(0, (n - p) // 2) for n, p in zip(image.shape, CALIBRATION_PATCH, strict=True)]
    cut = tuple(slice(a, a + p) for a, p in zip(start, CALIBRATION_PATCH, strict=True))
    return normalise_hu(image[cut] - HU_OFFSET)[None, None]


def level_channels(folded: FoldedNet) -> dict[str, int]:
    """{level0: channels, ...} of the stem graph's outputs."""
    return {f"level{i}": folded.config.channels[i] for i in range(folded.stem_levels)}


def export_stem(folded: FoldedNet, ranges: Ranges, codes: Codes) -> Exported:
    """Image to the leading levels. `codes`, here and below: the quantisers of the earlier graphs' outputs."""
    ops, config = OnnxOps(ranges, codes), folded.config
    outputs = level_channels(folded)
    for name, value in folded.stem(ops, ops.input_image()).items():
        ops.output(value, name)
    align = max(z_strides(folded)[n] for n in outputs)
    radius = config.stem_kernel[0] // 2
    halo = -(-radius // align) * align
    per_voxel = stem_bytes(folded)
    model = ops.model({"image": 1}, outputs)
    return Exported("stem", model, {"image": 1}, outputs, slab(halo, per_voxel), 0.3, ops.output_codes)


def stem_bytes(folded: FoldedNet) -> int:
    """Approximate peak memory of the stem graph, bytes per working voxel: windows, taps, three first layers."""
    config = folded.config
    z, y, x = config.stem_stride
    parts = max(1, len(config.windows))
    taps = config.stem_kernel[0] * parts * 4 / z
    return round(4 + 3 * 4 * parts + taps + 3 * 4 * config.channels[0] / (z * y * x))


def export_trunk(folded: FoldedNet, ranges: Ranges, codes: Codes) -> Exported:
    """Last level of the stem to the coarse map and the sums of deep levels, on the whole volume."""
    ops, config = OnnxOps(ranges, codes), folded.config
    name = f"level{folded.stem_levels - 1}"
    inputs = {name: config.channels[folded.stem_levels - 1]}
    outputs = {"coarse": config.embedding}
    outputs.update({f"top_{head}": config.neck_width for head in folded.heads()})
    for output, value in folded.trunk(ops, ops.input(name)).items():
        ops.output(value, output)
    return Exported("trunk", ops.model(inputs, outputs), inputs, outputs, "whole", 0.3, ops.output_codes)


def export_heads(folded: FoldedNet, ranges: Ranges, codes: Codes) -> Exported:
    """Stem levels and deep sums to the fine and semantic maps."""
    ops, config = OnnxOps(ranges, codes), folded.config
    inputs = level_channels(folded)
    levels = {i: ops.input(f"level{i}") for i in range(folded.stem_levels)}
    outputs: dict[str, int] = {}
    for head in folded.heads():
        inputs[f"top_{head}"] = config.neck_width
        outputs[head] = config.embedding if head == "fine" else config.semantic_embedding
        top: Value = ops.input(f"top_{head}")
        ops.output(folded.head(ops, head, levels, top), head)
    strides = z_strides(folded)
    align = max(strides[n] for n in inputs)
    radius = config.neck_kernel[0] // 2 * strides["level0"]
    per_voxel = sum(5 * 4 * (c + config.neck_width) for c in outputs.values()) / 8
    cut = slab(-(-radius // align) * align, round(per_voxel))
    return Exported("heads", ops.model(inputs, outputs), inputs, outputs, cut, 0.4, ops.output_codes)


def export_graphs(folded: FoldedNet, ranges: Ranges) -> list[Exported]:
    """The three graphs in order; each receives the quantisers of the earlier ones."""
    graphs: list[Exported] = []
    for make in (export_stem, export_trunk, export_heads):
        codes = {name: code for graph in graphs for name, code in graph.codes.items()}
        graphs.append(make(folded, ranges, codes))
    return graphs


def slab(halo: int, bytes_per_voxel: int) -> dict[str, int]:
    """The slab entry of the manifest. halo: working slices at each end; bytes_per_voxel: peak per working voxel."""
    return {"halo": halo, "bytesPerVoxel": bytes_per_voxel}


def manifest(
    folded: FoldedNet, about: dict[str, Any], training: TrainingConfig, graphs: list[Exported], folder: Path
) -> dict[str, Any]:
    """model.json of written graphs."""
    config, strides = folded.config, z_strides(folded)
    fine, coarse = config.fine_stride(), config.coarse_stride()
    size = {"fine": config.embedding, "coarse": config.embedding, "semantic": config.semantic_embedding}
    return {
        "manifestVersion": 1,
        **{k: about[k] for k in ("id", "title", "version")},
        "kind": training.kind.lower() if folded.semantic or training.kind != "UAE-S" else "sam",
        "region": about["region"],
        **({"bodyParts": about["bodyParts"]} if "bodyParts" in about else {}),
        "preference": about["preference"],
        "input": {
            "spacingMm": WORKING_MM,
            "orientation": "LPS",
            "layout": "NCZYX",
            "antialias": False,
            "minimumSize": list(product(fine, *config.strides[1:])),
            "crop": about.get("crop", "none"),
            "intensity": intensities(training),
        },
        "graphs": [graph_entry(g, strides, folder) for g in graphs],
        "outputs": [
            {
                "tensor": role,
                "role": role,
                "channels": size[role],
                "stride": list(coarse if role == "coarse" else fine),
                "centre": [(s - 1) / 2 for s in (coarse if role == "coarse" else fine)],
            }
            for role in ("fine", "coarse", *(h for h in folded.heads() if h != "fine"))
        ],
        "matching": {key: about[key] for key in MATCHING_KEYS if key in about},
    }


def intensities(training: TrainingConfig) -> dict[str, Any]:
    """Intensity maps by modality, onto SAM's input range."""
    low, high = training.data.ct_window
    scale = INPUT_SCALE * FULL_RANGE / (high - low)
    out: dict[str, Any] = {
        "CT": {"type": "window", "low": low, "high": high, "scale": scale, "offset": INPUT_SHIFT, "outside": -HU_OFFSET}
    }
    if training.data.ct_mr:
        first, last = MR_PERCENTILES
        out["MR"] = {
            "type": "percentile",
            "lowPercent": first,
            "highPercent": last,
            "scale": INPUT_SCALE * FULL_RANGE,
            "offset": INPUT_SHIFT,
            "outside": 0,
        }
    return out


def graph_entry(graph: Exported, strides: dict[str, int], folder: Path) -> dict[str, Any]:
    """One element of the manifest's graphs."""
    file = folder / f"{graph.name}.onnx"
    return {
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "inputs": {name: name for name in graph.inputs},
        "outputs": {name: {"tensor": name, "zStride": strides[name]} for name in graph.outputs},
        "slab": graph.slab,
        "cost": graph.cost,
    }


def read_about(path: Path, model_id: str | None = None) -> dict[str, Any]:
    """The hand-written part of a manifest; `model_id` replaces its id.

    Raises ConfigError if the file is unreadable or its keys are not the known ones.
    """
    try:
        about = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as cause:
        raise ConfigError(f"{path}: not a readable JSON file ({cause})") from cause
    if not isinstance(about, dict):
        raise ConfigError(f"{path}: the description must be an object, got {type(about).__name__}")
    if set(about) - OPTIONAL_KEYS != ABOUT_KEYS:
        raise ConfigError(f"{path}: keys must be {sorted(ABOUT_KEYS)}, got {sorted(about)}")
    return {**about, "id": model_id or about["id"]}


def write(
    folded: FoldedNet, ranges: Ranges, about: dict[str, Any], training: TrainingConfig, folder: Path
) -> list[Path]:
    """Write the three graphs and model.json; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    graphs = export_graphs(folded, ranges)
    for graph in graphs:
        onnx.save(graph.model, str(folder / f"{graph.name}.onnx"))
    text = json.dumps(manifest(folded, about, training, graphs, folder), indent=2)
    (folder / "model.json").write_text(text + "\n")
    return [folder / f"{g.name}.onnx" for g in graphs] + [folder / "model.json"]


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--about", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--id", help="model id, instead of the description's; must be the name of the folder of --out")
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Export a checkpoint's averaged weights."""
    args = options(argv)
    torch.set_num_threads(args.threads)
    net, config = averaged_network(args.checkpoint)
    about = read_about(args.about, args.id)
    folded = FoldedNet(net, "semantic" in about["weights"])
    ranges = None if args.fp32 else calibrate(folded, calibration_images(config))
    for file in write(folded, ranges, about, config, args.out):
        print(f"{file} {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
