import { jest } from '@jest/globals';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { toVoxel, invert, lpsPoint, affineFromColumns } from '../geometry/index.ts';
import { createEmbedder } from './embedder.ts';
import type { Embedder, EmbedderOptions } from './embedder.ts';
import { forkWorker } from '../inference/process/inferenceProcess.ts';
import type { ForkWorker } from '../inference/process/inferenceProcess.ts';
import { createRegistry, loadModels } from '../model/registry.ts';
import type { ModelRegistry } from '../model/registry.ts';
import { testBody } from '../preprocessing/testing/body.ts';
import { textLike } from '../errors/testing/like.ts';

const MODELS = fileURLToPath(new URL('../../../models', import.meta.url));
/** So little that every slab is as short as its halo allows: many slabs, many chances to stop. */
const SMALL_SLABS = 1;

/** A process starts in a second; not so on a machine that does much else. */
jest.setTimeout(60_000);

let models: ModelRegistry;
let embedder: Embedder | undefined;
beforeAll(async () => {
  const { models: found } = await loadModels(MODELS);
  models = createRegistry(found.filter(({ id }) => id === 'mind-ssc'));
});
afterEach(async () => {
  await embedder?.close();
  embedder = undefined;
});
const start = (options: Partial<EmbedderOptions> = {}): Embedder =>
  (embedder = createEmbedder({ models, threads: 1, ...options }));

/** Remembers the children so that a test can kill one. */
function watchedFork(): { fork: ForkWorker; children: ChildProcess[] } {
  const children: ChildProcess[] = [];
  const watched: ForkWorker = (memory) => {
    const child = forkWorker(memory);
    children.push(child);
    return child;
  };
  return { fork: watched, children };
}
const fakeFork: ForkWorker = () =>
  fork(new URL('../inference/testing/fakeWorker.ts', import.meta.url), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {},
  });

