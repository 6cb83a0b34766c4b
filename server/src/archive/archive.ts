import { mkdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { errnoOf, filesBelow, writeAtomically } from './files.ts';
import { createInstanceReader } from './instanceReader.ts';
import type { ReadInstance } from './instanceReader.ts';
import { Registry } from './registry.ts';
import { createRouter } from './router.ts';
import type {
  Archive,
  ArchiveOptions,
  ArchiveWarning,
  InstanceEntry,
  StoredInstance,
  StoreInto,
} from './types.ts';

/** 2 GiB: a thin-slice trunk CT in one request; a guard against an endless body. */
const DEFAULT_MAX_STORE_BYTES = 2 * 1024 ** 3;

/**
 * Opens an archive over a folder and indexes what is there. Damaged files are omitted with a warning.
 * @throws SamepointError `archive/no-folder`
 * @example
 * const archive = await createArchive({ directory: '.demo/archive' });
 * app.use('/dicom-web', archive.router);
 */
export async function createArchive(options: ArchiveOptions): Promise<Archive> {
  const directory = resolve(options.directory);
  const registry = new Registry();
  const warn = options.onWarning ?? ((): void => undefined);
  const readInstance = createInstanceReader();
  try {
    await mkdir(directory, { recursive: true });
    for await (const file of filesBelow(directory)) {
      await indexFile(registry, directory, file, { warn, readInstance });
    }
  } catch (error) {
    throw new SamepointError('archive/no-folder', { reason: errnoOf(error) });
  }
  const store = createStore(registry, directory, readInstance);
  const router = createRouter({
    registry,
    store,
    maxStoreBytes: options.maxStoreBytes ?? DEFAULT_MAX_STORE_BYTES,
  });
  return { router, store: (part10) => store(part10), counts: () => registry.counts() };
}

async function indexFile(
  registry: Registry,
  directory: string,
  file: string,
  { warn, readInstance }: { warn: (warning: ArchiveWarning) => void; readInstance: ReadInstance },
): Promise<void> {
  const omit = (reason: string): void => {
    warn({ file: relative(directory, file), reason });
  };
  try {
    const parsed = await readInstance(await readFile(file));
    if (registry.bySop(parsed.sopInstanceUid)) omit('another file holds the same SOP Instance UID');
    else registry.add({ ...parsed, file });
  } catch (error) {
    omit(isSamepointError(error) ? error.message : errnoOf(error));
  }
}

function createStore(registry: Registry, directory: string, readInstance: ReadInstance): StoreInto {
  // One write at a time: two requests with the same instance must not both find it missing.
  let last: Promise<unknown> = Promise.resolve();
  const storeOne = async (part10: Uint8Array, study: string | undefined): Promise<StoredInstance> => {
    const { metadata, ...identity } = await readInstance(part10);
    if (study !== undefined && identity.studyInstanceUid !== study)
      throw new SamepointError('archive/wrong-study', { reason: 'the instance belongs to another study' });
    const present = registry.bySop(identity.sopInstanceUid);
    if (present) {
      await requireSame(present, part10);
      return { ...identity, created: false };
    }
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = identity;
    // Each of the three is digits and dots without `..` (readInstance): the path stays below the folder.
    const file = join(directory, studyInstanceUid, seriesInstanceUid, `${sopInstanceUid}.dcm`);
    await writeAtomically(file, part10);
    registry.add({ ...identity, metadata, file });
    return { ...identity, created: true };
  };
  return (part10, study) => {
    const stored = last.then(() => storeOne(part10, study));
    last = stored.catch(() => undefined);
    return stored;
  };
}

async function requireSame(present: InstanceEntry, part10: Uint8Array): Promise<void> {
  let bytes: Buffer;
  try {
    bytes = await readFile(present.file);
  } catch (error) {
    throw new SamepointError('archive/read-failed', { reason: errnoOf(error) });
  }
  if (bytes.equals(part10)) return;
  throw new SamepointError('archive/duplicate-instance', { reason: 'the stored instance has other content' });
}
