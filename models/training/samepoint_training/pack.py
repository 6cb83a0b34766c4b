"""A small file with the averaged weights of a run, to publish, validate, export or start another run from.

    samepoint-pack --checkpoint runs/NAME/last.pt [--checkpoint ...] --out weights.pt

Several checkpoints of one run are averaged. Weights are stored as float16, without the state of the optimiser.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import load, save
from .errors import CheckpointError, command


def average(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Mean of equal-shaped state dicts; counters come from the last."""
    keys = set(states[0])
    if any(set(s) != keys for s in states):
        raise CheckpointError("checkpoints to average have different keys")
    out = {}
    for key, last in states[-1].items():
        if last.dtype.is_floating_point:
            out[key] = torch.stack([s[key].float() for s in states]).mean(0)
        else:
            out[key] = last
    return out


def half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """float32 tensors as float16, row by row; the batch-norm variances of a trained network are within its range."""
    return {k: (v.half() if v.dtype == torch.float32 else v).contiguous() for k, v in state.items()}


def pack(paths: list[Path], out: Path) -> None:
    """Write the averaged weights of `paths` as a checkpoint without optimiser."""
    parts = [load(p) for p in paths]
    last = dict(parts[-1])
    last["ema"] = half(average([p["ema"] for p in parts]))
    last["net"] = {}
    last["optimizer"] = {"state": {}, "param_groups": []}
    save(out, last)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Pack checkpoints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    pack(args.checkpoint, args.out)
    print(f"{args.out} {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
