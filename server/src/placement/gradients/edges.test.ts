import {
  affineFromColumns,
  distanceMm,
  invert,
  lpsPoint,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { bodyMask } from '../../preprocessing/bodyMask.ts';
import type { Embedding } from '../../embedding/types.ts';
import { createPhantom } from '../../phantom/index.ts';
import type { Volume } from '../../volume/types.ts';
import { applyTo } from '../../affineRegistration/affine/affineFit.ts';
import { Placement } from '../firstGuess.ts';
import { byEdges, edgeComparison, edgesOf } from './edges.ts';
import { gradientImageOf } from './orientation.ts';
import { bestTranslations } from '../translation.ts';

/** Upper bound on a machine that is busy with other things, ms. */
const SLOW_MS = 120_000;
const { floor } = Math;
const VOXEL_MM = 4;
/** About 4 mm, as the images that are compared. */
const [scan] = createPhantom({ seed: 3, coarseness: 3 }).timePoints;
/** Middle of the field of view, LPS mm. */
const MIDDLE = middleOf(scan.volume);
const PLACES = [
  lpsPoint(60, 20, 80),
  lpsPoint(-70, -30, -90),
  lpsPoint(20, -60, 10),
  lpsPoint(-40, 60, 40),
].map(([x, y, z]) => lpsPoint(MIDDLE[0] + x, MIDDLE[1] + y, MIDDLE[2] + z));

function middleOf({ dims, voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>): LpsPoint {
  return toLps(voxelToLps, voxelIndex((dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2));
}

const TO_VOXEL = invert(scan.volume.voxelToLps);

/** HU of the phantom at a place, trilinear; air beyond. */
function huAt(lps: LpsPoint): number {
  const { dims, data } = scan.volume;
  const index = toVoxel(TO_VOXEL, lps);
  if (index.some((at, axis) => at < 0 || at >= dims[axis]! - 1)) return -1000;
  const [i, j, k] = [floor(index[0]), floor(index[1]), floor(index[2])];
  const [u, v, w] = [index[0] - i, index[1] - j, index[2] - k];
  const at = (k * dims[1] + j) * dims[0] + i;
  const row = (n: number): number => data[n]! * (1 - u) + data[n + 1]! * u;
  const plane = (n: number): number => row(n) * (1 - v) + row(n + dims[0]) * v;
  return plane(at) * (1 - w) + plane(at + dims[0] * dims[1]) * w;
}

/** What an MR-like sequence makes of tissues: lungs and bone dark, fat bright, water between; or the other way round. */
const CONTRASTS: Readonly<Record<string, (hu: number) => number>> = {
  equal: (hu) => hu,
  inverted: (hu) => -hu,
  'fat bright, bone and air dark': (hu) =>
    hu < -500 ? 20 : hu < -20 ? 900 : hu < 130 ? 350 + hu : Math.max(60, 480 - hu),
};

/** A scan of the phantom, cut to a box and moved by a map of its world, in another contrast. */
function scanned(
  moved: Affine,
  contrast: (hu: number) => number,
  box: readonly [low: LpsPoint, high: LpsPoint],
): Embedding {
  const [low, high] = box;
  const dims = [0, 1, 2].map((axis) => Math.round((high[axis]! - low[axis]!) / VOXEL_MM)) as [
    number,
    number,
    number,
  ];
  const step = (axis: number): [number, number, number] =>
    [0, 1, 2].map((n) => (n === axis ? VOXEL_MM : 0)) as [number, number, number];
  const voxelToLps = affineFromColumns(step(0), step(1), step(2), low);
  const back = invert(moved);
  const hu = new Float32Array(dims[0] * dims[1] * dims[2]);
  for (let k = 0, at = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, at++)
        hu[at] = huAt(applyTo(back, toLps(voxelToLps, voxelIndex(i, j, k))));
  const grid = { dims, voxelToLps };
  const isCt = contrast === CONTRASTS['equal'];
  const values = Int16Array.from(hu, (value) => contrast(value));
  return {
    modelId: 'images-only',
    volume: { ...scan.volume, ...grid, slices: [], modality: isCt ? 'CT' : 'MR' },
    maps: [
      {
        role: 'fine',
        grid,
        channels: 2,
        weight: 1,
        vectors: new Int8Array(0),
        inverseNorms: new Float32Array(0),
      },
    ],
    bodyMask: bodyMask({ values: hu, dims: [dims[2], dims[1], dims[0]] }, 'CT'),
    image: { grid, values, scale: 1 },
  };
}

function boxAround(centre: LpsPoint, half: readonly [number, number, number]): readonly [LpsPoint, LpsPoint] {
  return [
    lpsPoint(centre[0] - half[0], centre[1] - half[1], centre[2] - half[2]),
    lpsPoint(centre[0] + half[0], centre[1] + half[1], centre[2] + half[2]),
  ];
}

/** Turns about x, y, z through the middle, degrees, and a shift, mm. */
function rigid(turns: readonly [number, number, number], shift: readonly [number, number, number]): Affine {
  const [a, b, c] = turns.map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ];
  const rows = [
    [cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa],
    [sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa],
    [-sb, cb * sa, cb * ca],
  ] as const;
  const origin = rows.map(
    (row, n) => MIDDLE[n]! + shift[n]! - row.reduce((sum, r, m) => sum + r * MIDDLE[m]!, 0),
  );
  const column = (n: 0 | 1 | 2): [number, number, number] => [rows[0][n], rows[1][n], rows[2][n]];
  return affineFromColumns(column(0), column(1), column(2), origin as [number, number, number]);
}

const STILL = rigid([0, 0, 0], [0, 0, 0]);
const whole = scanned(STILL, CONTRASTS['equal']!, boxAround(MIDDLE, [150, 115, 110]));

function worstMm(found: Affine, truth: Affine): number {
  return Math.max(...PLACES.map((place) => distanceMm(applyTo(found, place), applyTo(truth, place))));
}

describe('bestTranslations', () => {
  it.each(Object.keys(CONTRASTS))(
    'finds a shift of more than the field of view shows: %s',
    (name) => {
      const shift = [52, -36, 84] as const;
      const moved = rigid([0, 0, 0], shift);
      const part = scanned(moved, CONTRASTS[name]!, boxAround(applyTo(moved, MIDDLE), [120, 100, 64]));
      const [first] = bestTranslations(
        edgesOf(gradientImageOf(whole, VOXEL_MM)),
        edgesOf(gradientImageOf(part, VOXEL_MM)),
        1,
      );
      for (const axis of [0, 1, 2] as const)
        expect(Math.abs(first!.by[axis] - shift[axis])).toBeLessThanOrEqual(4);
    },
    SLOW_MS,
  );
});

function placementByEdges(query: Embedding, target: Embedding): Placement {
  return new Placement(byEdges(query, target));
}

describe('a placement by edges', () => {
  it.each([
    ['equal', [4, -3, 6], [-30, 14, 44]],
    ['inverted', [-7, 5, 3], [25, -18, -61]],
    ['fat bright, bone and air dark', [3, 6, -8], [12, 40, 75]],
  ] as const)(
    'finds turns and shifts within 2 mm: %s',
    (name, turns, shift) => {
      const moved = rigid(turns, shift);
      const part = scanned(moved, CONTRASTS[name]!, boxAround(applyTo(moved, MIDDLE), [130, 100, 80]));
      const guess = placementByEdges(whole, part).firstGuess()!;
      expect(worstMm(guess.map, moved)).toBeLessThan(2);
      expect(guess.isSure).toBe(true);
    },
    SLOW_MS,
  );

  it(
    'keeps a map that the edges agree with, and no other',
    () => {
      const moved = rigid([2, 0, 0], [10, 0, 0]);
      const part = scanned(moved, CONTRASTS['inverted']!, boxAround(applyTo(moved, MIDDLE), [110, 100, 60]));
      const pair = placementByEdges(whole, part);
      expect(pair.scoreOf(moved)).toBeGreaterThan(1.5 * pair.scoreOf(rigid([2, 0, 0], [22, 0, 0])));
      expect(pair.guessBeside({ map: moved, isTrusted: true })).toBeUndefined();
      const wrong = rigid([2, 0, 0], [60, 0, 40]);
      expect(worstMm(pair.guessBeside({ map: wrong, isTrusted: true })!.map, moved)).toBeLessThan(2);
    },
    SLOW_MS,
  );

  it(
    'is not sure of noise',
    () => {
      const { image } = whole;
      let state = 1;
      const noise = image.values.map(() => (state = (state * 16807) % 2147483647) % 1000);
      const guess = placementByEdges(whole, { ...whole, image: { ...image, values: noise } }).firstGuess();
      expect(guess?.isSure ?? false).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'is not sure where the same structure comes twice',
    () => {
      const { image } = whole;
      const [nx, ny] = image.grid.dims;
      // Bars every 40 mm along z look the same at every shift by 40 mm.
      const bars = (every: number): Int16Array =>
        image.values.map((_, at) => (Math.floor(at / (nx * ny)) % every < every / 2 ? 0 : 300));
      const striped = {
        ...whole,
        bodyMask: whole.bodyMask.map(() => 1),
        image: { ...image, values: bars(10) },
      };
      const guess = placementByEdges(striped, striped).firstGuess();
      expect(guess?.isSure).toBe(false);
    },
    SLOW_MS,
  );
});

describe('the comparison of edges', () => {
  const moved = rigid([2, 0, 0], [10, 0, 0]);
  const part = scanned(moved, CONTRASTS['inverted']!, boxAround(applyTo(moved, MIDDLE), [110, 100, 60]));
  const edges = edgeComparison(whole, part);

  it('is that of the map where nothing is moved', () => {
    expect(edges.scoreAlong(moved, () => [0, 0, 0])).toBe(edges.scoreOf(moved));
  });

  it('is best along the displacement that makes both agree', () => {
    const near = rigid([2, 0, 0], [16, 0, 0]);
    const along = (share: number): number => edges.scoreAlong(near, () => [-6 * share, 0, 0]);
    expect(along(1)).toBeCloseTo(edges.scoreOf(moved), 6);
    expect(along(1)).toBeGreaterThan(along(0.5));
    expect(along(0.5)).toBeGreaterThan(along(0));
    expect(along(0)).toBeGreaterThan(along(-1));
  });
});
