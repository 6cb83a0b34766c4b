/**
 * Which series of a study may be compared, and which one is.
 * @module
 */
import { notices } from '../i18n/words.ts';
import type { SeriesChoice } from '../lesions/types.ts';
import type { LoadedSeries } from '../viewer/series.ts';
import type { ComparableSeries } from '../wire.ts';

/** A series on the screen is compared rather than a more suitable one if it covers at least this share of what that one covers. */
const COVERS_AS_MUCH = 0.9;

/** "CT · 1 mm · 412 images · B30f". */
function titleOf({ modality, sliceThicknessMm, images, kernel }: ComparableSeries): string {
  const thickness = sliceThicknessMm === undefined ? '' : `${Number(sliceThicknessMm.toFixed(2))} mm`;
  return [modality, thickness, notices().series.images(images), kernel ?? '']
    .filter((part) => part !== '')
    .join(' · ');
}

/** A series as the server describes it. */
export function choiceOf(series: ComparableSeries): SeriesChoice {
  const { seriesInstanceUid, isComparable, reasons, coverage } = series;
  return { seriesInstanceUid, title: titleOf(series), isComparable, reasons, coverage };
}

/** A series as the viewer knows it. @param readable modalities of the model; undefined while they are not known */
function loadedChoiceOf(series: LoadedSeries, readable: readonly string[] | undefined): SeriesChoice {
  const { seriesInstanceUid, modality, images, isVolume } = series;
  const isReadable = readable?.includes(modality) ?? true;
  const reasons = [
    ...(isReadable ? [] : [notices().series.notCompared(modality)]),
    ...(isVolume ? [] : [notices().series.tooFew]),
  ];
  return {
    seriesInstanceUid,
    title: [modality, notices().series.images(images)].filter((part) => part !== '').join(' · '),
    isComparable: reasons.length === 0,
    reasons,
    coverage: undefined,
  };
}

/** Series of a study that the viewer has loaded, the largest first. */
export function loadedChoices(
  series: readonly LoadedSeries[],
  readable: readonly string[] | undefined,
): readonly SeriesChoice[] {
  return [...series].sort((a, b) => b.images - a.images).map((one) => loadedChoiceOf(one, readable));
}

/**
 * The series that is compared: the one that the reader chose, else one on the screen that covers about as much as the most suitable one,
 * else the most suitable one.
 * @param choices the most suitable first
 * @param shown Series Instance UIDs on the screen
 */
export function chosenOf(
  choices: readonly SeriesChoice[],
  wanted: string | undefined,
  shown: ReadonlySet<string>,
): string | undefined {
  const comparable = choices.filter(({ isComparable }) => isComparable);
  const [best] = comparable;
  if (best === undefined) return undefined;
  const own = comparable.find(({ seriesInstanceUid }) => seriesInstanceUid === wanted);
  const coversAsMuch = ({ coverage }: SeriesChoice): boolean =>
    best.coverage === undefined || (coverage ?? 0) >= COVERS_AS_MUCH * best.coverage;
  const onScreen = comparable.find((one) => shown.has(one.seriesInstanceUid) && coversAsMuch(one));
  return (own ?? onScreen ?? best).seriesInstanceUid;
}
