/**
 * Reports of jest, counted; and one of a second run put in place of the first.
 * @module
 */
import type { Count } from './python.ts';

/** The part of jest's JSON report that is read. */
export interface JestReport {
  readonly testResults: readonly FileReport[];
}

/** What jest says of one file of tests. */
interface FileReport {
  /** Absolute path. */
  readonly name: string;
  /** "failed" also where the file could not be run at all. */
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

/** @param isGreen as jest ended: it also fails for reasons that are no test, such as an unhandled rejection after the last one */
export function countJest({ testResults }: JestReport, isGreen: boolean): Count {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const skipped = tests
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
  const withStatus = (wanted: string): number => tests.filter(({ status }) => status === wanted).length;
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = withStatus('failed') + broken.length;
  return { passed: withStatus('passed'), failed: failed === 0 && !isGreen ? 1 : failed, skipped };
}

/** Paths of the files that failed. */
export function failedFiles({ testResults }: JestReport): readonly string[] {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** The first report, with what the second run says of the files that it ran. */
export function withSecondRun(first: JestReport, second: JestReport): JestReport {
  const again = new Map(second.testResults.map((file) => [file.name, file]));
  return { testResults: first.testResults.map((file) => again.get(file.name) ?? file) };
}
