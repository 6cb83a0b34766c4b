import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distanceMm, lpsPoint } from '../../server/src/geometry/index.ts';
import { createRandom } from '../../server/src/phantom/index.ts';
import { CHANGE_NAMES, changedLesion, drawLesions, lesionScenes, tissueAt } from './lesions.ts';
import type { Scene } from './scenes.ts';
import { volumeOf } from './testing.ts';

const SPACING = 2;
const ORIGIN = [-120, -86, -60] as const;

/** A trunk: lung, liver, fat with nodes, and bone, side by side along x. */
const trunk = volumeOf([120, 86, 60], [SPACING, SPACING, SPACING], ORIGIN, (i, j) => {
  const [x, y] = [ORIGIN[0] + SPACING * i, ORIGIN[1] + SPACING * j];
  if (Math.hypot(x / 116, y / 82) > 1) return -1000;
  if (x < -40) return -850;
  if (x < 15) return 175;
  if (x > 65) return 400;
  // Nodes and vessels in fat.
  return (i + j) % 3 === 0 ? 40 : -100;
});

describe('tissueAt', () => {
  it.each([
    ['lung', -65, 0],
    ['liver', -12, 0],
    ['node', 38, 0],
    ['bone', 80, 10],
  ] as const)('finds %s', (tissue, x, y) => {
    expect(tissueAt(trunk, lpsPoint(x, y, 0), 12)).toBe(tissue);
  });

  it('finds none on a border', () => {
    expect(tissueAt(trunk, lpsPoint(-40, 0, 0), 12)).toBeUndefined();
  });
});

describe('changedLesion', () => {
  const made = CHANGE_NAMES.map((change) =>
    changedLesion(change, 'liver', lpsPoint(0, 0, 0), createRandom(3, change)),
  );

  it.each([
    ['third', 1 / 3],
    ['half', 1 / 2],
    ['same', 1],
    ['double', 2],
    ['triple', 3],
  ] as const)('%s: the radius changes by its factor', (name, factor) => {
    const lesion = made.find(({ change }) => change === name);
    expect((lesion?.after?.radiusMm ?? NaN) / (lesion?.before?.radiusMm ?? NaN)).toBeCloseTo(factor, 6);
    expect(lesion?.after?.seed).not.toBe(lesion?.before?.seed);
  });

  it('gone and new: one scan shows none', () => {
    const find = (name: string) => made.find(({ change }) => change === name);
    expect([find('gone')?.after, find('new')?.before]).toEqual([undefined, undefined]);
    expect([find('gone')?.before?.radiusMm, find('new')?.after?.radiusMm].every((mm) => (mm ?? 0) >= 5)).toBe(
      true,
    );
  });
});

describe('drawLesions', () => {
  it('puts lesions into all tissues, apart from one another', () => {
    const drawn = drawLesions(trunk, 6, 5, () => true);
    expect(drawn.length).toBeGreaterThan(2);
    expect(new Set(drawn.map(({ tissue }) => tissue)).size).toBeGreaterThan(2);
    for (const [n, { centre }] of drawn.entries())
      for (const other of drawn.slice(n + 1)) expect(distanceMm(centre, other.centre)).toBeGreaterThan(60);
  });
});

describe('lesionScenes', () => {
  it('gives pairs by change, whose scans show the lesions at the places of the truth', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samepoint-lesions-'));
    try {
      const source = { identity: 'trunk', load: () => Promise.resolve(trunk) };
      const scenes: Scene[] = [];
      for await (const scene of lesionScenes('trunk', source, { folder, pairs: 1, lesions: 4 }))
        scenes.push(scene);
      expect(scenes.length).toBeGreaterThan(0);
      for (const scene of scenes) {
        const [query, target] = [await scene.query.load(), await scene.target.load()];
        const at = ({ data, dims, voxelToLps: m }: typeof query, point: readonly number[]): number => {
          const [i, j, k] = [3, 7, 11].map((n, axis) =>
            Math.round(((point[axis] ?? NaN) - (m[n] ?? NaN)) / SPACING),
          );
          return data[(i ?? NaN) + dims[0] * ((j ?? NaN) + dims[1] * (k ?? NaN))] ?? NaN;
        };
        for (const point of scene.points) {
          const { kind, queryDiameterMm, targetDiameterMm } = point.change!;
          expect(queryDiameterMm === undefined).toBe(kind === 'appeared');
          expect(targetDiameterMm === undefined).toBe(kind === 'gone');
          if (scene.case === 'lesion-triple')
            expect((targetDiameterMm ?? NaN) / (queryDiameterMm ?? NaN)).toBeCloseTo(3, 6);
          // Denser than lung, less dense than liver and bone; the smallest ones are mixed with what is around them.
          const isLesion = (hu: number): boolean => Math.abs(hu - 60) < 110;
          if (/third|half|gone/.test(scene.case)) expect(isLesion(at(query, point.query))).toBe(true);
          if (/double|triple|new/.test(scene.case)) expect(isLesion(at(target, point.target))).toBe(true);
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
