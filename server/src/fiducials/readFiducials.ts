import { headerJson, itemsOf, numbersOf, stringOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Fiducial, FiducialSet } from './types.ts';

/**
 * The points of a Spatial Fiducials object that anybody wrote; a set for each frame of reference. Fiducials of other shapes, and those
 * given in an image only, are counted.
 * @throws UnreadableDicom
 */
export function readFiducials(part10: Uint8Array): readonly FiducialSet[] {
  const header = headerJson(part10);
  const isOurs = stringOf(header, 'Manufacturer') === 'Samepoint';
  return itemsOf(header, 'FiducialSetSequence').map((set) => {
    const items = itemsOf(set, 'FiducialSequence');
    const fiducials = items.flatMap((item, index) => pointOf(item, index, isOurs) ?? []);
    const frameOfReferenceUid = stringOf(set, 'FrameOfReferenceUID');
    return {
      ...(frameOfReferenceUid === undefined ? {} : { frameOfReferenceUid }),
      fiducials,
      omitted: items.length - fiducials.length,
    };
  });
}

function pointOf(item: DicomJson, index: number, isOurs: boolean): Fiducial | undefined {
  const lps = placeOf(item);
  if (lps === undefined) return undefined;
  const text = stringOf(item, 'FiducialDescription') ?? '';
  const identifier = stringOf(item, 'FiducialIdentifier') ?? String(index + 1);
  const { name, description } = isOurs ? ownNames(text, identifier) : { name: identifier, description: text };
  return { name, lps, ...(description === '' ? {} : { description }) };
}

/** The place of a single point (LPS, mm). */
function placeOf(item: DicomJson): LpsPoint | undefined {
  const [x, y, z, ...more] = numbersOf(item, 'ContourData') ?? [];
  if (x === undefined || y === undefined || z === undefined || more.length > 0) return undefined;
  return stringOf(item, 'ShapeType') === 'POINT' ? lpsPoint(x, y, z) : undefined;
}

/** Name and description as {@link buildFiducials} puts them into one text. */
function ownNames(text: string, identifier: string): { readonly name: string; readonly description: string } {
  const [name = '', ...rest] = text.split(/\r?\n/u);
  return { name: name === '' ? identifier : name, description: rest.join('\n') };
}
