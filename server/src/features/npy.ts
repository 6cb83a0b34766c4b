/** "\x93NUMPY", version 1.0. */
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
/** The array begins at a multiple of this, bytes. */
const ALIGNMENT = 64;

/** A table of numbers as a NumPy file (.npy, format 1.0): float32, rows by columns in C order. */
export function toNpy(rows: readonly (readonly number[])[], columns: number): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${String(rows.length)}, ${String(columns)}), }`;
  const before = MAGIC.length + 2;
  const length = Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT - before;
  const size = Buffer.alloc(2);
  size.writeUInt16LE(length);
  const values = Buffer.alloc(4 * rows.length * columns);
  for (const [n, row] of rows.entries())
    for (let c = 0; c < columns; c++) values.writeFloatLE(row[c] ?? NaN, 4 * (n * columns + c));
  return Buffer.concat([MAGIC, size, Buffer.from(`${header.padEnd(length - 1)}\n`, 'latin1'), values]);
}
