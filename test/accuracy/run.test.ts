import type { Embedding } from '../../server/src/embedding/index.ts';
import type { Model } from '../../server/src/model/registry.ts';
import { SamepointError } from '../../server/src/errors/index.ts';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import type { Answers } from './engine.ts';
import { Run } from './run.ts';
import type { Scene } from './scenes.ts';
import { volumeOf } from './testing.ts';

const MODEL = { id: 'm' } as Model;
const COST = { seconds: 1, cpuSeconds: 2 };
const subject = (identity: string) => ({
  identity,
  load: () => Promise.resolve(volumeOf([1, 1, 1], [1, 1, 1], [0, 0, 0], () => 0)),
});
const scene = (data: string, name: string, over: Partial<Scene> = {}): Scene => ({
  data,
  case: name,
  query: subject('query'),
  target: subject('target'),
  points: [0, 1].map((x) => ({ query: lpsPoint(x, 0, 0), target: lpsPoint(x, 0, 0) })),
  ...over,
});

/** Answers every point with an error of as many mm as the case is long. */
const engine = {
  embedPair: () => Promise.resolve({ query: {} as Embedding, target: {} as Embedding, cost: COST }),
  answer: ({ case: name, points }: Scene): Promise<Answers> =>
    Promise.resolve({
      scored: points.map(() => ({ errorMm: name.length })),
      time: { embed: COST, match: COST },
    }),
};

function runWith(over: Partial<typeof engine> = {}): { run: Run; said: string[]; saved: number[] } {
  const [said, saved]: [string[], number[]] = [[], []];
  const run = new Run(
    { ...engine, ...over },
    {
      models: [MODEL],
      methods: ['nearest'],
      withElastix: false,
      save: (rows) => {
        saved.push(rows.length);
        return Promise.resolve();
      },
      say: (text) => said.push(text),
    },
  );
  return { run, said, saved };
}

describe('Run', () => {
  it('makes one row of all scenes of the same data and case, and saves after each scene', async () => {
    const { run, saved } = runWith();
    await run.scene(scene('d', 'easy'));
    await run.scene(scene('d', 'easy'));
    await run.scene(scene('d', 'strong'));
    expect(run.rows).toMatchObject([
      {
        data: 'd',
        case: 'easy',
        model: 'm',
        method: 'nearest',
        n: 4,
        medianMm: 4,
        seconds: 2,
        cpuSeconds: 4,
      },
      { case: 'strong', n: 2, medianMm: 6 },
    ]);
    expect(saved).toEqual([1, 1, 2]);
  });

  it('adds the answers that came with the data, of the points that have one', async () => {
    const { run } = runWith();
    const points = [
      { query: lpsPoint(0, 0, 0), target: lpsPoint(1, 2, 2), reference: lpsPoint(0, 0, 0) },
      { query: lpsPoint(0, 0, 0), target: lpsPoint(1, 2, 2) },
    ];
    await run.scene(scene('d', 'easy', { points, reference: 'initial' }));
    await run.scene(scene('d', 'strong', { reference: 'initial' }));
    expect(run.rows.map(({ method, n }) => [method, n])).toEqual([
      ['nearest', 2],
      ['initial', 1],
      ['nearest', 2],
    ]);
    expect(run.rows[1]).toMatchObject({ model: '-', case: 'easy', medianMm: 3, seconds: 0 });
  });

  it('pools only what is complete', async () => {
    const { run } = runWith();
    await run.scene(scene('a', 'easy'));
    await run.scene(scene('a', 'thick'));
    await run.scene(scene('b', 'easy'));
    expect(run.pooled(['a', 'b'], ['easy', 'thick'])).toEqual([]);
    await run.scene(scene('b', 'thick'));
    const [pool, ...others] = run.pooled(['a', 'b'], ['easy', 'thick']);
    expect(others).toEqual([]);
    expect(pool?.key).toEqual({ data: 'a+b', case: 'all', model: 'm', method: 'nearest' });
    expect(pool?.points.map(({ errorMm }) => errorMm)).toEqual([4, 4, 5, 5, 4, 4, 5, 5]);
  });

  it('adds the row of the control where the scene has one', async () => {
    const { run } = runWith();
    await run.scene(scene('d', 'easy', { hasControl: true }));
    const key = { data: 'd', case: 'easy', model: '-', method: 'centre-alignment' };
    expect(run.rows.at(-1)).toMatchObject({ ...key, n: 2, medianMm: 0, within10mm: 1 });
  });

  it('omits a modality that the model does not read', async () => {
    const error = new SamepointError('embedding/modality-not-supported', {
      model: 'm',
      modality: 'MR',
      supported: ['CT'],
    });
    const { run } = runWith({ embedPair: () => Promise.reject(error) });
    await run.scene(scene('limb', 'mr-to-ct'));
    expect(run.rows).toEqual([]);
    await expect(run.finish()).rejects.toThrow('nothing was measured');
  });

  it('counts every point of a pair that cannot be matched as failed, and says why', async () => {
    const error = new SamepointError('matching/no-body', {});
    const { run, said } = runWith({ answer: () => Promise.reject(error) });
    await run.scene(scene('d', 'easy'));
    expect(run.rows).toMatchObject([{ n: 2, failed: 2, medianMm: null, within10mm: 0 }]);
    expect(said[0]).toContain(error.message);
  });
});
