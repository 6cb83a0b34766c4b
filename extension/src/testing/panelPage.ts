/**
 * A page with the panel in a column of the viewer's width, for tests in a browser. `window.samepoint` shows a state, by its name.
 * @module
 */
import { mountPanel } from '../panel/mount.tsx';
import type { PanelState } from '../panel/model.ts';
import { EMPTY_STATE, recordedActions } from './lesions.ts';
import { busyReview, fakeModel, lesionCalled, exampleReview } from './exampleReview.ts';

/** What a test can reach from outside of the page. */
interface PanelPage {
  readonly calls: string[];
  show(name: string): void;
}

const withSelected = (label: string): PanelState => {
  const example = exampleReview();
  return { ...example, review: { ...example.review, selected: lesionCalled(label).trackingUid } };
};

const STATES: Readonly<Record<string, () => PanelState>> = {
  empty: () => EMPTY_STATE,
  review: () => exampleReview(),
  busy: busyReview,
  uncertain: () => withSelected('Liver S2 subcapsular'),
  sure: () => withSelected('Liver S4'),
  'out of view': () => withSelected('Lung right lower lobe, basal'),
  waiting: () => withSelected('Rib 6 left'),
};

const calls: string[] = [];
const model = fakeModel(exampleReview(), recordedActions(calls));
const page: PanelPage = {
  calls,
  show: (name) => {
    model.set(STATES[name]?.() ?? EMPTY_STATE);
  },
};
Object.assign(window, { samepoint: page });

const column = document.querySelector<HTMLElement>('#panel');
if (column !== null) mountPanel(column, model);
