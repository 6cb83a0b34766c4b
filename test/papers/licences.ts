/**
 * Which licences the packages of the product may have. Whole expressions are compared: a new combination is looked at by a person.
 * @module
 */
import type { ProductionPackage } from './lockfile.ts';

/** SPDX expressions that require no more than a notice. */
const ALLOWED: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '(MIT AND Zlib)',
  '(MIT OR CC0-1.0)',
]);

/** A package whose licence is accepted although the list above does not have it. */
export interface Exception {
  readonly name: string;
  readonly licence: string;
  /** Why this one may be used. */
  readonly reason: string;
}

/** None at present. */
const EXCEPTIONS: readonly Exception[] = [];

/** What is wrong, a line per package; none where all may be used. */
export function forbidden(
  packages: readonly ProductionPackage[],
  exceptions: readonly Exception[] = EXCEPTIONS,
): readonly string[] {
  const isExcepted = ({ name, licence }: ProductionPackage): boolean =>
    exceptions.some((exception) => exception.name === name && exception.licence === licence);
  return packages
    .filter((found) => !ALLOWED.has(found.licence) && !isExcepted(found))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence}`);
}
