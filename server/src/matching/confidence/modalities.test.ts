import { gridOf, syntheticEmbedding } from '../pool/syntheticEmbedding.ts';
import type { MatchModel } from '../types.ts';
import { betweenPatients } from './betweenPatients.ts';
import { UNCALIBRATED } from './calibration.ts';
import { modelOfPair } from './modalities.ts';

const { volume } = syntheticEmbedding({ grid: gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]) });
const CT = { volume: { ...volume, modality: 'CT' } } as const;
const MR = { volume: { ...volume, modality: 'MR' } } as const;

const ofRefined = (quantile: number) => ({ refined: { ...UNCALIBRATED, quantile } });

const MODEL: MatchModel = {
  id: 'a-model',
  version: '1.0.0',
  matching: {
    globalStep: 'vectors',
    calibration: ofRefined(1),
    modalityCalibrations: [{ modalities: ['CT', 'MR'], calibration: ofRefined(7) }],
  },
};

describe('modelOfPair', () => {
  it('has the calibration of the modalities, in either order', () => {
    for (const pair of [
      { query: CT, target: MR },
      { query: MR, target: CT },
    ])
      expect(modelOfPair(MODEL, pair).matching).toEqual({
        globalStep: 'vectors',
        calibration: ofRefined(7),
      });
  });

  it('has that of all pairs where their own is not named, and none where there is none', () => {
    const pair = { query: MR, target: MR };
    expect(modelOfPair(MODEL, pair).matching.calibration).toEqual(ofRefined(1));
    const { calibration: _, ...matching } = MODEL.matching;
    expect(modelOfPair({ ...MODEL, matching }, pair).matching.calibration).toBeUndefined();
  });

  it('claims nothing between two patients, whatever their modalities', () => {
    const model = betweenPatients(MODEL);
    for (const target of [CT, MR]) {
      const { calibration } = modelOfPair(model, { query: CT, target }).matching;
      expect(calibration?.refined?.differentPatients?.agreement).toBe(Infinity);
      expect(calibration?.refined?.quantile).toBe(target === MR ? 7 : 1);
    }
  });
});
