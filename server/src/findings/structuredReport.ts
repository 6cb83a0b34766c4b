/**
 * Measurement groups of structured reports (PS3.16 TID 1500 with 1410, 1411, 1501), whoever wrote them.
 * @module
 */
import { itemsOf, numberOf, stringOf, valuesOf } from '../dicom/index.ts';
import {
  CODES,
  OWN_CODES,
  child,
  isNamed,
  numberFrom,
  textOfItem,
  Unreadable,
  conceptIn,
  lineOf,
  uidIn,
} from '../contentTree/index.ts';
import type { Code } from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { SCOORD_OFFSET, ownObservationOf } from '../report/index.ts';
import type { OwnObservation } from '../report/index.ts';
import { distinct } from './distinct.ts';
import { evidenceOf, firstLine } from './document.ts';
import { area, circle, cloud, ellipse, pointsOf, segment } from './graphics.ts';
import type { Graphic } from './graphics.ts';
import { FINDING_SITES, LENGTH, LONG_AXIS, REFERENCED_SEGMENT, SHORT_AXIS } from './measurementCodes.ts';
import type { DocumentFinding, FindingImage, FindingKind, Shape, Triple } from './types.ts';
import type { UnreadCounter } from './unread.ts';

/** Groups of one report that are read. */
const MAX_GROUPS = 10_000;
/** How deep measurement groups lie below the root: 2 in TID 1500; other templates nest. */
const MAX_GROUP_DEPTH = 8;
/** How deep coordinates lie below their group: 1 or 2. */
const MAX_SHAPE_DEPTH = 4;
/** Graphics of one finding: a contour on each slice of a long scan. */
const MAX_SHAPES = 4_000;
const MAX_SITES = 8;

/** Millimetres of a unit (UCUM). */
const MILLIMETRES: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000, um: 0.001 };
/** Code values with which OHIF writes a reader's text as a finding. */
const FREE_TEXT = new Set(['CORNERSTONEFREETEXT', 'CS3DTEXT', 'cornerstonefreetext']);

/** A graphic of a group, and the measurement that it belongs to. */
interface Marked {
  readonly shape: Shape;
  readonly graphicType: string;
  readonly points: number;
  readonly measurement: Dataset | undefined;
}

/** The findings of a report. */
export function findingsOfReport(report: Dataset, unread: UnreadCounter): readonly DocumentFinding[] {
  const images = evidenceOf(report);
  const groups = groupsIn(report);
  if (groups.length > MAX_GROUPS)
    unread.add(`the report holds more than ${MAX_GROUPS} measurement groups`, groups.length - MAX_GROUPS);
  return groups
    .slice(0, MAX_GROUPS)
    .map((group, index) => unread.attempt(() => findingOf(group, index + 1, images)))
    .filter((finding) => finding !== undefined);
}

/** Measurement groups anywhere below the root, in document order; not those inside another. */
export function groupsIn(parent: Dataset, depth = 0): readonly Dataset[] {
  if (depth >= MAX_GROUP_DEPTH) return [];
  return itemsOf(parent, 'ContentSequence').flatMap((item) => {
    if (stringOf(item, 'ValueType') !== 'CONTAINER') return [];
    return isNamed(item, CODES.measurementGroup) ? [item] : groupsIn(item, depth + 1);
  });
}

function findingOf(
  group: Dataset,
  number: number,
  images: ReadonlyMap<string, FindingImage>,
): DocumentFinding {
  const identifier = lineOf(textOf(group, CODES.trackingIdentifier));
  const isArrow = identifier?.endsWith(':ArrowAnnotate') === true;
  const marked = shapesOf(group, images, isArrow);
  const own = ownObservationOf(group);
  if (marked.length === 0 && !isSeenNowhere(own)) throw new Unreadable(placeless(group));
  const measured = measuredAxes(group);
  const trackingUid = uidNamed(group, OWN_CODES.lesionUid) ?? uidNamed(group, CODES.trackingUniqueIdentifier);
  const exact = exactOf(group);
  return {
    number,
    kind: kindOf(marked, isArrow),
    ...(trackingUid === undefined ? {} : { trackingUid }),
    ...(identifier === undefined ? {} : { trackingIdentifier: identifier }),
    ...descriptionOf(group, identifier),
    ...own,
    shapes: selected(marked),
    ...measured,
    ...(exact === undefined ? {} : { exact }),
  };
}

/** Our own reports also hold lesions that were looked for in vain. */
function isSeenNowhere(own: OwnObservation | undefined): boolean {
  return own?.status === 'not-covered' || own?.status === 'not-evaluable';
}

function textOf(group: Dataset, name: Code): string | undefined {
  const item = child(group, name);
  return item && stringOf(item, 'TextValue');
}

function uidNamed(group: Dataset, name: Code): string | undefined {
  const item = child(group, name);
  return item && uidIn(item, 'UID');
}

