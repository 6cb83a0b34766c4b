/**
 * The packages that run at a hospital, from the lock file. npm's own lists (npm sbom, npm ls) omit what the root of the workspaces needs
 * for development, too: with npm 11.19 p-queue and zod.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../support/paths.ts';

const names = z.record(z.string(), z.string()).default({});
const lockedPackage = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  license: z.string().default('UNKNOWN'),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  os: z.array(z.string()).optional(),
  dependencies: names,
  optionalDependencies: names,
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), lockedPackage) });

/** package-lock.json, version 3, as far as it is read. */
export type Lock = z.infer<typeof lockSchema>;

/** A package that the product loads. */
export interface ProductionPackage {
  /** In the repository, e.g. node_modules/express. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** SPDX expression; UNKNOWN where the package names none. */
  readonly licence: string;
  /** Subresource integrity of the archive, e.g. sha512-... */
  readonly integrity: string | undefined;
  /** For one platform only: it may not be installed here. */
  readonly isForOnePlatform: boolean;
  /** Paths of the packages that it loads itself. */
  readonly dependencies: readonly string[];
}

/** Workspaces that go to a hospital. */
const PRODUCT = ['server', 'extension', 'models'];

/** Packages in the one file of the extension: installed for its build, and so no dependencies of it (papers.test.ts). */
export const BUNDLED = ['preact'];

/** Reads the lock file of the repository. */
export function readLock(): Lock {
  return lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
}

/** Where Node finds `name` from the package at `path`: in its own node_modules, then in those around it. */
function locate({ packages }: Lock, path: string, name: string): string | undefined {
  for (let folder = path; ;) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[candidate] !== undefined) return candidate;
    if (folder === '') return undefined;
    const cut = folder.lastIndexOf('/node_modules/');
    folder = cut < 0 ? '' : folder.slice(0, cut);
  }
}

function dependenciesOf(lock: Lock, path: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = lock.packages[path] ?? {};
  const wanted = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);
  return [...wanted].sort().flatMap((name) => {
    const found = locate(lock, path, name);
    if (found === undefined && optionalDependencies[name] === undefined)
      throw new Error(`${path} needs ${name}, which the lock file does not have`);
    return found === undefined ? [] : [found];
  });
}

/** Every package that the product loads, those for other platforms included, in the order of their paths. */
export function productionPackages(lock: Lock): readonly ProductionPackage[] {
  const found = new Map<string, ProductionPackage>();
  const bundled = BUNDLED.flatMap((name) => locate(lock, 'extension', name) ?? []);
  const waiting = [...PRODUCT.flatMap((workspace) => dependenciesOf(lock, workspace)), ...bundled];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entry = lock.packages[path];
    if (entry === undefined || entry.link || found.has(path)) continue;
    const dependencies = dependenciesOf(lock, path);
    found.set(path, {
      path,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      licence: entry.license,
      integrity: entry.integrity,
      isForOnePlatform: entry.os !== undefined,
      dependencies,
    });
    waiting.push(...dependencies);
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The text of the first file of an installed package whose name fits; undefined where there is none. */
export function textOf({ path }: ProductionPackage, file: RegExp): string | undefined {
  const folder = join(ROOT, path);
  if (!existsSync(folder)) return undefined;
  const [name] = readdirSync(folder)
    .filter((entry) => file.test(entry))
    .sort();
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
}
