import type { Embedding } from '../../embedding/types.ts';
import { affineFromColumns } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { gridOf, syntheticEmbedding } from '../../matching/pool/syntheticEmbedding.ts';
import { pyramidOf } from '../../pyramid/index.ts';
import { areOfTwoContrasts as areOfTwo } from './contrasts.ts';

const GRID = gridOf([48, 48, 48], [2, 2, 2], [0, 0, 0]);
const STILL = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
const { volume, ...embedding } = syntheticEmbedding({ grid: gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]) });

/** A body of fat (1) around muscle (0.3) and bone (0.05), each as bright as a sequence shows it. */
function scan(bright: (tissue: number) => number, modality: 'CT' | 'MR' = 'MR'): Embedding {
  const values = new Int16Array(48 ** 3);
  for (let at = 0; at < values.length; at++) {
    const [x, y, z] = [at % 48, Math.floor(at / 48) % 48, Math.floor(at / 48 ** 2)];
    const [fromMiddle, fromBone] = [Math.hypot(x - 24, y - 24), Math.hypot(x - 30, y - 20, (z - 24) / 3)];
    if (fromMiddle < 21) values[at] = 1000 * bright(fromBone < 6 ? 0.05 : fromMiddle < 14 ? 0.3 : 1);
  }
  const image = { grid: GRID, values, scale: 1 };
  return { ...embedding, image, volume: { ...volume, modality } };
}

function areOfTwoContrasts(query: Embedding, target: Embedding, map: Affine | undefined): boolean {
  return areOfTwo(query, target, { query: pyramidOf(query), target: pyramidOf(target) }, map);
}

const T1 = scan((tissue) => tissue);

describe('areOfTwoContrasts', () => {
  it('is false for two MR of one sequence, with another gain, gamma and a few millimetres off', () => {
    const again = scan((tissue) => 0.6 * tissue ** 0.7);
    const off = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [4, -4, 6]);
    expect(areOfTwoContrasts(T1, again, STILL)).toBe(false);
    expect(areOfTwoContrasts(T1, again, off)).toBe(false);
  });

  it('is true where fat is bright in one and dark in the other', () => {
    const suppressed = scan((tissue) => (tissue > 0.5 ? 0.1 : tissue * 3));
    expect(areOfTwoContrasts(T1, suppressed, STILL)).toBe(true);
    expect(areOfTwoContrasts(suppressed, T1, STILL)).toBe(true);
  });

  it('is true for two modalities, and never for two CTs', () => {
    const inverted = scan((tissue) => 1 - tissue, 'CT');
    expect(areOfTwoContrasts(T1, inverted, STILL)).toBe(true);
    expect(
      areOfTwoContrasts(
        scan((tissue) => tissue, 'CT'),
        inverted,
        STILL,
      ),
    ).toBe(false);
  });

  it('is not known without a map', () => {
    expect(
      areOfTwoContrasts(
        T1,
        scan((tissue) => 1 - tissue),
        undefined,
      ),
    ).toBe(false);
  });
});
