import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import type { Entry } from 'yauzl';
import { SamepointError } from '../../errors/index.ts';
import { problemOf } from '../problem.ts';

/** torch writes one entry per tensor; training states have a few thousand. */
const MAX_ENTRIES = 100_000;

/** A zip file, read entry by entry: its names, and the verified bytes of one. */
export interface ZipArchive {
  readonly names: readonly string[];
  /** @throws SamepointError models/damaged-checkpoint: not there, longer than `maxBytes`, or CRC-32 or length are wrong. */
  read(name: string, maxBytes: number): Promise<Uint8Array>;
  close(): void;
}

/**
 * Opens a zip file. The directory is read, nothing else.
 * @throws SamepointError models/damaged-checkpoint
 */
export async function openZip(file: string): Promise<ZipArchive> {
  const damaged = (reason: string, cause?: unknown): SamepointError =>
    new SamepointError('models/damaged-checkpoint', { file, reason }, { cause });
  try {
    const zip = await yauzl.openPromise(file, { autoClose: false, lazyEntries: true });
    const entries = new Map<string, Entry>();
    try {
      if (zip.entryCount > MAX_ENTRIES) throw damaged(`it has ${zip.entryCount} entries`);
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    } catch (error) {
      zip.close();
      throw error;
    }
    return {
      names: [...entries.keys()],
      async read(name, maxBytes) {
        const entry = entries.get(name);
        if (entry === undefined) throw damaged(`it has no entry ${name}`);
        if (entry.uncompressedSize > maxBytes) {
          throw damaged(`${name} has ${entry.uncompressedSize} bytes; at most ${maxBytes} make sense`);
        }
        const bytes = await zip
          .openReadStreamPromise(entry)
          .then(joined)
          .catch((cause: unknown) => {
            throw damaged(`${name}: ${problemOf(cause)}`, cause);
          });
        if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) {
          throw damaged(`the checksum of ${name} does not fit its bytes`);
        }
        return bytes;
      },
      close: () => {
        zip.close();
      },
    };
  } catch (cause) {
    if (cause instanceof SamepointError) throw cause;
    throw damaged(`it is cut off or no whole zip file: ${problemOf(cause)}`, cause);
  }
}

async function joined(stream: Readable): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}
