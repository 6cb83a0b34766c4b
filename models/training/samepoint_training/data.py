"""Training volumes (NIfTI): reading, splits, body masks. Never opens `dicom/` or `organs/`, which only the benchmark
reads.

Frame: arrays are (z, y, x) with LPS axes. Points are (z, y, x) in mm from the centre of voxel 0, without the origin
of the file, because training and validation compare positions within one volume only.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path

import nibabel
import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from .errors import DataError
from .landmarks import find_anchors

AIR_HU = -1024
FULL_RANGE = 4095.0
"""Image units above air: HU -1024 to 3071."""
BODY_HU = -500.0
"""Skin threshold of the body mask, HU: the one that SAM crops training volumes with."""
MASK_MM = 8.0
"""Spacing of the lattice of body points, mm. A finer mask costs seconds per volume; seeds of views do not need it."""
BODY_MARGIN_MM = 24.0
TORSO_VALIDATION = ("c3l00189_0", "nlst")
"""One abdomen and one chest for model selection. The volumes of the benchmark are never read."""
HEADNECK_EVERY = 10
LIMB_EVERY = 5
HELD_OUT = "validation.txt"
"""File in a folder of volumes that lists the held-out ones, a name per line; it replaces the rules above."""
NO_ORIGIN = torch.zeros(3)


@dataclass(frozen=True)
class Volume:
    """One CT (or MR) with its spacing.

    image: float32 (Z, Y, X), HU + 1024 for CT so that 0 is air. spacing: mm (z, y, x).
    body: (N, 3) points in mm inside the body. organs: uint8 (Z, Y, X) labels or None.
    """

    name: str
    image: Tensor
    spacing: Tensor
    body: Tensor
    organs: Tensor | None = None
    landmarks: tuple[tuple[int, tuple[float, float, float]], ...] = ()
    """(label, centroid mm (z, y, x)) of the organs present."""
    anchors: dict[int, Tensor] = field(default_factory=dict)
    """Landmarks (3,) mm of compact organs by code (landmarks.py)."""
    origin: Tensor = NO_ORIGIN
    """Position of voxel 0, mm (z, y, x) along S, P, L; only used to align two images of one patient."""

    def extent(self) -> Tensor:
        """Position of the last voxel centre, mm (z, y, x)."""
        return (torch.tensor(self.image.shape, dtype=torch.float32) - 1) * self.spacing


def data_root() -> Path:
    """The folder that SAMEPOINT_DATA names, by default `shared/data` beside the repository."""
    default = Path(__file__).resolve().parents[4] / "shared" / "data"
    root = Path(os.environ.get("SAMEPOINT_DATA", default))
    if not root.is_dir():
        raise DataError(f"no data folder at {root}; set SAMEPOINT_DATA")
    return root


def split(folder: str, root: Path) -> tuple[list[Path], list[Path]]:
    """(training files, validation files) of `torso`, `headneck` or `limb`: the CT files, sorted by name."""
    if folder == "torso":
        files = sorted((root / folder).glob("*.nii.gz"))
        held = [f for f in files if stem(f) in TORSO_VALIDATION]
    elif folder in ("headneck", "limb"):
        files = sorted((root / folder).glob("*_ct.nii.gz"))
        every = HEADNECK_EVERY if folder == "headneck" else LIMB_EVERY
        held = files[every - 1 :: every]
    else:
        raise DataError(f"folder must be torso, headneck or limb, got {folder!r}")
    listed = root / folder / HELD_OUT
    if listed.is_file():
        names = set(listed.read_text().split("\n"))
        held = [f for f in files if stem(f) in names]
    return [f for f in files if f not in held], held


def stem(path: Path) -> str:
    """File name without .nii.gz."""
    return path.name[: -len(".nii.gz")]


def read_placed(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(array, spacing in mm, position of voxel 0 in mm), all (z, y, x).

    Raises DataError if the file is unreadable or its axes are not L, P, S.
    """
    try:
        image = nibabel.load(str(path))
        array = np.asarray(image.dataobj)
    except (OSError, ValueError, nibabel.filebasedimages.ImageFileError) as cause:
        raise DataError(f"{path}: unreadable NIfTI ({cause})") from cause
    axes = nibabel.aff2axcodes(image.affine)
    if array.ndim != 3 or axes != ("L", "P", "S"):
        raise DataError(f"{path}: needs a 3-D volume with axes L, P, S; got {array.ndim}-D {axes}")
    spacing = np.array(image.header.get_zooms()[:3], dtype=np.float32)[::-1]
    origin = (np.array([-1, -1, 1]) * image.affine[:3, 3]).astype(np.float32)[::-1]
    return np.ascontiguousarray(array.transpose(2, 1, 0)), spacing.copy(), origin.copy()


