/** Damaged files of any kind end in a catalogue error or in a volume, never in a crash of another kind. */
import fc from 'fast-check';
import { isSamepointError } from '../errors/index.ts';
import { readVolume } from './readVolume.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import {
  ctSeries,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';

const decoder = inlineDecoder();
const series = ctSeries(3);
const enhanced = part10(enhancedAttributes('MR', [{ position: [0, 0, 0] }, { position: [0, 0, 1] }]), {
  pixels: new Uint16Array([...storedValues(0), ...storedValues(1)]),
});

async function outcome(files: Uint8Array[]): Promise<string> {
  try {
    await readVolume(streamOf(files), { decoder });
    return 'volume';
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    return error.code;
  }
}

describe('a damaged file', () => {
  it.each([
    ['CT slice', series[0]!],
    ['Enhanced MR', enhanced],
  ])('never escapes the catalogue: %s', async (_, file) => {
    const change = fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat({ max: file.length }),
        fc.boolean(),
        async (changes, end, isCut) => {
          const damaged = file.slice(0, isCut ? end : file.length);
          for (const [at, value] of changes) damaged[at % Math.max(1, damaged.length)] = value;
          expect(await outcome([damaged, ...series.slice(1)])).toMatch(/^volume/);
        },
      ),
      { numRuns: 400 },
    );
  });
});
