import {
  CODES,
  OWN_CODES,
  codedItem,
  containerItem,
  numericItem,
  polylineItem,
  textItem,
  uidItem,
} from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import { provenanceItems } from './provenance.ts';
import type { AlgorithmIdentification, ConfirmedPair, SeriesPoint } from './types.ts';

/** Tracking Identifier by which OHIF 3.11 to 3.14 choose the tool that draws and hydrates a group. */
export const OHIF_ARROW = 'Cornerstone3DTools@^0.1.0:ArrowAnnotate';

/** SCOORD counts from the corner of the first pixel, our pixel index from its centre (PS3.3 C.18.6.1.2). */
export const SCOORD_OFFSET = 0.5;

/**
 * Length of the drawn arrow along columns and rows, in pixels: far enough for the label not to cover the lesion, in images
 * of 256 to 1024 pixels.
 */
const ARROW_PIXELS = 24;

/** One end of a pair, ready to be written. */
export interface GroupInput {
  readonly pair: ConfirmedPair;
  readonly end: 'current' | 'prior';
  /** Shared by the two groups of the pair. */
  readonly matchUid: string;
  /** Unique in the report: OHIF loses the second of two equal ones. */
  readonly trackingUid: string;
  readonly algorithm: AlgorithmIdentification;
}

/**
 * Measurement Group (TID 1501, extensible) of one point. Two rules of stock OHIF shape it: exactly one NUM, whose only child
 * is the SCOORD, and Tracking Unique Identifier as the first UIDREF; so everything else is TEXT, CODE or a later UIDREF.
 */
export function measurementGroup({ pair, end, matchUid, trackingUid, algorithm }: GroupInput): Dataset {
  const point = pair[end];
  return containerItem(
    CODES.measurementGroup,
    [
      textItem('HAS OBS CONTEXT', CODES.trackingIdentifier, OHIF_ARROW),
      uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, trackingUid),
      uidItem('HAS OBS CONTEXT', OWN_CODES.lesionUid, pair.lesionUid),
      uidItem('HAS OBS CONTEXT', OWN_CODES.matchUid, matchUid),
      codedItem('HAS OBS CONTEXT', OWN_CODES.timePoint, OWN_CODES[end]),
      ...algorithmItems(algorithm),
      codedItem('CONTAINS', CODES.finding, CODES.lesion),
      numericItem(OWN_CODES.cycleError, pair.cycleErrorMm, CODES.millimetre, [arrow(point)]),
      textItem('CONTAINS', CODES.comment, pair.label.trim()),
      codedItem('CONTAINS', OWN_CODES.state, OWN_CODES[pair.state]),
      textItem('CONTAINS', OWN_CODES.similarity, String(pair.similarity)),
      textItem('CONTAINS', OWN_CODES.position, point.lps.map(String).join(' ')),
      textItem('CONTAINS', OWN_CODES.offPlane, String(point.pixel.offPlaneMm)),
      ...(pair.provenance === undefined ? [] : provenanceItems(pair.provenance)),
    ],
    '1501',
  );
}

/** Algorithm Identification (TID 4019). */
export function algorithmItems({ name, version, parameters }: AlgorithmIdentification): readonly Dataset[] {
  return [
    textItem('HAS CONCEPT MOD', CODES.algorithmName, name),
    textItem('HAS CONCEPT MOD', CODES.algorithmVersion, version),
    ...parameters.map((parameter) => textItem('HAS CONCEPT MOD', CODES.algorithmParameters, parameter)),
  ];
}

/** The arrow that viewers draw: its tip is the point, its tail lies up and to the left where the image reaches so far. */
export function arrow({ pixel }: SeriesPoint): Dataset {
  const tip = [pixel.column + SCOORD_OFFSET, pixel.row + SCOORD_OFFSET] as const;
  const up = tip[1] >= ARROW_PIXELS ? -ARROW_PIXELS : ARROW_PIXELS;
  const left = tip[0] >= ARROW_PIXELS ? -ARROW_PIXELS : ARROW_PIXELS;
  return polylineItem([...tip, tip[0] + left, tip[1] + up], pixel);
}
