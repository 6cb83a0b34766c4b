import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { SamepointError } from '../errors/index.ts';

/** Fast: voxels of a scan are noise to their last bits. */
const GZIP_LEVEL = 1;

/** A folder that a command writes its results to. */
export interface OutputFolder {
  /** @returns the name, as the others do */
  readonly text: (name: string, text: string) => Promise<string>;
  readonly bytes: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Compressed while the parts come. */
  readonly gzip: (name: string, parts: Iterable<Uint8Array>, signal: AbortSignal) => Promise<string>;
}

/**
 * Makes the folder.
 * @throws SamepointError register/output-not-empty
 */
export async function openOutput(folder: string): Promise<OutputFolder> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new SamepointError('register/output-not-empty', { folder }, { cause: error });
  });
  if (names.length > 0) throw new SamepointError('register/output-not-empty', { folder });
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
    return name;
  };
  return {
    text: write,
    bytes: write,
    gzip: async (name, parts, signal) => {
      const path = join(folder, name);
      const source = Readable.from(parts, { objectMode: false });
      await pipeline(source, createGzip({ level: GZIP_LEVEL }), createWriteStream(path), { signal });
      return name;
    },
  };
}
