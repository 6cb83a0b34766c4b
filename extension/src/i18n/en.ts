/**
 * English.
 * @module
 */

import { fusionEn } from './fusionEn.ts';
import { noticesEn } from './noticesEn.ts';

/** "1 finding", "2 findings". */
function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "02-Mar-2026", as the viewer writes it. */
function dateText(date: string): string {
  const [year, month, day] = date.split('-');
  const name = MONTHS[Number(month) - 1];
  return name === undefined ? 'no date' : `${day ?? ''}-${name}-${year ?? ''}`;
}

/** "02-Mar-26", where there is little space. */
function shortDate(date: string): string {
  return dateText(date).replace(/-\d\d(?=\d\d$)/u, '-');
}

const list = (numbers: readonly number[]): string => numbers.join(', ');

const keyed = {
  findAll: 'Find all',
  next: 'Next lesion',
  previous: 'Previous lesion',
  accept: 'Accept',
  confirm: 'Confirm',
  resolved: 'Resolved',
  notEvaluable: 'Not evaluable',
  correct: 'Correct',
  reject: 'Reject',
  undo: 'Undo',
  save: 'Save',
};

const standing = {
  waiting: 'not looked for',
  proposed: 'proposed',
  'proposed-resolved': 'proposed: resolved',
  uncertain: 'uncertain, check',
  'out-of-view': 'not in this scan',
  absent: 'not found',
  marked: 'marked by you',
  accepted: 'accepted',
  corrected: 'corrected by you',
  resolved: 'resolved',
  'not-covered': 'not covered',
  'not-evaluable': 'not evaluable',
  rejected: 'rejected',
};

const sides = {
  superior: 'above',
  inferior: 'below',
  left: 'left of',
  right: 'right of',
  anterior: 'in front of',
  posterior: 'behind',
};

const roles = {
  target: 'Target',
  'non-target': 'Non-target',
  new: 'New',
  'not-followed': 'Not followed',
};

const timePoints = {
  title: 'Time points',
  current: 'current',
  findings: (count: number) => counted(count, 'finding', 'findings'),
  coverage: (percent: number) => `covers ${percent} %`,
  coverageUnknown: 'coverage not known',
  isShown: 'on the screen',
  show: (date: string) => `Show ${date}`,
  seriesOf: (date: string) => `Series of ${date}`,
  close: 'Close',
  noSeries: 'This study has no series that can be compared.',
  working: 'being analysed',
  ready: 'ready',
  failed: 'analysis failed',
  idle: 'not analysed yet',
  compare: 'Current and prior side by side',
};

const review = {
  carryOver: (date: string, count: number) => `Prior of ${date}: ${counted(count, 'finding', 'findings')}.`,
  progress: 'Progress',
  decided: (decided: number, total: number) => `${decided} of ${total}`,
  decidedLong: (decided: number, total: number) =>
    `${decided} of ${counted(total, 'lesion', 'lesions')} decided`,
  lesions: 'Lesions',
  lesionsOf: (date: string) => `Lesions, ${date}`,
  list: 'List',
  table: 'Table',
  view: 'View',
  empty:
    'Choose “Find matching point” in the toolbar and click on a lesion. The same point is shown in every other scan on the screen.',
  columnLesion: 'Lesion',
  columnRadius: '± mm',
  columnSize: 'mm',
  columnChange: 'Δ %',
  label: 'Name',
  role: 'Role',
  saved: 'in the PACS',
  placing: 'Click the right place on the image, or press Escape.',
  stopPlacing: 'Cancel',
  place: 'Mark here',
  goTo: 'Go to',
  show: 'Show',
  about: (what: string, label: string, date: string) => `${what}: ${label}, ${date}`,
  remove: 'Remove from the list',
  decisions: 'Decision',
  acceptResolved: 'Accept: resolved',
  confirmResolved: 'Confirm: resolved',
  acceptOutOfView: 'Accept: not in this scan',
};

const certainty = {
  radius: (mm: number) => `± ${mm} mm`,
  radiusHelp: 'The true place lies within this distance with 90 % probability.',
  uncertain: (radius: string) => `${radius}: look closely, then confirm.`,
  outOfView: (where: readonly string[]) =>
    where.length === 0 ? '' : `It lies ${where.join(' and ')} the field of view.`,
  absent: 'Look closely, then confirm.',
  sides,
  why: 'Why?',
  similarity: 'Similarity',
  similarityHelp: 'How alike the two places look, from -1 to 1.',
  cycle: 'Cycle error',
  cycleHelp: 'Distance from the place that was looked for to where the found one is matched backward.',
  step: 'Step',
  method: 'Method',
  model: 'Model',
  from: 'Looked for from',
  beforeCorrection: 'Of the place that was proposed:',
};

const size = {
  mm: (mm: string) => `${mm} mm`,
  about: (mm: number) => `about ${mm} mm`,
  larger: (now: number, was: number) => `larger: about ${now} mm, was ${was} mm`,
  smaller: (now: number, was: number) => `smaller: about ${now} mm, was ${was} mm`,
  unchanged: (now: number) => `size unchanged: about ${now} mm`,
  gone: (was: number) => `no longer seen in this scan: was about ${was} mm`,
  appeared: (now: number) => `not seen in the prior: now about ${now} mm`,
  help: 'The diameter of a sphere of the same size, measured in the images at 2 mm: to be checked on the images.',
  grown: (percent: number) => `${percent} % larger`,
  shrunk: (percent: number) => `${percent} % smaller`,
  same: 'same size',
  axes: (long: string, short: string | undefined) =>
    short === undefined ? `${long} mm` : `${long} × ${short} mm`,
};

