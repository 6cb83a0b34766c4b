/**
 * The inference process: forked by inferenceProcess.ts, never imported. It serves requests as they come where their slabs
 * share workers, one at a time where there is one worker, and listens for a cancel between slabs.
 * @module
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { infer } from '../inference.ts';
import type { InferenceResult } from '../inference.ts';
import { collectGarbage } from '../../concurrency/index.ts';
import { problemOf } from '../../errors/index.ts';
import { formFor } from '../../model/layout.ts';
import { arenaBytes, ArrayReceiver, ArraySender } from './arrayStream.ts';
import { FrameMemory } from './frameMemory.ts';
import { ARRAYS_FD, FROM_WORKER_FD, TO_WORKER_FD, WITH_MEMORY } from './protocol.ts';
import type { Ending, FromWorker, InferenceSettings, MapShape, ToWorker } from './protocol.ts';
import type { ModelReference } from '../../preprocessing/types.ts';
import { openModel } from '../openModel.ts';
import type { OpenModel } from '../openModel.ts';
import {
  isLongInput,
  toWorkingVolume,
  warmUpTask,
  warmUp,
  InferenceFailure,
} from '../../preprocessing/index.ts';
import type { WorkingVolume } from '../../preprocessing/index.ts';
import { keepWasmCode } from '../../wasm/index.ts';

keepWasmCode();

class Cancelled extends Error {}

type EmbedMessage = ToWorker & { readonly type: 'embed' };

/** After this time without a request the process counts as idle. */
const IDLE_MS = 1_000;
/** What is read at a time, bytes: more than a socket holds. */
const READ_BYTES = 1024 * 1024;

const hasMemory = process.argv.includes(WITH_MEMORY);
const arrays = new ArraySender(
  new Socket({
    fd: ARRAYS_FD,
    readable: true,
    writable: true,
    onread: {
      // One memory for all reads: a new one for each would cost as much as reading.
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, buffer) => {
        received.receive(buffer.subarray(0, bytes));
        return true;
      },
    },
  }),
  hasMemory ? new FrameMemory(FROM_WORKER_FD) : undefined,
);
const received = new ArrayReceiver(arrays, hasMemory ? new FrameMemory(TO_WORKER_FD) : undefined);
const cancelled = new Set<number>();
let open: { key: string; model: OpenModel } | undefined;
/** Whether workers keep what they had for a long series. */
let hasLong = false;
/** Requests that run. */
const running = new Set<Promise<void>>();
/** The last {@link rest}, to its end. */
let resting: Promise<void> = Promise.resolve();
/** Requests are admitted in their order. */
let admission: Promise<void> = Promise.resolve();

