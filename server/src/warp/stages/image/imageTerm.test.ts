import fc from 'fast-check';
import { lpsPoint, seededNumbers } from '../../../geometry/index.ts';
import { evenly } from '../../../geometry/testing/evenly.ts';
import { imageTerm } from './imageTerm.ts';
import { LinearImage } from './linearImage.ts';

const N = 8;
const random = seededNumbers(5);
/** A smooth image: a wave along each axis. */
const waves = (phase: number): Float32Array =>
  Float32Array.from({ length: N ** 3 }, (_, at) => {
    const [i, j, k] = [at % N, Math.floor(at / N) % N, Math.floor(at / N ** 2)];
    return Math.sin(0.7 * i + phase) + Math.sin(0.5 * j - phase) + Math.sin(0.6 * k);
  });

describe('an image between its voxels', () => {
  const linear = Float32Array.from(
    { length: N ** 3 },
    (_, at) => 2 * (at % N) - 3 * (Math.floor(at / N) % N) + Math.floor(at / N ** 2),
  );
  const inside = evenly(0, N - 1.01);

  it('has the value and the slopes of a linear function', () => {
    const image = new LinearImage(linear, [N, N, N]);
    fc.assert(
      fc.property(inside, inside, inside, (x, y, z) => {
        expect(image.read(x, y, z)).toBe(true);
        expect(image.value).toBeCloseTo(2 * x - 3 * y + z, 4);
        for (const [axis, slope] of [2, -3, 1].entries()) expect(image.slope[axis]).toBeCloseTo(slope, 4);
      }),
    );
  });

  it('has no value beyond its voxels, nor beside one that has none', () => {
    const image = new LinearImage(linear.with(0, NaN), [N, N, N]);
    expect(image.read(-0.01, 3, 3)).toBe(false);
    expect(image.read(3, N - 0.5, 3)).toBe(false);
    expect(image.read(0.5, 0.5, 0.5)).toBe(false);
    expect(image.read(1.5, 0.5, 0.5)).toBe(true);
  });
});

describe('the difference of two images', () => {
  const level = {
    dims: [N, N, N] as const,
    spacing: [2, 2, 3] as const,
    origin: [10, -20, 5] as const,
    values: new Int16Array(N ** 3),
  };
  const lattice = { dims: [3, 3, 3] as const, voxelToLps: [7, 0, 0, 10, 0, 7, 0, -20, 0, 0, 11, 5] as const };
  const term = imageTerm(
    { level, values: waves(0) },
    { level, values: waves(0.4) },
    {
      lattice,
      sampleStride: 1,
      // Within the image, so that all samples stay in view.
      isInBody: ([x, y, z]) => x > 11 && x < 23 && y > -19 && y < -7 && z > 7 && z < 24,
      guess: ([x, y, z]) => lpsPoint(x + 0.3, y - 0.2, z + 0.1),
    },
  );

  it('compares the voxels in the body', () => {
    expect(term.samples).toBe(6 * 6 * 6);
  });

  it('has the gradient of its value', () => {
    const start = Float32Array.from({ length: 81 }, () => 0.2 * random());
    const gradient = new Float32Array(81);
    term.addGradient(start, gradient);
    fc.assert(
      fc.property(fc.nat(80), (component) => {
        const by = (mm: number): number =>
          term.addGradient(start.with(component, start[component]! + mm), new Float32Array(81));
        // The slope of a linear interpolation jumps at the voxels: a few samples pass one.
        expect((by(0.01) - by(-0.01)) / 0.02).toBeCloseTo(gradient[component]!, 3);
      }),
    );
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.05);
  });
});
