import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { SamepointError, problemOf } from '../errors/index.ts';
import type { FileReader } from './fileReader.ts';
import { MAX_DIRECTORY_BYTES, MAX_ENTRIES, MAX_RATIO, MAX_TOTAL_BYTES, SMALL_ENTRY_BYTES } from './limits.ts';
import { shown } from './shown.ts';

/** Compression methods (APPNOTE 4.4.5). */
const [STORED, DEFLATED] = [0, 8];

const inflated = promisify(inflateRaw);

/** A zip file, read entry by entry: its names, and the verified bytes of one. */
export interface ZipArchive {
  readonly names: ReadonlySet<string>;
  /**
   * @throws SamepointError models/damaged-checkpoint: not there, longer than `maxBytes`, compressed beyond reason, or
   *   CRC-32 or length are wrong.
   */
  read(name: string, maxBytes: number): Promise<Uint8Array>;
}

/**
 * A file as yauzl reads it. yauzl uses positions from the file unchecked, and Node throws for one that no file can have, from
 * where no caller can catch it: here each failure is an answer.
 */
class CheckedReader extends yauzl.RandomAccessReader {
  readonly #reader: FileReader;

  constructor(reader: FileReader) {
    super();
    this.#reader = reader;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#reader.read(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset);
        done(null, length);
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(problemOf(error)));
      },
    );
  }
}

/**
 * The entries of a zip file. Its directory is read, nothing else.
 * @param file name of the file, for errors
 * @throws SamepointError models/damaged-checkpoint
 */
export async function openZip(reader: FileReader, file: string): Promise<ZipArchive> {
  const damaged = (reason: string, cause?: unknown): SamepointError =>
    new SamepointError('models/damaged-checkpoint', { file, reason }, { cause });
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(new CheckedReader(reader), reader.size, {
      autoClose: false,
    });
    // Whoever waits hears of an error as a rejection; without a listener, one without a waiting caller would end the process.
    zip.on('error', () => undefined);
    const entries = await readDirectory(zip, damaged);
    let total = 0;
    return {
      names: new Set(entries.keys()),
      async read(name, maxBytes) {
        const entry = entries.get(name);
        if (entry === undefined) throw damaged(`it has no entry ${shown(name)}`);
        assertSize(entry, maxBytes, damaged);
        total += entry.uncompressedSize;
        if (total > MAX_TOTAL_BYTES) throw damaged(`it unpacks to more than ${MAX_TOTAL_BYTES} bytes`);
        const bytes = await unpack(zip, reader, entry).catch((cause: unknown) => {
          throw damaged(`${shown(name)}: ${shown(problemOf(cause))}`, cause);
        });
        if (bytes.length === entry.uncompressedSize && crc32(bytes) === entry.crc32) return bytes;
        throw damaged(`the checksum of ${shown(name)} does not fit its bytes`);
      },
    };
  } catch (cause) {
    if (cause instanceof SamepointError) throw cause;
    throw damaged(`it is cut off or no whole zip file: ${shown(problemOf(cause))}`, cause);
  }
}

type Damaged = (reason: string) => SamepointError;

async function readDirectory(zip: ZipFile, damaged: Damaged): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw damaged(`it has ${zip.entryCount} entries`);
  const entries = new Map<string, Entry>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName, fileNameLength, extraFieldLength, fileCommentLength } = entry;
    bytes += fileNameLength + extraFieldLength + fileCommentLength;
    if (bytes > MAX_DIRECTORY_BYTES)
      throw damaged(`its directory has more than ${MAX_DIRECTORY_BYTES} bytes`);
    // Readers differ in which of the two they use: what one has checked, another would load.
    if (entries.has(fileName)) throw damaged(`it has two entries ${shown(fileName)}`);
    entries.set(fileName, entry);
  }
  return entries;
}

function assertSize(entry: Entry, maxBytes: number, damaged: Damaged): void {
  const { fileName, uncompressedSize, compressedSize } = entry;
  if (uncompressedSize > maxBytes)
    throw damaged(`${shown(fileName)} has ${uncompressedSize} bytes; at most ${maxBytes} make sense`);
  if (uncompressedSize > SMALL_ENTRY_BYTES && uncompressedSize > MAX_RATIO * compressedSize)
    throw damaged(
      `${shown(fileName)} unpacks ${compressedSize} bytes to ${uncompressedSize}; at most ${MAX_RATIO} times as many make sense`,
    );
}

/** The bytes of an entry, not verified. @throws Error with the reason */
async function unpack(zip: ZipFile, reader: FileReader, entry: Entry): Promise<Uint8Array> {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    throw new Error(`unsupported compression method ${compressionMethod}`);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = await reader.read(fileDataStart, compressedSize);
  if (compressionMethod === STORED) return packed;
  // Node wants a buffer of at least one byte.
  return await inflated(packed, { maxOutputLength: Math.max(uncompressedSize, 1) });
}
