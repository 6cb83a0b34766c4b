/**
 * German: what is said outside of the panel's own parts.
 * @module
 */
import type { Notices } from './noticesEn.ts';

const AGAIN = 'In einer Minute erneut versuchen. Bleibt die Meldung, die Administration informieren.';
const INFORM = 'Die Administration informieren; Einzelheiten stehen im Tooltip dieser Meldung.';
const LOGIN = 'Das PACS hat die Anmeldung für diese Bilder nicht angenommen.';
const SHOW = 'Die Untersuchung in der Liste der Untersuchungen wählen, um sie zu sehen.';

const server: Notices['server'] = {
  outsideVolume: { message: 'Diese Stelle liegt außerhalb des Bildes.', remedy: 'In das Bild klicken.' },
  outsideBody: { message: 'Diese Stelle liegt außerhalb des Körpers.', remedy: 'In den Körper klicken.' },
  unauthorized: { message: LOGIN, remedy: 'Neu anmelden oder Zugriff auf die Studie beantragen.' },
  loginRefused: {
    message: 'Die Anmeldung ist abgelaufen oder wird nicht angenommen.',
    remedy: 'Die Seite neu laden, um sich neu anzumelden. Was nicht gespeichert ist, bleibt auf der Liste.',
  },
  roleMissing: {
    message: 'Die Anmeldung erlaubt das nicht.',
    remedy:
      'Das Recht zum Lesen oder zum Speichern bei der Administration beantragen. Was nicht gespeichert ist, bleibt auf der Liste.',
  },
  loginUnverified: { message: 'Anmeldungen können zurzeit nicht geprüft werden.', remedy: AGAIN },
  forbidden: {
    message: 'Das PACS erlaubt nicht, diese Bilder zu sehen oder einen Bericht dazu zu speichern.',
    remedy: 'Zugriff bei der Administration des PACS beantragen.',
  },
  notThere: {
    message: 'Das PACS hat diese Bilder nicht mehr oder zeigt sie nicht.',
    remedy: 'Die Studienliste neu laden.',
  },
  noAnswer: { message: 'Das PACS antwortet nicht oder zu langsam.', remedy: AGAIN },
  nearline: {
    message: 'Das PACS muss diese Bilder erst aus dem Archiv holen.',
    remedy: 'In einigen Minuten erneut versuchen.',
  },
  truncated: { message: 'Das PACS hat aufgehört, bevor alle Bilder da waren.', remedy: AGAIN },
  tooLarge: {
    message: 'Die Serie ist zu groß für den Samepoint-Server.',
    remedy: 'Eine Serie mit dickeren Schichten wählen.',
  },
  storeRefused: {
    message: 'Das PACS hat den Bericht nicht gespeichert oder es nicht bestätigt.',
    remedy: 'Die Läsionen bleiben auf der Liste. Die Administration des PACS informieren.',
  },
  differentPatients: {
    message: 'Die Serien gehören zu verschiedenen Patienten.',
    remedy: 'Nur Studien eines Patienten vergleichen.',
  },
  dicomweb: { message: 'Samepoint kann die Antwort des PACS nicht verwenden.', remedy: INFORM },
  volume: {
    message: 'Die Bilder dieser Serie können nicht verglichen werden.',
    remedy: 'Eine andere Serie der Studie wählen.',
  },
  embedding: { message: 'Die Bilder konnten nicht analysiert werden.', remedy: INFORM },
  matching: { message: 'Die Stelle konnte nicht gesucht werden.', remedy: INFORM },
  report: { message: 'Der Bericht konnte nicht erstellt oder gelesen werden.', remedy: INFORM },
  application: { message: 'Samepoint konnte das mit diesen Studien nicht tun.', remedy: INFORM },
  unknown: { message: 'Der Samepoint-Server konnte das nicht tun.', remedy: INFORM },
};

const subjects: Notices['subjects'] = {
  settings: 'Einstellungen in app-config.js',
  earlierScans: 'Frühere Untersuchungen',
  earlierReports: 'Frühere Berichte',
  findingsOf: (scan) => `Befunde: ${scan}`,
  someFindings: (count, total) => `${count} von ${total} Befunden`,
  saving: (scan) => `Speichern: ${scan}`,
  showingReport: 'Anzeige des gespeicherten Berichts',
  show: (scan) => `Zeigen: ${scan}`,
  toolbar: 'Werkzeugleiste und Seitenleiste',
  labelIn: (label, scan) => `${label}, ${scan}`,
};

