import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import { createPhantom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { temporaryFolder } from '../support/paths.ts';
import { Elastix, pointsFile, readOutputPoints } from './elastix.ts';
import type { Subject } from './files.ts';

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

/** In the place of elastix: writes down each call. */
const ELASTIX = `#!/bin/bash
[ "$1" = --version ] && exit
while [ "$1" != -out ]; do shift; done
echo "$2" >> "$0.calls"
touch "$2/TransformParameters.1.txt"
`;
/** In the place of transformix: each point where it was. */
const TRANSFORMIX = `#!/bin/bash
[ "$1" = --version ] && exit
tail -n +3 "$2" | sed 's/.*/; OutputPoint = [ & ]/' > "$6/outputpoints.txt"
`;

describe('elastix', () => {
  const folder = temporaryFolder('fake-elastix');
  const elastix = new Elastix({ ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` });
  let volume: Volume;
  const subject = (identity: string): Subject => ({ identity, load: () => Promise.resolve(volume) });
  const point = (x: number, errorMm: number) => ({
    query: lpsPoint(x, 5, 6),
    target: lpsPoint(x + errorMm, 5, 6),
  });
  const calls = (): string[] => readFileSync(join(folder, 'elastix.calls'), 'utf8').trim().split('\n');
  const errorsOf = async (query: Subject, target: Subject, ...points: ReturnType<typeof point>[]) => {
    const { scored } = await elastix.answer({ data: 'd', case: 'c', query, target, points });
    return scored.map(({ errorMm }) => errorMm);
  };

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries({ elastix: ELASTIX, transformix: TRANSFORMIX })) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    volume = createPhantom({ seed: 1, coarseness: 8 }).timePoints[0].volume;
  });
  afterAll(async () => {
    await elastix.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('registers a pair once for the points of several scenes, and another pair anew', async () => {
    const [a, b, c] = [subject('a'), subject('b'), subject('c')];
    expect(await errorsOf(a, b, point(1, 2), point(4, 0))).toEqual([2, 0]);
    expect(await errorsOf(a, b, point(7, 3))).toEqual([3]);
    expect(calls()).toHaveLength(1);
    expect(await errorsOf(a, c, point(1, 1))).toEqual([1]);
    expect(calls()).toHaveLength(2);
  });

  it('keeps the files of one pair only, and none at the end', async () => {
    const [first = '', last = ''] = calls();
    expect([existsSync(first), existsSync(last)]).toEqual([false, true]);
    await elastix.close();
    expect(existsSync(last)).toBe(false);
  });
});
