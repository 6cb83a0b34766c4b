/**
 * The whole map of a pair as one object: what linked scrolling and registration objects are made from.
 * @module
 */
import { compose, invert } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import type { Embedding } from '../../embedding/types.ts';
import type { Pair } from '../answer.ts';
import type { PrecomputedField } from '../../matchMethods/index.ts';
import type { MatchModel } from '../types.ts';
import { qualityOf, spacingFor } from '../../deformation/index.ts';
import { bodyBox, forwardLattice, inverseLattice, turnedBox } from './sample.ts';
import type {
  DeformationField,
  FieldPrior,
  FieldQuality,
  FieldSeries,
  FieldVerdict,
} from '../../deformation/index.ts';

/** Less of the body than this in the target is none of it. */
const LEAST_COVERED = 0.05;
/** More folds than this, as a share of the body, and the field is not to be relied on. */
const LARGEST_FOLDING = 0.005;

const IDENTITY: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** What is known of a pair beside its embeddings. */
export interface DeformationTerms {
  readonly model: Pick<MatchModel, 'id' | 'version' | 'matching'>;
  /** LPS of the target series to the LPS of its embedding; absent where both are the same. */
  readonly turn?: Affine | undefined;
  readonly isSideUnsure?: boolean | undefined;
  /** What placed the pair, if its own matches did not. */
  readonly prior?: FieldPrior | undefined;
}

/** The map of a pair from its precomputed field; undefined where the pair has none. Synchronous; seconds. */
export function deformationOf(
  pair: Pair,
  field: PrecomputedField | undefined,
  terms: DeformationTerms,
): DeformationField | undefined {
  const { model, turn = IDENTITY, prior } = terms;
  const neighbourMap = field?.context.neighbourMap;
  if (field?.grid === undefined || neighbourMap === undefined) return undefined;
  const calibration = model.matching.calibration?.field;
  const sampled = { pair, field, turn, calibration };
  const affine = compose(invert(turn), neighbourMap.affine);
  const boxes = [bodyBox(pair.query.embedding), turnedBox(bodyBox(pair.target.embedding), invert(turn))];
  const spacingMm = spacingFor(boxes);
  const { isBody, ...forward } = forwardLattice(sampled, spacingMm);
  const inverse = inverseLattice(sampled, forward, affine, spacingMm);
  const quality = qualityOf({ ...forward, isBody }, inverse);
  return {
    query: seriesOf(pair.query.embedding),
    target: seriesOf(pair.target.embedding),
    model: { id: model.id, version: model.version },
    verdict: verdictOf(field, terms, quality),
    ...(prior === undefined ? {} : { prior }),
    affine,
    forward,
    inverse,
    quality,
  };
}

function verdictOf(
  { context }: PrecomputedField,
  { model, isSideUnsure = false, prior }: DeformationTerms,
  { coveredShare, foldingShare }: FieldQuality,
): FieldVerdict {
  if (coveredShare < LEAST_COVERED) return 'different-region';
  const { areDifferentPatients, areDifferentModalities, guess } = context;
  const isDoubtful =
    areDifferentPatients ||
    areDifferentModalities ||
    isSideUnsure ||
    prior !== undefined ||
    guess?.isSure === false ||
    foldingShare > LARGEST_FOLDING ||
    model.matching.calibration?.field === undefined;
  return isDoubtful ? 'unsure' : 'usable';
}

function seriesOf({ volume }: Embedding): FieldSeries {
  const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = volume;
  return { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid };
}