/** Label, finding, sites and comment. */
function descriptionOf(
  group: Dataset,
  identifier: string | undefined,
): Pick<DocumentFinding, 'label' | 'finding' | 'sites' | 'comment'> {
  const item = child(group, CODES.finding);
  const finding = item && conceptIn(item, 'ConceptCodeSequence');
  const sites = itemsOf(group, 'ContentSequence')
    .filter((each) => FINDING_SITES.some((name) => isNamed(each, name)))
    .map((each) => conceptIn(each, 'ConceptCodeSequence'))
    .filter((site) => site !== undefined)
    .slice(0, MAX_SITES);
  const comment = lineOf(textOf(group, CODES.comment));
  // A tool of a viewer is no name of a lesion.
  const name = identifier?.includes('@') === true ? undefined : identifier;
  const isText = finding !== undefined && FREE_TEXT.has(finding.value);
  const label = firstLine(comment, isText ? finding.meaning : undefined, name, finding?.meaning) ?? '';
  return {
    label,
    ...(finding === undefined || isText ? {} : { finding }),
    sites,
    ...(comment === undefined ? {} : { comment }),
  };
}

/** Why a group without coordinates has none. */
function placeless(group: Dataset): string {
  const isSegment = itemsOf(group, 'ContentSequence').some((item) => isNamed(item, REFERENCED_SEGMENT));
  return isSegment
    ? 'its place is a segment; segments are findings of their own'
    : 'it has no coordinates in an image or in the patient';
}

function shapesOf(
  group: Dataset,
  images: ReadonlyMap<string, FindingImage>,
  isArrow: boolean,
): readonly Marked[] {
  const marked: Marked[] = [];
  const visit = (parent: Dataset, measurement: Dataset | undefined, depth: number): void => {
    for (const item of itemsOf(parent, 'ContentSequence')) {
      const type = stringOf(item, 'ValueType');
      if (type === 'SCOORD' || type === 'SCOORD3D') {
        marked.push(markedBy(item, measurement, images, isArrow));
        if (marked.length > MAX_SHAPES) throw new Unreadable('it has too many graphics');
      } else if (depth < MAX_SHAPE_DEPTH) visit(item, type === 'NUM' ? item : measurement, depth + 1);
    }
  };
  visit(group, undefined, 0);
  return marked;
}

function markedBy(
  item: Dataset,
  measurement: Dataset | undefined,
  images: ReadonlyMap<string, FindingImage>,
  isArrow: boolean,
): Marked {
  const graphicType = stringOf(item, 'GraphicType') ?? '';
  const isFlat = stringOf(item, 'ValueType') === 'SCOORD';
  const points = pointsOf(valuesOf(item, 'GraphicData'), isFlat ? 2 : 3);
  const graphic = graphicOf(graphicType, isFlat ? points.map(toIndex) : points, isArrow, isFlat ? 2 : 3);
  const shape = { ...graphic, space: spaceOf(item, isFlat, images) };
  return { shape, graphicType, points: points.length, measurement };
}

/** From the corner of the first pixel to its centre (PS3.3 C.18.6.1.2). */
function toIndex([column, row]: Triple): Triple {
  return [column - SCOORD_OFFSET, row - SCOORD_OFFSET, 0];
}

function graphicOf(type: string, points: readonly Triple[], isArrow: boolean, dimensions: 2 | 3): Graphic {
  const [first, ...others] = points;
  if (first === undefined) throw new Unreadable('its coordinates are incomplete');
  switch (type) {
    case 'POINT':
      return cloud([first]);
    case 'MULTIPOINT':
      return cloud([first, ...others]);
    case 'POLYLINE':
      return isArrow ? cloud([first]) : polyline([first, ...others]);
    case 'POLYGON':
      return area([first, ...others]);
    case 'CIRCLE':
      return circle(first, others[0] ?? incomplete(), dimensions);
    case 'ELLIPSE':
    case 'ELLIPSOID':
      return ellipse([first, ...others]);
    default:
      throw new Unreadable('its graphic is of an unknown type');
  }
}

function polyline([first, second, ...others]: readonly [Triple, ...Triple[]]): Graphic {
  if (second === undefined) return cloud([first]);
  return others.length === 0 ? segment(first, second) : area([first, second, ...others]);
}

function incomplete(): never {
  throw new Unreadable('its coordinates are incomplete');
}

function spaceOf(item: Dataset, isFlat: boolean, images: ReadonlyMap<string, FindingImage>): Shape['space'] {
  const image = imageOf(item, images);
  if (isFlat) {
    if (image === undefined) throw new Unreadable('its image is not listed as evidence');
    return { image };
  }
  const frameOfReferenceUid = uidIn(item, 'ReferencedFrameOfReferenceUID');
  if (frameOfReferenceUid === undefined) throw new Unreadable('its coordinates name no frame of reference');
  return { frameOfReferenceUid, image };
}

