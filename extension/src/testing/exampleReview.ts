/**
 * A review: ten lesions at three time points, some of them uncertain, with what else the panel can show.
 * @module
 */
import type { CarriedOver, Lesion, LesionRole, Observation, TimePoint } from '../lesions/types.ts';
import type { PanelActions, PanelModel, PanelState } from '../panel/model.ts';
import type { CodedConcept } from '../wire.ts';
import { lesionOf, observationOf, timePointOf, trackingUidOf, verdictOf } from './lesions.ts';
import { pointIn, refOf } from './examples.ts';

const site = (meaning: string): CodedConcept => ({ value: meaning, scheme: '99EXAMPLE', meaning });
const LIVER = site('Liver');
const LUNG = site('Right lung');
const NODE: CodedConcept = { value: '59441001', scheme: 'SCT', meaning: 'Lymph node' };

/** Long and short axis, mm. */
type Axes = readonly [long: number, short: number];

function diameters(axes: Axes | undefined): Partial<Observation> {
  return axes === undefined ? {} : { longAxis: { mm: axes[0] }, shortAxis: { mm: axes[1] } };
}

interface Course {
  readonly label: string;
  readonly role: LesionRole;
  readonly site: CodedConcept;
  readonly baseline?: Axes;
  readonly prior?: Axes;
  readonly current?: Partial<Observation>;
}

const found = (carriedOver: CarriedOver, changes: Partial<Observation> = {}): Partial<Observation> => ({
  review: 'proposed',
  carriedOver,
  ...changes,
});
const sure = (radiusMm: number): CarriedOver => verdictOf('matched', radiusMm);
const GROWN = { isUnchanged: false, laterMm: 12.3, earlierMm: 6.2 };

const COURSES: readonly Course[] = [
  {
    label: 'Liver S7',
    role: 'target',
    site: LIVER,
    baseline: [42, 30],
    prior: [30, 22],
    current: found(sure(1.4), { review: 'accepted', isSaved: true, ...diameters([24.4, 20]) }),
  },
  {
    label: 'Liver S4',
    role: 'target',
    site: LIVER,
    baseline: [25, 20],
    prior: [19, 16],
    current: found(sure(1.9), { ...diameters([18.2, 15]) }),
  },
  {
    label: 'Liver S2 subcapsular',
    role: 'non-target',
    site: LIVER,
    baseline: [9, 8],
    prior: [8, 7],
    current: found(verdictOf('uncertain', 8.4, { similarity: 0.61, cycleErrorMm: 11.2, sizes: GROWN })),
  },
  {
    label: 'Lung right upper lobe',
    role: 'target',
    site: LUNG,
    baseline: [18, 15],
    prior: [12, 11],
    current: found(sure(2.6), { review: 'corrected', ...diameters([12.4, 11]) }),
  },
  {
    label: 'Paratracheal 4R',
    role: 'target',
    site: NODE,
    baseline: [22, 16],
    prior: [17, 12],
    current: found(sure(3.2), { ...diameters([13, 9]) }),
  },
  {
    label: 'Lung right lower lobe, basal',
    role: 'non-target',
    site: LUNG,
    baseline: [7, 6],
    prior: [6, 5],
    current: found(verdictOf('out-of-view', 30, { outOfView: ['superior'] }), { status: 'not-covered' }),
  },
  {
    label: 'Adrenal left',
    role: 'non-target',
    site: site('Left adrenal gland'),
    prior: [14, 10],
    current: { status: 'resolved', review: 'corrected', carriedOver: sure(2) },
  },
  {
    label: 'Iliac node',
    role: 'not-followed',
    site: NODE,
    prior: [9, 6],
    current: found(verdictOf('absent', 13), { status: 'resolved' }),
  },
  { label: 'Lesion 9', role: 'new', site: LIVER, current: { review: 'proposed', ...diameters([11, 9]) } },
  { label: 'Rib 6 left', role: 'non-target', site: site('Rib'), baseline: [15, 12], prior: [15, 12] },
];

function lesions(): readonly Lesion[] {
  return COURSES.map(({ label, role, site: place, baseline, prior, current }, index) =>
    lesionOf(
      `l${index}`,
      [
        ...(baseline === undefined
          ? []
          : [observationOf('baseline', { isSaved: true, ...diameters(baseline) })]),
        ...(prior === undefined ? [] : [observationOf('prior', { isSaved: true, ...diameters(prior) })]),
        ...(current === undefined ? [] : [observationOf('current', current)]),
      ],
      { label, role, site: place },
    ),
  );
}

