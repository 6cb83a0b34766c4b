/**
 * The software bill of materials, CycloneDX 1.6: what is in the product, from the lock file. It depends only on that file, so that two
 * people get the same one; CycloneDX requires neither a time nor a serial number.
 * @module
 */
import { Buffer } from 'node:buffer';
import type { Lock, ProductionPackage } from './lockfile.ts';

/** A component of CycloneDX 1.6. */
export interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses: readonly (
    { readonly license: { readonly id: string } } | { readonly expression: string }
  )[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** A bill of materials. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const HASHES: Readonly<Record<string, string>> = { sha512: 'SHA-512', sha256: 'SHA-256', sha1: 'SHA-1' };

/** A package URL: https://github.com/package-url/purl-spec, type npm; the @ of a scope is encoded. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hashesOf(integrity: string | undefined): Component['hashes'] {
  const [algorithm = '', digest = ''] = integrity?.split('-', 2) ?? [];
  const alg = HASHES[algorithm];
  return alg === undefined ? undefined : [{ alg, content: Buffer.from(digest, 'base64').toString('hex') }];
}

function licensesOf(licence: string): Component['licenses'] {
  return /[ (]/.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }];
}

function componentOf({ path, name, version, licence, integrity }: ProductionPackage): Component {
  const hashes = hashesOf(integrity);
  return {
    type: 'library',
    // A version may be installed in two places with other packages around it.
    'bom-ref': path,
    name,
    version,
    purl: purlOf(name, version),
    licenses: licensesOf(licence),
    ...(hashes && { hashes }),
  };
}

/** Node, which the product runs on and its set-up installs. */
function nodeOf(lock: Lock): Component {
  const { version = '', license = '' } = lock.packages['node_modules/node'] ?? {};
  return { type: 'application', 'bom-ref': 'node', name: 'node', version, licenses: licensesOf(license) };
}

/** The bill of materials of a version of the product. */
export function sbomOf(version: string, packages: readonly ProductionPackage[], lock: Lock): Sbom {
  const node = nodeOf(lock);
  const root: Component = {
    type: 'application',
    'bom-ref': 'samepoint',
    name: 'samepoint',
    version,
    licenses: [{ license: { id: 'MIT' } }],
  };
  const refs = new Set(packages.map(({ path }) => path));
  const needed = new Set(packages.flatMap(({ dependencies }) => dependencies));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: root },
    components: [node, ...packages.map(componentOf)],
    dependencies: [
      { ref: 'samepoint', dependsOn: ['node', ...[...refs].filter((path) => !needed.has(path))] },
      ...packages.map(({ path, dependencies }) => ({ ref: path, dependsOn: dependencies })),
    ],
  };
}
