import type { Embedding } from '../embedding/types.ts';
import { SamepointError } from '../errors/index.ts';
import { compose, determinant, distanceMm, locateInStack } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { weightsOf } from './answer.ts';
import type { PairMethod, PairWork } from './answer.ts';
import { judge } from './confidence/index.ts';
import { modelOfPair } from './confidence/modalities.ts';
import { shareEmbedding } from '../search/index.ts';
import type { DeformationField } from '../deformation/types.ts';
import type { DeformationRequest, DeformationTerms } from './pairDeformation/index.ts';
import type { SimilarityMap } from '../similarityFormat/types.ts';
import { seriesPointAt } from './seriesPoint.ts';
import { isNearBody, touchesBody } from './touchesBody.ts';
import { axesInWorldOfSeries, inWorldOfSeries } from './turned.ts';
import { MATCH_METHODS } from './types.ts';
import type {
  Axes,
  Match,
  MatchMethod,
  MatchModel,
  MatchRequest,
  PointOutcome,
  QueryPoint,
} from './types.ts';
import type { Found } from '../matchMethods/types.ts';
import type { ErrorCalibration } from '../model/index.ts';

/** Runs a method over points of a pair: in this thread, or in others. */
export interface Runner {
  /**
   * One answer per point, in order; undefined where the query has no direction.
   * @throws the signal's reason when it is aborted
   */
  run(work: PairWork, signal?: AbortSignal): Promise<readonly (Found | undefined)[]>;
  /**
   * The whole map of a pair; undefined where it has none.
   * @throws the signal's reason when it is aborted
   */
  deformation(
    work: PairMethod<'field'>,
    terms: DeformationTerms,
    signal?: AbortSignal,
  ): Promise<DeformationField | undefined>;
  /**
   * The similarity of the one point of a work over the target; undefined where the query has no direction.
   * @throws the signal's reason when it is aborted
   */
  similarity(work: PairWork, signal?: AbortSignal): Promise<SimilarityMap | undefined>;
}

/**
 * Finds points of the query series in the target series. Gives one outcome per point, in their order; a point that
 * cannot be matched carries its own error (matching/not-a-point, other-frame-of-reference, outside-volume,
 * outside-body) and does not change the others.
 *
 * @throws SamepointError for the request as a whole: matching/unknown-method, different-models, different-maps,
 *   no-fine-map, no-body
 * @throws the signal's reason when it is aborted
 */
export async function matchWith(runner: Runner, received: MatchRequest): Promise<readonly PointOutcome[]> {
  const { query, target, points, method = MATCH_METHODS[0], signal } = received;
  const model = modelOfPair(received.model, received);
  const request = { ...received, model };
  signal?.throwIfAborted();
  if (!MATCH_METHODS.includes(method))
    throw new SamepointError('matching/unknown-method', { method, available: MATCH_METHODS });
  assertComparable(query, target, model);
  const refusals = points.map((point) => refusalOf(query, point));
  const admitted = points.filter((_, n) => refusals[n] === undefined);
  const work = {
    ...pairMethodOf(request, method),
    points: admitted.map(({ lps, axes }) => ({ lps, ...(axes === undefined ? {} : { axes }) })),
  };
  const answers = await runner.run(work, signal);
  const answerOf = new Map(admitted.map(({ id }, n) => [id, answers[n]]));
  return points.map((point, n) => {
    const answer = answerOf.get(point.id);
    return answer === undefined
      ? { pointId: point.id, ok: false, error: refusals[n] ?? outsideBody(point.lps) }
      : { pointId: point.id, ok: true, match: matchOf(request, method, point, answer) };
  });
}

/** A pair as a method is given it. */
export function pairMethodOf<M extends MatchMethod>(
  { query, target, model }: Pick<MatchRequest, 'query' | 'target' | 'model'>,
  method: M,
): PairMethod<M> {
  const { calibration, globalStep, nearestPriorMm, neighbourMapWeights } = model.matching;
  // How much a pair agrees is the neighbour map's, whatever the method makes of it.
  const interPatientAgreement = calibration?.[MATCH_METHODS[0]]?.differentPatients?.agreement;
  return {
    query: shareEmbedding(query),
    target: shareEmbedding(target),
    ...{ interPatientAgreement, globalStep, nearestPriorMm },
    ...weightsOf(method, neighbourMapWeights),
    method,
  };
}

/**
 * The whole map of a pair.
 * @throws SamepointError `matching/different-models`, `different-maps`, `no-fine-map`, `no-body`, `mirrored-pair`, `no-common-region`
 * @throws the signal's reason when it is aborted
 */
export async function deformationWith(
  runner: Runner,
  received: DeformationRequest,
): Promise<DeformationField> {
  const { query, target, turn, isSideUnsure, signal } = received;
  const model = modelOfPair(received.model, received);
  const request = { ...received, model };
  signal?.throwIfAborted();
  assertComparable(query, target, model);
  if (turn !== undefined && determinant(turn) < 0) throw new SamepointError('matching/mirrored-pair', {});
  const { id, version, matching } = model;
  const terms = { model: { id, version, matching }, turn, isSideUnsure };
  const work = pairMethodOf(request, 'field');
  const made =
    (await runner.deformation(work, terms, signal)) ??
    (await deformationByPrior(runner, request, work, terms));
  if (made === undefined) throw new SamepointError('matching/no-common-region', {});
  return made;
}

