/**
 * The series of a study in the order in which they suit a comparison.
 * @module
 */
import { kernelClassOf } from './kernels.ts';
import type { KernelClass } from './kernels.ts';
import { extentAlong } from './traits.ts';
import type { SeriesTraits, Stack } from './traits.ts';
import type { ComparableSeries, Plane } from './types.ts';

/** A series as the PACS lists it, and what the headers of its images say. */
export interface Candidate {
  readonly seriesInstanceUid: string;
  readonly seriesNumber?: number;
  readonly description: string;
  readonly modality: string;
  readonly images: number;
  /** Absent where the headers were not requested. */
  readonly traits?: SeriesTraits;
}

/** What series are compared with: the series that is read, or what is wanted of one. */
export interface Reference {
  readonly modality?: string;
  readonly plane?: Plane;
  readonly sliceThicknessMm?: number;
  readonly kernelClass?: KernelClass;
  readonly contrast?: boolean;
  readonly stack?: Stack;
}

/** Of a series for reading, before one is chosen. The working images of models have 2 mm voxels. */
export const PREFERRED: Reference = { plane: 'axial', sliceThicknessMm: 2, kernelClass: 'soft' };

/** Fewer slices than these are no volume. */
const MIN_SLICES = 3;
/** A series that covers this share of another one covers it; ends differ by a breath. */
const COVERED = 0.9;
/** Slices that are thicker by this factor are worth a word. */
const MUCH_THICKER = 1.5;

/**
 * Weights of what speaks against a series. Coverage outweighs all others together where little is covered: no thin slab comes
 * before a full series.
 */
const WEIGHTS = {
  uncovered: 10,
  modality: 3,
  plane: 2,
  projection: 1,
  kernel: 0.6,
  contrast: 0.5,
  derived: 0.3,
};
/** For each doubling of the slice thickness, at most `MAX_THICKNESS`; half of it for each halving. */
const DOUBLED_THICKNESS = 0.5;
const MAX_THICKNESS = 1.5;

/** Something that speaks against a series: how much, and in words where it is worth one. */
interface Objection {
  readonly weight: number;
  readonly reason?: string;
}

/** The series that is read as a reference. */
export function referenceOf({ modality, traits }: Candidate): Reference {
  const { stack, sliceThicknessMm, contrast, kernel } = traits ?? {};
  const kernelClass = kernelClassOf(kernel);
  return {
    modality,
    ...(stack === undefined ? {} : { stack, plane: stack.plane }),
    ...(sliceThicknessMm === undefined ? {} : { sliceThicknessMm }),
    ...(kernelClass === undefined ? {} : { kernelClass }),
    ...(contrast === undefined ? {} : { contrast }),
  };
}

/** Why a series is not compared at all. */
function refusalOf(
  { modality, images, traits }: Candidate,
  modalities: readonly string[],
  coverage: number | undefined,
): string | undefined {
  if (!modalities.includes(modality))
    return `${modality === '' ? 'images without a modality' : modality} cannot be compared, only ${modalities.join(' and ')}`;
  if (images < MIN_SLICES) return images === 1 ? 'only 1 image' : `only ${images} images`;
  if (traits === undefined) return 'not examined: the study has too many series';
  if (traits.isLocalizer) return 'localizer';
  if (traits.stack === undefined) return 'its images are not parallel slices with a place in the patient';
  return coverage === 0 ? 'covers nothing of the series that is read' : undefined;
}

/**
 * Share of the length of the reference that a stack covers: as both lie where the frame of reference is common, else by their
 * lengths along the same direction of the patient.
 */
export function coverageOf(stack: Stack, reference: Stack): number | undefined {
  const [first, last] = extentAlong(reference, reference.normal);
  const [from, to] = extentAlong(stack, reference.normal);
  const length = last - first;
  if (length <= 0) return undefined;
  const isCommon = stack.frameOfReferenceUid === reference.frameOfReferenceUid;
  const covered = isCommon ? Math.min(to, last) - Math.max(from, first) : to - from;
  return Math.min(1, Math.max(0, covered / length));
}

function thickness(mm: number | undefined, wanted: number | undefined): Objection {
  if (mm === undefined || wanted === undefined) return { weight: 0 };
  const doublings = Math.log2(mm / wanted);
  if (doublings <= 0) return { weight: Math.min(MAX_THICKNESS, (-doublings * DOUBLED_THICKNESS) / 2) };
  const weight = Math.min(MAX_THICKNESS, doublings * DOUBLED_THICKNESS);
  return mm / wanted >= MUCH_THICKER
    ? { weight, reason: `slices of ${decimal(mm)} mm, not ${decimal(wanted)} mm` }
    : { weight };
}

