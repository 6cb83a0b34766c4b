import { perAxis } from '../geometry/index.ts';
import { abdomen } from './abdomen.ts';
import { inPhase } from './phases.ts';
import type { ContrastPhase } from './phases.ts';
import { createRandom } from './random.ts';
import type { Part, Tissue } from './shapes.ts';
import { skeleton } from './skeleton.ts';
import { Texture } from './texture.ts';
import { thorax } from './thorax.ts';
import { AIR_HU, FAT, MUSCLE, SKIN_HU } from './tissues.ts';
import { cavityDepth, muscleDepth, skinDepth } from './trunk.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { floor, max, min, sqrt } = Math;

/** Edge of the cells of the look-up grid, mm: a cell knows the parts that reach into it. */
const CELL_MM = 10;
/** The look-up grid reaches this far from the origin along x, y, z, mm. */
const REACH_MM = [190, 140, 260] as const;
const CELLS = perAxis((axis) => Math.ceil((2 * REACH_MM[axis]) / CELL_MM));
/** A surface is soft over this distance, mm: what a scanner's resolution makes of a step. */
const EDGE_MM = 1.3;
const SKIN_MM = 1.8;
/** Texture: two bands, mm between lattice points, and the share of the fine one in the variance. */
const FINE_LATTICE_MM = 2.6;
const COARSE_LATTICE_MM = 8;
const FINE_SHARE = 0.6;

/** Share of a tissue at the given depth below its surface: 0 outside, 1 inside, soft between. */
function coverage(depth: number): number {
  const share = depth / EDGE_MM + 0.5;
  return share < 0 ? 0 : share > 1 ? 1 : share;
}

/** HU of a tissue at a depth, before texture. */
function tissueHu({ hu, shell }: Tissue, depth: number): number {
  if (shell === undefined) return hu;
  const core = coverage(depth - shell.mm);
  return shell.hu + (hu - shell.hu) * core;
}

/** Parts by cell, as one flat array of part numbers with a start per cell. */
class CellIndex {
  readonly #cells: (readonly Part[])[];

  constructor(parts: readonly Part[]) {
    const cells: Part[][] = Array.from({ length: CELLS[0] * CELLS[1] * CELLS[2] }, () => []);
    const range = (part: Part, axis: 0 | 1 | 2): [number, number] => [
      max(0, floor((part.min[axis] + REACH_MM[axis]) / CELL_MM)),
      min(CELLS[axis] - 1, floor((part.max[axis] + REACH_MM[axis]) / CELL_MM)),
    ];
    for (const part of parts) {
      const [i, j, k] = [range(part, 0), range(part, 1), range(part, 2)];
      for (let c = k[0]; c <= k[1]; c++) {
        for (let b = j[0]; b <= j[1]; b++) {
          for (let a = i[0]; a <= i[1]; a++) cells[a + CELLS[0] * (b + CELLS[1] * c)]?.push(part);
        }
      }
    }
    this.#cells = cells;
  }

  /** Parts that may hold the point, in painting order. */
  at(x: number, y: number, z: number): readonly Part[] {
    const i = floor((x + REACH_MM[0]) / CELL_MM);
    const j = floor((y + REACH_MM[1]) / CELL_MM);
    const k = floor((z + REACH_MM[2]) / CELL_MM);
    const outside = i < 0 || j < 0 || k < 0 || i >= CELLS[0] || j >= CELLS[1] || k >= CELLS[2];
    return (outside ? undefined : this.#cells[i + CELLS[0] * (j + CELLS[1] * k)]) ?? [];
  }
}

/** The patient: HU at any point of the anatomical frame (see shapes.ts), without scanner noise. */
export class Anatomy {
  readonly #index: CellIndex;
  readonly #fine: Texture;
  readonly #coarse: Texture;

  /**
   * @param seed Seed of everything random in the anatomy.
   * @param lesions Painted last, over all organs.
   * @param phase How organs and vessels are enhanced.
   */
  constructor(seed: number, lesions: readonly Part[], phase: ContrastPhase = 'venous') {
    const parts = [...thorax(seed), ...abdomen(seed), ...skeleton(), ...lesions];
    this.#index = new CellIndex(inPhase(parts, phase));
    this.#fine = new Texture(FINE_LATTICE_MM, createRandom(seed, 'fine texture'));
    this.#coarse = new Texture(COARSE_LATTICE_MM, createRandom(seed, 'coarse texture'));
  }

  /** HU at a point, mm. */
  hounsfield(x: number, y: number, z: number): number {
    const skin = skinDepth(x, y, z);
    if (skin < -EDGE_MM) return AIR_HU;
    const coarse = this.#coarse.at(x, y, z);
    const grain = this.#fine.at(x, y, z) * sqrt(FINE_SHARE) + coarse * sqrt(1 - FINE_SHARE);
    let hu = this.#wall(x, y, z, skin, grain);
    for (const { tissue, depth } of this.#index.at(x, y, z)) {
      const d = depth(x, y, z) + coarse * (tissue.wobbleMm ?? 0);
      const share = coverage(d);
      if (share > 0) hu += share * (tissueHu(tissue, d) + grain * tissue.grainHu - hu);
    }
    return hu;
  }

  /** Skin, fat, muscle wall, and the fat that fills the cavity between the organs. */
  #wall(x: number, y: number, z: number, skin: number, grain: number): number {
    const fat = FAT.hu + grain * FAT.grainHu;
    let hu = AIR_HU + coverage(skin) * (SKIN_HU - AIR_HU);
    hu += coverage(skin - SKIN_MM) * (fat - hu);
    hu += coverage(muscleDepth(x, y, z)) * (MUSCLE.hu + grain * MUSCLE.grainHu - hu);
    return hu + coverage(cavityDepth(x, y, z)) * (fat - hu);
  }
}
