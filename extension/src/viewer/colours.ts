import type { MarkerState } from './marker.ts';

/**
 * Colours of the states, on the images and in the list: bright enough on grey tissue, and apart for readers with a colour
 * vision deficiency (after Okabe and Ito, 2008). Colour is never the only sign of the state.
 */
export const STATE_COLOURS: Readonly<Record<MarkerState, string>> = {
  searching: 'rgb(240, 170, 20)',
  proposed: 'rgb(240, 228, 66)',
  accepted: 'rgb(40, 235, 170)',
  corrected: 'rgb(105, 195, 250)',
  rejected: 'rgb(190, 190, 190)',
};

/** The live cursor: apart from the states, because it is none. */
export const CURSOR_COLOUR = 'rgb(255, 130, 215)';
/** Of the diameters of the prior: of no state. */
export const GHOST_COLOUR = 'rgb(235, 235, 235)';

/** Around every line of a marker: without it a bright line cannot be seen on bone, where the image is white. */
export const HALO_COLOUR = 'rgb(8, 10, 14)';

/** Under the label of a marker. */
export const LABEL_BACKGROUND = 'rgba(8, 10, 14, 0.85)';
