import fc from 'fast-check';
import { seededNumbers } from '../geometry/index.ts';
import { emptyVolume, transform, transformBack, transformLength } from './fft.ts';
import type { ComplexVolume } from './fft.ts';

type Dims = ComplexVolume['dims'];

/** By the definition, one value at a time. */
function definition({ dims, re, im }: ComplexVolume, u: Dims): readonly [number, number] {
  let [sumRe, sumIm] = [0, 0];
  for (let k = 0, at = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++, at++) {
        const angle = -2 * Math.PI * ((u[0] * i) / dims[0] + (u[1] * j) / dims[1] + (u[2] * k) / dims[2]);
        sumRe += re[at]! * Math.cos(angle) - im[at]! * Math.sin(angle);
        sumIm += re[at]! * Math.sin(angle) + im[at]! * Math.cos(angle);
      }
  return [sumRe, sumIm];
}

function noise(dims: Dims, filled: Dims, seed: number): ComplexVolume {
  const volume = emptyVolume(dims);
  const random = seededNumbers(seed);
  for (let k = 0; k < filled[2]; k++)
    for (let j = 0; j < filled[1]; j++)
      for (let i = 0; i < filled[0]; i++) {
        const at = (k * dims[1] + j) * dims[0] + i;
        volume.re[at] = random() - 0.5;
        volume.im[at] = random() - 0.5;
      }
  return volume;
}

const lengths = fc.constantFrom(1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 27, 36);
const cases = fc.record({
  dims: fc.tuple(lengths, lengths, lengths).filter(([a, b, c]) => a * b * c < 4000),
  filled: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  seed: fc.nat(),
});

describe('transform', () => {
  it('is the discrete Fourier transform', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ dims, filled, seed }, place) => {
        const inside: Dims = [dims[0], Math.ceil(dims[1] * filled[0]), Math.ceil(dims[2] * filled[1])];
        const volume = noise(dims, inside, seed);
        const at = place % volume.re.length;
        const u: Dims = [
          at % dims[0],
          Math.floor(at / dims[0]) % dims[1],
          Math.floor(at / (dims[0] * dims[1])),
        ];
        const [re, im] = definition(volume, u);
        transform(volume, inside);
        expect(volume.re[at]).toBeCloseTo(re, 3);
        expect(volume.im[at]).toBeCloseTo(im, 3);
      }),
      { numRuns: 200 },
    );
  });

  it('comes back', () => {
    fc.assert(
      fc.property(cases, ({ dims, seed }) => {
        const volume = noise(dims, dims, seed);
        const [re, im] = [volume.re.slice(), volume.im.slice()];
        transform(volume);
        transformBack(volume);
        for (const [n, value] of re.entries()) {
          expect(volume.re[n]).toBeCloseTo(value, 5);
          expect(volume.im[n]).toBeCloseTo(im[n]!, 5);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a length with another prime factor', () => {
    expect(() => {
      transform(emptyVolume([10, 4, 4]));
    }).toThrow(RangeError);
  });
});

describe('transformLength', () => {
  it('is the next product of twos and threes', () => {
    expect([1, 5, 7, 13, 17, 97, 145].map(transformLength)).toEqual([1, 6, 8, 16, 18, 108, 162]);
  });
});
