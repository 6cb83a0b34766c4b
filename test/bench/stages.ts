import assert from 'node:assert/strict';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import {
  createDicomwebClient,
  createEmbedder,
  createEmbeddingCache,
  createFrameDecoder,
  embeddingKey,
  loadModels,
  lpsPoint,
  matchPoints,
  readVolume,
  resample,
  toLps,
  voxelIndex,
  workingGrid,
} from '@samepoint/server';
import type { Embedding, EmbeddingCache, EmbeddingKey, LpsPoint, SeriesRef, Volume } from '@samepoint/server';
import { ROOT } from '../support/paths.ts';
import { standardChest } from './chest.ts';
import { fp32Peak } from './fp32Peak.ts';
import { peakRssMb, resetPeak } from './memory.ts';

/** What a stage works on: a series of a PACS, its follow-up, and a folder for the embedding cache. */
export interface Inputs {
  readonly root: string;
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  readonly cacheDirectory: string;
  /** Keys of the embeddings that `embed` has stored in the cache. */
  readonly keys: readonly EmbeddingKey[];
}

/** One run of one stage. */
export interface Measurement {
  readonly seconds: number;
  readonly peakRssMb: number;
  /** What was worked on, in words. */
  readonly data: string;
  /** The embedding that the run has stored in the cache. */
  readonly key?: EmbeddingKey;
  /** Rate of the fp32 peak. */
  readonly gflops?: number;
}

/** Points of the match stages. */
const MATCH_POINTS = 20;
const CACHE_BYTES = 4 * 2 ** 30;
const MS_PER_S = 1000;
const MIB = 2 ** 20;

/** Runs `work` and nothing else under the clock; the peak is read when it ends, before anything is closed. */
async function measure<T>(
  work: () => T | Promise<T>,
): Promise<{ result: T; seconds: number; peakRssMb: number }> {
  resetPeak();
  const since = performance.now();
  const result = await work();
  const seconds = (performance.now() - since) / MS_PER_S;
  return { result, seconds, peakRssMb: peakRssMb() };
}

async function fetchSeries(root: string, series: SeriesRef): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  for await (const file of createDicomwebClient({ root }).retrieveSeries(series)) files.push(file);
  return files;
}

async function* stream(files: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const file of files) yield await Promise.resolve(file);
}

async function volumeOf({ root }: Inputs, series: SeriesRef): Promise<Volume> {
  return await readVolume(createDicomwebClient({ root }).retrieveSeries(series));
}

function sizeOf({ dims }: { readonly dims: readonly number[] }): string {
  return dims.join(' x ');
}

async function defaultModel(): Promise<Awaited<ReturnType<typeof loadModels>>> {
  return await loadModels(join(ROOT, 'models'));
}

async function openCache({ cacheDirectory }: Inputs): Promise<EmbeddingCache> {
  return await createEmbeddingCache({ directory: cacheDirectory, maxBytes: CACHE_BYTES, role: 'guest' });
}

async function cached(cache: EmbeddingCache, key: EmbeddingKey | undefined): Promise<Embedding> {
  const embedding = key === undefined ? undefined : await cache.get(key);
  if (embedding === undefined) throw new Error('the embedding is not in the cache');
  return embedding;
}

async function measureFetch({ root, query }: Inputs): Promise<Measurement> {
  const { result, ...cost } = await measure(() => fetchSeries(root, query));
  const bytes = result.reduce((sum, file) => sum + file.byteLength, 0);
  return { ...cost, data: `${result.length} instances, ${(bytes / MIB).toFixed(0)} MiB, from Orthanc` };
}

async function measureDecode({ root, query }: Inputs): Promise<Measurement> {
  const files = await fetchSeries(root, query);
  const { result, ...cost } = await measure(async () => {
    const decoder = createFrameDecoder();
    const volume = await readVolume(stream(files), { decoder });
    return { volume, decoder };
  });
  await result.decoder.close();
  return { ...cost, data: `${sizeOf(result.volume)} voxels` };
}

async function measureResample(inputs: Inputs): Promise<Measurement> {
  const volume = await volumeOf(inputs, inputs.query);
  const { input } = (await defaultModel()).get().manifest;
  const outside = input.intensity[volume.modality]?.outside;
  assert(outside !== undefined, 'the default model does not read this modality');
  const grid = workingGrid(volume, input.spacingMm);
  const { result, ...cost } = await measure(() =>
    resample(volume, grid, { outside, antialias: input.antialias }),
  );
  assert.equal(result.length, grid.dims[0] * grid.dims[1] * grid.dims[2]);
  return { ...cost, data: `${sizeOf(volume)} to ${sizeOf(grid)} voxels of ${input.spacingMm} mm` };
}

