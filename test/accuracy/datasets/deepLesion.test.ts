import { affineFromColumns } from '../../../server/src/geometry/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { DatasetScenes } from './catalogue.ts';
import { deepLesion } from './deepLesion.ts';
import { folderOf, niftiFile, rowsOf, shifted } from './testing.ts';

/** As DL_save_nifti.py of DeepLesion writes it: rows, columns, slices downwards. 40 rows, 50 columns. */
const GRID: Grid = {
  dims: [40, 50, 9],
  voxelToLps: affineFromColumns([0, 0.75, 0], [0.75, 0, 0], [0, 0, -5], [0, 0, 0]),
};
const IMAGE = niftiFile(GRID, (i) => i);
const [A, B, C] = [
  '000001_01_01_002-010.nii.gz',
  '000001_02_01_003-011.nii.gz',
  '000002_01_01_001-009.nii.gz',
];

const LESION = {
  source: A,
  target: B,
  'source box': [8, 18, 3, 5, 5, 2],
  'target box': [18, 26, 4, 10, 10, 1],
  'source center': [10, 20, 4],
  'target center': [45, 30, 5],
  'source spacing': [0.75, 0.75, 5],
  'target spacing': [0.75, 0.75, 5],
  'source recist slice': '000001_01_01/006.png',
  // Pixels: a radius of 7.5 mm.
  'target recist diameter': [20, 10],
  'predict target center': [45, 34, 5],
};

function files(test: unknown = { '0001': LESION }): Record<string, unknown> {
  return {
    'test.json': test,
    [`Images_nifti/${A}`]: IMAGE,
    [`Images_nifti/${B}`]: IMAGE,
    [`Images_nifti/more/${C}`]: IMAGE,
  };
}

const rowsIn = (
  folder: string,
  answer: Parameters<typeof rowsOf>[1],
  cases?: readonly string[],
): ReturnType<typeof rowsOf> =>
  rowsOf(new DatasetScenes({ folders: [{ dataset: deepLesion(), folder }], cases }).scenes(), answer);

describe('deepLesion', () => {
  it('reads column, row and slice, whatever the order in the file', async () => {
    const [pair] = await deepLesion().read(folderOf(files()));
    const { points, data } = await pair!.open();
    expect(data).toBe('deeplesion');
    expect(points).toMatchObject([{ query: [7.5, 15, -20], target: [33.75, 22.5, -25] }]);
  });

  it('answers lesions of the same volumes together, and reads a list as well', async () => {
    const lesions = [LESION, { ...LESION, source: C }, { ...LESION, 'source center': [11, 21, 3] }];
    const pairs = await deepLesion().read(folderOf(files(lesions)));
    expect(await Promise.all(pairs.map(async ({ open }) => (await open()).points.length))).toEqual([2, 1]);
  });

  it('gives MED, CPM and errors per axis, beside the affine initialisation of the file', async () => {
    const box = (...numbers: readonly number[]) => ({ ...LESION, 'target box': numbers });
    // Rows run along y (0.75 mm): 3 mm are 4 rows, from row 30 to row 34.
    const test = {
      a: box(40, 30, 5, 10, 4, 0),
      b: box(40, 30, 5, 10, 3, 0),
    };
    const rows = await rowsIn(folderOf(files(test)), ({ target }) => shifted(target, [0, 3, 0]));
    expect(rows).toMatchObject([
      {
        case: 'test',
        method: 'nearest',
        n: 2,
        metrics: {
          medMm: 3,
          medSdMm: 0,
          xMm: 0,
          yMm: 3,
          zMm: 0,
          cpm10: 1,
          cpm10Plain: 1,
          cpmRadius: 1,
          cpmBox: 0.5,
        },
      },
      { case: 'test', model: '-', method: 'affine', metrics: { medMm: 3, cpmBox: 0.5 } },
    ]);
    const far = await rowsIn(folderOf(files()), ({ target }) => shifted(target, [4.5, 0, 6]));
    // 7.5 mm: on the radius.
    expect(far[0]).toMatchObject({
      metrics: { medMm: 7.5, xMm: 4.5, zMm: 6, cpm10: 1, cpmRadius: 0, cpmBox: 0 },
    });
  });

  it('reads valid.json as a case of its own', async () => {
    const folder = folderOf({ ...files(), 'valid.json': { 1: LESION, 2: LESION } });
    const rows = await rowsIn(folder, ({ target }) => target, ['valid']);
    expect(rows.filter(({ method }) => method === 'nearest')).toMatchObject([{ case: 'valid', n: 2 }]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no annotations', { 'readme.md': '' }, /holds neither test\.json nor valid\.json/],
    [
      'a missing volume',
      files({ 1: { ...LESION, target: 'x.nii.gz' } }),
      /test\.json names x\.nii\.gz, .*1 of 2 volumes are missing/,
    ],
    [
      'a lesion without a centre',
      files({ 7: { ...LESION, 'target center': [1, 2] } }),
      /test\.json does not have the form/,
    ],
    ['two volumes of one name', { ...files(), [`copy/${A}`]: IMAGE }, /have the same name/],
  ])('refuses %s', async (_, content, message) => {
    await expect(deepLesion().read(folderOf(content))).rejects.toThrow(message);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'another spacing',
      { ...LESION, 'target spacing': [0.75, 0.75, 1] },
      /000001_02_01_003-011\.nii\.gz has a spacing of 0\.750, 0\.750, 5\.000 mm/,
    ],
    [
      'a centre outside the sub-volume',
      { ...LESION, 'target center': [45, 30, 9] },
      /test\.json, 0001, target center: the index \(45, 30, 9\) lies outside the volume of 50 x 40 x 9/,
    ],
  ])('refuses %s, when it opens the pair', async (_, lesion, message) => {
    const [pair] = await deepLesion().read(folderOf(files({ '0001': lesion })));
    await expect(pair!.open()).rejects.toThrow(message);
  });
});
