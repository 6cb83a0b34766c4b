import { lpsPoint } from '../../server/src/geometry/index.ts';
import { alignCentres, centreOf } from './centreAlignment.ts';
import { volumeOf } from './testing.ts';

const query = volumeOf([11, 5, 3], [2, 2, 5], [0, 0, 0], () => 0);
const target = volumeOf([21, 5, 3], [2, 2, 5], [100, 0, 0], () => 0);

it('centreOf is the middle between the outermost voxels', () => {
  expect(centreOf(query)).toEqual(lpsPoint(10, 4, 5));
});

it('alignCentres moves every point by the difference of the centres', async () => {
  const scene = {
    data: 'd',
    case: 'c',
    query: { identity: 'q', load: () => Promise.resolve(query) },
    target: { identity: 't', load: () => Promise.resolve(target) },
    points: [
      { query: lpsPoint(1, 2, 3), target: lpsPoint(111, 2, 3) },
      { query: lpsPoint(1, 2, 3), target: lpsPoint(111, 5, 7) },
    ],
  };
  expect(await alignCentres(scene)).toEqual([{ errorMm: 0 }, { errorMm: 5 }]);
});
