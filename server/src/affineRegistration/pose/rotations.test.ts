import fc from 'fast-check';
import { compose, determinant } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import {
  angleBetweenDeg,
  angleDeg,
  axisOf,
  axisRotations,
  isMirroring,
  MIRROR,
  nearestOrthogonal,
  spreadRotations,
  transposed,
} from './rotations.ts';

/** Rodrigues' formula, written out: shares no code with the module. */
function rodrigues([x, y, z]: readonly [number, number, number], deg: number): Affine {
  const [c, s] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
  const t = 1 - c;
  return [
    t * x * x + c, t * x * y - s * z, t * x * z + s * y, 0,
    t * x * y + s * z, t * y * y + c, t * y * z - s * x, 0,
    t * x * z - s * y, t * y * z + s * x, t * z * z + c, 0,
  ]; // prettier-ignore
}

const axis = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }))
  .map(
    ([z, phi]) => [Math.sqrt(1 - z * z) * Math.cos(phi), Math.sqrt(1 - z * z) * Math.sin(phi), z] as const,
  );
const angle = fc.double({ min: 1, max: 180, noNaN: true });

describe('angle and axis', () => {
  it('are those that a rotation was made of', () => {
    fc.assert(
      fc.property(axis, angle, (about, deg) => {
        const rotation = rodrigues(about, deg);
        expect(angleDeg(rotation)).toBeCloseTo(deg, 4);
        const found = axisOf(rotation);
        const cosine = found.reduce((sum, part, n) => sum + part * about[n]!, 0);
        // Half a turn about an axis is half a turn about its opposite.
        expect(deg < 175 ? cosine : Math.abs(cosine)).toBeGreaterThan(0.999);
      }),
    );
  });
});

describe('nearestOrthogonal', () => {
  it('removes the stretch of a map; the rotation and the reflection remain', () => {
    const stretch = fc.double({ min: 0.8, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(axis, angle, stretch, stretch, stretch, fc.boolean(), (about, deg, a, b, c, mirrors) => {
        const proper = rodrigues(about, deg);
        const rotation = mirrors ? compose(proper, MIRROR) : proper;
        const stretched = compose(rotation, [a, 0, 0, 5, 0, b, 0, -7, 0, 0, c, 9]);
        const found = nearestOrthogonal(stretched);
        expect(isMirroring(found)).toBe(mirrors);
        expect(angleBetweenDeg(found, rotation)).toBeLessThan(1e-4);
        compose(transposed(found), found).forEach((value, n) => {
          expect(value).toBeCloseTo(n % 5 === 0 ? 1 : 0, 9);
        });
      }),
    );
  });
});

describe('rotations that are tried', () => {
  it('are the 24 of the axes, the identity first', () => {
    const rotations = axisRotations();
    expect(rotations).toHaveLength(24);
    expect(new Set(rotations.map((m) => m.map((value) => value + 0).join())).size).toBe(24);
    expect(angleDeg(rotations[0]!)).toBe(0);
    for (const rotation of rotations) expect(determinant(rotation)).toBe(1);
  });

  it('are within 26 degrees of every rotation', () => {
    const tried = [...axisRotations(), ...spreadRotations(500)];
    fc.assert(
      fc.property(axis, angle, (about, deg) => {
        const rotation = rodrigues(about, deg);
        expect(Math.min(...tried.map((other) => angleBetweenDeg(other, rotation)))).toBeLessThan(26);
      }),
    );
  });
});
