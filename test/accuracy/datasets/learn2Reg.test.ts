import { affineFromColumns } from '../../../server/src/geometry/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { DatasetScenes } from './catalogue.ts';
import { learn2Reg } from './learn2Reg.ts';
import { folderOf, niftiFile, rowsOf, shifted } from './testing.ts';

/** Its axes run to the right, to anterior and up, as those of a NIfTI file mostly do. */
const GRID: Grid = {
  dims: [6, 5, 4],
  voxelToLps: affineFromColumns([-1.5, 0, 0], [0, -1, 0], [0, 0, 2], [40, 50, -60]),
};
const IMAGE = niftiFile(GRID, (i) => i);

const image = (patient: number, number: number): string =>
  `./imagesTr/LungCT_000${patient}_000${number}.nii.gz`;
const DESCRIPTION = {
  name: 'LungCT',
  modality: { 0: 'CT' },
  training: [],
  registration_val: [1, 2, 3].map((n) => ({ fixed: image(n, 0), moving: image(n, 1) })),
};

function files(): Record<string, unknown> {
  const content: Record<string, unknown> = { 'LungCT/LungCT_dataset.json': DESCRIPTION };
  for (const n of [1, 2, 3]) {
    content[`LungCT/imagesTr/LungCT_000${n}_0000.nii.gz`] = IMAGE;
    content[`LungCT/imagesTr/LungCT_000${n}_0001.nii.gz`] = IMAGE;
    content[`LungCT/landmarksTr/LungCT_000${n}_0000.csv`] =
      '1.00000,2.00000,3.00000\n0.00000,0.00000,0.00000\n';
    content[`LungCT/landmarksTr/LungCT_000${n}_0001.csv`] =
      '1.00000,2.00000,2.00000\n3.00000,0.00000,0.00000\n';
    content[`LungCT/keypointsTr/LungCT_000${n}_0000.csv`] = '2.5,2,1\n';
    content[`LungCT/keypointsTr/LungCT_000${n}_0001.csv`] = '2.5,2,1\n';
  }
  return content;
}

const scenesIn = (folder: string): DatasetScenes =>
  new DatasetScenes({ folders: [{ dataset: learn2Reg(), folder }], cases: undefined });

function changed(changes: Record<string, unknown>): string {
  const entries = Object.entries({ ...files(), ...changes }).filter(([, content]) => content !== undefined);
  return folderOf(Object.fromEntries(entries));
}

