/**
 * The container of torch.save before 1.6: five pickles (magic number, protocol, system, value, storage keys), then per key
 * the number of elements (int64) and the elements. It has no checksums.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { TorchArchive } from './torchArchive.ts';
import type { FileReader } from './fileReader.ts';
import { MAX_INSTRUCTIONS, MAX_PICKLE_BYTES, MAX_STORAGE_BYTES } from './limits.ts';
import { readPickle } from './pickle.ts';
import { shown } from './shown.ts';
import { ELEMENT_BYTES, Storage, TensorView } from './values.ts';
import type { PickleValue } from './values.ts';

/** PROTO 2, LONG1 of ten bytes, 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
/** Protocol, system, value and storage keys follow the magic number. */
const VALUE = 2;
const KEYS = 3;
const COUNT_BYTES = 8;

/** Whether a file that starts with these bytes is of this format. */
export function isLegacy(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Reads a file of this format: all but its storages.
 * @param file its name, for errors
 * @throws SamepointError models/damaged-checkpoint, unsafe-pickle
 */
export async function openLegacy(reader: FileReader, file: string): Promise<TorchArchive> {
  const { size } = reader;
  // The pickles come first; those that do not end in here are too long.
  const bytes = await reader.read(0, Math.min(size, MAX_PICKLE_BYTES));
  const values: PickleValue[] = [];
  let [end, remaining] = [MAGIC.length, MAX_INSTRUCTIONS];
  while (values.length <= KEYS) {
    const pickle = readPickle(bytes, file, end, remaining);
    values.push(pickle.value);
    end = pickle.end;
    remaining -= pickle.instructions;
  }
  const value = values[VALUE] ?? null;
  const places = storagePlaces(values[KEYS] ?? null, storagesOf(value), end, size, file);
  return {
    value,
    async readStorage({ key }) {
      const place = places.get(key);
      if (place === undefined) throw damaged(file, `it has no storage ${shown(key)}`);
      if (place.bytes > MAX_STORAGE_BYTES)
        throw damaged(file, `a storage has ${place.bytes} bytes; at most ${MAX_STORAGE_BYTES} make sense`);
      return await reader.read(place.start, place.bytes);
    },
  };
}

function damaged(file: string, reason: string): SamepointError {
  return new SamepointError('models/damaged-checkpoint', { file, reason });
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
