/**
 * The container of torch.save before 1.6: five pickles (magic number, protocol, system, value, storage keys), then per key
 * the number of elements (int64) and the elements. It has no checksums.
 * @module
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { SamepointError } from '../../errors/index.ts';
import type { TorchArchive } from './checkpoint.ts';
import { readPickle } from './pickle.ts';
import { ELEMENT_BYTES, Storage, TensorView } from './values.ts';
import type { PickleValue } from './values.ts';

/** PROTO 2, LONG1 of ten bytes, 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
/** All pickles of a network and its optimizer lie in here. */
const MAX_PICKLES_BYTES = 32 * 1024 * 1024;
/** Protocol, system, value and storage keys follow the magic number. */
const VALUE = 2;
const KEYS = 3;
const COUNT_BYTES = 8;

/** Whether a file that starts with these bytes is of this format. */
export function isLegacy(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Opens a file of this format.
 * @throws SamepointError models/damaged-checkpoint, unsafe-pickle
 */
export async function openLegacy(file: string): Promise<TorchArchive> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const bytes = await readAt(handle, 0, Math.min(size, MAX_PICKLES_BYTES));
    const values: PickleValue[] = [];
    let end = MAGIC.length;
    while (values.length <= KEYS) {
      const pickle = readPickle(bytes, file, end);
      values.push(pickle.value);
      end = pickle.end;
    }
    const value = values[VALUE] ?? null;
    const places = storagePlaces(values[KEYS] ?? null, storagesOf(value), end, size, file);
    return {
      value,
      readStorage: async ({ key }) => {
        const place = places.get(key);
        if (place === undefined) throw damaged(file, `it has no storage ${key}`);
        return await readAt(handle, place.start, place.bytes);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function damaged(file: string, reason: string): SamepointError {
  return new SamepointError('models/damaged-checkpoint', { file, reason });
}

async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

/** Every storage that a value refers to, by key. */
function storagesOf(value: PickleValue): Map<string, Storage> {
  const found = new Map<string, Storage>();
  const seen = new Set<PickleValue>();
  const waiting = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    seen.add(item);
    if (item instanceof TensorView) found.set(item.storage.key, item.storage);
    else if (item instanceof Storage) found.set(item.key, item);
    else if (Array.isArray(item)) for (const part of item) waiting.push(part);
    else if (item instanceof Map) for (const part of item.values()) waiting.push(part);
  }
  return found;
}

interface Place {
  readonly start: number;
  readonly bytes: number;
}

function storagePlaces(
  keys: PickleValue,
  storages: ReadonlyMap<string, Storage>,
  end: number,
  size: number,
  file: string,
): Map<string, Place> {
  const places = new Map<string, Place>();
  if (!Array.isArray(keys)) throw damaged(file, 'it does not list its storages');
  let start = end;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined) throw damaged(file, 'it lists a storage that nothing refers to');
    start += COUNT_BYTES;
    const bytes = storage.length * (ELEMENT_BYTES[storage.type] ?? 0);
    places.set(storage.key, { start, bytes });
    start += bytes;
  }
  if (start !== size) throw damaged(file, `it should have ${start} bytes and has ${size}`);
  return places;
}
