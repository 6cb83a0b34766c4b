/**
 * What the processor gives at best in fp32, as a measure for the embedding times beside it: a large matrix product by the same
 * runtime that runs the models. Its kernel is close to the limit of the fused multiply-add units.
 * @module
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Edge of the square matrices: 64 MiB each way would not fit a cache, 16 MiB stay near it; a product needs about 0.1 s. */
const EDGE = 2048;
/** The best of so many runs: others use the machine too. */
const RUNS = 20;
const MS_PER_S = 1000;
const GIGA = 1e9;

/** A protobuf field: a varint, or bytes with their length (wire types 0 and 2). */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

/** ValueInfoProto of a fp32 matrix; field numbers of onnx.proto3. */
function matrix(name: string): Buffer {
  const dimension = field(1, field(1, EDGE));
  const tensor = Buffer.concat([field(1, 1), field(2, Buffer.concat([dimension, dimension]))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensor))]);
}

/** An ONNX model (IR 8, operator set 17) that multiplies two matrices. */
function matMulModel(): Buffer {
  const node = Buffer.concat([field(1, 'a'), field(1, 'b'), field(2, 'c'), field(4, 'MatMul')]);
  const graph = [
    field(1, node),
    field(2, 'peak'),
    field(11, matrix('a')),
    field(11, matrix('b')),
    field(12, matrix('c')),
  ];
  return Buffer.concat([field(1, 8), field(8, field(2, 17)), field(7, Buffer.concat(graph))]);
}

/** Best fp32 rate of `threads` threads, GFLOP/s, and the time of one product, s. */
export async function fp32Peak(
  threads: number,
): Promise<{ readonly gflops: number; readonly seconds: number }> {
  const session = await InferenceSession.create(matMulModel(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
  });
  const random = (): Tensor =>
    new Tensor(
      'float32',
      Float32Array.from({ length: EDGE * EDGE }, () => Math.random() - 0.5),
      [EDGE, EDGE],
    );
  const feeds = { a: random(), b: random() };
  let seconds = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const since = performance.now();
    await session.run(feeds);
    seconds = Math.min(seconds, (performance.now() - since) / MS_PER_S);
  }
  await session.release();
  return { gflops: (2 * EDGE ** 3) / seconds / GIGA, seconds };
}
