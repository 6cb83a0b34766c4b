import { SamepointError } from '../errors/index.ts';
import { buildVolume } from './buildVolume.ts';
import { SliceStore } from './sliceStore.ts';
import { createFrameDecoder, ContentDigest, MAX_SLICES, decodedOf } from '../instances/index.ts';
import { giveBack, inTurns } from '../concurrency/index.ts';
import type { OddImage, ReadInstance, Remark, FrameDecoder, ReadTask } from '../instances/index.ts';
import type { InPlanePlan, Sampling } from '../resampling/reduction/types.ts';
import { MAX_VOXELS } from '../volume/types.ts';
import type { InstanceContent, InstanceIdentity, Volume } from '../volume/types.ts';

/** Instances or frames that wait for a thread, per thread: enough that no thread waits for the network, few enough to stay small. */
const WAITING_PER_THREAD = 2;

/** Options of {@link readVolume}. */
export interface ReadVolumeOptions {
  readonly signal?: AbortSignal;
  /** Called with each instance before its frames are decoded; what it throws ends the read. */
  readonly onInstance?: (identity: InstanceIdentity) => void;
  /** Called when every instance has been read, before the volume is made of them; what it throws ends the read. */
  readonly onComplete?: () => void;
  /** Called after each decoded frame. */
  readonly onProgress?: (progress: { readonly decoded: number }) => void;
  /** A shared decoder, which stays open. Without it one is started and closed again. */
  readonly decoder?: FrameDecoder;
  /** Default {@link MAX_VOXELS}. */
  readonly maxVoxels?: number;
  /** Instances that will probably come: the memory of the volume is allocated once then. */
  readonly expectedInstances?: number;
  /** The instances are given over: their memory is given back as soon as they are decoded. */
  readonly consumeInstances?: boolean;
  /**
   * The only grid that the voxels are needed for. Where that is coarser than the pixels, slices are reduced to its columns and rows as
   * they arrive (`Volume.reduced`), and finer resolution levels of JPEG 2000 are not decoded.
   */
  readonly sampling?: Sampling;
  /** Called when the size of the slices is known, before the volume's memory is allocated, with its bytes; may throw. */
  readonly onSize?: (bytes: number) => void;
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
    const { store, omitted, remarks, contents, plan } = await decodeSeries(instances, decoder, options);
    const built = await inTurns(buildVolume(store, { omitted, remarks }, plan), options.signal);
    return { ...built, instances: contents };
  } finally {
    if (options.decoder === undefined) await decoder.close();
  }
}

/** Refuses instances of several patients: one series has one (PS3.3 A.1.2). Says no more; the values are patient data. */
class OnePatient {
  #first: InstanceIdentity | undefined;
  /** The first one that is named: many senders omit it. */
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

/** A series while its instances arrive; they are done in any order. */
class SeriesInWork {
  readonly #decoder: FrameDecoder;
  readonly #options: ReadVolumeOptions;
  readonly #patient = new OnePatient();
  readonly store: SliceStore;
  readonly contents: InstanceContent[] = [];
  readonly omitted = { localizers: 0, objects: new Array<string>(), odd: new Array<OddImage>() };
  readonly remarks: Remark[] = [];
  /** What is kept of each slice; absent where all pixels are. */
  plan: InPlanePlan | undefined;
  #hasDecided = false;
  /** Settles when the instance that may decide is read. */
  #deciding: Promise<undefined> | undefined;
  #voxels = 0;
  #frames = 0;

  constructor(decoder: FrameDecoder, options: ReadVolumeOptions) {
    this.#decoder = decoder;
    this.#options = options;
    this.store = new SliceStore({ expected: options.expectedInstances ?? 0, onSize: options.onSize });
  }

  /** Instances, and frames of one, that are in work at a time. */
  get atOnce(): number {
    return this.#decoder.threads * (1 + WAITING_PER_THREAD);
  }

