/**
 * English: what is said outside of the panel's own parts, in messages, on the images and in the viewer's own menus.
 * @module
 */

const AGAIN = 'Try again in a minute. If the message stays, inform your administrator.';
const INFORM = 'Inform your administrator; the details are in the tooltip of this message.';

/** The server's errors for a reader, by code, or by the module that they come from. */
const server = {
  outsideVolume: { message: 'This place is outside the image.', remedy: 'Click inside the image.' },
  outsideBody: { message: 'This place is outside the body.', remedy: 'Click inside the body.' },
  unauthorized: {
    message: 'The PACS did not accept your login for these images.',
    remedy: 'Log in again, or request access to this study.',
  },
  loginRefused: {
    message: 'Your login has expired, or is not accepted.',
    remedy: 'Reload the page to log in again. What is not saved stays in the list.',
  },
  roleMissing: {
    message: 'Your login does not allow you to do this.',
    remedy:
      'Request the right to read, or to save, from your administrator. What is not saved stays in the list.',
  },
  loginUnverified: { message: 'Logins cannot be verified at the moment.', remedy: AGAIN },
  forbidden: {
    message: 'The PACS does not allow you to see these images, or to store a report with them.',
    remedy: 'Request access from the administrator of the PACS.',
  },
  notThere: {
    message: 'The PACS does not have these images any more, or does not show them to you.',
    remedy: 'Reload the study list.',
  },
  noAnswer: { message: 'The PACS does not answer, or answers too slowly.', remedy: AGAIN },
  nearline: {
    message: 'The PACS has to fetch these images from its archive first.',
    remedy: 'Try again in some minutes.',
  },
  truncated: { message: 'The PACS stopped before all images were there.', remedy: AGAIN },
  tooLarge: {
    message: 'The series is too large for the Samepoint server.',
    remedy: 'Choose a series with thicker slices.',
  },
  storeRefused: {
    message: 'The PACS did not store the report, or did not say that it did.',
    remedy: 'The lesions stay in the list. Inform the administrator of the PACS.',
  },
  differentPatients: {
    message: 'The series belong to different patients.',
    remedy: 'Compare studies of one patient only.',
  },
  dicomweb: { message: 'The PACS gave an answer that Samepoint cannot use.', remedy: INFORM },
  volume: {
    message: 'The images of this series cannot be compared.',
    remedy: 'Choose another series of the study.',
  },
  embedding: { message: 'The images could not be analysed.', remedy: INFORM },
  matching: { message: 'The point could not be looked for.', remedy: INFORM },
  report: { message: 'The report could not be made or read.', remedy: INFORM },
  application: { message: 'Samepoint could not do this with these studies.', remedy: INFORM },
  unknown: { message: 'The Samepoint server could not do this.', remedy: INFORM },
};

/** What a message is about. */
const subjects = {
  settings: 'Settings in app-config.js',
  earlierScans: 'Earlier scans',
  earlierReports: 'Earlier reports',
  findingsOf: (scan: string) => `Findings of the ${scan}`,
  someFindings: (count: number, total: number) => `${count} of ${total} findings`,
  saving: (scan: string) => `Saving the ${scan}`,
  showingReport: 'Showing the saved report',
  show: (scan: string) => `Show the ${scan}`,
  toolbar: 'Toolbar and panel',
  labelIn: (label: string, scan: string) => `${label} in ${scan}`,
};

/** "CT of 2024-03-01". */
const scan = {
  of: (modality: string, date: string) =>
    `${modality === '' ? 'scan' : modality} of ${date === '' ? 'unknown date' : date}`,
  unknown: 'a scan',
  list: (scans: readonly string[]) => scans.join(' and the '),
};

const buttons = {
  compare: 'Show the prior beside it',
  retry: 'Try again',
  show: (name: string) => `Show the ${name}`,
};

const progress = {
  sending: 'Sending the request to the Samepoint server',
  waiting: 'Waiting for the server',
  fetch: 'Reading the images from the PACS',
  embed: 'Analysing the images',
  match: 'Looking for the point',
  working: 'Working',
  once: (text: string) => `${text} (once per series, later clicks are quick)`,
};

/** Message and remedy. */
type Said = readonly [message: string, remedy: string];

const failures = {
  cancelled: ['The search was cancelled.', 'Click again to start it anew.'],
  stopped: ['The Samepoint server stopped the search.', 'Click again to start it anew.'],
  unreachable: [
    'The Samepoint server does not answer.',
    'Check the network and try again. If the message stays, let your administrator check that the Samepoint server runs.',
  ],
  unauthorized: [
    'The PACS did not accept your login for these images.',
    'Log in again, or request access to this study. What is not saved stays in the list.',
  ],
  unexpectedAnswer: [
    'The Samepoint server gave an answer that the viewer cannot read.',
    'Contact your administrator to check the address of the Samepoint server and the proxy in front of it.',
  ],
  unexpected: [
    'Something went wrong inside the Samepoint extension.',
    'Try again. If it happens again, report it with the steps that led to it.',
  ],
  noPlace: ['The lesion has no place in this scan.', 'Mark it by a click.'],
  noObservation: ['The current scan has no observation of it yet.', 'Find it first, or mark it by a click.'],
  localizer: [
    'This is a localizer, or has too few slices to be compared.',
    'Click in the slices of the scan.',
  ],
  outsideImage: ['This place is outside the image.', 'Click inside the image.'],
  notLoaded: ['The viewer did not load the study.', 'Open it from the study list.'],
  clickIsGone: ['The image that was clicked is not on the screen any more.', 'Show it again and click anew.'],
  unmovable: ['This kind of viewport cannot be moved to a point.', 'Show the series as a stack or in MPR.'],
  reportChanged: [
    'Somebody else has saved a report of this study meanwhile. It is on the list now; your decisions are kept.',
    'Look at the list and save again.',
  ],
  noModel: [
    'The Samepoint server has no model to compare images with.',
    'Contact your administrator to check the models of the Samepoint server.',
  ],
} satisfies Readonly<Record<string, Said>>;

