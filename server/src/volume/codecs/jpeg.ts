import type { Codec } from './codec.ts';
import { checkStream, copyCells, requireEndMarker } from './codec.ts';

/** JPEG baseline, extended (8 and 12 bits) and lossless, by the WebAssembly build of libjpeg in dcmjs-codecs. */
export async function loadJpeg(): Promise<Codec> {
  const { default: dcmjsCodecs } = await import('dcmjs-codecs');
  const { Context, NativeCodecs } = dcmjsCodecs;
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  return (bytes, format) => {
    requireEndMarker(bytes);
    checkStream(readFrameHeader(bytes), format);
    const context = new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: format.bitsAllocated,
      bitsStored: format.bitsStored,
      samplesPerPixel: 1,
      pixelRepresentation: format.isSigned ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      encodedBuffer: bytes,
    });
    const decoded = NativeCodecs.decodeJpeg(context, {}).getDecodedBuffer();
    if (decoded === undefined) throw new Error('the JPEG decoder gave nothing');
    return copyCells(decoded, format.bitsAllocated, format);
  };
}

/** Size, precision and components from the start-of-frame segment (ITU-T T.81, B.2.2). */
function readFrameHeader(bytes: Uint8Array): {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Segments follow the two bytes of SOI: marker, then a length that counts itself.
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    // SOF0 to SOF15 without DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return {
        bitsPerSample: view.getUint8(at + 4),
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        componentCount: view.getUint8(at + 9),
      };
    }
  }
  throw new Error('the JPEG stream has no frame header');
}
