import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lpsPoint } from '../geometry/index.ts';
import { buildReport } from './buildReport.ts';
import { pairOf, pointIn, requestOf } from './testing/fixtures.ts';
import { readReport } from './readReport.ts';
import { MATCH_VERDICTS } from '../matching/index.ts';
import type { ConfirmedPair, MatchProvenance, SeriesPoint } from './types.ts';

/** Upper bound for a property test on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
const number = fc.double({ min: -5000, max: 5000, noNaN: true });
/** Pixel indices as viewers give them, to 1/10000 pixel: SCOORD is single precision. */
const pixel = fc.integer({ min: -5000, max: 5_114_000 }).map((x) => x / 10_000);
const label = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .map((text) => text.trim())
  .filter((text) => text !== '' && !/[\p{Cc}\p{Cs}]/u.test(text));

function pointsIn(study: number): fc.Arbitrary<SeriesPoint> {
  return fc
    .tuple(
      fc.integer({ min: 1, max: 300 }),
      number,
      number,
      number,
      pixel,
      pixel,
      fc.double({ min: 0, max: 9, noNaN: true }),
    )
    .map(([slice, x, y, z, column, row, offPlaneMm]) => {
      const point = pointIn(study, slice);
      return { ...point, lps: lpsPoint(x, y, z), pixel: { ...point.pixel, column, row, offPlaneMm } };
    });
}

const name = fc.stringMatching(/^[!-~]{1,64}$/u);
const provenances: fc.Arbitrary<MatchProvenance> = fc.record({
  model: fc.record({ id: name, version: name }),
  method: name,
  step: name,
  verdict: fc.constantFrom(...MATCH_VERDICTS),
  errorRadiusMm: fc.double({ min: 0, max: 500, noNaN: true }),
});

const pairs: fc.Arbitrary<ConfirmedPair> = fc
  .tuple(
    label,
    fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
    fc.constantFrom('accepted' as const, 'moved' as const),
    pointsIn(10),
    fc.constantFrom(10, 20, 30).chain(pointsIn),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 500, noNaN: true }),
    fc.option(provenances, { nil: undefined }),
  )
  .map(([text, uid, state, current, prior, similarity, cycleErrorMm, provenance]) => ({
    label: text,
    lesionUid: `2.25.${uid}`,
    state,
    current,
    prior,
    similarity,
    cycleErrorMm,
    ...(provenance === undefined ? {} : { provenance }),
  }));

/** -0 and 0 are the same number to everybody but Object.is. */
function withoutNegativeZero<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('readReport', () => {
  it(
    'gives back the very pairs that were written, in their order',
    () => {
      fc.assert(
        fc.property(fc.array(pairs, { minLength: 1, maxLength: 4 }), (written) => {
          const read = readReport(buildReport(requestOf({ pairs: written })).part10);
          expect(withoutNegativeZero(read)).toEqual({
            ok: true,
            createdAt: '2026-11-23T09:30:15.250Z',
            pairs: withoutNegativeZero(written),
            problems: [],
          });
        }),
        { numRuns: 60 },
      );
    },
    SLOW_MS,
  );

  it.each(['Läsion „groß“', '"quoted" \\ back\\slash', '肺結節 1', '🫁 S6', 'x'.repeat(256)])(
    'keeps the label %s',
    (text) => {
      const read = readReport(buildReport(requestOf({ pairs: [pairOf({ label: text })] })).part10);
      expect(read).toMatchObject({ ok: true, pairs: [{ label: text }] });
    },
  );

  it('keeps two pairs of one lesion apart', () => {
    const twice = [pairOf(), pairOf({ prior: pointIn(30, 2) })];
    const read = readReport(buildReport(requestOf({ pairs: twice })).part10);
    expect(read.ok && read.pairs.map(({ prior }) => prior.studyInstanceUid)).toEqual([
      '1.2.826.20',
      '1.2.826.30',
    ]);
  });

  it('refuses what is no DICOM file, and a file that lost content to a cut, with a reason', () => {
    expect(readReport(new Uint8Array(0))).toEqual({
      ok: false,
      isDamaged: true,
      reason: 'it is not a complete DICOM file: attempt to read past end of buffer',
    });
    expect(readReport(Uint8Array.from({ length: 4000 }, (_, n) => (n * 37) % 256)).ok).toBe(false);
    const { part10 } = buildReport(requestOf());
    const whole = readReport(part10);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: part10.length - 1 }), (length) => {
        const read = readReport(part10.subarray(0, length));
        // The file ends in 48 bytes of delimiters: a cut between two of them has lost nothing.
        if (read.ok) expect(read).toEqual(whole);
        else expect(read.reason).not.toBe('');
      }),
      { numRuns: 50 },
    );
  });

  it('reads from a window of a larger buffer', () => {
    const { part10 } = buildReport(requestOf());
    const larger = new Uint8Array(part10.length + 100);
    larger.set(part10, 51);
    expect(readReport(larger.subarray(51, 51 + part10.length)).ok).toBe(true);
  });

  it('refuses other classes and reports of others', () => {
    const { part10 } = buildReport(requestOf());
    expect(
      readReport(replaced(part10, '1.2.840.10008.5.1.4.1.1.88.22', '1.2.840.10008.5.1.4.1.1.88.11')),
    ).toEqual({
      ok: false,
      isDamaged: false,
      reason: 'it is no Enhanced SR',
    });
    expect(readReport(replaced(part10, '126000', '126999'))).toEqual({
      ok: false,
      isDamaged: false,
      reason: 'it is no Imaging Measurement Report',
    });
    expect(readReport(replaced(part10, '99SAMEPOINT', '99SOMEBODY1'))).toEqual({
      ok: false,
      isDamaged: false,
      reason: 'it was not written by Samepoint',
    });
    expect(readReport(replaced(part10, 'ISO_IR 192', 'ISO_IR 999'))).toEqual({
      ok: false,
      isDamaged: false,
      reason: 'its character set "ISO_IR 999" is not one that Samepoint writes',
    });
  });

  it('omits a damaged pair, says what is wrong with it, and gives the others', () => {
    const { part10 } = buildReport(requestOf({ pairs: [pairOf({ state: 'moved' }), pairOf()] }));
    expect(readReport(replaced(part10, 'MOVED', 'OTHER'))).toMatchObject({
      ok: true,
      pairs: [{ state: 'accepted' }],
      problems: ['measurement group 1, 2: unknown state "OTHER"'],
    });
    expect(readReport(replaced(part10, 'LESION_UID', 'LESION_XXX'))).toEqual({
      ok: false,
      isDamaged: true,
      reason:
        'measurement group 1, 2: "Lesion Unique Identifier" is missing; measurement group 3, 4: "Lesion Unique Identifier" is missing',
    });
    expect(readReport(replaced(part10, 'PRIOR ', 'CURREN'))).toMatchObject({ ok: false });
  });

  it('an image without its frame of reference spoils only the pairs that point at it', () => {
    const pairs = [pairOf(), pairOf({ prior: pointIn(30, 2) })];
    const { part10 } = buildReport(requestOf({ pairs }));
    // The frame of reference of study 30 stands once, in the image library.
    const damaged = replaced(part10, '1.2.826.30.2', '\0'.repeat(12));
    expect(readReport(damaged)).toMatchObject({
      ok: true,
      pairs: [{}],
      problems: ['measurement group 3, 4: its image lacks a UID of study, series or frame'],
    });
  });
});

