/**
 * Segmentations and structure sets as others write them, for tests.
 * @module
 */
import { codeItem } from '../../contentTree/codes.ts';
import type { Dataset } from '../../documents/dataset.ts';
import { CT_IMAGE, elements, file, FRAME_OF_REFERENCE, SERIES, sliceUid, STUDY } from './documents.ts';

/** Rows and columns of a segmentation. */
const SIZE = 16;

/** A frame: its segment, its place, and its pixels (column, row). */
export interface SegmentFrame {
  readonly segment: number;
  readonly z: number;
  readonly pixels: readonly (readonly [number, number])[];
}

function bitsOf(frames: readonly SegmentFrame[]): Uint8Array {
  const bits = new Uint8Array((frames.length * SIZE * SIZE) / 8);
  for (const [index, { pixels }] of frames.entries())
    for (const [column, row] of pixels) {
      const bit = index * SIZE * SIZE + row * SIZE + column;
      bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  return bits;
}

function imageReference(slice: number): Dataset {
  return elements({ ReferencedSOPClassUID: [CT_IMAGE], ReferencedSOPInstanceUID: [sliceUid(slice)] });
}

function segmentItem(
  { label, trackingUid }: { readonly label: string; readonly trackingUid?: string },
  index: number,
): Dataset {
  return elements({
    SegmentNumber: [index + 1],
    SegmentLabel: [label],
    SegmentedPropertyTypeCodeSequence: [codeItem(['52988006', 'SCT', 'Lesion'])],
    ...(trackingUid === undefined ? {} : { TrackingUID: [trackingUid], TrackingID: [label] }),
  });
}

function frameItem({ segment, z }: SegmentFrame, index: number): Dataset {
  const source = elements({ SourceImageSequence: [imageReference(3 + (index % 3))] });
  return elements({
    SegmentIdentificationSequence: [elements({ ReferencedSegmentNumber: [segment] })],
    PlanePositionSequence: [elements({ ImagePositionPatient: ['10', '20', String(z)] })],
    DerivationImageSequence: [source],
  });
}

/** A binary segmentation of 16 x 16 pixels of 1 mm; each frame is one of a segment. */
export function segmentationOf(
  segments: readonly { readonly label: string; readonly trackingUid?: string }[],
  frames: readonly SegmentFrame[],
  changes: Dataset = {},
): Uint8Array {
  const dataset = elements({
    Modality: ['SEG'],
    FrameOfReferenceUID: [FRAME_OF_REFERENCE],
    Rows: [SIZE],
    Columns: [SIZE],
    BitsAllocated: [1],
    NumberOfFrames: [String(frames.length)],
    SegmentationType: ['BINARY'],
    SegmentSequence: segments.map(segmentItem),
    ReferencedSeriesSequence: [
      elements({ SeriesInstanceUID: [SERIES], ReferencedInstanceSequence: [3, 4, 5].map(imageReference) }),
    ],
    SharedFunctionalGroupsSequence: [
      elements({
        PlaneOrientationSequence: [elements({ ImageOrientationPatient: [1, 0, 0, 0, 1, 0].map(String) })],
        PixelMeasuresSequence: [elements({ PixelSpacing: ['1', '1'] })],
      }),
    ],
    PerFrameFunctionalGroupsSequence: frames.map(frameItem),
  });
  return file(
    { ...dataset, '7FE00010': { vr: 'OB', Value: [bitsOf(frames).buffer] }, ...changes },
    { sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4', sopInstanceUid: '1.2.826.20.9.66' },
  );
}

/** A region of interest: contours of points, LPS, mm. */
export interface Region {
  readonly name: string;
  readonly contours: readonly { readonly type: string; readonly points: readonly number[] }[];
}

function referencedFrame(): Dataset {
  const series = elements({ SeriesInstanceUID: [SERIES], ContourImageSequence: [imageReference(3)] });
  return elements({
    FrameOfReferenceUID: [FRAME_OF_REFERENCE],
    RTReferencedStudySequence: [
      elements({ ReferencedSOPInstanceUID: [STUDY], RTReferencedSeriesSequence: [series] }),
    ],
  });
}

function contoursItem({ contours }: Region, index: number): readonly Dataset[] {
  if (contours.length === 0) return [];
  const items = contours.map(({ type, points }) =>
    elements({
      ContourImageSequence: [imageReference(3)],
      ContourGeometricType: [type],
      ContourData: points.map(String),
    }),
  );
  return [elements({ ReferencedROINumber: [String(index + 1)], ContourSequence: items })];
}

/** A structure set. */
export function structureSetOf(regions: readonly Region[]): Uint8Array {
  return file(
    elements({
      Modality: ['RTSTRUCT'],
      ReferencedFrameOfReferenceSequence: [referencedFrame()],
      StructureSetROISequence: regions.map(({ name }, index) =>
        elements({
          ROINumber: [String(index + 1)],
          ROIName: [name],
          ReferencedFrameOfReferenceUID: [FRAME_OF_REFERENCE],
        }),
      ),
      ROIContourSequence: regions.flatMap(contoursItem),
    }),
    { sopClassUid: '1.2.840.10008.5.1.4.1.1.481.3', sopInstanceUid: '1.2.826.20.9.481' },
  );
}
