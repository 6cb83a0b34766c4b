"""What SimpleITK reads of a folder that `samepoint register` has written: prints JSON.

Usage: readRegistration.py FOLDER MOVING.nii.gz POINTS.json
POINTS.json holds points of the fixed series, LPS mm.
"""

import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK

folder, moving_path, points_path = sys.argv[1:]
points = json.loads(Path(points_path).read_text(encoding="utf-8"))


def displacements(name: str) -> tuple[SimpleITK.Transform, dict]:
    """A displacement field as a transform, and its grid."""
    image = SimpleITK.ReadImage(f"{folder}/{name}", SimpleITK.sitkVectorFloat64)
    grid = {"size": image.GetSize(), "spacing": image.GetSpacing(), "origin": image.GetOrigin()}
    return SimpleITK.DisplacementFieldTransform(image), {**grid, "direction": image.GetDirection()}


affine = SimpleITK.ReadTransform(f"{folder}/affine.tfm")
forward, grid = displacements("field.nii.gz")
inverse, _ = displacements("inverse-field.nii.gz")
warped = SimpleITK.ReadImage(f"{folder}/warped.nii.gz", SimpleITK.sitkFloat32)
moving = SimpleITK.ReadImage(moving_path, SimpleITK.sitkFloat32)
resampled = SimpleITK.Resample(moving, warped, forward, SimpleITK.sitkLinear, -1024.0)
difference = np.abs(SimpleITK.GetArrayFromImage(warped) - SimpleITK.GetArrayFromImage(resampled))
print(
    json.dumps(
        {
            "affine": [affine.TransformPoint(point) for point in points],
            "field": [forward.TransformPoint(point) for point in points],
            "roundTrip": [inverse.TransformPoint(forward.TransformPoint(point)) for point in points],
            "grid": grid,
            "warpedSize": warped.GetSize(),
            "meanDifference": float(difference.mean()),
            "largestDifference": float(difference.max()),
        }
    )
)