function decimal(mm: number): string {
  return String(Math.round(mm * 10) / 10);
}

/** An objection where both values are known and differ. */
function difference<T>(
  own: T | undefined,
  wanted: T | undefined,
  weight: number,
  inWords: (own: T, wanted: T) => string,
): Objection {
  if (own === undefined || wanted === undefined || own === wanted) return { weight: 0 };
  return { weight, reason: inWords(own, wanted) };
}

const NONE: Objection = { weight: 0 };

/** What speaks against a series in comparison with the reference, its coverage aside. */
function objectionsTo({ modality, traits }: Candidate, wanted: Reference): readonly Objection[] {
  const { stack, sliceThicknessMm, kernel, contrast, isProjection, isDerived } = traits ?? {};
  const not = (own: string, other: string): string => `${own}, not ${other}`;
  return [
    difference(modality, wanted.modality, WEIGHTS.modality, not),
    difference(stack?.plane, wanted.plane, WEIGHTS.plane, not),
    thickness(sliceThicknessMm, wanted.sliceThicknessMm),
    difference(
      kernelClassOf(kernel),
      wanted.kernelClass,
      WEIGHTS.kernel,
      (own, other) => `${own} kernel (${kernel ?? ''}), not a ${other} one`,
    ),
    difference(contrast, wanted.contrast, WEIGHTS.contrast, (own) =>
      own ? 'with contrast agent' : 'no contrast agent is named',
    ),
    isProjection === true ? { weight: WEIGHTS.projection, reason: 'intensity projection' } : NONE,
    isDerived === true ? { weight: WEIGHTS.derived } : NONE,
  ];
}

/** Height of a series in the patient, from inferior to superior, mm. */
function heightOf({ traits }: Candidate): number {
  if (traits?.stack === undefined || traits.isLocalizer) return 0;
  const [from, to] = extentAlong(traits.stack, [0, 0, 1]);
  return to - from;
}

/**
 * What the coverage says against a series.
 * @param shareOfHeight of the highest series of the study: counts where there is nothing that is to be covered
 */
function uncovered(coverage: number | undefined, shareOfHeight: number): Objection {
  const share = coverage ?? shareOfHeight;
  const weight = WEIGHTS.uncovered * (1 - Math.min(1, share / COVERED));
  return coverage === undefined || coverage >= COVERED
    ? { weight }
    : { weight, reason: `covers ${Math.round(100 * coverage)} % of the series that is read` };
}

function describe(
  candidate: Candidate,
  coverage: number | undefined,
  verdict: Pick<ComparableSeries, 'isComparable' | 'reasons'>,
): ComparableSeries {
  const { traits, ...listed } = candidate;
  const { stack, sliceThicknessMm, kernel, contrast } = traits ?? {};
  return {
    ...listed,
    ...(stack === undefined ? {} : { plane: stack.plane, lengthMm: stack.lengthMm }),
    ...(sliceThicknessMm === undefined ? {} : { sliceThicknessMm }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(contrast === undefined ? {} : { contrast }),
    ...(coverage === undefined ? {} : { coverage }),
    ...verdict,
  };
}

/**
 * The series of a study, the most suitable first; those that cannot be compared last, the largest first.
 * @param modalities that the model reads
 */
export function ranked(
  candidates: readonly Candidate[],
  wanted: Reference,
  modalities: readonly string[],
): readonly ComparableSeries[] {
  const highest = Math.max(1, ...candidates.map(heightOf));
  const weighed = candidates.map((candidate) => {
    const { stack } = candidate.traits ?? {};
    const coverage =
      stack === undefined || wanted.stack === undefined ? undefined : coverageOf(stack, wanted.stack);
    const refusal = refusalOf(candidate, modalities, coverage);
    if (refusal !== undefined) {
      const series = describe(candidate, coverage, { isComparable: false, reasons: [refusal] });
      return { series, weight: Infinity };
    }
    const objections = [
      uncovered(coverage, heightOf(candidate) / highest),
      ...objectionsTo(candidate, wanted),
    ];
    const reasons = objections.flatMap(({ reason }) => reason ?? []);
    const weight = objections.reduce((sum, objection) => sum + objection.weight, 0);
    return { series: describe(candidate, coverage, { isComparable: true, reasons }), weight };
  });
  return weighed.sort(bySuitability).map(({ series }) => series);
}

interface Weighed {
  readonly series: ComparableSeries;
  readonly weight: number;
}

function bySuitability(one: Weighed, other: Weighed): number {
  if (one.weight !== other.weight) return one.weight < other.weight ? -1 : 1;
  if (one.series.images !== other.series.images) return other.series.images - one.series.images;
  return one.series.seriesInstanceUid < other.series.seriesInstanceUid ? -1 : 1;
}
