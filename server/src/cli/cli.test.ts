import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createPhantom, writeSeries } from '../phantom/index.ts';
import type { Phantom, PhantomTimePoint } from '../phantom/index.ts';
import type { Volume } from '../volume/index.ts';
import type { CliIo } from '../workbench/io.ts';
import { progressLine } from '../workbench/io.ts';
import { runCli } from './program.ts';
import { cropAround } from './testing/scans.ts';
import { textLike } from '../errors/testing/like.ts';

/** Real processes and threads start here; on a busy machine that is slow. */
jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end; one that serves gets a signal to stop once it has printed `stopAt`. */
async function run(args: readonly string[], env: CliIo['env'] = {}, stopAt?: string): Promise<Run> {
  const text = { out: '', err: '' };
  const stop = new AbortController();
  const status = await runCli(args, {
    stdout: {
      write: (chunk) => {
        text.out += chunk;
        if (stopAt !== undefined && chunk.includes(stopAt))
          setImmediate(() => {
            stop.abort();
          });
      },
    },
    stderr: { write: (chunk) => (text.err += chunk) },
    env,
    signal: stop.signal,
  });
  return { status, ...text };
}

/** Half the edge of the cube that is kept of a phantom. */
const HALF_EDGE_MM = 40;

/** Writes a scan as DICOM files and gives their folder. */
async function writeFiles(
  phantom: Phantom,
  timePoint: PhantomTimePoint,
  volume: Volume,
  bodyPartExamined: string,
): Promise<string> {
  const series = await mkdtemp(join(folder, 'series-'));
  const { patientId, patientName } = phantom;
  const tags = { ...timePoint, patientId, patientName, bodyPartExamined };
  for (const [index, part10] of [...writeSeries(volume, tags)].entries()) {
    await writeFile(join(series, `${index}.dcm`), part10);
  }
  return series;
}

const ROOT = { SAMEPOINT_DICOMWEB_ROOT: 'http://127.0.0.1:9/dicom-web' };

describe('samepoint', () => {
  it('explains itself', async () => {
    const help = await run(['--help']);
    expect(help.status).toBe(0);
    for (const command of ['serve', 'demo', 'embed', 'match', 'config']) expect(help.out).toContain(command);
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['an unknown command', ['sreve']],
    ['an unknown option', ['serve', '--prot', '1']],
    ['a port that is no number', ['demo', '--port', 'x']],
    ['no point', ['match', 'a', 'b']],
    ['no series', ['embed']],
  ])('refuses %s with status 2 and says why', async (_name, args) => {
    const { status, err, out } = await run(args, ROOT);
    expect(status).toBe(2);
    expect(err).toMatch(/error:/);
    expect(out).toBe('');
  });
});

describe('samepoint config check', () => {
  it('prints the effective configuration, without secrets', async () => {
    const env = { ...ROOT, SAMEPOINT_DICOMWEB_AUTHORIZATION: 'Basic c2VjcmV0' };
    const { status, out } = await run(['config', 'check'], env);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ dicomweb: { root: ROOT.SAMEPOINT_DICOMWEB_ROOT } });
    expect(out).not.toContain('c2VjcmV0');
  });

  it('reads the file of --config or SAMEPOINT_CONFIG', async () => {
    const file = join(folder, 'server.json');
    await writeFile(file, JSON.stringify({ dicomweb: { root: 'http://pacs/x' }, http: { port: 1234 } }));
    for (const { out } of [
      await run(['config', 'check', '--config', file]),
      await run(['config', 'check'], { SAMEPOINT_CONFIG: file }),
    ]) {
      expect(JSON.parse(out)).toMatchObject({ http: { port: 1234 } });
    }
  });

  it.each([
    ['a missing file', ['--config', '/nowhere.json'], {}, 'config/unreadable'],
    ['a bad key', [], { ...ROOT, SAMEPOINT_HTTP_PORT: 'x' }, 'http.port'],
    ['no PACS', [], {}, 'dicomweb.root'],
  ])('refuses %s with status 2, names it and says what to do', async (_name, args, env, named) => {
    const { status, err } = await run(['config', 'check', ...args], env);
    expect(status).toBe(2);
    expect(err).toContain(named);
    expect(err.trim().split('\n')).toHaveLength(3);
  });
});

describe('samepoint serve', () => {
  it('stops when its models cannot be read', async () => {
    const env = { ...ROOT, SAMEPOINT_MODELS_DIRECTORY: join(folder, 'none'), SAMEPOINT_HTTP_PORT: '0' };
    const { status, err } = await run(['serve'], { ...env, SAMEPOINT_LOG_LEVEL: 'silent' });
    expect(status).toBe(1);
    expect(err).toContain('[embedding/models-unreadable]');
  });
});

