import { isArrayBuffer, isSharedArrayBuffer } from 'node:util/types';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { loadModels } from '../model/registry.ts';
import { testBody } from './testing/body.ts';
import { Resampler } from './resampler.ts';

jest.setTimeout(60_000);

const resampler = new Resampler();
afterAll(() => resampler.close());

describe('Resampler', () => {
  it('gives what the graphs read in memory that can be given back, and the image in memory that threads share', async () => {
    const models = await loadModels(fileURLToPath(new URL('../../../models', import.meta.url)));
    const body = testBody({ dims: [32, 30, 24] });
    const { input, image, inputDims } = await resampler.resample(body, models.get('mind-ssc'));
    expect(input).toHaveLength(inputDims[0] * inputDims[1] * inputDims[2]);
    expect(input.byteLength).toBe(input.buffer.byteLength);
    expect(isArrayBuffer(input.buffer)).toBe(true);
    expect(isSharedArrayBuffer(image.values.buffer)).toBe(true);
  });
});
