import type { Codec } from './codec.ts';
import { checkStream, copyCells, requireEndMarker } from './codec.ts';
import { readFrameHeader } from './streamHeader.ts';

/** JPEG baseline, extended (8 and 12 bits) and lossless, by the WebAssembly build of libjpeg in dcmjs-codecs. */
export async function loadJpeg(): Promise<Codec> {
  const { default: dcmjsCodecs } = await import('dcmjs-codecs');
  const { Context, NativeCodecs } = dcmjsCodecs;
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  return (bytes, format) => {
    requireEndMarker(bytes);
    checkStream(readFrameHeader(bytes, isFrame), format);
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

/** SOF0 to SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
