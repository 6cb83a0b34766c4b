import { inMrContrast, MR_CASES, MR_CONTRASTS, onHuScale } from './mrContrasts.ts';
import { volumeOf } from './testing.ts';

/** An MR whose brightest voxels have 400: air, cortical bone, muscle and fat in slabs along x. */
const TISSUES = { air: 0, bone: 20, muscle: 110, fat: 400 } as const;
const T1 = {
  ...volumeOf([4, 12, 12], [2, 2, 2], [0, 0, 0], (i) => Object.values(TISSUES)[i] ?? 0),
  modality: 'MR',
} as const;

/** Mean intensity of each tissue as a sequence shows it. */
function shown(name: string): Record<keyof typeof TISSUES, number> {
  const { data } = inMrContrast(onHuScale(T1), name, 5);
  const mean = (i: number): number =>
    Array.from(data)
      .filter((_, at) => at % 4 === i)
      .reduce((sum, value) => sum + value, 0) /
    (data.length / 4);
  return { air: mean(0), bone: mean(1), muscle: mean(2), fat: mean(3) };
}

describe('onHuScale', () => {
  it('puts air at the HU of air, and tissue above the body threshold of the follow-ups', () => {
    const { data } = onHuScale(T1);
    expect(data[0]).toBe(-1024);
    expect(data[2]).toBeGreaterThan(-300);
    expect(data[3]).toBeGreaterThan(data[2]! * 2);
  });

  it('keeps an outlier within the range of int16', () => {
    const bright = { ...T1, data: T1.data.slice().fill(30_000, 0, 1) };
    expect(Math.max(...onHuScale(bright).data)).toBeLessThan(32_767);
    expect(onHuScale(bright).data[3]).toBe(onHuScale(T1).data[3]);
  });
});

describe('inMrContrast', () => {
  it('keeps the order of tissues in a follow-up, and turns fat and muscle around without fat', () => {
    const again = shown('mr-follow-up');
    expect(again.fat).toBeGreaterThan(again.muscle + 300);
    for (const name of ['mr-fat-suppressed', 'mr-adc-like', 'mr-inverted']) {
      const made = shown(name);
      expect(made.muscle).toBeGreaterThan(made.fat + 300);
      expect(made.muscle).toBeGreaterThan(made.air + 300);
    }
  });

  it('shows air as dark, and is an MR with the voxels of the first', () => {
    for (const name of MR_CASES) {
      expect(shown(name).air).toBeLessThan(100);
      const made = inMrContrast(onHuScale(T1), name, 5);
      expect(made.modality).toBe('MR');
      expect(made.voxelToLps).toEqual(T1.voxelToLps);
      expect(Math.min(...made.data)).toBeGreaterThanOrEqual(0);
    }
  });

  it('is the same for the same seed, and refuses a name that it does not know', () => {
    const [scaled, name] = [onHuScale(T1), 'mr-adc-like'];
    expect(inMrContrast(scaled, name, 3).data).toEqual(inMrContrast(scaled, name, 3).data);
    expect(inMrContrast(scaled, name, 3).data).not.toEqual(inMrContrast(scaled, name, 4).data);
    expect(() => inMrContrast(scaled, 'none', 3)).toThrow(RangeError);
  });

  it('has control points in ascending order', () => {
    for (const { curve } of Object.values(MR_CONTRASTS)) {
      const places = curve.map(([place]) => place);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  });
});
