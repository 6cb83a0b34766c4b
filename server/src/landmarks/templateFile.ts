/**
 * A landmark template as JSON. Vectors are base64 of int8: of the maps on the grid of the fine one only those that `mask` names, in its
 * order, of the others all. `mask` is base64 of a bit for each voxel of the fine map, the lowest bit first.
 * @module
 */
import { z } from 'zod';
import type { EmbeddingMap } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { RoleWeights } from '../model/index.ts';
import { VOLUME_MODALITIES } from '../volume/index.ts';
import { imageless } from './imageless.ts';
import type { LandmarkTemplate } from './types.ts';

const FORMAT = 'samepoint-landmark-template';
const VERSION = 1;
/** Landmarks of one template. */
export const MAX_LANDMARKS = 200;
/** Largest number of slices, columns or rows of the series. */
const MAX_SIZE = 2 ** 16;
/** Vectors in memory of one map, bytes. */
const MAX_MAP_BYTES = 2 ** 28;

const finite = z.number();
const row = [finite, finite, finite, finite] as const;
const size = z.int().min(1).max(MAX_SIZE);
const grid = {
  dims: z.tuple([size, size, size]),
  voxelToLps: z.tuple([...row, ...row, ...row]),
};
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/u);

/** A template on the wire and in files. */
export const templateSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    version: z.literal(VERSION),
    model: z.strictObject({ id: z.string().min(1).max(64), version: z.string().min(1).max(64) }),
    modality: z.enum(VOLUME_MODALITIES),
    /** Of the series: its slices say how exact the places are. */
    volume: z.strictObject(grid),
    landmarks: z
      .array(
        z.strictObject({ name: z.string().trim().min(1).max(256), lps: z.tuple([finite, finite, finite]) }),
      )
      .min(1)
      .max(MAX_LANDMARKS),
    reachMm: z.number().positive(),
    mask: base64,
    maps: z
      .array(
        z.strictObject({
          role: z.enum(['fine', 'coarse', 'semantic']),
          channels: z.int().min(1).max(1024),
          ...grid,
          vectors: base64,
        }),
      )
      .min(1)
      .max(3),
  })
  .meta({
    id: 'LandmarkTemplate',
    description: 'Landmarks of one series with the vectors around them; no image',
  });
export type WireTemplate = z.infer<typeof templateSchema>;

/** A template as it is written and sent. */
export function encodeTemplate({ model, landmarks, reachMm, embedding }: LandmarkTemplate): WireTemplate {
  const { volume, maps, bodyMask } = embedding;
  const fine = maps.find(({ role }) => role === 'fine')?.grid.dims ?? volume.dims;
  return {
    format: FORMAT,
    version: VERSION,
    model,
    modality: volume.modality,
    volume: gridOf(volume),
    landmarks: landmarks.map(({ name, lps: [x, y, z] }) => ({ name, lps: [x, y, z] })),
    reachMm,
    mask: toBase64(packBits(bodyMask)),
    maps: maps.map(({ role, channels, grid: own, vectors }) => ({
      role,
      channels,
      ...gridOf(own),
      vectors: toBase64(isOnFine(own, fine) ? gather(vectors, channels, bodyMask) : vectors),
    })),
  };
}

/**
 * A template from what was written or sent.
 * @param weights of the maps in the similarity, from the manifest of the template's model
 * @throws SamepointError landmarks/unreadable-template
 */
export function decodeTemplate(json: unknown, weights: RoleWeights): LandmarkTemplate {
  const parsed = templateSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no template'}`);
  }
  return templateOf(parsed.data, weights);
}

/**
 * A template from one whose form is known to be right.
 * @param weights as in {@link decodeTemplate}
 * @throws SamepointError landmarks/unreadable-template where its sizes contradict each other
 */
export function templateOf(wire: WireTemplate, weights: RoleWeights): LandmarkTemplate {
  const { model, modality, volume, landmarks, reachMm, mask, maps } = wire;
  const fine = maps.find(({ role }) => role === 'fine') ?? refuse('it has no fine map');
  const bodyMask = unpackBits(fromBase64(mask), voxelsOf(fine.dims));
  return {
    model,
    landmarks: landmarks.map(({ name, lps: [x, y, z] }) => ({ name, lps: lpsPoint(x, y, z) })),
    reachMm,
    embedding: imageless({
      modelId: model.id,
      volume: { ...volume, modality },
      maps: maps.map((map) => decodeMap(map, { dims: fine.dims, bodyMask }, weights)),
      bodyMask,
    }),
  };
}

