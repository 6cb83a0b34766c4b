/**
 * Lesions, time points and the state of the panel, for tests.
 * @module
 */
import type { CarriedOver, Lesion, Observation, TimePoint } from '../lesions/types.ts';
import type { PanelActions, PanelState } from '../panel/model.ts';
import { pointIn, refOf } from './examples.ts';

/** A time point of the fake study of that name (testing/examples.ts). */
export function timePointOf(name: string, date: string, changes: Partial<TimePoint> = {}): TimePoint {
  const { studyInstanceUid, seriesInstanceUid } = refOf(name);
  return {
    studyInstanceUid,
    date,
    modality: 'CT',
    description: 'CT thorax and abdomen',
    isCurrent: false,
    isLoaded: true,
    isShown: true,
    chosen: seriesInstanceUid,
    series: [
      {
        seriesInstanceUid,
        title: 'CT · 1 mm · 412 images · B30f',
        isComparable: true,
        reasons: [],
        coverage: 1,
      },
    ],
    readiness: { state: 'ready' },
    ...changes,
  };
}

/** What a matcher says of a place that it is sure of. */
export function carriedOverFrom(name: string, changes: Partial<CarriedOver> = {}): CarriedOver {
  return {
    fromStudyInstanceUid: refOf(name).studyInstanceUid,
    provenance: {
      model: { id: 'samepoint-ct', version: '1.0.0' },
      method: 'nearest',
      step: 'local',
      verdict: 'matched',
      errorRadiusMm: 2.2,
    },
    similarity: 0.874,
    cycleErrorMm: 1.26,
    outOfView: [],
    ...changes,
  };
}

/** The same with another verdict. */
export function verdictOf(
  verdict: CarriedOver['provenance']['verdict'],
  errorRadiusMm: number,
  changes: Partial<CarriedOver> = {},
): CarriedOver {
  const sure = carriedOverFrom('prior', changes);
  return { ...sure, provenance: { ...sure.provenance, verdict, errorRadiusMm } };
}

/** A lesion that the reader marked in a study. */
export function observationOf(name: string, changes: Partial<Observation> = {}): Observation {
  return {
    studyInstanceUid: refOf(name).studyInstanceUid,
    series: refOf(name),
    status: 'present',
    place: pointIn(name, [0, 0, 20]),
    review: 'accepted',
    isSaved: false,
    ...changes,
  };
}

/** A lesion; `id` makes its Tracking UID. */
export function lesionOf(
  id: string,
  observations: readonly Observation[],
  changes: Partial<Lesion> = {},
): Lesion {
  return { trackingUid: trackingUidOf(id), label: `Lesion ${id}`, role: 'target', observations, ...changes };
}

/** The Tracking UID of a lesion of `lesionOf`. */
export function trackingUidOf(id: string): string {
  return `2.25.${parseInt(id, 36)}`;
}

/** A panel without anything in it. */
export const EMPTY_STATE: PanelState = {
  currentStudy: refOf('current').studyInstanceUid,
  timePoints: [],
  lesions: [],
  review: { order: [], selected: undefined, decided: 0, total: 0 },
  carryOver: undefined,
  searches: [],
  notices: [],
  seriesWarnings: [],
  placing: undefined,
  isSaving: false,
  unsaved: 0,
  canUndo: false,
  canCompare: false,
  keys: {},
};

/** A state with lesions, which are reviewed in their order, at a prior and the current study. */
export function stateOf(lesions: readonly Lesion[], changes: Partial<PanelState> = {}): PanelState {
  const order = lesions.map(({ trackingUid }) => trackingUid);
  return {
    ...EMPTY_STATE,
    timePoints: [
      timePointOf('prior', '2026-03-02'),
      timePointOf('current', '2026-09-14', { isCurrent: true }),
    ],
    lesions,
    review: { order, selected: undefined, decided: 0, total: lesions.length },
    ...changes,
  };
}

/** Actions that record their calls, "name argument argument". */
export function recordedActions(calls: { push(call: string): unknown }): PanelActions {
  const recorder =
    (name: keyof PanelActions) =>
    (...args: readonly (string | undefined)[]): void =>
      void calls.push([name, ...args.filter((arg) => arg !== undefined)].join(' '));
  return {
    run: recorder('run'),
    fuse: recorder('fuse'),
    select: recorder('select'),
    rename: recorder('rename'),
    setRole: recorder('setRole'),
    remove: recorder('remove'),
    place: recorder('place'),
    stopPlacing: recorder('stopPlacing'),
    goTo: recorder('goTo'),
    highlight: recorder('highlight'),
    show: recorder('show'),
    choose: recorder('choose'),
    compare: recorder('compare'),
    cancelSearch: recorder('cancelSearch'),
    dismissNotice: recorder('dismissNotice'),
    mendNotice: recorder('mendNotice'),
    dismissSeriesWarnings: recorder('dismissSeriesWarnings'),
  };
}
