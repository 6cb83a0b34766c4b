import { headerJson, itemsOf, numbersOf, stringOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
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
  const [x, y, z, ...more] = numbersOf(item, 'ContourData') ?? [];
  if (x === undefined || y === undefined || z === undefined || more.length > 0) return undefined;
  if (stringOf(item, 'ShapeType') !== 'POINT') return undefined;
  const [first = '', ...rest] = (stringOf(item, 'FiducialDescription') ?? '').split(/\r?\n/u);
  const identifier = stringOf(item, 'FiducialIdentifier') ?? String(index + 1);
  const description = isOurs ? rest.join('\n') : [first, ...rest].join('\n');
  return {
    name: isOurs && first !== '' ? first : identifier,
    lps: lpsPoint(x, y, z),
    ...(description === '' ? {} : { description }),
  };
}
