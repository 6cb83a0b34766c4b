import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { toLps, voxelIndex } from '../../../server/src/geometry/index.ts';
import { DatasetScenes } from './catalogue.ts';
import { dirLab4dct, dirLabCopdgene } from './dirLab.ts';
import type { DirLabCase } from './dirLab.ts';
import { rawGrid } from './rawVolume.ts';
import { folderOf, rawImage, rowsOf, shifted } from './testing.ts';

const DIMS = [8, 6, 5] as const;
const CASE: DirLabCase = { dims: DIMS, spacing: [1, 2, 2.5], landmarks: 2 };
const CASES = { 1: CASE, 2: CASE };

/** The names of the first archives (case 1) and of the later ones (case 2). */
function files(): Record<string, unknown> {
  return {
    'Case1Pack/Images/case1_T00_s.img': rawImage(DIMS),
    'Case1Pack/Images/case1_T10_s.img': 'another phase',
    'Case1Pack/Images/case1_T50_s.img': rawImage(DIMS),
    'Case1Pack/ExtremePhases/Case1_300_T00_xyz.txt': '1\t1\t1\n8\t6\t5\n',
    'Case1Pack/ExtremePhases/Case1_300_T50_xyz.txt': '1\t1\t2\n8\t4\t5\n',
    'Case1Pack/Sampled4D/case1_4D-75_T00.txt': '1 1 1\n',
    'Case2Deploy/Images/case2_T00-ssm.img': rawImage(DIMS),
    'Case2Deploy/Images/case2_T50.img': rawImage(DIMS),
    'Case2Deploy/extremePhases/case2_dirLab300_T00_xyz.txt': '1 1 1\n2 2 2\n',
    'Case2Deploy/extremePhases/case2_dirLab300_T50_xyz.txt': '1 1 1\n2 2 2\n',
  };
}

const scenesIn = (folder: string, dataset = dirLab4dct(CASES), cases?: readonly string[]): DatasetScenes =>
  new DatasetScenes({ folders: [{ dataset, folder }], cases });

