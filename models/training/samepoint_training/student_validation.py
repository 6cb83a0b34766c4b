"""Accuracy of a student on held-out volumes: real MR of limbs and fixed synthetic contrasts, matched with the CT maps
of the teacher. Every row of limbs has a control: the answer when the centres of both images are aligned.

    samepoint-validate-student --checkpoint runs/NAME/last.pt
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import append_row, averaged_network, load
from .config import WORKING_MM
from .contrast import in_hu_range
from .data import Volume, data_root, read_ct, split
from .distillation import JOINED
from .errors import ConfigError, command
from .features import FeatureMaps
from .followup import make_follow_up, resampled
from .intensity import curve, noise
from .matching import embed, match
from .network import EmbeddingNet
from .pairs import MR_PERCENTILES, RegisteredPair, read_registered
from .smoothmap import uniform
from .train import PACKAGE
from .validate import SEED, Row, short_table, summary

CONTRASTS: dict[str, tuple[tuple[float, float], ...]] = {
    "t1-like": (
        *((-1024, 0.01), (-800, 0.06), (-300, 0.3), (-100, 0.9), (-60, 0.85), (0, 0.2), (45, 0.38), (70, 0.45)),
        *((120, 0.52), (200, 0.65), (300, 0.7), (700, 0.09), (3071, 0.02)),
    ),
    "t2-like": (
        *((-1024, 0.01), (-800, 0.08), (-300, 0.25), (-100, 0.62), (-60, 0.6), (0, 0.95), (15, 0.8), (45, 0.24)),
        *((70, 0.36), (130, 0.16), (200, 0.2), (300, 0.42), (700, 0.06), (3071, 0.02)),
    ),
    "inverted": ((-1024, 0.01), (-500, 0.01), (-200, 1.0), (250, 0.12), (700, 0.04), (3071, 0.01)),
}
"""HU and intensity of the control points: the contrasts of the benchmark (test/accuracy/contrasts.ts)."""
CUT_SHARE = 0.2
"""Limb images are cut on each side by up to this share of their length, so that the position gives no answer."""
POINTS = 200
MARGIN_MM = 6.0


def scaled(image: Tensor) -> Tensor:
    """(Z, Y, X) to 0..1 between the percentiles of MR, as the server does."""
    flat = image.flatten().sort().values
    low, high = (float(flat[min(len(flat) - 1, int(p / 100 * len(flat)))]) for p in MR_PERCENTILES)
    return ((image - low) / max(high - low, 1e-6)).clamp(0.0, 1.0)


def in_contrast(image: Tensor, name: str, seed: int) -> Tensor:
    """(Z, Y, X) HU + 1024 in a contrast of CONTRASTS, in 0..1: brighter towards the front, with noise."""
    knots, values = (torch.tensor(column, dtype=torch.float32) for column in zip(*CONTRASTS[name], strict=True))
    coil = torch.linspace(1.25, 0.75, image.shape[1]).view(1, -1, 1)
    rng = torch.Generator().manual_seed(seed)
    tissue = curve(image, knots + 1024.0, values) * coil
    return scaled(noise(tissue[None, None], rng, 0.02)[0, 0].abs())


class StudentValidator:
    """Teacher and student on the held-out volumes."""

    def __init__(self, student: EmbeddingNet, teacher: EmbeddingNet, window: tuple[float, float]) -> None:
        self.student, self.teacher, self.window = student, teacher, window

    def embedded(self, intensity: Tensor) -> FeatureMaps:
        """Maps of the student of (Z, Y, X) in 0..1."""
        return embed(self.student, in_hu_range(intensity, self.window))

    def contrast_rows(self, volumes: Sequence[Volume]) -> Iterator[Row]:
        """CT points found in the easy follow-up in each contrast."""
        for i, volume in enumerate(volumes):
            follow = make_follow_up(volume, "easy", SEED + 10 * i)
            source = embed(self.teacher, resampled(volume))
            for name in CONTRASTS:
                target = self.embedded(in_contrast(follow.image, name, SEED + i))
                answer = match(source, target, follow.query / WORKING_MM, JOINED) * WORKING_MM
                yield {"data": volume.name, "case": name, "method": "nearest", **self.row(answer, follow.truth)}

    def limb_rows(self, pairs: Sequence[RegisteredPair]) -> Iterator[Row]:
        """MR points found in the CT of the same patient, each row followed by the control."""
        answers, centred, truths = [], [], []
        for k, pair in enumerate(pairs):
            rng = torch.Generator().manual_seed(SEED + k)
            ct, ct_low = cropped(resampled(pair.ct), rng)
            mr, mr_low = cropped(resampled(pair.mr), rng)
            truth = shared_points(pair, (ct, ct_low), (mr, mr_low), rng)
            query = truth @ pair.matrix.t() + pair.shift
            maps = self.embedded(scaled(mr)), embed(self.teacher, ct)
            found = match(*maps, query / WORKING_MM - mr_low, JOINED) + ct_low
            answers.append(found * WORKING_MM)
            middles = [(torch.tensor(x.shape) - 1) / 2 + low for x, low in ((ct, ct_low), (mr, mr_low))]
            centred.append(query + (middles[0] - middles[1]) * WORKING_MM)
            truths.append(truth)
            name = pair.ct.name.replace("_ct", "")
            yield {"data": name, "case": "mr-to-ct", "method": "nearest", **self.row(answers[-1], truth)}
        every = torch.cat(truths)
        for method, found in (("nearest", answers), ("centre-alignment", centred)):
            yield {
                "data": "limb",
                "case": "mr-to-ct",
                "method": method,
                **self.row(torch.cat(found), every),
            }

    @staticmethod
    def row(answer: Tensor, truth: Tensor) -> Row:
        """Summary of the errors of answers (N, 3) mm."""
        return summary((answer - truth).norm(dim=1))


def cropped(image: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """(random part of (Z, Y, X), its first index (3,))."""
    bounds = []
    for n in image.shape:
        low, high = (int(uniform(rng, 0, CUT_SHARE) * n) for _ in range(2))
        bounds.append((low, n - high))
    box = tuple(slice(a, b) for a, b in bounds)
    return image[box].contiguous(), torch.tensor([a for a, _ in bounds], dtype=torch.float32)


def shared_points(
    pair: RegisteredPair, ct: tuple[Tensor, Tensor], mr: tuple[Tensor, Tensor], rng: torch.Generator
) -> Tensor:
    """(POINTS, 3) mm in the CT: body points at least MARGIN_MM inside both parts. (image, first index) of each."""
    points = pair.ct.body
    ok = torch.ones(len(points), dtype=torch.bool)
    for places, (image, low) in ((points, ct), (points @ pair.matrix.t() + pair.shift, mr)):
        near = (places - low * WORKING_MM).minimum((torch.tensor(image.shape) - 1 + low) * WORKING_MM - places)
        ok &= (near >= MARGIN_MM).all(1)
    inside = points[ok]
    picked = inside[torch.randint(0, len(inside), (POINTS,), generator=rng)]
    return picked + (torch.rand(POINTS, 3, generator=rng) - 0.5) * 4.0


def read_validation_pairs(root: Path, registrations: Path) -> list[RegisteredPair]:
    """The held-out limb pairs whose registration is accepted."""
    return read_registered(split("limb", root)[1], registrations)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Validate the averaged weights of a student."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="CSV to append to")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limbs-only", action="store_true")
    options = parser.parse_args(argv)
    torch.set_num_threads(options.threads)
    begin = time.monotonic()
    net, config = averaged_network(options.checkpoint)
    if config.student is None:
        raise ConfigError(f"{options.checkpoint}: not the checkpoint of a student")
    teacher = averaged_network(PACKAGE / config.student.teacher)[0]
    validator = StudentValidator(net.float(), teacher.float(), config.student.mr_window)
    root, rows = data_root(), []
    if config.student.registrations:
        pairs = read_validation_pairs(root, PACKAGE / config.student.registrations)
        rows.extend(validator.limb_rows(pairs))
    if not options.limbs_only:
        rows.extend(validator.contrast_rows([read_ct(f) for f in split("torso", root)[1]]))
    print(short_table(rows), f"\n  {time.monotonic() - begin:.0f} s")
    step = load(options.checkpoint)["step"]
    for row in rows if options.out else []:
        append_row(options.out, {"step": step, **row})


if __name__ == "__main__":
    main()
