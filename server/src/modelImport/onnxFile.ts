/**
 * Puts weights into an ONNX graph without an ONNX library: the file is a protobuf message, its weights are repeated
 * submessages of it, and adding some means to add bytes and correct one length. Field numbers: onnx.proto.
 * @module
 */

import { readVarint, WIRE } from '../onnx/index.ts';

/** A float32 initialiser. */
export interface Initialiser {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** ModelProto.graph, GraphProto.initializer; TensorProto.dims, data_type, name, raw_data. */
const FIELD = { graph: 7, initialiser: 5, dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
/** TensorProto.DataType.FLOAT. */
const FLOAT = 1;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  // By division: lengths of files exceed the 31 bits of shifts.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

function tag(field: number, wire: number): number[] {
  return varint(field * 8 + wire);
}

interface SplitModel {
  /** All fields but the graph. */
  readonly head: readonly Uint8Array[];
  readonly graph: Uint8Array;
}

/** The top-level fields of a ModelProto; the exporter writes only varints and submessages. */
function splitModel(model: Uint8Array): SplitModel {
  const head: Uint8Array[] = [];
  let graph: Uint8Array = new Uint8Array(0);
  for (let start = 0; start < model.length;) {
    const key = readVarint(model, start);
    const first = readVarint(model, key.end);
    const end = key.value % 8 === WIRE.bytes ? first.end + first.value : first.end;
    if (key.value === FIELD.graph * 8 + WIRE.bytes) graph = model.subarray(first.end, end);
    else head.push(model.subarray(start, end));
    start = end;
  }
  return { head, graph };
}

function encodeHeader({ name, dims, values }: Initialiser): Uint8Array {
  const label = new TextEncoder().encode(name);
  const body = [
    ...dims.flatMap((size) => [...tag(FIELD.dims, WIRE.varint), ...varint(size)]),
    ...tag(FIELD.dataType, WIRE.varint),
    FLOAT,
    ...tag(FIELD.name, WIRE.bytes),
    ...varint(label.length),
    ...label,
    ...tag(FIELD.rawData, WIRE.bytes),
    ...varint(values.byteLength),
  ];
  const length = varint(body.length + values.byteLength);
  return Uint8Array.from([...tag(FIELD.initialiser, WIRE.bytes), ...length, ...body]);
}

/** The bytes of `template` with the initialisers added, in pieces; values are in the machine's order, little-endian. */
export function withInitialisers(template: Uint8Array, initialisers: readonly Initialiser[]): Uint8Array[] {
  const { head, graph } = splitModel(template);
  const added = initialisers.flatMap((initialiser) => {
    const { buffer, byteOffset, byteLength } = initialiser.values;
    return [encodeHeader(initialiser), new Uint8Array(buffer, byteOffset, byteLength)];
  });
  const length = added.reduce((sum, part) => sum + part.length, graph.length);
  return [...head, Uint8Array.from([...tag(FIELD.graph, WIRE.bytes), ...varint(length)]), graph, ...added];
}
