import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Response } from 'express';

const compressed = promisify(gzip);

/** Sends what was computed of images of a patient: compressed where the request accepts that, and kept by no cache. */
export async function sendBytes(res: Response, mediaType: string, bytes: Uint8Array): Promise<void> {
  res.set({ 'Content-Type': mediaType, 'Cache-Control': 'no-store', Vary: 'Accept-Encoding' });
  if (res.req.acceptsEncodings('gzip', 'identity') !== 'gzip') {
    res.send(Buffer.from(bytes));
    return;
  }
  res.set('Content-Encoding', 'gzip').send(await compressed(bytes));
}
