import type { PlaneOf } from './place.ts';
import type { ConfirmedObservation, LesionObservation } from '../report/index.ts';
/** Puts the diameters of observations into the images of their places. @throws SamepointError report/bad-observation */
export declare function inImages(observations: readonly ConfirmedObservation[], planeOf: PlaneOf): readonly LesionObservation[];
