/** Pairs placed by vectors in which single voxels are mostly noise. */
import type { Embedding, EmbeddingMap } from '../../embedding/types.ts';
import { affineFromColumns, distanceMm, invert, lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { createRandom } from '../../phantom/index.ts';
import { applyTo } from '../../affineRegistration/affine/affineFit.ts';
import { poseMap } from '../rigid.ts';
import { Placement } from '../firstGuess.ts';
import { byVectors } from './byVectors.ts';
import { principalDirections } from './principalDirections.ts';

type Triple = readonly [number, number, number];

const VOXEL_MM = 8;
const CHANNELS = 24;
const WAVES = createRandom(5, 'waves');
/** Wave numbers, 1/mm, and phase of each channel: structures of 60 mm and more. */
const ANATOMY = Array.from({ length: CHANNELS }, () =>
  Array.from({ length: 4 }, () => WAVES.between(-0.1, 0.1)),
);
const PLACES = [lpsPoint(40, 30, 60), lpsPoint(-40, -20, -60), lpsPoint(20, -30, 0)];
const TURN_CENTRE = { centre: lpsPoint(0, 0, 0) };

interface Scan {
  /** First voxel, LPS mm, and number of voxels. */
  readonly origin: LpsPoint;
  readonly dims: Triple;
  /** Where the anatomy lies: its LPS to that of the scan. */
  readonly moved?: Affine;
  /** Noise of a component, in units of the anatomy's. */
  readonly noise: number;
  readonly role?: EmbeddingMap['role'];
}

const STILL = poseMap(TURN_CENTRE, [0, 0, 0, 0, 0, 0]);

function scanned({ origin, dims, moved = STILL, noise, role = 'fine' }: Scan): Embedding {
  const random = createRandom(dims[2], 'noise');
  const grid = {
    dims,
    voxelToLps: affineFromColumns([VOXEL_MM, 0, 0], [0, VOXEL_MM, 0], [0, 0, VOXEL_MM], origin),
  };
  const back = invert(moved);
  const count = dims[0] * dims[1] * dims[2];
  const vectors = new Int8Array(count * CHANNELS);
  const inverseNorms = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const [i, j] = [at % dims[0], Math.floor(at / dims[0]) % dims[1]];
    // The corners of the grid are outside the body.
    if ((i - dims[0] / 2) ** 2 + (j - dims[1] / 2) ** 2 > (dims[0] * dims[1]) / 4) continue;
    const index = voxelIndex(i, j, Math.floor(at / (dims[0] * dims[1])));
    const [x, y, z] = applyTo(back, toLps(grid.voxelToLps, index));
    let square = 0;
    ANATOMY.forEach(([a, b, c, phase], channel) => {
      const wave = Math.cos(a! * x + b! * y + c! * z + 60 * phase!);
      const value = Math.round(25 * (wave + noise * random.normal()) + 30);
      vectors[at * CHANNELS + channel] = Math.max(-127, Math.min(127, value));
      square += vectors[at * CHANNELS + channel]! ** 2;
    });
    inverseNorms[at] = 1 / Math.sqrt(square);
  }
  const map: EmbeddingMap = { role, grid, channels: CHANNELS, weight: 1, vectors, inverseNorms };
  return { maps: [map] } as unknown as Embedding;
}

const whole = scanned({ origin: lpsPoint(-110, -80, -140), dims: [28, 20, 35], noise: 0.6 });

function worstMm(found: Affine, truth: Affine): number {
  return Math.max(...PLACES.map((place) => distanceMm(applyTo(found, place), applyTo(truth, place))));
}

function placementOf(query: Embedding, target: Embedding): Placement {
  return new Placement(byVectors(query, target)!);
}

describe('a placement by vectors', () => {
  it.each([
    ['shifted', [61, -40, 92, 0, 0, 0]],
    ['turned and shifted', [-30, 22, -47, 0.1, -0.08, 0.12]],
  ] as const)('finds a part that is %s', (_name, pose) => {
    const moved = poseMap(TURN_CENTRE, pose);
    const origin = lpsPoint(pose[0] - 70, pose[1] - 60, pose[2] - 90);
    const part = scanned({ origin, dims: [18, 15, 23], moved, noise: 0.6 });
    const guess = placementOf(whole, part).firstGuess()!;
    expect(worstMm(guess.map, moved)).toBeLessThan(4);
    expect(guess.isSure).toBe(true);
  });

  it('keeps a map under which both agree, and no other', () => {
    const moved = poseMap(TURN_CENTRE, [12, 0, -8, 0, 0.05, 0]);
    const part = scanned({ origin: lpsPoint(-60, -60, -100), dims: [18, 15, 23], moved, noise: 0.4 });
    const placement = placementOf(whole, part);
    expect(placement.guessBeside({ map: moved, isTrusted: true })).toBeUndefined();
    const wrong = poseMap(TURN_CENTRE, [60, 0, 40, 0, 0, 0]);
    expect(worstMm(placement.guessBeside({ map: wrong, isTrusted: true })!.map, moved)).toBeLessThan(4);
  });

  it('replaces a map that is sure, but not trusted, by a better one', () => {
    const moved = poseMap(TURN_CENTRE, [12, 0, -8, 0, 0.05, 0]);
    const part = scanned({ origin: lpsPoint(-60, -60, -100), dims: [18, 15, 23], moved, noise: 0.4 });
    const placement = placementOf(whole, part);
    const near = poseMap(TURN_CENTRE, [18, 0, -8, 0, 0.05, 0]);
    expect(placement.guessBeside({ map: near, isTrusted: true })).toBeUndefined();
    const better = placement.guessBeside({ map: near, isTrusted: false })!;
    expect(better.score).toBeGreaterThan(placement.scoreOf(near));
    expect(worstMm(better.map, moved)).toBeLessThan(4);
    expect(placement.guessBeside({ map: better.map, isTrusted: false })?.score ?? 0).toBeLessThanOrEqual(
      better.score,
    );
  });

  it('is not sure of noise', () => {
    const noise = scanned({ origin: lpsPoint(-70, -60, -90), dims: [18, 15, 23], noise: 1e6 });
    expect(placementOf(whole, noise).firstGuess()?.isSure ?? false).toBe(false);
  });

  it('is not there without a fine map', () => {
    const coarse = scanned({ origin: lpsPoint(0, 0, 0), dims: [4, 4, 4], noise: 1, role: 'coarse' });
    expect(byVectors(whole, coarse)).toBeUndefined();
  });
});

describe('principalDirections', () => {
  it('are orthonormal, the longest first, and no more than the vectors span', () => {
    const random = createRandom(1, 'vectors');
    const vectors = Float32Array.from({ length: 3 * 500 }, (_, n) =>
      n % 3 === 2 ? 0 : (n % 3 === 0 ? 1 : 5) * random.normal(),
    );
    const found = principalDirections([vectors], 3, 3);
    expect(found).toHaveLength(2);
    expect(Math.abs(found[0]![1]!)).toBeCloseTo(1, 2);
    expect(Math.abs(found[1]![0]!)).toBeCloseTo(1, 2);
    expect(found[0]!.reduce((sum, value, n) => sum + value * found[1]![n]!, 0)).toBeCloseTo(0, 12);
  });
});
