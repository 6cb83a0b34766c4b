/** Input of a long series, bytes. onnxruntime needs several times as much for it. */
const LONG_INPUT_BYTES = 48 * 2 ** 20;

/** Whether the input is that of a long series: what was made for it is then more than making it anew is worth. */
export function isLongInput({ byteLength }: Pick<Float32Array, 'byteLength'>): boolean {
  return byteLength >= LONG_INPUT_BYTES;
}
