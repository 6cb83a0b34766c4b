import fc from 'fast-check';
import type { EmbeddingMap } from '../embedding/types.ts';
import { gridOf } from '../matching/pool/syntheticEmbedding.ts';
import { Arena, bytesOf } from '../wasm/index.ts';
import { candidatesOf, countCandidates, isCandidate } from './candidates.ts';
import type { Candidates } from './candidates.ts';
import { RUN_CANDIDATE, RUN_FIRST, RUN_LAST, RUN_WORDS } from './layout.ts';

interface Scene {
  readonly fine: EmbeddingMap;
  readonly bodyMask: Uint8Array;
}

const size = fc.integer({ min: 1, max: 7 });
/** Bodies of any shape, with voxels that have no vector. */
const scenes = fc.tuple(size, size, size).chain((dims) => {
  const length = dims[0] * dims[1] * dims[2];
  const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: length, maxLength: length });
  return fc.tuple(bits, bits).map(([body, known]): Scene => ({
    bodyMask: Uint8Array.from(body),
    fine: {
      role: 'fine',
      grid: gridOf(dims, [4, 4, 4], [0, 0, 0]),
      channels: 1,
      weight: 1,
      vectors: new Int8Array(length).fill(127),
      inverseNorms: Float32Array.from(known, (bit) => bit / 127),
    },
  }));
});

function found({ fine, bodyMask }: Scene): Candidates {
  const { candidates, runs } = countCandidates(fine, bodyMask);
  const [, nj, nk] = fine.grid.dims;
  const words = [candidates, nj * nk + 1, RUN_WORDS * runs];
  // An arena of exactly what the index says that it needs.
  const arena = Arena.of(words.reduce((sum, count) => sum + bytesOf({ byteLength: 4 * count }), 0));
  return candidatesOf(fine, bodyMask, arena);
}

/** The columns of a row's runs, and the numbers of their candidates. */
function runsOf({ rowRuns, runs }: Candidates, row: number): { column: number; candidate: number }[] {
  const columns: { column: number; candidate: number }[] = [];
  for (let r = rowRuns[row]!; r < rowRuns[row + 1]!; r++) {
    const at = r * RUN_WORDS;
    for (let column = runs[at + RUN_FIRST]!; column <= runs[at + RUN_LAST]!; column++)
      columns.push({ column, candidate: runs[at + RUN_CANDIDATE]! + column - runs[at + RUN_FIRST]! });
  }
  return columns;
}

describe('candidates', () => {
  it('are the voxels in the body that have a vector, ascending', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { fine, bodyMask } = scene;
        const expected = [...bodyMask.keys()].filter(
          (voxel) => bodyMask[voxel] === 1 && fine.inverseNorms[voxel] !== 0,
        );
        expect([...found(scene).candidates]).toEqual(expected);
        expect([...bodyMask.keys()].filter((voxel) => isCandidate(fine, bodyMask, voxel))).toEqual(expected);
      }),
    );
  });

  it('are counted as they are found', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { candidates, runs } = found(scene);
        expect(countCandidates(scene.fine, scene.bodyMask)).toEqual({
          candidates: candidates.length,
          runs: runs.length / RUN_WORDS,
        });
      }),
    );
  });

  it('lie in runs: each candidate in one of its own row, with its own number', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const all = found(scene);
        const [ni, nj, nk] = scene.fine.grid.dims;
        const listed = Array.from({ length: nj * nk }, (_, row) =>
          runsOf(all, row).map(({ column, candidate }) => {
            expect(all.candidates[candidate]).toBe(row * ni + column);
            return candidate;
          }),
        );
        expect(listed.flat()).toEqual([...all.candidates.keys()]);
        expect(all.rowRuns[nj * nk]).toBe(all.runs.length / RUN_WORDS);
      }),
    );
  });

  it('have runs as long as can be, which end with their row', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { rowRuns, runs } = found(scene);
        const [ni, nj, nk] = scene.fine.grid.dims;
        for (let row = 0; row < nj * nk; row++)
          for (let r = rowRuns[row]!; r < rowRuns[row + 1]!; r++) {
            const [first, last] = [runs[r * RUN_WORDS]!, runs[r * RUN_WORDS + 1]!];
            expect(first >= 0 && first <= last && last < ni).toBe(true);
            const { fine, bodyMask } = scene;
            const is = (column: number): boolean =>
              column >= 0 && column < ni && isCandidate(fine, bodyMask, row * ni + column);
            expect([is(first - 1), is(last + 1)]).toEqual([false, false]);
          }
      }),
    );
  });
});
