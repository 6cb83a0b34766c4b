"""Export of a student as a model of the server: the graphs of the teacher's model for CT, its own for MR.

    samepoint-export-student --checkpoint runs/NAME/last.pt --about manifests/samepoint-any.json --out ../samepoint-any

The vectors of both are comparable, because the student was trained to give those of the teacher. The int8 ranges of the
student are measured on synthetic contrasts of training CTs.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor

from .checkpoint import averaged_network
from .config import StudentConfig
from .contrast import in_hu_range, random_scanner, synthetic_contrast
from .data import data_root, read_ct, split
from .errors import ConfigError, command
from .export import CALIBRATION_PATCH, MATCHING_KEYS, calibrate, export_graphs, graph_entry, read_about
from .folded import FoldedNet, z_strides
from .followup import resampled
from .network import HU_OFFSET, INPUT_SCALE, INPUT_SHIFT, normalise_hu
from .pairs import MR_PERCENTILES
from .train import PACKAGE

CALIBRATION_SEED = 1
WORDS = ("id", "title", "version", "region", "bodyParts", "preference")
"""Keys of the description that replace those of the teacher."""


def calibration_images(student: StudentConfig) -> Iterable[Tensor]:
    """(1, 1, Z, Y, X) in network units: the centre of torso training volumes and four limbs in random contrasts."""
    root, rng = data_root(), torch.Generator().manual_seed(CALIBRATION_SEED)
    for path in split("torso", root)[0] + split("limb", root)[0][:4]:
        image = resampled(read_ct(path))
        start = [max(0, (n - p) // 2) for n, p in zip(image.shape, CALIBRATION_PATCH, strict=True)]
        cut = tuple(slice(a, a + p) for a, p in zip(start, CALIBRATION_PATCH, strict=True))
        contrast = synthetic_contrast(image[cut][None, None], rng, student.contrast)
        shown = in_hu_range(random_scanner(contrast, rng, student.contrast), student.mr_window)
        yield normalise_hu(shown - HU_OFFSET)


def mr_intensity(student: StudentConfig) -> dict[str, Any]:
    """The MR map of the manifest: percentiles to the HU interval of the student, in network units."""
    low, high = student.mr_window
    return {
        "type": "percentile",
        "lowPercent": MR_PERCENTILES[0],
        "highPercent": MR_PERCENTILES[1],
        "scale": INPUT_SCALE * (high - low),
        "offset": INPUT_SCALE * (low + HU_OFFSET) + INPUT_SHIFT,
        "outside": 0,
    }


def write_student(
    folded: FoldedNet,
    student: StudentConfig,
    about: dict[str, Any],
    teacher: Path,
    folder: Path,
    images: Iterable[Tensor],
) -> list[Path]:
    """Write the graphs and model.json. teacher: folder of its model. images: of the int8 calibration; none: fp32."""
    folder.mkdir(parents=True, exist_ok=True)
    model = json.loads((teacher / "model.json").read_text())
    model.pop("forms", None)  # It would lack the graphs for MR.
    for graph in model["graphs"]:
        shutil.copyfile(teacher / graph["file"], folder / graph["file"])
        graph["modalities"] = ["CT"]
    ranges = calibrate(folded, images) or None
    for made in export_graphs(folded, ranges):
        graph = dataclasses.replace(made, name=f"mr-{made.name}")
        onnx.save(graph.model, str(folder / f"{graph.name}.onnx"))
        model["graphs"].append({**graph_entry(graph, z_strides(folded), folder), "modalities": ["MR"]})
    model.update({key: about[key] for key in WORDS if key in about})
    model["input"]["intensity"]["MR"] = mr_intensity(student)
    model["matching"] = {key: about[key] for key in MATCHING_KEYS if key in about}
    (folder / "model.json").write_text(json.dumps(model, indent=2) + "\n")
    return [folder / graph["file"] for graph in model["graphs"]] + [folder / "model.json"]


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Export a student's averaged weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--about", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    net, config = averaged_network(args.checkpoint)
    if config.student is None:
        raise ConfigError(f"{args.checkpoint}: not the checkpoint of a student")
    teacher = (PACKAGE / config.student.teacher).parent
    images = [] if args.fp32 else calibration_images(config.student)
    about = read_about(args.about)
    for file in write_student(FoldedNet(net), config.student, about, teacher, args.out, images):
        print(f"{file} {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
