"""Applies a DICOM registration object to points, by the equations of PS3.3 C.20.2 and C.20.3, and prints them as JSON.

    python applyRegistration.py OBJECT POINTS

POINTS is a JSON file with a list of points, LPS mm. Of a Spatial Registration, they are points of the second item, mapped to the
registered frame; of a Deformable Spatial Registration points of the registered frame, mapped to the source.
"""

import json
import struct
import sys

import pydicom


def matrix_of(item):
    values = [float(value) for value in item.MatrixSequence[0].FrameOfReferenceTransformationMatrix]
    return [values[0:4], values[4:8], values[8:12], values[12:16]]


def plain_matrix_of(item):
    values = [float(value) for value in item.FrameOfReferenceTransformationMatrix]
    return [values[0:4], values[4:8], values[8:12], values[12:16]]


def apply(matrix, point):
    return [sum(row[axis] * point[axis] for axis in range(3)) + row[3] for row in matrix[:3]]


def vector_at(grid, point):
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


def deform(item, point):
    moved = apply(plain_matrix_of(item.PreDeformationMatrixRegistrationSequence[0]), point)
    step = vector_at(item.DeformableRegistrationGridSequence[0], moved)
    moved = [moved[axis] + step[axis] for axis in range(3)]
    return apply(plain_matrix_of(item.PostDeformationMatrixRegistrationSequence[0]), moved)


def main():
    dataset = pydicom.dcmread(sys.argv[1])
    with open(sys.argv[2]) as file:
        points = json.load(file)
    if "RegistrationSequence" in dataset:
        matrix = matrix_of(dataset.RegistrationSequence[1].MatrixRegistrationSequence[0])
        mapped = [apply(matrix, point) for point in points]
    else:
        item = dataset.DeformableRegistrationSequence[0]
        mapped = [deform(item, point) for point in points]
    json.dump(mapped, sys.stdout)


if __name__ == "__main__":
    main()
