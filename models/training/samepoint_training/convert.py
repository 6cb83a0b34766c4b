"""Public data sets as a folder of training volumes.

    samepoint-convert --layout nih-lymph-node --source CT_Lymph_Nodes --out DATA
    samepoint-convert --layout totalsegmentator --source Totalsegmentator_dataset --out DATA
    samepoint-convert --layout ct-mr --source PAIRS --out DATA

Afterwards `SAMEPOINT_DATA=DATA` names the folder for the training. Volumes are only turned to the axes L, P, S; their
spacing stays. Every tenth volume by name, at least one of two, is listed in `validation.txt` and is not trained on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import nibabel
import numpy as np

from .data import HELD_OUT
from .errors import DataError, command

LAYOUTS = {
    "nih-lymph-node": "a CT per NIfTI file, or per folder with one NIfTI file: *.nii.gz, PATIENT/*.nii.gz",
    "totalsegmentator": "SUBJECT/ct.nii.gz and a mask per organ: SUBJECT/segmentations/ORGAN.nii.gz",
    "ct-mr": "PATIENT/ct.nii.gz and PATIENT/mr.nii.gz in one frame of reference",
}
"""What is expected below --source."""
HELD_OUT_EVERY = 10
FIRST_LABEL = 101
"""Code of the first organ of TotalSegmentator: those below are the organs of OpenKBP, whose ends are landmarks."""
LAST_LABEL = 255
LPS = nibabel.orientations.axcodes2ornt("LPS")


def nifti_files(folder: Path) -> list[Path]:
    """The NIfTI files of a folder, sorted by name."""
    return sorted(f for f in folder.iterdir() if f.name.endswith((".nii", ".nii.gz")))


def load(path: Path) -> nibabel.Nifti1Image:
    """A 3-D NIfTI turned to the axes L, P, S by exchanging and reversing axes; nothing is resampled."""
    try:
        image = nibabel.load(str(path))
        array = np.asarray(image.dataobj)
    except (OSError, ValueError, EOFError, nibabel.filebasedimages.ImageFileError) as cause:
        raise DataError(f"{path}: unreadable NIfTI ({cause})") from cause
    if array.ndim != 3:
        raise DataError(f"{path}: needs a 3-D volume, got {array.ndim} axes")
    turn = nibabel.orientations.ornt_transform(nibabel.io_orientation(image.affine), LPS)
    affine = image.affine @ nibabel.orientations.inv_ornt_aff(turn, array.shape)
    return nibabel.Nifti1Image(nibabel.orientations.apply_orientation(array, turn), affine)


def save(image: nibabel.Nifti1Image, path: Path, kind: type = np.int16) -> None:
    """Write an image with whole numbers, which is what CT and MR have."""
    limits = np.iinfo(kind)
    array = np.clip(np.rint(np.asarray(image.dataobj)), limits.min, limits.max).astype(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, image.affine), str(path))


def nih_lymph_node(source: Path, out: Path) -> list[str]:
    """CTs to `torso/NAME.nii.gz`; returns their names."""
    names = []
    for name, file in single_volumes(source):
        save(load(file), out / "torso" / f"{name}.nii.gz")
        names.append(name)
    hold_out(out / "torso", names)
    return names


def single_volumes(source: Path) -> Iterator[tuple[str, Path]]:
    """(name, file) of the files in a folder, then of the folders in it, which hold one file each."""
    for file in nifti_files(source):
        yield stem(file), file
    for folder in folders(source):
        files = nifti_files(folder)
        if len(files) == 1:
            yield folder.name, files[0]
        elif files:
            raise DataError(f"{folder}: needs one NIfTI file, has {len(files)}")
        elif any(folder.rglob("*.dcm")):
            raise DataError(f"{folder}: holds DICOM files; make NIfTI files first, for example: dcm2niix -z y {folder}")


def totalsegmentator(source: Path, out: Path) -> list[str]:
    """CTs to `headneck/NAME_ct.nii.gz`, their masks merged to `NAME_organs.nii.gz`; returns their names.

    The code of an organ is FIRST_LABEL plus its place in the sorted names of all organs, written to labels.json. Where
    masks overlap, the later name holds.
    """
    subjects = [f for f in folders(source) if (f / "ct.nii.gz").is_file()]
    organs = sorted({stem(m) for s in subjects for m in masks(s)})
    if FIRST_LABEL + len(organs) - 1 > LAST_LABEL:
        raise DataError(f"{source}: {len(organs)} organs; at most {LAST_LABEL - FIRST_LABEL + 1} have a code")
    codes = {organ: FIRST_LABEL + n for n, organ in enumerate(organs)}
    target = out / "headneck"
    for subject in subjects:
        ct = load(subject / "ct.nii.gz")
        save(ct, target / f"{subject.name}_ct.nii.gz")
        save(merged(ct, masks(subject), codes), target / f"{subject.name}_organs.nii.gz", np.uint8)
    if subjects:
        (target / "labels.json").write_text(json.dumps(codes, indent=2) + "\n")
    names = [f"{s.name}_ct" for s in subjects]
    hold_out(target, names)
    return names


def masks(subject: Path) -> list[Path]:
    """The masks of a subject, sorted by organ."""
    folder = subject / "segmentations"
    if not folder.is_dir():
        raise DataError(f"{folder}: missing; the layout totalsegmentator is {LAYOUTS['totalsegmentator']}")
    return nifti_files(folder)


def merged(ct: nibabel.Nifti1Image, files: Sequence[Path], codes: dict[str, int]) -> nibabel.Nifti1Image:
    """One label map of the masks of a CT."""
    labels = np.zeros(ct.shape, np.uint8)
    for file in files:
        mask = np.asarray(load(file).dataobj)
        if mask.shape != labels.shape:
            raise DataError(f"{file}: the mask has the size {mask.shape}, the CT {labels.shape}")
        labels[mask > 0] = codes[stem(file)]
    return nibabel.Nifti1Image(labels, ct.affine)


def ct_mr(source: Path, out: Path) -> list[str]:
    """Pairs to `limb/NAME_ct.nii.gz` and `limb/NAME_t1.nii.gz`; returns the names of the CTs."""
    names = []
    for patient in folders(source):
        ct, mr = patient / "ct.nii.gz", patient / "mr.nii.gz"
        if not ct.is_file() and not mr.is_file():
            continue
        save(load(ct), out / "limb" / f"{patient.name}_ct.nii.gz")
        save(load(mr), out / "limb" / f"{patient.name}_t1.nii.gz")
        names.append(f"{patient.name}_ct")
    hold_out(out / "limb", names)
    return names


def folders(source: Path) -> list[Path]:
    """The folders in a folder, sorted by name."""
    return sorted(f for f in source.iterdir() if f.is_dir())


def stem(path: Path) -> str:
    """File name without .nii or .nii.gz."""
    return path.name.removesuffix(".gz").removesuffix(".nii")


def hold_out(folder: Path, names: Sequence[str]) -> None:
    """List every tenth volume for validation; the last one where there are fewer than ten, none of a single one."""
    held = sorted(names)[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
    if not held and len(names) > 1:
        held = sorted(names)[-1:]
    if names:
        (folder / HELD_OUT).write_text("".join(f"{name}\n" for name in held))


CONVERTERS = {"nih-lymph-node": nih_lymph_node, "totalsegmentator": totalsegmentator, "ct-mr": ct_mr}


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Convert one data set."""
    layouts = "; ".join(f"{name}: {what}" for name, what in LAYOUTS.items())
    parser = argparse.ArgumentParser(description=f"samepoint-convert: a public data set as training volumes. {layouts}")
    parser.add_argument("--layout", choices=CONVERTERS, required=True)
    parser.add_argument("--source", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--out", type=Path, required=True, help="folder of training volumes; others in it stay")
    args = parser.parse_args(argv)
    if not args.source.is_dir():
        raise DataError(f"{args.source}: no such folder")
    names = CONVERTERS[args.layout](args.source, args.out)
    if not names:
        raise DataError(f"{args.source}: no volumes; the layout {args.layout} is {LAYOUTS[args.layout]}")
    print(f"{args.out}: {len(names)} volumes of {args.layout}")


if __name__ == "__main__":
    main()
