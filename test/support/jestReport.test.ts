import { countJest, failedFiles, withSecondRun } from './jestReport.ts';
import type { JestReport } from './jestReport.ts';

/** A file whose tests ended so. */
function file(name: string, ...statuses: readonly string[]): JestReport['testResults'][number] {
  return {
    name,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status, n) => ({ status, fullName: `${name} ${n}` })),
  };
}

/** A file that jest could not run. */
const BROKEN = { name: '/broken', status: 'failed', assertionResults: [] };

const FIRST: JestReport = {
  testResults: [
    file('/steady', 'passed', 'passed'),
    file('/unsteady', 'passed', 'failed'),
    file('/part', 'pending'),
  ],
};

describe('a report of jest', () => {
  test('is counted by its tests', () => {
    expect(countJest(FIRST, false)).toEqual({ passed: 3, failed: 1, skipped: ['/part 0'] });
  });

  test('a file that could not be run is one failure', () => {
    expect(countJest({ testResults: [BROKEN] }, false)).toEqual({ passed: 0, failed: 1, skipped: [] });
  });

  test('a run that failed without a failed test is one failure', () => {
    const report = { testResults: [file('/steady', 'passed')] };
    expect(countJest(report, false)).toEqual({ passed: 1, failed: 1, skipped: [] });
    expect(countJest(report, true)).toEqual({ passed: 1, failed: 0, skipped: [] });
  });

  test('names the files that failed', () => {
    expect(failedFiles({ testResults: [...FIRST.testResults, BROKEN] })).toEqual(['/unsteady', '/broken']);
  });
});

describe('a second run', () => {
  test('counts in place of the first for the files that it ran, and for no other', () => {
    const second = { testResults: [file('/unsteady', 'passed', 'passed')] };
    expect(countJest(withSecondRun(FIRST, second), true)).toEqual({
      passed: 4,
      failed: 0,
      skipped: ['/part 0'],
    });
  });

  test('that fails as well stays a failure', () => {
    const second = { testResults: [file('/unsteady', 'failed', 'passed')] };
    const report = withSecondRun(FIRST, second);
    expect(countJest(report, false)).toMatchObject({ passed: 3, failed: 1 });
    expect(failedFiles(report)).toEqual(['/unsteady']);
  });

  test('that ran nothing changes nothing', () => {
    expect(withSecondRun(FIRST, { testResults: [] })).toEqual(FIRST);
  });
});
