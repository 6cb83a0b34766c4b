import type { PreviewImage } from '../../embedding/types.ts';
import { affineFromColumns, distanceMm, invert, lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { gridOf, syntheticEmbedding } from '../../matching/pool/syntheticEmbedding.ts';
import { applyTo } from './affineFit.ts';
import { carry, registerPreviews } from './register.ts';

/** A trunk in the anatomical frame: soft tissue with lungs, bones and organs, so that each height looks different. */
function hu([x, y, z]: LpsPoint): number {
  if ((x / 150) ** 2 + (y / 95) ** 2 > 1) return -1000;
  const lung = ((Math.abs(x) - 70) / 50) ** 2 + (y / 60) ** 2 + ((z - 130) / 90) ** 2 < 1;
  if (lung) return -850;
  if (Math.hypot(x, y - 60) < 18) return 250 + 40 * Math.sin(z / 9);
  if (((x + 70) / 65) ** 2 + ((y + 10) / 70) ** 2 + ((z + 30) / 60) ** 2 < 1) return 120;
  return 20 + 30 * Math.sin(x / 31 + z / 44) + 20 * Math.cos(y / 27 - z / 37);
}

/** Edge of the voxels: those of a preview are 8 mm wide. */
const VOXEL_MM = 10;

/** A preview of the anatomy under a map from the scan's world to the anatomy; slices from `low` to `high`, mm. */
function scan(toAnatomy: Affine, low: number, high: number): PreviewImage {
  const dims = [34, 22, Math.round((high - low) / VOXEL_MM)] as const;
  const grid = gridOf(dims, [VOXEL_MM, VOXEL_MM, VOXEL_MM], [-165, -105, low + VOXEL_MM / 2]);
  const values = new Int16Array(dims[0] * dims[1] * dims[2]);
  for (let voxel = 0; voxel < values.length; voxel++) {
    const [i, j, k] = [
      voxel % dims[0],
      Math.floor(voxel / dims[0]) % dims[1],
      Math.floor(voxel / (dims[0] * dims[1])),
    ];
    values[voxel] = hu(applyTo(toAnatomy, toLps(grid.voxelToLps, voxelIndex(i, j, k))));
  }
  const { volume } = syntheticEmbedding({ grid: gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]) });
  return {
    volume,
    image: { grid, values, scale: 1 },
    bodyMask: Uint8Array.from(values, (value) => (value > -1000 ? 1 : 0)),
  };
}

const STILL = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
const PLACES = [
  lpsPoint(-60, 0, 0),
  lpsPoint(20, 30, 60),
  lpsPoint(70, -20, 120),
  lpsPoint(0, 60, 160),
] as const;

function errors(queryToTarget: Affine, found: Parameters<typeof carry>[0]): number[] {
  return PLACES.map((place) => distanceMm(carry(found, place), applyTo(queryToTarget, place)));
}

describe('registerPreviews', () => {
  it('finds a patient again who lies elsewhere, turned and breathing differently', async () => {
    const turn = 0.04;
    const moved = affineFromColumns(
      [Math.cos(turn), Math.sin(turn), 0],
      [-Math.sin(turn) * 1.04, Math.cos(turn) * 1.04, 0],
      [0, 0, 0.97],
      [12, -15, 22],
    );
    const found = await registerPreviews(scan(STILL, -120, 240), scan(invert(moved), -120, 240));
    expect(Math.max(...errors(moved, found))).toBeLessThan(VOXEL_MM / 2);
    expect(found.correlation).toBeGreaterThan(0.95);
    expect(found.overlap).toBeGreaterThan(0.8);
  });

  it('finds an abdomen in a scan of the whole trunk whose frame begins elsewhere', async () => {
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, -700]);
    const found = await registerPreviews(scan(STILL, -120, 100), scan(invert(shift), -820, -460));
    expect(Math.max(...errors(shift, found).slice(0, 2))).toBeLessThan(VOXEL_MM / 2);
  });

  it('does not move a scan that is the same', async () => {
    const same = scan(STILL, -120, 240);
    const found = await registerPreviews(same, same);
    expect(Math.max(...errors(STILL, found))).toBeLessThan(0.5);
    expect(found.correlation).toBeCloseTo(1, 3);
  });

  it('has a map for images without a body, which agree with nothing', async () => {
    const empty = { ...scan(STILL, -120, 40), bodyMask: new Uint8Array(34 * 22 * 16) };
    const found = await registerPreviews(empty, scan(STILL, -120, 40));
    expect(found).toMatchObject({ correlation: 0, overlap: 0 });
    expect(found.queryToTarget.every(Number.isFinite)).toBe(true);
  });

  it('stops with the reason of the signal', async () => {
    const stop = new AbortController();
    const image = scan(STILL, -120, 240);
    const registering = registerPreviews(image, image, stop.signal);
    stop.abort(new Error('the reader has disconnected'));
    await expect(registering).rejects.toThrow('the reader has disconnected');
  });
});
