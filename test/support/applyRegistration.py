"""Applies a DICOM registration object to points, by the equations of PS3.3 C.20.2 and C.20.3, and prints them as JSON.

    python applyRegistration.py OBJECT POINTS

POINTS is a JSON file with a list of points, LPS mm. Of a Spatial Registration, they are points of the second item,
mapped to the registered frame; of a Deformable Spatial Registration points of the registered frame, mapped to the
source.
"""

import json
import struct
import sys
from pathlib import Path

import pydicom

Point = list[float]


def matrix_of(item: pydicom.Dataset) -> list[list[float]]:
    """Four rows of four."""
    values = [float(value) for value in item.FrameOfReferenceTransformationMatrix]
    return [values[0:4], values[4:8], values[8:12], values[12:16]]


def apply(matrix: list[list[float]], point: Point) -> Point:
    """Where a matrix puts a point."""
    return [sum(row[axis] * point[axis] for axis in range(3)) + row[3] for row in matrix[:3]]


def vector_at(grid: pydicom.Dataset, point: Point) -> Point:
    """Trilinear; zero beyond the grid."""
    dims = [int(n) for n in grid.GridDimensions]
    resolution = [float(mm) for mm in grid.GridResolution]
    origin = [float(mm) for mm in grid.ImagePositionPatient]
    index = [(point[axis] - origin[axis]) / resolution[axis] for axis in range(3)]
    if any(index[axis] < 0 or index[axis] > dims[axis] - 1 for axis in range(3)):
        return [0.0, 0.0, 0.0]
    base = [min(int(index[axis]), dims[axis] - 2) for axis in range(3)]
    vector = [0.0, 0.0, 0.0]
    for corner in range(8):
        bits = [corner & 1, (corner >> 1) & 1, corner >> 2]
        weight = 1.0
        for axis in range(3):
            share = index[axis] - base[axis]
            weight *= share if bits[axis] else 1 - share
        node = [base[axis] + bits[axis] for axis in range(3)]
        at = 12 * ((node[2] * dims[1] + node[1]) * dims[0] + node[0])
        for axis, mm in enumerate(struct.unpack_from("<3f", grid.VectorGridData, at)):
            vector[axis] += weight * mm
    return vector


def deform(item: pydicom.Dataset, point: Point) -> Point:
    """Matrix before, vector, matrix after the deformation."""
    moved = apply(matrix_of(item.PreDeformationMatrixRegistrationSequence[0]), point)
    step = vector_at(item.DeformableRegistrationGridSequence[0], moved)
    moved = [moved[axis] + step[axis] for axis in range(3)]
    return apply(matrix_of(item.PostDeformationMatrixRegistrationSequence[0]), moved)


def main() -> None:
    """Reads an object and points, and prints where it puts them."""
    dataset = pydicom.dcmread(sys.argv[1])
    points = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    if "RegistrationSequence" in dataset:
        registration = dataset.RegistrationSequence[1].MatrixRegistrationSequence[0]
        matrix = matrix_of(registration.MatrixSequence[0])
        mapped = [apply(matrix, point) for point in points]
    else:
        item = dataset.DeformableRegistrationSequence[0]
        mapped = [deform(item, point) for point in points]
    json.dump(mapped, sys.stdout)


if __name__ == "__main__":
    main()
