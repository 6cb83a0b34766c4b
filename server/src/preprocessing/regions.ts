/**
 * Regions of voxels: masks of 0 and 1 on a grid (z, y, x; x fastest), their layers and their connected parts.
 * @module
 */
import type { TensorDims } from './preprocess.ts';

/** Removes the outer layer; the border of the grid is no surface, so a body cut by the field of view stays. */
export function erode(mask: Uint8Array, dims: TensorDims): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (const row of rowsOf(dims))
    for (let voxel = row.first; voxel < row.end; voxel += 1)
      if (mask[voxel] === 1 && !isBeside(0, mask, voxel, row)) result[voxel] = 1;
  return result;
}

/** Adds one layer of those voxels that are set in `within`. */
export function dilateWithin(mask: Uint8Array, within: Uint8Array, dims: TensorDims): Uint8Array {
  const result = mask.slice();
  for (const row of rowsOf(dims))
    for (let voxel = row.first; voxel < row.end; voxel += 1)
      if (within[voxel] === 1 && mask[voxel] === 0 && isBeside(1, mask, voxel, row)) result[voxel] = 1;
  return result;
}

/** Voxels `first` to `end` (exclusive) along x, and the steps to the rows beside them: 0, the voxel itself, where the grid ends. */
export interface Row {
  readonly first: number;
  readonly end: number;
  readonly anterior: number;
  readonly posterior: number;
  readonly inferior: number;
  readonly superior: number;
}

/** The rows of a grid in the order of memory. */
export function* rowsOf([nz, ny, nx]: TensorDims): Generator<Row> {
  const plane = ny * nx;
  for (let row = 0; row < nz * ny; row += 1) {
    yield {
      first: row * nx,
      end: (row + 1) * nx,
      anterior: row % ny > 0 ? nx : 0,
      posterior: row % ny < ny - 1 ? nx : 0,
      inferior: row >= ny ? plane : 0,
      superior: row < (nz - 1) * ny ? plane : 0,
    };
  }
}

/** True where one of the voxels that share a face with this one, whose own value is another, has the value. */
export function isBeside(value: number, values: Uint8Array, voxel: number, row: Row): boolean {
  return (
    (voxel > row.first && values[voxel - 1] === value) ||
    (voxel < row.end - 1 && values[voxel + 1] === value) ||
    values[voxel - row.anterior] === value ||
    values[voxel + row.posterior] === value ||
    values[voxel - row.inferior] === value ||
    values[voxel + row.superior] === value
  );
}

/** Calls `visit` for each voxel that shares a face with this one. */
export function forNeighbours(voxel: number, [nz, ny, nx]: TensorDims, visit: (next: number) => void): void {
  const plane = ny * nx;
  const x = voxel % nx;
  const inPlane = voxel % plane;
  if (x > 0) visit(voxel - 1);
  if (x < nx - 1) visit(voxel + 1);
  if (inPlane >= nx) visit(voxel - nx);
  if (inPlane < plane - nx) visit(voxel + nx);
  if (voxel >= plane) visit(voxel - plane);
  if (voxel < (nz - 1) * plane) visit(voxel + plane);
}

/** Voxels of one value as runs along x, with the connected part of each: a tenth of the work of a flood over voxels. */
class Runs {
  /** First voxel of a run, and the one after its last. */
  #firsts = new Int32Array(1024);
  #ends = new Int32Array(1024);
  /** A run of the same part that comes earlier, or the run itself (union-find). */
  #parents = new Int32Array(1024);
  #count = 0;
  /** The first run of each row, and the number of runs. */
  readonly #rows: Int32Array;
  readonly #nx: number;

  constructor(mask: Uint8Array, value: 0 | 1, [nz, ny, nx]: TensorDims) {
    this.#nx = nx;
    this.#rows = new Int32Array(nz * ny + 1);
    for (let row = 0; row < nz * ny; row += 1) {
      this.#rows[row] = this.#count;
      this.#addRow(mask, value, row * nx, (row + 1) * nx);
    }
    this.#rows[nz * ny] = this.#count;
  }

  get count(): number {
    return this.#count;
  }

  first(run: number): number {
    return this.#firsts[run] ?? 0;
  }

  end(run: number): number {
    return this.#ends[run] ?? 0;
  }

  /** The first run of the part of a run. */
  part(run: number): number {
    let root = run;
    while (this.#parents[root] !== root) root = this.#parents[root] ?? 0;
    this.#parents[run] = root;
    return root;
  }

  /** Makes one part of the runs of two rows that share faces. */
  connect(row: number, other: number): void {
    const shift = (row - other) * this.#nx;
    let [a, b] = [this.#rows[row] ?? 0, this.#rows[other] ?? 0];
    const [lastA, lastB] = [this.#rows[row + 1] ?? 0, this.#rows[other + 1] ?? 0];
    while (a < lastA && b < lastB) {
      const [firstB, endB] = [this.first(b) + shift, this.end(b) + shift];
      if (this.first(a) < endB && firstB < this.end(a)) this.#join(a, b);
      if (this.end(a) < endB) a += 1;
      else b += 1;
    }
  }

  #addRow(mask: Uint8Array, value: 0 | 1, first: number, end: number): void {
    for (let voxel = first; voxel < end; voxel += 1) {
      if (mask[voxel] !== value) continue;
      const start = voxel;
      while (voxel < end && mask[voxel] === value) voxel += 1;
      this.#add(start, voxel);
    }
  }

  #add(first: number, end: number): void {
    const run = this.#count++;
    if (run === this.#firsts.length) this.#grow();
    this.#firsts[run] = first;
    this.#ends[run] = end;
    this.#parents[run] = run;
  }

  #grow(): void {
    const longer = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const copy = new Int32Array(2 * array.length);
      copy.set(array);
      return copy;
    };
    this.#firsts = longer(this.#firsts);
    this.#ends = longer(this.#ends);
    this.#parents = longer(this.#parents);
  }

