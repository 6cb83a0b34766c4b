import { bodyAreas, isBlanked, remnantMm } from './blanked.ts';
import { volumeOf } from './testing.ts';

/** A neck of 12 x 12 cm in 4 mm pixels; `side(k)`: edge of the square of body in slice k, pixels. */
const neck = (side: (k: number) => number) =>
  volumeOf([40, 40, 40], [4, 4, 2.5], [0, 0, 0], (i, j, k) => (i < side(k) && j < side(k) ? 40 : -1000));

describe('isBlanked', () => {
  it('measures the area of the body, cm²', () => {
    // 30 x 30 pixels of 4 x 4 mm.
    expect(bodyAreas(neck(() => 30))).toEqual(Array(40).fill(144));
  });

  it('accepts a whole scan, also with empty slices at its ends', () => {
    expect(isBlanked(neck(() => 30))).toBe(false);
    expect(isBlanked(neck((k) => (k < 12 ? 0 : 30)))).toBe(false);
  });

  it('accepts the vertex of a skull: it ends after a centimetre', () => {
    // Edge of 19 pixels is 57.8 cm²: 5 slices of 2.5 mm.
    const skull = neck((k) => (k >= 35 ? 19 - 3 * (k - 35) : 30));
    expect(remnantMm(skull)).toBe(12.5);
    expect(isBlanked(skull)).toBe(false);
  });

  it('finds a scan of which only the cord goes on below the target', () => {
    const cut = neck((k) => (k < 20 ? 3 : 30));
    expect(remnantMm(cut)).toBe(50);
    expect(isBlanked(cut)).toBe(true);
  });
});
