import fc from 'fast-check';
import { seededRandom } from '../volume/testing/syntheticSeries.ts';
import { requireHounsfield } from './hounsfield.ts';

/** HU of what a CT shows, and how much they vary. */
const TISSUES = {
  air: [-1000, 12],
  lung: [-840, 60],
  fat: [-100, 14],
  water: [5, 12],
  brain: [35, 6],
  muscle: [60, 14],
  contrast: [320, 60],
  spongiosa: [300, 120],
  cortical: [1100, 350],
  metal: [3071, 0],
} as const;
type Tissue = keyof typeof TISSUES;

/** Values of a CT that shows so many parts of each tissue. */
function ct(
  parts: Partial<Record<Tissue, number>>,
  change: (hu: number, n: number) => number = (hu) => hu,
): Int16Array {
  const random = seededRandom(1);
  const bell = (): number => random() + random() + random() + random() - 2;
  const values = Object.entries(parts).flatMap(([tissue, share]) => {
    const [mean, deviation] = TISSUES[tissue as Tissue];
    return Array.from({ length: 40 * share }, () => Math.max(-1024, mean + 1.7 * deviation * bell()));
  });
  return Int16Array.from(values, (hu, n) => Math.round(change(hu, n)));
}

const SCANS: Readonly<Record<string, Partial<Record<Tissue, number>>>> = {
  chest: { air: 40, lung: 25, fat: 10, muscle: 20, spongiosa: 3, cortical: 1 },
  'chest with contrast, no air around': { lung: 45, fat: 10, muscle: 28, contrast: 8, cortical: 2 },
  'abdomen of a fat patient': { air: 10, fat: 60, muscle: 25, contrast: 4, cortical: 1 },
  'thin arm in a wide field': { air: 960, fat: 10, muscle: 25, cortical: 5 },
  head: { air: 40, fat: 8, brain: 40, water: 4, cortical: 8 },
  'inside of a head': { brain: 80, water: 8, cortical: 10, spongiosa: 2 },
  'inside of a head, with a coil': { brain: 80, water: 8, cortical: 10, metal: 2 },
  'temporal bone': { air: 4, brain: 30, cortical: 50, spongiosa: 16 },
  'lung window': { lung: 90, muscle: 6, contrast: 4 },
  'hip with metal': { air: 30, fat: 20, muscle: 35, cortical: 10, metal: 5 },
  'water phantom': { air: 40, water: 60 },
};

describe.each(Object.entries(SCANS))('a CT of a %s', (name, parts) => {
  const isRefused = (change: (hu: number, n: number) => number): boolean => {
    try {
      requireHounsfield(ct(parts, change));
      return false;
    } catch {
      return true;
    }
  };

  it('is in HU, with any padding around', () => {
    for (const padding of [-1024, -2000, -3024, -32_768])
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 9 }), (nth) => {
          requireHounsfield(ct(parts, (hu, n) => (n % nth === 0 ? padding : hu)));
        }),
        { numRuns: 4 },
      );
  });

  it('is not in HU where its intercept was lost, with padding or without', () => {
    // Of lung or bone only, the scale cannot be known.
    if (name === 'lung window' || name === 'temporal bone') return;
    for (const lost of [1000, 1024]) {
      expect(isRefused((hu) => hu + lost)).toBe(true);
      expect(isRefused((hu, n) => (n % 4 === 0 ? -2000 : Math.max(0, hu + lost)))).toBe(true);
    }
    expect(isRefused((hu) => hu + 8192)).toBe(true);
  });

  it('is not in HU where all below 0 was cut off, or below a window', () => {
    if (name.startsWith('inside') || name === 'temporal bone') return;
    expect(isRefused((hu) => Math.max(0, hu))).toBe(true);
    // Of water and of lungs too little is left above a window of soft tissue to be sure.
    if (name !== 'water phantom' && name !== 'lung window')
      expect(isRefused((hu) => Math.min(240, Math.max(-160, hu)))).toBe(true);
  });
});

it('every column is looked at, however many slices there are', () => {
  // Only one column in 512 shows the patient: 1,024 slices of 512 x 8 pixels.
  const tissue = ct({ fat: 30, muscle: 30, spongiosa: 2 }, (hu) => hu + 1000);
  const values = Int16Array.from({ length: 512 * 8 * 1024 }, (_, n) =>
    n % 512 < 480 ? 5 + (n % 7) : (tissue[n % tissue.length] ?? 0),
  );
  expect(() => {
    requireHounsfield(values);
  }).toThrow('soft tissue lies about 1000');
});

describe('values of other quantities', () => {
  it.each([
    ['atomic numbers', (hu: number) => (hu < -500 ? 0 : 7.4 + hu / 300)],
    ['electron densities', (hu: number) => Math.max(0, 1 + hu / 1000)],
    ['concentrations', (hu: number) => Math.max(0, hu) / 40],
  ])('are refused, in words: %s', (_, quantity) => {
    const values = Float32Array.from(ct(SCANS['chest'] ?? {}), quantity);
    expect(() => {
      requireHounsfield(values);
    }).toThrow(/^the values of this CT series are not in Hounsfield units \(HU\): they /);
  });
});

it('the inside of a head is in HU, whatever its skull looks like', () => {
  const random = seededRandom(3);
  for (const skull of [() => 1000, () => 900, () => 700 + 500 * random()])
    for (const noise of [0, 6, 20]) {
      const values = Int16Array.from({ length: 20_000 }, (_, n) =>
        n % 8 === 0 ? skull() : n % 50 === 1 ? 6 : 35 + noise * (random() + random() - 1),
      );
      requireHounsfield(values);
      expect(() => {
        requireHounsfield(values.map((hu) => hu + 1000));
      }).toThrow('not in Hounsfield units');
    }
});

it('what shows nothing is accepted: padding only, one value, a phantom of few values', () => {
  for (const values of [
    [-1024],
    [-2000, -1024],
    [0],
    [40, 40, -100, 1000],
    [-100, 0, 40, 700],
    [-1000, 0, 1000],
  ])
    requireHounsfield(Int16Array.from({ length: 600 }, (_, n) => values[n % values.length] ?? 0));
});