  #join(a: number, b: number): void {
    const [rootA, rootB] = [this.part(a), this.part(b)];
    if (rootA < rootB) this.#parents[rootB] = rootA;
    else this.#parents[rootA] = rootB;
  }
}

/** A connected part: its voxels in the order of memory, and the number that they have in `labels`. */
export interface Part {
  readonly voxels: Int32Array;
  readonly label: number;
  readonly labels: Int32Array;
}

/** The 6-connected parts of a mask, in the order of their first voxels. */
export function partsOf(mask: Uint8Array, dims: TensorDims): readonly Part[] {
  const runs = connectedRuns(mask, dims);
  const sizes = sizesOf(runs);
  const labels = new Int32Array(mask.length);
  const parts = new Map<number, { readonly voxels: Int32Array; readonly label: number; filled: number }>();
  for (let run = 0; run < runs.count; run += 1) {
    const root = runs.part(run);
    let part = parts.get(root);
    if (part === undefined) {
      part = { voxels: new Int32Array(sizes[root] ?? 0), label: parts.size + 1, filled: 0 };
      parts.set(root, part);
    }
    labels.fill(part.label, runs.first(run), runs.end(run));
    for (let voxel = runs.first(run); voxel < runs.end(run); voxel += 1) part.voxels[part.filled++] = voxel;
  }
  return [...parts.values()].map(({ voxels, label }) => ({ voxels, label, labels }));
}

/** The 6-connected parts of a mask of at least this share of the largest one. */
export function largeParts(mask: Uint8Array, share: number, dims: TensorDims): Uint8Array {
  const runs = connectedRuns(mask, dims);
  const sizes = sizesOf(runs);
  const smallest = share * sizes.reduce((a, b) => Math.max(a, b), 0);
  const large = new Uint8Array(mask.length);
  for (let run = 0; run < runs.count; run += 1)
    if ((sizes[runs.part(run)] ?? 0) >= smallest) large.fill(1, runs.first(run), runs.end(run));
  return large;
}

function connectedRuns(mask: Uint8Array, dims: TensorDims): Runs {
  const [nz, ny] = dims;
  const runs = new Runs(mask, 1, dims);
  for (let row = 0; row < nz * ny; row += 1) {
    if (row % ny > 0) runs.connect(row, row - 1);
    if (row >= ny) runs.connect(row, row - ny);
  }
  return runs;
}

/** Voxels of each part, at the index of its first run. */
function sizesOf(runs: Runs): Int32Array {
  const sizes = new Int32Array(runs.count);
  for (let run = 0; run < runs.count; run += 1) {
    const root = runs.part(run);
    sizes[root] = (sizes[root] ?? 0) + runs.end(run) - runs.first(run);
  }
  return sizes;
}

/**
 * Sets what the border of its axial slice cannot reach: lungs, bowel gas. Slice by slice, because at the upper and lower
 * end of the scan the lungs are open to the border of the volume.
 */
export function fillAxialHoles(mask: Uint8Array, dims: TensorDims): void {
  const { runs, isOpen } = openRuns(mask, 0, dims);
  for (let run = 0; run < runs.count; run += 1)
    if (isOpen[runs.part(run)] === 0) mask.fill(1, runs.first(run), runs.end(run));
}

/** 1 for the voxels of a mask that the border of their axial slice reaches within it. */
export function reachedFromBorders(mask: Uint8Array, dims: TensorDims): Uint8Array {
  const { runs, isOpen } = openRuns(mask, 1, dims);
  const reached = new Uint8Array(mask.length);
  for (let run = 0; run < runs.count; run += 1)
    if (isOpen[runs.part(run)] === 1) reached.fill(1, runs.first(run), runs.end(run));
  return reached;
}

/** Runs of a value, connected within axial slices, and whether the part that begins with a run reaches the border of its slice. */
function openRuns(mask: Uint8Array, value: 0 | 1, dims: TensorDims): { runs: Runs; isOpen: Uint8Array } {
  const [nz, ny, nx] = dims;
  const runs = new Runs(mask, value, dims);
  for (let row = 0; row < nz * ny; row += 1) if (row % ny > 0) runs.connect(row, row - 1);
  const isOpen = new Uint8Array(runs.count);
  for (let run = 0; run < runs.count; run += 1) {
    const row = Math.floor(runs.first(run) / nx);
    const isBorderRow = row % ny === 0 || row % ny === ny - 1;
    if (isBorderRow || runs.first(run) === row * nx || runs.end(run) === (row + 1) * nx)
      isOpen[runs.part(run)] = 1;
  }
  return { runs, isOpen };
}
