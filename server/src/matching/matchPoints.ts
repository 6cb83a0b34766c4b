import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Embedding } from '../embedding/types.ts';
import { SamepointError } from '../errors/index.ts';
import { locateInStack, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { judge } from './honesty/index.ts';
import { METHODS } from './methods.ts';
import type { Prepared } from './methods.ts';
import { CORNERS, latticeOf, locate } from './sampling.ts';
import { searchSpaceOf } from './searchSpace.ts';
import type { SearchSpace } from './searchSpace.ts';
import { seriesPointAt } from './seriesPoint.ts';
import { MATCH_METHODS } from './types.ts';
import type { Match, MatchMethod, MatchRequest, PointOutcome, QueryPoint } from './types.ts';

/**
 * Finds points of the query series in the target series. Gives one outcome per point, in their order; a point that
 * cannot be matched carries its own error (matching/not-a-point, other-frame-of-reference, outside-volume,
 * outside-body) and leaves the others alone. The event loop gets a turn between two points.
 *
 * @throws SamepointError for the request as a whole: matching/unknown-method, different-models, different-maps,
 *   no-fine-map, no-body
 * @throws the signal's reason when it is aborted
 */
export async function matchPoints(request: MatchRequest): Promise<readonly PointOutcome[]> {
  const { query, target, points, method = MATCH_METHODS[0], signal } = request;
  signal?.throwIfAborted();
  if (!MATCH_METHODS.includes(method))
    throw new SamepointError('matching/unknown-method', { method, available: MATCH_METHODS });
  assertComparable(query, target);
  const pair = { query: searchSpaceOf(query), target: searchSpaceOf(target) };
  const prepared = METHODS[method].prepare?.(pair.query, pair.target);
  const outcomes: PointOutcome[] = [];
  for (const point of points) {
    const refusal = refusalOf(query, point);
    outcomes.push(
      refusal === undefined ? matchPoint(pair, method, point, prepared) : refused(point, refusal),
    );
    await nextTurn();
    signal?.throwIfAborted();
  }
  return outcomes;
}

/** Two series ready to be searched. */
interface Pair {
  readonly query: SearchSpace;
  readonly target: SearchSpace;
}

function matchPoint(
  pair: Pair,
  method: MatchMethod,
  point: QueryPoint,
  prepared: Prepared | undefined,
): PointOutcome {
  const { query, target } = pair;
  const found = METHODS[method].match(query, target, point.lps, prepared);
  if (found === undefined) return refused(point, outsideBody(point.lps));
  const { similarity, cycleErrorMm, step, runnerUp } = found;
  const { lps, ...judgement } = judge(found, { ...pair, lps: point.lps });
  const match: Match = {
    method,
    step,
    ...judgement,
    query: seriesPointAt(query.embedding.volume, point.lps),
    target: seriesPointAt(target.embedding.volume, lps),
    similarity,
    cycleErrorMm,
    ...(runnerUp === undefined ? {} : { runnerUp }),
  };
  return { pointId: point.id, ok: true, match };
}

function refused({ id }: QueryPoint, error: SamepointError): PointOutcome {
  return { pointId: id, ok: false, error };
}

/** A point on the outer face of the volume may miss it by the rounding of a change of frame, mm; far below a pixel. */
const OUTSIDE_TOLERANCE_MM = 0.01;

/** Why a point cannot be a query, or undefined. */
function refusalOf(query: Embedding, { lps, frameOfReferenceUid }: QueryPoint): SamepointError | undefined {
  if (!lps.every(Number.isFinite))
    return new SamepointError('matching/not-a-point', { received: lps.map(String) });
  if (frameOfReferenceUid !== undefined && frameOfReferenceUid !== query.volume.frameOfReferenceUid)
    return new SamepointError('matching/other-frame-of-reference', {});
  const { outsideMm } = locateInStack(query.volume, lps);
  if (outsideMm > OUTSIDE_TOLERANCE_MM)
    return new SamepointError('matching/outside-volume', { point: lps, outsideMm });
  return touchesBody(query, lps) ? undefined : outsideBody(lps);
}

function outsideBody(lps: LpsPoint): SamepointError {
  return new SamepointError('matching/outside-body', { point: lps });
}

/**
 * True when one of the 8 fine voxels around the point is body: the mask is as coarse as the fine grid, and a
 * lesion of the skin or pleura may lie just beside it.
 */
function touchesBody({ maps, bodyMask }: Embedding, lps: LpsPoint): boolean {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) return false;
  const lattice = latticeOf(fine.grid);
  const at = { cell: 0, fi: 0, fj: 0, fk: 0 };
  locate(lattice, toVoxel(lattice.lpsToVoxel, lps), at);
  for (let corner = 0; corner < CORNERS; corner++)
    if (bodyMask[at.cell + (lattice.cornerOffsets[corner] as number)]) return true;
  return false;
}

function assertComparable(query: Embedding, target: Embedding): void {
  if (query.modelId !== target.modelId)
    throw new SamepointError('matching/different-models', {
      queryModel: query.modelId,
      targetModel: target.modelId,
    });
  const [queryMaps, targetMaps] = [query, target].map(({ maps }) =>
    maps.map(({ role, channels }) => `${role}/${channels}`),
  ) as [string[], string[]];
  if (queryMaps.join() !== targetMaps.join())
    throw new SamepointError('matching/different-maps', { queryMaps, targetMaps });
  if (!query.maps.some(({ role }) => role === 'fine'))
    throw new SamepointError('matching/no-fine-map', { model: query.modelId });
}
