/**
 * A PyTorch checkpoint on disk: its tensors by key, read one at a time. Both containers of torch.save are read, the zip file of
 * torch 1.6 and later and the plain sequence before it.
 * @module
 */
import { open } from 'node:fs/promises';
import { SamepointError } from '../../errors/index.ts';
import { problemOf } from '../problem.ts';
import { isLegacy, openLegacy } from './legacyArchive.ts';
import { readPickle } from './pickle.ts';
import { TensorView } from './values.ts';
import type { PickleValue, Storage } from './values.ts';
import { openZip } from './zipArchive.ts';

/** A pickled value and the storages that it refers to. */
export interface TorchArchive {
  readonly value: PickleValue;
  /** All bytes of a storage. */
  readStorage(storage: Storage): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** An open checkpoint. */
export interface Checkpoint {
  /** Tensors of the network by state_dict key, without the `module.` of a parallel training. */
  readonly tensors: ReadonlyMap<string, TensorView>;
  /** Keys of the state_dict that hold no tensor. */
  readonly others: readonly string[];
  /** What else the file holds, such as the state of the optimizer. */
  readonly ignored: readonly string[];
  /** Values of a float32 tensor, row by row. */
  read(key: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The pickle of a network with its optimizer has 100 kB. */
const MAX_PICKLE_BYTES = 32 * 1024 * 1024;
/** The largest layer of SAM has 28 MB. */
export const MAX_STORAGE_BYTES = 256 * 1024 * 1024;
/** Enough to tell kinds of files apart. */
const HEAD_BYTES = 64;

const ZIP_SIGNATURE = 'PK\x03\x04';
const PICKLE_SUFFIX = '/data.pkl';
/** Key that mmcv and most others keep the weights under. */
const STATE_DICT = 'state_dict';
/** Prefix that torch.nn.DataParallel gives every key. */
const PARALLEL_PREFIX = 'module.';

/**
 * Opens a checkpoint: reads its pickle, no weights yet.
 * @throws SamepointError models/not-a-checkpoint, damaged-checkpoint, unsafe-pickle
 */
export async function openCheckpoint(file: string): Promise<Checkpoint> {
  const archive = await openArchive(file);
  try {
    const { state, ignored } = stateDict(archive.value, file);
    const { tensors, others } = namedTensors(state);
    return {
      tensors,
      others,
      ignored,
      read: async (key) => await readTensor(archive, file, key, tensors.get(key)),
      close: () => archive.close(),
    };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

async function openArchive(file: string): Promise<TorchArchive> {
  const head = await readHead(file);
  const text = head.toString('latin1');
  if (text.startsWith(ZIP_SIGNATURE)) return await openZipCheckpoint(file);
  if (isLegacy(head)) return await openLegacy(file);
  throw notACheckpoint(file, whatItIs(text));
}

function notACheckpoint(file: string, reason: string): SamepointError {
  return new SamepointError('models/not-a-checkpoint', { file, reason });
}

/** Downloads that went wrong are the usual reason. */
function whatItIs(head: string): string {
  if (head === '') return 'it is empty';
  if (/^\s*</u.test(head)) return 'it is a web page; the download asks for a login or a confirmation';
  if (head.startsWith('version https://git-lfs')) return 'it is a Git LFS pointer, not the file itself';
  if (head.startsWith('\x80')) return 'it is a pickle, but not one of torch.save';
  return 'it was not written by torch.save';
}

async function readHead(file: string): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const reason = `it cannot be read (${problemOf(cause)})`;
    throw new SamepointError('models/not-a-checkpoint', { file, reason }, { cause });
  }
}

async function openZipCheckpoint(file: string): Promise<TorchArchive> {
  const zip = await openZip(file);
  try {
    const pickle = zip.names.find((name) => name.endsWith(PICKLE_SUFFIX));
    if (pickle === undefined) throw notACheckpoint(file, 'it is a zip file without data.pkl');
    const root = pickle.slice(0, -PICKLE_SUFFIX.length);
    if (zip.names.includes(`${root}/constants.pkl`))
      throw notACheckpoint(file, 'it is a TorchScript program');
    if (zip.names.includes(`${root}/byteorder`)) {
      const order = new TextDecoder().decode(await zip.read(`${root}/byteorder`, HEAD_BYTES));
      if (order !== 'little') throw notACheckpoint(file, `its byte order is ${order}, not little`);
    }
    const { value } = readPickle(await zip.read(pickle, MAX_PICKLE_BYTES), file);
    return {
      value,
      readStorage: (storage) => zip.read(`${root}/data/${storage.key}`, MAX_STORAGE_BYTES),
      close: () => {
        zip.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

interface StateDict {
  readonly state: ReadonlyMap<PickleValue, PickleValue>;
  readonly ignored: readonly string[];
}

function stateDict(value: PickleValue, file: string): StateDict {
  if (!(value instanceof Map)) throw notACheckpoint(file, 'it holds no dictionary');
  const state = value.get(STATE_DICT);
  const keys = [...value.keys()].map(keyText);
  if (state instanceof Map) return { state, ignored: keys.filter((key) => key !== STATE_DICT) };
  const isBare = value.size > 0 && [...value.values()].every((item) => item instanceof TensorView);
  if (isBare) return { state: value, ignored: [] };
  throw notACheckpoint(
    file,
    `it has no state_dict, only ${keys.slice(0, 8).join(', ') || 'an empty dictionary'}`,
  );
}

function keyText(key: PickleValue): string {
  return typeof key === 'string' ? key : `(${typeof key})`;
}

function namedTensors(state: StateDict['state']): Pick<Checkpoint, 'tensors' | 'others'> {
  const names = [...state.keys()].map(keyText);
  const isParallel = names.every((name) => name.startsWith(PARALLEL_PREFIX));
  const tensors = new Map<string, TensorView>();
  const others: string[] = [];
  for (const [key, value] of state) {
    const name = keyText(key).slice(isParallel ? PARALLEL_PREFIX.length : 0);
    if (value instanceof TensorView) tensors.set(name, value);
    else others.push(name);
  }
  return { tensors, others };
}

async function readTensor(
  archive: TorchArchive,
  file: string,
  key: string,
  tensor: TensorView | undefined,
): Promise<Float32Array> {
  const bad = (problem: string): SamepointError =>
    new SamepointError('models/bad-weights', { file, key, problem });
  if (tensor === undefined) throw bad('is missing');
  const { storage, offset, shape, strides } = tensor;
  const count = shape.reduce((product, size) => product * size, 1);
  if (!isRowByRow(shape, strides))
    throw bad(`is laid out with the strides ${strides.join(', ')}, not row by row`);
  if (offset + count > storage.length) throw bad('reaches beyond its storage');
  const bytes = await archive.readStorage(storage);
  if (bytes.length !== storage.length * Float32Array.BYTES_PER_ELEMENT) {
    throw bad(`has ${bytes.length} bytes for ${storage.length} numbers`);
  }
  // Copied: zip entries lie at any byte.
  const values = new Float32Array(count);
  new Uint8Array(values.buffer).set(bytes.subarray(4 * offset, 4 * (offset + count)));
  if (!values.every(Number.isFinite)) throw bad('holds numbers that are not finite');
  return values;
}

/** Strides of axes of one element do not matter. */
function isRowByRow(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 0;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}
