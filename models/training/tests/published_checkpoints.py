"""Checkpoints in the form of the three published files, and what their networks make of an image.

    python3 -m tests.published_checkpoints --image hu.f32 --size 32 96 96 --out FOLDER

The weights are random, the batch-norm statistics those of the image. Each file stands for one way that torch.save
writes: SAM.pth plain; SAMv2_iter_20000.pth with the keys of a parallel training and its optimizer; CrossSAM_... in
the format before torch 1.6. Beside them KIND.ROLE.f32, the unit vectors (1, C, z, y, x) of the image (z, y, x; HU at
2 mm).
"""

from __future__ import annotations

import argparse
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from samepoint_training.network import EmbeddingNet, normalise_hu, sam_config

FILES = {
    "sam": "SAM.pth",
    "uae-s": "SAMv2_iter_20000.pth",
    "uae-m": "CrossSAM_iter_20000_ct_mr_inter_1.pth",
}
ROLES: dict[str, tuple[str, ...]] = {
    "sam": ("fine", "coarse"),
    "uae-s": ("fine", "coarse", "semantic"),
    "uae-m": ("fine", "coarse"),
}
PATCH = (16, 64, 64)
"""Working voxels of the corner and the middle that the statistics are computed from."""


def settled(kind: str, image: Tensor) -> EmbeddingNet:
    """A random network of a published kind whose batch norms have seen the image (1, 1, Z, Y, X)."""
    torch.manual_seed(sorted(FILES).index(kind))
    net = EmbeddingNet(sam_config(semantic=kind != "sam")).train()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm3d):
                module.momentum = 0.5
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0.0, 0.2)
        for start in ((0, 0, 0), tuple((n - p) // 2 for n, p in zip(image.shape[2:], PATCH, strict=True))):
            z, y, x = (slice(a, a + p) for a, p in zip(start, PATCH, strict=True))
            net.raw(image[:, :, z, y, x])
    return net.eval()


def checkpoint(kind: str, net: EmbeddingNet) -> dict:
    """The dictionary that mmcv writes."""
    state = net.state_dict()
    out = {"meta": {"epoch": 1, "iter": 20000, "mmcv_version": "1.4.7", "seed": None, "time": "Sun Sep  3 2023"}}
    if kind == "uae-s":
        state = OrderedDict((f"module.{key}", value) for key, value in state.items())
        optimizer = torch.optim.SGD(net.neck.parameters(), lr=0.02, momentum=0.9)
        sum(parameter.square().sum() for parameter in net.neck.parameters()).backward()
        optimizer.step()
        out["optimizer"] = optimizer.state_dict()
    out["state_dict"] = OrderedDict((key, value.clone()) for key, value in state.items())
    return out


def main() -> None:
    """Write the files of all kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--size", type=int, nargs=3, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(2)
    hu = torch.from_numpy(np.fromfile(args.image, np.float32).reshape(1, 1, *args.size))
    image = normalise_hu(hu)
    for kind, name in FILES.items():
        net = settled(kind, image)
        saved = checkpoint(kind, net)
        torch.save(saved, str(args.out / name), _use_new_zipfile_serialization=kind != "uae-m")
        with torch.no_grad():
            found = net(image, semantic=kind == "uae-s")
        for role in ROLES[kind]:
            found[role].numpy().tofile(args.out / f"{kind}.{role}.f32")


if __name__ == "__main__":
    main()
