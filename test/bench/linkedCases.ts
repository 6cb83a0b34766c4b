/**
 * The pairs whose links are measured: the phantom of the demo, and a real CT with each of its follow-ups of the accuracy protocol.
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { readVolume } from '../../server/src/volumeAssembly/index.ts';
import { FOLLOW_UP_CASES } from '../accuracy/followUps.ts';
import { DeepBody } from '../accuracy/points.ts';
import { startDemo } from '../support/demo.ts';
import type { DemoTruth } from '../support/demo.ts';
import { isInside } from '../support/followUp.ts';
import type { FollowUpCase } from '../support/followUp.ts';
import { trueMapOfDemo } from '../support/linkedFields.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { storeRealPair } from '../support/realPair.ts';
import type { RealPair } from '../support/realPair.ts';
import type { RealSeries } from '../support/paths.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { Lps } from '../support/api.ts';
import type { LinkedPair, TruePoint } from './linkedPane.ts';

/** A pair that a server shows. */
export interface Opened {
  readonly server: string;
  readonly studies: readonly [string, string];
  readonly pair: LinkedPair;
  /** The true map, for a server that has no fields. */
  readonly field?: Uint8Array;
}

/** Every case of the protocol. */
export const CASES: readonly FollowUpCase[] = FOLLOW_UP_CASES;
/** Points and levels that are measured. */
const POINTS = 24;
/** So many points are drawn, since a follow-up may show a part of the scan only. */
const DRAWN = 4 * POINTS;
const SEED = 1;
/** Of the phantom: the middle of a slice, and the length over which the levels lie, whole slices apart, mm. */
const FIRST_LEVEL_MM = -528.75;
const LEVELS_MM = 240;
/** Share of the length of the scan, in its middle, in which the levels lie. */
const LEVELS = 0.6;
/** A point is this far inside the field of view, mm. */
const VIEW_MM = 25;

/** Shows the phantom while `work` runs. */
export async function withPhantom<T>(
  work: (opened: Opened, lesions: DemoTruth['lesions']) => Promise<T>,
): Promise<T> {
  const demo = await startDemo('linked-bench');
  try {
    const map = trueMapOfDemo();
    const [current, prior] = demo.truth.studies;
    if (current === undefined || prior === undefined) throw new Error('the demo has no two studies');
    const { lesions } = demo.truth;
    const truth = (lps: Lps): TruePoint => ({ lps, prior: map.toPrior(lps) });
    const z = lesions[0]?.currentLps[2] ?? 0;
    const levels = Array.from({ length: POINTS }, (_, k) =>
      truth([2, -168, FIRST_LEVEL_MM + (LEVELS_MM * k) / POINTS]),
    );
    const points = lesions
      .flatMap(({ currentLps: [x, y, at] }) => [
        truth([x, y, at]),
        truth([2, -168, at]),
        truth([x / 2, -168, z]),
      ])
      .slice(0, POINTS);
    const opened: Opened = {
      server: demo.url,
      studies: [current.studyInstanceUid, prior.studyInstanceUid],
      pair: { current: current.seriesInstanceUid, prior: prior.seriesInstanceUid, levels, points },
      field: map.field,
    };
    return await work(opened, lesions);
  } finally {
    await demo.stop();
  }
}

async function* filesOf(folder: string): AsyncGenerator<Uint8Array> {
  for (const file of (await readdir(folder)).sort()) yield await readFile(join(folder, file));
}

/** Levels in the middle of the slices of a scan, and points in the body, LPS mm. */
interface Places {
  readonly levels: readonly Lps[];
  readonly points: readonly Lps[];
}

/** Reads a scan of which follow-ups are made. */
export async function placesOf(folder: string): Promise<Places> {
  const volume = await readVolume(filesOf(folder));
  const [nx, ny, nz] = volume.dims;
  const levels = Array.from({ length: Math.floor(nz * LEVELS) }, (_, k) => {
    const slice = Math.round((nz * (1 - LEVELS)) / 2) + k;
    return toLps(volume.voxelToLps, voxelIndex((nx - 1) / 2, (ny - 1) / 2, slice));
  });
  const isMiddle = (point: LpsPoint): boolean => isInside(volume, point, VIEW_MM);
  return { levels, points: new DeepBody(volume).draw(DRAWN, SEED, isMiddle) };
}

/** At most {@link POINTS} of them, evenly spaced. */
function spaced(points: RealPair['points']): readonly TruePoint[] {
  const step = Math.max(1, points.length / POINTS);
  const count = Math.min(POINTS, points.length);
  return Array.from({ length: count }, (_, k) => points[Math.floor(k * step)]).filter(
    (point) => point !== undefined,
  );
}

/** Shows a real CT with its follow-up of a case while `work` runs. Measured are the levels and points that the follow-up shows. */
export async function withFollowUp<T>(
  {
    name,
    followUp,
    viewer,
  }: { readonly name: RealSeries; readonly followUp: FollowUpCase; readonly viewer: string },
  { levels, points }: Places,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const orthanc = await startOrthanc();
  try {
    const all = [...levels, ...points];
    const stored = await storeRealPair(orthanc.dicomweb, name, followUp, all, { mayBeOutside: true });
    const shown = (from: number, to: number): readonly TruePoint[] =>
      spaced(stored.points.slice(from, to).filter((point) => point.isInside));
    const { current, prior } = stored;
    const server = await startSamepoint({
      dicomweb: { root: orthanc.dicomweb.root },
      ...withViewer(viewer),
    });
    try {
      return await work({
        server: server.url,
        studies: [current.studyInstanceUid, prior.studyInstanceUid],
        pair: {
          current: current.seriesInstanceUid,
          prior: prior.seriesInstanceUid,
          levels: shown(0, levels.length),
          points: shown(levels.length, all.length),
        },
      });
    } finally {
      await server.stop();
    }
  } finally {
    await orthanc.stop();
  }
}
