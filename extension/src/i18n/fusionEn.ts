/** What is said over the images where something is drawn on them that was computed. */
export const fusionEn = {
  similarity: 'Similarity map',
  similarityHelp: (key: string) => `Where the other scans look like the selected lesion (${key})`,
  similarityTo: (lesion: string) => `Similarity to ${lesion}`,
  subtract: 'Subtract prior',
  subtractHelp: (key: string) =>
    `What has changed since the prior, in colours over the current scan (${key})`,
  warped: 'Prior in place',
  warpedHelp: (key: string) => `The prior in the place of the current scan, warped onto it (${key})`,
  change: (date: string) => `Change since ${date}`,
  warpedOf: (date: string) => `Prior of ${date}, warped onto this scan`,
  computed: 'Computed, not an acquired image',
  hatched: 'Computed, not an acquired image. Hatched: not comparable',
  hu: (value: number) => `${value > 0 ? '+' : ''}${value} HU`,
  selectLesion: 'Select a lesion first: the map shows what looks like it.',
  showPrior: 'Show the prior beside the current study first.',
  loading: 'The images of the prior are being loaded …',
  none: (why: string) => `Not computed: ${why}`,
  reasons: {
    'other-modality': 'differences are computed between CT scans only',
    unloadable: 'images of the prior could not be loaded',
    unplaced: 'this scan has no geometry',
  },
};
