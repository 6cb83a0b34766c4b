import type { fusionEn } from './fusionEn.ts';

/** As in English. */
export const fusionDe: typeof fusionEn = {
  similarity: 'Ähnlichkeitskarte',
  similarityHelp: (key) => `Wo die anderen Aufnahmen der gewählten Läsion gleichen (${key})`,
  similarityTo: (lesion) => `Ähnlichkeit mit ${lesion}`,
  subtract: 'Voraufnahme abziehen',
  subtractHelp: (key) => `Was sich seit der Voraufnahme geändert hat, in Farben auf der aktuellen (${key})`,
  warped: 'Voraufnahme angepasst',
  warpedHelp: (key) => `Die Voraufnahme an der Stelle der aktuellen, auf sie verformt (${key})`,
  change: (date) => `Änderung seit ${date}`,
  warpedOf: (date) => `Voraufnahme vom ${date}, auf diese verformt`,
  computed: 'Berechnet, keine Aufnahme',
  hatched: 'Berechnet, keine Aufnahme. Schraffiert: nicht vergleichbar',
  hu: (value) => `${value > 0 ? '+' : ''}${value} HE`,
  selectLesion: 'Zuerst eine Läsion wählen: die Karte zeigt, was ihr gleicht.',
  showPrior: 'Zuerst die Voruntersuchung neben der aktuellen zeigen.',
  loading: 'Die Bilder der Voraufnahme werden geladen …',
  none: (why) => `Nicht berechnet: ${why}`,
  reasons: {
    'other-modality': 'Unterschiede werden nur zwischen CT-Aufnahmen berechnet',
    unloadable: 'Bilder der Voraufnahme ließen sich nicht laden',
    unplaced: 'diese Aufnahme hat keine Geometrie',
  },
};
