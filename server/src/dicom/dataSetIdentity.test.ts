import fc from 'fast-check';
import { sopInstanceUidOfDataSet } from './dataSetIdentity.ts';
import { readFileMeta } from './part10.ts';
import { part10 } from '../dicomweb/testing/part10.ts';

const [IMPLICIT, EXPLICIT, BIG_ENDIAN] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2'];

/** An element in a transfer syntax. */
function element(syntax: string, tag: number, vr: string, value: string): Buffer {
  const header = Buffer.alloc(8);
  const isBig = syntax === BIG_ENDIAN;
  const [group, number] = [tag >>> 16, tag & 0xffff];
  if (isBig) header.writeUInt16BE(group, 0);
  else header.writeUInt16LE(group, 0);
  if (isBig) header.writeUInt16BE(number, 2);
  else header.writeUInt16LE(number, 2);
  if (syntax === IMPLICIT) header.writeUInt32LE(value.length, 4);
  else {
    header.write(vr, 4, 'latin1');
    if (isBig) header.writeUInt16BE(value.length, 6);
    else header.writeUInt16LE(value.length, 6);
  }
  return Buffer.concat([header, Buffer.from(value, 'latin1')]);
}

test.each([IMPLICIT, EXPLICIT, BIG_ENDIAN])('is read in %s, with its padding', (syntax) => {
  for (const uid of ['1.2.3\0', '1.2.34 ', '1.2.003.4']) {
    const dataSet = Buffer.concat([
      element(syntax, 0x00080005, 'CS', 'ISO_IR 100'),
      element(syntax, 0x00080016, 'UI', '1.2'),
      element(syntax, 0x00080018, 'UI', uid),
      element(syntax, 0x00080020, 'DA', '20260101'),
    ]);
    expect(sopInstanceUidOfDataSet(dataSet, 0, syntax)).toBe(uid.replace(/[\0 ]$/, ''));
  }
});

test('none in a data set without, in a deflated one, and in one that is cut', () => {
  const after = element(EXPLICIT, 0x00080020, 'DA', '20260101');
  expect(sopInstanceUidOfDataSet(Buffer.concat([after, after]), 0, EXPLICIT)).toBeUndefined();
  const file = part10({ sop: '1.2.3' });
  const { dataSetOffset } = readFileMeta(file)!;
  expect(sopInstanceUidOfDataSet(file, dataSetOffset, '1.2.840.10008.1.2.1.99')).toBeUndefined();
  expect(
    sopInstanceUidOfDataSet(file.subarray(0, dataSetOffset + 30), dataSetOffset, EXPLICIT),
  ).toBeUndefined();
  expect(sopInstanceUidOfDataSet(file, dataSetOffset, EXPLICIT)).toBe('1.2.3');
});

test('any bytes are read without an exception', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(IMPLICIT, EXPLICIT, BIG_ENDIAN),
      (bytes, syntax) => {
        const uid = sopInstanceUidOfDataSet(bytes, 0, syntax);
        expect(uid === undefined || uid.length <= 80).toBe(true);
      },
    ),
  );
});
