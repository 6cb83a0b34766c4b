import fc from 'fast-check';
import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { buildTimePointReport } from '../report/index.ts';
import { buildFiducials } from '../fiducials/index.ts';
import { readFindings } from '../findings/readFindings.ts';
import { instanceOf, pointIn } from '../report/testing/fixtures.ts';
import { readPoints, toCsv, writeMarkups } from './index.ts';
import type { NamedPoint } from './index.ts';

const read = (content: string | Uint8Array): Promise<readonly NamedPoint[]> =>
  readPoints(typeof content === 'string' ? Buffer.from(content) : content, 'a file', (part10) =>
    Promise.resolve(readFindings(part10)),
  );

const coordinate = evenly(-3000, 3000).map((mm) => Math.round(mm * 1000) / 1000);
const place = fc.tuple(coordinate, coordinate, coordinate).map(([x, y, z]) => lpsPoint(x, y, z));
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ",;]{0,11}[a-z]$/u);
const named = fc.array(fc.record({ name, lps: place }), { minLength: 1, maxLength: 5 });

const CARINA = { name: 'Carina', lps: lpsPoint(1, -2, 3) };

describe('readPoints', () => {
  it('reads what toCsv writes, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(named, async (points) => {
        const rows = points.map(({ name: one, lps }) => [...lps, one]);
        expect(await read(toCsv(['x', 'y', 'z', 'name'], rows))).toEqual(points);
      }),
    );
  });

  it('reads what writeMarkups writes', async () => {
    await fc.assert(
      fc.asyncProperty(named, async (points) => {
        expect(await read(JSON.stringify(writeMarkups(points)))).toEqual(points);
      }),
    );
  });

  it.each<readonly [unknown, LpsPoint]>([
    ['LPS', lpsPoint(1, -2, 3)],
    ['1', lpsPoint(1, -2, 3)],
    ['RAS', lpsPoint(-1, 2, 3)],
    [0, lpsPoint(-1, 2, 3)],
    [undefined, lpsPoint(1, -2, 3)],
  ])('minds the coordinate system %j of a markups file', async (coordinateSystem, lps) => {
    const controlPoints = [
      { label: 'Carina', position: [1, -2, 3] },
      { label: 'later', position: null },
      { label: 'not placed', position: [0, 0, 0], positionStatus: 'undefined' },
    ];
    const text = JSON.stringify({ markups: [{ coordinateSystem, controlPoints }] });
    expect(await read(text)).toEqual([{ name: 'Carina', lps }]);
  });

  it.each([
    ['with semicolons', 'name;x;y;z\nCarina;1;-2;3\n'],
    ['without a first line', 'Carina,1,-2,3'],
    ['in another order, with more columns', '\uFEFFx,y,verdict,z,label\r\n1,-2,ok,3,"Carina"\r\n\r\n'],
  ])('reads a table %s', async (_name, text) => {
    expect(await read(text)).toEqual([CARINA]);
  });

  it('reads spatial fiducials and a report of Samepoint', async () => {
    const image = instanceOf(10);
    const now = new Date('2026-11-23T09:30:15Z');
    const made = { image, now, softwareVersion: '1' };
    const frameOfReferenceUid = '1.2.3';
    const fiducials = buildFiducials({ ...made, fiducials: [CARINA], frameOfReferenceUid }).part10;
    expect(await read(fiducials)).toEqual([{ ...CARINA, frameOfReferenceUid }]);
    const lesion = { trackingUid: '2.25.7', label: 'L', role: 'target', status: 'present' } as const;
    const observations = [{ ...lesion, place: pointIn(10, 5, { lps: CARINA.lps }) }];
    const report = buildTimePointReport({ ...made, observations, timePoint: { name: 'TP' } }).part10;
    expect(await read(report)).toEqual([{ name: 'L', lps: CARINA.lps, trackingUid: '2.25.7' }]);
  });

  it.each([
    ['no columns', 'name,u,v,w\na,1,2,3', 'names no columns'],
    ['a line without numbers', 'name,x,y,z\na,1,2,3\nb,1,,3', 'line 3'],
    ['no point', 'name,x,y,z\n', 'no point'],
    ['JSON of something else', '{"points": []}', 'no markups file'],
    ['no JSON', '{"markups', 'is no JSON'],
    ['inches', '{"markups":[{"coordinateUnits":"inch","controlPoints":[]}]}', 'not in mm'],
    ['neither text nor DICOM', '\0\0\0', 'neither text nor DICOM'],
  ])('refuses %s, and names the file', async (_name, text, words) => {
    await expect(read(text)).rejects.toThrow(`a file: `);
    await expect(read(text)).rejects.toThrow(words);
  });
});

describe('toCsv', () => {
  it('writes no text that a spreadsheet would run', () => {
    expect(toCsv(['name'], [['=1+1'], ['@x'], ['a,"b"'], [undefined], [-1.5]])).toBe(
      'name\r\n\'=1+1\r\n\'@x\r\n"a,""b"""\r\n\r\n-1.5\r\n',
    );
  });
});
