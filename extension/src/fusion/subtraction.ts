/**
 * What has changed since the prior: computed here, from the map of the two scans and the images that the viewer has loaded. Nothing of it
 * is stored.
 * @module
 */
import type { Words } from '../i18n/words.ts';
import { isSameSpace, refOf, standingOf } from '../linked/standing.ts';
import type { StandingContext } from '../linked/standing.ts';
import type { SeriesPair } from '../linked/fieldStore.ts';
import type { Lattice } from '../linked/field.ts';
import { panesOf } from '../linked/panes.ts';
import type { Pane } from '../linked/panes.ts';
import { standingText } from '../linked/wording.ts';
import type { Viewport } from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import { differenceIn } from './difference.ts';
import type { Difference } from './difference.ts';
import type { PlaneGrid } from './grid.ts';
import { CHANGE, CLEAR, GREY, NO_IMAGE, pixelOf, shadeOf } from './palette.ts';
import type { InWords, Legend, PaneContent } from './picture.ts';
import { placeOf } from './planeMap.ts';
import type { SeriesImages } from './seriesImages.ts';
import { Voxels } from './voxels.ts';

/** What is shown: the difference, or the prior itself in the place of the current scan. */
export type SubtractionKind = 'difference' | 'prior';

/** What a subtraction works with. */
export interface SubtractionParts {
  readonly host: Host;
  readonly standing: StandingContext;
  readonly images: SeriesImages;
  /** The study that is read. */
  readonly current: () => string | undefined;
}

/** As `samepoint subtract` has them (docs/registration.md), mm. */
const TOLERANCE_MM = 2;
const LIMIT_MM = 8;
/** The colours end at this change, HU. */
const RANGE_HU = 200;
/** Less than this is noise, HU. */
const NOISE_HU = 25;
/** A place with less than this shows air outside of the body, HU: it need not be hatched. */
const AIR_HU = -950;
/** Every so many places there is a line of the hatching. */
const HATCH = 6;
const HATCHED = pixelOf([150, 150, 150, 110]);
/** The grey values of a viewer that does not say what it shows, HU. */
const SOFT_TISSUE = { lower: -160, upper: 240 };

function isCt(pane: Pane): boolean {
  return pane.series.modality === 'CT';
}

/** The pane of the prior that the current study is compared with: the first of another study; undefined where none is on the screen. */
export function priorPaneOf({ host, current }: SubtractionParts): Pane | undefined {
  return panesOf(host).find(({ series }) => series.studyInstanceUid !== current());
}

/** The maps that have to be requested. */
export function pairsToSubtract(parts: SubtractionParts): readonly SeriesPair[] {
  const prior = priorPaneOf(parts);
  if (prior === undefined) return [];
  return panesOf(parts.host)
    .filter((pane) => isRead(pane, parts) && refusalOf(pane, prior, parts) === undefined)
    .filter((pane) => !isSameSpace(pane, prior))
    .map((pane): SeriesPair => [refOf(pane), refOf(prior)]);
}

function isRead({ series }: Pane, { current }: SubtractionParts): boolean {
  return series.studyInstanceUid === current();
}

type Refusal = 'other-patient' | 'not-comparable' | 'other-modality' | 'unplaced';

function refusalOf(pane: Pane, prior: Pane, { standing }: SubtractionParts): Refusal | undefined {
  const found = standingOf(standing, pane, prior);
  if (found.kind === 'off' && (found.reason === 'other-patient' || found.reason === 'not-comparable'))
    return found.reason;
  if (!isCt(pane) || !isCt(prior)) return 'other-modality';
  return pane.slices.length === 0 || prior.slices.length === 0 ? 'unplaced' : undefined;
}

/** What is drawn over a pane: nothing over others than those of the current study. */
export function subtractionContent(
  parts: SubtractionParts,
  kind: SubtractionKind,
  pane: Pane,
  words: Words,
): PaneContent {
  const prior = priorPaneOf(parts);
  if (prior === undefined || !isRead(pane, parts)) return undefined;
  const say = (text: string): InWords => ({ kind: 'words', text });
  const { fusion, linked } = words;
  const refusal = refusalOf(pane, prior, parts);
  if (refusal !== undefined) return say(fusion.none({ ...fusion.reasons, ...linked.reasons }[refusal]));
  const standing = standingOf(parts.standing, pane, prior);
  if (standing.kind === 'off' || standing.kind === 'unsure')
    return say(fusion.none(linked.reasons[standing.kind === 'off' ? standing.reason : 'unsure']));
  if (standing.kind === 'failed') return say(fusion.none(standing.message));
  if (standing.kind === 'working') return say(standingText(standing, words));
  const { lattice } = standing.transfer;
  if (lattice === undefined) return say(fusion.none(linked.reasons['not-comparable']));
  return pictureOf({ parts, kind, pane, prior, lattice }, words);
}

