type Three = readonly [number, number, number];

/** An image between its voxels, with its slopes: what the last {@link LinearImage.read} has found. */
export class LinearImage {
  value = NaN;
  /** Per voxel along i, j, k. */
  readonly slope: [number, number, number] = [NaN, NaN, NaN];
  readonly #values: Float32Array;
  readonly #dims: Three;

  /** @param values i fastest */
  constructor(values: Float32Array, dims: Three) {
    this.#values = values;
    this.#dims = dims;
  }

  /** Reads a place (continuous voxel index) trilinearly. @returns false beyond the outer voxel centres, and where a voxel is NaN */
  read(x: number, y: number, z: number): boolean {
    const [ni, nj, nk] = this.#dims;
    if (!(x >= 0 && y >= 0 && z >= 0 && x < ni - 1 && y < nj - 1 && z < nk - 1)) return false;
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const [fx, fy, fz] = [x - i, y - j, z - k];
    const at = (k * nj + j) * ni + i;
    const above = at + ni * nj;
    // Along i on the four edges of the cell, then along j, then along k.
    const [a, b] = [this.#at(at), this.#at(at + ni)];
    const [c, d] = [this.#at(above), this.#at(above + ni)];
    const [da, db] = [this.#at(at + 1) - a, this.#at(at + ni + 1) - b];
    const [dc, dd] = [this.#at(above + 1) - c, this.#at(above + ni + 1) - d];
    const [pa, pb, pc, pd] = [a + fx * da, b + fx * db, c + fx * dc, d + fx * dd];
    const [near, far] = [pa + fy * (pb - pa), pc + fy * (pd - pc)];
    this.value = near + fz * (far - near);
    this.slope[0] = (1 - fz) * (da + fy * (db - da)) + fz * (dc + fy * (dd - dc));
    this.slope[1] = (1 - fz) * (pb - pa) + fz * (pd - pc);
    this.slope[2] = far - near;
    return !Number.isNaN(this.value);
  }

  #at(voxel: number): number {
    return this.#values[voxel] ?? NaN;
  }
}
