import { EXPLICIT_LITTLE_ENDIAN, part10 } from '../dicomweb/testing/part10.ts';
import { readInstance } from './dataset.ts';

/** A data set in Latin-1 as dcmjs does not write it: the texts are replaced byte for byte. */
function withBytes(file: Uint8Array<ArrayBuffer>, from: string, to: Buffer): Uint8Array<ArrayBuffer> {
  const buffer = Buffer.from(file);
  const at = buffer.indexOf(from);
  expect(at).toBeGreaterThan(0);
  expect(to).toHaveLength(from.length);
  to.copy(buffer, at);
  return new Uint8Array(buffer);
}

function name(file: Uint8Array): unknown {
  return readInstance(file).metadata['00100010']?.Value;
}

test('a Latin-1 name comes out as Unicode', () => {
  const file = part10({
    elements: {
      '00080005': { vr: 'CS', Value: ['ISO_IR 100'] },
      '00100010': { vr: 'PN', Value: ['M_ller'] },
    },
  });
  expect(name(withBytes(file, 'M_ller', Buffer.from('Müller', 'latin1')))).toEqual([
    { Alphabetic: 'Müller' },
  ]);
});

test('several character sets are read with the first, not refused', () => {
  const file = part10({
    elements: {
      '00080005': { vr: 'CS', Value: ['ISO 2022 IR 6', 'ISO 2022 IR 87'] },
      '00100010': { vr: 'PN', Value: ['Yamada^Tarou'] },
    },
  });
  expect(name(file)).toEqual([{ Alphabetic: 'Yamada^Tarou' }]);
  expect(readInstance(file).seriesInstanceUid).toBe('1.2.3.4');
});

test('header and data set must name the same instance', () => {
  const file = withBytes(part10({ sop: '1.2.333.4' }), '1.2.333.4', Buffer.from('1.2.334.4'));
  expect(() => readInstance(file)).toThrow('SOPInstanceUID differs');
});

test('values that JSON has no form for become null, empty ones have no Value', () => {
  const { metadata, transferSyntaxUid } = readInstance(
    part10({
      elements: {
        '00189087': { vr: 'FD', Value: [1.5, Number.NaN] },
        '00080050': { vr: 'SH', Value: [''] },
        '00081140': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }] },
      },
    }),
  );
  expect(transferSyntaxUid).toBe(EXPLICIT_LITTLE_ENDIAN);
  expect(metadata['00189087']).toEqual({ vr: 'FD', Value: [1.5, null] });
  expect(metadata['00080050']).toEqual({ vr: 'SH' });
  expect(metadata['00081140']).toEqual({ vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }] });
});
