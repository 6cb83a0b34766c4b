import type { Embedding } from '../../embedding/index.ts';
import type { MatchModel } from '../types.ts';

/** Two series that are matched. */
interface Series {
  readonly query: Pick<Embedding, 'volume'>;
  readonly target: Pick<Embedding, 'volume'>;
}

/** A model for the pairs of two modalities: its calibration is theirs, where the manifest has one. */
export function modelOfPair(model: MatchModel, { query, target }: Series): MatchModel {
  const { modalityCalibrations = [], ...matching } = model.matching;
  const sorted = [query.volume.modality, target.volume.modality].sort().join();
  const own = modalityCalibrations.find(({ modalities }) => [...modalities].sort().join() === sorted);
  return { ...model, matching: own === undefined ? matching : { ...matching, calibration: own.calibration } };
}
