/**
 * A point of a stored report: what its group says, completed by what the report says about its image.
 * @module
 */
import { itemsOf, numberOf, stringOf, valuesOf } from '../dicom/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import {
  CODES,
  OWN_CODES,
  child,
  isNamed,
  numberFrom,
  textOfItem,
  Unreadable,
} from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { SCOORD_OFFSET } from './measurementGroup.ts';
import type { SeriesPoint } from './types.ts';

/**
 * SCOORD stores single precision: 1e-5 pixel in an image of 512. Pixels are rounded to 1 / this when read, so that the
 * noise of the format does not count as information. The world point is exact.
 */
const PIXEL_STEPS = 10_000;

/** Series, study and class of every image that the report refers to, by SOP Instance UID. */
export type Images = ReadonlyMap<string, ImageFacts>;

interface ImageFacts {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
}

/** Collects the evidence sequence and the image library. */
export function imagesOf(report: Dataset): Images {
  const frames = framesOfReference(report);
  const images = new Map<string, ImageFacts>();
  for (const study of itemsOf(report, 'CurrentRequestedProcedureEvidenceSequence'))
    for (const series of itemsOf(study, 'ReferencedSeriesSequence'))
      for (const image of itemsOf(series, 'ReferencedSOPSequence')) {
        const uid = stringOf(image, 'ReferencedSOPInstanceUID') ?? '';
        images.set(uid, {
          studyInstanceUid: stringOf(study, 'StudyInstanceUID') ?? '',
          seriesInstanceUid: stringOf(series, 'SeriesInstanceUID') ?? '',
          frameOfReferenceUid: frames.get(uid) ?? '',
        });
      }
  return images;
}

/** Frame of Reference UID of every image in the library. */
function framesOfReference(report: Dataset): ReadonlyMap<string, string> {
  const entries = itemsOf(report, 'ContentSequence')
    .filter((item) => isNamed(item, CODES.imageLibrary))
    .flatMap((library) => itemsOf(library, 'ContentSequence'))
    .flatMap((group) => itemsOf(group, 'ContentSequence'));
  const frames = new Map<string, string>();
  for (const entry of entries) {
    const [image] = itemsOf(entry, 'ReferencedSOPSequence');
    const sopInstanceUid = image && stringOf(image, 'ReferencedSOPInstanceUID');
    const described = child(entry, CODES.frameOfReferenceUid);
    // A damaged entry is met, and named, by the pairs that point at its image.
    const uid = described && stringOf(described, 'UID');
    if (sopInstanceUid !== undefined && uid !== undefined) frames.set(sopInstanceUid, uid);
  }
  return frames;
}

/**
 * The point of a measurement group.
 * @param evidenced the NUM item that is inferred from the point's SCOORD
 * @throws Unreadable
 */
export function pointOf(group: Dataset, evidenced: Dataset, images: Images): SeriesPoint {
  const scoord = ofType(evidenced, 'SCOORD');
  const [reference = {}] = itemsOf(ofType(scoord, 'IMAGE'), 'ReferencedSOPSequence');
  const sopInstanceUid = stringOf(reference, 'ReferencedSOPInstanceUID');
  const sopClassUid = stringOf(reference, 'ReferencedSOPClassUID');
  const frameNumber = numberOf(reference, 'ReferencedFrameNumber');
  const facts = images.get(sopInstanceUid ?? '');
  if (sopInstanceUid === undefined || sopClassUid === undefined || facts === undefined)
    throw new Unreadable('its image is not listed as evidence');
  if (Object.values(facts).includes(''))
    throw new Unreadable('its image lacks a UID of study, series or frame');
  const [column, row] = valuesOf(scoord, 'GraphicData');
  return {
    ...facts,
    lps: positionOf(group),
    pixel: {
      sopClassUid,
      sopInstanceUid,
      ...(frameNumber === undefined ? {} : { frameNumber }),
      column: pixelFrom(column),
      row: pixelFrom(row),
      offPlaneMm: numberFrom(textOfItem(group, OWN_CODES.offPlane), OWN_CODES.offPlane),
    },
  };
}

function ofType(parent: Dataset, valueType: string): Dataset {
  const item = itemsOf(parent, 'ContentSequence').find((each) => stringOf(each, 'ValueType') === valueType);
  if (item === undefined) throw new Unreadable(`it has no ${valueType}`);
  return item;
}

function positionOf(group: Dataset): LpsPoint {
  const parts = textOfItem(group, OWN_CODES.position).split(' ');
  const [x, y, z] = parts.map((part) => numberFrom(part, OWN_CODES.position));
  if (x === undefined || y === undefined || z === undefined || parts.length !== 3)
    throw new Unreadable('its position is not three numbers');
  return lpsPoint(x, y, z);
}

function pixelFrom(graphic: unknown): number {
  if (typeof graphic !== 'number' || !Number.isFinite(graphic))
    throw new Unreadable('its SCOORD holds no pixel');
  return Math.round((graphic - SCOORD_OFFSET) * PIXEL_STEPS) / PIXEL_STEPS;
}
