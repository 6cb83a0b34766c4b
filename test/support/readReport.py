"""Prints what highdicom reads of measurement reports: their groups, the diameters and where they lie, as JSON."""

import json
import sys

import highdicom as hd
from pydicom import dcmread


def code_of(code: hd.sr.CodedConcept | None) -> str | None:
    """A coded concept as scheme and value."""
    return None if code is None else f"{code.scheme_designator} {code.value}"


def graphic_of(measurement: hd.sr.Measurement) -> dict[str, object]:
    """The points that a measurement is inferred from, and the image that they lie in."""
    (scoord,) = measurement[0].ContentSequence
    (selected,) = scoord.ContentSequence
    (image,) = selected.ReferencedSOPSequence
    points = [float(number) for number in scoord.GraphicData]
    return {"points": points, "image": str(image.ReferencedSOPInstanceUID)}


def measurement_of(item: hd.sr.Measurement) -> dict[str, object]:
    """Name, value and unit of a measurement, and its graphic."""
    named = {"name": code_of(item.name), "value": item.value, "unit": item.unit.value}
    return {**named, **graphic_of(item)}


def group_of(group: hd.sr.MeasurementsAndQualitativeEvaluations) -> dict[str, object]:
    """What a measurement group says of its lesion."""
    return {
        "trackingUid": str(group.tracking_uid),
        "finding": code_of(group.finding_type),
        "sites": [code_of(site.value) for site in group.finding_sites],
        "measurements": [measurement_of(item) for item in group.get_measurements()],
    }


def groups_of(path: str) -> list[dict[str, object]]:
    """The groups of one report; a diameter is no region."""
    content = hd.sr.EnhancedSR.from_dataset(dcmread(path)).content
    if content.get_planar_roi_measurement_groups() or content.get_volumetric_roi_measurement_groups():
        message = "a group was read as a region"
        raise ValueError(message)
    return [group_of(group) for group in content.get_image_measurement_groups()]


print(json.dumps([groups_of(path) for path in sys.argv[1:]]))