/** The map of a pair whose own matches agree on none, from a registration that somebody has made before; undefined where there is none. */
async function deformationByPrior(
  runner: Runner,
  { turn, prior, signal }: DeformationRequest,
  work: PairMethod<'field'>,
  terms: DeformationTerms,
): Promise<DeformationField | undefined> {
  if (prior === undefined) return undefined;
  const { affine, sopInstanceUid, manufacturer } = prior;
  const priorMap = turn === undefined ? affine : compose(turn, affine);
  const own = { ...terms, prior: { sopInstanceUid, manufacturer } };
  return await runner.deformation({ ...work, priorMap }, own, signal);
}

/** The calibration of a method; what it does not say of two patients, that of the default method says. */
function calibrationOf(
  { calibration }: MatchModel['matching'],
  method: MatchMethod,
): ErrorCalibration | undefined {
  const own = calibration?.[method];
  const differentPatients = own?.differentPatients ?? calibration?.[MATCH_METHODS[0]]?.differentPatients;
  return own && { ...own, ...(differentPatients === undefined ? {} : { differentPatients }) };
}

function matchOf(
  { query, target, turn, isSideUnsure = false, fixedPoints, model: { id, version, matching } }: MatchRequest,
  method: MatchMethod,
  point: QueryPoint,
  found: Found,
): Match {
  const { similarity, cycleErrorMm, step, runnerUp, change, axes } = found;
  const { lps, ...judged } = judge(
    found,
    { query: query.volume, target: target.volume },
    calibrationOf(matching, method),
  );
  const match: Match = {
    method,
    step,
    model: { id, version },
    ...judged,
    query: seriesPointAt(query.volume, point.lps),
    target: seriesPointAt(target.volume, lps),
    similarity,
    cycleErrorMm,
    ...(runnerUp === undefined ? {} : { runnerUp }),
    ...(fixedPoints === true && found.fixedPoints !== undefined ? { fixedPoints: found.fixedPoints } : {}),
  };
  const shown = turn === undefined ? match : inWorldOfSeries(match, turn);
  if (shown.verdict !== 'matched') return shown;
  if (isSideUnsure) return { ...shown, verdict: 'uncertain' };
  // At another place, what differs is no change, and diameters are those of something else.
  return {
    ...shown,
    ...(change === undefined ? {} : { change }),
    ...(axes === undefined ? {} : { axes: turn === undefined ? axes : axesInWorldOfSeries(axes, turn) }),
  };
}

/** A point on the outer face of the volume may miss it by the rounding of a change of frame, mm; far below a pixel. */
const OUTSIDE_TOLERANCE_MM = 0.01;

/**
 * What counts as air this near to the body may be a part of it, mm: two voxels of the fine map. Gas that a small field of view opens is such
 * air. It has no vector, and its answer is `uncertain`.
 */
const BESIDE_BODY_MM = 8;

/** A shorter diameter is none, and an end that is farther from the point belongs to something else, mm. */
const [LEAST_DIAMETER_MM, LARGEST_DISTANCE_MM] = [0.1, 300];

/** True for diameters that may be those of a lesion at a point. */
function areUsable({ longAxis, shortAxis = longAxis }: Axes, lps: LpsPoint): boolean {
  return [longAxis, shortAxis].every(
    ([one, other]) =>
      distanceMm(one, other) >= LEAST_DIAMETER_MM &&
      Math.max(distanceMm(one, lps), distanceMm(other, lps)) <= LARGEST_DISTANCE_MM,
  );
}

/** Why a point cannot be a query, or undefined. */
export function refusalOf(
  query: Embedding,
  { lps, frameOfReferenceUid, axes }: QueryPoint,
): SamepointError | undefined {
  if (!lps.every(Number.isFinite))
    return new SamepointError('matching/not-a-point', { received: lps.map(String) });
  if (axes !== undefined && !areUsable(axes, lps))
    return new SamepointError('matching/not-axes', { point: lps });
  if (frameOfReferenceUid !== undefined && frameOfReferenceUid !== query.volume.frameOfReferenceUid)
    return new SamepointError('matching/other-frame-of-reference', {});
  const { outsideMm } = locateInStack(query.volume, lps);
  if (outsideMm > OUTSIDE_TOLERANCE_MM)
    return new SamepointError('matching/outside-volume', { point: lps, outsideMm });
  return touchesBody(query, lps) || isNearBody(query, lps, BESIDE_BODY_MM) ? undefined : outsideBody(lps);
}

/** The point lies in air. */
export function outsideBody(lps: LpsPoint): SamepointError {
  return new SamepointError('matching/outside-body', { point: lps });
}

/** @throws SamepointError `matching/different-models`, `different-maps`, `no-fine-map` */
export function assertComparable(query: Embedding, target: Embedding, model: MatchModel): void {
  if (query.modelId !== target.modelId)
    throw new SamepointError('matching/different-models', {
      queryModel: query.modelId,
      targetModel: target.modelId,
    });
  // Its weights and its calibration would be wrong: a bug of ours.
  if (query.modelId !== model.id)
    throw new RangeError(`embeddings of the model ${query.modelId} are matched as those of ${model.id}`);
  const [queryMaps, targetMaps] = [rolesOf(query), rolesOf(target)];
  if (queryMaps.join() !== targetMaps.join())
    throw new SamepointError('matching/different-maps', { queryMaps, targetMaps });
  if (!query.maps.some(({ role }) => role === 'fine'))
    throw new SamepointError('matching/no-fine-map', { model: query.modelId });
}

/** Role and number of channels of each map. */
function rolesOf({ maps }: Embedding): string[] {
  return maps.map(({ role, channels }) => `${role}/${channels}`);
}
