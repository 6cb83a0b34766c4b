import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { isSamepointError } from '../errors/index.ts';
import { openCheckpoint } from './checkpoint.ts';
import { dictionary, integer, pickle, tensor, text, torchFile, zip } from './testing/torchFile.ts';
import { textLike } from '../errors/testing/like.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Hundreds of files are written and read; on a busy machine that is slow. */
jest.setTimeout(60_000);

function ofCatalogue(error: unknown): undefined {
  if (!isSamepointError(error)) throw error;
}

/** Written by torch.save: testing/make.py. */
const files = ['small.pth', 'small-legacy.pth'].map((name) => join(import.meta.dirname, 'testing', name));

describe.each(files)('%s', (file) => {
  it('gives the tensors of torch, without the prefix of a parallel training', async () => {
    const checkpoint = await openCheckpoint(file);
    try {
      expect([...checkpoint.tensors.keys()]).toEqual([
        'whole',
        'part',
        'turned',
        'parameter',
        'count',
        'half',
      ]);
      expect(checkpoint.others).toEqual(['version']);
      expect(checkpoint.ignored).toEqual(['meta', 'loss', 'shape']);
      const whole = Array.from({ length: 12 }, (_, index) => index / 8);
      expect([...(await checkpoint.read('whole'))]).toEqual(whole);
      expect([...(await checkpoint.read('part'))]).toEqual(whole.slice(4));
      expect([...(await checkpoint.read('parameter'))]).toEqual([0.5]);
      expect(checkpoint.tensors.get('count')).toMatchObject({ shape: [], storage: { type: 'LongStorage' } });
      expect(checkpoint.tensors.get('half')).toMatchObject({ storage: { type: 'HalfStorage' } });
    } finally {
      await checkpoint.close();
    }
  });

  it('reads float16, and axes in another order', async () => {
    const checkpoint = await openCheckpoint(file);
    expect([...(await checkpoint.read('half'))]).toEqual([0, 0]);
    const turned = Array.from({ length: 12 }, (_, n) => ((n % 3) * 4 + Math.floor(n / 3)) / 8);
    expect([...(await checkpoint.read('turned'))]).toEqual(turned);
    await checkpoint.close();
  });

  it.each([
    ['count', /the type LongStorage/u],
    ['absent', /is missing/u],
  ])('does not read %s as if it were a plain float tensor', async (key, message) => {
    const checkpoint = await openCheckpoint(file);
    await expect(checkpoint.read(key)).rejects.toMatchObject({
      code: 'models/bad-weights',
      message: textLike(message),
    });
    await checkpoint.close();
  });

  it('answers any damage with an error of the catalogue', async () => {
    const sound = readFileSync(file);
    const damaged = join(folder, 'damaged.pth');
    const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), fc.nat(sound.length), async (changes, length) => {
        const bytes = Buffer.from(sound);
        for (const { at, byte } of changes) bytes[at] = byte;
        await writeFile(damaged, length % 2 === 0 ? bytes : bytes.subarray(0, length));
        const checkpoint = await openCheckpoint(damaged).catch(ofCatalogue);
        for (const key of checkpoint?.tensors.keys() ?? []) await checkpoint?.read(key).catch(ofCatalogue);
        await checkpoint?.close();
      }),
      { numRuns: 200 },
    );
  });
});

/** Opens a file of these bytes. */
async function opened(bytes: Buffer): ReturnType<typeof openCheckpoint> {
  const file = join(folder, 'hostile.pth');
  await writeFile(file, bytes);
  return await openCheckpoint(file);
}

function repeated(unit: string, count: number): Buffer {
  return Buffer.from(unit.repeat(count), 'latin1');
}

/** A locator of a ZIP64 directory record (APPNOTE 4.3.15) at the given place, put before the end record. */
function withZip64Locator(file: Buffer, offset: bigint): Buffer {
  const end = file.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(offset, 8);
  return Buffer.concat([file.subarray(0, end), locator, file.subarray(end)]);
}

/** The same file, of which the directory says this about the first entry, the pickle. */
function withDirectoryField(file: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeUInt32LE(value, changed.indexOf('PK\x01\x02', undefined, 'latin1') + at);
  return changed;
}

