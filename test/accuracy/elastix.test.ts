import { lpsPoint } from '../../server/src/geometry/index.ts';
import { pointsFile, readOutputPoints } from './elastix.ts';

describe('the files of transformix', () => {
  it('lists world points', () => {
    expect(pointsFile([lpsPoint(1, -2.5, 3), lpsPoint(0, 0, -7)])).toBe('point\n2\n1 -2.5 3\n0 0 -7\n');
  });

  it('reads the transformed points and nothing else', () => {
    // Two lines as elastix 5.0.1 writes them.
    const text = [
      'Point\t0\t; InputIndex = [ 1 2 3 ]\t; InputPoint = [ 1.000000 2.000000 3.000000 ]\t; OutputIndexFixed = [ 1 2 3 ]\t; OutputPoint = [ 4.500000 -2.000000 3.250000 ]\t; Deformation = [ 3.500000 -4.000000 0.250000 ]',
      'Point\t1\t; InputIndex = [ 1 2 3 ]\t; InputPoint = [ 1.000000 2.000000 3.000000 ]\t; OutputIndexFixed = [ 1 2 3 ]\t; OutputPoint = [ -1e-05 0.000000 12.000000 ]\t; Deformation = [ 0 0 0 ]',
    ].join('\n');
    expect(readOutputPoints(text)).toEqual([
      [4.5, -2, 3.25],
      [-1e-5, 0, 12],
    ]);
  });
});
