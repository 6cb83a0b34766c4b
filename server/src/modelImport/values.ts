/**
 * What a checkpoint's pickle may hold, as inert data. Nothing here is or calls a function of the file.
 * @module
 */

import { MAX_AXES } from './limits.ts';

/** The name of a Python class or function; never the thing itself. */
export class GlobalName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Something of no interest (a NumPy scalar in the log of a training). */
export class Opaque {
  readonly isOpaque = true;
}

/** Numbers in a file of their own; `key` says which. */
export class Storage {
  readonly type: string;
  readonly key: string;
  /** Elements. */
  readonly length: number;

  constructor(type: string, key: string, length: number) {
    this.type = type;
    this.key = key;
    this.length = length;
  }
}

/** A view of a storage: offset and strides in elements. */
export class TensorView {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** A value of the pickle: tuples are arrays, dictionaries are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | GlobalName
  | Opaque
  | Storage
  | TensorView;

/** Bytes of one element by torch's storage type. */
export const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
};

const ORDERED_DICT = 'collections.OrderedDict';
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';
const REBUILD_TENSOR = new Set(['torch._utils._rebuild_tensor', 'torch._utils._rebuild_tensor_v2']);
/** How protocol 2 writes NumPy scalars and bytes, which training logs hold: kept as opaque values. */
const INERT = new Set([
  '_codecs.encode',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  'numpy.dtype',
]);
const STORAGE_PREFIX = 'torch.';

/** Whether a checkpoint of weights may name this. All else is refused. */
export function isAllowedGlobal(name: string): boolean {
  return (
    name === ORDERED_DICT ||
    name === REBUILD_PARAMETER ||
    REBUILD_TENSOR.has(name) ||
    INERT.has(name) ||
    storageType(name) !== undefined
  );
}

function storageType(name: string): string | undefined {
  const type = name.startsWith(STORAGE_PREFIX) ? name.slice(STORAGE_PREFIX.length) : '';
  return Object.hasOwn(ELEMENT_BYTES, type) ? type : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function counts(value: PickleValue | undefined): readonly number[] | undefined {
  return Array.isArray(value) && value.length <= MAX_AXES && value.every(isCount) ? value : undefined;
}

/** What a call of an allowed function with these arguments stands for; undefined where the arguments make no sense. */
export function rebuilt(callee: PickleValue, args: PickleValue): PickleValue | undefined {
  if (!(callee instanceof GlobalName) || !Array.isArray(args)) return undefined;
  const { name } = callee;
  if (INERT.has(name)) return new Opaque();
  if (name === ORDERED_DICT) return args.length === 0 ? new Map<PickleValue, PickleValue>() : undefined;
  if (name === REBUILD_PARAMETER) return args[0] instanceof TensorView ? args[0] : undefined;
  return REBUILD_TENSOR.has(name) ? rebuiltTensor(args) : undefined;
}

/** (storage, offset, sizes, strides, ...): what follows is about gradients. */
function rebuiltTensor([storage, offset, sizes, steps]: readonly PickleValue[]): TensorView | undefined {
  const [shape, strides] = [counts(sizes), counts(steps)];
  if (!(storage instanceof Storage) || !isCount(offset) || shape?.length !== strides?.length)
    return undefined;
  return shape && strides && new TensorView(storage, offset, shape, strides);
}

/** The storage that a persistent id names: ("storage", type, key, location, elements); undefined if it is no such id. */
export function persistent(id: PickleValue): Storage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [tag, type, key, , length] = id;
  const name = type instanceof GlobalName ? storageType(type.name) : undefined;
  if (tag !== 'storage' || name === undefined || typeof key !== 'string' || !isCount(length))
    return undefined;
  return new Storage(name, key, length);
}
