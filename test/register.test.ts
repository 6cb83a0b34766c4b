/** What `samepoint register` and `samepoint subtract` write of the generated patient, read by SimpleITK and by this server. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerJson, stringOf, stringsOf } from '../server/src/dicom/index.ts';
import { distanceMm, lpsPoint } from '../server/src/geometry/index.ts';
import type { LpsPoint } from '../server/src/geometry/index.ts';
import { createPhantom } from '../server/src/phantom/index.ts';
import { bytesOf, niftiHeader, readNifti } from '../server/src/nifti/index.ts';
import { readVolume } from '../server/src/volumeAssembly/index.ts';
import type { Volume } from '../server/src/volume/index.ts';
import { BLANK } from '../server/src/warp/index.ts';
import { strongestBlobs } from './support/blobs.ts';
import { validationErrors } from './support/dicomTools.ts';
import type { Blob } from './support/blobs.ts';
import { slabsOf, writeSlabs } from './support/phantomSlab.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './support/paths.ts';
import { SIMPLEITK_PYTHON } from './support/python.ts';
import { describeWith } from './support/requirements.ts';

/** Values of a CT by two programs that interpolate alike and round, HU. */
const ROUNDING_HU = 1;

/** On a machine that is busy with other things, ms. */
const SUBTRACTION_MS = 600_000;

const folder = temporaryFolder('register');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Report {
  readonly negativeJacobianShare: number;
  readonly inverseConsistencyMm: { readonly median: number; readonly p95: number };
  readonly pointsKept: number;
  readonly model: { readonly id: string };
  readonly blankShareOfBody?: number;
}

