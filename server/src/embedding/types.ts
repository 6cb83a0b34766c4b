import type { ImageMap } from '../preprocessing/types.ts';
import type { Grid, InstanceContent, VolumeGeometry } from '../volume/types.ts';

export type { ImageMap } from '../preprocessing/types.ts';

/** What a map is for: fine = local detail, coarse = where in the body, semantic = which organ (in the code of SAM and UAE: neck, read-out, semantic head). */
export type MapRole = 'fine' | 'coarse' | 'semantic';

/**
 * One output of a model on its own grid. A vector of `channels` int8 per voxel, voxel-major
 * (`vectors[((k * ny + j) * nx + i) * channels + c]`), scaled per voxel so that its largest component is +-127, and
 * rounded. `inverseNorms[v]` is 1 / |int8 vector of v|, so cos(a, b) = dot(a, b) * inverseNorm(a) * inverseNorm(b)
 * exactly, and unit vectors, which is what may be interpolated, are the int8 vectors times it. It is 0 where the voxel
 * has no vector: fine and semantic maps outside the body; coarse maps have one everywhere in the working grid.
 */
export interface EmbeddingMap {
  readonly role: MapRole;
  readonly grid: Grid;
  readonly channels: number;
  /** Share of this map's cosine in the similarity (manifest `matching.weights`); the shares of an embedding sum to 1. */
  readonly weight: number;
  readonly vectors: Int8Array;
  readonly inverseNorms: Float32Array;
}

/**
 * Whose images an embedding was made of, and which. Study and series are in the geometry. An embedding without it was made of
 * files, and is kept under a digest of them (workbench/).
 */
export interface SeriesOrigin {
  /** Digests of PatientID and IssuerOfPatientID as the images name them; absent where they name none. */
  readonly patientId?: string;
  readonly issuer?: string;
  /** Every instance that was read, sorted by its SOP Instance UID. */
  readonly instances: readonly InstanceContent[];
}

/** Everything that matching needs of one series; immutable, shareable between threads. */
export interface Embedding {
  readonly modelId: string;
  /** Geometry of the series' own volume, without voxels. */
  readonly volume: VolumeGeometry;
  readonly maps: readonly EmbeddingMap[];
  /** 1 inside the body (lungs and bowel gas included), 0 outside, on the grid of the fine map. */
  readonly bodyMask: Uint8Array;
  readonly image: ImageMap;
  readonly origin?: SeriesOrigin;
  /** The shared memory that all arrays lie in, where they do. Who needs memory beside them lets it grow. */
  readonly memory?: WebAssembly.Memory;
}

/** A series at low resolution, from which points are previewed before its embedding is there. */
export interface PreviewImage {
  /** Geometry of the series' own volume, without voxels. */
  readonly volume: VolumeGeometry;
  /** In voxels of about 8 mm along the patient axes. */
  readonly image: ImageMap;
  /** 1 inside the body, on the grid of the image. */
  readonly bodyMask: Uint8Array;
}

/** Progress of an embedding: fraction of the inference done, 0 to 1. */
export interface EmbedProgress {
  readonly fraction: number;
}
