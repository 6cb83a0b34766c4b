/** Part 10 files for tests, written by dcmjs; pixel data is appended by hand where a test needs its exact bytes. */
import dcmjs from 'dcmjs';
import type { DcmjsDict } from 'dcmjs';

/** What a test may set; everything else has a default. */
export interface Fixture {
  readonly study?: string;
  readonly series?: string;
  readonly sop?: string;
  readonly sopClass?: string;
  readonly transferSyntax?: string;
  /** Further elements, by tag. */
  readonly elements?: DcmjsDict;
  /** Raw bytes after the data set: a hand-made pixel data element. */
  readonly tail?: Uint8Array;
}

export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** A small CT image. */
export function part10(fixture: Fixture = {}): Uint8Array<ArrayBuffer> {
  const sop = fixture.sop ?? '1.2.3.4.5';
  const sopClass = fixture.sopClass ?? CT_IMAGE_STORAGE;
  const file = new dcmjs.data.DicomDict({
    '00020002': { vr: 'UI', Value: [sopClass] },
    '00020003': { vr: 'UI', Value: [sop] },
    '00020010': { vr: 'UI', Value: [fixture.transferSyntax ?? EXPLICIT_LITTLE_ENDIAN] },
  });
  file.dict = {
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080016': { vr: 'UI', Value: [sopClass] },
    '00080018': { vr: 'UI', Value: [sop] },
    '00080060': { vr: 'CS', Value: ['CT'] },
    '0020000D': { vr: 'UI', Value: [fixture.study ?? '1.2.3'] },
    '0020000E': { vr: 'UI', Value: [fixture.series ?? '1.2.3.4'] },
    ...fixture.elements,
  };
  return new Uint8Array(Buffer.concat([new Uint8Array(file.write()), fixture.tail ?? new Uint8Array()]));
}

/** A multipart body around the given parts. */
export function multipart(
  parts: readonly Uint8Array[],
  boundary: string,
  closed = true,
): Buffer<ArrayBuffer> {
  return Buffer.concat([
    ...parts.flatMap((body) => [
      Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      body,
    ]),
    Buffer.from(closed ? `\r\n--${boundary}--\r\n` : ''),
  ]);
}
