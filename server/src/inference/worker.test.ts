import type { GraphManifest } from '../model/index.ts';
import { slicesOf } from './tensors.ts';
import type { TensorSlices } from './tensors.ts';
import { LocalWorker, WorkerPool } from './worker.ts';
import type { InferenceWorker, RunGraph } from './worker.ts';

const [trunk, heads] = ['trunk', 'heads'].map((file): GraphManifest => ({
  file,
  sha256: '',
  inputs: { in: 'image' },
  outputs: { out: { tensor: 'map', zStride: 1 } },
  slab: 'whole',
  cost: 1,
})) as [GraphManifest, GraphManifest];

const same: RunGraph = (_graph, { in: input }) =>
  input === undefined ? Promise.reject(new Error('no input')) : Promise.resolve({ out: input });

/** One slice of so many bytes. */
function slice(bytes: number): { readonly in: TensorSlices } {
  const data = new Uint8Array(bytes).fill(7);
  return { in: slicesOf({ data, channels: 1, dims: [1, 1, bytes], isChannelsLast: true }, 0, 1) };
}

/** A worker, and how often it gave back what its graphs keep. */
function counted(): { readonly worker: LocalWorker; readonly forgotten: () => number } {
  let count = 0;
  const worker = new LocalWorker(same, () => {
    count += 1;
    return Promise.resolve();
  });
  return { worker, forgotten: () => count };
}

describe('LocalWorker', () => {
  it('gives memory back between two graphs of a long series, and keeps that of a short one', async () => {
    const { worker, forgotten } = counted();
    await worker.run(trunk, slice(1000));
    await worker.run(heads, slice(1000));
    expect(forgotten()).toBe(0);
    await worker.run(trunk, slice(49 * 2 ** 20));
    await worker.run(trunk, slice(49 * 2 ** 20));
    expect(forgotten()).toBe(0);
    await worker.run(heads, slice(1000));
    expect(forgotten()).toBe(1);
    expect([...((await worker.keep('out', 0, 1)).slices[0] ?? [])].slice(0, 2)).toEqual([7, 7]);
  });

  it('has no output of an earlier run after a rest, and runs again', async () => {
    const { worker, forgotten } = counted();
    await worker.run(heads, slice(10));
    await worker.rest();
    expect(forgotten()).toBe(1);
    expect(() => worker.keep('out', 0, 1)).toThrow('no output "out"');
    await worker.run(heads, slice(10));
    expect((await worker.keep('out', 0, 1)).slices).toHaveLength(1);
  });
});

describe('WorkerPool', () => {
  it('lets each worker rest, one that is at work afterwards', async () => {
    const rested: string[] = [];
    const named = (name: string): InferenceWorker => {
      const worker = new LocalWorker(same, () => {
        rested.push(name);
        return Promise.resolve();
      });
      return worker;
    };
    const pool = new WorkerPool([named('first'), named('second')]);
    const work = Promise.withResolvers<undefined>();
    const atWork = pool.use(true, () => work.promise);
    const resting = pool.rest();
    await Promise.resolve();
    expect(rested).not.toContain('first');
    work.resolve(undefined);
    await Promise.all([atWork, resting]);
    expect(rested).toContain('second');
    await pool.rest();
    expect(rested).toContain('first');
  });
});
