import { distanceMm, lpsPoint } from '../../../geometry/index.ts';
import { PLACES, query, target, toTarget } from '../../../matching/testing/affinePair.ts';
import { aligned } from './alignImages.ts';

describe('images', () => {
  it('correct a guess that is some millimetres off', () => {
    const wrong = (lps: Parameters<typeof toTarget>[0]) => {
      const [x, y, z] = toTarget(lps);
      return lpsPoint(x + 1.5, y - 1, z + 1.5);
    };
    const place = aligned(query, target, wrong);
    for (const at of PLACES) expect(distanceMm(place(at), toTarget(at))).toBeLessThan(0.6);
  });

  it('keep a guess that is right', () => {
    const place = aligned(query, target, toTarget);
    for (const at of PLACES) expect(distanceMm(place(at), toTarget(at))).toBeLessThan(0.4);
  });
});
