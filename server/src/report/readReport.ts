import { UnreadableDicom, itemsOf, stringOf } from '../dicom/index.ts';
import {
  CODES,
  OWN_CODES,
  codeOf,
  child,
  isNamed,
  measuredValue,
  numberFrom,
  required,
  shown,
  textOfItem,
  uidOf,
  Unreadable,
} from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { parseDateTime, ForeignReport, parsePart10 } from '../documents/index.ts';
import { groupBy } from './groupBy.ts';
import { ENHANCED_SR } from './header.ts';
import { provenanceOf } from './provenance.ts';
import { imagesOf, pointOf } from './readPoint.ts';
import type { Images } from './readPoint.ts';
import type { ConfirmedPair, PairState, ReadReport, SeriesPoint } from './types.ts';

/** One measurement group of ours. */
interface Group {
  readonly end: 'current' | 'prior';
  readonly point: SeriesPoint;
  readonly shared: Omit<ConfirmedPair, 'current' | 'prior'>;
}

/** Measurement groups of one report: ten times what one request can store. */
const MAX_GROUPS = 4_000;

/**
 * Reads the pairs of a report that {@link buildReport} wrote. Tolerant of what others add, explicit about what is missing:
 * an SR without groups of Samepoint is refused with a reason; a pair of which a part is damaged is omitted and named. The bytes
 * decide how long it lasts: a server calls it in a thread ({@link createReportReader}).
 */
export function readReport(part10: Uint8Array): ReadReport {
  try {
    return pairsOf(parsePart10(part10));
  } catch (error) {
    if (error instanceof ForeignReport) return { ok: false, isDamaged: false, reason: error.message };
    if (error instanceof UnreadableDicom)
      return { ok: false, isDamaged: true, reason: `it is not a complete DICOM file: ${error.message}` };
    throw error;
  }
}

function pairsOf(report: Dataset): ReadReport {
  if (stringOf(report, 'SOPClassUID') !== ENHANCED_SR) throw new ForeignReport('it is no Enhanced SR');
  if (!isNamed(report, CODES.imagingMeasurementReport))
    throw new ForeignReport('it is no Imaging Measurement Report');
  const createdAt = parseDateTime(stringOf(report, 'ObservationDateTime') ?? '');
  const groups = itemsOf(report, 'ContentSequence')
    .filter((item) => isNamed(item, CODES.imagingMeasurements))
    .flatMap((item) => itemsOf(item, 'ContentSequence'))
    .filter((item) => child(item, OWN_CODES.matchUid) !== undefined);
  if (groups.length === 0 || createdAt === undefined)
    throw new ForeignReport('it was not written by Samepoint');
  const { pairs, problems } = readPairs(groups.slice(0, MAX_GROUPS), imagesOf(report));
  if (pairs.length === 0) return { ok: false, isDamaged: true, reason: problems.join('; ') };
  return { ok: true, createdAt: createdAt.toISOString(), pairs, problems };
}

function readPairs(
  groups: readonly Dataset[],
  images: Images,
): { readonly pairs: readonly ConfirmedPair[]; readonly problems: readonly string[] } {
  const pairs: ConfirmedPair[] = [];
  const problems: string[] = [];
  const numbered = groups.map((item, index) => ({ item, number: index + 1 }));
  for (const [, ofPair] of groupBy(
    numbered,
    ({ item }) => stringOf(child(item, OWN_CODES.matchUid) ?? {}, 'UID') ?? '',
  )) {
    try {
      pairs.push(pairOf(ofPair.map(({ item }) => readGroup(item, images))));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push(`measurement group ${ofPair.map(({ number }) => number).join(', ')}: ${error.message}`);
    }
  }
  return { pairs, problems };
}

function pairOf(groups: readonly Group[]): ConfirmedPair {
  const [current, prior] = (['current', 'prior'] as const).map((end) =>
    groups.filter((group) => group.end === end),
  );
  if (current?.[0] === undefined || prior?.[0] === undefined || groups.length !== 2)
    throw new Unreadable('a pair needs one current and one prior point');
  return { ...current[0].shared, current: current[0].point, prior: prior[0].point };
}

function readGroup(group: Dataset, images: Images): Group {
  const cycle = required(group, OWN_CODES.cycleError);
  const provenance = provenanceOf(group);
  return {
    end: endOf(group),
    point: pointOf(group, cycle, images),
    shared: {
      label: textOfItem(group, CODES.comment),
      lesionUid: uidOf(group, OWN_CODES.lesionUid),
      state: stateOf(codeOf(group, OWN_CODES.state)),
      similarity: numberFrom(textOfItem(group, OWN_CODES.similarity), OWN_CODES.similarity),
      cycleErrorMm: measuredValue(cycle),
      ...(provenance === undefined ? {} : { provenance }),
    },
  };
}

function endOf(group: Dataset): 'current' | 'prior' {
  const value = codeOf(group, OWN_CODES.timePoint);
  if (value === OWN_CODES.current[0]) return 'current';
  if (value === OWN_CODES.prior[0]) return 'prior';
  throw new Unreadable(`unknown time point "${shown(value)}"`);
}

function stateOf(value: string): PairState {
  if (value === OWN_CODES.accepted[0]) return 'accepted';
  if (value === OWN_CODES.moved[0]) return 'moved';
  throw new Unreadable(`unknown state "${shown(value)}"`);
}
