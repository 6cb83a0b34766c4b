import type { Share } from '../../concurrency/index.ts';
import { lpsPoint, perAxis, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { pairContextOf } from '../refined/pairContext.ts';
import type { PairContext } from '../refined/types.ts';
import { priorOf, registerWith } from '../refined/registerAt.ts';
import type { Stage } from '../../registration/index.ts';
import { cycleErrorMm } from '../refined/inverseMap.ts';
import { CORNERS, locate } from '../../search/index.ts';
import { filledSteps, precomputeHere } from '../precomputation.ts';
import type { Step, Steps } from '../precomputation.ts';
import type { SearchSpace } from '../../search/index.ts';
import type { Prediction, SmoothField } from '../../neighbourMap/index.ts';
import { fieldOf, inverseFieldOf } from '../../neighbourMap/index.ts';
import { bothWays, denseShare, inverseConsistent, moved } from '../../coupledConvex/index.ts';
import type { DenseShare, Displacements } from '../../coupledConvex/index.ts';
import { emptyGrid, placeOf, writePredicted, writeRegistered } from './nodes.ts';
import type { NodeGrid } from './nodes.ts';

/** The field of a pair with what it was made from; plain data. */
export interface PrecomputedField {
  readonly context: PairContext;
  /** Undefined where the pair has no neighbour map. */
  readonly grid: NodeGrid | undefined;
  /**
   * From the neighbour map's prediction to where the embedding, matched densely, puts the points. Undefined where there is no map, and
   * for two contrasts: their map was matched densely already, and what the vectors add was weighed against the images.
   */
  readonly displacements: Displacements | undefined;
}

/** Distance of the nodes, mm: a quadratic map holds half as far; 22 mm would cost twice the time. */
const NODE_STEP_MM = 28;
/** Cheaper than for a single point: a field is smooth, and neighbours average their errors. */
const STAGES: readonly Stage[] = [
  { level: 'coarse', sigma: 16, terms: 4, iterations: 6 },
  { level: 'fine', sigma: 10, terms: 10, iterations: 4, thinned: true },
];
/** A node whose patches correlate less, or that moved farther than this many spreads, keeps its neighbours' prediction. */
const [LEAST_CORRELATION, LARGEST_SPREADS] = [0.5, 3];

const densely: Step<PairContext, DenseShare, PrecomputedField> = {
  share: (query, target, { neighbourMap, areDifferentContrasts }, share) => {
    if (neighbourMap === undefined || areDifferentContrasts) return {};
    const along = (field: SmoothField) => (lps: LpsPoint) => field.placeOf(lps);
    const guesses = { there: along(fieldOf(neighbourMap)), back: along(inverseFieldOf(neighbourMap)) };
    return denseShare(query, target, guesses, share);
  },
  join: (query, _target, context, shares) => {
    if (context.neighbourMap === undefined) return { context, grid: undefined, displacements: undefined };
    const maps = bothWays(shares);
    const displacements = maps && inverseConsistent(maps.there, maps.back, context.neighbourMap.affine);
    return { context, grid: emptyGrid(query.maps[0].map.grid, NODE_STEP_MM), displacements };
  },
};

/** The field's basis is the pair's context; its nodes are registered after the dense maps. */
export const FIELD_STEPS: Steps<PairContext, PrecomputedField> = filledSteps(densely, { share: fillField });

/** The whole field of a pair, in this thread. */
export function precomputeField(query: SearchSpace, target: SearchSpace): PrecomputedField {
  return precomputeHere(FIELD_STEPS, query, target, pairContextOf(query, target));
}

/** Registers a share of the nodes of the body, forward and backward; about 10 ms of processor time per node. */
function fillField(
  query: SearchSpace,
  _target: SearchSpace,
  { context, grid, displacements }: PrecomputedField,
  { part, parts }: Share,
): void {
  if (context.neighbourMap === undefined || grid === undefined) return;
  const [field, inverse] = [fieldOf(context.neighbourMap), inverseFieldOf(context.neighbourMap)];
  const predict = (lps: LpsPoint): Prediction => {
    const prediction = field.at(lps);
    return displacements === undefined
      ? prediction
      : { ...prediction, lps: moved(displacements, lps, prediction.lps) };
  };
  const [ni, nj, nk] = grid.dims;
  for (let node = part; node < ni * nj * nk; node += parts)
    if (touchesBody(query, placeOf(grid, node))) fillNode(context, { predict, inverse }, grid, node);
}

/** What is known of any point before the images are compared, and the inverse map. */
interface Guides {
  readonly predict: (lps: LpsPoint) => Prediction;
  readonly inverse: SmoothField;
}

function fillNode(context: PairContext, { predict, inverse }: Guides, grid: NodeGrid, node: number): void {
  const place = placeOf(grid, node);
  const prediction = predict(place);
  const prior = priorOf(prediction);
  const isComparable = !context.areDifferentPatients && !context.areDifferentContrasts;
  const found = isComparable ? registerWith(context, place, prior, STAGES) : undefined;
  const isSound =
    found !== undefined && found.ncc > LEAST_CORRELATION && found.movedMm < LARGEST_SPREADS * prior.shiftMm;
  if (!isSound) {
    writePredicted(grid, node, prediction);
    return;
  }
  const cycle = cycleErrorMm(context, place, found.lps, inverse.at(found.lps));
  writeRegistered(grid, node, found, prediction.linear, cycle ?? prediction.spreadMm);
}

/** How far from a node the body is looked for, in steps: of nodes farther away, others answer for them. */
const BODY_REACH = 0.35;

/** True when the body lies near a node. */
function touchesBody({ maps, embedding }: SearchSpace, place: LpsPoint): boolean {
  const { lattice } = maps[0];
  const at = { cell: 0, fi: 0, fj: 0, fk: 0 };
  for (let n = 0; n < 27; n++) {
    const offset = [(n % 3) - 1, (Math.floor(n / 3) % 3) - 1, Math.floor(n / 9) - 1] as const;
    const near = lpsPoint(...perAxis((axis) => place[axis] + offset[axis] * NODE_STEP_MM * BODY_REACH));
    locate(lattice, toVoxel(lattice.lpsToVoxel, near), at);
    for (let corner = 0; corner < CORNERS; corner++)
      if (embedding.bodyMask[at.cell + (lattice.cornerOffsets[corner] ?? NaN)]) return true;
  }
  return false;
}
