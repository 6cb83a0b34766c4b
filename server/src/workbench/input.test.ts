import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import dcmjs from 'dcmjs';
import fc from 'fast-check';
import type { OpenModules } from '../composition/index.ts';
import { SamepointError } from '../errors/index.ts';
import { EXIT, explainFailure } from '../cli/exit.ts';
import { parseInput, parsePoint, readFiles } from './input.ts';
import type { CliIo } from './io.ts';
import { printJson } from './io.ts';
import { warningLogger } from './warningLogger.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a command writes. */
function terminal(signal = new AbortController().signal): {
  io: CliIo;
  out: () => string;
  err: () => string;
} {
  let [out, err] = ['', ''];
  const io: CliIo = {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
    signal,
  };
  return { io, out: () => out, err: () => err };
}

describe('parsePoint', () => {
  const mm = fc.double({ min: -1e4, max: 1e4, noNaN: true });

  it('reads three numbers, however they are written', () => {
    fc.assert(
      fc.property(mm, mm, mm, (x, y, z) => {
        expect(parsePoint(`${x},${y},${z}`)).toEqual([x, y, z].map((value) => Number(String(value))));
        expect(parsePoint(` ${x} , ${y},\t${z} `)).toEqual([x, y, z].map((value) => Number(String(value))));
      }),
    );
    expect(parsePoint('-1e2,.5,+3')).toEqual([-100, 0.5, 3]);
  });

  it.each(['', '1,2', '1,2,3,4', '1,,3', '1, ,3', 'a,b,c', '1;2;3', '1,2,Infinity', '1,2,NaN', '1 2 3'])(
    'refuses "%s" and shows how it is written',
    (text) => {
      expect(() => parsePoint(text)).toThrow(
        `${text}: is no point; a point is three numbers in mm, for example --point=-12.5,80,-310`,
      );
    },
  );
});

describe('parseInput', () => {
  it('recognises what is there', async () => {
    await mkdir(join(folder, 'series'));
    for (const name of ['a.nii', 'b.NII.GZ', 'c.dcm']) await writeFile(join(folder, name), '');
    const of = (name: string): ReturnType<typeof parseInput> => parseInput(join(folder, name));
    expect(await of('series')).toEqual({ kind: 'folder', path: join(folder, 'series') });
    expect(await of('a.nii')).toMatchObject({ kind: 'nifti', modality: 'CT' });
    expect(await parseInput(join(folder, 'a.nii'), 'MR')).toMatchObject({ kind: 'nifti', modality: 'MR' });
    expect(await of('b.NII.GZ')).toMatchObject({ kind: 'nifti' });
    await expect(of('c.dcm')).rejects.toThrow('is neither a folder nor a .nii or .nii.gz file');
  });

  it('recognises two UIDs as a series of the PACS', async () => {
    expect(await parseInput('1.2.3/1.2.3.4')).toEqual({
      kind: 'pacs',
      series: { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.4' },
    });
  });

  it.each(['1.2.3', '1.2.3/', '/1.2.3', '1.2.3/4.5/6', '1.2.x/4.5', '1..2/3.4', 'missing.nii', ''])(
    'refuses "%s", which is neither',
    async (text) => {
      await expect(parseInput(text)).rejects.toMatchObject({
        code: 'cli/unreadable-input',
        fields: { input: text, reason: 'is no file, no folder and no pair of UIDs' },
      });
    },
  );
});

/** A small DICOM file, written by dcmjs. */
function file(attributes: Readonly<Record<string, string | undefined>>): Uint8Array {
  const { DicomDict, DicomMetaDictionary } = dcmjs.data;
  const ct = {
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    SOPInstanceUID: '2.25.1',
    PatientComments: ' '.repeat(200),
  };
  const all = Object.entries<string | undefined>({ ...ct, ...attributes }).filter(
    ([, value]) => value !== undefined,
  );
  const dict = new DicomDict({
    '00020002': { vr: 'UI', Value: [attributes['SOPClassUID'] ?? ct.SOPClassUID] },
    '00020010': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] },
  });
  dict.dict = DicomMetaDictionary.denaturalizeDataset(Object.fromEntries(all));
  return new Uint8Array(dict.write());
}

const READING = {
  sampling: { spacingMm: 2, antialias: false },
  signal: new AbortController().signal,
};

