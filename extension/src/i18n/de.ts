/**
 * German.
 * @module
 */
import type { Words } from './en.ts';
import { fusionDe } from './fusionDe.ts';
import { noticesDe } from './noticesDe.ts';

/** "1 Befund", "2 Befunde". */
function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "02.03.2026". */
function dateText(date: string): string {
  const [year = '', month, day] = date.split('-');
  return month === undefined || day === undefined ? 'ohne Datum' : `${day}.${month}.${year}`;
}

/** "02.03.26", wo wenig Platz ist. */
function shortDate(date: string): string {
  return dateText(date).replace(/\.\d\d(?=\d\d$)/u, '.');
}

const list = (numbers: readonly number[]): string => numbers.join(', ');

const keyed: Words['keyed'] = {
  findAll: 'Alle suchen',
  next: 'Nächste Läsion',
  previous: 'Vorherige Läsion',
  accept: 'Annehmen',
  confirm: 'Bestätigen',
  resolved: 'Verschwunden',
  notEvaluable: 'Nicht beurteilbar',
  correct: 'Korrigieren',
  reject: 'Verwerfen',
  undo: 'Rückgängig',
  save: 'Speichern',
};

const standing: Words['standing'] = {
  waiting: 'nicht gesucht',
  proposed: 'vorgeschlagen',
  'proposed-resolved': 'vorgeschlagen: verschwunden',
  uncertain: 'unsicher, prüfen',
  'out-of-view': 'nicht in dieser Aufnahme',
  absent: 'nicht gefunden',
  marked: 'von Ihnen markiert',
  accepted: 'angenommen',
  corrected: 'von Ihnen korrigiert',
  resolved: 'verschwunden',
  'not-covered': 'nicht erfasst',
  'not-evaluable': 'nicht beurteilbar',
  rejected: 'verworfen',
};

const sides: Words['certainty']['sides'] = {
  superior: 'oberhalb',
  inferior: 'unterhalb',
  left: 'links',
  right: 'rechts',
  anterior: 'vor',
  posterior: 'hinter',
};

const roles: Words['roles'] = {
  target: 'Ziel',
  'non-target': 'Nicht-Ziel',
  new: 'Neu',
  'not-followed': 'Nicht verfolgt',
};

const timePoints: Words['timePoints'] = {
  title: 'Zeitpunkte',
  current: 'aktuell',
  findings: (count) => counted(count, 'Befund', 'Befunde'),
  coverage: (percent) => `erfasst ${percent} %`,
  coverageUnknown: 'Abdeckung nicht bekannt',
  isShown: 'auf dem Bildschirm',
  show: (date) => `${date} zeigen`,
  seriesOf: (date) => `Serien vom ${date}`,
  close: 'Schließen',
  noSeries: 'Diese Studie hat keine Serie, die verglichen werden kann.',
  working: 'wird ausgewertet',
  ready: 'bereit',
  failed: 'Auswertung fehlgeschlagen',
  idle: 'noch nicht ausgewertet',
  compare: 'Aktuelle und Voruntersuchung nebeneinander',
};

const review: Words['review'] = {
  carryOver: (date, count) => `Voruntersuchung vom ${date}: ${counted(count, 'Befund', 'Befunde')}.`,
  progress: 'Fortschritt',
  decided: (decided, total) => `${decided} von ${total}`,
  decidedLong: (decided, total) => `${decided} von ${counted(total, 'Läsion', 'Läsionen')} entschieden`,
  lesions: 'Läsionen',
  lesionsOf: (date) => `Läsionen, ${date}`,
  list: 'Liste',
  table: 'Tabelle',
  view: 'Ansicht',
  empty:
    'Wählen Sie „Find matching point“ in der Werkzeugleiste und klicken Sie auf eine Läsion. Derselbe Punkt wird in jeder anderen Aufnahme auf dem Bildschirm gezeigt.',
  columnLesion: 'Läsion',
  columnRadius: '± mm',
  columnSize: 'mm',
  columnChange: 'Δ %',
  label: 'Name',
  role: 'Rolle',
  saved: 'im PACS',
  placing: 'Klicken Sie im Bild auf die richtige Stelle, oder drücken Sie Escape.',
  stopPlacing: 'Abbrechen',
  place: 'Hier markieren',
  goTo: 'Hingehen',
  show: 'Zeigen',
  about: (what, label, date) => `${what}: ${label}, ${date}`,
  remove: 'Von der Liste nehmen',
  decisions: 'Entscheidung',
  acceptResolved: 'Annehmen: verschwunden',
  confirmResolved: 'Bestätigen: verschwunden',
  acceptOutOfView: 'Annehmen: nicht in dieser Aufnahme',
};