/** Model that a template names, before it is decoded. @throws SamepointError landmarks/unreadable-template */
export function modelOfTemplate(json: unknown): LandmarkTemplate['model'] {
  const parsed = z.looseObject({ model: templateSchema.shape.model }).safeParse(json);
  return parsed.success ? parsed.data.model : refuse('it names no model');
}

function refuse(reason: string): never {
  throw new SamepointError('landmarks/unreadable-template', { reason });
}

function decodeMap(
  { role, channels, dims, voxelToLps, vectors: text }: WireTemplate['maps'][number],
  fine: { readonly dims: Dims; readonly bodyMask: Uint8Array },
  weights: RoleWeights,
): EmbeddingMap {
  const { bodyMask } = fine;
  const voxels = voxelsOf(dims);
  if (voxels * channels > MAX_MAP_BYTES) refuse('a map is too large');
  const grid = { dims, voxelToLps };
  const bytes = fromBase64(text);
  const isMasked = isOnFine(grid, fine.dims);
  const kept = isMasked ? bodyMask.reduce((sum, one) => sum + one, 0) : voxels;
  if (bytes.length !== kept * channels) refuse(`the vectors of the ${role} map do not fit its grid`);
  const int8 = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const vectors = !isMasked ? Int8Array.from(int8) : scatter(int8, channels, bodyMask);
  return {
    role,
    grid,
    channels,
    weight: weights[role] ?? 0,
    vectors,
    inverseNorms: normsOf(vectors, channels),
  };
}

type Dims = EmbeddingMap['grid']['dims'];

function voxelsOf(dims: Dims): number {
  const voxels = dims[0] * dims[1] * dims[2];
  return voxels > MAX_MAP_BYTES ? refuse('a map is too large') : voxels;
}

/** Whether a map lies on the grid of the fine one, of which the mask is. */
function isOnFine({ dims }: { readonly dims: Dims }, fine: Dims): boolean {
  return dims.every((count, axis) => count === fine[axis]);
}

function gridOf({ dims, voxelToLps }: EmbeddingMap['grid']): Pick<WireTemplate, 'volume'>['volume'] {
  return { dims: [dims[0], dims[1], dims[2]], voxelToLps: [...voxelToLps] };
}

function gather(vectors: Int8Array, channels: number, mask: Uint8Array): Int8Array {
  const kept = new Int8Array(mask.reduce((sum, one) => sum + one, 0) * channels);
  let at = 0;
  for (let voxel = 0; voxel < mask.length; voxel++) {
    if (mask[voxel] === 0) continue;
    kept.set(vectors.subarray(voxel * channels, (voxel + 1) * channels), at);
    at += channels;
  }
  return kept;
}

function scatter(kept: Int8Array, channels: number, mask: Uint8Array): Int8Array {
  const vectors = new Int8Array(mask.length * channels);
  let at = 0;
  for (let voxel = 0; voxel < mask.length; voxel++) {
    if (mask[voxel] === 0) continue;
    vectors.set(kept.subarray(at, at + channels), voxel * channels);
    at += channels;
  }
  return vectors;
}

/** 1 / length of each vector; 0 where there is none. */
function normsOf(vectors: Int8Array, channels: number): Float32Array {
  const norms = new Float32Array(vectors.length / channels);
  for (let voxel = 0; voxel < norms.length; voxel++) {
    let sum = 0;
    for (let at = voxel * channels; at < (voxel + 1) * channels; at++) sum += (vectors[at] ?? NaN) ** 2;
    norms[voxel] = sum === 0 ? 0 : 1 / Math.sqrt(sum);
  }
  return norms;
}

function packBits(mask: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let n = 0; n < mask.length; n++) bits[n >> 3] = (bits[n >> 3] ?? 0) | ((mask[n] ?? 0) << (n & 7));
  return bits;
}

function unpackBits(bits: Uint8Array, count: number): Uint8Array {
  if (bits.length !== Math.ceil(count / 8)) refuse('its mask does not fit its fine map');
  return Uint8Array.from({ length: count }, (_, n) => ((bits[n >> 3] ?? 0) >> (n & 7)) & 1);
}

function toBase64(bytes: Uint8Array | Int8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
