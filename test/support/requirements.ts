import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { necksFolder, realSeriesFolder, ROOT, viewerVersions } from './paths.ts';
import { CLIENT, HIGHDICOM, SIMPLEITK } from './python.ts';
import type { RealSeries } from './paths.ts';

/** What a test needs beside the repository. */
export type Requirement =
  | 'chromium'
  | 'vulkan'
  | 'orthanc'
  | 'dcmtk'
  | 'dicom3tools'
  | 'plastimatch'
  | 'nginx'
  | 'redis'
  | 'postgres'
  | 'torch'
  | 'highdicom'
  | 'simpleitk'
  | 'python-client'
  | 'pydicom'
  | 'headneck'
  | RealSeries;

export const CHROMIUM = '/usr/bin/chromium';
/** The software driver and the loader of Vulkan that Debian's Chromium brings. */
export const SOFTWARE_VULKAN = {
  VK_DRIVER_FILES: '/usr/lib/chromium/vk_swiftshader_icd.json',
  LD_LIBRARY_PATH: '/usr/lib/chromium',
};
export const ORTHANC = '/usr/sbin/Orthanc';
export const NGINX = '/usr/sbin/nginx';
/** Made by config/setup/python.mjs. */
export const PYDICOM = join(ROOT, '.cache/python/pydicom/bin/python');
/** The programs of Debian's package postgresql. */
export const POSTGRES = '/usr/lib/postgresql/15/bin';
/** Of Debian's package redis-server. */
const REDIS = '/usr/bin/redis-server';
export const ORTHANC_DICOMWEB = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

const FILES: Readonly<Record<Exclude<Requirement, RealSeries>, readonly string[]>> = {
  chromium: [CHROMIUM],
  vulkan: [
    SOFTWARE_VULKAN.VK_DRIVER_FILES,
    ...['libvk_swiftshader.so', 'libvulkan.so.1'].map((name) => join(SOFTWARE_VULKAN.LD_LIBRARY_PATH, name)),
  ],
  orthanc: [ORTHANC, ORTHANC_DICOMWEB],
  dcmtk: ['/usr/bin/dsrdump'],
  dicom3tools: ['/usr/bin/dciodvfy'],
  plastimatch: ['/usr/bin/plastimatch'],
  nginx: [NGINX],
  redis: [REDIS],
  postgres: [POSTGRES],
  highdicom: [HIGHDICOM],
  simpleitk: [SIMPLEITK],
  'python-client': [CLIENT],
  torch: ['/usr/lib/python3/dist-packages/torch'],
  pydicom: [PYDICOM],
  headneck: [necksFolder()],
};

/** Made by config/setup/python.mjs where it reaches PyPI. */
const FROM_PYPI: ReadonlySet<Requirement> = new Set(['highdicom', 'simpleitk', 'python-client', 'pydicom']);

function isMissing(requirement: Requirement): boolean {
  if (requirement === 'cmbcrc' || requirement === 'crlm') return realSeriesFolder(requirement) === undefined;
  return FILES[requirement].some((file) => !existsSync(file));
}

function reason(requirement: Requirement): string {
  if (FROM_PYPI.has(requirement)) return 'no PyPI';
  if (requirement === 'headneck') return 'no data: shared/data/headneck';
  return requirement === 'cmbcrc' || requirement === 'crlm'
    ? `no data: shared/data/dicom/${requirement}`
    : `not installed: ${requirement}`;
}

/**
 * `describe` that is skipped, with the reason in its name, where something is missing. In CI nothing may be skipped: there it
 * becomes a failing test.
 */
export function describeWith(requirements: readonly Requirement[], name: string, body: () => void): void {
  const missing = requirements.filter(isMissing).map(reason);
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(`in CI nothing may be skipped, but: ${missing.join('; ')}`);
    });
  } else {
    describe.skip(`${name} [skipped: ${missing.join('; ')}]`, body);
  }
}

/** The same once for each version of the viewer that is to be tested. */
export function describeInViewers(
  requirements: readonly Requirement[],
  name: string,
  body: (version: string) => void,
): void {
  for (const version of viewerVersions())
    describeWith(requirements, `${name}, OHIF ${version}`, () => {
      body(version);
    });
}
