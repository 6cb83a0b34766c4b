/**
 * Diameters that were proposed and accepted, as measurements of the host itself: the reader drags their handles.
 * @module
 */
import { derivedLesionUid } from '../lesions/lesionUid.ts';
import { isCounted } from '../lesions/review.ts';
import type { Diameter, Lesion, Observation } from '../lesions/types.ts';
import type { Lps } from '../wire.ts';
import type { Host } from './host.ts';
import { toPoint3 } from './jump.ts';
import type { HostAnnotation, Point3 } from '../ohif.d.ts';
import { nearestSlice } from './slices.ts';
import type { Slice } from './slices.ts';
import { cross, dot, subtract } from './vector.ts';

/** Points that differ by less are the same, mm. */
const SAME_MM = 0.01;

/** A measurement of the host that shows the diameters of a lesion in a study. */
interface Shown {
  /** As the list has them, LPS mm. */
  readonly points: readonly Lps[];
  readonly annotation: HostAnnotation;
}

/** The UID of the host's measurement of a lesion in a study: always the same. */
export function diametersUid({ trackingUid }: Pick<Lesion, 'trackingUid'>, studyInstanceUid: string): string {
  return derivedLesionUid(`${trackingUid} ${studyInstanceUid} diameters`);
}

/** True where the diameters of a place come from the server's proposal, and count: they are a measurement that the reader can drag. */
function isOfProposal(observation: Observation): boolean {
  const { status, longAxis, carriedOver, measuredBy } = observation;
  const isProposed = carriedOver?.axes?.isFitted === true && measuredBy === undefined;
  return isProposed && status === 'present' && longAxis?.ends !== undefined && isCounted(observation);
}

function projected(point: Lps, { origin, alongRow, alongColumn }: Slice): Lps {
  const normal = cross(alongRow, alongColumn);
  const height = dot(subtract(point, origin), normal);
  return [point[0] - height * normal[0], point[1] - height * normal[1], point[2] - height * normal[2]];
}

function sliceOf(host: Host, { place }: Observation): Slice | undefined {
  if (place === undefined) return undefined;
  const slices = host.displaySetsOfSeries(place.seriesInstanceUid).flatMap((set) => host.slicesOf(set));
  return nearestSlice(slices, place.lps)?.slice;
}

/**
 * The ends of the diameters of a place in the plane of its slice, LPS mm: of the long one, then of the short one. None where the viewer
 * has not loaded the series.
 */
export function hostPointsOf(host: Host, observation: Observation): readonly Lps[] {
  const slice = sliceOf(host, observation);
  if (slice === undefined) return [];
  const { longAxis, shortAxis } = observation;
  return [...(longAxis?.ends ?? []), ...(shortAxis?.ends ?? [])].map((end) => projected(end, slice));
}

function isSame(one: readonly Lps[], other: readonly Lps[]): boolean {
  return (
    one.length === other.length &&
    one.every((point, k) => Math.hypot(...subtract(point, other[k] ?? point)) < SAME_MM)
  );
}

function lengths(longAxis: Diameter | undefined, shortAxis: Diameter | undefined): object {
  const width = shortAxis === undefined ? {} : { width: shortAxis.mm, widthUnit: 'mm' };
  return { length: longAxis?.mm, ...width, unit: 'mm' };
}

