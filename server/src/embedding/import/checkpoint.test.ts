import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { isSamepointError } from '../../errors/index.ts';
import { openCheckpoint } from './checkpoint.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Hundreds of files are written and read; on a busy machine that takes its time. */
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

  it.each([
    ['turned', /laid out with the strides 1, 4, not row by row/u],
    ['half', /4 bytes for 2 numbers/u],
    ['absent', /is missing/u],
  ])('does not read %s as if it were a plain float tensor', async (key, message) => {
    const checkpoint = await openCheckpoint(file);
    await expect(checkpoint.read(key)).rejects.toMatchObject({
      code: 'models/bad-weights',
      message: expect.stringMatching(message) as string,
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
