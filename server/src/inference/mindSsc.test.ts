import { jest } from '@jest/globals';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadModels } from '../model/registry.ts';
import type { Model } from '../model/registry.ts';
import { planSlabs } from './slabs.ts';
import type { GraphTensor } from './tensors.ts';
import type { RunMessage } from './testing/graphRunner.ts';
import { coarseReference, field, fineReference } from './testing/mindReference.ts';
import type { Descriptor } from './testing/mindReference.ts';

jest.setTimeout(60_000);

/** onnxruntime computes in float32 with its own exponential. */
const TOLERANCE = 1e-4;
const [FINE, COARSE] = [0, 1] as const;

let model: Model;
let child: ChildProcess;
beforeAll(async () => {
  child = fork(new URL('./testing/graphRunner.ts', import.meta.url), [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {},
  });
  model = (await loadModels(fileURLToPath(new URL('../../../models', import.meta.url)))).get('mind-ssc');
});
afterAll(() => {
  child.kill();
});

/** HU of a body with a bone, an air bubble and noise; sizes are no multiple of the pyramid. */
function image(dims: GraphTensor['dims']): GraphTensor {
  const [nz, ny, nx] = dims;
  const data = new Float32Array(nz * ny * nx);
  let seed = 1;
  for (let index = 0; index < data.length; index += 1) {
    const [z, y, x] = [Math.floor(index / ny / nx), Math.floor(index / nx) % ny, index % nx];
    seed = (seed * 48_271) % 2_147_483_647;
    const noise = (seed / 2_147_483_647 - 0.5) * 60;
    const body = Math.hypot(x - nx / 2, y - ny / 2 + 1) < nx * 0.42;
    const bone = Math.hypot(x - nx * 0.6, y - ny * 0.6, (z - nz / 2) / 2) < 3;
    const bubble = Math.hypot(x - nx * 0.35, y - ny * 0.4, z - nz / 3) < 3;
    data[index] = Math.min(600, Math.max(-1000, (body ? (bone ? 500 : bubble ? -900 : 40) : -1000) + noise));
  }
  return { data, channels: 1, dims };
}

/** Runs a graph on one image, in the process of this file. It is opened as one that runs whole, whose memory goes back after each run. */
async function run(graph: number, input: GraphTensor): Promise<GraphTensor> {
  const { id, directory, manifest } = model;
  const graphs = manifest.graphs.map((entry) => ({ ...entry, slab: 'whole' as const }));
  const whole = { id, directory, manifest: { ...manifest, graphs } };
  const message: RunMessage = { model: whole, graph, image: input };
  const answer = await new Promise<Record<string, GraphTensor>>((resolve, reject) => {
    const exited = (code: number | null): void => {
      reject(new Error(`exit code ${String(code)}`));
    };
    child.once('exit', exited);
    child.once('message', (results: Record<string, GraphTensor>) => {
      child.off('exit', exited);
      resolve(results);
    });
    child.send(message);
  });
  return Object.values(answer)[0]!;
}

/** Largest difference between a tensor and the descriptors of its voxels. */
function largestDifference({ data, channels, dims }: GraphTensor, descriptor: Descriptor): number {
  const [nz, ny, nx] = dims;
  let largest = 0;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      for (let x = 0; x < nx; x += 1) {
        const expected = descriptor(z, y, x);
        if (expected.length !== channels) return Infinity;
        expected.forEach((value, channel) => {
          const found = data[((channel * nz + z) * ny + y) * nx + x] ?? NaN;
          largest = Math.max(largest, Number.isNaN(found) ? Infinity : Math.abs(found - value));
        });
      }
    }
  }
  return largest;
}

describe('mind-ssc graphs', () => {
  it('compute the fine descriptor as defined', async () => {
    const input = image([7, 10, 11]);
    const result = await run(FINE, input);
    expect(result.dims).toEqual(input.dims);
    expect(largestDifference(result, fineReference(field(input.dims, input.data)))).toBeLessThan(TOLERANCE);
  });

  it('give the same when their memory has gone back', async () => {
    const input = image([7, 10, 11]);
    const before = await run(FINE, input);
    expect(await run(FINE, input)).toEqual(before);
  });

  it('compute the coarse descriptor as defined', async () => {
    const input = image([10, 13, 15]);
    const result = await run(COARSE, input);
    expect(result.dims).toEqual([3, 4, 4]);
    expect(largestDifference(result, coarseReference(field(input.dims, input.data)))).toBeLessThan(TOLERANCE);
  });

  it.each([
    ['fine', FINE, 1, 23, 5],
    ['coarse', COARSE, 4, 70, 8],
  ] as const)('give the same %s map in slabs', async (_, graph, stride, depth, slices) => {
    const { slab } = model.manifest.graphs[graph]!;
    if (slab === 'whole') throw new Error('the graph is not cut');
    const input = image([depth, 12, 13]);
    const whole = await run(graph, input);
    const plane = input.dims[1] * input.dims[2];
    for (const { from, start, end, to } of planSlabs(depth, slices, stride, slab.halo)) {
      const data = input.data.slice(from * plane, to * plane);
      const part = await run(graph, { ...input, data, dims: [to - from, input.dims[1], input.dims[2]] });
      const kept = [(start - from) / stride, end === depth ? part.dims[0] : (end - from) / stride] as const;
      const shifted: Descriptor = (z, y, x) =>
        Array.from({ length: whole.channels }, (__, channel) => {
          const slice = channel * whole.dims[0] + z - kept[0] + start / stride;
          return whole.data[(slice * whole.dims[1] + y) * whole.dims[2] + x] ?? NaN;
        });
      expect(largestDifference(cropped(part, kept), (z, y, x) => shifted(z + kept[0], y, x))).toBeLessThan(
        1e-5,
      );
    }
  });
});

/** Slices [from, to) of a tensor. */
function cropped({ data, channels, dims }: GraphTensor, [from, to]: readonly [number, number]): GraphTensor {
  const [depth, ny, nx] = dims;
  const length = (to - from) * ny * nx;
  const result = new Float32Array(channels * length);
  for (let channel = 0; channel < channels; channel += 1) {
    const start = (channel * depth + from) * ny * nx;
    result.set(data.subarray(start, start + length), channel * length);
  }
  return { data: result, channels, dims: [to - from, ny, nx] };
}