function imageOf(item: Dataset, images: ReadonlyMap<string, FindingImage>): FindingImage | undefined {
  const selected = itemsOf(item, 'ContentSequence').find((each) => stringOf(each, 'ValueType') === 'IMAGE');
  const [reference] = selected === undefined ? [] : itemsOf(selected, 'ReferencedSOPSequence');
  if (reference === undefined) return undefined;
  const sopInstanceUid = uidIn(reference, 'ReferencedSOPInstanceUID');
  const listed = images.get(sopInstanceUid ?? '');
  if (listed === undefined || uidIn(reference, 'ReferencedSOPInstanceUID') === undefined) return undefined;
  const frameNumber = numberOf(reference, 'ReferencedFrameNumber');
  const isFrame = frameNumber !== undefined && Number.isInteger(frameNumber) && frameNumber > 0;
  return { ...listed, ...(isFrame ? { frameNumber } : {}) };
}

function isOneOf(measurement: Dataset | undefined, names: readonly Code[]): boolean {
  return measurement !== undefined && names.some((name) => isNamed(measurement, name));
}

/**
 * Where a long axis is marked, the place is its middle: a short one beside it says nothing more of it. A graphic that several measurements
 * repeat (stock OHIF 3.11: area and perimeter of a circle) is one.
 */
function selected(marked: readonly Marked[]): readonly Shape[] {
  const long = marked.find(({ measurement }) => isOneOf(measurement, LONG_AXIS));
  const short = marked.find(({ measurement }) => isOneOf(measurement, SHORT_AXIS));
  if (long === undefined || short === undefined || !isSamePlace(long.shape, short.shape))
    return distinct(marked.map(({ shape }) => shape));
  const axes = [...long.shape.axes, ...short.shape.axes];
  return [{ ...long.shape, axes }];
}

function isSamePlace({ space: one }: Shape, { space: other }: Shape): boolean {
  const isFlat = !('frameOfReferenceUid' in one);
  if (isFlat !== !('frameOfReferenceUid' in other)) return false;
  if ('frameOfReferenceUid' in one && 'frameOfReferenceUid' in other)
    return one.frameOfReferenceUid === other.frameOfReferenceUid;
  return (
    one.image?.sopInstanceUid === other.image?.sopInstanceUid &&
    one.image?.frameNumber === other.image?.frameNumber
  );
}

function kindOf(marked: readonly Marked[], isArrow: boolean): FindingKind {
  const [first] = marked;
  if (first === undefined) return 'none';
  if (isArrow) return 'point';
  const [long, short] = [LONG_AXIS, SHORT_AXIS].map((names) =>
    marked.some(({ measurement }) => isOneOf(measurement, names)),
  );
  if (long === true && short === true && first.graphicType === 'POLYLINE') return 'bidirectional';
  if (marked.some(({ shape }) => !isSamePlace(shape, first.shape))) return 'volume';
  if (marked.length > 1 && 'frameOfReferenceUid' in first.shape.space) return 'volume';
  return kindOfGraphic(first);
}

function kindOfGraphic({ graphicType, points }: Marked): FindingKind {
  switch (graphicType) {
    case 'POINT':
      return 'point';
    case 'MULTIPOINT':
      return 'points';
    case 'CIRCLE':
      return 'circle';
    case 'ELLIPSE':
      return 'ellipse';
    case 'ELLIPSOID':
      return 'volume';
    case 'POLYLINE':
      return points < 2 ? 'point' : points === 2 ? 'line' : 'region';
    default:
      return 'region';
  }
}

/** Diameters as measured, mm; those in pixels are no lengths. */
function measuredAxes(group: Dataset): Pick<DocumentFinding, 'longAxisMm' | 'shortAxisMm'> {
  const long = measuredMm(group, LONG_AXIS) ?? measuredMm(group, LENGTH);
  const short = measuredMm(group, SHORT_AXIS);
  return {
    ...(long === undefined ? {} : { longAxisMm: long }),
    ...(short === undefined ? {} : { shortAxisMm: short }),
  };
}

function measuredMm(group: Dataset, names: readonly Code[]): number | undefined {
  const item = itemsOf(group, 'ContentSequence').find(
    (each) => stringOf(each, 'ValueType') === 'NUM' && isOneOf(each, names),
  );
  const [measured] = item === undefined ? [] : itemsOf(item, 'MeasuredValueSequence');
  if (measured === undefined) return undefined;
  const unit = conceptIn(measured, 'MeasurementUnitsCodeSequence')?.value ?? '';
  const value = numberOf(measured, 'FloatingPointValue') ?? numberOf(measured, 'NumericValue');
  const factor = Object.hasOwn(MILLIMETRES, unit) ? MILLIMETRES[unit] : undefined;
  return value === undefined || value < 0 || factor === undefined ? undefined : value * factor;
}

/** The exact point of a report that Samepoint wrote. @throws Unreadable where it is damaged */
function exactOf(group: Dataset): DocumentFinding['exact'] {
  if (child(group, OWN_CODES.position) === undefined) return undefined;
  const numbers = textOfItem(group, OWN_CODES.position)
    .split(' ', 4)
    .map((text) => numberFrom(text, OWN_CODES.position));
  const [lps, ...others] = pointsOf(numbers, 3);
  if (others.length > 0) throw new Unreadable('its position is not three numbers');
  const offPlane = textOf(group, OWN_CODES.offPlane);
  return { lps, offPlaneMm: offPlane === undefined ? 0 : numberFrom(offPlane, OWN_CODES.offPlane) };
}
