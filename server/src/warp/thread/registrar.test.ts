import { affineFromColumns, distanceMm } from '../../geometry/index.ts';
import { PLACES, queryEmbedding, targetEmbedding, toTarget } from '../../matching/testing/affinePair.ts';
import type { Volume } from '../../volume/index.ts';
import { placeIn } from '../field/displacementField.ts';
import { warpedIntegers } from '../files/images.ts';
import { factsOf, registerPair } from '../register.ts';
import { createRegistrar } from './registrar.ts';

/** Threads start, on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
const MODEL = { id: queryEmbedding.modelId, version: '1', matching: {} };
const PAIR = { query: queryEmbedding, target: targetEmbedding, model: MODEL, stage: 'affine' } as const;
const MIRROR = affineFromColumns([-1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);

const registrar = createRegistrar();
afterAll(() => registrar.close());

describe('the registering thread', () => {
  it(
    'registers as the calling thread does, which goes on meanwhile',
    async () => {
      let turns = 0;
      const ticking = setInterval(() => (turns += 1), 1);
      const found = await registrar.register(PAIR).finally(() => {
        clearInterval(ticking);
      });
      const expected = factsOf(registerPair(PAIR));
      expect(found).toEqual({ ...expected, seconds: found.seconds });
      expect(turns).toBeGreaterThan(5);
      for (const place of PLACES)
        expect(distanceMm(placeIn(found.field)(place), toTarget(place))).toBeLessThan(2);
    },
    SLOW_MS,
  );

  it(
    'keeps the embeddings as they are: a second registration is the same',
    async () => {
      const bytes = queryEmbedding.memory?.buffer.byteLength;
      const [first, second] = [await registrar.register(PAIR), await registrar.register(PAIR)];
      expect(second.field).toEqual(first.field);
      expect(queryEmbedding.memory?.buffer.byteLength).toBe(bytes);
    },
    SLOW_MS,
  );

  it(
    'gives errors of the catalogue, and goes on after them',
    async () => {
      await expect(registrar.register({ ...PAIR, turn: MIRROR })).rejects.toMatchObject({
        code: 'register/mirrored',
      });
      expect((await registrar.register(PAIR)).stage).toBe('affine');
    },
    SLOW_MS,
  );

  it(
    'ends with the reason of its signal, and the next one is not affected',
    async () => {
      const controller = new AbortController();
      const work = registrar.register({ ...PAIR, signal: controller.signal });
      const reason = new Error('not wanted any more');
      controller.abort(reason);
      await expect(work).rejects.toBe(reason);
      expect((await registrar.register(PAIR)).stage).toBe('affine');
    },
    SLOW_MS,
  );

  it(
    'resamples as the calling thread does, in several pieces',
    async () => {
      const { field } = registerPair(PAIR);
      const dims = [24, 24, 24] as const;
      const grid = { dims, voxelToLps: affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [0, 0, 0]) };
      const data = Int16Array.from({ length: 24 ** 3 }, (__, at) => (at * 7919) % 1000);
      const moving = { ...grid, data, modality: 'CT' } as unknown as Volume;
      const large = { ...grid, dims: [256, 256, 9] as const };
      for (const fixed of [grid, large]) {
        const expected = [...warpedIntegers(fixed, moving, field)];
        let k = 0;
        for await (const slice of registrar.warp({ fixed, moving, field }))
          expect(Buffer.from(slice.slice().buffer).equals(Buffer.from(expected[k++]!.buffer))).toBe(true);
        expect(k).toBe(fixed.dims[2]);
      }
    },
    SLOW_MS,
  );
});