const messages = {
  title: 'Messages',
  about: (subject: string, message: string) => `${subject}: ${message}`,
  dismiss: 'Dismiss',
  dismissAbout: (subject: string) => `Dismiss the message about ${subject}`,
  series: 'About the series',
  searches: 'Searches',
  cancel: 'Cancel',
  cancelSearch: (label: string) => `Cancel the search for ${label}`,
  progressOf: (label: string) => `Progress of ${label}`,
  preview: (radius: string) => `Preview shown, ${radius}. The exact place follows.`,
};

const table = {
  title: 'Table of lesions',
  aid: 'An aid, to be checked. RECIST 1.1: progression of non-target lesions is yours to judge.',
  empty: 'No lesion is followed yet.',
  lesion: 'Lesion',
  sum: 'Sum of targets, mm',
  fromBaseline: 'From baseline, %',
  fromNadir: 'From nadir, %',
  response: 'Response',
  baseline: 'Baseline',
  shortBaseline: 'BL',
  none: '–',
  undecided: 'not decided on',
  node: 'short axis',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser refused to copy.',
  download: 'CSV',
  downloadLong: 'Download as CSV',
  fileName: 'lesions.csv',
  warnings: 'To be checked',
  responses: {
    CR: 'complete response',
    PR: 'partial response',
    SD: 'stable disease',
    PD: 'progressive disease',
    NE: 'not evaluable',
    'non-CR/non-PD': 'neither complete response nor progressive disease',
  },
  statuses: {
    present: 'present',
    resolved: 'resolved',
    'not-covered': 'not covered',
    'not-evaluable': 'not evaluable',
  },
  /** In the cells of the table. */
  shortStatuses: {
    present: '?',
    resolved: 'gone',
    'not-covered': 'n/c',
    'not-evaluable': 'NE',
  },
  tooManyTargets: (count: number, max: number) => `${count} targets; RECIST 1.1 allows ${max}.`,
  tooManyInOrgan: (organ: string, count: number, max: number) =>
    `${organ}: ${count} targets; RECIST 1.1 allows ${max} per organ.`,
  tooSmall: (numbers: readonly number[]) =>
    `Too small for a target at the baseline (10 mm; lymph node 15 mm short axis): ${list(numbers)}.`,
  undecidedCount: (count: number) =>
    `${counted(count, 'proposal does', 'proposals do')} not count before you accept ${count === 1 ? 'it' : 'them'}.`,
  noBaseline: 'No baseline: no time point has a size of every target.',
  laterBaseline: (date: string, numbers: readonly number[]) =>
    `Baseline is ${date}, the first with a size of every target. Earlier ones lack ${list(numbers)}.`,
  newAtBaseline: (numbers: readonly number[]) => `Called new, but present at the baseline: ${list(numbers)}.`,
  chart: 'Diameters over time',
  chartSum: 'Sum of targets',
  chartPoint: (name: string, values: string) => `${name}: ${values}.`,
};

const onboarding = {
  title: 'Three steps',
  step: (step: number, of: number) => `Step ${step} of ${of}`,
  steps: [
    {
      title: 'Find',
      text: 'Press “Find all” for the findings of the prior, or choose “Find matching point” in the toolbar and click on a lesion.',
    },
    {
      title: 'Review',
      text: 'Go from lesion to lesion. Accept what fits; look closely at what is uncertain and confirm, correct or reject it. Every button names its key.',
    },
    {
      title: 'Save',
      text: 'Save writes what you have accepted to the PACS, as a structured report for each study. The table shows sizes and their change.',
    },
  ],
  next: 'Next',
  back: 'Back',
  done: 'Got it',
  skip: 'Skip',
  open: 'How it works',
};

const footer = {
  save: (count: number) => (count === 0 ? 'Save to PACS' : `Save to PACS (${count})`),
  saving: 'Saving to the PACS …',
  unsaved: (count: number) => `${counted(count, 'observation is', 'observations are')} not saved yet`,
  undo: 'Undo',
  disclaimer: 'Research software, not a medical device',
};

const linked = {
  link: 'Link scans',
  linkHelp: (key: string) => `Scroll one scan: the others follow to the same anatomy (${key})`,
  cursor: 'Live cursor',
  cursorHelp: (key: string) => `The place of the mouse in all other scans (${key})`,
  on: 'Linked',
  onWithView: 'Linked, pan and zoom too',
  within: (radius: string) => `Linked ${radius}`,
  onlyScan: 'Not linked: no other scan on the screen',
  working: 'Comparing the scans …',
  workingAt: (percent: number) => `Comparing the scans … ${percent} %`,
  off: (why: string) => `Not linked: ${why}`,
  reasons: {
    outside: 'this level is not in this scan',
    'other-patient': 'another patient',
    'not-comparable': 'these images cannot be compared',
    'no-overlap': 'the scans have no region in common',
    'different-region': 'another region of the body',
    mirrored: 'left and right do not agree in the two scans',
    unsure: 'the scans could not be aligned reliably',
  },
};

export const en = {
  language: 'en',
  /** The mark before decimals. */
  decimal: '.' as '.' | ',',
  dateText,
  shortDate,
  keyed,
  standing,
  roles,
  timePoints,
  review,
  certainty,
  size,
  messages,
  table,
  onboarding,
  footer,
  linked,
  fusion: fusionEn,
  notices: noticesEn,
};

/** The words of a language: those of English, said otherwise. */
export type Words = typeof en;
