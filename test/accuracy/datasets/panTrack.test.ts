import { affineFromColumns } from '../../../server/src/geometry/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { DatasetScenes } from './catalogue.ts';
import { panTrack } from './panTrack.ts';
import { folderOf, niftiFile, rowsOf, shifted } from './testing.ts';

const GRID: Grid = {
  dims: [10, 9, 8],
  voxelToLps: affineFromColumns([-1, 0, 0], [0, -1, 0], [0, 0, 2], [5, 6, 7]),
};
const IMAGE = niftiFile(GRID, (i) => i);
/** Lesion 3 in columns 0 to 4 and label 51, which is that of lesion 307 in 8 bits, in the others. */
const LABELS = niftiFile(GRID, (i, j) => (j === 0 ? 0 : i < 5 ? 3 : 51));

const LESION = {
  img_bl: 'P1_a',
  img_fu: 'P1_b',
  bl_point: [1, 2, 3],
  fu_point: [2, 4, 5],
  fu_point_prop: [2, 2, 5],
  merged_lesions: [3],
};
const TRACKING = { P1: { 3: LESION, 307: { ...LESION, fu_point: [8, 4, 5], merged_lesions: [307] } } };

function files(tracking: unknown = TRACKING): Record<string, unknown> {
  return {
    'tracking.json': tracking,
    'images/P1_a_0000.nii.gz': IMAGE,
    'images/P1_b_0000.nii.gz': IMAGE,
    'labels/P1_a.nii.gz': LABELS,
    'labels/P1_b.nii.gz': LABELS,
  };
}

const rowsIn = (folder: string, answer: Parameters<typeof rowsOf>[1]): ReturnType<typeof rowsOf> =>
  rowsOf(
    new DatasetScenes({ folders: [{ dataset: panTrack(), folder }], cases: undefined }).scenes(),
    answer,
  );

describe('panTrack', () => {
  it('reads indices from 0 in the order of the file, and lesions of a pair together', async () => {
    const [pair, ...others] = await panTrack().read(folderOf(files()));
    expect(others).toEqual([]);
    const { points } = await pair!.open();
    expect(points).toMatchObject([
      { query: [4, 4, 13], target: [3, 2, 17], reference: [3, 4, 17] },
      { query: [4, 4, 13], target: [-3, 2, 17] },
    ]);
  });

  it('gives the error and the hits, beside the propagated points of the file', async () => {
    // Four columns to the left: 2 to 6, of the other lesion; 8 to 12, outside the volume.
    const rows = await rowsIn(folderOf(files()), ({ target }) => shifted(target, [-4, 0, 0]));
    expect(rows).toMatchObject([
      { data: 'pantrack', case: 'lesions', n: 2, metrics: { pointErrorMm: 4, pointErrorSdMm: 0, hit: 0 } },
      // (2, 2, 5) for both: 2 mm and hypot(6, 2) mm; in lesion 3 only.
      { model: '-', method: 'propagated', n: 2, metrics: { pointErrorMm: 4.1623, hit: 0.5 } },
    ]);
    const exact = await rowsIn(folderOf(files()), ({ target }) => target);
    expect(exact[0]).toMatchObject({ metrics: { pointErrorMm: 0, hit: 1 } });
  });

  it('omits lesions that are gone or have no point, as Python writes them', async () => {
    const text = `{"P1": [{"3": ${JSON.stringify(LESION)},
      "4": {"img_bl": "P1_a", "img_fu": "P1_b", "bl_point": [1, 1, 1], "fu_point": NaN, "fu_point_prop": [1, 1, 1], "merged_lesions": [0]},
      "5": {"img_bl": "P1_a", "img_fu": "P1_b", "bl_point": [1, 1, 1], "fu_point": [NaN, NaN, NaN], "merged_lesions": [5]},
      "6": {"img_bl": "P1_a", "img_fu": "P1_b", "bl_point": [1, 1, 1], "fu_point": [1, 1, 1], "fu_point_prop": NaN, "merged_lesions": [6]}},
      {"3": {"img_bl": "P1_b", "img_fu": "P1_a", "bl_point": [1, 1, 1], "fu_point": [1, 1, 1], "merged_lesions": [3]}}]}`;
    const rows = await rowsIn(folderOf(files(text)), ({ target }) => target);
    // Lesion 6 has no propagated point and another label than the voxel; the second pair of scans has no propagated point.
    expect(rows).toMatchObject([
      { n: 3, metrics: { hit: 0.6667 } },
      { method: 'propagated', n: 1 },
    ]);
  });

  it('reads the form of LongiSeg, and a lesion that has merged into another', async () => {
    const folder = folderOf({
      'trackingTr.json': { P1: { 9: { ...LESION, merged_lesions: [51, 3] } } },
      'imagesTr/P1_a_0000.nii.gz': IMAGE,
      'imagesTr/P1_b_0000.nii.gz': IMAGE,
      'labelsTr/P1_b.nii.gz': LABELS,
    });
    expect(await rowsIn(folder, ({ target }) => target)).toMatchObject([{ metrics: { hit: 1 } }, {}]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no tracking file', { 'a.txt': '' }, /holds no tracking\.json/],
    [
      'two tracking files',
      { ...files(), 'trackingTr.json': TRACKING },
      /holds tracking\.json and trackingTr\.json/,
    ],
    [
      'a tracking file of another form',
      files({ P1: { 3: { img_bl: 'P1_a' } } }),
      /tracking\.json does not have the form/,
    ],
    [
      'scans without lesions',
      files({ P1: { img_bl: 'P1_a', img_fu: 'P1_b' } }),
      /tracking\.json does not have the form/,
    ],
    [
      'no lesion in both scans',
      files({ P1: { 3: { ...LESION, merged_lesions: [0] } } }),
      /has no lesion with a bl_point and a fu_point/,
    ],
    [
      'a missing scan',
      files({ P1: { 3: { ...LESION, img_fu: 'P1_c' } } }),
      /P1_c_0000\.nii\.gz does not exist, but .*tracking\.json names it/,
    ],
  ])('refuses %s', async (_, content, message) => {
    await expect(panTrack().read(folderOf(content))).rejects.toThrow(message);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'labels of another size',
      { ...files(), 'labels/P1_b.nii.gz': niftiFile({ ...GRID, dims: [10, 9, 7] }, () => 0) },
      /labels\/P1_b\.nii\.gz has 10 x 9 x 7 voxels, its image 10 x 9 x 8/,
    ],
    [
      'a point outside the scan',
      files({ P1: { 3: { ...LESION, fu_point: [2, 4, 8] } } }),
      /tracking\.json, P1, lesion 3, fu_point: .* outside/,
    ],
  ])('refuses %s, when it opens the pair', async (_, content, message) => {
    const [pair] = await panTrack().read(folderOf(content));
    await expect(pair!.open()).rejects.toThrow(message);
  });
});
