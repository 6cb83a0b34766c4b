import fc from 'fast-check';
import { CT_IMAGE_STORAGE, EXPLICIT_LITTLE_ENDIAN, part10 } from '../dicomweb/testing/part10.ts';
import { readFileMeta } from './part10.ts';

test('the identity that dcmjs wrote, odd and even lengths', () => {
  for (const sop of ['1.2.3', '1.2.34'])
    expect(readFileMeta(part10({ sop }))).toMatchObject({
      sopClassUid: CT_IMAGE_STORAGE,
      sopInstanceUid: sop,
      transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
    });
});

test('a view into a larger buffer', () => {
  const file = part10();
  const view = new Uint8Array(Buffer.concat([Buffer.alloc(13), file])).subarray(13);
  expect(readFileMeta(view)?.sopInstanceUid).toBe('1.2.3.4.5');
});

test('cut and damaged files give undefined or an identity, never an exception', () => {
  const file = part10();
  fc.assert(
    fc.property(fc.nat(file.length), fc.nat(400), fc.nat(255), (length, position, value) => {
      const damaged = file.slice(0, length);
      if (position < damaged.length) damaged[position] = value;
      const meta = readFileMeta(damaged);
      expect(meta === undefined || typeof meta.sopInstanceUid === 'string').toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('what is not DICOM', () => {
  expect(readFileMeta(new Uint8Array())).toBeUndefined();
  expect(readFileMeta(Buffer.alloc(1000))).toBeUndefined();
});
