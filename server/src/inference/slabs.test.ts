import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { manifestSchema } from '../model/manifest.ts';
import type { Manifest } from '../model/manifestShape.ts';
import { WorkerPool, LocalWorker } from './worker.ts';
import type { RunGraph } from './worker.ts';
import { planSlabs, runGraphs } from './slabs.ts';
import { slicesOf } from './tensors.ts';
import type { GraphTensor } from './tensors.ts';
import { manifestJson } from '../model/testing/manifestJson.ts';

describe('planSlabs', () => {
  it('covers every slice once, aligned, with its halo inside the volume', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(1, 2, 4, 8),
        fc.integer({ min: 0, max: 8 }),
        (depth, slices, alignment, haloSteps) => {
          const halo = haloSteps * alignment;
          const plan = planSlabs(depth, slices, alignment, halo);
          expect(plan[0]?.start).toBe(0);
          expect(plan.at(-1)?.end).toBe(depth);
          plan.forEach(({ from, start, end, to }, index) => {
            if (index > 0) expect(start).toBe(plan[index - 1]?.end);
            expect([from, to]).toEqual([Math.max(0, start - halo), Math.min(depth, end + halo)]);
            expect(from % alignment).toBe(0);
            // Only the whole of a short volume may be less than one output slice.
            expect(plan.length === 1 || end - start >= alignment).toBe(true);
            expect(end - start).toBeLessThan(Math.max(slices, alignment) + alignment);
          });
        },
      ),
    );
  });
});

/** Sum over z - radius .. z + radius inside the tensor, then every `stride`-th pair pooled: a graph with a known reach. */
function windowSum(input: GraphTensor, radius: number, stride: number): GraphTensor {
  const [depth, ny, nx] = input.dims;
  const plane = ny * nx;
  const out = Math.floor(depth / stride);
  const data = new Float32Array(2 * out * plane);
  for (let z = 0; z < out; z += 1) {
    for (let v = 0; v < plane; v += 1) {
      let sum = 0;
      for (let step = 0; step < stride; step += 1) {
        for (let dz = -radius; dz <= radius; dz += 1) {
          const source = z * stride + step + dz;
          if (source >= 0 && source < depth) sum += input.data[source * plane + v] ?? 0;
        }
      }
      data[z * plane + v] = sum;
      data[(out + z) * plane + v] = 1;
    }
  }
  return { data, channels: 2, dims: [out, ny, nx] };
}

/** Three graphs like those of a sliced network: a strided stem with a halo, a middle run whole, a head with a halo. */
const PIPELINE: Manifest = manifestSchema.parse(
  manifestJson({
    graphs: [
      {
        file: 'stem.onnx',
        inputs: { in: 'image' },
        outputs: { out: { tensor: 'stem', zStride: 2 } },
        slab: { halo: 2, bytesPerVoxel: 1 },
      },
      {
        file: 'middle.onnx',
        inputs: { in: 'stem' },
        outputs: { out: { tensor: 'coarse', zStride: 4 } },
        slab: 'whole',
      },
      {
        file: 'head.onnx',
        inputs: { in: 'stem' },
        outputs: { out: { tensor: 'fine', zStride: 2 } },
        slab: { halo: 2, bytesPerVoxel: 1 },
      },
    ],
    outputs: [
      { tensor: 'fine', role: 'fine', channels: 2, stride: [2, 1, 1], centre: [0.5, 0, 0] },
      { tensor: 'coarse', role: 'coarse', channels: 2, stride: [4, 1, 1], centre: [1.5, 0, 0] },
    ],
  }),
);

const run: RunGraph = (graph, inputs) => {
  const { in: input } = inputs;
  if (input === undefined) throw new Error('no input');
  const stride = graph.file === 'head.onnx' ? 1 : 2;
  const channel = { ...input, data: input.data.subarray(0, input.data.length / input.channels), channels: 1 };
  return Promise.resolve({ out: windowSum(channel, graph.file === 'middle.onnx' ? 3 : 1, stride) });
};