describe('samepoint embed and match', () => {
  const work = (): CliIo['env'] => ({ SAMEPOINT_EMBEDDING_CACHE_DIRECTORY: join(folder, 'embeddings') });

  it.each([
    ['nothing that exists', ['embed', 'nowhere'], 'is no file, no folder and no pair of UIDs'],
    ['a wrong point', ['match', 'a', 'b', '--point=1,2'], 'a point is three numbers in mm'],
    [
      'a preset of another method',
      ['match', 'a', 'b', '--point=1,2,3', '--preset', 'original'],
      'add --method nearest',
    ],
    ['a series without a PACS', ['embed', '1.2/3.4'], 'dicomweb.root'],
  ])('refuse %s', async (_name, args, words) => {
    const { status, err } = await run(args, work());
    expect(status).toBeGreaterThan(0);
    expect(err).toContain(words);
  });

  it('refuse a folder without DICOM', async () => {
    const { status, err } = await run(['embed', join(folder, '.')], work());
    expect(status).toBe(1);
    expect(err).toContain('holds no DICOM file');
  });

  it('find the place of a phantom lesion in files, and print JSON and warnings', async () => {
    const phantom = createPhantom({ seed: 3, coarseness: 6 });
    // The body mask needs tissue around the point: in a crop, an open lung is outside.
    const lesion = phantom.lesions.find(({ label }) => label.includes('liver'));
    const [current, prior] = phantom.timePoints;
    const folders = [
      await writeFiles(
        phantom,
        current,
        cropAround(current.volume, lesion!.currentLps, HALF_EDGE_MM),
        'LIVER',
      ),
      await writeFiles(phantom, prior, cropAround(prior.volume, lesion!.priorLps, HALF_EDGE_MM), 'KNEE'),
    ];
    const point = `--point=${lesion!.currentLps.join(',')}`;
    const { status, out, err } = await run(['match', ...folders, point, '--method', 'nearest'], work());
    expect(status).toBe(0);
    const { matches, warnings } = JSON.parse(out) as {
      matches: { ok: boolean; match: { target: object } }[];
      warnings: { series: { seriesInstanceUid: string }; code: string; message: string }[];
    };
    const lines = warnings.map(
      ({ series, code, message }) => `warning: series ${series.seriesInstanceUid}: ${message} [${code}]\n`,
    );
    expect(err).toBe(lines.join(''));
    const named = warnings.filter(({ code }) => code === 'embedding/body-part');
    expect(named.map(({ series }) => series.seriesInstanceUid)).toEqual([prior.volume.seriesInstanceUid]);
    expect(matches).toHaveLength(1);
    expect(matches[0]).toMatchObject({
      ok: true,
      match: { method: 'nearest', target: { seriesInstanceUid: prior.volume.seriesInstanceUid } },
    });
  });
});

describe('progressLine', () => {
  const io = (isTTY: boolean): { io: CliIo; text: () => string } => {
    let text = '';
    const sink = { write: (chunk: string) => (text += chunk), isTTY };
    return { io: { stdout: sink, stderr: sink, env: {}, signal: AbortSignal.abort() }, text: () => text };
  };

  it('rewrites one line of a terminal', () => {
    const terminal = io(true);
    const line = progressLine(terminal.io);
    line.show(0.5, 'Reading');
    line.clear();
    expect(terminal.text()).toBe('\r\u001b[K 50 %  Reading\r\u001b[K');
  });

  it('writes nothing into a pipe', () => {
    const pipe = io(false);
    progressLine(pipe.io).show(0.5, 'Reading');
    expect(pipe.text()).toBe('');
  });
});

describe('samepoint demo', () => {
  it('makes its patient once, names the comparison and the truth, and stops on the signal', async () => {
    const directory = join(folder, 'demo');
    const args = ['demo', '--port', '0', '--no-open', '--coarseness', '16', '--directory', directory];
    const env = {
      SAMEPOINT_VIEWER_DIRECTORY: join(folder, 'viewer'),
      SAMEPOINT_LOG_LEVEL: 'silent',
      SAMEPOINT_HTTP_SHUTDOWN_TIMEOUT_MS: '1000',
    };
    await mkdir(env.SAMEPOINT_VIEWER_DIRECTORY);
    await writeFile(join(env.SAMEPOINT_VIEWER_DIRECTORY, 'index.html'), '<title>viewer</title>');
    const first = await run(args, env, 'Ctrl-C');
    expect(first).toMatchObject({ status: 0, err: textLike('phantom') });
    const truth = JSON.parse(await readFile(join(directory, 'lesions.json'), 'utf8')) as {
      studies: { studyInstanceUid: string }[];
      lesions: object[];
      reports: { observations: object[] }[];
    };
    expect(truth.lesions.length).toBeGreaterThan(0);
    // The baseline is for the viewer to find; what was said of the older studies is in the archive.
    const uids = truth.studies.slice(0, 2).map(({ studyInstanceUid }) => studyInstanceUid);
    expect(truth.studies).toHaveLength(3);
    expect(truth.reports.map(({ observations }) => observations.length)).toEqual([8, 8]);
    expect(decodeURIComponent(first.out)).toContain(
      `viewer?StudyInstanceUIDs=${uids.join(',')}&hangingProtocolId=@samepoint/`,
    );
    expect(first.out).toContain(join(directory, 'lesions.json'));
    const second = await run(args, env, 'Ctrl-C');
    expect(second).toMatchObject({ status: 0, err: '' });
    expect(decodeURIComponent(second.out)).toContain(uids.join(','));
  });

  it('says what to do when the viewer is not installed', async () => {
    const args = ['demo', '--port', '0', '--no-open', '--coarseness', '16', '--viewer', '0.0.1'];
    const { status, err } = await run([...args, '--directory', join(folder, 'demo-2')], {
      SAMEPOINT_LOG_LEVEL: 'silent',
    });
    expect(status).toBe(1);
    expect(err).toContain('[viewer/not-installed]');
  });
});