describe('dirLab4dct', () => {
  it('turns 1-based indices into the place of the voxel, slices from the top down', async () => {
    const [pair] = await dirLab4dct(CASES).read(folderOf(files()));
    const { points, query } = await pair!.open();
    expect(points[0]).toMatchObject({ query: [0, 0, 0], target: [0, 0, -2.5] });
    expect(points[1]).toMatchObject({ query: [7, 10, -10], target: [7, 6, -10] });
    const volume = await query.load();
    expect(toLps(volume.voxelToLps, voxelIndex(7, 5, 4))).toEqual(points[1]!.query);
    // Stored 0 is air, stored 1025 is 1 HU.
    expect([...volume.data.slice(0, 3)]).toEqual([-1024, 1, 2]);
  });

  it('moves to the left, back and down with column, row and slice', () => {
    const size = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 1, max: 9 }), (i, j, k, step) => {
        const { voxelToLps } = rawGrid({ dims: [601, 601, 601], spacing: [0.97, 0.97, 2.5] });
        const from = toLps(voxelToLps, voxelIndex(i, j, k));
        expect(toLps(voxelToLps, voxelIndex(i + step, j, k))[0]).toBeCloseTo(from[0] + 0.97 * step, 9);
        expect(toLps(voxelToLps, voxelIndex(i, j + step, k))[1]).toBeCloseTo(from[1] + 0.97 * step, 9);
        expect(toLps(voxelToLps, voxelIndex(i, j, k + step))[2]).toBeCloseTo(from[2] - 2.5 * step, 9);
      }),
    );
  });

  it('gives the measures of the papers per case and pooled, beside the landmarks without registration', async () => {
    const scenes = scenesIn(folderOf(files()));
    // Every answer is 0.6 mm beside the truth: within its voxel of 2 mm rows, so that snapping removes it. One is 1.2 mm off.
    const rows = await rowsOf(
      scenes.scenes(),
      ({ target }, index) => shifted(target, [0, index === 0 ? 0.6 : 1.2, 0]),
      scenes,
    );
    const of = (name: string, method: string): unknown =>
      rows.find((row) => row.case === name && row.method === method);
    expect(of('case1', 'nearest')).toMatchObject({
      data: 'dirlab-4dct',
      n: 2,
      metrics: { treMm: 0.9, treSdMm: 0.3, snappedTreMm: 1, snappedTreSdMm: 1 },
    });
    expect(of('all', 'nearest')).toMatchObject({ n: 4, metrics: { treMm: 0.9, snappedTreMm: 1 } });
    // Distances of the landmarks: 2.5 and 4 mm in case 1, none in case 2.
    expect(of('case1', 'initial')).toMatchObject({ model: '-', metrics: { treMm: 3.25, treSdMm: 0.75 } });
    expect(of('all', 'initial')).toMatchObject({ n: 4, metrics: { treMm: 1.625 } });
  });

  it('measures the cases that were named, and refuses others', async () => {
    const folder = folderOf(files());
    const scenes = scenesIn(folder, dirLab4dct(CASES), ['case2']);
    const rows = await rowsOf(scenes.scenes(), ({ target }) => target, scenes);
    // No "all" of a part.
    expect(rows.map((row) => row.case)).toEqual(['case2', 'case2']);
    const three = scenesIn(folder, dirLab4dct(CASES), ['case3']);
    await expect(rowsOf(three.scenes(), ({ target }) => target)).rejects.toThrow(
      /--cases case3: there are case1, case2/,
    );
  });

  it('accepts the published distance of the landmarks, and refuses another', async () => {
    const folder = folderOf(files());
    const published = (displacementMm: number) => ({ ...CASES, 1: { ...CASE, displacementMm } });
    await expect(dirLab4dct(published(3.25)).read(folder)).resolves.toHaveLength(2);
    await expect(dirLab4dct(published(3.89)).read(folder)).rejects.toThrow(
      /Case1_300_T50_xyz\.txt: .* lie 3\.25 mm apart on average, published are 3\.89 mm/,
    );
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'a missing image',
      { 'Case1Pack/Images/case1_T50_s.img': undefined },
      /no image of case 1 of T50, case1_T50_s\.img/,
    ],
    [
      'missing landmarks',
      { 'Case2Deploy/extremePhases/case2_dirLab300_T00_xyz.txt': undefined },
      /no landmarks of case 2 of T00, Case2_300_T00_xyz\.txt/,
    ],
    [
      'a cut image',
      { 'Case1Pack/Images/case1_T00_s.img': 'short' },
      /case1_T00_s\.img has 5 bytes, .* are 480: .*unpack it again/,
    ],
    [
      'too few landmarks',
      { 'Case1Pack/ExtremePhases/Case1_300_T00_xyz.txt': '1 1 1\n' },
      /T00_xyz\.txt has 1 landmarks instead of 2/,
    ],
    [
      'a landmark outside',
      { 'Case1Pack/ExtremePhases/Case1_300_T00_xyz.txt': '1 1 1\n9 6 5\n' },
      /T00_xyz\.txt, landmark 2: .* outside/,
    ],
    [
      'an index of 0',
      { 'Case1Pack/ExtremePhases/Case1_300_T00_xyz.txt': '1 1 1\n0 6 5\n' },
      /landmark 2: the index \(-1, 5, 4\)/,
    ],
    [
      'no numbers',
      { 'Case1Pack/ExtremePhases/Case1_300_T00_xyz.txt': '1 1 1\nhello\n' },
      /T00_xyz\.txt, line 2: expected three numbers/,
    ],
    [
      'an unknown case',
      { 'Case11Pack/case11_T00_s.img': 'x' },
      /has files of case 11; the published ones are 1, 2/,
    ],
    ['two files of one phase', { 'copy/case1_T00.img': rawImage(DIMS) }, /are both of case 1: remove one/],
  ])('refuses %s', async (_, changes, message) => {
    const changed = Object.entries({ ...files(), ...changes }).filter(([, content]) => content !== undefined);
    await expect(dirLab4dct(CASES).read(folderOf(Object.fromEntries(changed)))).rejects.toThrow(message);
  });

  it.each([
    ['big endian', (bytes: Buffer) => bytes.swap16()],
    [
      'HU without offset',
      (bytes: Buffer) =>
        Buffer.from(
          Int16Array.from(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), (v) => v - 1024)
            .buffer,
        ),
    ],
  ])('refuses voxels that are %s, when it loads them', async (_, change) => {
    const folder = folderOf(files());
    writeFileSync(join(folder, 'Case1Pack/Images/case1_T00_s.img'), change(rawImage(DIMS)));
    const [pair] = await dirLab4dct(CASES).read(folder);
    const { query } = await pair!.open();
    await expect(query.load()).rejects.toThrow(/case1_T00_s\.img shows no (?:air|soft tissue) when 1024/);
  });

  it('refuses a folder without any of the files', async () => {
    await expect(dirLab4dct().read(folderOf({ 'readme.txt': '' }))).rejects.toThrow(
      /holds no file such as case1_T00_s\.img or Case1_300_T00_xyz\.txt/,
    );
  });
});

describe('dirLabCopdgene', () => {
  it('reads inhalation to exhalation', async () => {
    const folder = folderOf({
      'copd1/copd1/copd1_iBHCT.img': rawImage(DIMS),
      'copd1/copd1/copd1_eBHCT.img': rawImage(DIMS),
      'copd1/copd1/copd1_300_iBH_xyz_r1.txt': '1 1 1\n2 1 1\n',
      'copd1/copd1/copd1_300_eBH_xyz_r1.txt': '1 1 2\n2 1 1\n',
    });
    const scenes = scenesIn(folder, dirLabCopdgene(CASES));
    const rows = await rowsOf(scenes.scenes(), ({ target }) => target, scenes);
    expect(rows).toMatchObject([
      { data: 'dirlab-copdgene', case: 'case1', method: 'nearest', metrics: { treMm: 0 } },
      { case: 'case1', method: 'initial', metrics: { treMm: 1.25, snappedTreMm: 1.25 } },
      { case: 'all', method: 'nearest' },
      { case: 'all', method: 'initial' },
    ]);
  });
});
