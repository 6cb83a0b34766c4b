/**
 * The inference process: forked by inferenceProcess.ts, never imported. It serves one embedding at a time, because
 * onnxruntime uses all its threads for each run, and listens for a cancel between slabs.
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { infer } from './inference.ts';
import type { InferenceResult } from './inference.ts';
import { problemOf } from './problem.ts';
import { ArrayCollector, sendArray } from './protocol.ts';
import type { FromWorker, InferenceSettings, ModelReference, ToWorker, VolumeShape } from './protocol.ts';
import { InferenceFailure, openModel } from './sessions.ts';
import type { OpenModel } from './sessions.ts';

class Cancelled extends Error {}

/** Arrays of the request that is being received; a request that was given up on the way leaves nothing behind. */
let arriving = { id: 0, arrays: new ArrayCollector() };
const cancelled = new Set<number>();
let open: { key: string; model: OpenModel } | undefined;

function send(message: FromWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
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
  id: number,
  model: ModelReference,
  volume: VolumeShape | undefined,
  settings: InferenceSettings,
): Promise<void> {
  const data = arriving.arrays.takeVoxels();
  await breathe(id);
  const { run } = await modelFor(model, settings);
  if (volume === undefined) {
    await send({ type: 'done', id, maps: [] });
    return;
  }
  const result = await infer(model, { ...volume, data }, settings, {
    run,
    beforeRun: () => breathe(id),
    onProgress: (fraction) => process.send?.({ type: 'progress', id, fraction } satisfies FromWorker),
  });
  await sendResult(id, result);
}

async function sendResult(id: number, { maps, bodyMask, image, warnings }: InferenceResult): Promise<void> {
  for (const [index, { vectors, inverseNorms }] of maps.entries()) {
    await sendArray(send, id, `vectors:${index}`, vectors);
    await breathe(id);
    await sendArray(send, id, `inverseNorms:${index}`, inverseNorms);
  }
  await sendArray(send, id, 'bodyMask', bodyMask);
  await sendArray(send, id, 'image', image.values);
  const shapes = maps.map(({ role, dims, voxelToLps, channels }) => ({ role, dims, voxelToLps, channels }));
  const { grid, scale } = image;
  await send({ type: 'done', id, maps: shapes, image: { ...grid, scale }, warnings });
}

async function serve(message: ToWorker & { type: 'embed' }): Promise<void> {
  const { id, model, volume, settings } = message;
  try {
    await embed(id, model, volume, settings);
  } catch (error) {
    if (error instanceof Cancelled) await send({ type: 'cancelled', id });
    else await send({ type: 'failed', id, failure: failureOf(model, error) });
  } finally {
    cancelled.delete(id);
  }
}

function failureOf(model: ModelReference, error: unknown): InferenceFailure['failure'] {
  if (error instanceof InferenceFailure) return error.failure;
  return { code: 'embedding/model-failed', fields: { model: model.id, problem: problemOf(error) } };
}

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'piece':
      if (arriving.id !== message.id) arriving = { id: message.id, arrays: new ArrayCollector() };
      arriving.arrays.add(message);
      break;
    case 'cancel':
      cancelled.add(message.id);
      break;
    case 'embed':
      void serve(message);
  }
});

// The server is gone: nobody waits for a result any more.
process.on('disconnect', () => process.exit(0));
