import type { Codec } from './codec.ts';
import { checkStream, copyCells } from './codec.ts';
import { requireAgreement } from './agreement.ts';
import { jpegStream } from './endOfStream.ts';
import { isJpegFrame, readFrameHeader } from './streamHeader.ts';

/** JPEG baseline, extended (8 and 12 bits) and lossless, by the WebAssembly build of libjpeg in dcmjs-codecs. */
export async function loadJpeg(): Promise<Codec> {
  const { default: dcmjsCodecs } = await import('dcmjs-codecs');
  const { Context, NativeCodecs } = dcmjsCodecs;
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  return (bytes, format) => {
    const info = readFrameHeader(bytes, isJpegFrame);
    checkStream(info, format);
    const context = new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: format.bitsAllocated,
      bitsStored: format.bitsStored,
      samplesPerPixel: 1,
      pixelRepresentation: format.isSigned ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      encodedBuffer: jpegStream(bytes),
    });
    const decoded = NativeCodecs.decodeJpeg(context, {}).getDecodedBuffer();
    if (decoded === undefined) throw new Error('the JPEG decoder gave nothing');
    const cells = copyCells(decoded, format.bitsAllocated, format);
    requireAgreement(cells, info, format);
    return cells;
  };
}
