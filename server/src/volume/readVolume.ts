import { SamepointError } from '../errors/index.ts';
import { buildVolume } from './assembly/buildVolume.ts';
import { SliceStore } from './assembly/sliceStore.ts';
import { createFrameDecoder } from './codecs/frameDecoder.ts';
import { ContentDigest, encodedDigest } from './contentDigest.ts';
import { giveBack } from './giveBack.ts';
import { inTurns } from './inTurns.ts';
import type { LeftOut, ParsedFrame } from './parsing/frame.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import type { FrameDecoder, InstanceContent, InstanceIdentity, Volume } from './types.ts';

/** Voxels that one volume may have: 4,096 slices of 512 x 512, 2 GiB as 16-bit integers. */
export const MAX_VOXELS = 2 ** 30;

/** Frames that wait for a thread, per thread: enough that no thread waits for the network, few enough to stay small. */
const WAITING_PER_THREAD = 2;

/** Options of {@link readVolume}. */
export interface ReadVolumeOptions {
  readonly signal?: AbortSignal;
  /** Called with each instance before its frames are decoded; what it throws ends the read. */
  readonly onInstance?: (identity: InstanceIdentity) => void;
  /** Called after each decoded frame. */
  readonly onProgress?: (progress: { readonly decoded: number }) => void;
  /** A shared decoder, which stays open. Without it one is started and closed again. */
  readonly decoder?: FrameDecoder;
  /** Default {@link MAX_VOXELS}. */
  readonly maxVoxels?: number;
  /** Instances that will probably come: the memory of the volume is taken once then. */
  readonly expectedInstances?: number;
  /** The instances are given over: their memory is given back as soon as they are decoded. */
  readonly takeInstances?: boolean;
  /** Called when the size of the slices is known, before the volume's memory is taken, with its bytes; may throw. */
  readonly onSize?: (bytes: number) => void;
}

/**
 * Reads a series. Each Part 10 file is parsed on arrival and its frames are decoded in worker threads while the next one
 * arrives; the stream is not read faster than frames are decoded.
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
    const { store, leftOut, contents } = await decodeSeries(instances, decoder, options);
    return { ...(await inTurns(buildVolume(store, leftOut), options.signal)), instances: contents };
  } finally {
    if (options.decoder === undefined) await decoder.close();
  }
}

/** Refuses instances of several patients: one series has one (PS3.3 A.1.2). Says no more; the values are patient data. */
class OnePatient {
  #first: InstanceIdentity | undefined;
  /** The first one that is named: many senders leave it out. */
  #issuer: string | undefined;

  check(identity: InstanceIdentity): void {
    const { patientId, issuer } = identity;
    this.#first ??= identity;
    this.#issuer ??= issuer;
    const isOtherIssuer = issuer !== undefined && issuer !== this.#issuer;
    if (isOtherIssuer || patientId !== this.#first.patientId)
      throw new SamepointError('volume/mixed-patients', {});
  }
}

async function decodeSeries(
  instances: AsyncIterable<Uint8Array>,
  decoder: FrameDecoder,
  options: ReadVolumeOptions,
): Promise<{ store: SliceStore; leftOut: LeftOut; contents: readonly InstanceContent[] }> {
  const { signal, onInstance, onProgress, maxVoxels = MAX_VOXELS } = options;
  const store = new SliceStore({ expected: options.expectedInstances ?? 0, onSize: options.onSize });
  const read: (Omit<InstanceContent, 'digest'> & { digest: ContentDigest })[] = [];
  const patient = new OnePatient();
  const leftOut = { localizers: 0, objects: [] as string[] };
  const queue = new BoundedQueue(decoder.threads * (1 + WAITING_PER_THREAD));
  let instance = 0;
  let voxels = 0;
  let frames = 0;
  signal?.throwIfAborted();
  for await (const bytes of instances) {
    signal?.throwIfAborted();
    instance += 1;
    const parsed = parseInstance(bytes, instance, { maxVoxels, voxelsBefore: voxels });
    onInstance?.(parsed.identity);
    patient.check(parsed.identity);
    const digest = new ContentDigest();
    const { sopInstanceUid } = parsed.identity;
    const encoded = encodedDigest(parsed.frames);
    read.push({ sopInstanceUid, digest, encoded, bytes: bytes.byteLength });
    leftOut.localizers += parsed.leftOut.localizers;
    leftOut.objects.push(...parsed.leftOut.objects);
    store.expect((frames += parsed.frames.length));
    let waiting = parsed.frames.length;
    for (const frame of parsed.frames) {
      voxels += frame.header.columns * frame.header.rows;
      await queue.add(async () => {
        const values = await decodeFrame(decoder, frame);
        digest.add(frame.header, values);
        store.add(frame.header, values);
        waiting -= 1;
        if (waiting === 0 && options.takeInstances === true) giveBack(bytes);
        onProgress?.({ decoded: store.length });
      });
      signal?.throwIfAborted();
    }
  }
  await queue.drain();
  signal?.throwIfAborted();
  const contents = read
    .map((one) => ({ ...one, digest: one.digest.toString() }))
    .sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  return { store, leftOut, contents };
}

/** @throws SamepointError volume/corrupt-pixel-data */
export async function decodeFrame(
  decoder: FrameDecoder,
  { header, encoded }: ParsedFrame,
): Promise<Int16Array | Float32Array> {
  try {
    return await decoder.decode(encoded);
  } catch (error) {
    const { sopInstanceUid, frameNumber = 0 } = header.source;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SamepointError(
      'volume/corrupt-pixel-data',
      { sopInstanceUid, frameNumber, reason },
      { cause: error },
    );
  }
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
