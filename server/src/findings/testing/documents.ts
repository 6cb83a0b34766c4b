/**
 * Documents as others write them, for tests: structured reports, segmentations, structure sets, rejections; made with dcmjs.
 * @module
 */
import { ATTRIBUTES } from '../../dicom/index.ts';
import type { Keyword } from '../../dicom/index.ts';
import dcmjs from 'dcmjs';
import { codeItem, CODES } from '../../contentTree/codes.ts';
import type { Code } from '../../contentTree/codes.ts';
import { containerItem } from '../../contentTree/contentItems.ts';
import type { Dataset } from '../../documents/dataset.ts';

export const STUDY = '1.2.826.20';
export const SERIES = '1.2.826.20.1';
export const FRAME_OF_REFERENCE = '1.2.826.20.2';
export const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/** SOP Instance UID of a slice of the series. */
export function sliceUid(slice: number): string {
  return `${SERIES}.${slice}`;
}

/** Elements with values. */
export type Elements = Record<string, { vr: string; Value: unknown[] }>;

/** Elements by keyword. */
export function elements(values: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): Elements {
  return Object.fromEntries(
    Object.entries(values).map(([keyword, Value]) => {
      const [tag, vr] = ATTRIBUTES[keyword as Keyword];
      return [tag, { vr, Value: [...Value] }];
    }),
  );
}

/** Whose document it is, and what it replaces. */
export interface DocumentOptions {
  readonly sopInstanceUid?: string;
  readonly seriesInstanceUid?: string;
  readonly studyInstanceUid?: string;
  readonly patientId?: string;
  readonly date?: string;
  readonly time?: string;
  readonly sopClassUid?: string;
  readonly characterSet?: string;
  readonly replaces?: readonly string[];
  readonly slices?: readonly number[];
}

/** A Part 10 file of the elements. */
export function file(dataset: Dataset, options: DocumentOptions = {}): Uint8Array {
  const { sopInstanceUid = '1.2.826.20.9.1', sopClassUid = '1.2.840.10008.5.1.4.1.1.88.33' } = options;
  const dict = new dcmjs.data.DicomDict(
    elements({
      FileMetaInformationVersion: [Uint8Array.of(0, 1).buffer],
      MediaStorageSOPClassUID: [sopClassUid],
      MediaStorageSOPInstanceUID: [sopInstanceUid],
      TransferSyntaxUID: ['1.2.840.10008.1.2.1'],
      ImplementationClassUID: ['1.2.3'],
    }),
  );
  dict.dict = {
    ...elements({
      SpecificCharacterSet: [options.characterSet ?? 'ISO_IR 192'],
      SOPClassUID: [sopClassUid],
      SOPInstanceUID: [sopInstanceUid],
      StudyInstanceUID: [options.studyInstanceUid ?? STUDY],
      SeriesInstanceUID: [options.seriesInstanceUid ?? '1.2.826.20.9'],
      PatientID: [options.patientId ?? 'P1'],
      ContentDate: [options.date ?? '20260302'],
      ContentTime: [options.time ?? '101112.5'],
    }),
    ...dataset,
  };
  return new Uint8Array(dict.write({ allowInvalidVRLength: true }));
}

/** References to slices of the series, as the evidence sequences have them. */
function references(slices: readonly string[], seriesInstanceUid: string, sopClassUid: string): Dataset {
  return elements({
    StudyInstanceUID: [STUDY],
    ReferencedSeriesSequence: [
      elements({
        SeriesInstanceUID: [seriesInstanceUid],
        ReferencedSOPSequence: slices.map((uid) =>
          elements({ ReferencedSOPClassUID: [sopClassUid], ReferencedSOPInstanceUID: [uid] }),
        ),
      }),
    ],
  });
}

/** A structured report (TID 1500) of these groups. */
export function reportOf(groups: readonly Dataset[], options: DocumentOptions = {}): Uint8Array {
  const { replaces = [], slices = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } = options;
  return file(
    {
      ...elements({
        Modality: ['SR'],
        ValueType: ['CONTAINER'],
        ConceptNameCodeSequence: [codeItem(CODES.imagingMeasurementReport)],
        CurrentRequestedProcedureEvidenceSequence: [references(slices.map(sliceUid), SERIES, CT_IMAGE)],
        ContentSequence: [containerItem(CODES.imagingMeasurements, groups)],
      }),
      ...(replaces.length === 0
        ? {}
        : elements({
            PredecessorDocumentsSequence: [
              references(replaces, '1.2.826.20.9', '1.2.840.10008.5.1.4.1.1.88.33'),
            ],
          })),
    },
    options,
  );
}

