import type { Affine } from '../geometry/index.ts';

/** Modalities that a volume can be read from. */
export const VOLUME_MODALITIES = ['CT', 'MR', 'PT'] as const;
export type VolumeModality = (typeof VOLUME_MODALITIES)[number];

/** Voxels that one volume may have: 4,096 slices of 512 x 512, 2 GiB as 16-bit integers. */
export const MAX_VOXELS = 2 ** 30;

/** Where a slice of a volume came from: what SR needs to point at it. */
export interface SliceSource {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** 1-based frame of an Enhanced multi-frame instance; undefined for single-frame objects. */
  readonly frameNumber?: number;
  /**
   * Only for a slice that was interpolated because the series has none there (see the warnings): signed distance in
   * mm, along the normal, from this slice of the grid to the plane of the instance named here, which is the nearest.
   */
  readonly planeOffsetMm?: number;
}

/** A deviation that was accepted and compensated, with what was found. Codes are documented in docs/volumes.md. */
export interface VolumeWarning {
  readonly code: string;
  readonly message: string;
}

/** Who an instance says it is. Patient data: compared, never shown, never logged, never stored. */
export interface InstanceIdentity {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** PatientID and IssuerOfPatientID without padding; absent where empty. */
  readonly patientId?: string;
  readonly issuer?: string;
}

/** What was read of one instance, to be found again. */
export interface InstanceContent {
  readonly sopInstanceUid: string;
  /** Of place and values of its frames: the same in every transfer syntax without loss. */
  readonly digest: string;
  /** Finest resolution levels that were omitted and are not in the digest (EncodedFrame); absent where there are none. */
  readonly level?: number;
  /** Checksum of the file as it was sent: where it is equal, nothing needs to be read. */
  readonly encoded: string;
  /** Bytes of the Part 10 file. */
  readonly bytes: number;
}

/**
 * Voxels of a series whose slices were reduced on their way to the grid of a model (reduction/plan.ts): the same slices, fewer columns
 * and rows, aligned with that grid.
 */
export interface ReducedVoxels extends Grid {
  /** How a value was made of pixels; each slice has one plane of each, in this order. */
  readonly layers: readonly ('points' | 'means')[];
}

/**
 * One image series as a regular grid in the patient.
 * Valid by construction: dims are >= 1 and match data and slices, voxelToLps is invertible.
 */
export interface Volume {
  /** Columns, rows, slices. */
  readonly dims: readonly [number, number, number];
  /**
   * Modality values (CT: HU), i fastest, then j, then k; length dims[0] * dims[1] * dims[2]. Where `reduced` is given: its voxels, per
   * slice one layer after the other.
   */
  readonly data: Int16Array | Float32Array;
  /** Voxel index (column, row, slice) to LPS mm; may be sheared (gantry tilt), never singular. */
  readonly voxelToLps: Affine;
  /** In the order of k. */
  readonly slices: readonly SliceSource[];
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  /** Where `data` has fewer columns and rows than the images. */
  readonly reduced?: ReducedVoxels;
  readonly modality: VolumeModality;
  /** BodyPartExamined as the series has it, mostly a defined term of PS3.16 Annex L; absent where it names none. */
  readonly bodyPart?: string;
  readonly warnings: readonly VolumeWarning[];
  /** What was read of each instance, those that hold no slice included, sorted by their UIDs; absent where it came from no instances (NIfTI). */
  readonly instances?: readonly InstanceContent[];
}

/** The part of a volume that stays useful when its voxels are gone: kept beside its embedding. */
export type VolumeGeometry = Omit<Volume, 'data' | 'instances' | 'reduced'>;

/** A regular grid that a volume is resampled to. */
export interface Grid {
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
}
