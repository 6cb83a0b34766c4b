/**
 * As much of the protobuf wire format as ONNX files need (protobuf.dev/programming-guides/encoding).
 * @module
 */

/** Wire types: how long a value is. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The varint that starts at `start`, and where it ends. By multiplication: lengths of files exceed the 31 bits of shifts. */
export function readVarint(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } {
  let [value, factor, end] = [0, 1, start];
  for (;;) {
    const byte = bytes[end] ?? 0;
    value += (byte & 0x7f) * factor;
    end += 1;
    if (byte < 0x80) return { value, end };
    factor *= 0x80;
  }
}
