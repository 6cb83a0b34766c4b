import { fileURLToPath } from 'node:url';
import { createFrameDecoder } from '../instances/index.ts';
import type { FrameDecoder } from '../instances/index.ts';
import { loadModels } from '../model/index.ts';
import { warmUpReading } from './warmUpReading.ts';

const MODELS = fileURLToPath(new URL('../../../models/', import.meta.url));

describe('the warm-up of reading', () => {
  let decoder: FrameDecoder;
  let read = 0;

  beforeAll(() => {
    const opened = createFrameDecoder({ threads: 2 });
    decoder = {
      ...opened,
      read: (...call) => {
        read++;
        return opened.read(...call);
      },
    };
  });
  afterAll(() => decoder.close());

  test('reads a series whose slices are reduced to the grid of the model, without a warning', async () => {
    const models = await loadModels(MODELS);
    const volume = await warmUpReading(decoder, models.get('samepoint-ct'));
    expect(volume?.warnings).toEqual([]);
    expect(volume?.reduced).toBeDefined();
    expect(read).toBe(volume?.dims[2]);
    // Enough for a compiler to see what is slow.
    expect(read).toBeGreaterThanOrEqual(32);
  });

  test('reads nothing for a model of MR', async () => {
    const models = await loadModels(MODELS);
    const { manifest } = models.get('samepoint-ct');
    const { CT } = manifest.input.intensity;
    const input = { ...manifest.input, intensity: { MR: CT! } };
    const before = read;
    expect(await warmUpReading(decoder, { manifest: { ...manifest, input } })).toBeUndefined();
    expect(read).toBe(before);
  });
});
