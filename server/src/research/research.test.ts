/** The commands for researchers, from files to files, on crops of two scans of a phantom. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { distanceMm } from '../geometry/index.ts';
import { readPoints } from '../points/index.ts';
import { readFindings } from '../findings/readFindings.ts';
import { readNifti } from '../nifti/index.ts';
import { runCli } from '../cli/program.ts';
import { phantom, POINTS, runIn, writeScans } from '../cli/testing/scans.ts';

/** Real processes and threads start here; on a busy machine that is slow. */
jest.setTimeout(180_000);

/** What an answer claims between patients. The voxels of this phantom have 8 mm. */
const RADIUS_MM = 23.5;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-research-'));
  await writeScans(folder);
});
afterAll(() => rm(folder, { recursive: true }));

function inFolder(name: string): string {
  return join(folder, name);
}

const run = (...args: readonly string[]): ReturnType<typeof runIn> => runIn(folder, ...args);

const read = async (file: string): ReturnType<typeof readPoints> =>
  await readPoints(await readFile(inFolder(file)), file, (part10) => Promise.resolve(readFindings(part10)));

describe('samepoint landmarks', () => {
  it('makes a template of points and finds them in another scan, in every format', async () => {
    const template = inFolder('template.json');
    const made = await run(
      'landmarks',
      'make',
      inFolder('patient/current'),
      '--points',
      inFolder('points.csv'),
      '--out',
      template,
    );
    expect(made).toMatchObject({ status: 0 });
    const files = ['found.csv', 'found.mrk.json', 'found.dcm', 'found.sr.dcm'];
    const outs = files.flatMap((file) => ['--out', inFolder(file)]);
    const found = await run('landmarks', 'find', inFolder('patient/prior'), '--template', template, ...outs);
    expect(found).toMatchObject({ status: 0, out: '' });
    const tables = await Promise.all(files.map(read));
    for (const points of tables) {
      expect(points.map(({ name }) => name)).toEqual(POINTS.map(({ name }) => name));
      for (const [n, { lps }] of points.entries())
        expect(distanceMm(lps, phantom.toPrior(POINTS[n]!.lps))).toBeLessThan(RADIUS_MM);
    }
    expect(tables[2]!.map((one) => one.frameOfReferenceUid)).toEqual(
      POINTS.map(() => phantom.timePoints[1].volume.frameOfReferenceUid),
    );
    // What was embedded for the template and for the search is there for the next command.
    expect(await readdir(inFolder('cache'))).toHaveLength(2 + (await lockFiles()));
  });

  it('refuses another end of a name, and a template that is none', async () => {
    const prior = inFolder('patient/prior');
    const other = await run(
      'landmarks',
      'find',
      prior,
      '--template',
      inFolder('points.csv'),
      '--out',
      'x.txt',
    );
    expect(other).toMatchObject({ status: 1 });
    expect(other.err).toContain('.mrk.json, .sr.dcm, .csv, .json, .dcm');
    const none = await run('landmarks', 'find', prior, '--template', inFolder('points.csv'));
    expect(none.err).toContain('[landmarks/unreadable-template]');
  });
});

async function lockFiles(): Promise<number> {
  return (await readdir(inFolder('cache'))).filter((name) => !name.endsWith('.embedding')).length;
}

describe('samepoint features', () => {
  it('writes the same numbers as a table and for NumPy', async () => {
    const args = [
      'features',
      inFolder('patient/current'),
      '--points',
      inFolder('points.csv'),
      '--radius',
      '10',
    ];
    const { out, status } = await run(...args, '--out', inFolder('features.csv'));
    expect(status).toBe(0);
    const { columns } = JSON.parse(out) as { readonly columns: readonly string[] };
    await run(...args, '--out', inFolder('features.npy'));
    const [, first = ''] = (await readFile(inFolder('features.csv'), 'utf8')).split('\r\n');
    const cells = first.split(',');
    expect(cells[0]).toBe('centre');
    expect(cells).toHaveLength(columns.length + 1);
    const npy = await readFile(inFolder('features.npy'));
    const begin = npy.length - 4 * columns.length * POINTS.length;
    for (const [n, cell] of cells.slice(1).entries()) {
      const value = npy.readFloatLE(begin + 4 * n);
      expect(Math.abs(value - Number(cell))).toBeLessThan(1e-3 * Math.max(1, Math.abs(value)));
    }
  });
});

