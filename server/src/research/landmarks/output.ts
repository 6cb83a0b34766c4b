/**
 * Found landmarks as files.
 * @module
 */
import { stringOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { FoundLandmark, LandmarkOutcome } from '../../landmarks/index.ts';
import { toCsv, writeMarkups } from '../../points/index.ts';
import type { Cell } from '../../points/index.ts';
import { buildTimePointReport } from '../../report/index.ts';
import { buildFiducials } from '../../fiducials/index.ts';
import { derivedUids } from '../../documents/index.ts';

/** Ends of the names of files, and what is written into them; the first that fits counts. */
export const OUTPUT_ENDS = ['.mrk.json', '.sr.dcm', '.csv', '.json', '.dcm'] as const;
type OutputEnd = (typeof OUTPUT_ENDS)[number];

/** What files are written of. */
export interface LandmarkResults {
  readonly outcomes: readonly LandmarkOutcome[];
  /** Header of an instance of the series; needed for DICOM objects only. */
  readonly header: () => Promise<DicomJson>;
  readonly version: string;
  readonly now: Date;
}

/** The kind of file that a name means. @throws SamepointError cli/unreadable-input */
export function outputEnd(file: string): OutputEnd {
  const end = OUTPUT_ENDS.find((one) => file.toLowerCase().endsWith(one));
  if (end !== undefined) return end;
  const reason = `its name ends in none of ${OUTPUT_ENDS.join(', ')}`;
  throw new SamepointError('cli/unreadable-input', { input: file, reason });
}

/** The content of a file of results. */
export async function contentOf(file: string, results: LandmarkResults): Promise<string | Uint8Array> {
  const { outcomes } = results;
  switch (outputEnd(file)) {
    case '.csv':
      return toCsv(COLUMNS, outcomes.map(rowOf));
    case '.json':
      return jsonText(outcomes.map(plain));
    case '.mrk.json':
      return jsonText(writeMarkups(inView(outcomes).map(described)));
    case '.dcm':
      return await fiducialsOf(results);
    case '.sr.dcm':
      return await reportOf(results);
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const COLUMNS = [
  'name',
  'x',
  'y',
  'z',
  'verdict',
  'errorRadiusMm',
  'similarity',
  'votes',
  'spreadMm',
  'error',
];

function rowOf(outcome: LandmarkOutcome): readonly Cell[] {
  if (!outcome.ok) return [outcome.name, ...Array<undefined>(8), outcome.error.message];
  const { name, place, verdict, errorRadiusMm, similarity, votes, spreadMm } = outcome.landmark;
  return [name, ...place.lps, verdict, errorRadiusMm, similarity, votes, spreadMm, undefined];
}

/** An outcome as JSON. */
export function plain(outcome: LandmarkOutcome): object {
  if (outcome.ok) return outcome;
  const { code, message, remedy } = outcome.error;
  return { name: outcome.name, ok: false, error: { code, message, remedy } };
}

/** Landmarks that the series shows. The place of the others is only the nearest one of the volume. */
function inView(outcomes: readonly LandmarkOutcome[]): readonly FoundLandmark[] {
  return outcomes.flatMap((outcome) =>
    outcome.ok && outcome.landmark.verdict === 'uncertain' ? [outcome.landmark] : [],
  );
}

function described({ name, place, errorRadiusMm, similarity }: FoundLandmark): {
  readonly name: string;
  readonly lps: FoundLandmark['place']['lps'];
  readonly description: string;
} {
  const description = `within ${errorRadiusMm.toFixed(1)} mm with 90 % probability; similarity ${similarity.toFixed(3)}`;
  return { name, lps: place.lps, description };
}

async function fiducialsOf({ outcomes, header, version, now }: LandmarkResults): Promise<Uint8Array> {
  const landmarks = inView(outcomes);
  return buildFiducials({
    fiducials: landmarks.map(described),
    frameOfReferenceUid: landmarks[0]?.place.frameOfReferenceUid ?? '',
    image: await header(),
    softwareVersion: version,
    now,
  }).part10;
}

/** Anatomical structure (SNOMED CT): a landmark is no lesion. */
const STRUCTURE = { value: '91723000', scheme: 'SCT', meaning: 'Anatomical structure' } as const;

async function reportOf({ outcomes, header, version, now }: LandmarkResults): Promise<Uint8Array> {
  const image = await header();
  const landmarks = inView(outcomes);
  const studyInstanceUid = stringOf(image, 'StudyInstanceUID') ?? '';
  const uids = derivedUids({ studyInstanceUid, content: JSON.stringify([landmarks, now.toISOString()]) });
  return buildTimePointReport({
    observations: landmarks.map(({ name, place }) => ({
      trackingUid: uids.next(),
      label: name,
      role: 'not-followed',
      status: 'present',
      finding: STRUCTURE,
      place,
    })),
    timePoint: { name: stringOf(image, 'StudyDate') ?? 'landmarks' },
    image,
    softwareVersion: version,
    now,
    uids,
  }).part10;
}
