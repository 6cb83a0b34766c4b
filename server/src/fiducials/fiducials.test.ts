import fc from 'fast-check';
import { lpsPoint } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { instanceOf } from '../report/testing/fixtures.ts';
import { buildFiducials } from './buildFiducials.ts';
import { readFiducials } from './readFiducials.ts';
import type { Fiducial, FiducialsRequest } from './types.ts';

const CARINA: Fiducial = { name: 'Carina', lps: lpsPoint(1.5, -20.25, 310), description: 'uncertain' };

function request(changes: Partial<FiducialsRequest> = {}): FiducialsRequest {
  return {
    fiducials: [CARINA],
    frameOfReferenceUid: '1.2.826.10.2',
    image: instanceOf(10),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15Z'),
    ...changes,
  };
}

const coordinate = evenly(-3000, 3000);
const point = fc.tuple(coordinate, coordinate, coordinate).map(([x, y, z]) => lpsPoint(x, y, z));

describe('spatial fiducials', () => {
  it('are read back with name, description and place, to a thousandth of a millimetre', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 5 }), (places) => {
        const fiducials = places.map((lps, n) => ({
          name: `Länge ${n} of a name`,
          lps,
          description: 'a\nb',
        }));
        const [set, ...others] = readFiducials(buildFiducials(request({ fiducials })).part10);
        expect(others).toEqual([]);
        expect(set).toMatchObject({ frameOfReferenceUid: '1.2.826.10.2', omitted: 0 });
        expect(set!.fiducials.map(({ name, description }) => ({ name, description }))).toEqual(
          fiducials.map(({ name, description }) => ({ name, description })),
        );
        set!.fiducials.forEach(({ lps }, n) => {
          lps.forEach((value, axis) => {
            expect(value).toBeCloseTo(places[n]![axis]!, 3);
          });
        });
      }),
      { numRuns: 30 },
    );
  });

  it('keep the whole name where the identifier is too short for it, and two equal ones apart', () => {
    const name = 'the lowest point of the sternum';
    const fiducials = [CARINA, { ...CARINA, name }, { ...CARINA, name: 'a\\b' }, { ...CARINA, name }];
    const [set] = readFiducials(buildFiducials(request({ fiducials })).part10);
    expect(set!.fiducials.map((one) => one.name)).toEqual(['Carina', name, 'a\\b', name]);
  });

  it.each([
    ['no point', { fiducials: [] }, 'a point'],
    ['no frame of reference', { frameOfReferenceUid: '' }, 'FrameOfReferenceUID'],
    ['no study', { image: {} }, 'StudyInstanceUID'],
    ['a point of two lines', { fiducials: [{ ...CARINA, name: 'a\nb' }] }, 'line break'],
    ['a point nowhere', { fiducials: [{ ...CARINA, lps: lpsPoint(1, NaN, 2) }] }, 'no finite place'],
  ])('refuse %s', (_name, changes, words) => {
    expect(() => buildFiducials(request(changes))).toThrow(words);
  });
});
