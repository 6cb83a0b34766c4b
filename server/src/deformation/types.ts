import type { Affine } from '../geometry/index.ts';

export type Three = readonly [number, number, number];

/** A map of points on a lattice whose axes are those of the patient. */
export interface FieldLattice {
  readonly dims: Three;
  /** Place of the first node, LPS mm. */
  readonly origin: Three;
  /** Distance of neighbouring nodes along x, y, z, mm. */
  readonly spacing: Three;
  /** Three per node, LPS mm, i fastest: a point lies there in the other series after this step. */
  readonly displacements: Float32Array;
  /** Per node: how many times larger a small volume is in the other series. */
  readonly determinants: Float32Array;
  /**
   * Per node: radius that holds the true place with 90 % probability, mm; NaN where nothing is known: more than one node away from the
   * body, or the place lies outside of the other series.
   */
  readonly errorRadii: Float32Array;
}

/** A lattice, and which of its nodes lie in the body. */
export interface BodyLattice extends FieldLattice {
  readonly isBody: Uint8Array;
}

/** One series of a pair. */
export interface FieldSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
}

/**
 * What a field is worth: `usable` = its error radii hold; `unsure` = one of the checks of the pair failed (two patients, sides that may
 * be exchanged, two modalities, a doubtful first guess, folds); `different-region` = nearly nothing of the query is in the target.
 */
export const FIELD_VERDICTS = ['usable', 'unsure', 'different-region'] as const;
export type FieldVerdict = (typeof FIELD_VERDICTS)[number];

/** How regular a field is, measured at its nodes in the body. */
export interface FieldQuality {
  /** Share of them at which space is turned inside out, 0 to 1. */
  readonly foldingShare: number;
  /** From a point to where the map and its inverse lead it. */
  readonly inverseConsistencyMm: { readonly median: number; readonly p95: number };
  /** Share of them whose place in the target is known, 0 to 1. */
  readonly coveredShare: number;
}

/** A registration of the pair that somebody has made before. */
export interface FieldPrior {
  readonly sopInstanceUid: string;
  readonly manufacturer: string;
}

/** The dense map of a pair of series, both ways. */
export interface DeformationField {
  readonly query: FieldSeries;
  readonly target: FieldSeries;
  /** Whose embeddings were compared. */
  readonly model: { readonly id: string; readonly version: string };
  readonly verdict: FieldVerdict;
  /** By what the pair was placed, where its own matches agree on no map; then the verdict is not `usable`. */
  readonly prior?: FieldPrior;
  /** The affine part of the map from the query to the target: LPS to LPS, mm. */
  readonly affine: Affine;
  /** Points of the query's body to the target. */
  readonly forward: FieldLattice;
  /** Points of the target's body to the query. */
  readonly inverse: FieldLattice;
  readonly quality: FieldQuality;
}