  async read(part10: Uint8Array, instance: number): Promise<void> {
    const { onInstance, consumeInstances = false, maxVoxels = MAX_VOXELS } = this.#options;
    const bytes = part10.byteLength;
    const limits = { maxVoxels, voxelsBefore: this.#voxels };
    const read = await this.#read(part10, { instance, limits });
    if (consumeInstances) giveBack(part10);
    onInstance?.(read.identity);
    this.#patient.check(read.identity);
    this.#count(read);
    const digest = await this.#keep(read);
    const { sopInstanceUid } = read.identity;
    const levels = read.level === undefined ? {} : { level: read.level };
    this.contents.push({
      sopInstanceUid,
      digest: read.digest ?? digest,
      encoded: read.encoded,
      bytes,
      ...levels,
    });
  }

  /** Reads an instance. The first image decides what is kept of all, and the others wait for it. */
  async #read(part10: Uint8Array, task: ReadTask): Promise<ReadInstance> {
    const { sampling, consumeInstances } = this.#options;
    const read = async (more: Partial<ReadTask>): Promise<ReadInstance> =>
      await this.#decoder.read(part10, { ...task, ...more }, consumeInstances);
    if (sampling === undefined) return await read({});
    while (this.#deciding !== undefined) await this.#deciding;
    if (this.#hasDecided) return await read(this.plan === undefined ? {} : { plan: this.plan });
    const decided = Promise.withResolvers<undefined>();
    this.#deciding = decided.promise;
    try {
      const first = await read({ sampling });
      this.#hasDecided = first.frames.length > 0;
      this.plan = first.plan;
      return first;
    } finally {
      this.#deciding = undefined;
      decided.resolve(undefined);
    }
  }

  #count({ omitted, frames, remarks }: ReadInstance): void {
    const { maxVoxels = MAX_VOXELS } = this.#options;
    this.omitted.localizers += omitted.localizers;
    this.omitted.objects.push(...omitted.objects);
    this.omitted.odd.push(...omitted.odd);
    this.remarks.push(...remarks);
    this.#frames += frames.length;
    this.#voxels += frames.reduce((sum, { header }) => sum + header.columns * header.rows, 0);
    requireSize(this.#voxels, maxVoxels, this.#frames);
    this.store.expect(this.#frames);
  }

  /** Puts the frames where the volume will be. @returns the digest of those that came encoded */
  async #keep({ frames, digest, plan }: ReadInstance): Promise<string> {
    const digests = new ContentDigest();
    const queue = new BoundedQueue(this.atOnce);
    for (const frame of frames) {
      await queue.add(async () => {
        const decoded = await decodedOf(frame, this.#decoder, plan);
        if (digest === undefined) digests.add(frame.header, decoded);
        this.store.add(frame.header, decoded.values);
        this.#options.onProgress?.({ decoded: this.store.length });
      });
      this.#options.signal?.throwIfAborted();
    }
    await queue.drain();
    return digests.toString();
  }
}

async function decodeSeries(
  instances: AsyncIterable<Uint8Array>,
  decoder: FrameDecoder,
  options: ReadVolumeOptions,
): Promise<SeriesInWork> {
  const { signal } = options;
  const series = new SeriesInWork(decoder, options);
  const queue = new BoundedQueue(series.atOnce);
  let instance = 0;
  signal?.throwIfAborted();
  for await (const bytes of instances) {
    signal?.throwIfAborted();
    instance += 1;
    const number = instance;
    await queue.add(() => series.read(bytes, number));
    signal?.throwIfAborted();
  }
  await queue.drain();
  signal?.throwIfAborted();
  options.onComplete?.();
  series.contents.sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  return series;
}

function requireSize(voxels: number, maxVoxels: number, slices: number): void {
  if (voxels > maxVoxels) throw new SamepointError('volume/too-large', { voxels, limit: maxVoxels });
  if (slices > MAX_SLICES) throw new SamepointError('volume/too-many-slices', { slices, limit: MAX_SLICES });
}

/** Runs a limited number of tasks; the first failure ends it. */
class BoundedQueue {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task once a place is free. Rejects with the first failure of any task. */
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
