/**
 * A program: the papers about the packages of the product.
 *
 *   node papers.ts licences          fails where a package has a licence that is not allowed
 *   node papers.ts notices           writes THIRD-PARTY-NOTICES.md
 *   node papers.ts sbom [file]       writes the bill of materials, CycloneDX 1.6 (default: dist/samepoint.cdx.json)
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from '../support/paths.ts';
import { forbidden } from './licences.ts';
import { productionPackages, readLock } from './lockfile.ts';
import { NOTICES, noticesOf } from './notices.ts';
import { sbomOf } from './sbom.ts';

const lock = readLock();
const packages = productionPackages(lock);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function checkLicences(): void {
  const problems = forbidden(packages);
  if (problems.length === 0) {
    say(`licences: ${packages.length} packages of production, all with licences that are allowed`);
    return;
  }
  say(`licences that are not allowed (test/papers/licences.ts):\n  ${problems.join('\n  ')}`);
  process.exitCode = 1;
}

function writeSbom(file: string): void {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'lerna.json'), 'utf8')) as { version: string };
  const sbom = sbomOf(version, packages, lock);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
  say(`${file}: ${sbom.components.length} components`);
}

const [command, file = join(ROOT, 'dist/samepoint.cdx.json')] = process.argv.slice(2);
switch (command) {
  case 'licences':
    checkLicences();
    break;
  case 'notices':
    writeFileSync(NOTICES, noticesOf(packages));
    say(NOTICES);
    break;
  case 'sbom':
    writeSbom(resolve(file));
    break;
  default:
    say('say what: licences, notices or sbom');
    process.exitCode = 1;
}