/** A measurement as the host's own tools make it. */
function annotationOf(
  { label }: Lesion,
  observation: Observation,
  { uid, slice, points }: { readonly uid: string; readonly slice: Slice; readonly points: readonly Lps[] },
): HostAnnotation {
  const { place, longAxis, shortAxis } = observation;
  const corner: Point3 = [0, 0, 0];
  const box = { topLeft: corner, topRight: corner, bottomLeft: corner, bottomRight: corner };
  return {
    annotationUID: uid,
    highlighted: false,
    isLocked: false,
    isVisible: true,
    // The tool computes the lengths anew when it draws them, and says so.
    invalidated: true,
    metadata: {
      toolName: shortAxis === undefined ? 'Length' : 'Bidirectional',
      FrameOfReferenceUID: place?.frameOfReferenceUid ?? '',
      referencedImageId: slice.imageId,
      viewPlaneNormal: toPoint3(cross(slice.alongRow, slice.alongColumn)),
      viewUp: toPoint3(subtract([0, 0, 0], slice.alongColumn)),
      cameraFocalPoint: toPoint3(points[0] ?? slice.origin),
    },
    data: {
      label,
      handles: {
        points: points.map(toPoint3),
        activeHandleIndex: null,
        textBox: { hasMoved: false, worldPosition: corner, worldBoundingBox: box },
      },
      // Until it is drawn: the reader has gone on to the next lesion by then.
      cachedStats: { [`imageId:${slice.imageId}`]: lengths(longAxis, shortAxis) },
    },
  };
}

/**
 * Keeps the host's measurements equal to the diameters that were proposed and accepted. One is made when its lesion is accepted or
 * selected, so that opening a study makes none; it is removed with the decision.
 */
export class DiameterLayer {
  readonly #host: Host;
  readonly #shown = new Map<string, Shown>();
  #isRemoving = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** True while this layer itself removes a measurement: the reader does not. */
  get isRemoving(): boolean {
    return this.#isRemoving;
  }

  /** True where the host draws the diameters of a lesion in a study. */
  shows(trackingUid: string, studyInstanceUid: string): boolean {
    return this.#shown.has(diametersUid({ trackingUid }, studyInstanceUid));
  }

  /**
   * Shows the diameters that count.
   * @param isLocked true while a click is to place a lesion: it must not grab a handle
   */
  sync(lesions: readonly Lesion[], selected: string | undefined, isLocked: boolean): void {
    const wanted = lesions.flatMap((lesion) =>
      lesion.observations.filter(isOfProposal).map((observation) => ({ lesion, observation })),
    );
    const uids = new Set(wanted.map(({ lesion, observation }) => uidOf(lesion, observation)));
    for (const uid of this.#shown.keys()) if (!uids.has(uid)) this.#remove(uid);
    for (const { lesion, observation } of wanted)
      if (lesion.trackingUid === selected || this.#shown.has(uidOf(lesion, observation)))
        this.#show(lesion, observation);
    for (const { annotation } of this.#shown.values()) annotation.isLocked = isLocked;
  }

  #show(lesion: Lesion, observation: Observation): void {
    const uid = uidOf(lesion, observation);
    const slice = sliceOf(this.#host, observation);
    const points = hostPointsOf(this.#host, observation);
    if (slice === undefined || points.length < 2) return;
    const before = this.#shown.get(uid);
    if (before !== undefined && isSame(before.points, points)) return;
    const made = annotationOf(lesion, observation, { uid, slice, points });
    try {
      this.#shown.set(uid, { points, annotation: this.#put(made) });
    } catch {
      // A host that refuses it: the diameters are drawn with the marker.
    }
  }

  /** Adds a measurement to those of the host, or brings the one that is there up to date. */
  #put(made: HostAnnotation): HostAnnotation {
    const { state } = this.#host.libraries.cornerstoneTools.annotation;
    const present = state.getAnnotation(made.annotationUID);
    if (present === undefined) {
      state.addAnnotation(made, made.metadata.FrameOfReferenceUID);
      return made;
    }
    // A decision was undone: the tool computes the lengths when it draws them.
    if (!isSame(present.data.handles.points, made.data.handles.points))
      Object.assign(present, { data: made.data, invalidated: true });
    return present;
  }

  #remove(uid: string): void {
    this.#shown.delete(uid);
    this.#isRemoving = true;
    try {
      this.#host.libraries.cornerstoneTools.annotation.state.removeAnnotation(uid);
    } finally {
      this.#isRemoving = false;
    }
  }
}

function uidOf(lesion: Lesion, { studyInstanceUid }: Observation): string {
  return diametersUid(lesion, studyInstanceUid);
}
