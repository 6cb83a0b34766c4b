/**
 * Segments of a segmentation (PS3.3 A.51): the centre and the extent of each. Its frames have their own place in the patient.
 * @module
 */
import { itemsOf, numberOf, parserTagOf, stringOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { Unreadable, conceptIn, lineOf, uidIn } from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { combine } from './combine.ts';
import type { PlacedShape } from './combine.ts';
import { firstLine } from './document.ts';
import type { ParsedDocument } from './document.ts';
import { framePlane, inPatient } from './plane.ts';
import type { DocumentFinding, FindingImage } from './types.ts';
import type { UnreadCounter } from './unread.ts';

const BITS_PER_BYTE = 8;
/** Segments of one segmentation; Segment Number has 16 bits. */
const MAX_SEGMENTS = 65_535;

/** Pixels of a frame that belong to its segment. */
interface Marked {
  readonly count: number;
  readonly column: number;
  readonly row: number;
  readonly min: readonly [column: number, row: number];
  readonly max: readonly [column: number, row: number];
}

/** Bits of frames of equal size, one behind the other, the lowest bit of a byte first (PS3.5 8.2). */
interface Frames {
  readonly bits: Uint8Array;
  readonly columns: number;
  readonly rows: number;
}

/** One finding for each segment that has pixels. */
export function findingsOfSegmentation(
  { parsed, dataset }: ParsedDocument,
  unread: UnreadCounter,
): readonly DocumentFinding[] {
  const segments = itemsOf(dataset, 'SegmentSequence').slice(0, MAX_SEGMENTS);
  const frames = unread.attempt(() => framesOf({ parsed, dataset }));
  if (frames === undefined) {
    // The reason was counted once.
    if (segments.length > 1) unread.add('its segmentation cannot be read', segments.length - 1);
    return [];
  }
  const shapes = shapesBySegment(dataset, frames, unread);
  return segments
    .map((segment, index) => unread.attempt(() => findingOf(segment, index + 1, shapes, dataset)))
    .filter((finding) => finding !== undefined);
}

/** The bits of all frames. @throws Unreadable where they are compressed, not binary, or fewer than the frames need */
function framesOf({ parsed, dataset }: ParsedDocument): Frames {
  if (stringOf(dataset, 'SegmentationType') !== 'BINARY' || numberOf(dataset, 'BitsAllocated') !== 1)
    throw new Unreadable('its segmentation is not binary');
  const element = parsed.elements[parserTagOf('PixelData')];
  if (element === undefined) throw new Unreadable('its segmentation has no pixels');
  if (element.encapsulatedPixelData === true) throw new Unreadable('its segmentation is compressed');
  const [columns, rows] = [numberOf(dataset, 'Columns') ?? 0, numberOf(dataset, 'Rows') ?? 0];
  const count = itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').length;
  const bits = parsed.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  const isWhole = columns > 0 && rows > 0 && count * columns * rows <= bits.length * BITS_PER_BYTE;
  if (!isWhole) throw new Unreadable('its segmentation has fewer pixels than it says');
  return { bits: Uint8Array.from(bits), columns, rows };
}

/** The graphics of each segment, by its number: one for each frame that has pixels of it. */
function shapesBySegment(
  dataset: Dataset,
  frames: Frames,
  unread: UnreadCounter,
): ReadonlyMap<number, readonly PlacedShape[]> {
  const [shared] = itemsOf(dataset, 'SharedFunctionalGroupsSequence');
  const images = referencedImages(dataset);
  const shapes = new Map<number, PlacedShape[]>();
  for (const [index, groups] of itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').entries()) {
    const marked = markedIn(frames, index);
    if (marked.count === 0) continue;
    const number = segmentNumberOf([groups, shared]);
    const shape = unread.attempt(() => shapeOf(marked, [groups, shared], images));
    if (shape === undefined || number === undefined) continue;
    const ofSegment = shapes.get(number);
    if (ofSegment === undefined) shapes.set(number, [shape]);
    else ofSegment.push(shape);
  }
  return shapes;
}

function segmentNumberOf(groups: readonly (DicomJson | undefined)[]): number | undefined {
  for (const group of groups) {
    const [identification] = group === undefined ? [] : itemsOf(group, 'SegmentIdentificationSequence');
    const number = identification && numberOf(identification, 'ReferencedSegmentNumber');
    if (number !== undefined) return number;
  }
  return undefined;
}

/** Counts the set bits of a frame; bytes without one are passed over. */
function markedIn({ bits, columns, rows }: Frames, frame: number): Marked {
  const size = columns * rows;
  const [first, last] = [frame * size, (frame + 1) * size];
  let [count, column, row] = [0, 0, 0];
  const [min, max]: [[number, number], [number, number]] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  for (let byte = Math.floor(first / BITS_PER_BYTE); byte * BITS_PER_BYTE < last; byte += 1) {
    const value = bits[byte] ?? 0;
    if (value === 0) continue;
    for (let bit = 0; bit < BITS_PER_BYTE; bit += 1) {
      const pixel = byte * BITS_PER_BYTE + bit;
      if (((value >> bit) & 1) === 0 || pixel < first || pixel >= last) continue;
      const [c, r] = [(pixel - first) % columns, Math.floor((pixel - first) / columns)];
      count += 1;
      column += c;
      row += r;
      min[0] = Math.min(min[0], c);
      min[1] = Math.min(min[1], r);
      max[0] = Math.max(max[0], c);
      max[1] = Math.max(max[1], r);
    }
  }
  return { count, column: column / count, row: row / count, min, max };
}

function shapeOf(
  { count, column, row, min, max }: Marked,
  groups: readonly (DicomJson | undefined)[],
  images: ReadonlyMap<string, FindingImage>,
): PlacedShape {
  const plane = framePlane(groups);
  const at = (c: number, r: number): LpsPoint => inPatient(plane, [c, r, 0]);
  const [left, right] = [min[0] - 0.5, max[0] + 0.5];
  const [top, bottom] = [min[1] - 0.5, max[1] + 0.5];
  return {
    centre: at(column, row),
    weight: count,
    corners: [at(left, top), at(right, top), at(left, bottom), at(right, bottom)],
    image: sourceOf(groups, images),
  };
}

/** The image that a frame was segmented in (PS3.3 C.7.6.16.2.6). */
function sourceOf(
  groups: readonly (DicomJson | undefined)[],
  images: ReadonlyMap<string, FindingImage>,
): FindingImage | undefined {
  for (const group of groups) {
    const [derivation] = group === undefined ? [] : itemsOf(group, 'DerivationImageSequence');
    const [source] = derivation === undefined ? [] : itemsOf(derivation, 'SourceImageSequence');
    const listed = source && images.get(stringOf(source, 'ReferencedSOPInstanceUID') ?? '');
    if (listed !== undefined) return listed;
  }
  return undefined;
}

/** Images of the Common Instance Reference Module (PS3.3 C.12.2); they are of the study of the segmentation. */
function referencedImages(dataset: Dataset): ReadonlyMap<string, FindingImage> {
  const studyInstanceUid = uidIn(dataset, 'StudyInstanceUID') ?? '';
  const images = new Map<string, FindingImage>();
  for (const series of itemsOf(dataset, 'ReferencedSeriesSequence')) {
    const seriesInstanceUid = stringOf(series, 'SeriesInstanceUID');
    if (seriesInstanceUid === undefined) continue;
    for (const instance of itemsOf(series, 'ReferencedInstanceSequence')) {
      const sopInstanceUid = stringOf(instance, 'ReferencedSOPInstanceUID') ?? '';
      const sopClassUid = stringOf(instance, 'ReferencedSOPClassUID') ?? '';
      images.set(sopInstanceUid, { studyInstanceUid, seriesInstanceUid, sopClassUid, sopInstanceUid });
    }
  }
  return images;
}

function findingOf(
  segment: DicomJson,
  number: number,
  shapes: ReadonlyMap<number, readonly PlacedShape[]>,
  dataset: Dataset,
): DocumentFinding {
  const item: Dataset = { ...segment };
  const combined = combine(shapes.get(numberOf(segment, 'SegmentNumber') ?? 0) ?? []);
  if (combined === undefined) throw new Unreadable('its segment is empty');
  const frameOfReferenceUid = uidIn(dataset, 'FrameOfReferenceUID');
  if (frameOfReferenceUid === undefined) throw new Unreadable('its segmentation has no frame of reference');
  const finding = conceptIn(item, 'SegmentedPropertyTypeCodeSequence');
  const site = conceptIn(item, 'AnatomicRegionSequence');
  const trackingUid = uidIn(item, 'TrackingUID');
  const trackingIdentifier = lineOf(stringOf(segment, 'TrackingID'));
  const { centre, min, max, image } = combined;
  return {
    number,
    kind: 'volume',
    ...(trackingUid === undefined ? {} : { trackingUid }),
    ...(trackingIdentifier === undefined ? {} : { trackingIdentifier }),
    label: firstLine(stringOf(segment, 'SegmentLabel'), trackingIdentifier, finding?.meaning) ?? '',
    ...(finding === undefined ? {} : { finding }),
    sites: site === undefined ? [] : [site],
    shapes: [{ space: { frameOfReferenceUid, image }, centre, weight: 1, box: [min, max], axes: [] }],
  };
}
