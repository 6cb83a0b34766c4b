"""An int8 form of published weights, for `samepoint models import --int8`.

    samepoint-quantise --checkpoint SAM.pth --kind sam --images FOLDER --out ../sam-int8

Reads SAM, UAE-S and UAE-M files as published, of any width, or weights of this package. The ranges of the activations
are measured on the images: NIfTI files with any axes, CT (HU), and MR for UAE-M (--mr-images).
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path

import nibabel
import numpy as np
import torch
from torch import Tensor

from .config import DataConfig, TrainingConfig
from .convert import load, nifti_files
from .data import AIR_HU, Volume
from .errors import CheckpointError, DataError, command
from .export import calibrate, centre, write
from .folded import FoldedNet
from .followup import resampled
from .network import EmbeddingNet, sam_config
from .pairs import scaled_mr
from .template import ABOUT

PARALLEL = "module."
"""Prefix of the keys of a parallel training."""
FIRST, LAST = "backbone.conv1.conv.weight", "neck.fpn_convs.0.conv.weight"
"""Weights whose first size is the width of the network, and that of its embedding."""
IMAGES = 8
"""Most images of a modality that are read, the first ones by name."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """The state_dict of a published file, or the averaged weights of this package, as float32."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as cause:
        raise CheckpointError(f"{path}: unreadable checkpoint ({cause}); PyTorch 2 reads more of them") from cause
    for key in ("state_dict", "ema"):
        if isinstance(stored, dict) and isinstance(stored.get(key), dict):
            stored = stored[key]
            break
    if not isinstance(stored, dict) or not all(isinstance(v, Tensor) for v in stored.values()):
        raise CheckpointError(f"{path}: holds no state_dict")
    state = {key.removeprefix(PARALLEL): value for key, value in stored.items()}
    return {key: value.float() if value.dtype.is_floating_point else value for key, value in state.items()}


def published_network(path: Path, kind: str) -> EmbeddingNet:
    """The network of a file, in eval mode. Raises CheckpointError if it has other keys or shapes than `kind`."""
    state = read_weights(path)
    if FIRST not in state or LAST not in state:
        raise CheckpointError(f"{path}: is not {kind.upper()}: {FIRST if FIRST not in state else LAST} is missing")
    net = EmbeddingNet(sam_config(len(state[FIRST]), len(state[LAST]), semantic=kind != "sam"))
    wanted = net.state_dict()
    keys = sorted({*wanted, *state})
    differ = [k for k in keys if k not in wanted or k not in state or wanted[k].shape != state[k].shape]
    if differ:
        raise CheckpointError(f"{path}: is not {kind.upper()}: {len(differ)} tensors differ, the first is {differ[0]}")
    net.load_state_dict(state)
    return net.eval()


def images(folder: Path, mr: bool = False) -> Iterable[Tensor]:
    """The centres of the images of a folder, (1, 1, Z, Y, X) in network units at 2 mm."""
    files = nifti_files(folder) if folder.is_dir() else []
    if not files:
        raise DataError(f"{folder}: no .nii or .nii.gz file, from which the ranges of the activations are measured")
    for file in files[:IMAGES]:
        image = load(file)
        array = np.asarray(image.dataobj).transpose(2, 1, 0).astype(np.float32)
        array = scaled_mr(array) if mr else np.clip(array, AIR_HU, 3071) - AIR_HU
        spacing = np.abs(nibabel.affines.voxel_sizes(image.affine))[::-1].astype(np.float32)
        volume = Volume(file.name, torch.from_numpy(array), torch.from_numpy(spacing.copy()), torch.zeros(0, 3))
        yield centre(resampled(volume))


def quantise(net: EmbeddingNet, kind: str, model_id: str, ranges_of: Iterable[Tensor], out: Path) -> list[Path]:
    """Write the int8 graphs and model.json of a network; returns the files."""
    folded = FoldedNet(net, semantic=kind == "uae-s")
    training = TrainingConfig(kind, kind.upper(), net.config, DataConfig(ct_mr=kind == "uae-m"))
    about = {**ABOUT[kind], "id": model_id, "title": f"{ABOUT[kind]['title']}, int8"}
    return write(folded, calibrate(folded, ranges_of), about, training, out)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Quantise one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--kind", choices=sorted(ABOUT), required=True)
    parser.add_argument("--images", type=Path, required=True, help="folder of CTs, NIfTI")
    parser.add_argument("--mr-images", type=Path, help="folder of MR images, NIfTI, for uae-m")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model; its name is the id")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    net = published_network(args.checkpoint, args.kind)
    shown = list(images(args.images))
    if args.kind == "uae-m":
        if args.mr_images is None:
            raise DataError("--mr-images: UAE-M reads CT and MR; name a folder of MR images too")
        shown += images(args.mr_images, mr=True)
    for file in quantise(net, args.kind, args.out.name, shown, args.out):
        print(f"{file} {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
