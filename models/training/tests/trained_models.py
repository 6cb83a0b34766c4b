"""What the training makes, for the tests of the server.

    python3 -m tests.trained_models --out FOLDER

Per kind: KIND.pt, packed weights of a network of the published width as `samepoint-pack` writes them, with
KIND.ROLE.f32, the unit vectors (1, C, z, y, x) that PyTorch gives for hu.f32 (z, y, x; HU at 2 mm; SIZE); and
models/KIND-small, a network of width 4 as `samepoint-export --fp32` writes it, with
KIND-small.pth as published, and the folders ct and mr with an image each. The weights are random, the batch-norm
statistics those of the image.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch

from samepoint_training import checkpoint
from samepoint_training.config import as_json, load_config
from samepoint_training.export import read_about, write
from samepoint_training.folded import FoldedNet
from samepoint_training.network import EmbeddingNet, normalise_hu
from samepoint_training.pack import half
from tests.published_checkpoints import ROLES, settled
from tests.test_export import settled as settled_small
from tests.test_loop import PACKAGE, made_up, small
from tests.test_loop import write as volume_of

SIZE = (32, 64, 64)


def image() -> torch.Tensor:
    """Smooth tissue, (1, 1, Z, Y, X) HU."""
    noise = torch.nn.functional.interpolate(
        torch.randn(1, 1, 8, 16, 16, generator=torch.Generator().manual_seed(1)), size=SIZE, mode="trilinear"
    )
    return 40 + 200 * noise


def pack(kind: str, net: EmbeddingNet, path: Path) -> None:
    """Write packed weights of a run of configs/KIND.json whose tensors are in the layout of the training."""
    config = load_config(PACKAGE / "configs" / f"{kind}.json")
    parts = {"config": as_json(config), "step": 20000, "seconds": 1.5, "net": {}, "ema": half(net.state_dict())}
    parts["ema"] = {k: v.contiguous(memory_format=layout(v)) for k, v in parts["ema"].items()}
    checkpoint.save(path, {**parts, "optimizer": {"state": {}, "param_groups": []}})


def layout(tensor: torch.Tensor) -> torch.memory_format:
    """That of a checkpoint which was packed before the tensors were written row by row."""
    return torch.channels_last_3d if tensor.ndim == 5 else torch.contiguous_format


def volume_file(path: Path, offset: int) -> None:
    """A made-up body as NIfTI."""
    volume_of(path, made_up(1) + offset)


def main() -> None:
    """Write the files of all kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    hu = image()
    hu.numpy().tofile(out / "hu.f32")
    for kind, roles in ROLES.items():
        net = settled(kind, normalise_hu(hu))
        pack(kind, net, out / f"{kind}.pt")
        packed, _ = checkpoint.averaged_network(out / f"{kind}.pt")
        with torch.no_grad():
            found = packed(normalise_hu(hu), semantic=kind == "uae-s")
        for role in roles:
            found[role].numpy().tofile(out / f"{kind}.{role}.f32")
        config = small(kind.upper())
        config = dataclasses.replace(config, name=f"{kind}-small")
        about = read_about(PACKAGE / "manifests" / f"{kind}.json", config.name)
        folded = FoldedNet(settled_small(config.network), "semantic" in about["weights"])
        write(folded, None, about, config, out / "models" / config.name)
        torch.save({"state_dict": folded.net.state_dict(), "meta": {"iter": 1}}, str(out / f"{config.name}.pth"))
    for name, intensity in (("ct", 0), ("mr", 1000)):
        (out / name).mkdir()
        volume_file(out / name / "image.nii.gz", intensity)


if __name__ == "__main__":
    main()
