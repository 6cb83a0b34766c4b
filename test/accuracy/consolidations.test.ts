import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distanceMm, lpsPoint } from '../../server/src/geometry/index.ts';
import { centreOf, changed, CHANGES, consolidationScenes, isReached, placedIn } from './consolidations.ts';
import type { Change } from './consolidations.ts';
import type { Scene } from './scenes.ts';
import { volumeOf } from './testing.ts';

const LUNG: Change = {
  name: 'test',
  from: [-900, -700],
  radiusMm: 20,
  isDependent: false,
  to: [35, 10],
};
const CENTRE = lpsPoint(0, 0, 0);

/** Voxels of 4 mm around the origin: lung everywhere but in the first rows. */
const volume = volumeOf([21, 21, 21], [4, 4, 4], [-40, -40, -40], (_, j) => (j < 8 ? 40 : -800));

describe('isReached', () => {
  it('is a ball, or the posterior half of it', () => {
    const half = { ...LUNG, isDependent: true };
    expect(isReached(LUNG, CENTRE, lpsPoint(0, -19, 0))).toBe(true);
    expect(isReached(half, CENTRE, lpsPoint(0, -19, 0))).toBe(false);
    expect(isReached(half, CENTRE, lpsPoint(0, 19, 0))).toBe(true);
    expect(isReached(half, CENTRE, lpsPoint(0, 21, 0))).toBe(false);
  });
});

describe('centreOf', () => {
  const line = (y: number, count: number) => Array.from({ length: count }, (_, n) => lpsPoint(n / 10, y, 0));

  it('is where most of the tissue lies', () => {
    const candidates = [...line(-30, 100), ...line(30, 30), ...line(0, 45)];
    expect(centreOf(volume, { ...LUNG, radiusMm: 10 }, candidates)?.[1]).toBe(0);
  });

  it('is nowhere in a volume with hardly any of it', () => {
    expect(centreOf(volume, LUNG, [...line(-30, 100), ...line(30, 39)])).toBeUndefined();
  });
});

describe('placedIn', () => {
  const candidates = Array.from({ length: 60 }, (_, n) => lpsPoint(n / 10, 20, 0));
  const namesIn = (hu: number): readonly string[] =>
    placedIn(
      volumeOf([21, 21, 21], [4, 4, 4], [-40, -40, -40], () => hu),
      candidates,
    ).map(({ change }) => change.name);

  it('is each change whose tissue a volume shows; fluid in fat where there is none of them', () => {
    expect(namesIn(-800)).toEqual(['consolidation', 'effusion']);
    expect(namesIn(100)).toEqual(['resection']);
    expect(namesIn(-90)).toEqual(['collection']);
    expect(namesIn(30)).toEqual([]);
  });
});

describe('changed', () => {
  it('replaces the tissue in reach by what is there afterwards, and nothing else', () => {
    const after = changed(volume, LUNG, CENTRE, 7);
    const inside: number[] = [];
    for (let k = 0, at = 0; k < 21; k++)
      for (let j = 0; j < 21; j++)
        for (let i = 0; i < 21; i++, at++) {
          const point = lpsPoint(4 * i - 40, 4 * j - 40, 4 * k - 40);
          if (j >= 8 && distanceMm(point, CENTRE) <= 20) inside.push(after.data[at] ?? NaN);
          else expect(after.data[at]).toBe(volume.data[at]);
        }
    const mean = inside.reduce((sum, hu) => sum + hu, 0) / inside.length;
    const variance = inside.reduce((sum, hu) => sum + (hu - mean) ** 2, 0) / inside.length;
    expect(inside.length).toBeGreaterThan(300);
    expect(Math.abs(mean - 35)).toBeLessThan(3);
    expect(Math.sqrt(variance)).toBeGreaterThan(5);
    expect(Math.sqrt(variance)).toBeLessThan(15);
  });
});

describe('consolidationScenes', () => {
  it('gives a pair for each change of a tissue that is there, with points inside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samepoint-consolidations-'));
    try {
      // A trunk whose inside is lung; no tissue for a resection.
      const trunk = volumeOf([44, 40, 38], [8, 8, 8], [-172, -156, -148], (i, j) => {
        const r = Math.hypot((i - 21.5) / 19, (j - 19.5) / 16);
        return r <= 0.8 ? -850 : r <= 1 ? 40 : -1000;
      });
      const source = { identity: 'lungs', load: () => Promise.resolve(trunk) };
      const scenes: Scene[] = [];
      for await (const scene of consolidationScenes('lungs', source, { points: 12, cases: [], folder }))
        scenes.push(scene);
      expect(scenes).toHaveLength(2);
      for (const [n, { target, points }] of scenes.entries()) {
        const { data, voxelToLps: m, dims } = await target.load();
        const [mean, deviation] = CHANGES[n]?.to ?? [NaN, NaN];
        expect(points).toHaveLength(12);
        const isPainted = points.map(({ target: [x, y, z] }) => {
          const [i, j, k] = [(x - m[3]) / m[0], (y - m[7]) / m[5], (z - m[11]) / m[10]].map(Math.round);
          const hu = data[((k ?? NaN) * dims[1] + (j ?? NaN)) * dims[0] + (i ?? NaN)] ?? NaN;
          return Math.abs(hu - mean) < 6 * deviation;
        });
        // The centre of a voxel of 8 mm may lie outside where a point of it lies inside.
        expect(isPainted.filter(Boolean).length).toBeGreaterThanOrEqual(9);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
