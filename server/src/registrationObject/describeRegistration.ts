/**
 * What the metadata of a registration object say of a pair of series, whoever wrote it.
 * @module
 */
import { itemsOf, numbersOf, stringOf, stringsOf } from '../dicom/index.ts';
import type { DicomJson, Keyword } from '../dicom/index.ts';
import { compose, determinant, invert } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { DEFORMABLE_REGISTRATION, SPATIAL_REGISTRATION } from './elements.ts';
import type { RegistrationKind } from './types.ts';

/** A series as registration objects name it. */
export interface RegisteredSeries {
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly sopInstanceUids: readonly string[];
}

/** A registration object of a pair. */
export interface RegistrationDescription {
  readonly kind: RegistrationKind;
  /** True for an object that Samepoint wrote. */
  readonly isOwn: boolean;
  /** Of an own one: id and version of the model. */
  readonly model?: string;
  readonly label: string;
  readonly description: string;
  readonly manufacturer: string;
  /** Date and time as the object gives them, `YYYYMMDDHHMMSS`. */
  readonly createdAt: string;
  /** From the query to the target, LPS mm: all of the registration, or, with `field`, what remains beyond its grid. */
  readonly affine: Affine;
  /** True where it refers to all images of both series and to no others. */
  readonly isOfAllImages: boolean;
}

const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
/** A volume that shrinks or grows more than this is no patient. */
const [LEAST_DETERMINANT, LARGEST_DETERMINANT] = [0.05, 20];
/** What an object of a SOP class holds. */
const KINDS: Readonly<Record<string, RegistrationKind>> = {
  [SPATIAL_REGISTRATION]: 'affine',
  [DEFORMABLE_REGISTRATION]: 'field',
};
/** Hours, minutes and seconds of a TM. */
const TIME_DIGITS = 6;
/** Manufacturer of own objects. */
const OWN = 'Samepoint';

/**
 * Describes an object as a registration of the pair.
 * @param json metadata of the object (PS3.18 F.2)
 * @returns undefined where it is none of these two series, or cannot be read
 */
export function describeRegistration(
  json: DicomJson,
  query: RegisteredSeries,
  target: RegisteredSeries,
): RegistrationDescription | undefined {
  const kind = KINDS[stringOf(json, 'SOPClassUID') ?? ''];
  if (kind === undefined) return undefined;
  const affine = kind === 'affine' ? ofMatrices(json, query, target) : ofGrid(json, query, target);
  if (affine === undefined || !isPlausible(affine)) return undefined;
  const textOf = (keyword: Keyword): string => stringOf(json, keyword) ?? '';
  const isOwn = textOf('Manufacturer') === OWN;
  const [, model] = stringsOf(json, 'SoftwareVersions');
  return {
    kind,
    isOwn,
    ...(isOwn && model !== undefined ? { model } : {}),
    label: textOf('ContentLabel'),
    description: textOf('ContentDescription'),
    manufacturer: textOf('Manufacturer'),
    createdAt: `${textOf('ContentDate')}${textOf('ContentTime').slice(0, TIME_DIGITS)}`,
    affine,
    isOfAllImages: isOfAllImages(json, query, target),
  };
}

/** Common Instance Reference (PS3.3 C.12.2) against the images of both series. */
function isOfAllImages(json: DicomJson, query: RegisteredSeries, target: RegisteredSeries): boolean {
  const studies = [json, ...itemsOf(json, 'StudiesContainingOtherReferencedInstancesSequence')];
  const referenced = new Set(
    studies
      .flatMap((study) => itemsOf(study, 'ReferencedSeriesSequence'))
      .flatMap((series) => itemsOf(series, 'ReferencedInstanceSequence'))
      .flatMap((image) => stringOf(image, 'ReferencedSOPInstanceUID') ?? []),
  );
  const images = [...query.sopInstanceUids, ...target.sopInstanceUids];
  return referenced.size === images.length && images.every((uid) => referenced.has(uid));
}

