/** The folder: atomic writes, and the walk that finds what is there. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SamepointError } from '../errors/index.ts';

/** Names of files that are being written; those of a crash are removed at the next start. */
const UNFINISHED = /^\.samepoint-[0-9a-f-]{36}\.part$/;

/**
 * Writes a file so that it is either whole or absent: a temporary file beside it, flushed to the disk, then renamed.
 * @throws SamepointError `archive/write-failed`; no trace remains
 */
export async function writeAtomically(file: string, bytes: Uint8Array): Promise<void> {
  const unfinished = join(dirname(file), `.samepoint-${randomUUID()}.part`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(unfinished, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    // May fail for the same reason as the writing; that reason is reported.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new SamepointError('archive/write-failed', { reason: errnoOf(error) });
  }
}

/** Every regular file below a folder, in the order of their names. Links are not followed: they may lead outside. */
export async function* filesBelow(directory: string): AsyncGenerator<string, void, undefined> {
  const entries = await readdir(directory, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && UNFINISHED.test(entry.name)) await rm(path, { force: true });
    else if (entry.isFile()) yield path;
  }
}

/** The code of a file system error, e.g. ENOSPC; its message holds the path, and the path holds UIDs. */
export function errnoOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown failure';
}
