import { TextEncoder } from 'node:util';
import { readInstance } from './compareInstance.ts';
import { readVolume } from './readVolume.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import {
  ctAttributes,
  ctSeries,
  ctSlice,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import type { Attributes } from '../volume/testing/syntheticSeries.ts';
import type { InstanceIdentity } from '../volume/types.ts';

const decoder = inlineDecoder();

async function identityOf(attributes: Attributes): Promise<InstanceIdentity> {
  const { identity } = await readInstance(ctSlice(0, attributes), decoder);
  if (identity === undefined) throw new Error('an instance that was never read has an identity');
  return identity;
}
async function digestOf(attributes: Attributes = {}): Promise<string> {
  return (await readInstance(ctSlice(0, attributes), decoder)).content.digest;
}

/** The file with the ASCII text in it replaced by other bytes of the same length. */
function patched(file: Uint8Array, text: string, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  copy.set(bytes, copy.indexOf(text, 0, 'latin1'));
  return copy;
}

describe('who an instance says it is', () => {
  it('gives UIDs and patient, without padding', async () => {
    expect(await identityOf({ PatientID: ' 0042 ', IssuerOfPatientID: 'HERE ' })).toEqual({
      studyInstanceUid: '2.25.1',
      seriesInstanceUid: '2.25.2',
      sopInstanceUid: '2.25.10000',
      patientId: '0042',
      issuer: 'HERE',
    });
  });

  it.each([undefined, '', '   '])('has no patient where the id is %p', async (PatientID) => {
    expect(await identityOf({ PatientID })).not.toHaveProperty('patientId');
  });

  it.each([
    ['ISO_IR 100', Uint8Array.of(0x4d, 0xfc, 0x31, 0x20), 'Mü1'],
    ['ISO_IR 192', new TextEncoder().encode('Mü1'), 'Mü1'],
    ['ISO_IR 144', Uint8Array.of(0xb8, 0xd2, 0x31, 0x20), 'Ив1'],
    ['ISO 2022 IR 6\\ISO 2022 IR 149', Uint8Array.of(0xb1, 0xe8, 0x31, 0x20), '김1'],
  ])('reads the id in %s', async (SpecificCharacterSet, bytes, expected) => {
    const file = ctSlice(0, { SpecificCharacterSet: SpecificCharacterSet.split('\\'), PatientID: 'XYZ1' });
    const { identity } = await readInstance(patched(file, 'XYZ1', bytes), decoder);
    expect(identity?.patientId).toBe(expected);
  });

  it('is reported before the frames are decoded, and may end the read', async () => {
    const read = readVolume(streamOf(ctSeries(4)), {
      decoder,
      onInstance: ({ sopInstanceUid }) => {
        if (sopInstanceUid === '2.25.10002') throw new Error('not this one');
      },
    });
    await expect(read).rejects.toThrow('not this one');
  });

  it.each([
    ['another id', { PatientID: 'B' }],
    ['no id', { PatientID: undefined }],
    ['another issuer', { PatientID: 'A', IssuerOfPatientID: 'THERE' }],
  ])('refuses a series with an instance of %s', async (_, other) => {
    const files = [0, 1, 2, 3].map((slice) =>
      ctSlice(slice, {
        PatientID: 'A',
        IssuerOfPatientID: slice === 0 ? undefined : 'HERE',
        ...(slice === 3 && other),
      }),
    );
    const error: unknown = await readVolume(streamOf(files), { decoder }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'volume/mixed-patients', fields: {} });
  });
});

describe('digest of what an instance holds', () => {
  it('is the same in a series and by itself', async () => {
    const files = ctSeries(4);
    const volume = await readVolume(streamOf(files), { decoder });
    const single = await Promise.all(
      [...files].map(async (file) => (await readInstance(file, decoder)).content),
    );
    expect(volume.instances).toEqual(single);
  });

  it.each([
    ['a position', { ImagePositionPatient: [-10, -20, 30.01] }],
    ['an orientation', { ImageOrientationPatient: [0, 1, 0, 1, 0, 0] }],
    ['a spacing', { PixelSpacing: [0.75, 0.51] }],
    ['a rescale', { RescaleIntercept: -1000 }],
    ['the frame of reference', { FrameOfReferenceUID: '2.25.4' }],
    ['the series', { SeriesInstanceUID: '2.25.4' }],
  ])('changes with %s', async (_, attributes) => {
    expect(await digestOf(attributes)).not.toBe(await digestOf());
  });

  it('changes with the pixels', async () => {
    const pixels = storedValues(0);
    const before = (await readInstance(part10(ctAttributes(0), { pixels }), decoder)).content.digest;
    pixels[5] = (pixels[5] ?? 0) ^ 1;
    expect((await readInstance(part10(ctAttributes(0), { pixels }), decoder)).content.digest).not.toBe(
      before,
    );
  });

  it('is the same in another transfer syntax without loss, and as before where nothing was decoded', async () => {
    const sent = (transferSyntaxUid: string): Uint8Array =>
      part10(ctAttributes(0), { transferSyntaxUid, pixels: storedValues(0) });
    const explicit = (await readInstance(sent('1.2.840.10008.1.2.1'), decoder)).content;
    const implicit = (await readInstance(sent('1.2.840.10008.1.2'), decoder, explicit)).content;
    expect(implicit.encoded).not.toBe(explicit.encoded);
    expect(implicit.digest).toBe(explicit.digest);
    const idle = { ...decoder, decode: () => Promise.reject(new Error('decoded')) };
    expect((await readInstance(sent('1.2.840.10008.1.2.1'), idle, explicit)).content).toEqual(explicit);
  });

  it('does not change with what no volume depends on', async () => {
    expect(await digestOf({ PatientName: 'Corrected^Name', StudyDescription: 'Chest' })).toBe(
      await digestOf(),
    );
  });
});
