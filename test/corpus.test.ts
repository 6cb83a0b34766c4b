/** What Samepoint makes of the files that pydicom has for its own tests, and that the comparison finds what is wrong. */
import type { Volume } from '../server/src/volume/types.ts';
import { differenceOf, displacementOf, placeTolerance, toleranceOf } from './corpus/compare.ts';
import { examine } from './corpus/examine.ts';
import type { Examined } from './corpus/examine.ts';
import { Pydicom, pydicomTestFiles } from './corpus/pydicom.ts';
import type { OtherImage } from './corpus/pydicom.ts';
import { describeWith } from './support/requirements.ts';

describeWith(['pydicom'], 'the test files of pydicom', () => {
  const rows: Examined[] = [];

  beforeAll(async () => {
    const pydicom = new Pydicom();
    try {
      for await (const row of examine(pydicomTestFiles(), pydicom)) rows.push(row);
    } finally {
      await pydicom.close();
    }
  });

  const outcomeOf = (file: string): string | undefined => rows.find((row) => row.file === file)?.outcome;

  test('are read alike, or refused with a code', () => {
    expect(rows.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(rows.length).toBeGreaterThan(40);
    for (const { outcome } of rows) expect(outcome).toMatch(/^(accepted|volume\/[a-z-]+)$/);
  });

  test('hold images in most transfer syntaxes whose every value is the same', () => {
    const exact = rows.reduce((sum, row) => sum + row.exact, 0);
    expect(exact).toBeGreaterThan(35);
    // Eight copies of one slice in eight transfer syntaxes, one of them padded behind its end.
    expect(rows.find(({ file }) => file === 'MR_small.dcm')).toMatchObject({ files: 8, exact: 8 });
    // The stream says unsigned, the header signed.
    for (const file of ['693_J2KI.dcm', 'J2K_pixelrep_mismatch.dcm'])
      expect(rows.find((row) => row.file === file)).toMatchObject({ exact: 1, unread: 0 });
  });

  test('are called what they are', () => {
    expect(outcomeOf('dicomdirtests/98892001/CT5N/2062')).toBe('accepted');
    expect(outcomeOf('MR_truncated.dcm')).toBe('volume/not-dicom');
    expect(outcomeOf('test-SR.dcm')).toBe('volume/no-volume-images');
    expect(outcomeOf('examples_palette.dcm')).toBe('volume/unsupported-modality');
  });
});

describe('the comparison', () => {
  const image: OtherImage = {
    sopInstanceUid: '1.2',
    isLossy: false,
    step: 2,
    places: [{ position: [1, 2, 3], orientation: [1, 0, 0, 0, 1, 0], spacing: [0.5, 0.25] }],
    frames: [Float64Array.of(1, 2, 0.1, -5)],
  };

  test('finds one value that differs, and another number of them', () => {
    expect(differenceOf(Float32Array.of(1, 2, 0.1, -5), image, 0)).toBe(0);
    expect(differenceOf(Float32Array.of(1, 2, 0.1, -4), image, 0)).toBe(1);
    expect(differenceOf(Float32Array.of(1, 2, NaN, -5), image, 0)).toBe(Infinity);
    expect(differenceOf(Float32Array.of(1, 2), image, 0)).toBe(Infinity);
    expect(differenceOf(Float32Array.of(1), image, 7)).toBe(Infinity);
    expect([toleranceOf(image), toleranceOf({ ...image, isLossy: true })]).toEqual([0, 6]);
  });

  test('finds a volume that is elsewhere, turned, or of another spacing', () => {
    const volumeOf = (u: number, v: number, x: number): Volume =>
      ({ dims: [3, 3, 1], voxelToLps: [u, 0, 0, x, 0, v, 0, 2, 0, 0, 4, 3] }) as unknown as Volume;
    const [place] = image.places;
    if (place === undefined) throw new Error('no place');
    expect(displacementOf(volumeOf(0.25, 0.5, 1), 0, place)).toBeCloseTo(0, 12);
    expect(displacementOf(volumeOf(0.25, 0.5, 6), 0, place)).toBeCloseTo(5, 12);
    expect(displacementOf(volumeOf(0.5, 0.25, 1), 0, place)).toBeCloseTo(0.5, 12);
    expect(displacementOf(volumeOf(0.25, 0.5, 1), 1, place)).toBeCloseTo(4, 12);
    expect(displacementOf(volumeOf(0.25, 0.5, 1), 0, { ...place, position: null })).toBe(Infinity);
    expect(placeTolerance(volumeOf(0.25, 0.5, 1))).toBeCloseTo(0.2, 12);
  });
});
