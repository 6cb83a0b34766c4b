/**
 * What the panel shows and what the reader can do in it: the whole contract between the panel and the rest of the extension.
 * @module
 */
import type { CarryOver, Lesion, LesionRole, TimePoint } from '../lesions/types.ts';
import type { FusionCommand, FusionMode } from '../viewer/viewCommands.ts';
import type { Notice, Search, SeriesWarnings } from '../lesions/activity.ts';

/** Where the reader is in the review of the current study. */
interface Review {
  /** Tracking UIDs in the order of the review: uncertain ones first, then the order of the prior. */
  readonly order: readonly string[];
  /** The selected lesion; undefined where none is. */
  readonly selected: string | undefined;
  /** Of the current study: those with a decision, and all. */
  readonly decided: number;
  readonly total: number;
}

/** What is drawn over the current scan, and whether a prior is on the screen to do so. */
export interface Subtraction {
  readonly mode: FusionMode;
  readonly isPossible: boolean;
  readonly keys: Readonly<Partial<Record<FusionCommand, string>>>;
}

/** Everything that the panel draws, as one value that never changes; a new one is made after each change. */
export interface PanelState {
  /** The study that is read; undefined before a study is open. */
  readonly currentStudy: string | undefined;
  /** Oldest first. */
  readonly timePoints: readonly TimePoint[];
  readonly lesions: readonly Lesion[];
  readonly review: Review;
  readonly carryOver: CarryOver | undefined;
  readonly searches: readonly Search[];
  readonly notices: readonly Notice[];
  readonly seriesWarnings: readonly SeriesWarnings[];
  /** Tracking UID of the lesion whose marker or row the reader points at. */
  readonly highlighted?: string | undefined;
  /** Tracking UID of the lesion whose new place the next click gives. */
  readonly placing: string | undefined;
  readonly isSaving: boolean;
  /** Observations that the next Save stores. */
  readonly unsaved: number;
  readonly canUndo: boolean;
  /** Whether the viewer can show the prior beside the current study, and does not yet. */
  readonly canCompare: boolean;
  /** What of the prior is drawn over the current scan; absent where nothing can be. */
  readonly subtraction?: Subtraction;
  /** Keys of the review: command and key, e.g. accept: 'A'; empty where the host has no hotkeys. */
  readonly keys: Readonly<Partial<Record<ReviewCommand, string>>>;
}

/** What the reader does by key or button in the review. `confirm` accepts an uncertain one, which `accept` does not. */
export const REVIEW_COMMANDS = [
  'findAll',
  'next',
  'previous',
  'accept',
  'confirm',
  'resolved',
  'notEvaluable',
  'correct',
  'reject',
  'undo',
  'save',
] as const;
export type ReviewCommand = (typeof REVIEW_COMMANDS)[number];

/** What the reader can do. No action throws; failures become notices. */
export interface PanelActions {
  /** The review commands act on the selected lesion's observation in the current study. */
  run(command: ReviewCommand): void;
  select(trackingUid: string): void;
  rename(trackingUid: string, label: string): void;
  setRole(trackingUid: string, role: LesionRole): void;
  /** Removes a lesion from the list; what the PACS holds stays until the next Save of its studies. */
  remove(trackingUid: string): void;
  /** Sets the place in a study by the next click. */
  place(trackingUid: string, studyInstanceUid: string): void;
  stopPlacing(): void;
  /** Shows a lesion at one time point, or at all that are on the screen. */
  goTo(trackingUid: string, studyInstanceUid?: string): void;
  highlight(trackingUid: string | undefined): void;
  show(studyInstanceUid: string): void;
  choose(studyInstanceUid: string, seriesInstanceUid: string): void;
  compare(): void;
  /** Draws something over the current scan, or no longer. */
  fuse(command: FusionCommand): void;
  cancelSearch(searchId: string): void;
  dismissNotice(noticeId: string): void;
  /** Does what the button of a notice says, and removes the notice. */
  mendNotice(noticeId: string): void;
  dismissSeriesWarnings(seriesInstanceUid: string): void;
}

/** What the panel is mounted with. */
export interface PanelModel {
  state(): PanelState;
  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void;
  readonly actions: PanelActions;
}
