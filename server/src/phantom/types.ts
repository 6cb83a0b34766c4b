import type { LpsPoint } from '../geometry/index.ts';
import type { Volume } from '../volume/types.ts';
import type { TimePointName } from './lesions.ts';

/** One scan of the phantom. */
export interface PhantomTimePoint {
  readonly name: TimePointName;
  /** HU on an axial grid; UIDs are reproducible from the seed. */
  readonly volume: Volume;
  /** DICOM DA, YYYYMMDD. */
  readonly studyDate: string;
  /** DICOM TM, HHMMSS. */
  readonly studyTime: string;
  readonly studyDescription: string;
  readonly seriesDescription: string;
}

/** The exact place of one lesion in all scans; LPS, mm, each in its scan's own frame of reference. */
export interface PhantomLesion {
  readonly label: string;
  readonly currentLps: LpsPoint;
  readonly priorLps: LpsPoint;
  readonly baselineLps: LpsPoint;
  /** Where the lesion can be seen. Its place is known everywhere, also beyond the field of view. */
  readonly presentIn: readonly TimePointName[];
  /** Radius where it can be seen, mm. */
  readonly radiusMm: { readonly [name in TimePointName]?: number };
}

/** The exact place of a point of the anatomy in all scans; LPS, mm, each in its scan's own frame of reference. */
export interface PhantomLandmark {
  readonly name: string;
  readonly currentLps: LpsPoint;
  readonly priorLps: LpsPoint;
  readonly baselineLps: LpsPoint;
}

/** A patient scanned three times. */
export interface Phantom {
  readonly patientId: string;
  readonly patientName: string;
  readonly timePoints: readonly [
    current: PhantomTimePoint,
    prior: PhantomTimePoint,
    baseline: PhantomTimePoint,
  ];
  readonly lesions: readonly PhantomLesion[];
  /** The same points of every patient. */
  readonly landmarks: readonly PhantomLandmark[];
  /** The same anatomical point in the other one of these two scans; LPS, mm. Exact inside the body. */
  toPrior(current: LpsPoint): LpsPoint;
  toCurrent(prior: LpsPoint): LpsPoint;
}
