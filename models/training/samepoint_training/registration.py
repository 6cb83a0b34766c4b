"""Rigid registration of the limb CT-MR pairs, whose stated common frame is wrong for some patients.

    samepoint-register --out registrations/limb.json

The file holds one rigid map per pair and whether the pair is accepted, with the reason; no pixels. Three measures that
share no code with the product or with the networks are maximised: normalised-gradient correlation over all translations
(FFT), then mutual information, then the distance of MIND-SSC descriptors (Heinrich et al., 2013) over
rigid maps. A pair is accepted if the two rigid maps agree.

Frame: scanner coordinates (z, y, x) along S, P, L in mm; a map moves points of the CT to the MR.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage, optimize
from torch import Tensor
from torch.nn import functional as F

from .data import data_root, read_placed, split, stem
from .errors import command
from .pairs import scaled_mr
from .smoothmap import rotation

REACH_MM = 40.0
"""Largest translation that is searched, mm."""
SKIN_HU = -300.0
MARGIN_MM = 8.0
"""Points up to this far outside the skin are used: the skin line is an edge in both images."""
BINS = 24
SAMPLES = 6_000
"""Points of a rigid measure."""
STEPS = np.array([4.0, 4.0, 4.0, 0.05, 0.05, 0.05])
"""First steps of the search: mm, mm, mm and radians about z, y, x."""
EVALUATIONS = 160
"""Of a measure, per simplex."""
MAX_DEGREES = 15.0
MIN_OVERLAP = 0.75
"""Smallest share of the MR points in the field of view of the CT."""
DARK = 0.04
"""Intensity below which MR is background, as a share of its range."""
SAME_START_MM = 6.0
"""A translation by gradients that is shorter than this is the only start; otherwise the stated frame is one, too."""
MAX_DISAGREEMENT_MM = 4.0
"""Mean distance between the maps of the two measures up to which a pair is accepted."""
MIND_DISTANCE = 2
"""Distance of the patches that MIND compares, voxels of 2 mm."""


@dataclass(frozen=True)
class Image:
    """array: float32 (Z, Y, X). spacing, origin: mm (3,)."""

    array: Tensor
    spacing: Tensor
    origin: Tensor

    def points(self, mask: Tensor) -> Tensor:
        """Scanner coordinates (N, 3) of the True voxels."""
        return torch.nonzero(mask).float() * self.spacing + self.origin

    def extent(self) -> Tensor:
        """Position of the last voxel relative to the first, mm (3,)."""
        return (torch.tensor(self.array.shape) - 1) * self.spacing


@dataclass(frozen=True)
class RigidMap:
    """CT point p to matrix @ p + shift in the MR."""

    matrix: Tensor
    shift: Tensor

    def at(self, points: Tensor) -> Tensor:
        """CT points (N, 3) to the MR."""
        return points @ self.matrix.t() + self.shift

    def back(self, points: Tensor) -> Tensor:
        """MR points (N, 3) to the CT."""
        return (points - self.shift) @ self.matrix


def rigid(parameters: np.ndarray, centre: Tensor) -> RigidMap:
    """A map from translation (mm) and angles (radians) about `centre`."""
    matrix = rotation([float(np.degrees(a)) for a in parameters[3:]])
    move = torch.tensor(parameters[:3], dtype=torch.float32)
    return RigidMap(matrix, centre + move - matrix @ centre)


def read_images(ct_path: Path) -> tuple[Image, Image]:
    """(CT in HU, MR in 0..4095) of a pair."""
    out = []
    for path, values in ((ct_path, np.float32), (ct_path.with_name(ct_path.name.replace("_ct.", "_t1.")), scaled_mr)):
        array, spacing, origin = read_placed(path)
        out.append(Image(torch.from_numpy(values(array)), torch.from_numpy(spacing), torch.from_numpy(origin)))
    return out[0], out[1]


def body_of(ct: Image) -> Tensor:
    """(Z, Y, X) bool: filled body of the CT."""
    mask = ndimage.binary_opening(ct.array.numpy() > SKIN_HU, iterations=2)
    return torch.from_numpy(np.stack([ndimage.binary_fill_holes(s) for s in mask]))


def foreground(mr: Image) -> Tensor:
    """(Z, Y, X) bool: what is not background, with a margin of air."""
    bright = ndimage.uniform_filter(mr.array.numpy(), 3) > DARK * 4095.0
    return torch.from_numpy(ndimage.binary_dilation(bright, iterations=round(MARGIN_MM / float(mr.spacing[0]))))


def sampled(image: Image, channels: Tensor, points: Tensor) -> Tensor:
    """(C, N) linear interpolation of (C, Z, Y, X) at scanner points (N, 3); the border value outside."""
    grid = ((points - image.origin) / image.extent() * 2 - 1).flip(1).view(1, 1, 1, -1, 3)
    return F.grid_sample(channels[None], grid, padding_mode="border", align_corners=True)[0, :, 0, 0]


def within(image: Image, points: Tensor) -> Tensor:
    """(N,) bool: points in the field of view."""
    place = points - image.origin
    return ((place >= 0) & (place <= image.extent())).all(1)


def normalised_gradient_products(array: Tensor) -> Tensor:
    """(6, Z, Y, X): products of the components of the normalised gradient, off-diagonal ones times sqrt 2."""
    smooth = torch.from_numpy(ndimage.gaussian_filter(array.numpy(), 1.0))
    parts = torch.stack(torch.gradient(smooth))
    norm = parts.norm(dim=0)
    unit = parts / (norm + norm.mean())
    pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    return torch.stack([unit[i] * unit[j] * (1.0 if i == j else 2**0.5) for i, j in pairs])


def best_translation(ct: Image, mr: Image) -> Tensor:
    """Translation (3,) mm of CT points that maximises the mean squared cosine of the gradients, within REACH_MM.

    Both images have one spacing, so that the correlation over all translations is a product of spectra.
    """
    a, b = normalised_gradient_products(ct.array), normalised_gradient_products(mr.array)
    size = [m + n for m, n in zip(a.shape[1:], b.shape[1:], strict=True)]
    axes = (-3, -2, -1)
    spectra = torch.fft.rfftn(b, size, dim=axes) * torch.fft.rfftn(a, size, dim=axes).conj()
    score = torch.fft.irfftn(spectra.sum(0), size, dim=axes)
    weights = [torch.fft.rfftn(x.square().sum(0).sqrt(), size, dim=axes) for x in (b, a)]
    overlap = torch.fft.irfftn(weights[0] * weights[1].conj(), size, dim=axes)
    score = score / (overlap + 0.05 * overlap.max())
    moves = []
    for axis, n in enumerate(size):
        lag = torch.arange(n)
        lag = torch.where(lag < b.shape[axis + 1], lag, lag - n)
        moves.append(lag * ct.spacing[axis] + mr.origin[axis] - ct.origin[axis])
    lattice = torch.stack(torch.meshgrid(*moves, indexing="ij"))
    score = score.masked_fill((lattice.abs() > REACH_MM).any(0), -1.0)
    return lattice.flatten(1)[:, int(score.argmax())]


def mind_ssc(array: Tensor) -> Tensor:
    """(12, Z, Y, X) MIND-SSC descriptors of (Z, Y, X)."""
    offsets = [(s, 0, 0) for s in (-1, 1)] + [(0, s, 0) for s in (-1, 1)] + [(0, 0, s) for s in (-1, 1)]
    couples = [(p, q) for i, p in enumerate(offsets) for q in offsets[i + 1 :] if np.dot(p, q) == 0]
    shifted = {p: torch.roll(array, [MIND_DISTANCE * c for c in p], (0, 1, 2)) for p in offsets}
    distances = [
        torch.from_numpy(ndimage.uniform_filter((shifted[p] - shifted[q]).square().numpy(), 3)) for p, q in couples
    ]
    stack = torch.stack(distances)
    stack = stack - stack.min(0).values
    variance = stack.mean(0)
    variance = variance.clamp(min=0.001 * float(variance.mean()), max=1000 * float(variance.mean()))
    return torch.exp(-stack / variance)


def mutual_information(a: Tensor, b: Tensor) -> float:
    """Normalised mutual information (H(a) + H(b)) / H(a, b) of two rows (N,) of values in 0..1."""
    index = (a * (BINS - 1)).round().long() * BINS
    place = b * (BINS - 1)
    low = place.floor().clamp(max=BINS - 2)
    share = place - low
    counts = torch.zeros(BINS * BINS)
    counts.index_add_(0, index + low.long(), 1 - share)
    counts.index_add_(0, index + low.long() + 1, share)
    joint = counts.view(BINS, BINS) / counts.sum()
    entropy = [float(-(p * (p + 1e-12).log()).sum()) for p in (joint.sum(0), joint.sum(1), joint)]
    return (entropy[0] + entropy[1]) / entropy[2]


def information_measure(ct: Image, mr: Image, points: Tensor) -> Callable[[RigidMap], float]:
    """Negative mutual information of a map over MR points. They are the same for every map: the fewer points the larger
    is mutual information by chance, so that a smaller overlap would win.
    """
    values = sampled(mr, (mr.array / 4095.0).clamp(0.0, 1.0)[None], points)[0]
    other = ((ct.array.clamp(-250.0, 600.0) + 250.0) / 850.0)[None]

    def measure(rigid_map: RigidMap) -> float:
        places = rigid_map.back(points)
        if not is_enough(within(ct, places)):
            return 0.0
        return -mutual_information(values, sampled(ct, other, places)[0])

    return measure


def descriptor_measure(ct: Image, mr: Image, points: Tensor) -> Callable[[RigidMap], float]:
    """Mean squared difference of MIND-SSC descriptors of a map over MR points."""
    values, other = sampled(mr, mind_ssc(mr.array), points), mind_ssc(ct.array.clamp(-250.0, 600.0))

    def measure(rigid_map: RigidMap) -> float:
        places = rigid_map.back(points)
        if not is_enough(within(ct, places)):
            return 10.0
        return float((values - sampled(ct, other, places)).square().mean())

    return measure


def is_enough(seen: Tensor) -> bool:
    """Whether the MR lies in the field of view of the CT."""
    return float(seen.float().mean()) >= MIN_OVERLAP


def within_limits(measure: Callable[[RigidMap], float], centre: Tensor) -> Callable[[np.ndarray], float]:
    """The measure of parameters (6,), with a large value beyond the limits."""

    def value(parameters: np.ndarray) -> float:
        shift = np.abs(parameters[:3]).max() > 1.5 * REACH_MM
        turn = np.abs(parameters[3:]).max() > np.radians(MAX_DEGREES)
        return 10.0 if shift or turn else measure(rigid(parameters, centre))

    return value


def nelder_mead(value: Callable[[np.ndarray], float], start: np.ndarray, rounds: int) -> optimize.OptimizeResult:
    """Searches with simplices of STEPS, of half of it, and so on, each from the last result."""
    found = None
    for k in range(rounds):
        begin = start if found is None else found.x
        corners = np.vstack([begin, begin + np.diag(STEPS / 2**k)])
        options = {"initial_simplex": corners, "maxfev": EVALUATIONS, "xatol": 0.01, "fatol": 1e-5}
        found = optimize.minimize(value, begin, method="Nelder-Mead", options=options)
    return found


def optimised(
    measure: Callable[[RigidMap], float], centre: Tensor, starts: Sequence[np.ndarray], rounds: int = 3
) -> tuple[np.ndarray, float]:
    """(parameters (6,), measure) of the best of the searches from `starts`."""
    limited = within_limits(measure, centre)
    found = [nelder_mead(limited, start, rounds) for start in starts]
    best = min(found, key=lambda f: f.fun)
    return best.x, float(best.fun)


def doubt(apart_mm: float, information: float, of_stated_frame: float) -> str:
    """Why a registration is not accepted; empty if it is."""
    if apart_mm > MAX_DISAGREEMENT_MM:
        return "mutual information and MIND-SSC disagree"
    return "" if information > of_stated_frame else "no better than the stated frame"


def registered(ct_path: Path) -> dict[str, object]:
    """The entry of a pair in the file."""
    ct, mr = read_images(ct_path)
    inner = ct.points(body_of(ct))
    every = mr.points(foreground(mr))
    points = every[torch.randperm(len(every), generator=torch.Generator().manual_seed(1))[:SAMPLES]]
    centre = points.mean(0)
    gradient = best_translation(ct, mr)
    starts = [np.zeros(6), np.concatenate([gradient.numpy(), np.zeros(3)])]
    by_gradient = float(gradient.norm()) > SAME_START_MM
    measures = [make(ct, mr, points) for make in (information_measure, descriptor_measure)]
    first = optimised(measures[0], centre, starts if by_gradient else starts[1:])
    second = optimised(measures[1], centre, [first[0]], rounds=2)
    by_information, by_descriptors, information = rigid(first[0], centre), rigid(second[0], centre), first[1]
    shared = inner[within(mr, by_information.at(inner))]
    apart = (by_information.at(shared) - by_descriptors.at(shared)).norm(dim=1)
    moved = (by_information.at(shared) - shared).norm(dim=1)
    identity = RigidMap(torch.eye(3), torch.zeros(3))
    reason = doubt(float(apart.mean()), -information, -measures[0](identity))
    return {
        "accepted": reason == "",
        "reason": reason,
        "matrix": [[round(float(v), 6) for v in row] for row in by_information.matrix],
        "shift": [round(float(v), 3) for v in by_information.shift],
        "moved_mm": round(float(moved.mean()), 2),
        "disagreement_mm": round(float(apart.mean()), 2),
        "gradient_translation_mm": [round(float(v), 1) for v in gradient],
        "information": round(-information, 4),
        "information_of_stated_frame": round(-measures[0](identity), 4),
    }


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Register every limb pair and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", help="patients, separated by commas")
    args = parser.parse_args(argv)
    training, held = split("limb", data_root())
    pairs = {}
    for path in sorted([*training, *held]):
        name = stem(path).replace("_ct", "")
        if args.only and name not in args.only.split(","):
            continue
        pairs[name] = registered(path)
        print(name, {k: v for k, v in pairs[name].items() if k != "matrix"}, flush=True)
    about = "Rigid maps from CT to MR points, (z, y, x) along S, P, L in mm, made by samepoint_training.registration."
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps({"about": about, "pairs": pairs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