const certainty: Words['certainty'] = {
  radius: (mm) => `± ${mm} mm`,
  radiusHelp: 'Die wahre Stelle liegt mit 90 % Wahrscheinlichkeit innerhalb dieses Abstands.',
  uncertain: (radius) => `${radius}: genau ansehen, dann bestätigen.`,
  outOfView: (where) =>
    where.length === 0 ? '' : `Die Stelle liegt außerhalb des Bildfelds (${where.join(', ')}).`,
  absent: 'Genau ansehen, dann bestätigen.',
  sides,
  why: 'Warum?',
  similarity: 'Ähnlichkeit',
  similarityHelp: 'Wie ähnlich die beiden Stellen aussehen, von -1 bis 1.',
  cycle: 'Zyklusfehler',
  cycleHelp: 'Abstand der gesuchten Stelle von der, zu der die gefundene zurückgeführt wird.',
  step: 'Schritt',
  method: 'Verfahren',
  model: 'Modell',
  from: 'Gesucht von',
  beforeCorrection: 'Von der vorgeschlagenen Stelle:',
};

const size: Words['size'] = {
  mm: (mm) => `${mm} mm`,
  about: (mm) => `etwa ${mm} mm`,
  larger: (now, was) => `größer: etwa ${now} mm, war ${was} mm`,
  smaller: (now, was) => `kleiner: etwa ${now} mm, war ${was} mm`,
  unchanged: (now) => `Größe unverändert: etwa ${now} mm`,
  gone: (was) => `in dieser Aufnahme nicht mehr zu sehen: war etwa ${was} mm`,
  appeared: (now) => `in der Voruntersuchung nicht zu sehen: jetzt etwa ${now} mm`,
  help: 'Durchmesser einer gleich großen Kugel, in den Bildern bei 2 mm gemessen: an den Bildern zu prüfen.',
  grown: (percent) => `${percent} % größer`,
  shrunk: (percent) => `${percent} % kleiner`,
  same: 'gleich groß',
  axes: (long, short) => (short === undefined ? `${long} mm` : `${long} × ${short} mm`),
};

const messages: Words['messages'] = {
  title: 'Meldungen',
  about: (subject, message) => `${subject}: ${message}`,
  dismiss: 'Schließen',
  dismissAbout: (subject) => `Meldung zu ${subject} schließen`,
  series: 'Zu den Serien',
  searches: 'Suchen',
  cancel: 'Abbrechen',
  cancelSearch: (label) => `Suche nach ${label} abbrechen`,
  progressOf: (label) => `Fortschritt von ${label}`,
  preview: (radius) => `Vorschau gezeigt, ${radius}. Die genaue Stelle folgt.`,
};

const table: Words['table'] = {
  title: 'Tabelle der Läsionen',
  aid: 'Eine Hilfe, zu prüfen. RECIST 1.1: Ob Nicht-Zielläsionen fortschreiten, beurteilen Sie.',
  empty: 'Noch wird keine Läsion verfolgt.',
  lesion: 'Läsion',
  sum: 'Summe der Zielläsionen, mm',
  fromBaseline: 'Zur Baseline, %',
  fromNadir: 'Zum Nadir, %',
  response: 'Ansprechen',
  baseline: 'Baseline',
  shortBaseline: 'BL',
  none: '–',
  undecided: 'nicht entschieden',
  node: 'kurze Achse',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Der Browser hat das Kopieren verweigert.',
  download: 'CSV',
  downloadLong: 'Als CSV herunterladen',
  fileName: 'laesionen.csv',
  warnings: 'Zu prüfen',
  responses: {
    CR: 'komplettes Ansprechen',
    PR: 'partielles Ansprechen',
    SD: 'stabile Erkrankung',
    PD: 'progrediente Erkrankung',
    NE: 'nicht beurteilbar',
    'non-CR/non-PD': 'weder komplettes Ansprechen noch Progress',
  },
  statuses: {
    present: 'vorhanden',
    resolved: 'verschwunden',
    'not-covered': 'nicht erfasst',
    'not-evaluable': 'nicht beurteilbar',
  },
  shortStatuses: {
    present: '?',
    resolved: 'weg',
    'not-covered': 'n. erf.',
    'not-evaluable': 'NE',
  },
  tooManyTargets: (count, max) => `${count} Zielläsionen; RECIST 1.1 erlaubt ${max}.`,
  tooManyInOrgan: (organ, count, max) =>
    `${organ}: ${count} Zielläsionen; RECIST 1.1 erlaubt ${max} je Organ.`,
  tooSmall: (numbers) =>
    `Bei der Baseline zu klein für eine Zielläsion (10 mm; Lymphknoten 15 mm kurze Achse): ${list(numbers)}.`,
  undecidedCount: (count) =>
    count === 1
      ? '1 Vorschlag zählt erst, wenn Sie ihn annehmen.'
      : `${count} Vorschläge zählen erst, wenn Sie sie annehmen.`,
  noBaseline: 'Keine Baseline: Kein Zeitpunkt hat eine Größe jeder Zielläsion.',
  laterBaseline: (date, numbers) =>
    `Baseline ist der ${date}, der erste mit einer Größe jeder Zielläsion. Früheren fehlt ${list(numbers)}.`,
  newAtBaseline: (numbers) => `Neu genannt, aber bei der Baseline vorhanden: ${list(numbers)}.`,
  chart: 'Durchmesser im Verlauf',
  chartSum: 'Summe der Zielläsionen',
  chartPoint: (name, values) => `${name}: ${values}.`,
};

