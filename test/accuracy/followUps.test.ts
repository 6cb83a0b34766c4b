import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateInStack } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { followUpScenes, seedOf } from './followUps.ts';
import type { Scene } from './scenes.ts';
import { volumeOf } from './testing.ts';

/** A trunk of soft tissue, 21 x 18 cm and 30 cm long, in 8 mm voxels. */
const trunk = volumeOf([32, 28, 38], [8, 8, 8], [-124, -108, -148], (i, j) =>
  Math.hypot((i - 15.5) / 13, (j - 13.5) / 11) <= 1 ? 40 : -1000,
);

async function scenesIn(folder: string, loads: string[]): Promise<Scene[]> {
  const source = {
    identity: 'trunk',
    load: () => {
      loads.push('trunk');
      return Promise.resolve<Volume>(trunk);
    },
  };
  const scenes: Scene[] = [];
  for await (const scene of followUpScenes('trunk', source, { points: 25, cases: ['crop'], folder }))
    scenes.push(scene);
  return scenes;
}

describe('followUpScenes', () => {
  let folder = '';
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'samepoint-scenes-'))));
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('gives points in view, and cut-off ones more than 10 mm outside, apart', async () => {
    const [inView, outside] = await scenesIn(folder, []);
    expect(inView).toMatchObject({ data: 'trunk', case: 'crop' });
    expect(outside).toMatchObject({ data: 'trunk', case: 'crop-outside', outOfView: true });
    const followUp = await inView!.target.load();
    expect(inView!.points).toHaveLength(25);
    for (const { query, target } of inView!.points) {
      expect(locateInStack(trunk, query).outsideMm).toBe(0);
      expect(locateInStack(followUp, target).outsideMm).toBe(0);
    }
    for (const { query, target } of outside!.points) {
      expect(locateInStack(trunk, query).outsideMm).toBe(0);
      expect(locateInStack(followUp, target).outsideMm).toBeGreaterThan(10);
    }
  });

  it('uses the points of an earlier run without rendering the follow-up again', async () => {
    const first = await scenesIn(folder, []);
    const loads: string[] = [];
    const again = await scenesIn(folder, loads);
    expect(loads).toEqual([]);
    expect(again.map(({ points }) => points)).toEqual(first.map(({ points }) => points));
    expect(again[0]!.target.identity).toBe(first[0]!.target.identity);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('has one seed per data and case', () => {
    expect(seedOf('crlm', 'easy')).toBe(seedOf('crlm', 'easy'));
    expect(new Set([seedOf('crlm', 'easy'), seedOf('crlm', 'crop'), seedOf('cmbcrc', 'easy')]).size).toBe(3);
  });
});
