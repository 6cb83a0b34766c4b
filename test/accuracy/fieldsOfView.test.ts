import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateInStack, lpsPoint } from '../../server/src/geometry/index.ts';
import { cutTo, depthIn, FIELDS_OF_VIEW, fieldOfViewScenes } from './fieldsOfView.ts';
import type { FieldOfView } from './fieldsOfView.ts';
import type { Scene } from './scenes.ts';
import { volumeOf } from './testing.ts';

const MIDDLE = lpsPoint(10, -20, 5);
const CIRCLE: FieldOfView = { name: 'circle', offset: [8, 4], size: [80, 80], padding: -2000 };
const RECTANGLE: FieldOfView = { name: 'rectangle', offset: [8, 4], size: [80, 40], padding: undefined };

/** Voxels of 2 mm whose values say where they are. */
const volume = volumeOf([90, 80, 3], [2, 2, 5], [-80, -90, 0], (i, j, k) => i + 100 * j + k);

describe('depthIn', () => {
  it('is the distance to the nearest side, or to the circle', () => {
    expect(depthIn(RECTANGLE, MIDDLE, lpsPoint(18, -16, 0))).toBe(20);
    expect(depthIn(RECTANGLE, MIDDLE, lpsPoint(18 + 45, -16, 0))).toBe(-5);
    expect(depthIn(CIRCLE, MIDDLE, lpsPoint(18 + 24, -16 + 18, 0))).toBe(10);
    expect(depthIn(CIRCLE, MIDDLE, lpsPoint(18 + 40, -16 + 30, 0))).toBe(-10);
  });
});

describe('cutTo', () => {
  it.each([CIRCLE, RECTANGLE])('keeps what the $name shows, where it was', (view) => {
    const part = cutTo(volume, view, MIDDLE);
    const [columns, rows, depth] = part.dims;
    expect([columns, rows, depth]).toEqual([view.size[0] / 2 + 1, view.size[1] / 2 + 1, 3]);
    for (const [i, j, k] of [
      [20, 10, 0],
      [columns - 1, Math.floor(rows / 2), 1],
      [0, 0, 2],
    ] as const) {
      const m = part.voxelToLps;
      const point = lpsPoint(m[3] + 2 * i, m[7] + 2 * j, 5 * k);
      const whole = { i: (point[0] + 80) / 2, j: (point[1] + 90) / 2 };
      const isShown = depthIn(view, MIDDLE, point) >= 0;
      const value = part.data[(k * rows + j) * columns + i];
      expect(value).toBe(isShown ? whole.i + 100 * whole.j + k : -2000);
    }
  });
});

describe('fieldOfViewScenes', () => {
  it('gives each field of view both ways, with points inside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samepoint-fov-'));
    try {
      const trunk = volumeOf([44, 40, 38], [8, 8, 8], [-172, -156, -148], (i, j) =>
        Math.hypot((i - 21.5) / 19, (j - 19.5) / 16) <= 1 ? 40 : -1000,
      );
      const source = { identity: 'trunk', load: () => Promise.resolve(trunk) };
      const scenes: Scene[] = [];
      for await (const scene of fieldOfViewScenes('trunk', source, { points: 10, cases: ['fov'], folder }))
        scenes.push(scene);
      expect(scenes.map((scene) => scene.case)).toEqual(FIELDS_OF_VIEW.flatMap(() => ['fov', 'into-fov']));
      for (const scene of scenes) {
        const [query, target] = [await scene.query.load(), await scene.target.load()];
        for (const point of scene.points) {
          expect(locateInStack(query, point.query).outsideMm).toBe(0);
          expect(locateInStack(target, point.target).outsideMm).toBe(0);
        }
      }
      expect(scenes[1]?.points.map(({ query }) => query)).toEqual(
        scenes[0]?.points.map(({ target }) => target),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
