import { lpsPoint } from '../../geometry/index.ts';
import { trackMeasures } from './measures.ts';

test('four lesions by hand: 5, 12 and 10 mm off, and one without an answer', () => {
  const truth = lpsPoint(10, 20, 30);
  const measures = trackMeasures([
    { truth, answer: lpsPoint(13, 20, 26) },
    { truth, answer: lpsPoint(10, 8, 30) },
    { truth, answer: lpsPoint(10, 20, 40) },
    { truth, answer: undefined },
  ]);
  expect(measures).toMatchObject({ n: 4, failed: 1, medMm: 9, xMm: 1, yMm: 4, cpm10: 0.5 });
  expect(measures?.zMm).toBeCloseTo(14 / 3, 12);
  // ((5 - 9)^2 + (12 - 9)^2 + (10 - 9)^2) / 3
  expect(measures?.medSdMm).toBeCloseTo(Math.sqrt(26 / 3), 12);
});

test('no answer, no measure', () => {
  expect(trackMeasures([{ truth: lpsPoint(0, 0, 0), answer: undefined }])).toBeUndefined();
});
