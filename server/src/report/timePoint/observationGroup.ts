import { CODES } from '../codes.ts';
import { codedItem, containerItem, numericItem, polylineItem, textItem, uidItem } from '../contentItems.ts';
import type { Dataset } from '../dataset.ts';
import { arrow, OHIF_ARROW, SCOORD_OFFSET } from '../measurementGroup.ts';
import type { SeriesPoint } from '../types.ts';
import type { Diameter, LesionObservation, TimePoint } from './types.ts';

const OHIF_LENGTH = 'Cornerstone3DTools@^0.1.0:Length';
const OHIF_BIDIRECTIONAL = 'Cornerstone3DTools@^0.1.0:Bidirectional';

/**
 * Measurement Group (TID 1501) of one lesion, which stock OHIF hydrates as one row: Bidirectional with two diameters, Length with one,
 * ArrowAnnotate without. The time point (TID 1502) is written without its order, a NUM, which OHIF would read as the measurement.
 */
export function observationGroup(observation: LesionObservation, timePoint: TimePoint): Dataset {
  const { trackingUid, label, site } = observation;
  const { tool, measurements } = marked(observation);
  return containerItem(
    CODES.measurementGroup,
    [
      textItem('HAS OBS CONTEXT', CODES.trackingIdentifier, tool),
      uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, trackingUid),
      ...timePointItems(timePoint),
      codedItem('CONTAINS', CODES.finding, CODES.lesion),
      ...(site === undefined
        ? []
        : [codedItem('CONTAINS', CODES.findingSite, [site.value, site.scheme, site.meaning])]),
      ...measurements,
      textItem('CONTAINS', CODES.comment, label.trim()),
    ],
    '1501',
  );
}

/** Time Point Context (TID 1502). */
function timePointItems({
  name,
  type,
  subjectIdentifier,
  protocolIdentifier,
}: TimePoint): readonly Dataset[] {
  return [
    textItem('HAS OBS CONTEXT', CODES.timePoint, name),
    ...(type === undefined ? [] : [codedItem('HAS OBS CONTEXT', CODES.timePointType, CODES[type])]),
    ...(subjectIdentifier === undefined
      ? []
      : [textItem('HAS OBS CONTEXT', CODES.subjectTimePoint, subjectIdentifier)]),
    ...(protocolIdentifier === undefined
      ? []
      : [textItem('HAS OBS CONTEXT', CODES.protocolTimePoint, protocolIdentifier)]),
  ];
}

function marked({ place, longAxis, shortAxis }: LesionObservation): {
  readonly tool: string;
  readonly measurements: readonly Dataset[];
} {
  const { millimetre } = CODES;
  if (longAxis === undefined) {
    const point = numericItem(CODES.centre, 0, CODES.noUnits, arrow(place));
    return { tool: OHIF_ARROW, measurements: [point] };
  }
  const long = line(longAxis, place);
  if (shortAxis === undefined)
    return { tool: OHIF_LENGTH, measurements: [numericItem(CODES.length, longAxis.mm, millimetre, long)] };
  return {
    tool: OHIF_BIDIRECTIONAL,
    measurements: [
      numericItem(CODES.longAxis, longAxis.mm, millimetre, long),
      numericItem(CODES.shortAxis, shortAxis.mm, millimetre, line(shortAxis, place)),
    ],
  };
}

function line({ ends }: Diameter, { pixel }: SeriesPoint): Dataset {
  return polylineItem(
    ends.flat().map((coordinate) => coordinate + SCOORD_OFFSET),
    pixel,
  );
}
