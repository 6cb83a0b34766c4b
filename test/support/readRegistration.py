"""What SimpleITK reads of a folder that `samepoint register` has written: prints JSON.

Usage: readRegistration.py FOLDER MOVING.nii.gz POINTS.json
POINTS.json holds points of the fixed series, LPS mm.
"""

import json
import sys

import numpy as np
import SimpleITK as sitk

folder, moving_path, points_path = sys.argv[1:]
with open(points_path, encoding="utf-8") as file:
    points = json.load(file)


def displacements(name):
    """A displacement field as a transform, and its grid."""
    image = sitk.ReadImage(f"{folder}/{name}", sitk.sitkVectorFloat64)
    grid = {"size": image.GetSize(), "spacing": image.GetSpacing(), "origin": image.GetOrigin()}
    return sitk.DisplacementFieldTransform(image), {**grid, "direction": image.GetDirection()}


affine = sitk.ReadTransform(f"{folder}/affine.tfm")
forward, grid = displacements("field.nii.gz")
inverse, _ = displacements("inverse-field.nii.gz")
warped = sitk.ReadImage(f"{folder}/warped.nii.gz", sitk.sitkFloat32)
moving = sitk.ReadImage(moving_path, sitk.sitkFloat32)
resampled = sitk.Resample(moving, warped, forward, sitk.sitkLinear, -1024.0)
difference = np.abs(sitk.GetArrayFromImage(warped) - sitk.GetArrayFromImage(resampled))
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
