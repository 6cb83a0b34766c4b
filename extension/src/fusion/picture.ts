import type { PlaneGrid } from './grid.ts';

/** What the colours of a picture mean, in the words of the reader. */
export interface Legend {
  readonly title: string;
  /** What the picture is, where it must not be mistaken: "computed, not an acquired image". */
  readonly caution?: string;
  /** CSS background of the bar, and the values at its ends. */
  readonly gradient: string;
  readonly low: string;
  readonly high: string;
}

/** A picture that is drawn over a pane. */
export interface Picture {
  readonly kind: 'picture';
  readonly legend: Legend;
  /** Other values are painted anew. */
  readonly version: string;
  /**
   * Fills the pixels, one per place of the grid, row by row; they are clear before. False where images are still missing: it is painted
   * again then.
   */
  paint(grid: PlaneGrid, pixels: Uint32Array): boolean;
}

/** Why nothing is drawn over a pane. */
export interface InWords {
  readonly kind: 'words';
  readonly text: string;
}

/** What is drawn over a pane; undefined for nothing. */
export type PaneContent = Picture | InWords | undefined;
