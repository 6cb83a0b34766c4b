import { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';
import { SamepointError } from '../errors/index.ts';
import { compose } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { geometryOf } from '../volume/index.ts';
import type { Volume, VolumeGeometry, VolumeWarning } from '../volume/types.ts';
import { InferenceProcess } from '../inference/index.ts';
import type {
  ExecutionProviderReport,
  ForkWorker,
  InferenceAnswer,
  InferenceRequest,
} from '../inference/index.ts';
import { bodyPartWarnings, Resampler } from '../preprocessing/index.ts';
import { giveBack, orAborted } from '../concurrency/index.ts';
import type { AnonymousVolume, WorkingVolume } from '../preprocessing/index.ts';
import type { ExecutionProvider, Model, ModelRegistry } from '../model/index.ts';
import type { EmbedProgress, Embedding } from './types.ts';

/** Computes embeddings, those of a pair at a time, in a process of its own. */
export interface Embedder {
  /**
   * The embedding of a volume with the given (or the default) model.
   * @throws the signal's reason, at once, when it aborts; SamepointError embedding/unknown-model,
   *   modality-not-supported, no-body, volume-too-large, model-*, inference-crashed, closed. After each of them the next
   *   call is served.
   */
  embed(volume: Volume, modelId?: string, options?: EmbedOptions): Promise<Embedding>;
  /**
   * The embedding of the same series as the network sees it when its world is turned first: from the working image, so that neither the
   * PACS nor the voxels are needed. Its geometry is that of the series under `turn`, its grids are aligned with the axes of that frame,
   * and its warnings are those of the embedding that it is made of.
   * @param turn LPS of the series to the LPS frame of the result; orthogonal, of either handedness
   * @throws as {@link embed}
   */
  embedTurned(
    embedding: Embedding,
    turn: Affine,
    options?: Omit<EmbedOptions, 'transferVoxels'>,
  ): Promise<Embedding>;
  /** Opens a model without a volume, so that the first embedding starts at once and {@link executionProvider} is known. */
  openModel(modelId?: string): Promise<ExecutionProviderReport>;
  readonly executionProvider: ExecutionProviderReport;
  /** Ends the process; what is running or waiting fails with embedding/closed. */
  close(): Promise<void>;
}

/** How an embedding is watched and stopped. */
export interface EmbedOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: EmbedProgress) => void) | undefined;
  /** Hands the voxels over: their memory is given back as soon as they are resampled, and `volume.data` is empty afterwards. */
  readonly transferVoxels?: boolean;
}

/** See {@link EmbedderOptions}. */
type OnStage = (stage: 'resample' | 'embed', seconds: number) => void;

/** Parts of an embedder. */
export interface EmbedderOptions {
  readonly models: ModelRegistry;
  /** Wanted execution providers, best first; CPU follows when it is not named. */
  readonly providers?: readonly ExecutionProvider[];
  /** Threads of one run. */
  readonly threads: number;
  /** Memory that one run may use, bytes. Smaller slabs cost time: their halos are computed twice. */
  readonly slabMemoryBytes?: number;
  /** How long a cancelled run may go on before its process is killed, ms. */
  readonly cancelGraceMs?: number;
  /** Called when a volume was resampled, and when it was embedded, with its duration, s. */
  readonly onStage?: OnStage;
  /** Starts the inference process; for tests. */
  readonly fork?: ForkWorker;
}

/** A SAM chest needs 1.2 GB with its activations; half of that for one slab fits a 2 GB machine. */
const SLAB_MEMORY_BYTES = 512 * 1024 * 1024;
/** Longer than any slab lasts on two slow cores; a stuck driver is not waited for. */
const CANCEL_GRACE_MS = 15_000;
const MS_PER_S = 1000;

/**
 * The two series of a pair, on the CPU: while one is resampled or sent, the slabs of the other use the cores. Each uses
 * memory for its own maps; the runs share theirs.
 */
const VOLUMES_AT_ONCE = 2;

/** An embedder over the given models. The process starts with the first call. */
export function createEmbedder(options: EmbedderOptions): Embedder {
  const { models, providers = ['cpu'], threads } = options;
  const settings = { providers, threads, slabMemoryBytes: options.slabMemoryBytes ?? SLAB_MEMORY_BYTES };
  const child = new InferenceProcess(settings, options.cancelGraceMs ?? CANCEL_GRACE_MS, options.fork);
  const resampler = new Resampler();
  const closing = new AbortController();
  /** One request until the model is open: a provider that ends the process should end no other request. */
  const queue = new PQueue({ concurrency: 1 });

  const { onStage = () => undefined } = options;

  const enqueue: Enqueue = (request, resample) =>
    serveInTurn({ child, queue, closing: closing.signal, onStage }, request, resample);

  return {
    async embed(volume, modelId, { signal, onProgress, transferVoxels = false } = {}) {
      const model = models.get(modelId);
      if (!model.modalities.includes(volume.modality)) {
        const fields = { model: model.id, modality: volume.modality, supported: model.modalities };
        throw new SamepointError('embedding/modality-not-supported', fields);
      }
      const report = (fraction: number): void => {
        onProgress?.({ fraction });
      };
      const answer = await enqueue({ model, signal, onProgress: report }, (stop) =>
        resampler.resample(volume, model, { signal: stop, transferVoxels }),
      );
      return toEmbedding(model, geometryOf(volume), answer, warningsOf(volume, model, answer));
    },
    embedTurned: (embedding, turn, embedOptions = {}) =>
      embedTurned(embedding, turn, embedOptions, { models, resampler, enqueue }),
    async openModel(modelId) {
      const model = models.get(modelId);
      await enqueue({ model }, () => resampler.warmUp(model).then(() => undefined));
      return child.report;
    },
    get executionProvider() {
      return child.report;
    },
    async close() {
      closing.abort(new SamepointError('embedding/closed', {}));
      child.kill();
      await queue.onIdle();
      await resampler.close();
    },
  };
}

