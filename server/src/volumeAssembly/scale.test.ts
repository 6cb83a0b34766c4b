/** Values that are not what a modality is read for: a CT that is not in HU, and pixels in forms without a linear scale. */
import type { SamepointError } from '../errors/index.ts';
import { isSamepointError } from '../errors/index.ts';
import { readVolume } from './readVolume.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import {
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';

const decoder = inlineDecoder();

async function refusal(files: Iterable<Uint8Array>): Promise<SamepointError> {
  const error: unknown = await readVolume(streamOf(files), { decoder }).catch((reason: unknown) => reason);
  if (!isSamepointError(error)) throw new Error('the series was not refused', { cause: error });
  return error;
}

describe('a series is refused when', () => {
  it.each(['OD', 'MGML', 'Z_EFF', 'ED', 'EDW', 'pct'])(
    'its values are no HU: Rescale Type %s',
    async (type) => {
      const error = await refusal(ctSeries(3, () => ({ RescaleType: type })));
      expect(error.code).toBe('volume/not-hounsfield');
      expect(error.message).toContain(`their Rescale Type is ${type}`);
      const groups = {
        PixelMeasuresSequence: [{ PixelSpacing: [0.75, 0.5] }],
        PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
      };
      const shared = {
        ...groups,
        PixelValueTransformationSequence: [{ RescaleIntercept: 0, RescaleSlope: 1, RescaleType: type }],
      };
      const frames = [0, 1, 2].map((slice) => ({ position: [0, 0, slice] }));
      const attributes = enhancedAttributes('CT', frames, { SharedFunctionalGroupsSequence: [shared] });
      expect((await refusal([part10(attributes, { pixels: new Uint16Array(360) })])).code).toBe(
        'volume/not-hounsfield',
      );
    },
  );

  it.each(['HU', 'US', 'HU_MOD', 'Hounsfield'])('not because of Rescale Type %s', async (type) => {
    await expect(
      readVolume(streamOf(ctSeries(3, () => ({ RescaleType: type }))), { decoder }),
    ).resolves.toBeDefined();
  });

  it('its intercept was lost', async () => {
    const pixels = {
      pixels: Uint16Array.from({ length: 120 }, (_, n) => (n % 2 === 0 ? n % 9 : 900 + (n % 160))),
    };
    const files = [0, 1, 2].map((slice) => ctSlice(slice, { RescaleIntercept: 0 }, pixels));
    expect((await refusal(files)).message).toContain('soft tissue lies about 1000');
    const mr = { RescaleIntercept: 0, Modality: 'MR', SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' };
    await expect(
      readVolume(streamOf([0, 1, 2].map((slice) => ctSlice(slice, mr, pixels))), { decoder }),
    ).resolves.toBeDefined();
  });

  it.each([
    ['FloatPixelData', new Float32Array(120).buffer, 'Float Pixel Data (7fe0,0008)'],
    ['DoubleFloatPixelData', new Float64Array(120).buffer, 'Double Float Pixel Data (7fe0,0009)'],
    ['ModalityLUTSequence', [{ ModalityLUTType: 'US' }], 'a Modality LUT Sequence (0028,3000)'],
  ])('its values are stored in another form, which is named: %s', async (keyword, value, found) => {
    for (const modality of ['CT', 'MR']) {
      const attributes = { [keyword]: value, Modality: modality, PixelRepresentation: undefined };
      const error = await refusal(ctSeries(3, () => attributes));
      expect(error.code).toBe('volume/unsupported-pixel-format');
      expect(error.message).toContain(found);
    }
  });
});
