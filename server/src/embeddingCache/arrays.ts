/**
 * What the files of a cache have in common: the shape of a volume in their headers, and their arrays as bytes.
 * @module
 */
import { endianness } from 'node:os';
import { z } from 'zod';
import type { Grid } from '../volume/types.ts';

/** Voxels along i, j and k. */
export const dimsSchema = z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]);
const mm = z.number();
/** An affine map, by rows. */
export const affineSchema = z.tuple([mm, mm, mm, mm, mm, mm, mm, mm, mm, mm, mm, mm]);
/** The geometry of a volume. Loose where volume/ owns the type: what it adds is kept, not a reason to drop the file. */
export const volumeSchema = z.looseObject({
  dims: dimsSchema,
  voxelToLps: affineSchema,
  slices: z.array(
    z.looseObject({
      sopClassUid: z.string(),
      sopInstanceUid: z.string(),
      frameNumber: z.int().exactOptional(),
    }),
  ),
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  frameOfReferenceUid: z.string(),
  modality: z.enum(['CT', 'MR', 'PT']),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
});

/** Number of voxels. */
export function voxelsOf({ dims: [nx, ny, nz] }: Pick<Grid, 'dims'>): number {
  return nx * ny * nz;
}

/** Exactly the keys of a grid: the header and a grid may come with more. */
export function gridOf({ dims: size, voxelToLps }: Grid): Grid {
  return { dims: size, voxelToLps };
}

/** The bytes of an array, little-endian; they share its memory. */
export function bytesOf(array: Int8Array | Uint8Array | Int16Array | Float32Array): Uint8Array {
  if (endianness() !== 'LE') throw new Error('cache files are little-endian; this machine is not');
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