function timePoints(): readonly TimePoint[] {
  const series = (name: string, title: string, coverage: number, reasons: readonly string[] = []) => ({
    seriesInstanceUid: name === 'prior' ? refOf('prior').seriesInstanceUid : `1.2.prior.${name}`,
    title,
    isComparable: name !== 'localizer',
    reasons,
    coverage,
  });
  return [
    timePointOf('baseline', '2025-09-08', {
      isLoaded: false,
      isShown: false,
      readiness: { state: 'working', text: '', fraction: 0.4 },
    }),
    timePointOf('prior', '2026-03-02', {
      series: [
        series('prior', 'CT · 1 mm · 412 images · B30f', 0.96),
        series('lung', 'CT · 1 mm · 412 images · B70f', 0.96, ['sharp kernel']),
        series('thick', 'CT · 5 mm · 82 images · B30f', 0.71, ['thick slices', 'covers less']),
        series('localizer', 'CT · 2 images', 0, ['a localizer has no volume']),
      ],
    }),
    timePointOf('current', '2026-09-14', { isCurrent: true }),
  ];
}

const KEYS: PanelState['keys'] = {
  findAll: 'F',
  next: 'N',
  previous: 'B',
  accept: 'A',
  confirm: 'C',
  resolved: 'E',
  notEvaluable: 'Q',
  correct: 'V',
  reject: 'X',
  undo: 'U',
  save: 'S',
};

/** The review: uncertain ones first, nothing selected. */
export function exampleReview(changes: Partial<PanelState> = {}): PanelState {
  const all = lesions();
  const uncertainFirst = ['l2', 'l7', 'l0', 'l1', 'l3', 'l4', 'l5', 'l6', 'l8', 'l9'].map(trackingUidOf);
  return {
    currentStudy: refOf('current').studyInstanceUid,
    timePoints: timePoints(),
    lesions: all,
    review: { order: uncertainFirst, selected: undefined, decided: 3, total: 9 },
    carryOver: undefined,
    searches: [],
    notices: [],
    seriesWarnings: [],
    placing: undefined,
    isSaving: false,
    unsaved: 2,
    canUndo: true,
    canCompare: false,
    keys: KEYS,
    ...changes,
  };
}

/** The lesion of `exampleReview` with a label. */
export function lesionCalled(label: string): Lesion {
  const lesion = lesions().find((candidate) => candidate.label === label);
  if (lesion === undefined) throw new Error(`no lesion "${label}"`);
  return lesion;
}

/** The same with the uncertain lesion open, and everything that can be above the list. */
export function busyReview(): PanelState {
  const example = exampleReview();
  return {
    ...example,
    review: { ...example.review, selected: lesionCalled('Liver S2 subcapsular').trackingUid },
    carryOver: {
      fromStudyInstanceUid: refOf('prior').studyInstanceUid,
      fromDate: '2026-03-02',
      count: 9,
      progress: undefined,
    },
    notices: [
      {
        id: 'n1',
        subject: 'Lesion 9',
        code: 'viewer/nothing-to-compare',
        message: 'no other scan of this patient is on the screen.',
        remedy: 'Put the prior beside the current study.',
        mend: { label: 'Put prior beside', run: () => undefined },
      },
    ],
    seriesWarnings: [
      {
        id: refOf('prior').seriesInstanceUid,
        studyInstanceUid: refOf('prior').studyInstanceUid,
        title: 'CT of 02-Mar-2026',
        messages: ['slices of 5 mm: places along the body are less certain'],
      },
    ],
    searches: [
      {
        id: 's1',
        label: 'Lesion 11',
        query: refOf('current'),
        frameOfReferenceUid: '1.2.current.7',
        lps: [0, 0, 20],
        progress: { text: 'Analysing the images', fraction: 0.4 },
        previews: [{ point: pointIn('prior', [4, -3, 40]), errorRadiusMm: 12.2, shownAt: 0 }],
      },
    ],
    canCompare: true,
  };
}

/** A model over a state that a test can change. */
export interface FakeModel extends PanelModel {
  set(state: PanelState): void;
}

/** Makes the model; a selection and the steps of the review change the state, as they do in the viewer. */
export function fakeModel(initial: PanelState, actions: PanelActions): FakeModel {
  let state = initial;
  const listeners = new Set<() => void>();
  const set = (next: PanelState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const select = (selected: string | undefined): void => {
    set({ ...state, review: { ...state.review, selected } });
  };
  return {
    state: () => state,
    set,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    actions: {
      ...actions,
      select: (trackingUid) => {
        actions.select(trackingUid);
        select(trackingUid);
      },
      run: (command) => {
        actions.run(command);
        const { order, selected } = state.review;
        const index = selected === undefined ? -1 : order.indexOf(selected);
        if (command === 'previous') select(order.at(index - 1));
        else if (command !== 'undo' && command !== 'save') select(order[(index + 1) % order.length]);
      },
    },
  };
}