const scan: Notices['scan'] = {
  of: (modality, date) =>
    `${modality === '' ? 'Untersuchung' : modality} vom ${date === '' ? 'unbekannten Datum' : date}`,
  unknown: 'eine Untersuchung',
  list: (scans) => scans.join(' und '),
};

const buttons: Notices['buttons'] = {
  compare: 'Voruntersuchung daneben zeigen',
  retry: 'Erneut versuchen',
  show: (name) => `${name} zeigen`,
};

const progress: Notices['progress'] = {
  sending: 'Anfrage an den Samepoint-Server',
  waiting: 'Warten auf den Server',
  fetch: 'Bilder werden aus dem PACS gelesen',
  embed: 'Bilder werden analysiert',
  match: 'Die Stelle wird gesucht',
  working: 'In Arbeit',
  once: (text) => `${text} (einmal je Serie, danach geht es schnell)`,
};

const failures: Notices['failures'] = {
  cancelled: ['Die Suche wurde abgebrochen.', 'Erneut klicken, um sie neu zu beginnen.'],
  stopped: ['Der Samepoint-Server hat die Suche beendet.', 'Erneut klicken, um sie neu zu beginnen.'],
  unreachable: [
    'Der Samepoint-Server antwortet nicht.',
    'Das Netz prüfen und erneut versuchen. Bleibt die Meldung, soll die Administration prüfen, ob der Samepoint-Server läuft.',
  ],
  unauthorized: [
    LOGIN,
    'Neu anmelden oder Zugriff auf die Studie beantragen. Was nicht gespeichert ist, bleibt auf der Liste.',
  ],
  unexpectedAnswer: [
    'Der Viewer kann die Antwort des Samepoint-Servers nicht lesen.',
    'Die Administration bitten, die Adresse des Samepoint-Servers und den Proxy davor zu prüfen.',
  ],
  unexpected: [
    'In der Samepoint-Erweiterung ist ein Fehler aufgetreten.',
    'Erneut versuchen. Tritt er wieder auf, ihn mit den Schritten dorthin melden.',
  ],
  noPlace: ['Die Läsion hat in dieser Untersuchung keine Stelle.', 'Die Stelle anklicken.'],
  noObservation: [
    'Für die aktuelle Untersuchung gibt es noch keine Beobachtung der Läsion.',
    'Erst suchen oder durch einen Klick markieren.',
  ],
  localizer: [
    'Das ist eine Übersichtsaufnahme, oder es sind zu wenige Schichten zum Vergleichen.',
    'In die Schichten der Untersuchung klicken.',
  ],
  outsideImage: ['Diese Stelle liegt außerhalb des Bildes.', 'In das Bild klicken.'],
  notLoaded: ['Der Viewer hat die Studie nicht geladen.', 'Sie aus der Studienliste öffnen.'],
  clickIsGone: ['Das angeklickte Bild ist nicht mehr zu sehen.', 'Es wieder zeigen und neu klicken.'],
  unmovable: [
    'Diese Ansicht kann nicht zu einer Stelle bewegt werden.',
    'Die Serie als Stapel oder in MPR zeigen.',
  ],
  reportChanged: [
    'Inzwischen hat jemand anders einen Bericht dieser Studie gespeichert. Er steht jetzt auf der Liste; die eigenen Entscheidungen bleiben.',
    'Die Liste ansehen und erneut speichern.',
  ],
  noModel: [
    'Der Samepoint-Server hat kein Modell zum Vergleichen von Bildern.',
    'Die Administration bitten, die Modelle des Samepoint-Servers zu prüfen.',
  ],
};

const by = (key: string | undefined): string => (key === undefined ? '' : ` (${key})`);

