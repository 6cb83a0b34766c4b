import { affineFromColumns, perAxis, seededNumbers } from '../geometry/index.ts';
import type { VolumeModality } from '../volume/types.ts';
import type { IntensityMap, Manifest } from '../model/index.ts';
import type { ResampleTask } from './resampleWorker.ts';

/** Working voxels x, y, z: a few slabs for every worker, done in a fraction of a second. */
const DIMS = [96, 96, 64] as const;
/** Half axis of the body as a share of the field of view, and how far its lung reaches from the middle to either side. */
const [RADIUS, LUNG] = [0.4, 0.15];
/** Tissue and lung above the value beyond the volume: HU for CT; for MR any value serves. */
const [TISSUE, LIGHT] = [1064, 174];
/** Vessels are what distinguishes a lung from a mattress: largest value, and size in voxels. */
const [VESSEL, VESSEL_SIZE] = [200, 4];

/**
 * A cylinder of tissue that no patient ever was, with a lung that the end of the view cuts. Embedding it once compiles the code of every
 * thread and makes onnxruntime allocate, for which the first reader would wait (measured: 0.5 s a chest).
 */
export function warmUpTask({ input }: Manifest): ResampleTask {
  const [first] = Object.entries(input.intensity) as [VolumeModality, IntensityMap][];
  if (first === undefined) throw new RangeError('the model reads no modality');
  const [modality, intensity] = first;
  const { outside } = intensity;
  const [nx, ny, nz] = DIMS;
  const data = new Int16Array(nx * ny * nz);
  const vessels = vesselsOf();
  for (let voxel = 0; voxel < data.length; voxel += 1) {
    const [i, j, k] = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / nx / ny)];
    const [x, y] = [i / nx - 0.5, j / ny - 0.5];
    const isLung = x > 0 && Math.abs(y) < LUNG;
    if (isLung) data[voxel] = outside + LIGHT + vessels(i, j, k);
    else data[voxel] = outside + (Math.hypot(x, y) < RADIUS ? TISSUE : 0);
  }
  const mm = input.spacingMm;
  const voxelToLps = affineFromColumns([mm, 0, 0], [0, mm, 0], [0, 0, mm], [0, 0, 0]);
  return { volume: { dims: DIMS, data, voxelToLps, modality }, input, intensity };
}

/** Brightness by voxel, one of its own for each cube: neighbouring slices differ as much as the places of one slice. */
function vesselsOf(): (i: number, j: number, k: number) => number {
  const [nx, ny, nz] = perAxis((axis) => DIMS[axis] / VESSEL_SIZE);
  const random = seededNumbers(1);
  const values = Float64Array.from({ length: nx * ny * nz }, () => VESSEL * random());
  const cube = (index: number): number => Math.floor(index / VESSEL_SIZE);
  return (i, j, k) => values[cube(i) + nx * (cube(j) + ny * cube(k))] ?? 0;
}

/**
 * V8 optimises what has run a few times (measured: a first chest pair waits 0.2 s less than after one warm-up). A slow
 * model is warmed up once: its graphs need the time.
 */
const [WARM_UPS, LONGEST_MS] = [4, 1000];

/** Embeds a few times, the two volumes of a pair at once as they come later, so that every worker has done all that it does. */
export async function warmUp(embed: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  for (let n = 0; n < WARM_UPS && performance.now() - start < LONGEST_MS; n += 1)
    await Promise.all([embed(), embed()]);
}