function send(message: FromWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** After this the server forgets the request: `sent` says that its arrays are written. */
function end(message: Ending): Promise<void> {
  return send({ ...message, sent: arrays.position });
}

/** Lets waiting messages in, then stops if one of them was a cancel. */
async function breathe(id: number): Promise<void> {
  await nextTurn();
  if (cancelled.has(id)) throw new Cancelled();
}

/** Keeps the last model open: a server uses one model nearly always, and two would double the memory. */
async function modelFor(model: ModelReference, settings: InferenceSettings): Promise<OpenModel> {
  const key = JSON.stringify([
    model.id,
    model.directory,
    model.manifest,
    settings.providers,
    settings.threads,
  ]);
  if (open?.key === key) return open.model;
  await Promise.all([...running, resting]);
  await open?.model.close();
  open = undefined;
  const opened = await openModel(model, settings.providers, settings.threads, (provider) =>
    send({ type: 'trying', provider }),
  );
  open = { key, model: opened };
  await send({ type: 'running', provider: opened.provider, refused: opened.refused });
  return opened;
}

async function embed(
  { id, model: whole, settings }: EmbedMessage,
  volume: WorkingVolume | undefined,
  { workers, provider }: OpenModel,
): Promise<void> {
  const model = { ...whole, manifest: formFor(whole.manifest, provider) };
  const beforeRun = (): Promise<void> => breathe(id);
  if (volume === undefined) {
    const silent = { workers, beforeRun, onProgress: () => undefined };
    if (provider === 'cpu') {
      const { volume: body, input, intensity } = warmUpTask(model.manifest);
      const made = await toWorkingVolume(body, input, intensity);
      await warmUp(() => infer(model, made, settings, silent));
    }
    await end({ type: 'done', id, maps: [] });
    return;
  }
  const result = await infer(model, volume, settings, {
    workers,
    beforeRun,
    onProgress: (fraction) => process.send?.({ type: 'progress', id, fraction } satisfies FromWorker),
  });
  if (isLongInput(volume.input)) {
    hasLong = true;
    if (running.size === 1) await rest();
  }
  await sendResult(id, result);
}

/** Gives back what the workers keep of a long series. They hold handles of shared memory that V8 does not count. */
async function rest(): Promise<void> {
  resting = (open?.model.workers.rest() ?? Promise.resolve()).then(collectGarbage);
  await resting;
}

async function sendResult(id: number, { maps, bodyMask, image, warnings }: InferenceResult): Promise<void> {
  const all = [
    ...maps.flatMap(({ vectors, inverseNorms }) => [vectors, inverseNorms]),
    bodyMask,
    image.values,
  ].map(({ byteLength }) => ({ byteLength }));
  const request = { id, arenaBytes: arenaBytes(all) };
  const shapes: MapShape[] = [];
  for (let map = maps.shift(); map !== undefined; map = maps.shift()) {
    // Of a long series, what is sent goes before more comes to the other end.
    if (hasLong && running.size === 1) collectGarbage();
    const { vectors, inverseNorms, role, dims, voxelToLps, channels } = map;
    const where = `inverseNorms:${shapes.length}`;
    await arrays.send(request, where, inverseNorms);
    await breathe(id);
    const emptyRows = { size: channels, where, numbers: inverseNorms };
    await arrays.send(request, `vectors:${shapes.length}`, vectors, { emptyRows });
    shapes.push({ role, dims, voxelToLps, channels });
  }
  await arrays.send(request, 'bodyMask', bodyMask);
  await arrays.send(request, 'image', image.values);
  const { grid, scale } = image;
  await end({ type: 'done', id, maps: shapes, image: { ...grid, scale }, warnings });
}

/** The volume of a request, whose arrays have come. */
function volumeOf({ id, volume }: EmbedMessage): WorkingVolume | undefined {
  if (volume === undefined) return undefined;
  const { imageScale: scale, ...shape } = volume;
  const sent = received.remove(id);
  const image = { grid: shape.grid, values: sent.remove('image', Int16Array), scale };
  return { ...shape, input: sent.remove('input', Float32Array), image };
}

/**
 * Collects when nothing has run for a while: what native code holds for the arrays of a volume is invisible to V8. Not sooner, because
 * the two series of a pair often follow each other, and their results still use the processors. After a long series it collects twice
 * more: memory that threads share is free a while after each of them has let it go, and V8 gives it back with its next collection only.
 */
const idle = setTimeout(() => {
  if (running.size > 0) return;
  if (!hasLong) {
    collectGarbage();
    return;
  }
  hasLong = false;
  void rest();
  idle.refresh();
}, IDLE_MS).unref();

/** After the last request. What is left of a long series is more than the time of a collection is worth. */
function pause(): void {
  if (hasLong) void rest();
  idle.refresh();
}

/** Opens the model and starts the request; resolves when the next one may follow. */
async function admit(message: EmbedMessage): Promise<void> {
  const { id, model, settings, sent } = message;
  await received.reached(sent);
  const volume = volumeOf(message);
  const opened = breathe(id).then(() => modelFor(model, settings));
  const work = opened
    .then((known) => embed(message, volume, known))
    .catch((error: unknown) => fail(message, error));
  const workers = await opened.then(
    ({ workers: found }) => found.size,
    () => 1,
  );
  running.add(work);
  const ended = work.finally(() => {
    cancelled.delete(id);
    running.delete(work);
    if (running.size === 0) pause();
  });
  if (workers === 1) await ended;
}

async function fail({ id, model }: EmbedMessage, error: unknown): Promise<void> {
  if (error instanceof Cancelled) await end({ type: 'cancelled', id });
  else await end({ type: 'failed', id, failure: failureOf(model, error) });
}

function failureOf(model: ModelReference, error: unknown): InferenceFailure['failure'] {
  if (error instanceof InferenceFailure) return error.failure;
  return { code: 'embedding/model-failed', fields: { model: model.id, problem: problemOf(error) } };
}

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'cancel':
      cancelled.add(message.id);
      break;
    case 'embed':
      admission = admission.then(() => admit(message));
  }
});

// The server is gone: no caller waits for a result. An exit would wait for the workers, and onnxruntime aborts in it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
