"""Writes a measurement report of what others than Samepoint mark: a point, two diameters, an area and a volume.

Reads from standard input, as JSON: the files of an axial series, the file to write, and groups of contours (LPS, mm).
"""

import json
import sys
from typing import Any

import highdicom as hd
import numpy as np
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import Code, codes

Group = (
    hd.sr.MeasurementsAndQualitativeEvaluations
    | hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations
    | hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations
)


def drawn_in(points: np.ndarray, images: list[Dataset]) -> tuple[Dataset, np.ndarray]:
    """The image next to points of the patient, and their columns and rows in it, from the corner of the first pixel."""
    image = min(images, key=lambda each: abs(float(each.ImagePositionPatient[2]) - points[0, 2]))
    spacing = np.array(image.PixelSpacing, dtype=float)[::-1]
    origin = np.array(image.ImagePositionPatient, dtype=float)[:2]
    return image, (points[:, :2] - origin) / spacing + 0.5


def region_of(contour: list[list[float]], images: list[Dataset]) -> hd.sr.ImageRegion:
    """A closed line, or a point, in an image."""
    image, points = drawn_in(np.array(contour), images)
    return hd.sr.ImageRegion(
        graphic_type="POINT" if len(points) == 1 else "POLYLINE",
        graphic_data=points,
        source_image=hd.sr.SourceImageForRegion.from_source_image(image),
    )


def diameter_of(ends: list[list[float]], images: list[Dataset], name: Code) -> hd.sr.Measurement:
    """A line in an image, and its length in millimetres."""
    image, points = drawn_in(np.array(ends), images)
    line = hd.sr.CoordinatesForMeasurement(
        graphic_type="POLYLINE",
        graphic_data=points,
        source_image=hd.sr.SourceImageForMeasurement.from_source_image(image),
    )
    length = float(np.linalg.norm(np.subtract(*ends)))
    return hd.sr.Measurement(name=name, value=length, unit=codes.UCUM.Millimeter, referenced_coordinates=[line])


def group_of(group: dict[str, Any], images: list[Dataset]) -> Group:
    """A measurement group under its name."""
    contours = group["contours"]
    named = {
        "tracking_identifier": hd.sr.TrackingIdentifier(uid=hd.UID(), identifier=group["name"]),
        "finding_type": codes.SCT.Lesion,
    }
    if group["kind"] == "bidirectional":
        names = (codes.SCT.LongAxis, codes.SCT.ShortAxis)
        measurements = [diameter_of(each, images, name) for each, name in zip(contours, names, strict=True)]
        return hd.sr.MeasurementsAndQualitativeEvaluations(measurements=measurements, **named)
    regions = [region_of(contour, images) for contour in contours]
    if group["kind"] == "volume":
        return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_regions=regions, **named)
    return hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=regions[0], **named)


def main() -> None:
    """Writes the report."""
    request = json.load(sys.stdin)
    images = [dcmread(path, stop_before_pixels=True) for path in request["images"]]
    observer = hd.sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name="Reader^Another"),
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group_of(group, images) for group in request["groups"]],
    )
    report = hd.sr.EnhancedSR(
        evidence=images,
        content=content[0],
        series_number=100,
        series_instance_uid=hd.UID(),
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer="Another",
        is_complete=True,
        is_final=True,
    )
    report.save_as(request["output"])


main()
