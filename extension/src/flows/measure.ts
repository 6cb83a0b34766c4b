import { omit } from '../lesions/omit.ts';
import { diameterOf, observationOf } from '../lesions/review.ts';
import type { Diameter, Lesion, Observation } from '../lesions/types.ts';
import type { Measurement } from '../ohif.d.ts';
import { diametersUid, hostPointsOf } from '../viewer/diameters.ts';
import { subtract, toLps } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';
import type { Context } from './context.ts';

/** A measurement belongs to a lesion whose place lies this near to its middle, mm, or within its half length. */
const NEAR_MM = 12;
/** What differs by less is the same measurement, mm: a report rounds its coordinates. */
const SAME_MM = 0.25;
/** Points of the host's tools, and how many of them are ends of diameters. */
const ENDS: Readonly<Record<string, number>> = { Bidirectional: 4, Length: 2 };

function distance(a: Lps, b: Lps): number {
  return Math.hypot(...subtract(a, b));
}

/** The diameters of a measurement, the longest first; none for other tools and for what is still being drawn. */
function diametersOf({
  toolName = '',
  points = [],
}: Pick<Measurement, 'toolName' | 'points'>): readonly Diameter[] {
  const count = ENDS[toolName] ?? 0;
  const ends = points.slice(0, count).flatMap((point) => {
    const lps = toLps(point);
    return lps === undefined ? [] : [lps];
  });
  if (ends.length < count) return [];
  const diameters: Diameter[] = [];
  for (let n = 0; n + 1 < ends.length; n += 2) {
    const [one, other] = [ends[n], ends[n + 1]];
    if (one !== undefined && other !== undefined) diameters.push(diameterOf([one, other]));
  }
  return diameters.filter(({ mm }) => mm > 0).sort((a, b) => b.mm - a.mm);
}

function middleOf({
  ends: [one, other] = [
    [NaN, NaN, NaN],
    [NaN, NaN, NaN],
  ],
}: Diameter): Lps {
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2];
}

function isSame(one: Diameter | undefined, other: Diameter | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Math.abs(one.mm - other.mm) < SAME_MM && distance(middleOf(one), middleOf(other)) < SAME_MM;
}

interface Found {
  readonly lesion: Lesion;
  readonly observation: Observation;
}

/** Measurements of the host's own tools become the sizes of the lesions that they lie on. */
export class Measurer {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Gives the lesion at a measurement (Bidirectional or Length) its diameters: the one whose diameters it shows, else the selected one,
   * else the nearest. What lies on no lesion stays the host's own.
   */
  measured(measurement: Measurement): void {
    const [longAxis, shortAxis] = diametersOf(measurement);
    if (longAxis === undefined) return;
    const own = this.#shownBy(measurement.uid);
    const found = own ?? this.#lesionAt(measurement, longAxis);
    if (found === undefined) return;
    const { lesion, observation } = found;
    const before = own === undefined ? observation : this.#asShown(observation);
    if (isSame(before.longAxis, longAxis) && isSame(before.shortAxis, shortAxis)) return;
    // A length has no other diameter, and that of an earlier measurement does not cross it.
    this.#context.lesions.decide(lesion.trackingUid, {
      ...omit(observation, 'shortAxis', 'measuredBy'),
      longAxis,
      ...(shortAxis === undefined ? {} : { shortAxis }),
      ...(own === undefined && measurement.uid !== undefined ? { measuredBy: measurement.uid } : {}),
      isSaved: false,
    });
  }

  /** The reader has deleted a measurement: the lesion whose diameters it showed has none. */
  deleted(uid: string): void {
    const own = this.#shownBy(uid);
    if (own?.observation.longAxis === undefined) return;
    const without = omit(own.observation, 'longAxis', 'shortAxis', 'measuredBy');
    this.#context.lesions.decide(own.lesion.trackingUid, { ...without, isSaved: false });
  }

  /** The diameters as the measurement of the host shows them: in the plane of the slice. */
  #asShown(observation: Observation): Pick<Observation, 'longAxis' | 'shortAxis'> {
    const [a, b, c, d] = hostPointsOf(this.#context.host, observation);
    if (a === undefined || b === undefined) return observation;
    const longAxis = diameterOf([a, b]);
    return c === undefined || d === undefined ? { longAxis } : { longAxis, shortAxis: diameterOf([c, d]) };
  }

  /** The lesion whose diameters a measurement shows. */
  #shownBy(uid: string | undefined): Found | undefined {
    for (const lesion of this.#context.lesions.lesions)
      for (const observation of lesion.observations)
        if (observation.carriedOver?.axes !== undefined && observation.status === 'present')
          if (diametersUid(lesion, observation.studyInstanceUid) === uid) return { lesion, observation };
    return undefined;
  }

  #lesionAt({ referenceStudyUID, referenceSeriesUID }: Measurement, longAxis: Diameter): Found | undefined {
    const { lesions } = this.#context;
    const middle = middleOf(longAxis);
    const near = lesions.lesions.flatMap((lesion) => {
      const observation = observationOf(lesion, referenceStudyUID);
      const { place, status } = observation ?? {};
      if (observation === undefined || place === undefined || status !== 'present') return [];
      const mm = distance(place.lps, middle);
      const isOn = place.seriesInstanceUid === referenceSeriesUID && mm <= Math.max(NEAR_MM, longAxis.mm / 2);
      return isOn ? [{ lesion, observation, mm }] : [];
    });
    const selected = near.find(({ lesion }) => lesion.trackingUid === lesions.selected);
    return selected ?? near.sort((a, b) => a.mm - b.mm)[0];
  }
}
