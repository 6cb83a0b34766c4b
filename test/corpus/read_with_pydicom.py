"""Reads DICOM images with pydicom, for comparison with Samepoint.

Each line of the standard input is the path of a file; each line of the standard output is what pydicom makes of it, as
JSON: an error, or places and size of the frames, whose values in modality units are written as 64-bit floats into the
file that was named on the command line.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array

# Value of padding by modality (docs/volumes.md).
PADDING = {"CT": -1024.0}
LOSSY = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
}


def group(dataset: Dataset, frame: int, macro: str) -> Dataset:
    """The item of a functional group macro of a frame, else the data set itself."""
    for name in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        items = dataset.get(name) or []
        item = items[min(frame, len(items) - 1)] if items else None
        if item is not None and item.get(macro):
            return item.get(macro)[0]
    return dataset


def numbers(dataset: Dataset, keyword: str) -> list[float] | None:
    """Values of an attribute as floats, or None."""
    value = dataset.get(keyword)
    if value is None or value == "":
        return None
    values = value if isinstance(value, pydicom.multival.MultiValue) else [value]
    return [float(one) for one in values]


def scale_of(dataset: Dataset, frame: int = 0) -> Dataset:
    """Where slope and intercept of a frame are."""
    return group(dataset, frame, "PixelValueTransformationSequence")


def stored_value(dataset: Dataset, keyword: str) -> int | None:
    """An attribute of VR US or SS: signed where the pixels are, whatever VR was written."""
    value = dataset.get(keyword)
    if not isinstance(value, int):
        return None
    bits = 16
    is_negative = dataset.PixelRepresentation == 1 and value >= 1 << (bits - 1)
    return value - (1 << bits) if is_negative else value


def modality_values(dataset: Dataset, stored: np.ndarray, frame: int) -> np.ndarray:
    """Rescaled values of a frame; padding replaced as Samepoint does."""
    scale = scale_of(dataset, frame)
    slope, intercept = numbers(scale, "RescaleSlope"), numbers(scale, "RescaleIntercept")
    values = stored.astype(np.float64) * (slope or [1.0])[0] + (intercept or [0.0])[0]
    first = stored_value(dataset, "PixelPaddingValue")
    if first is not None:
        limit = stored_value(dataset, "PixelPaddingRangeLimit")
        last = first if limit is None else limit
        padding = (stored >= min(first, last)) & (stored <= max(first, last))
        values[padding] = PADDING.get(dataset.Modality, 0.0)
    return values


def place(dataset: Dataset, frame: int) -> dict[str, Any]:
    """Position, orientation and spacing of a frame."""
    position = group(dataset, frame, "PlanePositionSequence")
    orientation = group(dataset, frame, "PlaneOrientationSequence")
    measures = group(dataset, frame, "PixelMeasuresSequence")
    return {
        "position": numbers(position, "ImagePositionPatient"),
        "orientation": numbers(orientation, "ImageOrientationPatient"),
        "spacing": numbers(measures, "PixelSpacing"),
    }


def read(path: str, output: Path) -> dict[str, Any]:
    """What pydicom makes of a file."""
    dataset = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit = dataset.original_encoding[0]
        uid = pydicom.uid.ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = uid
    pixels = pixel_array(dataset)
    frames = pixels if int(dataset.get("NumberOfFrames") or 1) > 1 else pixels[np.newaxis]
    with output.open("wb") as file:
        for frame, stored in enumerate(frames):
            file.write(modality_values(dataset, stored, frame).tobytes())
    return {
        "sopInstanceUid": str(dataset.get("SOPInstanceUID", "")),
        "cells": int(frames[0].size),
        "step": max(abs(one) for one in numbers(scale_of(dataset), "RescaleSlope") or [1.0]),
        "isLossy": str(dataset.file_meta.TransferSyntaxUID) in LOSSY,
        "places": [place(dataset, frame) for frame in range(len(frames))],
    }


def main() -> None:
    """Answers line by line."""
    warnings.simplefilter("ignore")
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    output = Path(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = read(line.rstrip("\n"), output)
        # Whatever pydicom raises is an answer.
        except Exception as error:  # noqa: BLE001
            answer = {"error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
