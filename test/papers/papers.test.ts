import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/paths.ts';
import { forbidden } from './licences.ts';
import { BUNDLED, productionPackages, readLock } from './lockfile.ts';
import type { ProductionPackage } from './lockfile.ts';
import { committedNotices, noticesOf } from './notices.ts';
import { sbomOf } from './sbom.ts';
import { textLike } from '../../server/src/errors/testing/like.ts';

const lock = readLock();
const packages = productionPackages(lock);
const byName = new Map(packages.map((entry) => [entry.name, entry]));

function packageWith(name: string, licence: string): ProductionPackage {
  return {
    path: `node_modules/${name}`,
    name,
    version: '1.0.0',
    licence,
    integrity: undefined,
    isForOnePlatform: false,
    dependencies: [],
  };
}

describe('packages of production', () => {
  it('are those that the server names, in its own versions, and what they load', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'server/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies))
      expect(packages.find((entry) => entry.name === name && entry.version === version)).toBeDefined();
    expect(byName.has('p-timeout')).toBe(true);
    expect(byName.has('eslint')).toBe(false);
  });

  it('are in the bundled extension those that the notices name', () => {
    const map = JSON.parse(readFileSync(join(ROOT, 'extension/dist/samepoint.js.map'), 'utf8')) as {
      sources: readonly string[];
    };
    expect(map.sources.length).toBeGreaterThan(10);
    const bundled = map.sources.flatMap(
      (source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(source)?.[1] ?? [],
    );
    expect([...new Set(bundled)].filter((name) => !BUNDLED.includes(name))).toEqual([]);
    for (const name of BUNDLED) expect(byName.get(name)?.licence).toBe('MIT');
  });
});

describe('licence gate', () => {
  it('lets the packages of production pass', () => {
    expect(forbidden(packages)).toEqual([]);
  });

  it('stops copyleft, unknown and unseen licences, and combinations that are not reviewed', () => {
    const licences = [
      'GPL-3.0-only',
      'AGPL-3.0-or-later',
      'SSPL-1.0',
      'UNKNOWN',
      'UNLICENSED',
      '(MIT OR GPL-2.0-only)',
      '',
    ];
    const found = licences.map((licence, n) => packageWith(`p${n}`, licence));
    expect(forbidden(found)).toHaveLength(licences.length);
    expect(forbidden([packageWith('copyleft', 'GPL-3.0-only')])).toEqual(['copyleft 1.0.0: GPL-3.0-only']);
  });

  it('finds one that a dependency brings', () => {
    const packages = {
      ...lock.packages,
      'node_modules/express/node_modules/copyleft': {
        version: '1.0.0',
        license: 'GPL-3.0-only',
        link: false,
        dependencies: {},
        optionalDependencies: {},
      },
      'node_modules/express': {
        ...lock.packages['node_modules/express']!,
        dependencies: { ...lock.packages['node_modules/express']!.dependencies, copyleft: '1.0.0' },
      },
    };
    expect(forbidden(productionPackages({ ...lock, packages }))).toEqual(['copyleft 1.0.0: GPL-3.0-only']);
  });

  it('accepts an exception for this package with this licence only', () => {
    const exceptions = [{ name: 'special', licence: 'MPL-2.0', reason: 'a test' }];
    expect(forbidden([packageWith('special', 'MPL-2.0')], exceptions)).toEqual([]);
    expect(forbidden([packageWith('special', 'GPL-2.0-only')], exceptions)).toHaveLength(1);
    expect(forbidden([packageWith('other', 'MPL-2.0')], exceptions)).toHaveLength(1);
  });
});

describe('bill of materials', () => {
  const sbom = sbomOf('1.2.3', packages, lock);

  it('has what CycloneDX 1.6 requires, and every package', () => {
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(sbom.metadata.component).toMatchObject({
      type: 'application',
      name: 'samepoint',
      version: '1.2.3',
    });
    expect(sbom.components).toHaveLength(packages.length + 1);
    for (const { type, name, version, licenses, purl, hashes } of sbom.components.slice(1)) {
      expect(type).toBe('library');
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect(licenses).toHaveLength(1);
      expect(hashes?.[0]).toMatchObject({
        alg: 'SHA-512',
        content: textLike(/^[0-9a-f]{128}$/),
      });
    }
  });

  it('names every component once, and depends on nothing that it does not have', () => {
    const refs = sbom.components.map((component) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    const known = new Set([...refs, 'samepoint']);
    for (const { ref, dependsOn } of sbom.dependencies)
      expect([ref, ...dependsOn].filter((name) => !known.has(name))).toEqual([]);
    const reached = new Set(sbom.dependencies.flatMap(({ dependsOn }) => dependsOn));
    expect(refs.filter((ref) => !reached.has(ref))).toEqual([]);
  });

  it('is the same for everybody', () => {
    expect(JSON.stringify(sbomOf('1.2.3', productionPackages(readLock()), lock))).toBe(JSON.stringify(sbom));
  });
});

describe('THIRD-PARTY-NOTICES.md', () => {
  it('is what `npm run notices` writes', () => {
    expect(committedNotices()).toBe(noticesOf(packages));
  });
});