/** A matrix of somebody else may be anything. */
function isPlausible(affine: Affine): boolean {
  const size = determinant(affine);
  return affine.every(Number.isFinite) && size > LEAST_DETERMINANT && size < LARGEST_DETERMINANT;
}

/** Of a Spatial Registration (PS3.3 C.20.2): from the query to the registered frame, and from there to the target. */
function ofMatrices(json: DicomJson, query: RegisteredSeries, target: RegisteredSeries): Affine | undefined {
  const items = itemsOf(json, 'RegistrationSequence');
  const registered = stringOf(json, 'FrameOfReferenceUID');
  const mapOf = (series: RegisteredSeries, other: RegisteredSeries): Affine | undefined => {
    const item = items.find((one) => isOf(one, 'FrameOfReferenceUID', series, other));
    if (item !== undefined) return matrixOf(itemsOf(item, 'MatrixRegistrationSequence')[0]);
    // What is not mentioned is registered already where it has the registered frame.
    return series.frameOfReferenceUid === registered ? IDENTITY : undefined;
  };
  const [ofQuery, ofTarget] = [mapOf(query, target), mapOf(target, query)];
  if (ofQuery === undefined || ofTarget === undefined || !isPlausible(ofTarget)) return undefined;
  return compose(invert(ofTarget), ofQuery);
}

/** Of a Deformable Spatial Registration (C.20.3): what its matrices say without the grid. */
function ofGrid(json: DicomJson, query: RegisteredSeries, target: RegisteredSeries): Affine | undefined {
  const items = itemsOf(json, 'DeformableRegistrationSequence');
  const registered = stringOf(json, 'FrameOfReferenceUID');
  const toSource = (series: RegisteredSeries, other: RegisteredSeries): Affine | undefined => {
    if (registered !== other.frameOfReferenceUid) return undefined;
    const item = items.find((one) => isOf(one, 'SourceFrameOfReferenceUID', series, other));
    if (item === undefined) return undefined;
    const [before] = itemsOf(item, 'PreDeformationMatrixRegistrationSequence');
    const [after] = itemsOf(item, 'PostDeformationMatrixRegistrationSequence');
    const pre = before === undefined ? IDENTITY : numbersToAffine(before);
    const post = after === undefined ? IDENTITY : numbersToAffine(after);
    return pre && post && compose(post, pre);
  };
  const there = toSource(target, query);
  if (there !== undefined) return there;
  const back = toSource(query, target);
  return back !== undefined && isPlausible(back) ? invert(back) : undefined;
}

/** Whether an item is about a series and not about the other: by its images where it names some, else by its frame of reference. */
function isOf(item: DicomJson, frame: Keyword, series: RegisteredSeries, other: RegisteredSeries): boolean {
  const images = itemsOf(item, 'ReferencedImageSequence').flatMap(
    (image) => stringOf(image, 'ReferencedSOPInstanceUID') ?? [],
  );
  const named = stringOf(item, frame);
  if (series.frameOfReferenceUid !== other.frameOfReferenceUid) {
    if (named !== undefined) return named === series.frameOfReferenceUid;
  }
  return images.some((uid) => series.sopInstanceUids.includes(uid));
}

/** The matrices of an item, one after the other. */
function matrixOf(item: DicomJson | undefined): Affine | undefined {
  if (item === undefined) return undefined;
  const matrices = itemsOf(item, 'MatrixSequence').map(numbersToAffine);
  if (matrices.length === 0) return undefined;
  return matrices.reduce<Affine | undefined>(
    (all, one) => (all === undefined || one === undefined ? undefined : compose(one, all)),
    IDENTITY,
  );
}

function numbersToAffine(item: DicomJson): Affine | undefined {
  const numbers = numbersOf(item, 'FrameOfReferenceTransformationMatrix');
  if (numbers?.length !== 16) return undefined;
  const at = (index: number): number => numbers[index] ?? NaN;
  return [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11)];
}