const NUMBERS = Buffer.alloc(24);
const sound = torchFile(
  dictionary([['state_dict', dictionary([['w', tensor('0', { shape: [2, 3] })]])]]),
  new Map([['0', NUMBERS]]),
);

describe('a file that was made to do harm', () => {
  it.each([
    ['a directory record beyond 2^53', withZip64Locator(sound, 2n ** 60n)],
    ['a directory record beyond the end', withZip64Locator(sound, 10_000n)],
    ['a directory record at the largest place', withZip64Locator(sound, 2n ** 64n - 1n)],
    ['an entry beyond the end', withDirectoryField(sound, 42, 0xfffffff0)],
    ['a name longer than the file', withDirectoryField(sound, 28, 0xffff)],
  ])('is refused: %s', async (_, bytes) => {
    await expect(opened(bytes)).rejects.toMatchObject({ code: 'models/damaged-checkpoint' });
  });

  it('is refused when a few bytes become many', async () => {
    const pickled = pickle(repeated('}', 3 * 1024 * 1024));
    const bytes = zip([['archive/data.pkl', pickled]], { deflate: true });
    expect(bytes.length).toBeLessThan(10_000);
    await expect(opened(bytes)).rejects.toMatchObject({
      code: 'models/damaged-checkpoint',
      message: textLike(/unpacks \d+ bytes to \d+; at most 100 times/u),
    });
  });

  it('is refused when its pickle is larger than any', async () => {
    const bytes = torchFile(repeated('(', 5 * 1024 * 1024));
    await expect(opened(bytes)).rejects.toMatchObject({
      message: textLike(/at most 4194304 make sense/u),
    });
  });

  it.each([
    ['dictionaries', '}', /more than 200000 instructions/u],
    ['lists', ']', /more than 200000 instructions/u],
    ['marks', '(', /more than 200000 instructions/u],
    ['texts', 'X\x01\x00\x00\x00a', /more than 200000 instructions/u],
    ['a tuple that doubles with each step', ')q\x00h\x00h\x00\x86q\x00', /more than 200000 instructions/u],
  ])('is refused when its pickle makes millions of values: %s', async (_, unit, message) => {
    await expect(opened(torchFile(repeated(unit, 300_000)))).rejects.toMatchObject({
      code: 'models/damaged-checkpoint',
      message: textLike(message),
    });
  });

  it('is refused when it requests the same long work again and again', async () => {
    const sizes = Buffer.concat([Buffer.from('('), repeated('K\x01', 100_000), Buffer.from('tq\x00')]);
    const call = 'ctorch._utils\n_rebuild_tensor_v2\n(h\x00h\x00h\x00h\x00tR';
    await expect(opened(torchFile(Buffer.concat([sizes, repeated(call, 10_000)])))).rejects.toMatchObject({
      message: textLike(/builds something that is no tensor/u),
    });
    const name = Buffer.concat([text('a'.repeat(1_000_000)), Buffer.from('q\x00')]);
    const names = Buffer.concat([name, repeated('h\x00h\x00\x93', 30_000)]);
    await expect(opened(torchFile(names))).rejects.toMatchObject({
      message: textLike(/a name without an end/u),
    });
  });

  it('is refused when two entries have one name', async () => {
    const entry = ['archive/data.pkl', pickle(integer(1))] as const;
    await expect(opened(zip([entry, entry]))).rejects.toMatchObject({
      message: textLike(/two entries archive\/data\.pkl/u),
    });
  });

  it('is quoted in one short line', async () => {
    const key = `\u001b[2J${'k'.repeat(100_000)}`;
    const error: unknown = await opened(torchFile(dictionary([[key, integer(1)]]))).catch(
      (cause: unknown) => cause,
    );
    expect(String(error).length).toBeLessThan(1000);
    expect(String(error)).not.toContain('\u001b');
  });

  it('is refused when it is no regular file', async () => {
    await expect(openCheckpoint('/dev/zero')).rejects.toMatchObject({
      code: 'models/not-a-checkpoint',
      message: textLike(/no regular file/u),
    });
    await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'models/not-a-checkpoint' });
  });
});
