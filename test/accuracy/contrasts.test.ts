import { CONTRAST_CASES, CONTRASTS, inContrast, intensityOf } from './contrasts.ts';
import { volumeOf } from './testing.ts';

const mean = (values: Int16Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Mean intensity of a cube of one tissue. */
const tissue = (hu: number, name: string): number =>
  mean(
    inContrast(
      volumeOf([8, 8, 8], [2, 2, 2], [0, 0, 0], () => hu),
      name,
      7,
    ).data as Int16Array,
  );

describe('intensityOf', () => {
  it('is linear between control points and constant beyond them', () => {
    const contrast = [
      [-100, 0],
      [0, 50],
      [100, 30],
    ] as const;
    expect([-200, -100, -50, 0, 50, 100, 400].map((hu) => intensityOf(contrast, hu))).toEqual([
      0, 0, 25, 50, 40, 30, 30,
    ]);
  });
});

describe('inContrast', () => {
  it('has the order of tissues of its name', () => {
    expect(tissue(-100, 't1-like')).toBeGreaterThan(tissue(5, 't1-like') + 400);
    expect(tissue(5, 't2-like')).toBeGreaterThan(tissue(50, 't2-like') + 400);
    expect(tissue(-100, 'inverted')).toBeGreaterThan(tissue(150, 'inverted') + 200);
    for (const name of CONTRAST_CASES) expect(tissue(-1000, name)).toBeLessThan(60);
    // Enhanced vessels and organs lie as close to muscle as without contrast agent.
    expect(tissue(180, 'petct-like') - tissue(60, 'petct-like')).toBeLessThan(20);
    expect(tissue(60, 'petct-like') - tissue(-100, 'petct-like')).toBeGreaterThan(130);
  });

  it('is an MR with the voxels of the CT, the same for the same seed', () => {
    const volume = volumeOf([6, 5, 4], [2, 2, 2], [0, 0, 0], (i) => 100 * i);
    const made = inContrast(volume, 't1-like', 3);
    expect(made.modality).toBe('MR');
    expect(made.voxelToLps).toEqual(volume.voxelToLps);
    expect(made.data).toEqual(inContrast(volume, 't1-like', 3).data);
    expect(made.data).not.toEqual(inContrast(volume, 't1-like', 4).data);
    expect(inContrast(volume, 'petct-like', 3).modality).toBe('CT');
  });

  it('has control points in ascending HU', () => {
    for (const { curve } of Object.values(CONTRASTS)) {
      const places = curve.map(([hu]) => hu);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
  });
});
