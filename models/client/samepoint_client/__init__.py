"""A thin client of the Samepoint server: points of one scan in others, whole maps of pairs, landmarks.

Points are patient LPS, mm (x to the left, y to posterior, z to superior), as in DICOM and SimpleITK.
"""

from .client import Client
from .errors import SamepointError
from .field import Field, Lattice
from .types import FixedPoint, Landmark, Match, Model, Series

__all__ = ["Client", "Field", "FixedPoint", "Landmark", "Lattice", "Match", "Model", "SamepointError", "Series"]