/** Start of the inference process, loading of the model, resampling and inference: what the first reader waits for. */
async function measureEmbed(inputs: Inputs, series: SeriesRef): Promise<Measurement> {
  const volume = await volumeOf(inputs, series);
  const models = await defaultModel();
  const model = models.get();
  const cache = await openCache(inputs);
  const embedder = createEmbedder({ models, threads: availableParallelism() });
  try {
    const { result, ...cost } = await measure(() => embedder.embed(volume, model.id));
    const { studyInstanceUid, seriesInstanceUid, slices } = result.volume;
    const sopInstanceUids = slices.map(({ sopInstanceUid }) => sopInstanceUid);
    const key = embeddingKey({ studyInstanceUid, seriesInstanceUid, sopInstanceUids }, model);
    assert((await cache.put(key, result)).stored, 'the embedding could not be stored');
    return { ...cost, key, data: `${model.id}, ${availableParallelism()} threads, CPU` };
  } finally {
    await embedder.close();
  }
}

/** A chest of the agreed size; the process runs and the model is loaded, as in a server that is in use. */
async function measureEmbedChest(inputs: Inputs): Promise<Measurement> {
  const chest = standardChest(await volumeOf(inputs, inputs.query));
  const models = await defaultModel();
  const model = models.get();
  const embedder = createEmbedder({ models, threads: availableParallelism() });
  try {
    await embedder.openModel(model.id);
    const { seconds, peakRssMb: peak } = await measure(() => embedder.embed(chest, model.id));
    const data = `chest of ${sizeOf(chest)} voxels of 2 mm, ${model.id}, ${availableParallelism()} threads, CPU`;
    return { seconds, peakRssMb: peak, data };
  } finally {
    await embedder.close();
  }
}

/** The measure of the embedding times beside it. */
async function measureFp32Peak(): Promise<Measurement> {
  const threads = availableParallelism();
  const { result, peakRssMb: peak } = await measure(() => fp32Peak(threads));
  const data = `fp32 matrix product 2048, onnxruntime, ${threads} threads, best of 20: ${result.gflops.toFixed(0)} GFLOP/s`;
  return { seconds: result.seconds, peakRssMb: peak, data, gflops: result.gflops };
}

async function measureCachedEmbedding(inputs: Inputs): Promise<Measurement> {
  const cache = await openCache(inputs);
  const { result, ...cost } = await measure(() => cached(cache, inputs.keys[0]));
  return { ...cost, data: `${result.modelId}, from the disk cache` };
}

/** Points spread evenly over the voxels of the body, in their order: from the lowest slice to the highest. */
function pointsInBody({ maps, bodyMask }: Embedding): LpsPoint[] {
  const grid = maps.find(({ role }) => role === 'fine')?.grid;
  assert(grid !== undefined, 'the embedding has no fine map');
  const body: number[] = [];
  for (let voxel = 0; voxel < bodyMask.length; voxel++) if (bodyMask[voxel] === 1) body.push(voxel);
  const [ni, nj] = grid.dims;
  return Array.from({ length: MATCH_POINTS }, (_, n) => {
    const voxel = body[Math.floor(((n + 0.5) * body.length) / MATCH_POINTS)] ?? 0;
    const index = voxelIndex(voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj)));
    const [x, y, z] = toLps(grid.voxelToLps, index);
    return lpsPoint(x, y, z);
  });
}

type Pair = Pick<Parameters<typeof matchPoints>[0], 'query' | 'target' | 'model'>;

async function matchOne(pair: Pair, lps: LpsPoint): Promise<void> {
  const [outcome] = await matchPoints({ ...pair, points: [{ id: 'p', lps }] });
  assert(outcome?.ok === true, 'a point inside the body was not matched');
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const middle = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** The first point opens both search spaces; the further ones are what each click costs. */
async function measureMatch(inputs: Inputs, isFirst: boolean): Promise<Measurement> {
  const cache = await openCache(inputs);
  const [query, target] = [await cached(cache, inputs.keys[0]), await cached(cache, inputs.keys[1])];
  const pair = { query, target, model: (await defaultModel()).get(query.modelId).manifest };
  const points = pointsInBody(query);
  const [first] = points;
  assert(first !== undefined);
  if (isFirst) {
    const { seconds, peakRssMb: peak } = await measure(() => matchOne(pair, first));
    return { seconds, peakRssMb: peak, data: 'first point, to its follow-up ("easy" known deformation)' };
  }
  await matchOne(pair, first);
  const { result, peakRssMb: peak } = await measure(async () => {
    const seconds: number[] = [];
    for (const point of points) {
      const since = performance.now();
      await matchOne(pair, point);
      seconds.push((performance.now() - since) / MS_PER_S);
    }
    return seconds;
  });
  const data = `median of ${points.length} points in the body, to its follow-up ("easy")`;
  return { seconds: median(result), peakRssMb: peak, data };
}

/** Every stage, by name. `embedFollowUp` is not reported: it embeds the follow-up. */
export const STAGES = {
  fetch: measureFetch,
  decode: measureDecode,
  resample: measureResample,
  embed: (inputs: Inputs) => measureEmbed(inputs, inputs.query),
  embedFollowUp: (inputs: Inputs) => measureEmbed(inputs, inputs.target),
  embedChest: measureEmbedChest,
  fp32Peak: measureFp32Peak,
  embedCached: measureCachedEmbedding,
  match: (inputs: Inputs) => measureMatch(inputs, true),
  matchCached: (inputs: Inputs) => measureMatch(inputs, false),
} as const;
