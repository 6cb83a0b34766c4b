/**
 * The table of lesions by time points, with what RECIST 1.1 makes of it.
 * @module
 */
import { observationOf } from '../lesions/review.ts';
import type { Lesion, LesionRole, ObservationStatus, TimePoint } from '../lesions/types.ts';
import {
  assess,
  baselineIndex,
  MAX_TARGETS,
  MAX_TARGETS_PER_ORGAN,
  TARGET_MM,
  TARGET_NODE_MM,
} from './recist.ts';
import type { FollowedLesion, TimePointAssessment } from './recist.ts';
import { isDecided, isNode, sizeOf } from './size.ts';

/** What the table is made from. */
export interface TableSource {
  /** Oldest first. */
  readonly timePoints: readonly TimePoint[];
  readonly lesions: readonly Lesion[];
}

/** What a time point shows of a lesion; undefined where the lesion has no observation in it, or the reader rejected it. */
export type TableCell =
  | {
      readonly status: ObservationStatus;
      /** Of `present` ones, mm to one decimal; undefined where it was not measured. */
      readonly mm: number | undefined;
      /** False of a proposal that the reader has not decided on: it does not count. */
      readonly isDecided: boolean;
    }
  | undefined;

/** A lesion of the table. */
export interface TableRow {
  readonly trackingUid: string;
  /** As in the list, from 1. */
  readonly number: number;
  readonly label: string;
  readonly role: LesionRole;
  readonly isNode: boolean;
  /** One per time point. */
  readonly cells: readonly TableCell[];
}

/** What the reader has to know before the table is believed; lesions by their number. */
export type TableWarning =
  | { readonly kind: 'too-many-targets'; readonly count: number }
  | { readonly kind: 'too-many-in-organ'; readonly organ: string; readonly count: number }
  | { readonly kind: 'too-small'; readonly lesions: readonly number[] }
  | { readonly kind: 'undecided'; readonly count: number }
  | { readonly kind: 'no-baseline' }
  | { readonly kind: 'later-baseline'; readonly date: string; readonly lesions: readonly number[] }
  | { readonly kind: 'new-at-baseline'; readonly lesions: readonly number[] };

/** The whole table. */
export interface LesionTable {
  readonly timePoints: readonly TimePoint[];
  readonly rows: readonly TableRow[];
  /** One per time point. */
  readonly assessments: readonly TimePointAssessment[];
  readonly warnings: readonly TableWarning[];
}

function cellOf(lesion: Lesion, studyInstanceUid: string): TableCell {
  const observation = observationOf(lesion, studyInstanceUid);
  if (observation === undefined || observation.review === 'rejected') return undefined;
  const mm = observation.status === 'present' ? sizeOf(lesion, observation) : undefined;
  return { status: observation.status, mm, isDecided: isDecided(observation) };
}

/** As RECIST counts it: what the reader has not decided on was not seen. */
function followed({ role, isNode: isLymphNode, cells }: TableRow): FollowedLesion {
  return {
    role,
    isNode: isLymphNode,
    seen: cells.map((cell) => (cell?.isDecided === true ? cell : undefined)),
  };
}

/** Makes the table. */
export function tableOf({ timePoints, lesions }: TableSource): LesionTable {
  const rows = lesions.map((lesion, index) => ({
    trackingUid: lesion.trackingUid,
    number: index + 1,
    label: lesion.label,
    role: lesion.role,
    isNode: isNode(lesion),
    cells: timePoints.map(({ studyInstanceUid }) => cellOf(lesion, studyInstanceUid)),
  }));
  const follow = rows.map(followed);
  const baseline = baselineIndex(follow, timePoints.length);
  return {
    timePoints,
    rows,
    assessments: assess(follow, timePoints.length),
    warnings: [
      ...targetWarnings(lesions),
      ...sizeWarnings(rows, baseline),
      ...baselineWarnings(rows, timePoints, baseline),
    ],
  };
}

/** All lymph nodes are one organ, and so are both of a pair, such as the kidneys. */
function organOf(lesion: Lesion): string {
  if (isNode(lesion)) return lesion.site?.meaning ?? lesion.finding?.meaning ?? '';
  return lesion.site?.meaning.replace(/^(?:left|right) /iu, '') ?? '';
}

function targetWarnings(lesions: readonly Lesion[]): readonly TableWarning[] {
  const targets = lesions.filter(({ role }) => role === 'target');
  const organs = new Map<string, { readonly organ: string; readonly count: number }>();
  for (const target of targets) {
    const organ = organOf(target);
    const key = isNode(target) ? 'lymph node' : organ.toLowerCase();
    organs.set(key, { organ, ...organs.get(key), count: (organs.get(key)?.count ?? 0) + 1 });
  }
  const crowded = [...organs.values()]
    .filter(({ organ, count }) => organ !== '' && count > MAX_TARGETS_PER_ORGAN)
    .map((crowd) => ({ kind: 'too-many-in-organ' as const, ...crowd }));
  const all = { kind: 'too-many-targets' as const, count: targets.length };
  return [...(targets.length > MAX_TARGETS ? [all] : []), ...crowded];
}

function numbersOf(rows: readonly TableRow[]): readonly number[] {
  return rows.map(({ number }) => number);
}

function sizeWarnings(rows: readonly TableRow[], baseline: number): readonly TableWarning[] {
  const small = rows.filter(({ role, isNode: isLymphNode, cells }) => {
    const mm = cells[baseline]?.mm;
    return role === 'target' && mm !== undefined && mm < (isLymphNode ? TARGET_NODE_MM : TARGET_MM);
  });
  const undecided = rows
    .filter(({ role }) => role !== 'not-followed')
    .flatMap(({ cells }) => cells.filter((cell) => cell?.isDecided === false));
  return [
    ...(small.length > 0 ? [{ kind: 'too-small' as const, lesions: numbersOf(small) }] : []),
    ...(undecided.length > 0 ? [{ kind: 'undecided' as const, count: undecided.length }] : []),
  ];
}

function baselineWarnings(
  rows: readonly TableRow[],
  timePoints: readonly TimePoint[],
  baseline: number,
): readonly TableWarning[] {
  const targets = rows.filter(({ role }) => role === 'target');
  if (baseline < 0) return targets.length > 0 ? [{ kind: 'no-baseline' }] : [];
  const measured = (index: number) => (row: TableRow) => row.cells[index]?.mm !== undefined;
  const earlier = timePoints.findIndex((_, index) => targets.some(measured(index)));
  const skipped = targets.filter((row) => !measured(earlier)(row) || row.cells[earlier]?.isDecided === false);
  const known = rows.filter(
    ({ role, cells }) =>
      role === 'new' &&
      cells.slice(0, baseline + 1).some((cell) => cell?.status === 'present' && cell.isDecided),
  );
  return [
    ...(earlier >= 0 && earlier < baseline
      ? [
          {
            kind: 'later-baseline' as const,
            date: timePoints[baseline]?.date ?? '',
            lesions: numbersOf(skipped),
          },
        ]
      : []),
    ...(known.length > 0 ? [{ kind: 'new-at-baseline' as const, lesions: numbersOf(known) }] : []),
  ];
}