const failuresOf: Notices['failuresOf'] = {
  notShown: (scans) => [`Nicht auf dem Bildschirm: ${scans}.`, SHOW],
  uncertain: (confirm, correct) => [
    'Diese Stelle ist unsicher.',
    `Genau ansehen, dann bestätigen${by(confirm)} oder korrigieren${by(correct)}.`,
  ],
  placeFirst: (correct) => [
    'Die Läsion hat hier keine Stelle, von der das gesagt werden kann.',
    `Zuerst die Stelle markieren${by(correct)}.`,
  ],
  wrongSeries: (name) => [
    'Dieser Klick liegt in einer anderen Untersuchung als die Stelle, die gesetzt wird.',
    `In diese Untersuchung klicken: ${name}. Oder Escape drücken.`,
  ],
  modality: (readable, modality) => [
    `Samepoint vergleicht ${readable}; dieses Bild ist ${modality === '' ? 'von anderer Art' : modality}.`,
    `In ein Bild dieser Art klicken: ${readable}.`,
  ],
  nothingToCompare: (readable) => [
    `Die Läsion steht auf der Liste. Es gibt keine andere Untersuchung (${readable}) dieses Patienten zum Vergleichen.`,
    'Die Voruntersuchung aus der Studienliste öffnen, falls es eine gibt.',
  ],
  unknownModel: (model) => [
    `Der Samepoint-Server hat das Modell „${model}“ nicht, das die Einstellungen dieses Viewers nennen.`,
    'Die Administration bitten, die Einstellung „model“ in app-config.js zu berichtigen.',
  ],
  foundAlso: (scans) => [`Auch gefunden, aber nicht auf dem Bildschirm: ${scans.join(', ')}.`, SHOW],
  restored: (when) => [
    `Nicht gespeicherte Arbeit vom ${when.toLocaleString('de-DE', { dateStyle: 'medium', timeStyle: 'short' })} ist wiederhergestellt.`,
    'Prüfen und speichern.',
  ],
};

function open(count: number, what: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 Beobachtung ist ${what}` : `${count} Beobachtungen sind ${what}`;
}

const remarks: Notices['remarks'] = {
  defaultUsed: 'Der Standardwert gilt. Die Administration bitten, die Einstellung zu berichtigen.',
  openMissing: 'Was fehlt, aus der Studienliste öffnen.',
  lookAtReport: 'Im Bericht selbst nachsehen, was hier fehlt.',
  notStarted: (reason) => `Samepoint konnte in diesem Viewer nicht starten: ${reason}`,
  unsaved: (count) => open(count, 'nicht im PACS gespeichert'),
  undecided: (count) => open(count, 'nicht entschieden'),
  openAgain: (parts) => `${parts.join(', ')}. Die Studie wieder öffnen, um fortzufahren.`,
};

const series: Notices['series'] = {
  images: (count) => (count === 1 ? '1 Bild' : `${count} Bilder`),
  notCompared: (modality) => `${modality === '' ? 'Diese Art von Bild' : modality} wird nicht verglichen`,
  tooFew: 'Übersichtsaufnahme oder zu wenige Schichten',
};

const marks: Notices['marks'] = {
  move: 'richtige Stelle anklicken (Esc beendet)',
  nothingSeen: 'hier nichts zu sehen, prüfen',
  resolved: 'nicht mehr da',
  notEvaluable: 'nicht beurteilbar',
  byHand: 'von Hand gesetzt',
  check: (text) => `${text}, prüfen`,
  uncertain: (text) => `${text}, unsicher – prüfen`,
  notInScan: 'nicht in dieser Untersuchung',
  liesOutside: (where) => `nicht in dieser Untersuchung: liegt außerhalb des Bildfelds (${where.join(', ')})`,
  notFound: 'in dieser Untersuchung nicht gefunden – prüfen',
  searching: 'wird gesucht …',
  preview: (radius) => `Vorschau, ${radius}`,
  at: (number, total) => `${number} von ${total}`,
};

const tool: Notices['tool'] = {
  label: 'Gleiche Stelle suchen',
  tooltip: 'Eine Läsion anklicken: dieselbe Stelle wird in jeder anderen Untersuchung des Patienten gezeigt',
  hotkeys: {
    findAll: 'Befunde der Voruntersuchung suchen',
    next: 'Nächste Läsion',
    previous: 'Vorherige Läsion',
    accept: 'Annehmen und weiter',
    confirm: 'Unsichere Stelle bestätigen',
    resolved: 'Nicht mehr da',
    notEvaluable: 'Nicht beurteilbar',
    correct: 'Richtige Stelle markieren',
    reject: 'Ablehnen',
    undo: 'Letzte Entscheidung rückgängig machen',
    save: 'Im PACS speichern',
    toggleLink: 'Scans verknüpfen oder trennen',
    toggleLinkedView: 'Auch Verschieben und Zoom verknüpfen',
    toggleLiveCursor: 'Mitlaufenden Cursor ein- oder ausschalten',
    toggleSimilarity: 'Ähnlichkeitskarte der gewählten Läsion ein- oder ausschalten',
    toggleDifference: 'Voraufnahme abziehen oder nicht mehr',
    toggleWarped: 'Voraufnahme an der Stelle der aktuellen ein- oder ausschalten',
  },
};

export const noticesDe: Notices = {
  server, subjects, scan, buttons, progress, failures, failuresOf, remarks, series, marks, tool,
}; // prettier-ignore
