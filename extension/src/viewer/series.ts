import { notices } from '../i18n/words.ts';
import type { DisplaySet, Instance } from '../ohif.d.ts';
import type { SeriesRef } from '../wire.ts';
import type { Host } from './host.ts';

/** A series that the viewer has loaded. */
export interface LoadedSeries extends SeriesRef {
  readonly modality: string;
  /** Same patient, same key; never sent or logged. Undefined where the images name no patient. */
  readonly patientKey: string | undefined;
  /** DICOM date and time of the study: sorts as text; '' where unknown. */
  readonly studyTime: string;
  /** For the reader, e.g. "CT of 2024-03-01". */
  readonly title: string;
  readonly studyDescription: string;
  readonly images: number;
  /** False for localizers and for images that are too few for a volume. */
  readonly isVolume: boolean;
}

/** A series as the reader sees it on the screen. */
export interface ShownSeries extends LoadedSeries {
  readonly viewportIds: readonly string[];
}

/** Fewer images than these are no volume. */
const MIN_SLICES = 3;
/** How far an orientation (a cosine) may differ between the images of a volume: rounding in the header. */
const SAME_ORIENTATION = 0.01;

function imageTypeOf({ ImageType = [] }: Instance): readonly string[] {
  return typeof ImageType === 'string' ? ImageType.split('\\') : ImageType;
}

function isParallel(a: Instance, b: Instance): boolean {
  const [x, y] = [a, b].map(({ ImageOrientationPatient = [] }) => Array.from(ImageOrientationPatient));
  return (x ?? []).every((cosine, k) => Math.abs(cosine - (y?.[k] ?? cosine)) < SAME_ORIENTATION);
}

/**
 * True for slices that are parallel, except a few: a scout may lie among them. Localizers are marked as such, or show the patient from
 * several sides.
 */
function isVolume({ instances = [], numImageFrames = instances.length }: DisplaySet): boolean {
  const middle = instances[Math.floor(instances.length / 2)];
  if (middle === undefined) return true;
  if (numImageFrames < MIN_SLICES) return false;
  const slices = instances.filter((instance) => !imageTypeOf(instance).includes('LOCALIZER'));
  return slices.filter((slice) => isParallel(slice, middle)).length > instances.length / 2;
}

function firstInstance(displaySet: DisplaySet): Instance | undefined {
  return displaySet.instances?.[0] ?? displaySet.instance;
}

/** When the study of a display set was made, as sortable text: YYYYMMDD and the time. */
export function studyTimeOf(displaySet: DisplaySet): string {
  const instance = firstInstance(displaySet);
  return `${instance?.StudyDate ?? ''}${instance?.StudyTime ?? ''}`;
}

function patientKeyOf(displaySet: DisplaySet): string | undefined {
  const instance = firstInstance(displaySet);
  if (instance?.PatientID === undefined || instance.PatientID === '') return undefined;
  return JSON.stringify([instance.PatientID, instance.IssuerOfPatientID ?? '']);
}

/** "2024-03-01"; '' where the images carry no date. */
function dateOf(displaySet: DisplaySet): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(studyTimeOf(displaySet)) ?? [];
  if (year === undefined || month === undefined || day === undefined) return '';
  return `${year}-${month}-${day}`;
}

/** "CT of 2024-03-01": enough to distinguish the time points, without a name. */
function titleOf(displaySet: DisplaySet): string {
  return notices().scan.of(displaySet.Modality ?? '', dateOf(displaySet));
}

/** Read once per display set and number of images: it looks at each image. */
const described = new WeakMap<DisplaySet, LoadedSeries & { readonly instanceCount: number }>();

/** The series of a display set. */
export function loadedSeriesOf(displaySet: DisplaySet): LoadedSeries {
  const known = described.get(displaySet);
  const instanceCount = displaySet.instances?.length ?? 0;
  if (known?.instanceCount === instanceCount) return known;
  const made = { ...describe(displaySet), instanceCount };
  described.set(displaySet, made);
  return made;
}

function describe(displaySet: DisplaySet): LoadedSeries {
  const { StudyInstanceUID, SeriesInstanceUID, Modality = '', instances = [], numImageFrames } = displaySet;
  return {
    studyInstanceUid: StudyInstanceUID,
    seriesInstanceUid: SeriesInstanceUID,
    modality: Modality,
    patientKey: patientKeyOf(displaySet),
    studyTime: studyTimeOf(displaySet),
    title: titleOf(displaySet),
    studyDescription: firstInstance(displaySet)?.StudyDescription ?? '',
    images: numImageFrames ?? instances.length,
    isVolume: isVolume(displaySet),
  };
}

/** Every series that the viewer has loaded, once: of several display sets of a series the one that is a volume. */
export function loadedSeries(host: Host): readonly LoadedSeries[] {
  const found = new Map<string, LoadedSeries>();
  for (const displaySet of host.services.displaySetService.getActiveDisplaySets()) {
    const known = found.get(displaySet.SeriesInstanceUID);
    if (known?.isVolume !== true) found.set(displaySet.SeriesInstanceUID, loadedSeriesOf(displaySet));
  }
  return [...found.values()];
}

/** Every series on the screen, once, with the viewports that show it. */
export function shownSeries(host: Host): readonly ShownSeries[] {
  const found = new Map<string, ShownSeries>();
  for (const viewportId of host.viewportIds()) {
    for (const displaySet of host.displaySetsOf(viewportId)) {
      const known = found.get(displaySet.SeriesInstanceUID);
      const own = loadedSeriesOf(displaySet);
      found.set(displaySet.SeriesInstanceUID, {
        ...own,
        viewportIds: [...(known?.viewportIds ?? []), viewportId],
        isVolume: known?.isVolume === true || own.isVolume,
      });
    }
  }
  return [...found.values()];
}

/** True for two series that may be compared: of one patient, or of one study where no patient is named. */
export function samePatient(a: LoadedSeries, b: LoadedSeries): boolean {
  if (a.studyInstanceUid === b.studyInstanceUid) return true;
  return a.patientKey !== undefined && a.patientKey === b.patientKey;
}

/** The studies that the viewer has loaded. */
export function loadedStudies(host: Host): ReadonlySet<string> {
  return new Set(
    host.services.displaySetService.getActiveDisplaySets().map((displaySet) => displaySet.StudyInstanceUID),
  );
}