/** The file with all occurrences of a text replaced by another of the same length. */
function replaced(part10: Uint8Array, from: string, to: string): Uint8Array {
  return Uint8Array.from(Buffer.from(Buffer.from(part10).toString('latin1').replaceAll(from, to), 'latin1'));
}

function installed(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs with the name of a skipped test that says why. */
const withTools = (tools: readonly string[], name: string, test: () => void): void => {
  const missing = tools.filter((tool) => !installed(tool));
  if (missing.length === 0) it(name, test);
  else it.skip(`${name} (skipped: ${missing.join(', ')} not installed)`, test);
};

describe('a report, seen by other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'samepoint-report-'));
  const file = join(folder, 'report.dcm');
  const multiFrame = pointIn(30, 2);
  const request = requestOf({
    pairs: [
      pairOf({ label: 'Läsion „1“' }),
      pairOf({
        state: 'moved',
        prior: {
          ...multiFrame,
          pixel: { ...multiFrame.pixel, sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1', frameNumber: 3 },
        },
      }),
    ],
    observerName: 'Röntgen^Wilhelm',
  });
  const { part10 } = buildReport(request);
  writeFileSync(file, part10);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  withTools(['dciodvfy'], 'passes dciodvfy; it warns of nothing but the private coding scheme', () => {
    // dciodvfy reports on stderr; its exit status does not.
    const output = execFileSync('sh', ['-c', 'dciodvfy "$0" 2>&1', file], { encoding: 'utf8' });
    const lines = output.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.includes('<99SAMEPOINT>'))).toEqual(['EnhancedSR']);
    expect(lines.filter((line) => line.startsWith('Error'))).toEqual([]);
  });

  withTools(['dsrdump'], 'has a document tree that dsrdump prints', () => {
    const tree = execFileSync('dsrdump', ['+Pc', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(tree.match(/CONTAINER:\(125007,DCM,"Measurement Group"\)/g)).toHaveLength(4);
    expect(tree).toContain('<contains TEXT:(121106,DCM,"Comment")="Läsion „1“">');
    expect(tree).toContain('<inferred from SCOORD:=(POLYLINE,255.932098/101.75,...)>');
    expect(tree).toContain('PNAME:(121008,DCM,"Person Observer Name")="Röntgen^Wilhelm"');
  });

  withTools(
    ['dcmconv'],
    'reads the same after another program rewrote it with implicit VR and defined lengths',
    () => {
      const rewritten = join(folder, 'implicit.dcm');
      execFileSync('dcmconv', ['+ti', '-e', file, rewritten]);
      const read = readReport(new Uint8Array(readFileSync(rewritten)));
      expect(read).toEqual(readReport(part10));
      expect(read.ok && read.pairs).toEqual(request.pairs);
    },
  );
});
