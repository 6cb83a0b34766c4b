/**
 * Registers a pair of embedded series: a field of the whole body, its inverse, and what both are worth.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { Embedding } from '../embedding/types.ts';
import { compose, determinant, invert } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { PairRequest } from '../matching/index.ts';
import { fieldOfMap, latticeAround, mappedOn, placeOfNode } from './field/displacementField.ts';
import { inverseField } from './field/inverse.ts';
import { unfolded } from './field/jacobian.ts';
import { isInBody, qualityOf } from './field/quality.ts';
import type { Body, FieldQuality } from './field/quality.ts';
import { STAGE_OF } from './stages/index.ts';
import type { DisplacementField, StageName, StageResult } from './types.ts';

/** Distance of the nodes of a written field, mm: the maps are smooth over 12 mm and more. */
export const LATTICE_MM = 4;

/** Two embedded series; `query` is the fixed one, `target` the moving one. */
export interface RegisterRequest extends PairRequest {
  readonly stage: StageName;
  /** Where the moving series was embedded in a turned world: LPS of the series to the LPS of `target`. */
  readonly turn?: Affine | undefined;
}

/** A registered pair. */
export interface Registration {
  readonly stage: StageName;
  /** Fixed to moving series; LPS, mm. */
  readonly field: DisplacementField;
  /** Moving to fixed series, on a lattice of the moving one. */
  readonly inverse: DisplacementField;
  readonly quality: FieldQuality;
  /** Nodes in the body that were smoothed because the field folded there or nearby. */
  readonly smoothedNodes: number;
  readonly result: StageResult;
  readonly seconds: number;
}

/** A registration as plain data, without the functions of its stage. */
export interface RegistrationFacts extends Omit<Registration, 'result'> {
  readonly result: Pick<StageResult, 'affine' | 'kept' | 'tried' | 'parameters'>;
}

/** What of a registration travels between threads. */
export function factsOf({ result, ...registration }: Registration): RegistrationFacts {
  const { affine, kept, tried, parameters } = result;
  return { ...registration, result: { affine, kept, tried, parameters } };
}

/**
 * Registers in this thread: 5 to 30 seconds.
 * @throws SamepointError register/no-overlap, register/mirrored, and those of matching/ for embeddings that cannot be compared
 */
export function registerPair(request: RegisterRequest): Registration {
  const { query: fixed, target: moving, stage, turn } = request;
  const begun = performance.now();
  if (turn !== undefined && determinant(turn) < 0) throw new SamepointError('register/mirrored', {});
  const result = STAGE_OF[stage](request);
  if (result === undefined) throw new SamepointError('register/no-overlap', { kept: 0 });
  const made = fieldOfMap(latticeAround(fixed.volume, LATTICE_MM), result.affine, result.placeOf);
  const smooth = unfolded(made);
  const field = turn === undefined ? smooth.field : mappedOn(smooth.field, invert(turn));
  const body = bodyOf(fixed);
  const isBody = isInBody(body);
  const inverse = inverseField(field, latticeAround(inSeries(moving, turn), LATTICE_MM));
  return {
    stage,
    field,
    inverse,
    quality: qualityOf(field, inverse, body),
    smoothedNodes: [...smooth.changed].filter((node) => isBody(placeOfNode(field.grid, node))).length,
    result,
    seconds: (performance.now() - begun) / 1000,
  };
}

/** The geometry of a series whose world was turned, in its own world. */
function inSeries({ volume }: Embedding, turn: Affine | undefined): Embedding['volume'] {
  return turn === undefined ? volume : { ...volume, voxelToLps: compose(invert(turn), volume.voxelToLps) };
}

/** The body of an embedded series. */
export function bodyOf({ maps, bodyMask }: Embedding): Body {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new RangeError('an embedding without a fine map has no body');
  return { grid: fine.grid, mask: bodyMask };
}
