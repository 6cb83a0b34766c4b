/**
 * The map of a pair as a DICOM object: its affine part as a Spatial Registration (PS3.3 A.39.1), or all of it as a Deformable Spatial
 * Registration (A.39.2). Registered is the frame of reference of the query: matrices lead there from the target (C.20.2), the grid
 * lies there and leads to the target (C.20.3).
 * @module
 */
import dcmjs from 'dcmjs';
import { stringOf } from '../dicom/index.ts';
import { invert, lpsPoint, perAxis, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { FieldLattice } from '../deformation/index.ts';
import type { BuiltReport, Dataset } from '../documents/index.ts';
import { dicomDateTime, fileMeta, offsetValue, sharedAttributes } from '../documents/index.ts';
import {
  decimal,
  DEFORMABLE_REGISTRATION,
  elements,
  PRIVATE_BYTES_TAG,
  PRIVATE_CREATOR,
  PRIVATE_CREATOR_TAG,
  SPATIAL_REGISTRATION,
} from './elements.ts';
import type { RegisteredImages, RegistrationRequest } from './types.ts';

/** Behind the image series of a study, before the reports. */
const SERIES_NUMBER = '9800';
const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const AXES_OF_PATIENT = ['1', '0', '0', '0', '1', '0'];
/** Of a content label and of a description (PS3.5 6.2: CS, LO). */
const DESCRIPTION_LENGTH = 64;

/**
 * Builds the object, in the study of the query.
 * @throws SamepointError report/unwritable-identifier where it could not be of the same patient
 */
export function buildRegistration(request: RegistrationRequest): BuiltReport {
  const { kind, field, uids } = request;
  const { seriesInstanceUid, sopInstanceUid } = uids;
  const sopClassUid = kind === 'affine' ? SPATIAL_REGISTRATION : DEFORMABLE_REGISTRATION;
  const ids = { studyInstanceUid: field.query.studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  const dict = new dcmjs.data.DicomDict(fileMeta(ids, sopClassUid));
  dict.dict = {
    ...sharedAttributes(request.current),
    ...header(request, sopClassUid),
    ...(kind === 'affine' ? matrices(request) : deformation(request)),
  };
  return { part10: new Uint8Array(dict.write()), ...ids };
}

/** Everything beside the registration itself, and patient and study. */
function header(request: RegistrationRequest, sopClassUid: string): Dataset {
  const { kind, field, current, now, softwareVersion, uids } = request;
  const { date, time } = dicomDateTime(now, offsetValue(stringOf(current, 'TimezoneOffsetFromUTC')));
  const model = `${field.model.id} ${field.model.version}`;
  return elements({
    SpecificCharacterSet: ['ISO_IR 192'],
    InstanceCreationDate: [date],
    InstanceCreationTime: [time],
    SOPClassUID: [sopClassUid],
    SOPInstanceUID: [uids.sopInstanceUid],
    StudyInstanceUID: [field.query.studyInstanceUid],
    SeriesInstanceUID: [uids.seriesInstanceUid],
    Modality: ['REG'],
    SeriesNumber: [SERIES_NUMBER],
    SeriesDescription: [kind === 'affine' ? 'Samepoint affine registration' : 'Samepoint deformation field'],
    SeriesDate: [date],
    SeriesTime: [time],
    FrameOfReferenceUID: [field.query.frameOfReferenceUid],
    // Type 2C: an organ may be one of two.
    Laterality: [],
    PositionReferenceIndicator: [],
    Manufacturer: ['Samepoint'],
    ManufacturerModelName: ['Samepoint'],
    // A program has none; required of a deformable registration.
    DeviceSerialNumber: [softwareVersion],
    SoftwareVersions: [softwareVersion, model],
    InstanceNumber: ['1'],
    ContentDate: [date],
    ContentTime: [time],
    ContentLabel: [kind === 'affine' ? 'SAMEPOINT_AFFINE' : 'SAMEPOINT_FIELD'],
    ContentDescription: [`by ${model}, ${field.verdict}`.slice(0, DESCRIPTION_LENGTH)],
    ContentCreatorName: [],
    ...references(request),
  });
}

/** Common Instance Reference (PS3.3 C.12.2). */
function references({ field, query, target }: RegistrationRequest): Parameters<typeof elements>[0] {
  const ofQuery = seriesItem(field.query.seriesInstanceUid, query);
  const ofTarget = seriesItem(field.target.seriesInstanceUid, target);
  if (field.target.studyInstanceUid === field.query.studyInstanceUid)
    return { ReferencedSeriesSequence: [ofQuery, ofTarget] };
  const other = elements({
    StudyInstanceUID: [field.target.studyInstanceUid],
    ReferencedSeriesSequence: [ofTarget],
  });
  return {
    ReferencedSeriesSequence: [ofQuery],
    StudiesContainingOtherReferencedInstancesSequence: [other],
  };
}

function seriesItem(seriesInstanceUid: string, images: RegisteredImages): Dataset {
  return elements({ SeriesInstanceUID: [seriesInstanceUid], ReferencedInstanceSequence: imageItems(images) });
}

function imageItems({ sopClassUid, sopInstanceUids }: RegisteredImages): readonly Dataset[] {
  return sopInstanceUids.map((uid) =>
    elements({ ReferencedSOPClassUID: [sopClassUid], ReferencedSOPInstanceUID: [uid] }),
  );
}

/** Image Content-based Alignment (CID 7100). */
function registrationType(): Dataset {
  return elements({
    CodeValue: ['125024'],
    CodingSchemeDesignator: ['DCM'],
    CodeMeaning: ['Image Content-based Alignment'],
  });
}

function matrix(map: Affine, type: 'RIGID' | 'AFFINE'): Dataset {
  return elements({
    FrameOfReferenceTransformationMatrix: [...map, 0, 0, 0, 1].map(decimal),
    FrameOfReferenceTransformationMatrixType: [type],
  });
}

/** Spatial Registration (PS3.3 C.20.2): the query with the identity, the target by the inverse of the affine part. */
function matrices({ field, query, target }: RegistrationRequest): Dataset {
  const item = (frameOfReferenceUid: string, images: RegisteredImages, map: Dataset): Dataset =>
    elements({
      FrameOfReferenceUID: [frameOfReferenceUid],
      ReferencedImageSequence: imageItems(images),
      MatrixRegistrationSequence: [
        elements({ RegistrationTypeCodeSequence: [registrationType()], MatrixSequence: [map] }),
      ],
    });
  return elements({
    RegistrationSequence: [
      item(field.query.frameOfReferenceUid, query, matrix(IDENTITY, 'RIGID')),
      item(field.target.frameOfReferenceUid, target, matrix(invert(field.affine), 'AFFINE')),
    ],
  });
}

/**
 * Deformable Spatial Registration (PS3.3 C.20.3): a point of the query is moved by the vector of the grid, then by the affine part. So
 * the vectors are small, and beyond the grid the affine part holds.
 */
function deformation({ field, target, bytes }: RegistrationRequest): Dataset {
  const { forward, affine } = field;
  const registration = elements({
    SourceFrameOfReferenceUID: [field.target.frameOfReferenceUid],
    ReferencedImageSequence: imageItems(target),
    RegistrationTypeCodeSequence: [registrationType()],
    PreDeformationMatrixRegistrationSequence: [matrix(IDENTITY, 'RIGID')],
    PostDeformationMatrixRegistrationSequence: [matrix(affine, 'AFFINE')],
    DeformableRegistrationGridSequence: [
      elements({
        ImagePositionPatient: forward.origin.map(decimal),
        ImageOrientationPatient: AXES_OF_PATIENT,
        GridDimensions: forward.dims,
        GridResolution: forward.spacing,
        VectorGridData: [vectors(forward, affine).buffer],
      }),
    ],
  });
  const padded = new Uint8Array(bytes.length + (bytes.length % 2));
  padded.set(bytes);
  return {
    ...elements({ DeformableRegistrationSequence: [registration] }),
    [PRIVATE_CREATOR_TAG]: { vr: 'LO', Value: [PRIVATE_CREATOR] },
    [PRIVATE_BYTES_TAG]: { vr: 'OB', Value: [padded.buffer] },
  };
}

/** Per node the step, in the frame of the query, after which the affine part leads to where the field leads; mm. */
function vectors({ dims, origin, spacing, displacements }: FieldLattice, affine: Affine): Float32Array {
  const back = invert(affine);
  const result = new Float32Array(displacements.length);
  for (let node = 0; node < displacements.length / 3; node++) {
    const index = [
      node % dims[0],
      Math.floor(node / dims[0]) % dims[1],
      Math.floor(node / dims[0] / dims[1]),
    ];
    const from = lpsPoint(...perAxis((axis) => origin[axis] + (index[axis] ?? NaN) * spacing[axis]));
    const [x, y, z] = perAxis((axis) => from[axis] + (displacements[3 * node + axis] ?? NaN));
    const moved = toLps(back, voxelIndex(x, y, z));
    for (const axis of [0, 1, 2] as const) result[3 * node + axis] = moved[axis] - from[axis];
  }
  return result;
}