const onboarding: Words['onboarding'] = {
  title: 'Drei Schritte',
  step: (step, of) => `Schritt ${step} von ${of}`,
  steps: [
    {
      title: 'Suchen',
      text: 'Drücken Sie „Alle suchen“ für die Befunde der Voruntersuchung, oder wählen Sie „Find matching point“ in der Werkzeugleiste und klicken Sie auf eine Läsion.',
    },
    {
      title: 'Prüfen',
      text: 'Gehen Sie von Läsion zu Läsion. Nehmen Sie an, was stimmt; sehen Sie Unsicheres genau an, und bestätigen, korrigieren oder verwerfen Sie es. Jeder Knopf nennt seine Taste.',
    },
    {
      title: 'Speichern',
      text: 'Speichern schreibt das Angenommene in das PACS, als strukturierten Befund je Studie. Die Tabelle zeigt Größen und ihre Änderung.',
    },
  ],
  next: 'Weiter',
  back: 'Zurück',
  done: 'Verstanden',
  skip: 'Überspringen',
  open: 'So geht es',
};

const footer: Words['footer'] = {
  save: (count) => (count === 0 ? 'Im PACS speichern' : `Im PACS speichern (${count})`),
  saving: 'Wird im PACS gespeichert …',
  unsaved: (count) => `${counted(count, 'Beobachtung ist', 'Beobachtungen sind')} noch nicht gespeichert`,
  undo: 'Rückgängig',
  disclaimer: 'Forschungssoftware, kein Medizinprodukt',
};

const linked: Words['linked'] = {
  link: 'Aufnahmen koppeln',
  linkHelp: (key) => `Eine Aufnahme blättern: die anderen folgen zur gleichen Anatomie (${key})`,
  cursor: 'Mitlaufender Zeiger',
  cursorHelp: (key) => `Der Ort der Maus in allen anderen Aufnahmen (${key})`,
  on: 'Gekoppelt',
  onWithView: 'Gekoppelt, auch Ausschnitt und Vergrößerung',
  within: (radius) => `Gekoppelt ${radius}`,
  onlyScan: 'Nicht gekoppelt: keine andere Aufnahme auf dem Bildschirm',
  working: 'Die Aufnahmen werden verglichen …',
  workingAt: (percent) => `Die Aufnahmen werden verglichen … ${percent} %`,
  off: (why) => `Nicht gekoppelt: ${why}`,
  reasons: {
    outside: 'diese Höhe ist nicht in dieser Aufnahme',
    'other-patient': 'anderer Patient',
    'not-comparable': 'diese Bilder können nicht verglichen werden',
    'no-overlap': 'die Aufnahmen haben keine Region gemeinsam',
    'different-region': 'andere Körperregion',
    mirrored: 'links und rechts stimmen in den Aufnahmen nicht überein',
    unsure: 'die Aufnahmen ließen sich nicht zuverlässig aufeinander abbilden',
  },
};

export const de: Words = {
  language: 'de',
  decimal: ',',
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
  fusion: fusionDe,
  notices: noticesDe,
};