interface Drawn {
  readonly parts: SubtractionParts;
  readonly kind: SubtractionKind;
  readonly pane: Pane;
  readonly prior: Pane;
  readonly lattice: Lattice;
}

/** "2023-02-11" of the DICOM date and time of a study. */
function dateOf({ series: { studyTime } }: Pane): string {
  return studyTime.replace(/^(\d{4})(\d\d)(\d\d).*$/u, '$1-$2-$3');
}

function legendOf({ kind, prior, pane }: Drawn, { fusion, dateText }: Words): Legend {
  const date = dateText(dateOf(prior));
  const { lower, upper } = kind === 'prior' ? windowOf(pane.viewport) : { lower: -RANGE_HU, upper: RANGE_HU };
  return {
    title: kind === 'prior' ? fusion.warpedOf(date) : fusion.change(date),
    caution: kind === 'prior' ? fusion.computed : fusion.hatched,
    gradient: (kind === 'prior' ? GREY : CHANGE).gradient,
    low: fusion.hu(Math.round(lower)),
    high: fusion.hu(Math.round(upper)),
  };
}

/** The grey values that a viewport shows, HU. */
function windowOf(viewport: Viewport): typeof SOFT_TISSUE {
  const range = viewport.getProperties?.()?.voiRange;
  return range !== undefined && range.upper > range.lower ? range : SOFT_TISSUE;
}

function pictureOf(drawn: Drawn, words: Words): PaneContent {
  const { parts, kind, pane, prior, lattice } = drawn;
  const { fusion } = words;
  const ids = (of: Pane): readonly string[] => of.slices.map(({ imageId }) => imageId);
  if (parts.images.hasFailed([...ids(pane), ...ids(prior)]))
    return { kind: 'words', text: fusion.none(fusion.reasons.unloadable) };
  const legend = legendOf(drawn, words);
  return {
    kind: 'picture',
    legend,
    version: [
      kind,
      pane.series.seriesInstanceUid,
      prior.series.seriesInstanceUid,
      legend.low,
      legend.high,
    ].join(' '),
    paint(grid, pixels) {
      const voxels = [pane, prior].map(({ slices }) => new Voxels(slices, parts.images.of));
      const [current, before] = voxels as [Voxels, Voxels];
      const compared = { current, prior: before, lattice, toleranceMm: TOLERANCE_MM, limitMm: LIMIT_MM };
      const difference = differenceIn(compared, grid);
      if (kind === 'prior') paintWarped(difference, windowOf(pane.viewport), pixels);
      else paintChange(difference, current, grid, pixels);
      const missing = voxels.flatMap((one) => one.missing());
      if (missing.length === 0) return true;
      parts.images.load(missing);
      return false;
    },
  };
}

function paintWarped(
  { warped }: Difference,
  { lower, upper }: typeof SOFT_TISSUE,
  pixels: Uint32Array,
): void {
  warped.forEach((value, index) => {
    pixels[index] = Number.isNaN(value) ? NO_IMAGE : (GREY.colours[shadeOf(value, lower, upper)] ?? NO_IMAGE);
  });
}

/** Where nothing can be said of the body, it is hatched: it must not be read as unchanged. */
function paintChange({ change }: Difference, current: Voxels, grid: PlaneGrid, pixels: Uint32Array): void {
  const { columns } = grid;
  change.forEach((value, index) => {
    if (Math.abs(value) >= NOISE_HU)
      pixels[index] = CHANGE.colours[shadeOf(value, -RANGE_HU, RANGE_HU)] ?? CLEAR;
    if (!Number.isNaN(value)) return;
    const row = Math.floor(index / columns);
    const column = index - row * columns;
    if ((row + column) % HATCH > 0) return;
    if (current.at(...placeOf(grid, column, row)) > AIR_HU) pixels[index] = HATCHED;
  });
}
