import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuredSources, configWarnings, loadConfig, printConfig } from './index.ts';
import type { Config, ConfigSources } from './index.ts';
import { problemsOf } from './testing/problemsOf.ts';

const MAIN = { root: 'https://pacs.hospital.example/dicom-web' };
const ARCHIVE = {
  qidoRoot: 'https://old.hospital.example/qido',
  wadoRoot: 'https://old.hospital.example/wado',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-sources-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(content: object, more: ConfigSources = {}): Promise<Config> {
  const file = join(folder, 'server.json');
  await writeFile(file, JSON.stringify(content));
  return await loadConfig({ file, ...more });
}

describe('the section dicomweb', () => {
  it('is one PACS, named default', async () => {
    const [only, ...others] = configuredSources(await load({ dicomweb: MAIN }));
    expect(only).toMatchObject({ name: 'default', section: 'dicomweb', roots: { wadoRoot: MAIN.root } });
    expect(others).toEqual([]);
  });

  it('may be absent where there is an embedded archive', async () => {
    expect(configuredSources(await load({ archive: { directory: 'archive' } }))).toEqual([]);
  });
});

describe('sources', () => {
  it('are several PACS in their order, each with limits of its own', async () => {
    const config = await load({
      sources: { main: { ...MAIN, timeoutMs: 5_000 }, archive: { ...ARCHIVE, ohifDataSources: ['old'] } },
    });
    const sources = configuredSources(config);
    expect(sources.map(({ name, section }) => [name, section])).toEqual([
      ['main', 'sources.main'],
      ['archive', 'sources.archive'],
    ]);
    expect(sources.map(({ settings }) => settings.timeoutMs)).toEqual([5_000, 60_000]);
    expect(sources[1]).toMatchObject({
      roots: { ...ARCHIVE, stowRoot: ARCHIVE.wadoRoot },
      forwardAuthorization: true,
      ohifDataSources: ['old'],
    });
  });

  it.each(['Main', 'a b', '../x', 'studies', '1st', 'a'.repeat(40), 'https://x'])(
    'are not named %j',
    async (name) => {
      expect(await problemsOf(load({ sources: { [name]: MAIN } }))).toContain(`sources.${name}`);
    },
  );

  it('do not stand beside dicomweb.root or an archive', async () => {
    const sources = { main: MAIN };
    expect(await problemsOf(load({ sources, dicomweb: MAIN }))).toContain(
      'cannot stand beside dicomweb.root',
    );
    const archive = { directory: 'archive' };
    expect(await problemsOf(load({ sources, archive }))).toContain('archive.directory');
  });

  it('name what is missing, unknown or given twice', async () => {
    expect(await problemsOf(load({ sources: { main: {} } }))).toContain('sources.main.root: is required');
    expect(await problemsOf(load({ sources: {} }))).toContain('at least one source');
    expect(await problemsOf(load({ sources: { main: { ...MAIN, rot: 1 } } }))).toMatch(
      /sources\.main\.rot: unknown key; allowed: .*issuerOfPatientId/,
    );
    const twice = {
      main: { ...MAIN, ohifDataSources: ['x'] },
      archive: { ...ARCHIVE, ohifDataSources: ['x'] },
    };
    expect(await problemsOf(load({ sources: twice }))).toContain('belongs to one source');
  });

  it('get their credentials from the environment, and never print them', async () => {
    const sources = { main: MAIN, 'old-archive': { ...ARCHIVE, authorization: 'Basic file' } };
    const env = { SAMEPOINT_SOURCES_OLD_ARCHIVE_AUTHORIZATION: 'Basic secret', SAMEPOINT_SOURCES_X: '' };
    const config = await load({ sources }, { env });
    expect(configuredSources(config)[1]?.settings.authorization).toBe('Basic secret');
    const printed = printConfig(config);
    expect(printed).not.toMatch(/Basic/);
    expect(JSON.parse(printed)).toMatchObject({
      sources: { 'old-archive': { authorization: '[set, not shown]' }, main: { root: MAIN.root } },
    });
  });

  it('refuse variables of sources that are not there', async () => {
    const env = { SAMEPOINT_SOURCES_OTHER_AUTHORIZATION: 'x' };
    expect(await problemsOf(load({ sources: { main: MAIN } }, { env }))).toContain(
      'SAMEPOINT_SOURCES_OTHER_AUTHORIZATION: no such key',
    );
  });

  it('have the paths of their certificates relative to the file', async () => {
    const config = await load({ sources: { main: { ...MAIN, caFile: 'ca.pem' } } });
    expect(config.sources?.['main']?.caFile).toBe(join(folder, 'ca.pem'));
  });

  it('are warned of by their names', async () => {
    const plain = { root: 'http://old.hospital.example/dicom-web', authorization: 'Basic secret' };
    const warnings = configWarnings(await load({ sources: { main: MAIN, archive: plain } }));
    expect(warnings.map(({ code, message }) => [code, message.split(/[ .]/, 2).join('.')])).toEqual([
      ['config/shared-authorization', 'sources.archive'],
      ['config/plain-http-pacs', 'sources.archive'],
    ]);
  });
});