describe('readFiles', () => {
  /** Modules that give back the files they should read. */
  function reading(): { open: OpenModules; read: Promise<string[]> } {
    let done: (names: string[]) => void = () => undefined;
    const read = new Promise<string[]>((resolve) => {
      done = resolve;
    });
    const readVolume = async (files: AsyncIterable<Uint8Array>): Promise<object> => {
      const names: string[] = [];
      for await (const bytes of files) names.push(Buffer.from(bytes.subarray(132)).toString('latin1'));
      done(names);
      return {};
    };
    return { open: { modules: { readVolume } } as unknown as OpenModules, read };
  }
  const part10 = (name: string): Buffer => Buffer.concat([Buffer.alloc(128), Buffer.from(`DICM${name}`)]);

  it('reads the DICOM files of a folder and of those in it, in the order of their names, and no others', async () => {
    const series = join(folder, 'mixed');
    await mkdir(join(series, 'deeper'), { recursive: true });
    await writeFile(join(series, 'b'), part10('second'));
    await writeFile(join(series, 'a.dcm'), part10('first'));
    await writeFile(join(series, 'deeper', 'z'), part10('third'));
    await writeFile(join(series, 'readme.txt'), 'DICM');
    await writeFile(join(series, 'short'), Buffer.alloc(100));
    const { open, read } = reading();
    await readFiles({ kind: 'folder', path: series }, open, READING);
    expect(await read).toEqual(['first', 'second', 'third']);
  });

  it('passes over what is no instance, by name, and reads files without preamble', async () => {
    const cd = join(folder, 'cd');
    await mkdir(join(cd, 'IMAGES'), { recursive: true });
    await writeFile(join(cd, 'DICOMDIR'), file({ SOPClassUID: '1.2.840.10008.1.3.10' }));
    await writeFile(join(cd, 'AUTORUN.INF'), '[autorun]\n'.repeat(40));
    await writeFile(join(cd, 'IMAGES', 'A'), file({ SOPClassUID: undefined }));
    await writeFile(join(cd, 'IMAGES', 'B'), file({}));
    await writeFile(join(cd, 'IMAGES', 'C'), file({}).subarray(132));
    const passed: string[] = [];
    const { open, read } = reading();
    const onPassedOver = (name: string, reason: string): unknown => passed.push(`${name}: ${reason}`);
    await readFiles({ kind: 'folder', path: cd }, open, { ...READING, onPassedOver });
    expect(await read).toHaveLength(2);
    expect(passed).toEqual([
      'DICOMDIR: the directory of a medium (DICOMDIR)',
      `${join('IMAGES', 'A')}: a DICOM file without SOP class, which is no image`,
    ]);
  });

  it('names the file that cannot be read', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    for (const name of ['1', '2']) await writeFile(join(broken, name), part10(name));
    const readVolume = async (files: AsyncIterable<Uint8Array>): Promise<never> => {
      let instance = 0;
      for await (const { length } of files) instance += Math.sign(length);
      throw new SamepointError('volume/not-dicom', { instance, reason: 'it is cut' });
    };
    const open = { modules: { readVolume } } as unknown as OpenModules;
    await expect(readFiles({ kind: 'folder', path: broken }, open, READING)).rejects.toThrow(
      'instance 2 of the stream is not a readable DICOM file: 2: it is cut',
    );
  });

  it('says that a folder holds none', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { open } = reading();
    await expect(readFiles({ kind: 'folder', path: empty }, open, READING)).rejects.toThrow(
      `${empty}: holds no DICOM file`,
    );
  });
});

describe('explainFailure', () => {
  it('says what went wrong, what to do and the code, a line each', () => {
    const { io, out, err } = terminal();
    expect(explainFailure(new SamepointError('matching/no-body', {}), io)).toBe(EXIT.failed);
    expect(err().split('\n')).toEqual([
      'error: no part of a body was found in the series',
      'Choose a series that shows the patient.',
      '[matching/no-body]',
      '',
    ]);
    expect(out()).toBe('');
  });

  it('distinguishes a wrong configuration from work that failed by the status', () => {
    const error = new SamepointError('config/invalid', { problems: ['http.port: too large'] });
    expect(explainFailure(error, terminal().io)).toBe(EXIT.usage);
  });

  it('says nothing about an interruption but that it was one, whatever failed by it', () => {
    const { io, err } = terminal(AbortSignal.abort());
    expect(explainFailure(new SamepointError('matching/no-body', {}), io)).toBe(EXIT.interrupted);
    expect(err()).toBe('interrupted\n');
  });

  it('adds no text to that of the parser of the arguments', () => {
    const { io, err } = terminal();
    expect(explainFailure(new CommanderError(0, 'commander.help', '(outputHelp)'), io)).toBe(EXIT.ok);
    expect(explainFailure(new CommanderError(1, 'commander.unknownOption', 'x'), io)).toBe(EXIT.usage);
    expect(err()).toBe('');
  });

  it('requests a report of what should not happen, with its stack', () => {
    const { io, err } = terminal();
    expect(explainFailure(new TypeError('x is undefined'), io)).toBe(EXIT.internal);
    expect(err()).toMatch(
      /^error: an unexpected fault of Samepoint; please report it\.\nTypeError: x is undefined\n +at /,
    );
    const text = terminal();
    expect(explainFailure('a text', text.io)).toBe(EXIT.internal);
    expect(text.err()).toContain('a text\n');
  });
});

describe('what a command prints', () => {
  it('is JSON on the standard output', () => {
    const { io, out } = terminal();
    printJson(io, { a: [1], b: undefined });
    expect(out()).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });

  it('is warnings and errors in one line each beside it, and nothing else', () => {
    const { io, out, err } = terminal();
    const log = warningLogger(io);
    log.info({ any: 1 }, 'started');
    log.warn({ secret: 'x' }, 'slow');
    log.error({ err: new SamepointError('matching/no-body', {}) }, 'failed');
    log.error({ err: new Error('/private/path') }, 'broken');
    expect(err()).toBe('slow\nfailed: no part of a body was found in the series\nbroken\n');
    expect(out()).toBe('');
  });
});
