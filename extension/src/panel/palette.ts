/**
 * Colours of the panel: readable on the dark background of the viewer, and apart for readers with a colour vision deficiency (after Okabe
 * and Ito, 2008). A shape or a number says the same as each colour.
 * @module
 */
import { HALO_COLOUR, STATE_COLOURS } from '../viewer/colours.ts';
import type { Standing } from './standing.ts';

const { searching: AMBER, proposed: YELLOW, accepted: GREEN, corrected: BLUE } = STATE_COLOURS;
const GREY = 'rgb(176, 184, 196)';

/** As the markers on the images, where there is one. */
export const STANDING_COLOURS: Readonly<Record<Standing, string>> = {
  waiting: GREY,
  proposed: YELLOW,
  'proposed-resolved': YELLOW,
  uncertain: AMBER,
  'out-of-view': AMBER,
  absent: AMBER,
  marked: BLUE,
  accepted: GREEN,
  corrected: BLUE,
  resolved: GREEN,
  'not-covered': GREEN,
  'not-evaluable': GREY,
  rejected: GREY,
};

/** Of the lines of the chart; each line also has the number of its lesion. */
export const LINE_COLOURS: readonly string[] = [
  'rgb(86, 180, 233)',
  'rgb(230, 159, 0)',
  'rgb(0, 190, 140)',
  'rgb(240, 228, 66)',
  'rgb(235, 130, 80)',
  'rgb(214, 140, 190)',
  'rgb(150, 160, 255)',
];

/** Under the text of a button that is filled with a bright colour. */
export const DARK = HALO_COLOUR;
export const ALERT = 'rgb(255, 122, 92)';
export const WARNING = AMBER;