describe('learn2Reg', () => {
  it('reads indices from 0 in the order of the file, fixed to moving', async () => {
    const pairs = await learn2Reg().read(folderOf(files()));
    expect(pairs.map((pair) => pair.case)).toEqual([
      ...['landmarks', 'landmarks', 'landmarks'],
      ...['keypoints', 'keypoints', 'keypoints'],
    ]);
    const { points, data, pair, unregistrable } = await pairs[0]!.open();
    expect(points).toMatchObject([
      { query: [38.5, 48, -54], target: [38.5, 48, -56] },
      { query: [40, 50, -60], target: [35.5, 50, -60] },
    ]);
    expect({ data, pair, unregistrable }).toEqual({
      data: 'learn2reg-LungCT',
      pair: 'LungCT_0001_0000.nii.gz',
      unregistrable: undefined,
    });
  });

  it('gives mean, deviation and TRE30 of the pairs', async () => {
    let scene = -1;
    const rows = await rowsOf(scenesIn(folderOf(files())).scenes(), ({ target }, index) => {
      if (index === 0) scene += 1;
      // Pairs of 1, 2 and 3 mm (landmarks), then 4, 5 and 6 mm (keypoints).
      return shifted(target, [0, 0, scene + 1]);
    });
    // Landmarks: mean 2, deviation sqrt(2 / 3), 0.6 of the way from 1 to 2; keypoints: 3 mm more.
    expect(rows.filter(({ method }) => method === 'nearest')).toMatchObject([
      { case: 'landmarks', n: 6, metrics: { treMm: 2, treSdMm: 0.8165, tre30Mm: 1.6 } },
      { case: 'keypoints', n: 3, metrics: { treMm: 5, treSdMm: 0.8165, tre30Mm: 4.6 } },
    ]);
    // Without registration: one voxel of 2 mm and three of 1.5 mm.
    expect(rows.find(({ method }) => method === 'initial')).toMatchObject({
      case: 'landmarks',
      metrics: { treMm: 3.25, treSdMm: 0, tre30Mm: 3.25 },
    });
  });

  it('reads the keypoints of two modalities from their own folder, with the modality of each', async () => {
    const folder = changed({
      'LungCT/LungCT_dataset.json': {
        name: 'Abdomen',
        modality: { 0: 'MR', 1: 'CT' },
        registration_val: [{ fixed: image(1, 1), moving: image(1, 0) }],
      },
      'LungCT/landmarksTr/LungCT_0001_0000.csv': undefined,
      'LungCT/landmarksTr/LungCT_0001_0001.csv': undefined,
      'LungCT/keypoints01Tr/LungCT_0001_0001.csv': '1,1,1\n',
      'LungCT/keypoints01Tr/LungCT_0001_0000.csv': '1,1,2\n',
    });
    const [pair] = await learn2Reg().read(folder);
    const scene = await pair!.open();
    expect(scene).toMatchObject({ unregistrable: true, points: [{ target: [38.5, 49, -56] }] });
    expect((await scene.query.load()).modality).toBe('CT');
    expect((await scene.target.load()).modality).toBe('MR');
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no description', { 'LungCT/LungCT_dataset.json': undefined }, /holds no TASK_dataset\.json/],
    ['two descriptions', { 'NLST/NLST_dataset.json': '{}' }, /holds 2 tasks/],
    [
      'a description without validation pairs',
      { 'LungCT/LungCT_dataset.json': { name: 'x' } },
      /LungCT_dataset\.json does not have the form .*\n {2}registration_val/,
    ],
    [
      'no points',
      Object.fromEntries(
        Object.keys(files())
          .filter((name) => name.endsWith('.csv'))
          .map((name) => [name, undefined]),
      ),
      /neither landmarksTr\/ nor keypointsTr\//,
    ],
    [
      'points of some pairs only',
      { 'LungCT/landmarksTr/LungCT_0002_0001.csv': undefined },
      /LungCT_0002_0001\.csv does not exist, but other pairs have landmarks/,
    ],
    [
      'lists of two lengths',
      { 'LungCT/keypointsTr/LungCT_0003_0001.csv': '1,1,1\n2,2,2\n' },
      /_0003_0000\.csv has 1 points and .*_0003_0001\.csv has 2/,
    ],
    [
      'a missing image',
      { 'LungCT/imagesTr/LungCT_0001_0001.nii.gz': undefined },
      /LungCT_0001_0001\.nii\.gz does not exist, but .*LungCT_dataset\.json names it/,
    ],
    [
      'an unknown modality',
      { 'LungCT/LungCT_dataset.json': { ...DESCRIPTION, modality: { 0: 'US' } } },
      /LungCT_dataset\.json: .* is "US"/,
    ],
    [
      'another name',
      {
        'LungCT/LungCT_dataset.json': {
          ...DESCRIPTION,
          registration_val: [{ fixed: 'a.nii.gz', moving: 'b.nii.gz' }],
        },
      },
      /a\.nii\.gz is not named TASK_0001_0000/,
    ],
  ])('refuses %s', async (_, changes, message) => {
    await expect(learn2Reg().read(changed(changes))).rejects.toThrow(message);
  });

  it('refuses a point outside its volume and a volume that is none, with the file', async () => {
    const open = async (changes: Record<string, unknown>): Promise<unknown> => {
      const [pair] = await learn2Reg().read(changed(changes));
      return pair!.open();
    };
    await expect(open({ 'LungCT/landmarksTr/LungCT_0001_0000.csv': '1,1,1\n6,1,1\n' })).rejects.toThrow(
      /LungCT_0001_0000\.csv, point 2: the index \(6, 1, 1\) lies outside/,
    );
    await expect(open({ 'LungCT/imagesTr/LungCT_0001_0000.nii.gz': 'none' })).rejects.toThrow(
      /LungCT_0001_0000\.nii\.gz: .*too short/,
    );
  });
});