/** See {@link Embedder.embedTurned}. */
async function embedTurned(
  embedding: Embedding,
  turn: Affine,
  { signal, onProgress }: EmbedOptions,
  { models, resampler, enqueue }: { models: ModelRegistry; resampler: Resampler; enqueue: Enqueue },
): Promise<Embedding> {
  const { volume, origin, modelId } = embedding;
  const model = models.get(modelId);
  const report = (fraction: number): void => {
    onProgress?.({ fraction });
  };
  const source = turnedImage(embedding, turn);
  const answer = await enqueue({ model, signal, onProgress: report }, (stop) =>
    resampler.resample(source, model, { signal: stop }),
  );
  const geometry = { ...volume, voxelToLps: compose(turn, volume.voxelToLps) };
  const made = toEmbedding(model, geometry, answer, volume.warnings);
  return origin === undefined ? made : { ...made, origin };
}

type Enqueue = (request: QueuedRequest, resample: ResampleWhenServed) => Promise<InferenceAnswer>;
type QueuedRequest = Pick<InferenceRequest, 'model' | 'onProgress' | 'signal'>;
/** Gives the volume of a request when its turn has come; undefined where only the model is to be opened. */
type ResampleWhenServed = (signal: AbortSignal) => Promise<WorkingVolume | undefined>;

/** Waits for a turn, resamples the volume, and has it embedded. Rejects at once when it is cancelled or the embedder closes. */
async function serveInTurn(
  {
    child,
    queue,
    closing,
    onStage,
  }: { child: InferenceProcess; queue: PQueue; closing: AbortSignal; onStage: OnStage },
  { model, ...options }: QueuedRequest,
  resample: ResampleWhenServed,
): Promise<InferenceAnswer> {
  closing.throwIfAborted();
  const signal = AbortSignal.any([closing, ...(options.signal ? [options.signal] : [])]);
  // The turn itself begins in the asynchronous context of the one before.
  const report = AsyncResource.bind(onStage);
  const turn = queue.add(async () => {
    const startMs = performance.now();
    child.start();
    const volume = await resample(signal);
    const resampledMs = performance.now();
    // A process that dies is given the volume once more; then its memory does not wait for a collection.
    const answer = await child.serve({ model, ...options, signal, ...(volume && { volume }) }).finally(() => {
      if (volume !== undefined) giveBack(volume.input);
    });
    if (volume !== undefined) {
      report('resample', (resampledMs - startMs) / MS_PER_S);
      report('embed', (performance.now() - resampledMs) / MS_PER_S);
    }
    queue.concurrency = child.report.running === 'cpu' ? VOLUMES_AT_ONCE : 1;
    return answer;
  });
  return await orAborted(turn, signal);
}

/** What was found in the series, in the working volume, and in its names. */
function warningsOf(volume: Volume, { manifest }: Model, answer: InferenceAnswer): readonly VolumeWarning[] {
  return [...volume.warnings, ...answer.warnings, ...bodyPartWarnings(volume.bodyPart, manifest)];
}

/** The working image of an embedding as a volume whose world is turned. */
function turnedImage({ image, volume }: Embedding, turn: Affine): AnonymousVolume {
  const { grid, values, scale } = image;
  const data = scale === 1 ? values : Float32Array.from(values, (value) => value * scale);
  return { dims: grid.dims, voxelToLps: compose(turn, grid.voxelToLps), modality: volume.modality, data };
}

function toEmbedding(
  model: Model,
  geometry: VolumeGeometry,
  { maps, image, arrays }: InferenceAnswer,
  warnings: readonly VolumeWarning[],
): Embedding {
  if (image === undefined) throw new Error('the inference process sent no image');
  const { weights } = model.manifest.matching;
  return {
    modelId: model.id,
    volume: { ...geometry, warnings },
    maps: maps.map(({ role, dims, voxelToLps, channels }, index) => ({
      role,
      grid: { dims, voxelToLps },
      channels,
      weight: weights[role] ?? 0,
      vectors: arrays.remove(`vectors:${index}`, Int8Array),
      inverseNorms: arrays.remove(`inverseNorms:${index}`, Float32Array),
    })),
    bodyMask: arrays.remove('bodyMask', Uint8Array),
    image: {
      grid: { dims: image.dims, voxelToLps: image.voxelToLps },
      values: arrays.remove('image', Int16Array),
      scale: image.scale,
    },
    ...(arrays.memory && { memory: arrays.memory }),
  };
}
