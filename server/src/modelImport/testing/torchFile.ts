/**
 * Writes checkpoints like torch.save, sound ones and broken ones: pickles of protocol 2 in a zip file.
 * @module
 */
import { crc32, deflateRawSync } from 'node:zlib';

/** Bytes of a pickled value, without PROTO and STOP. */
export type Pickled = Buffer;

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A 32-bit little-endian number. */
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u16(value: number): Buffer {
  return u32(value).subarray(0, 2);
}

/** BINUNICODE. */
export function text(value: string): Pickled {
  const bytes = Buffer.from(value);
  return Buffer.concat([ascii('X'), u32(bytes.length), bytes]);
}

/** BININT. */
export function integer(value: number): Pickled {
  return Buffer.concat([ascii('J'), u32(value < 0 ? value + 2 ** 32 : value)]);
}

/** GLOBAL. */
export function globalName(module: string, name: string): Pickled {
  return ascii(`c${module}\n${name}\n`);
}

/** MARK, items, TUPLE. */
export function tuple(...items: readonly Pickled[]): Pickled {
  return Buffer.concat([ascii('('), ...items, ascii('t')]);
}

/** A function and its arguments, REDUCE. */
export function call(callee: Pickled, args: Pickled): Pickled {
  return Buffer.concat([callee, args, ascii('R')]);
}

/** EMPTY_DICT, MARK, keys and values, SETITEMS. */
export function dictionary(entries: readonly (readonly [string, Pickled])[]): Pickled {
  return Buffer.concat([ascii('}('), ...entries.flatMap(([key, value]) => [text(key), value]), ascii('u')]);
}

/** A tensor as torch.save writes it. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly type?: string;
  readonly strides?: readonly number[];
  /** Elements of the storage; those of the shape where absent. */
  readonly length?: number;
}

function rowByRow(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
}

/** Elements of a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()). */
export function tensor(key: string, { shape, type = 'FloatStorage', strides, length }: SavedTensor): Pickled {
  const count = integer(length ?? elementsOf(shape));
  const id = tuple(text('storage'), globalName('torch', type), text(key), text('cpu'), count);
  const sizes = tuple(...shape.map(integer));
  const steps = tuple(...(strides ?? rowByRow(shape)).map(integer));
  const hooks = call(globalName('collections', 'OrderedDict'), ascii(')'));
  const storage = Buffer.concat([id, ascii('Q')]);
  const args = tuple(storage, integer(0), sizes, steps, ascii('\x89'), hooks);
  return call(globalName('torch._utils', '_rebuild_tensor_v2'), args);
}

/** A whole pickle. */
export function pickle(value: Pickled): Buffer {
  return Buffer.concat([ascii('\x80\x02'), value, ascii('.')]);
}

/** A zip file (APPNOTE 4.3); torch stores the entries. */
export function zip(entries: readonly (readonly [string, Buffer])[], { deflate = false } = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of entries) {
    const label = ascii(name);
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const sizes = [u32(crc32(bytes)), u32(packed.length), u32(bytes.length), u16(label.length), u16(0)];
    const common = [u16(0), u16(deflate ? 8 : 0), u16(0), u16(0), ...sizes];
    const file = Buffer.concat([ascii('PK\x03\x04'), u16(10), ...common, label, packed]);
    const place = [u16(0), u16(0), u16(0), u32(0), u32(offset)];
    directory.push(Buffer.concat([ascii('PK\x01\x02'), u16(10), u16(10), ...common, ...place, label]));
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  const counts = [u16(0), u16(0), u16(entries.length), u16(entries.length)];
  const end = Buffer.concat([ascii('PK\x05\x06'), ...counts, u32(central.length), u32(offset), u16(0)]);
  return Buffer.concat([...files, central, end]);
}

/** A checkpoint: its pickle, and the bytes of its storages by key. */
export function torchFile(value: Pickled, storages: ReadonlyMap<string, Buffer> = new Map()): Buffer {
  const data = [...storages].map(([key, bytes]) => [`archive/data/${key}`, bytes] as const);
  return zip([['archive/data.pkl', pickle(value)], ...data, ['archive/version', ascii('3\n')]]);
}
