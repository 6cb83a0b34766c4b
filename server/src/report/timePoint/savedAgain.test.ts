import fc from 'fast-check';
import { sliceMetadata, elements } from '../../findings/testing/documents.ts';
import { placedIn } from '../../findings/testing/placed.ts';
import { imagePlaneOrReason } from '../../findings/plane.ts';
import type { SeriesPoint } from '../types.ts';
import { buildTimePointReport } from './buildTimePointReport.ts';
import { inImages } from '../../findings/inImage.ts';
import { lesion, placeAt } from './testing/lesions.ts';
import type { ConfirmedObservation } from './types.ts';

const planeOf: Parameters<typeof inImages>[1] = ({ sopInstanceUid }) =>
  imagePlaneOrReason(sliceMetadata(Number(sopInstanceUid.split('.').pop())));

function reportOf(observation: ConfirmedObservation): Uint8Array {
  const image = { ...sliceMetadata(3), ...elements({ PatientID: ['P1'] }) };
  return buildTimePointReport({
    ...{ observations: inImages([observation], planeOf), timePoint: { name: 'TP' }, image },
    ...{ softwareVersion: '1', now: new Date(Date.UTC(2026, 2, 2)) },
  }).part10;
}

it('a lesion without diameters is read so that it can be saved again, also far beside its slice', () => {
  fc.assert(
    fc.property(fc.double({ min: -2.5, max: 2.5, noNaN: true }), (offPlaneMm) => {
      const place = placeAt(110, 50, 3, offPlaneMm);
      const { longAxis, shortAxis, ...point } = lesion({ place });
      expect([longAxis?.mm, shortAxis?.mm]).toEqual([10, 4]);
      const [finding] = placedIn(reportOf(point)).findings;
      expect(finding?.lps).toEqual(place.lps);
      const { column = NaN, row = NaN, offPlaneMm: read = 0 } = finding?.image ?? {};
      expect(Math.abs(read)).toBeCloseTo(Math.abs(offPlaneMm), 3);
      const again: SeriesPoint = { ...place, pixel: { ...place.pixel, column, row, offPlaneMm: read } };
      expect(inImages([{ ...point, place: again }], planeOf)).toHaveLength(1);
    }),
    { numRuns: 20 },
  );
});
