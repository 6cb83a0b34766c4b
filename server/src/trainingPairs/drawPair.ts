import { createHash } from 'node:crypto';
import type { Embedding } from '../embedding/index.ts';
import { indexOf } from '../search/index.ts';
import { seededNumbers, toLps } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { DrawnPair, DrawRequest, PairKind, PairSeries } from './types.ts';

/** Points that are tried for one pair, as in Alice. */
export const MOST_TRIES = 100;
/** A backward match that ends farther away than this is another place, mm. */
const LARGEST_CYCLE_MM = 8;

/** Two series, and where they come from. */
interface Choice {
  readonly kind: PairKind;
  readonly a: PairSeries;
  readonly b: PairSeries;
}

/**
 * Draws the pair of a number (Jiang et al., "Anatomical Invariance Modeling and Semantic Alignment for Self-supervised Learning in 3D
 * Medical Image Analysis", ICCV 2023): a random point of the body in one series, and its place in another, kept where their vectors are
 * similar enough. Only seed and number decide what is drawn. Undefined where no try gave a pair.
 */
export async function drawPair(request: DrawRequest, number: number): Promise<DrawnPair | undefined> {
  const random = seededNumbers(streamOf(request.seed, number));
  const { kind, a, b } = choose(request.series, random);
  const [query, target] = [await request.embeddingOf(a), await request.embeddingOf(b)];
  const body = bodyVoxels(query);
  for (let tries = 1; tries <= MOST_TRIES && body.length > 0; tries++) {
    const lps = placeOf(query, body[Math.floor(random() * body.length)] ?? 0);
    const found = await request.match(query, target, lps, kind);
    if (found === undefined || found.similarity < request.minScore || found.cycleErrorMm > LARGEST_CYCLE_MM)
      continue;
    const { lps: there, similarity, cycleErrorMm } = found;
    return {
      kind,
      a: { series: a.name, lps },
      b: { series: b.name, lps: there },
      similarity,
      cycleErrorMm,
      tries,
    };
  }
  return undefined;
}

/** A seed for each number: streams of neighbours have nothing in common. */
function streamOf(seed: number, number: number): number {
  return createHash('sha256')
    .update(`pair ${String(seed)} ${String(number)}`)
    .digest()
    .readUInt32LE();
}

/** Two different series; within a patient and between patients as often as both exist. */
function choose(series: readonly PairSeries[], random: () => number): Choice {
  const isWithin = random() < 0.5;
  const ordered = series.flatMap((a) => series.flatMap((b) => (a === b ? [] : [[a, b] as const])));
  const of = (within: boolean): typeof ordered =>
    ordered.filter(([a, b]) => (a.patient === b.patient) === within);
  const preferred = of(isWithin);
  const from = preferred.length > 0 ? preferred : of(!isWithin);
  const [a, b] = from[Math.floor(random() * from.length)] ?? [];
  if (a === undefined || b === undefined) throw new RangeError('a pair needs two series');
  return { kind: a.patient === b.patient ? 'within' : 'between', a, b };
}

/** Flat indices of the fine voxels in the body. */
function bodyVoxels({ bodyMask }: Embedding): readonly number[] {
  const voxels: number[] = [];
  for (const [voxel, one] of bodyMask.entries()) if (one !== 0) voxels.push(voxel);
  return voxels;
}

function placeOf({ maps }: Embedding, voxel: number): LpsPoint {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new RangeError('the embedding has no fine map');
  return toLps(fine.grid.voxelToLps, indexOf(fine.grid.dims, voxel));
}
