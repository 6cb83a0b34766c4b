import {
  CODES,
  OWN_CODES,
  codedItem,
  containerItem,
  numericItem,
  polylineItem,
  textItem,
  uidItem,
} from '../../contentTree/index.ts';
import type { Code, CodedConcept } from '../../contentTree/index.ts';
import type { Dataset } from '../../documents/index.ts';
import { algorithmItems, arrow, OHIF_ARROW, SCOORD_OFFSET } from '../measurementGroup.ts';
import { provenanceItems } from '../provenance.ts';
import type { SeriesPoint } from '../types.ts';
import { REVIEW_CODES, ROLE_CODES, STATUS_CODES, TIME_POINT_CODES } from './codes.ts';
import type { CarriedOver, Diameter, LesionObservation, TimePoint } from './types.ts';

const OHIF_LENGTH = 'Cornerstone3DTools@^0.1.0:Length';
const OHIF_BIDIRECTIONAL = 'Cornerstone3DTools@^0.1.0:Bidirectional';

/** What all groups of a report say. */
export interface GroupContext {
  readonly timePoint: TimePoint;
  readonly softwareVersion: string;
}

/**
 * Measurement Group (TID 1501) of one lesion, which stock OHIF hydrates as one row where the lesion has a place: Bidirectional with two
 * diameters, Length with one, ArrowAnnotate without. The time point (TID 1502) is written without its order, a NUM, which OHIF would
 * read as the measurement.
 */
export function observationGroup(observation: LesionObservation, context: GroupContext): Dataset {
  const { trackingUid, label, role, status, finding, site, place, carriedOver } = observation;
  const { tool, measurements } = marked(observation);
  return containerItem(
    CODES.measurementGroup,
    [
      textItem('HAS OBS CONTEXT', CODES.trackingIdentifier, tool ?? label.trim()),
      uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, trackingUid),
      ...timePointItems(context.timePoint),
      ...carriedOverItems(carriedOver, context),
      codedItem('CONTAINS', CODES.finding, finding === undefined ? CODES.lesion : codeOf(finding)),
      ...(site === undefined ? [] : [codedItem('CONTAINS', CODES.findingSite, codeOf(site))]),
      ...measurements,
      textItem('CONTAINS', CODES.comment, shownName(observation)),
      textItem('CONTAINS', TIME_POINT_CODES.label, label.trim()),
      codedItem('CONTAINS', TIME_POINT_CODES.role, ROLE_CODES[role]),
      codedItem('CONTAINS', TIME_POINT_CODES.status, STATUS_CODES[status]),
      ...(place === undefined ? [] : positionItems(place)),
    ],
    '1501',
  );
}

/** What viewers show beside the mark: it must not look as if a lesion were there that has resolved. */
function shownName({ label, status }: LesionObservation): string {
  const name = label.trim();
  return status === 'present' ? name : `${name} (${STATUS_CODES[status][2].toLowerCase()})`;
}

/** Longest Code Meaning (PS3.5 6.2, LO). */
const MEANING_LENGTH = 64;

function codeOf({ value, scheme, meaning }: CodedConcept): Code {
  return [value, scheme, meaning.replaceAll('\\', '/').slice(0, MEANING_LENGTH)];
}

/** The exact point: SCOORD has single precision, and diameters need not cross in it. */
function positionItems({ lps, pixel }: SeriesPoint): readonly Dataset[] {
  return [
    textItem('CONTAINS', OWN_CODES.position, lps.map(String).join(' ')),
    textItem('CONTAINS', OWN_CODES.offPlane, String(pixel.offPlaneMm)),
  ];
}

/** Algorithm Identification (TID 4019) of the match, its answer, and what the reader made of it. */
function carriedOverItems(
  carriedOver: CarriedOver | undefined,
  { softwareVersion }: GroupContext,
): readonly Dataset[] {
  if (carriedOver === undefined) return [];
  const { fromStudyInstanceUid, review, provenance } = carriedOver;
  const { model, method } = provenance;
  const parameters = [`model=${model.id} ${model.version}`, `method=${method}`];
  return [
    uidItem('HAS OBS CONTEXT', TIME_POINT_CODES.fromStudy, fromStudyInstanceUid),
    ...algorithmItems({ name: 'Samepoint', version: softwareVersion, parameters }),
    ...provenanceItems(provenance),
    codedItem('CONTAINS', TIME_POINT_CODES.review, REVIEW_CODES[review]),
  ];
}

/** Time Point Context (TID 1502). */
function timePointItems({
  name,
  type,
  subjectIdentifier,
  protocolIdentifier,
}: TimePoint): readonly Dataset[] {
  return [
    textItem('HAS OBS CONTEXT', CODES.timePoint, name.trim()),
    ...(type === undefined ? [] : [codedItem('HAS OBS CONTEXT', CODES.timePointType, CODES[type])]),
    ...(subjectIdentifier === undefined
      ? []
      : [textItem('HAS OBS CONTEXT', CODES.subjectTimePoint, subjectIdentifier)]),
    ...(protocolIdentifier === undefined
      ? []
      : [textItem('HAS OBS CONTEXT', CODES.protocolTimePoint, protocolIdentifier)]),
  ];
}

/** The tool of OHIF that draws the lesion, and what it draws; neither without a place. */
function marked({ place, longAxis, shortAxis }: LesionObservation): {
  readonly tool?: string;
  readonly measurements: readonly Dataset[];
} {
  if (place === undefined) return { measurements: [] };
  if (longAxis === undefined) {
    const point = numericItem(CODES.centre, 0, CODES.noUnits, [arrow(place)]);
    return { tool: OHIF_ARROW, measurements: [point] };
  }
  const measured = (name: Code, axis: Diameter): Dataset =>
    numericItem(name, axis.mm, CODES.millimetre, [line(axis, place)]);
  if (shortAxis === undefined) return { tool: OHIF_LENGTH, measurements: [measured(CODES.length, longAxis)] };
  return {
    tool: OHIF_BIDIRECTIONAL,
    measurements: [measured(CODES.longAxis, longAxis), measured(CODES.shortAxis, shortAxis)],
  };
}

function line({ ends }: Diameter, { pixel }: SeriesPoint): Dataset {
  return polylineItem(
    ends.flat().map((coordinate) => coordinate + SCOORD_OFFSET),
    pixel,
  );
}
