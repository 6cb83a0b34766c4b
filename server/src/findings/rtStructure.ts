/**
 * Regions of interest of a structure set of radiotherapy (PS3.3 A.19): the centre and the extent of each.
 * @module
 */
import { itemsOf, parserTagOf, reading, stringOf } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import type { DataSet } from 'dicom-parser';
import { lpsPoint } from '../geometry/index.ts';
import { Unreadable, lineOf, uidIn } from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { combine } from './combine.ts';
import type { PlacedShape } from './combine.ts';
import type { ParsedDocument } from './document.ts';
import { area, cloud, pointsOf } from './graphics.ts';
import type { DocumentFinding, FindingImage } from './types.ts';
import type { UnreadCounter } from './unread.ts';

/** One finding for each region that has contours. */
export function findingsOfStructureSet(
  { parsed, dataset }: ParsedDocument,
  unread: UnreadCounter,
): readonly DocumentFinding[] {
  const images = referencedImages(dataset);
  const contours = new Map(
    itemsIn(parsed, 'ROIContourSequence').map((item) => [textIn(item, 'ReferencedROINumber'), item]),
  );
  return itemsOf(dataset, 'StructureSetROISequence')
    .map((roi, index) =>
      unread.attempt(() => {
        const contour = contours.get(stringOf(roi, 'ROINumber')?.trim());
        if (contour === undefined) throw new Unreadable('its region has no contours');
        return findingOf({ ...roi }, index + 1, contour, images);
      }),
    )
    .filter((finding) => finding !== undefined);
}

function itemsIn(parent: DataSet, keyword: Keyword): readonly DataSet[] {
  const items = parent.elements[parserTagOf(keyword)]?.items ?? [];
  return items.flatMap(({ dataSet }) => dataSet ?? []);
}

function textIn(dataSet: DataSet, keyword: Keyword): string | undefined {
  return reading(() => dataSet.string(parserTagOf(keyword)))?.trim();
}

function findingOf(
  roi: Dataset,
  number: number,
  contour: DataSet,
  images: ReadonlyMap<string, FindingImage>,
): DocumentFinding {
  const frameOfReferenceUid = uidIn(roi, 'ReferencedFrameOfReferenceUID');
  if (frameOfReferenceUid === undefined) throw new Unreadable('its region names no frame of reference');
  const shapes = itemsIn(contour, 'ContourSequence').map((each) => shapeOf(each, images));
  const combined = combine(shapes);
  if (combined === undefined) throw new Unreadable('its region has no contours');
  const { centre, min, max, image } = combined;
  const isPoint = shapes.length === 1 && shapes[0]?.corners[0] === shapes[0]?.corners[1];
  return {
    number,
    kind: isPoint ? 'point' : 'volume',
    label: lineOf(stringOf(roi, 'ROIName')) ?? '',
    sites: [],
    shapes: [{ space: { frameOfReferenceUid, image }, centre, weight: 1, box: [min, max], axes: [] }],
  };
}

function shapeOf(contour: DataSet, images: ReadonlyMap<string, FindingImage>): PlacedShape {
  const text = textIn(contour, 'ContourData') ?? '';
  const points = pointsOf(text.split('\\').map(Number), 3);
  const isClosed = textIn(contour, 'ContourGeometricType')?.startsWith('CLOSED') === true;
  const { centre, weight, box } = isClosed ? area(points) : cloud(points);
  const [min, max] = [lpsPoint(...box[0]), lpsPoint(...box[1])];
  const [image] = itemsIn(contour, 'ContourImageSequence');
  return {
    centre: lpsPoint(...centre),
    weight,
    corners: points.length === 1 ? [min, min] : [min, max],
    image: images.get((image && textIn(image, 'ReferencedSOPInstanceUID')) ?? ''),
  };
}

/** Images of the frames of reference (PS3.3 C.8.8.5). */
function referencedImages(dataset: Dataset): ReadonlyMap<string, FindingImage> {
  const images = new Map<string, FindingImage>();
  for (const frame of itemsOf(dataset, 'ReferencedFrameOfReferenceSequence'))
    for (const study of itemsOf(frame, 'RTReferencedStudySequence'))
      for (const series of itemsOf(study, 'RTReferencedSeriesSequence'))
        for (const image of itemsOf(series, 'ContourImageSequence')) {
          const sopInstanceUid = stringOf(image, 'ReferencedSOPInstanceUID') ?? '';
          images.set(sopInstanceUid, {
            studyInstanceUid: stringOf(study, 'ReferencedSOPInstanceUID') ?? '',
            seriesInstanceUid: stringOf(series, 'SeriesInstanceUID') ?? '',
            sopClassUid: stringOf(image, 'ReferencedSOPClassUID') ?? '',
            sopInstanceUid,
          });
        }
  return images;
}
