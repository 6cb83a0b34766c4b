import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Screenshots and whatever else a person looks at after a run; not committed. */
export const OUTPUT = join(ROOT, 'test/output');

/** The Node that Samepoint runs on. */
export const NODE = process.execPath;

/** The command line of the built server. */
export const CLI = join(ROOT, 'server/dist/cli/main.js');

/** A file of the output folder. */
export function outputFile(name: string): string {
  mkdirSync(OUTPUT, { recursive: true });
  return join(OUTPUT, name);
}

/** An empty folder of the operating system's temporary ones. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `samepoint-${name}-`));
}

/** Real CT: folders of DICOM files below shared/data/dicom (override: SAMEPOINT_DATA). */
export const REAL_SERIES = ['cmbcrc', 'crlm'] as const;
export type RealSeries = (typeof REAL_SERIES)[number];

/** Folder of a real series; undefined where the data are not on this machine. */
export function realSeriesFolder(name: RealSeries): string | undefined {
  const folder = join(dataRoot(), 'dicom', name);
  return existsSync(folder) ? folder : undefined;
}

/** Where the head and neck CTs of many patients are, if they are. */
export function necksFolder(): string {
  return join(dataRoot(), 'headneck');
}

/** The folder of the real data: SAMEPOINT_DATA, else shared/data beside the checkout. */
export function dataRoot(): string {
  return process.env['SAMEPOINT_DATA'] ?? resolve(ROOT, '../shared/data');
}

interface Viewers {
  readonly default: string;
  readonly integrity: Readonly<Record<string, string>>;
}

/** Viewer versions to test: the default one, or all with SAMEPOINT_VIEWERS=all, or the ones listed there. */
export function viewerVersions(): readonly string[] {
  const viewers = JSON.parse(readFileSync(join(ROOT, 'config/setup/viewers.json'), 'utf8')) as Viewers;
  const wanted = process.env['SAMEPOINT_VIEWERS'] ?? viewers.default;
  return wanted === 'all' ? Object.keys(viewers.integrity) : wanted.split(',');
}

/** The unpacked viewer of a version. */
export function viewerFolder(version: string): string {
  return join(ROOT, '.viewers', version, 'dist');
}