/** Workers that answer after a while: the later ones sooner, so that slabs are done out of order. */
function workersOf(count: number, runIn: RunGraph = run): WorkerPool {
  const worker = (n: number): LocalWorker =>
    new LocalWorker(async (graph, inputs) => {
      for (let turn = n; turn < count; turn += 1) await nextTurn();
      return await runIn(graph, inputs);
    });
  return new WorkerPool([worker(0), ...Array.from({ length: count - 1 }, (_, n) => worker(n + 1))]);
}

async function maps(depth: number, memoryBytes: number, workers = workersOf(1)): Promise<unknown[]> {
  const data = Float32Array.from({ length: depth * 2 }, (_, index) => ((index * 7919) % 101) / 10);
  const fractions: number[] = [];
  const image: GraphTensor = { data, channels: 1, dims: [depth, 1, 2] };
  const result = await runGraphs(PIPELINE, slicesOf(image, 0, image.dims[0]), {
    memoryBytes,
    workers,
    beforeRun: () => Promise.resolve(),
    onProgress: (fraction) => fractions.push(fraction),
  });
  expect(fractions.at(-1)).toBeCloseTo(1, 9);
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
  return [...result].map(([name, map]) => [name, map.result()]);
}

describe('runGraphs', () => {
  it('gives the same maps for any slab size, through strides, odd depths and kept tensors', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 1, max: 120 }),
        async (depth, memoryBytes) => {
          expect(await maps(depth, memoryBytes)).toEqual(await maps(depth, 1e9));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same maps however many slabs are computed at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 2, max: 4 }),
        async (depth, memoryBytes, workers) => {
          expect(await maps(depth, memoryBytes, workersOf(workers))).toEqual(await maps(depth, 1e9));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives two volumes that share workers what each gets by itself', async () => {
    const workers = workersOf(2);
    const both = await Promise.all([maps(40, 1, workers), maps(33, 1, workers)]);
    expect(both).toEqual([await maps(40, 1), await maps(33, 1)]);
  });

  it('sees when a halo is too small: the property above can fail', async () => {
    const [stem, ...others] = PIPELINE.graphs;
    const cut = { ...PIPELINE, graphs: [{ ...stem!, slab: { halo: 0, bytesPerVoxel: 1 } }, ...others] };
    const image: GraphTensor = {
      data: Float32Array.from({ length: 32 }, (_, z) => z),
      channels: 1,
      dims: [32, 1, 1],
    };
    const options = {
      workers: workersOf(1),
      beforeRun: () => Promise.resolve(),
      onProgress: () => undefined,
    };
    const slabs = await runGraphs(cut, slicesOf(image, 0, image.dims[0]), { ...options, memoryBytes: 1 });
    const whole = await runGraphs(cut, slicesOf(image, 0, image.dims[0]), { ...options, memoryBytes: 1e9 });
    expect(slabs.get('fine')?.result()).not.toEqual(whole.get('fine')?.result());
  });

  it('stops between slabs', async () => {
    let runs = 0;
    const image: GraphTensor = { data: new Float32Array(64), channels: 1, dims: [64, 1, 1] };
    const stopped = runGraphs(PIPELINE, slicesOf(image, 0, image.dims[0]), {
      memoryBytes: 1,
      workers: workersOf(1, (graph, inputs) => {
        runs += 1;
        return run(graph, inputs);
      }),
      beforeRun: () => (runs === 3 ? Promise.reject(new Error('stop')) : Promise.resolve()),
      onProgress: () => undefined,
    });
    await expect(stopped).rejects.toThrow('stop');
    expect(runs).toBe(3);
  });

  it('finishes the slabs that run before it fails, and begins no other', async () => {
    let [begun, ended] = [0, 0];
    const workers = workersOf(3, async (graph, inputs) => {
      const number = (begun += 1);
      if (number === 4) throw new Error('slab 4');
      await nextTurn();
      ended += 1;
      return await run(graph, inputs);
    });
    await expect(maps(60, 1, workers)).rejects.toThrow('slab 4');
    expect(ended).toBe(begun - 1);
    expect(begun).toBeLessThan(7);
    await nextTurn();
    expect(begun).toBeLessThan(7);
  });
});
