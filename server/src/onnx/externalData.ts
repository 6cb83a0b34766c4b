/**
 * Whether an ONNX graph keeps numbers in other files. onnxruntime would read them from the working directory of the process, and
 * no checksum covers them: the bytes that were verified would not be all that runs.
 * @module
 */
import { readVarint, WIRE } from './protobuf.ts';

/** Messages that may hold a tensor: field number to the message in it (onnx.proto). */
const CHILDREN = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
} as const satisfies Readonly<Record<string, Readonly<Record<number, string>>>>;

type MessageName = keyof typeof CHILDREN;

/** TensorProto.external_data and data_location. */
const [EXTERNAL_DATA, DATA_LOCATION] = [13, 14];

interface Message {
  readonly name: MessageName;
  readonly bytes: Uint8Array;
}

/** True when a tensor of the graph, however deep, lies in another file. Bytes that are no graph have none. */
export function hasExternalData(model: Uint8Array): boolean {
  const waiting: Message[] = [{ name: 'model', bytes: model }];
  for (let message = waiting.pop(); message !== undefined; message = waiting.pop()) {
    if (isExternal(message, waiting)) return true;
  }
  return false;
}

/** True for a tensor elsewhere; the messages in this one are added to `waiting`. */
function isExternal({ name, bytes }: Message, waiting: Message[]): boolean {
  const children: Readonly<Record<number, MessageName>> = CHILDREN[name];
  for (let start = 0; start < bytes.length;) {
    const key = readVarint(bytes, start);
    const [field, wire] = [Math.floor(key.value / 8), key.value % 8];
    if (name === 'tensor' && (field === EXTERNAL_DATA || field === DATA_LOCATION)) {
      // DEFAULT may be written, too.
      if (wire !== WIRE.varint || readVarint(bytes, key.end).value !== 0) return true;
    }
    const place = placeOf(bytes, key.end, wire);
    if (place === undefined) return false;
    const child = children[field];
    if (child !== undefined && wire === WIRE.bytes)
      waiting.push({ name: child, bytes: bytes.subarray(place.start, place.end) });
    start = place.end;
  }
  return false;
}

/** Where the value of a field begins and ends; undefined for a wire type that protobuf no longer has. */
function placeOf(
  bytes: Uint8Array,
  start: number,
  wire: number,
): { readonly start: number; readonly end: number } | undefined {
  switch (wire) {
    case WIRE.varint:
      return { start, end: readVarint(bytes, start).end };
    case WIRE.fixed64:
      return { start, end: start + 8 };
    case WIRE.fixed32:
      return { start, end: start + 4 };
    case WIRE.bytes: {
      const length = readVarint(bytes, start);
      return { start: length.end, end: length.end + length.value };
    }
    default:
      return undefined;
  }
}
