"""Prints what pydicom reads of a Spatial Fiducials object, as JSON."""

import json
import sys

from pydicom import dcmread

dataset = dcmread(sys.argv[1])
sets = [
    {
        "frameOfReferenceUid": str(fiducials.FrameOfReferenceUID),
        "points": [
            {
                "identifier": str(point.FiducialIdentifier),
                "description": str(point.FiducialDescription),
                "shape": str(point.ShapeType),
                "place": [float(number) for number in point.ContourData],
            }
            for point in fiducials.FiducialSequence
        ],
    }
    for fiducials in dataset.FiducialSetSequence
]
print(json.dumps({"sopClass": dataset.SOPClassUID.name, "patientId": str(dataset.PatientID), "sets": sets}))
