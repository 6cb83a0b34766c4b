import type { EmbeddingMap } from '../embedding/types.ts';
import type { Arena } from '../wasm/index.ts';
import { RUN_WORDS } from './layout.ts';

/** The voxels that may be an answer, row by row. */
export interface Candidates {
  /** Flat fine indices, ascending. */
  readonly candidates: Int32Array;
  /** Per row (k * nj + j) its first run; one more entry than rows. */
  readonly rowRuns: Int32Array;
  /** Per run: first column, last column, number of its first candidate. */
  readonly runs: Int32Array;
}

/** Whether a fine voxel may be an answer: in the body and with a vector. */
export function isCandidate(
  { inverseNorms }: Pick<EmbeddingMap, 'inverseNorms'>,
  bodyMask: Uint8Array,
  voxel: number,
): boolean {
  return bodyMask[voxel] !== 0 && inverseNorms[voxel] !== 0;
}

/** How many candidates there are, and how many runs of neighbours along i. */
export function countCandidates(
  fine: EmbeddingMap,
  bodyMask: Uint8Array,
): { readonly candidates: number; readonly runs: number } {
  const ni = fine.grid.dims[0];
  let [candidates, runs] = [0, 0];
  let before = false;
  for (let voxel = 0; voxel < bodyMask.length; voxel++) {
    const is = isCandidate(fine, bodyMask, voxel);
    if (is) {
      candidates++;
      if (!before || voxel % ni === 0) runs++;
    }
    before = is;
  }
  return { candidates, runs };
}

/** Finds the candidates: in the body and with a vector. */
export function candidatesOf(fine: EmbeddingMap, bodyMask: Uint8Array, arena: Arena): Candidates {
  const [ni, nj, nk] = fine.grid.dims;
  const count = countCandidates(fine, bodyMask);
  const candidates = arena.int32(count.candidates);
  const rowRuns = arena.int32(nj * nk + 1);
  const runs = arena.int32(count.runs * RUN_WORDS);
  let [n, r] = [0, 0];
  for (let row = 0; row < nj * nk; row++) {
    rowRuns[row] = r;
    let start = -1;
    for (let i = 0; i <= ni; i++) {
      const voxel = row * ni + i;
      const is = i < ni && isCandidate(fine, bodyMask, voxel);
      if (is && start < 0) start = i;
      if (is || start < 0) continue;
      runs.set([start, i - 1, n], RUN_WORDS * r++);
      for (; start < i; start++) candidates[n++] = row * ni + start;
      start = -1;
    }
  }
  rowRuns[nj * nk] = r;
  return { candidates, rowRuns, runs };
}
