import { COMPARE_PROTOCOL_ID } from './ids.ts';
import type { ReadableModalities } from './flows/readableModalities.ts';
import type { DisplaySet, ExtensionParameters, Services, StudyMetadata } from './ohif.d.ts';
import type { Host } from './viewer/host.ts';
import { loadedSeries, studyTimeOf } from './viewer/series.ts';

/** Custom attribute: 0 for the latest study, 1 for the one before it, and so on. */
const STUDY_RANK = 'samepointStudyRank';
/** Custom attribute: true for a display set that the server's model reads. */
const IS_READABLE = 'samepointIsReadable';
/** Custom attribute: true for the volume with the most images of its study. */
const IS_LARGEST = 'samepointIsLargest';
/** Custom attribute: true for a display set of the series that is compared. */
const IS_COMPARED = 'samepointIsCompared';

/** What the hanging protocol shows; the latest study and the one before it where it names none. */
export interface SideBySide {
  current?: string | undefined;
  other?: string | undefined;
  /** Series Instance UIDs that are compared. */
  series?: ReadonlySet<string>;
}

/** Rank of a study that is not to be shown. */
const NOT_SHOWN = 2;

/** Rank of a study by date and time, the latest first; studies without a date keep the order of the URL. */
function studyRank(
  study: StudyMetadata,
  studies: readonly StudyMetadata[],
  displaySets: readonly DisplaySet[],
): number {
  const timeOf = ({ StudyInstanceUID }: StudyMetadata): string => {
    const displaySet = displaySets.find((candidate) => candidate.StudyInstanceUID === StudyInstanceUID);
    return displaySet === undefined ? '' : studyTimeOf(displaySet);
  };
  return [...studies]
    .sort((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .findIndex((candidate) => candidate.StudyInstanceUID === study.StudyInstanceUID);
}

/** Teaches the host the attributes that the protocol selects studies and series by. */
export function addSideBySide(
  { hangingProtocolService, displaySetService }: Services,
  sideBySide: Readonly<SideBySide>,
): void {
  hangingProtocolService.addCustomAttribute(
    STUDY_RANK,
    'Rank of the study, the latest first',
    (study, options) => {
      const { current, other } = sideBySide;
      if (current === undefined || other === undefined)
        return studyRank(study, options?.studies ?? [], displaySetService.getActiveDisplaySets());
      const place = [current, other].indexOf(study.StudyInstanceUID);
      return place === -1 ? NOT_SHOWN : place;
    },
  );
  hangingProtocolService.addCustomAttribute(
    IS_COMPARED,
    'Whether Samepoint compares the series',
    ({ SeriesInstanceUID = '' }) => sideBySide.series?.has(SeriesInstanceUID) ?? false,
  );
}

/**
 * Teaches the host which series of a study is the largest: until the server has said which one is compared, a slab or a localizer must not
 * be shown in place of the whole scan.
 */
export function addLargest(host: Host, readable: ReadableModalities): void {
  const { hangingProtocolService } = host.services;
  hangingProtocolService.addCustomAttribute(
    IS_LARGEST,
    'Whether the series is the largest of its study',
    ({ StudyInstanceUID, SeriesInstanceUID }) => {
      const [largest] = loadedSeries(host)
        .filter(
          ({ studyInstanceUid, isVolume, modality }) =>
            studyInstanceUid === StudyInstanceUID && isVolume && (readable.known?.includes(modality) ?? true),
        )
        .sort((a, b) => b.images - a.images);
      return largest !== undefined && largest.seriesInstanceUid === SeriesInstanceUID;
    },
  );
}

/**
 * Teaches the host whether the server's model reads a display set. Until the server has answered, every display set counts as
 * readable.
 */
export function addReadability(
  { hangingProtocolService }: Pick<Services, 'hangingProtocolService'>,
  readable: ReadableModalities,
): void {
  hangingProtocolService.addCustomAttribute(
    IS_READABLE,
    'Whether Samepoint can compare the series',
    ({ Modality = '' }) => readable.known?.includes(Modality) ?? true,
  );
}

/**
 * Shows two studies side by side. The host's hanging protocols know the studies of the URL; one that was opened since is added. The
 * protocol is run anew where studies are named: the host would not evaluate it again by itself.
 */
export function hangSideBySide(host: Host, { current, other }: Readonly<SideBySide> = {}): void {
  const { hangingProtocolService, displaySetService } = host.services;
  const displaySets = displaySetService.getActiveDisplaySets();
  const known = hangingProtocolService.studies ?? [];
  const isKnown = (study: string): boolean =>
    known.some(({ StudyInstanceUID }) => StudyInstanceUID === study);
  const added = new Set(
    displaySets.map(({ StudyInstanceUID }) => StudyInstanceUID).filter((study) => !isKnown(study)),
  );
  const isNamed = current !== undefined && other !== undefined;
  if ((added.size === 0 && !isNamed) || hangingProtocolService.run === undefined) {
    host.runCommand('setHangingProtocol', { protocolId: COMPARE_PROTOCOL_ID });
    return;
  }
  const studies = [...known, ...[...added].map((StudyInstanceUID) => ({ StudyInstanceUID }))];
  const activeStudy = studies.find(({ StudyInstanceUID }) => StudyInstanceUID === current) ?? studies[0];
  hangingProtocolService.run({ studies, displaySets, activeStudy }, COMPARE_PROTOCOL_ID);
}

function selectorFor(rank: number): object {
  return {
    studyMatchingRules: [{ attribute: STUDY_RANK, required: true, constraint: { equals: { value: rank } } }],
    seriesMatchingRules: [
      { attribute: 'numImageFrames', required: true, constraint: { greaterThan: { value: 0 } } },
      { attribute: IS_READABLE, weight: 10, constraint: { equals: { value: true } } },
      { attribute: IS_COMPARED, weight: 30, constraint: { equals: { value: true } } },
      { attribute: IS_LARGEST, weight: 15, constraint: { equals: { value: true } } },
      { attribute: 'isReconstructable', weight: 5, constraint: { equals: { value: true } } },
      // What the URL names (initialSeriesInstanceUID) wins over our guess.
      { attribute: 'isDisplaySetFromUrl', weight: 20, constraint: { equals: true } },
    ],
  };
}

function viewportFor(selectorId: string): object {
  return {
    viewportOptions: { viewportType: 'stack', toolGroupId: 'default', allowUnmatchedView: true },
    displaySets: [{ id: selectorId }],
  };
}

/** Replaces our hanging protocol where the extension could not start: links that name it open with the protocol of the host. */
export function defaultProtocol({ servicesManager }: Pick<ExtensionParameters, 'servicesManager'>): object {
  return { protocol: servicesManager.services.hangingProtocolService.getProtocolById?.('default') };
}

/** Hanging protocol 1 x 2: the current study on the left, the prior on the right. */
export const compareProtocol = {
  id: COMPARE_PROTOCOL_ID,
  name: 'Samepoint: current | prior',
  description: 'The latest study on the left, the one before it on the right',
  numberOfPriorsReferenced: 1,
  protocolMatchingRules: [],
  toolGroupIds: ['default'],
  displaySetSelectors: { samepointCurrent: selectorFor(0), samepointPrior: selectorFor(1) },
  defaultViewport: viewportFor('samepointCurrent'),
  stages: [
    {
      id: 'current-prior',
      name: 'current | prior',
      stageActivation: { enabled: { minViewportsMatched: 2 } },
      viewportStructure: { layoutType: 'grid', properties: { rows: 1, columns: 2 } },
      viewports: [viewportFor('samepointCurrent'), viewportFor('samepointPrior')],
    },
  ],
};
