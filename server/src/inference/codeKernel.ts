/**
 * Lays out the memory of the packing module (server/src/inference/wasm/packing.ts) and runs it.
 * @module
 */
import { MemoryLayout } from '../wasm/index.ts';
import { openPacking } from './generated/packingModule.ts';
import type { PackingExports } from './generated/packingModule.ts';

/** Packs the codes of up to `voxels` voxels at a time. */
export class CodeKernel {
  /** The codes go in here, and the packed vectors come out. */
  readonly vectors: Int8Array;
  /** Not 0 where a vector is wanted. */
  readonly inside: Uint8Array;
  readonly inverseNorms: Float32Array;
  readonly #channels: number;
  readonly #run: PackingExports;

  constructor(voxels: number, channels: number) {
    const layout = new MemoryLayout(0);
    const norms = layout.reserve(4 * voxels);
    const [mask, vectors] = [layout.reserve(voxels), layout.reserve(voxels * channels)];
    const memory = layout.memory();
    this.#run = openPacking({ env: { memory } });
    this.#channels = channels;
    const { buffer } = memory;
    this.inverseNorms = new Float32Array(buffer, norms, voxels);
    this.inside = new Uint8Array(buffer, mask, voxels);
    this.vectors = new Int8Array(buffer, vectors, voxels * channels);
  }

  run(): void {
    const { vectors, inside, inverseNorms } = this;
    const [codes, mask, norms] = [vectors.byteOffset, inside.byteOffset, inverseNorms.byteOffset];
    this.#run.packCodes(codes, mask, inside.length, this.#channels, norms);
  }
}