describe('samepoint track', () => {
  it('follows a lesion, and draws it', async () => {
    const { out, status } = await run(
      ...['track', inFolder('patient/current'), inFolder('patient/prior')],
      ...['--lesions', inFolder('points.csv'), '--pictures', inFolder('pictures')],
    );
    expect(status).toBe(0);
    const { lesions } = JSON.parse(out) as {
      readonly lesions: readonly { readonly lesion: string; readonly ok: boolean }[];
    };
    expect(lesions.map(({ lesion: name, ok }) => [name, ok])).toEqual(POINTS.map(({ name }) => [name, true]));
    expect(await readdir(inFolder('pictures'))).toHaveLength(2 * POINTS.length);
  });
});

describe('samepoint pairs', () => {
  it('writes crops of the same place, the same ones whether it was interrupted or not', async () => {
    const scans = ['patient/current', 'patient/prior'].map(inFolder);
    const args = ['pairs', ...scans, '--crop', '16', '--min-score', '0.3', '--seed', '5'];
    expect(await run(...args, '--count', '3', '--out', inFolder('whole'))).toMatchObject({ status: 0 });
    await run(...args, '--count', '1', '--out', inFolder('parts'));
    await run(...args, '--count', '3', '--out', inFolder('parts'));
    const names = (await readdir(inFolder('whole'))).sort();
    expect((await readdir(inFolder('parts'))).sort()).toEqual(names);
    for (const name of names)
      expect(
        (await readFile(join(inFolder('parts'), name))).equals(await readFile(join(inFolder('whole'), name))),
      ).toBe(true);
    const crops = names.filter((name) => name.endsWith('.nii'));
    expect(crops.length).toBeGreaterThan(0);
    for (const name of crops)
      expect(readNifti(await readFile(join(inFolder('whole'), name))).dims).toEqual([16, 16, 16]);
    const other = await run(...args.slice(0, -1), '6', '--count', '3', '--out', inFolder('whole'));
    expect(other.err).toContain('settings of other pairs');
  });
});

describe('samepoint phase', () => {
  it('does not determine a phase where the organs are not in view, and says what it looked for', async () => {
    const { out, status } = await run('phase', inFolder('patient/current'));
    expect(status).toBe(0);
    const answer = JSON.parse(out) as { readonly phase: string; readonly measurements: readonly object[] };
    expect(answer.phase).toBe('undetermined');
    expect(answer.measurements).toHaveLength(5);
  });
});

describe('samepoint phantom', () => {
  it('writes three scans with the places of landmarks and lesions', async () => {
    const text = { out: '' };
    const sink = { write: (chunk: string) => (text.out += chunk) };
    const io = { stdout: sink, stderr: sink, env: {}, signal: new AbortController().signal };
    const args = [
      'phantom',
      '--out',
      inFolder('phantom'),
      '--seed',
      '3',
      '--coarseness',
      '16',
      '--phase',
      'arterial',
    ];
    expect(await runCli(args, io)).toBe(0);
    const points = await read('phantom/current-landmarks.csv');
    expect(points.map(({ name, lps }) => [name, lps])).toEqual(
      phantom.landmarks.map(({ name, currentLps }) => [
        name,
        currentLps.map((mm) => Number(mm.toPrecision(8))),
      ]),
    );
    expect(await readdir(inFolder('phantom/prior'))).not.toHaveLength(0);
  });
});
