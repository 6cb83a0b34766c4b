import type { Affine } from '../geometry/index.ts';

/** Modalities that a volume can be read from. */
export type VolumeModality = 'CT' | 'MR' | 'PT';

/** Where a slice of a volume came from: what SR needs to point at it. */
export interface SliceSource {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** 1-based frame of an Enhanced multi-frame instance; undefined for single-frame objects. */
  readonly frameNumber?: number;
}

/** A deviation that was accepted and compensated, with what was found. Codes are documented in docs/volumes.md. */
export interface VolumeWarning {
  readonly code: string;
  readonly message: string;
}

/**
 * One image series as a regular grid in the patient.
 * Valid by construction: dims are >= 1 and match data and slices, voxelToLps is invertible.
 */
export interface Volume {
  /** Columns, rows, slices. */
  readonly dims: readonly [number, number, number];
  /** Modality values (CT: HU), i fastest, then j, then k; length dims[0] * dims[1] * dims[2]. */
  readonly data: Int16Array | Float32Array;
  /** Voxel index (column, row, slice) to LPS mm; may be sheared (gantry tilt), never singular. */
  readonly voxelToLps: Affine;
  /** In the order of k. */
  readonly slices: readonly SliceSource[];
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly modality: VolumeModality;
  readonly warnings: readonly VolumeWarning[];
}

/** The part of a volume that stays useful when its voxels are gone: kept beside its embedding. */
export type VolumeGeometry = Omit<Volume, 'data'>;

/** A regular grid that a volume is resampled to. */
export interface Grid {
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
}