const by = (key: string | undefined): string => (key === undefined ? '' : ` (${key})`);

/** The same, of something that has to be named. */
const failuresOf = {
  notShown: (scans: string): Said => [
    `The screen does not show the ${scans}.`,
    'Choose the scan in the list of scans to see it.',
  ],
  uncertain: (confirm: string | undefined, correct: string | undefined): Said => [
    'This place is uncertain.',
    `Look closely, then confirm${by(confirm)} or correct${by(correct)} it.`,
  ],
  placeFirst: (correct: string | undefined): Said => [
    'There is no place in this scan to say that of.',
    `Mark the place first${by(correct)}.`,
  ],
  wrongSeries: (name: string): Said => [
    'This click is in another scan than the point that is being placed.',
    `Click in the ${name}, or press Escape.`,
  ],
  modality: (readable: string, modality: string): Said => [
    `Samepoint compares ${readable} images; this image is ${modality === '' ? 'of another kind' : modality}.`,
    `Click in a ${readable} image.`,
  ],
  nothingToCompare: (readable: string): Said => [
    `The lesion is on the list. There is no other ${readable} scan of this patient to compare with.`,
    'Open the prior from the study list, if there is one.',
  ],
  unknownModel: (model: string): Said => [
    `The Samepoint server does not have the model "${model}" that the settings of this viewer name.`,
    'Contact your administrator to correct the setting "model" in app-config.js.',
  ],
  foundAlso: (scans: readonly string[]): Said => [
    `Found also in the ${scans.join(', the ')}, which the screen does not show.`,
    'Choose the scan in the list of scans to see it.',
  ],
  restored: (when: Date): Said => [
    `Unsaved work of ${when.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })} restored.`,
    'Check it and save it.',
  ],
};

const remarks = {
  defaultUsed: 'The default is used. Contact your administrator to correct it.',
  openMissing: 'Open what is missing from the study list.',
  lookAtReport: 'Look at the report itself for what is missing here.',
  notStarted: (reason: string) => `Samepoint could not start in this viewer: ${reason}`,
  unsaved: (count: number) => open(count, 'not saved to the PACS'),
  undecided: (count: number) => open(count, 'not decided on'),
  openAgain: (parts: readonly string[]) => `${parts.join(', ')}. Open the study again to finish.`,
};

function open(count: number, what: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 observation is ${what}` : `${count} observations are ${what}`;
}

const series = {
  images: (count: number) => (count === 1 ? '1 image' : `${count} images`),
  notCompared: (modality: string) => `${modality === '' ? 'This kind of image' : modality} is not compared`,
  tooFew: 'A localizer, or too few slices',
};

/** Beside a mark, short: it covers the image. */
const marks = {
  move: 'click the right place (Esc ends)',
  nothingSeen: 'nothing seen here, check',
  resolved: 'resolved',
  notEvaluable: 'not evaluable',
  byHand: 'set by hand',
  check: (text: string) => `${text}, check`,
  uncertain: (text: string) => `${text}, uncertain — check`,
  notInScan: 'not in this scan',
  liesOutside: (where: readonly string[]) =>
    `not in this scan: lies ${where.join(' and ')} the field of view`,
  notFound: 'not found in this scan — check',
  searching: 'searching …',
  preview: (radius: string) => `preview, ${radius}`,
  at: (number: number, total: number) => `${number} of ${total}`,
};

/** In the viewer's toolbar, and in its list of hotkeys. */
const tool = {
  label: 'Find matching point',
  tooltip: 'Click a lesion: the same point is shown in every other scan of the patient',
  hotkeys: {
    findAll: 'Find the findings of the prior',
    next: 'Next lesion',
    previous: 'Previous lesion',
    accept: 'Accept and go on',
    confirm: 'Confirm an uncertain place',
    resolved: 'Resolved: nothing there any more',
    notEvaluable: 'Not evaluable',
    correct: 'Mark the right place',
    reject: 'Reject',
    undo: 'Undo the last decision',
    save: 'Save to the PACS',
    toggleLink: 'Link scans on or off',
    toggleLinkedView: 'Link pan and zoom too',
    toggleLiveCursor: 'Live cursor on or off',
    toggleSimilarity: 'Similarity map of the selected lesion on or off',
    toggleDifference: 'Subtract the prior, or no longer',
    toggleWarped: 'Prior in the place of the current scan on or off',
  },
};

export const noticesEn = {
  server, subjects, scan, buttons, progress, failures, failuresOf, remarks, series, marks, tool,
}; // prettier-ignore

/** What is said in a language. */
export type Notices = typeof noticesEn;
