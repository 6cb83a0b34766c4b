import { seededNumbers } from '../geometry/index.ts';
import { bodyMask } from './bodyMask.ts';
import type { ValueGrid } from './preprocess.ts';

/** Voxels of 4 mm: a slab of a chest of 300 x 220 mm. */
const [NZ, NY, NX] = [16, 70, 90] as const;
const CENTRE = { y: 30, x: 45 } as const;

/** Half axes of an ellipse around a centre, voxels; below 1 inside. */
function ellipse(
  y: number,
  x: number,
  [cy, cx]: readonly [number, number],
  [ry, rx]: readonly [number, number],
): number {
  return ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2;
}

/**
 * A chest: a trunk of tissue, two lungs with vessels and a mattress that is the same in every slice. HU with the noise of a mean over
 * some voxels.
 */
function chest(z: number, y: number, x: number, noise: () => number): number {
  const lung = Math.min(
    ellipse(y, x, [CENTRE.y, CENTRE.x - 18], [20, 14]),
    ellipse(y, x, [CENTRE.y, CENTRE.x + 18], [20, 14]),
  );
  if (lung < 1) return noise() < 0.12 ? -650 : -870 + 40 * noise();
  if (ellipse(y, x, [CENTRE.y, CENTRE.x], [25, 36]) < 1) return 40 + 10 * noise();
  if (y >= 56 && y < 66) return y === 56 || y === 65 ? -300 : -880 + 60 * ((x % 7) / 7);
  return -1000 + 4 * noise();
}

interface View {
  readonly y: readonly [number, number];
  readonly x: readonly [number, number];
  /** A reconstruction circle that touches the sides, filled with this value outside. */
  readonly padding?: number;
}

/** What a field of view shows of the chest. */
function seen({ y: [y0, y1], x: [x0, x1], padding }: View): {
  readonly grid: ValueGrid;
  at: (y: number, x: number) => number;
} {
  const random = seededNumbers(7);
  const whole = new Float32Array(NZ * NY * NX);
  for (let z = 0; z < NZ; z += 1)
    for (let y = 0; y < NY; y += 1)
      for (let x = 0; x < NX; x += 1) whole[(z * NY + y) * NX + x] = chest(z, y, x, random);
  const [ny, nx] = [y1 - y0, x1 - x0];
  const values = new Float32Array(NZ * ny * nx);
  for (let z = 0; z < NZ; z += 1)
    for (let y = 0; y < ny; y += 1)
      for (let x = 0; x < nx; x += 1) {
        const isOutside = ellipse(y, x, [(ny - 1) / 2, (nx - 1) / 2], [ny / 2, nx / 2]) > 1;
        values[(z * ny + y) * nx + x] =
          padding !== undefined && isOutside ? padding : (whole[(z * NY + y + y0) * NX + x + x0] ?? 0);
      }
  return { grid: { values, dims: [NZ, ny, nx] }, at: (y, x) => (8 * ny + y - y0) * nx + x - x0 };
}

/** Share of the body (mask of the whole chest) in the middle slice of a view that its own mask has. */
function shareFound(view: View): { readonly inside: number; readonly outside: number } {
  const full = seen({ y: [0, NY], x: [0, NX] });
  const part = seen(view);
  const [truth, mask] = [bodyMask(full.grid, 'CT'), bodyMask(part.grid, 'CT')];
  const counts = { body: 0, found: 0, air: 0, wrong: 0 };
  const [[y0, y1], [x0, x1]] = [view.y, view.x];
  for (let y = y0; y < y1; y += 1)
    for (let x = x0; x < x1; x += 1) {
      const middle = [(y0 + y1 - 1) / 2, (x0 + x1 - 1) / 2] as const;
      const radii = [(y1 - y0) / 2 - 1.5, (x1 - x0) / 2 - 1.5] as const;
      if (view.padding !== undefined && ellipse(y, x, middle, radii) > 1) continue;
      const isFound = mask[part.at(y, x)] === 1;
      if (truth[full.at(y, x)] === 1) counts.body += 1;
      else counts.air += 1;
      if (isFound && truth[full.at(y, x)] === 1) counts.found += 1;
      if (isFound && truth[full.at(y, x)] !== 1) counts.wrong += 1;
    }
  return { inside: counts.found / counts.body, outside: counts.air === 0 ? 0 : counts.wrong / counts.air };
}

describe('a field of view that opens the lungs', () => {
  it('is not needed: the whole chest is found, its mattress is not', () => {
    const { grid, at } = seen({ y: [0, NY], x: [0, NX] });
    const mask = bodyMask(grid, 'CT');
    expect([mask[at(30, 27)], mask[at(30, 63)], mask[at(30, 45)]]).toEqual([1, 1, 1]);
    expect([mask[at(60, 45)], mask[at(2, 2)], mask[at(60, 5)]]).toEqual([0, 0, 0]);
  });

  it.each<[string, View]>([
    ['a rectangle around the heart', { y: [14, 46], x: [26, 64] }],
    ['one lung', { y: [0, 60], x: [45, 78] }],
    ['a rectangle in a lung', { y: [20, 40], x: [54, 72] }],
    ['a corner', { y: [0, 34], x: [0, 40] }],
    ['a circle, padded with -2000', { y: [10, 50], x: [22, 68], padding: -2000 }],
    ['a circle, padded with -1024', { y: [10, 50], x: [22, 68], padding: -1024 }],
    ['a circle, padded with water', { y: [10, 50], x: [22, 68], padding: 0 }],
    ['a circle that shows the mattress, too', { y: [8, 66], x: [16, 74], padding: -3024 }],
  ])('keeps them in the body: %s', (_name, view) => {
    const { inside, outside } = shareFound(view);
    expect(inside).toBeGreaterThan(0.98);
    expect(outside).toBeLessThan(0.1);
  });
});
