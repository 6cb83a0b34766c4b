/**
 * Encoders for syntaxes that DCMTK does not write. The decoders under test are other builds of the same libraries, so
 * these tests show that we drive them correctly, not that the libraries are right.
 * @module
 */
import createCharls from '@cornerstonejs/codec-charls/wasmjs';
import createOpenjpeg from '@cornerstonejs/codec-openjpeg/wasmjs';
import createOpenjph from '@cornerstonejs/codec-openjph/wasmjs';

/** An image of one component. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly isSigned: boolean;
  readonly cells: Uint8Array | Uint16Array | Int16Array;
}

/** The encoders report on stdout. */
const silent = (): CodecModuleOptions => ({ print: () => undefined, printErr: () => undefined });

function encodeWith(
  encoder: CodecEncoder,
  { width, height, bitsPerSample, isSigned, cells }: Picture,
): Uint8Array {
  const info = { width, height, bitsPerSample, isSigned, componentCount: 1, isUsingColorTransform: false };
  const { buffer, byteOffset, byteLength } = cells;
  encoder.getDecodedBuffer(info).set(new Uint8Array(buffer, byteOffset, byteLength));
  encoder.encode();
  const encoded = new Uint8Array(encoder.getEncodedBuffer());
  encoder.delete();
  return encoded;
}

const openjpeg = createOpenjpeg(silent());
const openjph = createOpenjph(silent());
const charls = createCharls(silent());

/** JPEG 2000. */
export async function encodeJpeg2000(picture: Picture, lossless = true): Promise<Uint8Array> {
  const encoder = new (await openjpeg).J2KEncoder();
  encoder.setQuality(lossless, 0);
  return encodeWith(encoder, picture);
}

/** HTJ2K; `quantization` is the step of the irreversible transform. */
export async function encodeHtj2k(picture: Picture, lossless = true, quantization = 0): Promise<Uint8Array> {
  const encoder = new (await openjph).HTJ2KEncoder();
  encoder.setQuality(lossless, quantization);
  return encodeWith(encoder, picture);
}

/** JPEG-LS with the given largest error. */
export async function encodeJpegLs(picture: Picture, maxError = 0): Promise<Uint8Array> {
  const encoder = new (await charls).JpegLSEncoder();
  encoder.setNearLossless(maxError);
  return encodeWith(encoder, picture);
}