def read_ct(path: Path, with_organs: bool = False) -> Volume:
    """A CT cropped to its body box plus a margin; `with_organs` reads the `_organs` file beside it."""
    array, spacing, origin = read_placed(path)
    organs = None
    if with_organs:
        organs, _, _ = read_placed(path.with_name(path.name.replace("_ct.", "_organs.")))
        if organs.shape != array.shape:
            raise DataError(f"{path}: organ labels have shape {organs.shape}, the CT {array.shape}")
    mask, step = body_mask(array, spacing)
    box = crop_box(mask, step, array.shape, spacing)
    array = array[box].astype(np.float32)
    np.clip(array, AIR_HU, 3071, out=array)
    start = np.array([b.start for b in box]) * spacing
    points = np.argwhere(mask) * step * spacing - start
    return Volume(
        name=stem(path),
        image=torch.from_numpy(array - AIR_HU),
        spacing=torch.from_numpy(spacing),
        body=torch.from_numpy(points.astype(np.float32)),
        organs=None if organs is None else torch.from_numpy(organs[box].astype(np.uint8)),
        landmarks=() if organs is None else find_landmarks(organs[box], spacing),
        anchors={} if organs is None else as_tensors(find_anchors(organs[box], spacing)),
        origin=torch.from_numpy(origin + start.astype(np.float32)),
    )


def as_tensors(points: dict[int, np.ndarray]) -> dict[int, Tensor]:
    """float32 tensors of numpy points."""
    return {code: torch.from_numpy(point.astype(np.float32)) for code, point in points.items()}


def rescaled(volume: Volume, window: tuple[float, float]) -> Volume:
    """The volume with the HU interval `window` mapped to 0..4095: a CT-MR model has CT and MR in one range."""
    low, high = window
    image = ((volume.image + AIR_HU - low) / (high - low)).clamp(0.0, 1.0) * FULL_RANGE
    return dataclasses.replace(volume, image=image)


def body_mask(array: np.ndarray, spacing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mask on a lattice of about MASK_MM, lattice step in voxels): largest filled part above BODY_HU."""
    step = np.maximum(1, np.round(MASK_MM / spacing)).astype(int)
    smooth = ndimage.uniform_filter(array.astype(np.float32), size=tuple(step))
    mask = smooth[:: step[0], :: step[1], :: step[2]] > BODY_HU
    mask = ndimage.binary_opening(mask, np.ones((1, 3, 3)))
    mask = np.stack([ndimage.binary_fill_holes(s) for s in mask])
    parts, count = ndimage.label(mask)
    if count == 0:
        raise DataError("no body found: every smoothed voxel is below the skin threshold")
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return parts == sizes.argmax(), step


def crop_box(mask: np.ndarray, step: np.ndarray, shape: tuple[int, ...], spacing: np.ndarray) -> tuple[slice, ...]:
    """Slices of the body box plus BODY_MARGIN_MM."""
    where = np.argwhere(mask)
    margin = np.ceil(BODY_MARGIN_MM / spacing).astype(int)
    low = np.maximum(0, where.min(0) * step - margin)
    high = np.minimum(shape, (where.max(0) + 1) * step + margin)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def find_landmarks(organs: np.ndarray, spacing: np.ndarray) -> tuple[tuple[int, tuple[float, float, float]], ...]:
    """(label, centroid mm) of every organ in a label map (Z, Y, X)."""
    where = np.nonzero(organs)
    codes = organs[where]
    count = np.bincount(codes)
    sums = [np.bincount(codes, weights=axis) for axis in where]
    return tuple(
        (int(v), tuple(float(s[v] / count[v] * mm) for s, mm in zip(sums, spacing, strict=True)))
        for v in np.flatnonzero(count)
    )


def organ_points(volume: Volume) -> tuple[Tensor, Tensor]:
    """(labels (N,), centroids (N, 3) mm) of the organs present in the volume."""
    labels = torch.tensor([label for label, _ in volume.landmarks], dtype=torch.int64)
    return labels, torch.tensor([centre for _, centre in volume.landmarks]).reshape(-1, 3)
