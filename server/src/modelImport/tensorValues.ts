/**
 * The numbers of a tensor as torch stores them: float32 or float16, in any order of the axes (`channels_last` of a training).
 * @module
 */
import type { TensorView } from './values.ts';

/** Types of torch that hold real numbers here, and the bytes of one. */
const FLOATS: Readonly<Record<string, number>> = { FloatStorage: 4, HalfStorage: 2 };

/** Whether a storage holds numbers that {@link tensorValues} reads. */
export function isFloat(type: string): boolean {
  return Object.hasOwn(FLOATS, type);
}

/** Elements of a shape. */
function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** What prevents that the numbers are read; undefined where they can be. */
export function problemWith(
  { storage, offset, shape, strides }: TensorView,
  bytes: number,
): string | undefined {
  const size = FLOATS[storage.type];
  if (size === undefined) return `holds numbers of the type ${storage.type}`;
  const count = elementCount(shape);
  const last = shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), offset);
  // More elements than the storage has are repetitions, which no network has.
  if (count > 0 && (last >= storage.length || count > storage.length)) return 'reaches beyond its storage';
  if (bytes !== storage.length * size) return `has ${bytes} bytes for ${storage.length} numbers`;
  return undefined;
}

/** The numbers row by row, of a tensor without problem. @param bytes all of its storage, little-endian, at any address */
export function tensorValues(
  { storage, offset, shape, strides }: TensorView,
  bytes: Uint8Array,
): Float32Array {
  const read = numberReader(storage.type, bytes);
  const values = new Float32Array(elementCount(shape));
  const index = shape.map(() => 0);
  let place = offset;
  for (let to = 0; to < values.length; to += 1) {
    values[to] = read(place);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const [step, next] = [strides[axis] ?? 0, (index[axis] ?? 0) + 1];
      index[axis] = next;
      place += step;
      if (next < (shape[axis] ?? 0)) break;
      index[axis] = 0;
      place -= next * step;
    }
  }
  return values;
}

function numberReader(type: string, bytes: Uint8Array): (place: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type === 'HalfStorage'
    ? (place) => fromHalf(view.getUint16(2 * place, true))
    : (place) => view.getFloat32(4 * place, true);
}

/** A number of its IEEE 754 binary16 code. */
export function fromHalf(code: number): number {
  const sign = (code & 0x8000) === 0 ? 1 : -1;
  const [exponent, fraction] = [(code >> 10) & 0x1f, code & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  const unit = exponent === 0 ? 2 ** -24 : 2 ** (exponent - 25);
  return sign * unit * (exponent === 0 ? fraction : 1024 + fraction);
}
