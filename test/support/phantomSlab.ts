/**
 * The part of the generated patient that holds the lesions that have come, grown and gone: half of the work. `node phantomSlab.ts SEED
 * COARSENESS FOLDER` writes the current and the prior scan as DICOM files into two folders; outside of a test sandbox that is much faster.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import type { Phantom, PhantomTimePoint } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';

/** The part of the body that holds the lesions that have come, grown and gone: from the middle of the scan, mm. */
const [LOWEST_MM, HIGHEST_MM] = [-135, 75];
/** The anatomy lies up to this much higher or lower in the prior scan, mm. */
const PRIOR_MARGIN_MM = 25;
/** How far the middle of the prior's slices lies above that of the body (phantom.ts), mm. */
const PRIOR_ABOVE_MM = 18;

/** The slices of a scan that show a part of the body: half of the work, and lesions at full resolution. */
function slab(timePoint: PhantomTimePoint, marginMm: number): PhantomTimePoint {
  const { volume } = timePoint;
  const { voxelToLps: m, dims, slices } = volume;
  const [ni, nj, nk] = dims;
  const middle = ((nk - 1) / 2) * m[10] - (timePoint.name === 'prior' ? PRIOR_ABOVE_MM : 0);
  const first = Math.max(Math.ceil((middle + LOWEST_MM - marginMm) / m[10]), 0);
  const end = Math.min(Math.floor((middle + HIGHEST_MM + marginMm) / m[10]) + 1, nk);
  return {
    ...timePoint,
    volume: {
      ...volume,
      dims: [ni, nj, end - first],
      data: volume.data.slice(first * ni * nj, end * ni * nj),
      slices: slices.slice(first, end),
      voxelToLps: m.with(11, m[11] + first * m[10]) as unknown as Volume['voxelToLps'],
    },
  };
}

/** The two scans, as far as they show this part. */
export function slabsOf({
  timePoints,
}: Phantom): readonly [current: PhantomTimePoint, prior: PhantomTimePoint] {
  return [slab(timePoints[0], 0), slab(timePoints[1], PRIOR_MARGIN_MM)];
}

/** Writes both scans as DICOM files. @returns their folders */
export function writeSlabs(phantom: Phantom, folder: string): readonly [current: string, prior: string] {
  const [current, prior] = slabsOf(phantom);
  return [writeScan(phantom, current, folder), writeScan(phantom, prior, folder)];
}

function writeScan(phantom: Phantom, timePoint: PhantomTimePoint, folder: string): string {
  const path = join(folder, timePoint.name);
  mkdirSync(path, { recursive: true });
  const { patientId, patientName } = phantom;
  let n = 0;
  for (const part10 of writeSeries(timePoint.volume, { ...timePoint, patientId, patientName }))
    writeFileSync(join(path, `${String((n += 1))}.dcm`), part10);
  return path;
}

if (import.meta.main) {
  const [seed, coarseness, folder = ''] = process.argv.slice(2);
  const phantom = createPhantom({ seed: Number(seed), coarseness: Number(coarseness) });
  process.stdout.write(`${JSON.stringify(writeSlabs(phantom, folder))}\n`);
}
