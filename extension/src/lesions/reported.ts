/**
 * Observations as a time point report has them.
 * @module
 */
import type { ReportedObservation } from '../wire.ts';
import { isCounted, observationOf } from './review.ts';
import type { Diameter, Lesion, Observation } from './types.ts';

type ReportedDiameter = NonNullable<ReportedObservation['longAxis']>;

/** A report draws diameters: a number without ends is left to the document that it comes from. */
function drawn(diameter: Diameter | undefined): ReportedDiameter | undefined {
  return diameter?.ends === undefined ? undefined : { mm: diameter.mm, ends: diameter.ends };
}

function diametersOf({
  status,
  longAxis,
  shortAxis,
}: Observation): Pick<ReportedObservation, 'longAxis' | 'shortAxis'> {
  const long = status === 'present' ? drawn(longAxis) : undefined;
  if (long === undefined) return {};
  const short = drawn(shortAxis);
  return { longAxis: long, ...(short === undefined ? {} : { shortAxis: short }) };
}

function carriedOverOf({ carriedOver, review }: Observation): Pick<ReportedObservation, 'carriedOver'> {
  if (carriedOver === undefined) return {};
  const { fromStudyInstanceUid, provenance } = carriedOver;
  return {
    carriedOver: {
      fromStudyInstanceUid,
      review: review === 'corrected' ? 'corrected' : 'accepted',
      provenance,
    },
  };
}

/** True where the report can say where the observation is, as it must. */
function hasNeededPlace({ status, place }: Observation): boolean {
  if (status === 'not-covered' || status === 'not-evaluable') return true;
  return place !== undefined && Number.isFinite(place.pixel.column) && Number.isFinite(place.pixel.row);
}

/** What a report of a study says of a lesion; undefined where it says nothing. */
export function reportedObservation(
  lesion: Lesion,
  studyInstanceUid: string,
): ReportedObservation | undefined {
  const observation = observationOf(lesion, studyInstanceUid);
  if (observation === undefined || !isCounted(observation) || !hasNeededPlace(observation)) return undefined;
  const { trackingUid, label, role, finding, site } = lesion;
  const { status, place } = observation;
  const isPlaced = place !== undefined && status !== 'not-covered' && Number.isFinite(place.pixel.column);
  return {
    trackingUid,
    label,
    role,
    ...(finding === undefined ? {} : { finding }),
    ...(site === undefined ? {} : { site }),
    status,
    ...(isPlaced ? { place } : {}),
    ...diametersOf(observation),
    ...carriedOverOf(observation),
  };
}

/** All that the report of a study is to say. */
export function reportedObservations(
  lesions: readonly Lesion[],
  studyInstanceUid: string,
): readonly ReportedObservation[] {
  return lesions.flatMap((lesion) => reportedObservation(lesion, studyInstanceUid) ?? []);
}
