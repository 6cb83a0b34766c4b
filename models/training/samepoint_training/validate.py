"""Accuracy on held-out volumes: synthetic follow-ups, and head-neck organs between patients.

samepoint-validate --checkpoint runs/NAME/last.pt
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import append_row, averaged_network
from .config import WORKING_MM, TrainingConfig
from .data import Volume, data_root, organ_points, read_ct, split
from .errors import command
from .followup import CASES, FollowUp, make_follow_up, resampled
from .matching import SAM, UAE_S, embed, match
from .network import EmbeddingNet
from .pairs import mr_points, read_ct_mr

Row = dict[str, object]
SEED = 20_000
"""Of the first follow-up. Training uses 10 million times its own seed, so that no case was seen in training."""
HEADNECK_LIMIT = 12
"""Number of patients in the validation during training; the command validates all."""


def summary(errors: Tensor) -> Row:
    """Median, mean, 95th percentile (mm) and shares within 10 and 5 mm of errors (N,)."""
    return {
        "n": len(errors),
        "medianMm": round(float(errors.median()), 3),
        "meanMm": round(float(errors.mean()), 3),
        "p95Mm": round(float(torch.quantile(errors, 0.95)), 3),
        "within10mm": round(float((errors <= 10).float().mean()), 4),
        "within5mm": round(float((errors <= 5).float().mean()), 4),
    }


class Validator:
    """The held-out volumes and their follow-ups, made once, so that a repeated validation only embeds and matches."""

    def __init__(self, root: Path, config: TrainingConfig, headneck: int = HEADNECK_LIMIT) -> None:
        self.follow_ups: dict[tuple[str, str], FollowUp] = {}
        self.ct_mr: list[tuple[Volume, Volume]] = []
        self.volumes: list[Volume] = []
        self.patients: list[Volume] = []
        if config.kind == "UAE-M":
            self.ct_mr = [read_ct_mr(f, config.data.ct_window) for f in split("limb", root)[1]]
            return
        self.volumes = [read_ct(f) for f in split("torso", root)[1]]
        patients = split("headneck", root)[1]
        self.patients = [read_ct(f, with_organs=True) for f in patients[: headneck or None]]
        for i, volume in enumerate(self.volumes):
            for j, case in enumerate(CASES):
                self.follow_ups[volume.name, case] = make_follow_up(volume, case, SEED + 10 * i + j)

    def rows(self, net: EmbeddingNet) -> Iterator[Row]:
        """One row per volume, case and method, then the organ rows; for UAE-M the CT-MR row."""
        for volume in self.volumes:
            yield from self.follow_up_rows(net, volume)
        if len(self.patients) > 1:
            yield from inter_patient(net, self.patients)
        if self.ct_mr:
            yield cross_modality(net, self.ct_mr)

    def follow_up_rows(self, net: EmbeddingNet, volume: Volume) -> Iterator[Row]:
        """The four cases of one volume: queries at fine voxels ('nearest') and interpolated ('trilinear')."""
        source = embed(net, resampled(volume))
        for case in CASES:
            follow = self.follow_ups[volume.name, case]
            target = embed(net, follow.image)
            for method, weights, trilinear in methods(net):
                answer = match(source, target, follow.query / WORKING_MM, weights, trilinear) * WORKING_MM
                errors = (answer - follow.truth).norm(dim=1)
                yield {"data": volume.name, "case": case, "method": method, **summary(errors)}


def methods(net: EmbeddingNet) -> list[tuple[str, Mapping[str, float], bool]]:
    """(name, weights of the heads, interpolate the query)."""
    out: list[tuple[str, Mapping[str, float], bool]] = [("sam-nearest", SAM, False), ("sam", SAM, True)]
    if net.config.semantic_embedding:
        out.append(("uae", UAE_S, True))
    return out


def inter_patient(net: EmbeddingNet, patients: Sequence[Volume]) -> Iterator[Row]:
    """Organ centroids of each patient matched into the next one (a ring of pairs)."""
    embedded = [embed(net, resampled(p)) for p in patients]
    centres = [dict(zip(labels.tolist(), points, strict=True)) for labels, points in map(organ_points, patients)]
    for method, weights, trilinear in methods(net)[1:]:
        errors = []
        for i in range(len(patients)):
            j = (i + 1) % len(patients)
            shared = sorted(set(centres[i]) & set(centres[j]))
            if not shared:
                continue
            query = torch.stack([centres[i][v] for v in shared]) / WORKING_MM
            answer = match(embedded[i], embedded[j], query, weights, trilinear) * WORKING_MM
            errors.append((answer - torch.stack([centres[j][v] for v in shared])).norm(dim=1))
        yield {"data": "headneck", "case": "organ centroids", "method": method, **summary(torch.cat(errors))}


def cross_modality(net: EmbeddingNet, pairs: Sequence[tuple[Volume, Volume]]) -> Row:
    """Points of each MR matched into the CT of the same patient; the truth is the common frame.

    The MR is cropped to its field of view first, so that the position in the image does not give the answer.
    """
    errors = []
    for k, (ct, mr) in enumerate(pairs):
        query = mr_points(mr, 200, torch.Generator().manual_seed(SEED + k))
        image, low = field_of_view(resampled(mr))
        answer = match(embed(net, image), embed(net, resampled(ct)), query / WORKING_MM - low, SAM)
        errors.append((answer * WORKING_MM - query).norm(dim=1))
    return {"data": "limb", "case": "mr to ct", "method": "sam", **summary(torch.cat(errors))}


def field_of_view(image: Tensor) -> tuple[Tensor, Tensor]:
    """(image cut to its non-zero box, first index of the box (3,))."""
    where = torch.nonzero(image > 0)
    low, high = where.min(0).values, where.max(0).values + 1
    return image[low[0] : high[0], low[1] : high[1], low[2] : high[2]].contiguous(), low


def write_table(validator: Validator, net: EmbeddingNet, path: Path, step: int, seconds: float) -> list[Row]:
    """Append a validation to a CSV and return its rows."""
    rows = [{"step": step, "seconds": round(seconds), **row} for row in validator.rows(net)]
    for row in rows:
        append_row(path, row)
    return rows


def short_table(rows: Sequence[Row]) -> str:
    """One line per row, for logs."""
    return "\n".join(
        f"  {r['data']:<11}{r['case']:<16}{r['method']:<12} median {r['medianMm']:>6} p95 {r['p95Mm']:>7} "
        f"<=10 mm {r['within10mm']:.3f} <=5 mm {r['within5mm']:.3f}"
        for r in rows
    )


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Validate the averaged weights of a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--headneck", type=int, default=0, help="patients; 0 = all")
    parser.add_argument("--out", type=Path, help="CSV to append to")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    begin = time.monotonic()
    net, config = averaged_network(options.checkpoint)
    rows = list(Validator(data_root(), config, options.headneck).rows(net))
    print(short_table(rows), f"\n  {time.monotonic() - begin:.0f} s")
    for row in rows if options.out else []:
        append_row(options.out, row)


if __name__ == "__main__":
    main()
