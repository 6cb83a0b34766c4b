/**
 * Which columns and rows of its slices a series keeps: those of the working grid that its voxels are for. They do not depend on the place
 * of a slice, so that each slice is reduced when it arrives, and a series of thin slices never has all its pixels in memory.
 * @module
 */
import { workingGridSize } from '../../volume/index.ts';
import type { Vector } from '../../geometry/index.ts';
import type { FrameHeader } from '../parsing/frame.ts';
import type { AxisPlan, InPlanePlan, Layer, Sampling } from '../../resampling/reduction/types.ts';

/** As in separable.ts: an off-axis part below this is rounding of the direction cosines. */
const OFF_AXIS_TOLERANCE = 1e-6;
/** A slice is reduced where less than this share of its values remains. */
const WORTHWHILE = 0.75;
/**
 * Pixels of a resolution level, in voxels of the grid, at most: coarser ones would blur what the grid shows. Measured, see
 * docs/decisions/020-thin-slices.md.
 */
const COARSEST_PIXEL = 1;
/** Pixels along a voxel of the grid, at most: more are a wrong spacing, and tables of weights without end. */
const MOST_PIXELS = 64;
/** As in axisWeights.ts: a sample on the outer face is inside. */
const INDEX_TOLERANCE = 1e-6;

/** +1 or -1 where a direction is that of a patient axis, or the opposite; undefined where it is oblique. */
function signOf(direction: Vector): number | undefined {
  const [first = 0, second = 0, third = 0] = [...direction].sort((a, b) => Math.abs(b) - Math.abs(a));
  const isAligned = Math.max(Math.abs(second), Math.abs(third)) <= OFF_AXIS_TOLERANCE * Math.abs(first);
  return isAligned ? Math.sign(first) : undefined;
}

function axisPlan(pixels: number, pixelMm: number, spacingMm: number, sign: number): AxisPlan {
  const scale = spacingMm / pixelMm;
  const count = workingGridSize(pixels * pixelMm, spacingMm);
  // The last voxel of the grid may have its centre beyond the slice: that sample is outside.
  const isLastInside = -0.5 + scale * (count - 0.5) <= pixels - 0.5 + INDEX_TOLERANCE;
  const samples = Math.max(1, isLastInside ? count : count - 1);
  return sign > 0
    ? { pixels, samples, offset: -0.5 + scale / 2, scale }
    : { pixels, samples, offset: pixels - 0.5 - scale / 2, scale: -scale };
}

/**
 * What to keep of the slices of a series; undefined where all pixels are needed (slices oblique to the patient, other modalities than
 * CT, whose values may be small integers) or reducing them saves nothing.
 */
export function planInPlane(
  { modality, columns, rows, alongRow, alongColumn, pixelSpacing }: FrameHeader,
  { spacingMm, antialias }: Sampling,
): InPlanePlan | undefined {
  const [rowMm, columnMm] = pixelSpacing;
  const [signU, signV] = [signOf(alongRow), signOf(alongColumn)];
  if (modality !== 'CT' || signU === undefined || signV === undefined) return undefined;
  const coarsestMm = Math.max(rowMm, columnMm);
  const finestMm = Math.min(rowMm, columnMm);
  if (coarsestMm >= spacingMm || finestMm * MOST_PIXELS < spacingMm) return undefined;
  const u = axisPlan(columns, columnMm, spacingMm, signU);
  const v = axisPlan(rows, rowMm, spacingMm, signV);
  const layers: readonly Layer[] = antialias ? ['means'] : ['points', 'means'];
  if (layers.length * u.samples * v.samples > WORTHWHILE * columns * rows) return undefined;
  const level = Math.floor(Math.log2((COARSEST_PIXEL * spacingMm) / coarsestMm));
  const of = { columns, rows, alongRow, alongColumn, pixelSpacing };
  return { of, layers, u, v, level };
}
