/**
 * Folders and files that the server writes. Looking changes nothing: a folder that is made by another user than that of the server
 * would lock the server out.
 * @module
 */
import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/index.ts';
import { problemOf } from '../errors/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';

const GIB = 2 ** 30;

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

/** The path itself, or the nearest folder above it that exists. */
export async function existing(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    const parent = dirname(path);
    return parent === path ? path : await existing(parent);
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Whether the embeddings can be kept, and how many. */
export async function cacheCheck({ embedding }: Config): Promise<Check> {
  const name = 'cache folder';
  const { cacheDirectory, cacheMaxBytes } = embedding;
  try {
    const folder = await existing(cacheDirectory);
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const used = folder === cacheDirectory ? await bytesIn(cacheDirectory) : 0;
    const free = bavail * bsize;
    if (free + used < cacheMaxBytes) {
      const message = `${cacheDirectory}: ${gib(free)} are free, embedding.cacheMaxBytes is ${gib(cacheMaxBytes)}`;
      return warning(name, message, 'Lower embedding.cacheMaxBytes, or choose a larger disk.');
    }
    const state =
      folder === cacheDirectory ? `${gib(used)} of ${gib(cacheMaxBytes)} used` : 'is made at the start';
    return ok(name, `${cacheDirectory}: ${state}`);
  } catch (error) {
    const remedy = 'Correct embedding.cacheDirectory, or its permissions for the user of the server.';
    return failed(name, `${cacheDirectory}: ${problemOf(error)}`, remedy);
  }
}

/** Whether the audit trail can be written. */
export async function auditCheck({ audit }: Config): Promise<Check> {
  const name = 'audit trail';
  if (audit.destination !== 'file') return ok(name, `destination ${audit.destination}`);
  try {
    await access(await existing(audit.file), constants.W_OK);
    return ok(name, audit.file);
  } catch (error) {
    const remedy = 'Correct audit.file, or its permissions for the user of the server.';
    return failed(name, `${audit.file}: ${problemOf(error)}`, remedy);
  }
}