function samepoint(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(NODE, [CLI, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

function succeed(args: readonly string[]): Report {
  const { status, stdout, stderr } = samepoint(args);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

async function readFolder(path: string): Promise<Volume> {
  return await readVolume(
    (async function* (): AsyncGenerator<Uint8Array> {
      for (const name of readdirSync(path).sort())
        yield await Promise.resolve(readFileSync(join(path, name)));
    })(),
  );
}

const phantom = createPhantom({ seed: 1, coarseness: 3 });
const [current, prior] = slabsOf(phantom);
const [fixed, moving] = writeSlabs(phantom, folder);
/** Deep in organs, and in view of both scans. */
const POINTS = phantom.lesions
  .filter(({ presentIn }) => presentIn.includes('current') && presentIn.includes('prior'))
  .map(({ currentLps }) => currentLps)
  .filter(([, , z]) => {
    const { voxelToLps: m, dims } = current.volume;
    return z > m[11] && z < m[11] + (dims[2] - 1) * m[10];
  });

describeWith(['simpleitk'], 'samepoint register, read by SimpleITK', () => {
  const out = join(folder, 'registered');
  let report: Report;
  let read: Record<'affine' | 'field' | 'roundTrip', readonly (readonly [number, number, number])[]> & {
    readonly meanDifference: number;
    readonly largestDifference: number;
    readonly warpedSize: readonly number[];
  };
  beforeAll(() => {
    report = succeed([
      'register',
      fixed,
      moving,
      '--out',
      out,
      '--write',
      'matrix,field,inverse,warped',
      '--dicom',
    ]);
    const { dims, voxelToLps, data } = prior.volume;
    const [image, points] = [join(folder, 'moving.nii'), join(folder, 'points.json')];
    writeFileSync(image, Buffer.concat([niftiHeader({ dims, voxelToLps, type: 'int16' }), bytesOf(data)]));
    writeFileSync(points, JSON.stringify(POINTS));
    const script = join(ROOT, 'test/support/readRegistration.py');
    const run = spawnSync(SIMPLEITK_PYTHON, [script, out, image, points], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    read = JSON.parse(run.stdout) as typeof read;
  });

  it('the field leads to where the points are', () => {
    const errors = POINTS.map((point, n) => distanceMm(lpsPoint(...read.field[n]!), phantom.toPrior(point)));
    expect(Math.max(...errors)).toBeLessThan(4);
  });

  it('the .tfm has the points of the matrix', () => {
    const { matrix } = JSON.parse(readFileSync(join(out, 'affine.json'), 'utf8')) as { matrix: number[][] };
    const applied = ([x, y, z]: LpsPoint): LpsPoint =>
      lpsPoint(
        ...([0, 1, 2].map(
          (r) => matrix[r]![0]! * x + matrix[r]![1]! * y + matrix[r]![2]! * z + matrix[r]![3]!,
        ) as [number, number, number]),
      );
    for (const [n, point] of POINTS.entries())
      expect(distanceMm(lpsPoint(...read.affine[n]!), applied(point))).toBeLessThan(0.01);
  });

  it('the field applied by SimpleITK to the moving series gives the warped series', () => {
    expect(read.warpedSize).toEqual([...current.volume.dims]);
    expect(read.meanDifference).toBeLessThan(ROUNDING_HU);
    expect(read.largestDifference).toBeLessThan(5);
  });

  it('the inverse field undoes the field, and the report says how exactly', () => {
    for (const [n, point] of POINTS.entries())
      expect(distanceMm(lpsPoint(...read.roundTrip[n]!), point)).toBeLessThan(1);
    expect(report.inverseConsistencyMm.median).toBeLessThan(0.5);
    expect(report.negativeJacobianShare).toBeLessThan(0.005);
    expect(report.pointsKept).toBeGreaterThan(100);
  });

  it('the derived series has the voxels of the warped file and the place of the fixed series', async () => {
    const [series, file] = [
      await readFolder(join(out, 'dicom')),
      readNifti(readFileSync(join(out, 'warped.nii.gz'))),
    ];
    expect([...series.data]).toEqual([...file.data]);
    expect(series.frameOfReferenceUid).toBe(current.volume.frameOfReferenceUid);
    expect(series.seriesInstanceUid).not.toBe(current.volume.seriesInstanceUid);
  });
});

describeWith(['dicom3tools', 'simpleitk'], 'a registered series for dciodvfy', () => {
  it('has no error', () => {
    const names = readdirSync(join(folder, 'registered', 'dicom')).sort();
    for (const name of [names[0]!, names.at(-1)!])
      expect(validationErrors(readFileSync(join(folder, 'registered', 'dicom', name)))).toEqual([]);
  });
});

describe('samepoint register refuses in words', () => {
  const files = join(folder, 'full');
  const points = join(folder, 'image.nii');
  beforeAll(() => {
    mkdirSync(files);
    writeFileSync(join(files, 'x'), 'x');
    const { dims, voxelToLps, data } = prior.volume;
    writeFileSync(points, Buffer.concat([niftiHeader({ dims, voxelToLps, type: 'int16' }), bytesOf(data)]));
  });

  it.each([
    ['a folder with files', () => ['--out', files], 'register/output-not-empty'],
    ['a missing series', () => ['--out', join(folder, 'a')], 'cli/unreadable-input', '/nowhere'],
    ['NIfTI files as DICOM', () => ['--dicom', '--out', join(folder, 'b')], 'register/needs-dicom', points],
  ])('%s', (_name, more, code, other = moving) => {
    const { status, stderr } = samepoint(['register', fixed, other, ...more()]);
    expect(status).toBe(1);
    expect(stderr).toContain(`[${code}]`);
    expect(readFileSync(join(files, 'x'), 'utf8')).toBe('x');
  });

  it('a mirrored series', () => {
    const { dims, voxelToLps: m, data } = prior.volume;
    const mirrored = [-m[0], m[1], m[2], -m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11]] as const;
    const path = join(folder, 'mirrored.nii');
    writeFileSync(
      path,
      Buffer.concat([niftiHeader({ dims, voxelToLps: mirrored, type: 'int16' }), bytesOf(data)]),
    );
    const { status, stderr } = samepoint([
      'register',
      fixed,
      path,
      '--stage',
      'affine',
      '--out',
      join(folder, 'c'),
    ]);
    expect(stderr).toContain('[register/mirrored]');
    expect(status).toBe(1);
  });
});

/** At full resolution: at two thirds of it, bones are stronger than the lesions. */
describe('samepoint subtract, on the generated patient at full resolution', () => {
  // The truth is that of every resolution.
  const whole = createPhantom({ seed: 1, coarseness: 10 });
  const lesion = (label: string): LpsPoint =>
    whole.lesions.find((one) => one.label.includes(label))!.currentLps;
  const out = join(folder, 'subtracted');
  let report: Report;
  let difference: ReturnType<typeof readNifti>;
  beforeAll(() => {
    const script = join(ROOT, 'test/support/phantomSlab.ts');
    const written = spawnSync(NODE, [script, '1', '1', join(folder, 'whole')], { encoding: 'utf8' });
    const folders = JSON.parse(written.stdout) as readonly [string, string];
    report = succeed(['subtract', ...folders, '--out', out, '--dicom']);
    difference = readNifti(readFileSync(join(out, 'difference.nii.gz')));
  }, SUBTRACTION_MS);

  /** Which of the lesions a blob is. */
  const isAt = (label: string, blob: Blob | undefined): boolean =>
    blob !== undefined && distanceMm(blob.lps, lesion(label)) < 10;

  it('what has grown and what is new are the strongest of what has come', () => {
    const blobs = strongestBlobs(difference, BLANK, 1, 2);
    expect(isAt('(grown)', blobs[0])).toBe(true);
    expect(isAt('Lymph node, retroperitoneal (new)', blobs[1])).toBe(true);
  });

  it('what has gone is the strongest of what has darkened, then the new lesion that is darker than the liver', () => {
    const blobs = strongestBlobs(difference, BLANK, -1, 2);
    expect(isAt('(gone)', blobs[0])).toBe(true);
    expect(isAt('liver segment 4 (new)', blobs[1])).toBe(true);
  });

  it('little of the body is blank, and the series says that it is computed', () => {
    expect(report.blankShareOfBody).toBeLessThan(0.05);
    const header = headerJson(readFileSync(join(out, 'dicom', '0001.dcm')));
    expect(stringOf(header, 'SeriesDescription')).toBe('Computed difference, not for diagnosis');
    expect(stringsOf(header, 'ImageType')).toEqual(['DERIVED', 'SECONDARY', 'AXIAL', 'SUBTRACTION']);
  });
});