/** A measurement group. */
export function group(items: readonly Dataset[]): Dataset {
  return containerItem(CODES.measurementGroup, items);
}

/** A report of so many equal groups; dcmjs needs a minute to write 5,000. */
export function reportOfMany(item: Dataset, count: number): Uint8Array {
  const [one, two] = [reportOf([item]), reportOf([item, item])];
  const size = two.length - one.length;
  const at = one.findIndex((byte, index) => byte !== two[index]);
  const bytes = two.subarray(at, at + size);
  return Buffer.concat([
    one.subarray(0, at),
    ...Array.from({ length: count - 1 }, () => bytes),
    one.subarray(at),
  ]);
}

/** SCOORD in a slice: numbers from the corner of the first pixel. */
export function scoord(
  graphicType: string,
  data: readonly number[],
  { slice = 3, name, frameNumber }: { slice?: number; name?: Code; frameNumber?: number } = {},
): Dataset {
  const image = elements({
    RelationshipType: ['SELECTED FROM'],
    ValueType: ['IMAGE'],
    ReferencedSOPSequence: [
      elements({
        ReferencedSOPClassUID: [CT_IMAGE],
        ReferencedSOPInstanceUID: [sliceUid(slice)],
        ...(frameNumber === undefined ? {} : { ReferencedFrameNumber: [String(frameNumber)] }),
      }),
    ],
  });
  return {
    ...elements({
      RelationshipType: [name === undefined ? 'INFERRED FROM' : 'CONTAINS'],
      ValueType: ['SCOORD'],
      GraphicType: [graphicType],
      GraphicData: data,
      ContentSequence: [image],
    }),
    ...(name === undefined ? {} : elements({ ConceptNameCodeSequence: [codeItem(name)] })),
  };
}

/** SCOORD3D: numbers in the patient, LPS, mm. */
export function scoord3d(graphicType: string, data: readonly number[]): Dataset {
  return elements({
    RelationshipType: ['CONTAINS'],
    ValueType: ['SCOORD3D'],
    ConceptNameCodeSequence: [codeItem(['111030', 'DCM', 'Image Region'])],
    GraphicType: [graphicType],
    GraphicData: data,
    ReferencedFrameOfReferenceUID: [FRAME_OF_REFERENCE],
  });
}

/** NUM with what it is inferred from. */
export function measured(
  name: Code,
  value: number,
  unit: string,
  evidence: readonly Dataset[] = [],
): Dataset {
  return elements({
    RelationshipType: ['CONTAINS'],
    ValueType: ['NUM'],
    ConceptNameCodeSequence: [codeItem(name)],
    MeasuredValueSequence: [
      elements({
        NumericValue: [String(value)],
        MeasurementUnitsCodeSequence: [codeItem([unit, 'UCUM', unit])],
      }),
    ],
    ...(evidence.length === 0 ? {} : { ContentSequence: evidence }),
  });
}

/** A rejection for instances. */
export function rejectionOf(
  sopInstanceUids: readonly string[],
  title: Code = ['113001', 'DCM', 'Rejected for Quality Reasons'],
): Uint8Array {
  return file(
    elements({
      Modality: ['KO'],
      ValueType: ['CONTAINER'],
      ConceptNameCodeSequence: [codeItem(title)],
      CurrentRequestedProcedureEvidenceSequence: [
        references(sopInstanceUids, '1.2.826.20.9', '1.2.840.10008.5.1.4.1.1.88.33'),
      ],
    }),
    { sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59', sopInstanceUid: '1.2.826.20.9.59' },
  );
}

/** DICOM JSON of a slice: 0.5 mm columns, 0.8 mm rows, slices 2 mm apart, first pixel at (-100, -80, 2 * slice). */
export function sliceMetadata(slice: number, changes: Elements = {}): Elements {
  return {
    ...elements({
      SOPInstanceUID: [sliceUid(slice)],
      StudyInstanceUID: [STUDY],
      SeriesInstanceUID: [SERIES],
      PatientID: ['P1'],
      FrameOfReferenceUID: [FRAME_OF_REFERENCE],
      Rows: [256],
      Columns: [512],
      PixelSpacing: [0.8, 0.5],
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      ImagePositionPatient: [-100, -80, 2 * slice],
    }),
    ...changes,
  };
}