describe('embedder, real process and model', () => {
  it('embeds a body: grids in the patient, unit vectors inside the body, none outside', async () => {
    const fractions: number[] = [];
    const { modelId, volume, maps, bodyMask } = await start().embed(testBody(), 'mind-ssc', {
      onProgress: ({ fraction }) => fractions.push(fraction),
    });
    expect(modelId).toBe('mind-ssc');
    expect(volume).not.toHaveProperty('data');
    expect(fractions.at(-1)).toBe(1);
    const [fine, coarse] = maps;
    // 48 x 3 mm and 24 x 2 mm from the outer edges: 144 x 144 x 48 mm.
    expect(fine?.grid.dims).toEqual([36, 36, 12]);
    expect(coarse?.grid.dims).toEqual([9, 9, 3]);
    // Edge at -73.5, -73.5, 99: half a 4 mm voxel, half a 16 mm voxel further in.
    expect(fine?.grid.voxelToLps).toEqual(
      affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [-71.5, -71.5, 101]),
    );
    expect(coarse?.grid.voxelToLps).toEqual(
      affineFromColumns([16, 0, 0], [0, 16, 0], [0, 0, 16], [-65.5, -65.5, 107]),
    );
    fine?.inverseNorms.forEach((inverseNorm, voxel) => {
      const vector = fine.vectors.subarray(voxel * fine.channels, (voxel + 1) * fine.channels);
      const norm = Math.hypot(...vector);
      expect(norm * inverseNorm).toBeCloseTo(bodyMask[voxel] === 1 ? 1 : 0, 5);
    });
    expect(coarse?.inverseNorms.every((inverseNorm) => inverseNorm > 0)).toBe(true);
  });

  it('gives the weights of the model and the intensities on its working grid', async () => {
    const { maps, image } = await start().embed(testBody());
    expect(maps.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    expect(image.grid).toEqual(maps[0]?.grid);
    expect(image.scale).toBe(1);
    const [nx, ny] = image.grid.dims;
    const at = (i: number, j: number, k: number): number => image.values[(k * ny + j) * nx + i]!;
    // Soft tissue of 40 HU below the spine of 400 HU; lungs of -850 HU; air around. Texture is within 8 HU.
    expect(Math.abs(at(18, 19, 6) - 40)).toBeLessThan(9);
    expect(Math.abs(at(11, 17, 6) + 850)).toBeLessThan(9);
    expect(at(1, 1, 6)).toBe(-1000);
  });

  it('gives the body its lungs and omits table and air', async () => {
    const { maps, bodyMask } = await start().embed(testBody());
    const { dims, voxelToLps } = maps[0]!.grid;
    const insideAt = (x: number, y: number): number | undefined => {
      const [i, j, k] = toVoxel(invert(voxelToLps), lpsPoint(x, y, 124)).map(Math.round);
      return bodyMask[(k! * dims[1] + j!) * dims[0] + i!];
    };
    // Field of view 144 mm around -1.5: centre, both lungs; then table and air.
    expect([insideAt(0, 0), insideAt(-26, -4), insideAt(24, -4)]).toEqual([1, 1, 1]);
    expect([insideAt(-1, 62), insideAt(-65, -65), insideAt(-1, -60)]).toEqual([0, 0, 0]);
  });

  it('does not depend on the slabs, nor on where the patient lies', async () => {
    const there = affineFromColumns([3, 0, 0], [0, 3, 0], [0, 0, 2], [1000, -500, 2000]);
    const tall = { dims: [32, 32, 90] as const };
    const whole = await start().embed(testBody(tall));
    await embedder?.close();
    const cut = await start({ slabMemoryBytes: SMALL_SLABS }).embed(testBody({ ...tall, voxelToLps: there }));
    whole.maps.forEach(({ vectors }, index) => {
      expect(Buffer.from(cut.maps[index]!.vectors).equals(Buffer.from(vectors))).toBe(true);
    });
    expect(cut.bodyMask).toEqual(whole.bodyMask);
  });

  it('depends neither on the number of threads nor on who else is served', async () => {
    const [tall, wide] = [testBody({ dims: [32, 32, 90] }), testBody({ dims: [60, 48, 24] })];
    const one = start({ slabMemoryBytes: SMALL_SLABS });
    const separate = [await one.embed(tall), await one.embed(wide)];
    await one.close();
    const three = start({ slabMemoryBytes: SMALL_SLABS, threads: 3 });
    await three.openModel();
    const together = await Promise.all([three.embed(tall), three.embed(wide)]);
    expect(together).toEqual(separate);
  });

  it('passes on what fails in a thread, and serves the next request', async () => {
    const [model] = models.models;
    const graphs = model!.manifest.graphs.map((graph) => ({ ...graph, inputs: { nothing: 'image' } }));
    const broken = { ...model!, id: 'broken', manifest: { ...model!.manifest, graphs } };
    const running = start({ models: createRegistry([model!, broken]), threads: 2 });
    await expect(running.embed(testBody(), 'broken')).rejects.toMatchObject({
      code: 'embedding/model-failed',
      fields: { problem: textLike('onnx') },
    });
    await expect(running.embed(testBody(), 'mind-ssc')).resolves.toMatchObject({ modelId: 'mind-ssc' });
  });

  it('embeds three slices, odd sizes and a single voxel row through the body', async () => {
    const running = start();
    for (const dims of [
      [40, 40, 3],
      [37, 51, 11],
      [1, 51, 1],
    ] as const) {
      const volume = testBody({ dims });
      if (dims[0] === 1) volume.data.fill(40);
      const { maps } = await running.embed(volume);
      expect(maps.map(({ role }) => role)).toEqual(['fine', 'coarse']);
      expect(maps[0]?.inverseNorms.some((inverseNorm) => inverseNorm > 0)).toBe(true);
    }
  });

  it('embeds only the body for a model that says so, in the same places', async () => {
    const [model] = models.models;
    const { manifest } = model!;
    const cropping = {
      ...model!,
      manifest: { ...manifest, input: { ...manifest.input, crop: 'body' as const } },
    };
    const big = { dims: [80, 80, 30] as const };
    const whole = await start().embed(testBody(big));
    await embedder?.close();
    const cut = await start({ models: createRegistry([cropping]) }).embed(testBody(big));
    const [before, after] = [whole.maps[0]!.grid, cut.maps[0]!.grid];
    // 240 mm wide and high; the body has 192 x 144 mm, and 16 to 24 mm of air go around.
    expect(before.dims).toEqual([60, 60, 15]);
    expect(after.dims[1]).toBeLessThan(48);
    expect(cut.image.grid).toEqual(after);
    const count = (mask: Uint8Array): number => mask.reduce((sum, inside) => sum + inside, 0);
    expect(count(cut.bodyMask)).toBe(count(whole.bodyMask));
    // Deep inside neither border is in reach of the descriptor: the same vector, at the same place in the patient.
    const vectorAt = ({ maps: [map] }: typeof cut): number[] => {
      const { grid, channels, vectors } = map!;
      const [i, j, k] = toVoxel(invert(grid.voxelToLps), lpsPoint(48, 48, 130)).map(Math.round);
      const voxel = (k! * grid.dims[1] + j!) * grid.dims[0] + i!;
      return [...vectors.subarray(voxel * channels, (voxel + 1) * channels)];
    };
    expect(vectorAt(cut)).toEqual(vectorAt(whole));
    expect(vectorAt(cut).some((component) => component !== 0)).toBe(true);
  });

  it('embeds 1,500 slices, metal, and three slices with a warning where the model does not apply', async () => {
    const long = await start().embed(
      testBody({
        dims: [40, 40, 1500],
        voxelToLps: affineFromColumns([6, 0, 0], [0, 6, 0], [0, 0, 1], [0, 0, 0]),
      }),
    );
    expect(long.maps[0]?.grid.dims).toEqual([60, 60, 375]);
    expect(long.volume.warnings).toEqual([]);
    const metal = testBody({ dims: [80, 80, 40] });
    for (let k = 10; k < 20; k += 1)
      for (let j = 36; j < 44; j += 1) metal.data.fill(3071, (k * 80 + j) * 80 + 36, (k * 80 + j) * 80 + 44);
    expect((await embedder?.embed(metal))?.volume.warnings.map(({ code }) => code)).toEqual([
      'embedding/metal',
    ]);
    const thin = await embedder?.embed({
      ...testBody({ dims: [80, 80, 3] }),
      warnings: [{ code: 'a', message: 'b' }],
    });
    expect(thin?.volume.warnings.map(({ code }) => code)).toEqual(['a', 'embedding/thin-series']);
  });

  it('says where the series names a body part that the model was not trained for', async () => {
    const [model] = models.models;
    const limbs = { ...model!, manifest: { ...model!.manifest, bodyParts: ['LEG'] } };
    const embedded = await start({ models: createRegistry([limbs]) }).embed({
      ...testBody(),
      bodyPart: 'CHEST',
    });
    expect(embedded.volume).toMatchObject({
      bodyPart: 'CHEST',
      warnings: expect.arrayContaining([expect.objectContaining({ code: 'embedding/body-part' })]) as unknown,
    });
  });

  it('refuses air, and serves the next request', async () => {
    const air = testBody();
    air.data.fill(-1000);
    await expect(start().embed(air)).rejects.toMatchObject({ code: 'embedding/no-body' });
    await expect(embedder?.embed(testBody())).resolves.toMatchObject({ modelId: 'mind-ssc' });
  });

  it('refuses a modality the model does not read, without starting a process', async () => {
    const { fork: watched, children } = watchedFork();
    const embedded = start({ fork: watched }).embed(testBody({ modality: 'PT' }));
    await expect(embedded).rejects.toMatchObject({
      code: 'embedding/modality-not-supported',
      fields: { supported: ['CT', 'MR'] },
    });
    expect(children).toHaveLength(0);
  });

  it('starts the process while the volume is resampled', async () => {
    const { fork: watched, children } = watchedFork();
    const huge = {
      ...testBody(),
      voxelToLps: affineFromColumns([90, 0, 0], [0, 90, 0], [0, 0, 90], [0, 0, 0]),
    };
    await expect(start({ fork: watched }).embed(huge)).rejects.toMatchObject({
      code: 'embedding/volume-too-large',
    });
    expect(children).toHaveLength(1);
  });

  it('falls back to CPU and says why', async () => {
    const report = await start({ providers: ['cuda', 'cpu'] }).openModel();
    // CI and this machine have no CUDA libraries; on one that has, CUDA runs and nothing is refused.
    if (report.running !== 'cuda') {
      expect(report).toMatchObject({ running: 'cpu', refused: [{ provider: 'cuda' }] });
      expect(report.refused[0]?.reason).not.toBe('');
    }
  });

  it('cancels between slabs and serves the next request in the same process', async () => {
    const { fork: watched, children } = watchedFork();
    const stop = new AbortController();
    const tall = testBody({ dims: [48, 48, 400] });
    const embedded = start({ slabMemoryBytes: SMALL_SLABS, fork: watched }).embed(tall, undefined, {
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new Error('enough'));
      },
    });
    await expect(embedded).rejects.toThrow('enough');
    await expect(embedder?.embed(testBody())).resolves.toMatchObject({ modelId: 'mind-ssc' });
    expect(children).toHaveLength(1);
  });

  it('reports a process that dies, and starts another for the next request', async () => {
    const { fork: watched, children } = watchedFork();
    const tall = testBody({ dims: [48, 48, 400] });
    const embedded = start({ slabMemoryBytes: SMALL_SLABS, fork: watched }).embed(tall, undefined, {
      onProgress: () => children[0]?.kill('SIGKILL'),
    });
    await expect(embedded).rejects.toMatchObject({
      code: 'embedding/inference-crashed',
      fields: { reason: textLike('SIGKILL') },
    });
    await expect(embedder?.embed(testBody())).resolves.toMatchObject({ modelId: 'mind-ssc' });
    expect(children).toHaveLength(2);
  });

  it('notices a model file that changed since it was loaded', async () => {
    const [model] = models.models;
    const graphs = model!.manifest.graphs.map((graph) => ({ ...graph, sha256: '0'.repeat(64) }));
    const changed = { ...model!, manifest: { ...model!.manifest, graphs } };
    const embedded = start({ models: createRegistry([changed]) }).embed(testBody());
    await expect(embedded).rejects.toMatchObject({ code: 'embedding/model-corrupt' });
  });

  it('fails what runs and waits when it is closed', async () => {
    const running = start().embed(testBody());
    const waiting = embedder?.embed(testBody());
    const outcomes = Promise.allSettled([running, waiting]);
    await embedder?.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ reason: { code: 'embedding/closed' } });
    await expect(embedder?.embed(testBody())).rejects.toMatchObject({ code: 'embedding/closed' });
  });
});

describe('embedder, misbehaving process', () => {
  it('does without a provider that ends the process', async () => {
    const report = await start({ providers: ['webgpu', 'cpu'], fork: fakeFork }).openModel();
    expect(report).toMatchObject({
      running: 'cpu',
      refused: [{ provider: 'webgpu', reason: textLike('exit code 134') }],
    });
  });

  it('kills a process that does not heed a cancel, and serves the next request', async () => {
    const deaf = start({ providers: ['dml'], fork: fakeFork, cancelGraceMs: 50 });
    const stop = new AbortController();
    const embedded = deaf.embed(testBody(), undefined, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(embedded).rejects.toThrow('enough');
    // The next request waits for the killed process, then a new one is deaf too: its end is blamed on the cancel only.
    const again = new AbortController();
    const second = deaf.embed(testBody(), undefined, { signal: again.signal });
    again.abort(new Error('enough again'));
    await expect(second).rejects.toThrow('enough again');
  });
});
