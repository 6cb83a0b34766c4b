/**
 * The reports of the demo's patient: what a reader has said of the older studies, so that there is something to follow up.
 * @module
 */
import { createHash } from 'node:crypto';
import { invert, lpsPoint, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { WireLesionObservation, WireTimePointReportRequest } from '../../apiSchemas/index.ts';
import type { Phantom } from '../../phantom/index.ts';
import type { CliIo } from '../../workbench/index.ts';

type TimePoint = Phantom['timePoints'][number];
type PhantomLesion = Phantom['lesions'][number];

/** Lesions that are measured; the others are followed without. */
const TARGETS = /nodule|metastasis|node/iu;
/** Lung, liver, lymph node, kidney, bone (SNOMED CT), by the words of the label. */
const SITES: readonly (readonly [words: RegExp, value: string, meaning: string])[] = [
  [/lobe/iu, '39607008', 'Lung'],
  [/liver/iu, '10200004', 'Liver'],
  [/node/iu, '59441001', 'Lymph node'],
  [/kidney/iu, '64033007', 'Kidney'],
  [/bone/iu, '272673000', 'Bone'],
];

/** A Tracking Unique Identifier of the UUID form (PS3.5 B.2), which follows from a name. */
function trackingUid(patientId: string, label: string): string {
  const hash = createHash('sha256').update(`${patientId} ${label}`).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hash}`)}`;
}

/** The pixel of the nearest slice. */
function pixelAt({ volume }: TimePoint, lps: LpsPoint): NonNullable<WireLesionObservation['place']>['pixel'] {
  const [column, row, k] = toVoxel(invert(volume.voxelToLps), lps);
  const slice = volume.slices[Math.round(k)];
  if (slice === undefined) throw new RangeError('a lesion of the phantom lies outside of its scan');
  const offPlaneMm = (k - Math.round(k)) * volume.voxelToLps[10];
  return { ...slice, column, row, offPlaneMm };
}

function observationOf(
  { patientId }: Phantom,
  timePoint: TimePoint,
  lesion: PhantomLesion,
): WireLesionObservation {
  const { name, volume } = timePoint;
  const { label } = lesion;
  const lps = lesion[`${name}Lps`];
  const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = volume;
  const pixel = pixelAt(timePoint, lps);
  // The diameters are drawn in the slice, which lies beside the middle.
  const z = lps[2] - pixel.offPlaneMm;
  const radius = Math.sqrt(Math.max((lesion.radiusMm[name] ?? NaN) ** 2 - pixel.offPlaneMm ** 2, 1));
  const along = (dx: number, dy: number): { mm: number; ends: [LpsPoint, LpsPoint] } => ({
    mm: 2 * radius,
    ends: [
      lpsPoint(lps[0] - dx * radius, lps[1] - dy * radius, z),
      lpsPoint(lps[0] + dx * radius, lps[1] + dy * radius, z),
    ],
  });
  const site = SITES.find(([words]) => words.test(label));
  return {
    trackingUid: trackingUid(patientId, label),
    // What became of it is for the reader to find.
    label: label.replace(/ \(.*\)$/u, ''),
    role: TARGETS.test(label) ? 'target' : 'non-target',
    ...(site === undefined ? {} : { site: { value: site[1], scheme: 'SCT', meaning: site[2] } }),
    status: 'present',
    place: { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, lps, pixel },
    longAxis: along(1, 0),
    shortAxis: along(0, 1),
  };
}

function isoDate(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
}

/** What a reader has said of all studies but the current one. */
export function earlierReports(phantom: Phantom): WireTimePointReportRequest[] {
  return phantom.timePoints
    .filter(({ name }) => name !== 'current')
    .map((timePoint) => ({
      studyInstanceUid: timePoint.volume.studyInstanceUid,
      timePoint: {
        name: isoDate(timePoint.studyDate),
        ...(timePoint.name === 'baseline' ? { type: 'baseline' as const } : {}),
      },
      observations: phantom.lesions
        .filter(({ presentIn }) => presentIn.includes(timePoint.name))
        .map((lesion) => observationOf(phantom, timePoint, lesion)),
      basedOn: [],
    }));
}

/** Stores reports by the API of a running server; those of an earlier run are there already. */
export async function storeReports(
  server: string,
  { reports }: { readonly reports: readonly WireTimePointReportRequest[] },
  io: CliIo,
): Promise<void> {
  for (const report of reports) {
    const response = await fetch(new URL('/samepoint/api/time-point-reports', server), {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': `"demo ${report.timePoint.name}"`.replace(' ', '-'),
      },
      body: JSON.stringify(report),
      signal: io.signal,
    });
    if (response.ok) continue;
    const answer = await response.text();
    io.stderr.write(`The report of ${report.timePoint.name} could not be stored: ${answer}\n`);
  }
}
