import { COMPARE_PROTOCOL_ID } from './ids.ts';
import type { ReadableModalities } from './flows/readableModalities.ts';
import type { DisplaySet, ExtensionParameters, Services, StudyMetadata } from './ohif.d.ts';
import type { Host } from './viewer/host.ts';
import { studyTimeOf } from './viewer/series.ts';

/** Custom attribute: 0 for the latest study, 1 for the one before it, and so on. */
const STUDY_RANK = 'samepointStudyRank';
/** Custom attribute: true for a display set that the server's model reads. */
const IS_READABLE = 'samepointIsReadable';

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

/** Teaches the host the attribute that the protocol selects studies by. */
export function addStudyRank({ hangingProtocolService, displaySetService }: Services): void {
  hangingProtocolService.addCustomAttribute(
    STUDY_RANK,
    'Rank of the study, the latest first',
    (study, options) => studyRank(study, options?.studies ?? [], displaySetService.getActiveDisplaySets()),
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
 * Shows the latest study and the one before it side by side. The host's hanging protocols know the studies of the URL; one that the
 * reader has opened from the study list is added.
 */
export function hangSideBySide(host: Host): void {
  const { hangingProtocolService, displaySetService } = host.services;
  const displaySets = displaySetService.getActiveDisplaySets();
  const known = hangingProtocolService.studies ?? [];
  const isKnown = (study: string): boolean =>
    known.some(({ StudyInstanceUID }) => StudyInstanceUID === study);
  const added = new Set(
    displaySets.map(({ StudyInstanceUID }) => StudyInstanceUID).filter((study) => !isKnown(study)),
  );
  if (added.size === 0 || hangingProtocolService.run === undefined) {
    host.runCommand('setHangingProtocol', { protocolId: COMPARE_PROTOCOL_ID });
    return;
  }
  const studies = [...known, ...[...added].map((StudyInstanceUID) => ({ StudyInstanceUID }))];
  hangingProtocolService.run({ studies, displaySets, activeStudy: studies[0] }, COMPARE_PROTOCOL_ID);
}

function selectorFor(rank: number): object {
  return {
    studyMatchingRules: [{ attribute: STUDY_RANK, required: true, constraint: { equals: { value: rank } } }],
    seriesMatchingRules: [
      { attribute: 'numImageFrames', required: true, constraint: { greaterThan: { value: 0 } } },
      { attribute: IS_READABLE, weight: 10, constraint: { equals: { value: true } } },
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
