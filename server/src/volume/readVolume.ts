import { SamepointError } from '../errors/index.ts';
import { buildVolume } from './assembly/buildVolume.ts';
import type { DecodedSlice } from './assembly/slice.ts';
import { createFrameDecoder } from './codecs/frameDecoder.ts';
import type { LeftOut, ReadFrame } from './parsing/frame.ts';
import { MAX_SLICES } from './parsing/multiFrame.ts';
import { decodeAs } from './readInstance.ts';
import type { FrameDecoder, Volume } from './types.ts';

/** Voxels that one volume may have: 4,096 slices of 512 x 512, 2 GiB as 16-bit integers. */
export const MAX_VOXELS = 2 ** 30;

/** Instances or frames that wait for a thread, per thread: enough that no thread waits for the network, few enough to stay small. */
const WAITING_PER_THREAD = 2;

/** Options of {@link readVolume}. */
export interface ReadVolumeOptions {
  readonly signal?: AbortSignal;
  /** Called after each decoded frame. */
  readonly onProgress?: (progress: { readonly decoded: number }) => void;
  /** A shared decoder, which stays open. Without it one is started and closed again. */
  readonly decoder?: FrameDecoder;
  /** Default {@link MAX_VOXELS}. */
  readonly maxVoxels?: number;
}

/**
 * Reads a series. Each Part 10 file is parsed and decoded in a worker thread while the next ones arrive; the stream is not
 * read faster than frames are decoded.
 * @param instances Part 10 files in any order; closed early when the series is refused.
 * @returns voxels in modality units (CT: HU) with their place in patient LPS mm, and warnings (docs/volumes.md).
 * @throws SamepointError of the volume/ catalogue; the signal's reason when aborted; whatever the stream throws.
 */
export async function readVolume(
  instances: AsyncIterable<Uint8Array>,
  options: ReadVolumeOptions = {},
): Promise<Volume> {
  const decoder = options.decoder ?? createFrameDecoder();
  try {
    const { slices, leftOut } = await decodeSeries(instances, decoder, options);
    return await buildVolume(slices, leftOut);
  } finally {
    if (options.decoder === undefined) await decoder.close();
  }
}

async function decodeSeries(
  instances: AsyncIterable<Uint8Array>,
  decoder: FrameDecoder,
  { signal, onProgress, maxVoxels = MAX_VOXELS }: ReadVolumeOptions,
): Promise<{ slices: DecodedSlice[]; leftOut: LeftOut }> {
  const slices: DecodedSlice[] = [];
  const leftOut = { localizers: 0, objects: [] as string[] };
  const inWork = decoder.threads * (1 + WAITING_PER_THREAD);
  let voxels = 0;
  let frames = 0;
  const readOne = async (bytes: Uint8Array, instance: number): Promise<void> => {
    const read = await decoder.read(bytes, instance, { maxVoxels, voxelsBefore: voxels });
    leftOut.localizers += read.leftOut.localizers;
    leftOut.objects.push(...read.leftOut.objects);
    frames += read.frames.length;
    voxels += voxelsOf(read.frames);
    requireSize(voxels, maxVoxels, frames);
    const queue = new BoundedQueue(inWork);
    for (const frame of read.frames) {
      await queue.add(async () => {
        slices.push(await sliceOf(frame, decoder));
        onProgress?.({ decoded: slices.length });
      });
      signal?.throwIfAborted();
    }
    await queue.drain();
  };
  const queue = new BoundedQueue(inWork);
  let instance = 0;
  signal?.throwIfAborted();
  for await (const bytes of instances) {
    signal?.throwIfAborted();
    instance += 1;
    const number = instance;
    await queue.add(() => readOne(bytes, number));
    signal?.throwIfAborted();
  }
  await queue.drain();
  signal?.throwIfAborted();
  return { slices, leftOut };
}

function voxelsOf(frames: readonly ReadFrame[]): number {
  return frames.reduce((sum, { header }) => sum + header.columns * header.rows, 0);
}

function requireSize(voxels: number, maxVoxels: number, slices: number): void {
  if (voxels > maxVoxels) throw new SamepointError('volume/too-large', { voxels, limit: maxVoxels });
  if (slices > MAX_SLICES) throw new SamepointError('volume/too-many-slices', { slices, limit: MAX_SLICES });
}

async function sliceOf(frame: ReadFrame, decoder: FrameDecoder): Promise<DecodedSlice> {
  if ('values' in frame) return frame;
  const { header, encoded } = frame;
  return { header, values: await decodeAs(header, encoded, (one) => decoder.decode(one)) };
}

/** Runs a limited number of tasks; the first failure ends it. */
class BoundedQueue {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task once there is room. Rejects with the first failure of any task. */
  async add(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#throwFailure();
    const run: Promise<void> = task()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
