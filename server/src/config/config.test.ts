import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configLeaves, loadConfig, pacsRoots, printConfig, SAMEPOINT_ROOT } from './index.ts';
import type { Config, ConfigSources } from './index.ts';
import { problemsOf } from './testing/problemsOf.ts';

const ROOT = 'https://pacs.hospital.example/dicom-web';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fromFile(content: unknown, more: ConfigSources = {}): Promise<Config> {
  const file = join(folder, 'server.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return await loadConfig({ file, ...more });
}

describe('loadConfig', () => {
  it('fills in the defaults: this machine only, no foreign origin', async () => {
    const config = await fromFile({ dicomweb: { root: ROOT } });
    expect(config.http).toMatchObject({ host: '127.0.0.1', basePath: '/samepoint', allowedOrigins: [] });
    expect(config.dicomweb).toMatchObject({ root: ROOT, timeoutMs: 60_000 });
    expect(config.models.directory).toBe(join(SAMEPOINT_ROOT, 'models'));
    expect(config.embedding.cacheDirectory).toBe(join(homedir(), '.cache/samepoint/embeddings'));
  });

  it('prefers the environment to the file and the command line to both', async () => {
    const file = { dicomweb: { root: ROOT }, http: { port: 1111, requestsPerMinute: 5 } };
    const env = { SAMEPOINT_HTTP_PORT: '2222', SAMEPOINT_EMBEDDING_QUEUE_LIMIT: '3' };
    const config = await fromFile(file, { env, overrides: { http: { port: 3333 } } });
    expect(config.http).toMatchObject({ port: 3333, requestsPerMinute: 5 });
    expect((await fromFile(file, { env })).http.port).toBe(2222);
    expect(config.embedding.queueLimit).toBe(3);
  });

  it.each([
    ['true', true],
    ['yes', true],
    ['false', false],
    ['0', false],
  ])('reads the boolean variable %s as %p', async (text, value) => {
    const env = { SAMEPOINT_HTTP_CROSS_ORIGIN_ISOLATION: text, SAMEPOINT_DICOMWEB_ROOT: ROOT };
    expect((await loadConfig({ env })).http.crossOriginIsolation).toBe(value);
  });

  it('reads lists, and treats an empty variable as an absent one', async () => {
    const env = {
      SAMEPOINT_DICOMWEB_ROOT: ROOT,
      SAMEPOINT_HTTP_ALLOWED_ORIGINS: 'https://a.example, https://b.example:8443',
      SAMEPOINT_HTTP_PORT: '',
    };
    const { http } = await loadConfig({ env });
    expect(http.allowedOrigins).toEqual(['https://a.example', 'https://b.example:8443']);
    expect(http.port).toBe(8480);
  });

  it('makes paths absolute: in a file from its folder, in variables from the working directory', async () => {
    const file = { dicomweb: { root: ROOT }, models: { directory: 'm' } };
    expect((await fromFile(file)).models.directory).toBe(join(folder, 'm'));
    const env = { SAMEPOINT_MODELS_DIRECTORY: 'm', SAMEPOINT_EMBEDDING_CACHE_DIRECTORY: '~/c' };
    const config = await fromFile(file, { env });
    expect(config.models.directory).toBe(resolve('m'));
    expect(config.embedding.cacheDirectory).toBe(join(homedir(), 'c'));
  });

  it('is frozen at every level', async () => {
    const config = await fromFile({ dicomweb: { root: ROOT } });
    expect(() => {
      Object.assign(config.http, { port: 1 });
    }).toThrow(TypeError);
    expect(() => {
      Object.assign(config.http.allowedOrigins, { 0: 'https://evil.example' });
    }).toThrow(TypeError);
  });

  it('says what replaced a key that was there before', async () => {
    const file = await problemsOf(fromFile({ dicomweb: { root: ROOT }, embedding: { memoryMaxBytes: 1e9 } }));
    expect(file).toContain('embedding.memoryMaxBytes: is no key any more; use memory.maxBytes');
    const variable = await problemsOf(
      fromFile({ dicomweb: { root: ROOT } }, { env: { SAMEPOINT_EMBEDDING_MEMORY_MAX_BYTES: '1' } }),
    );
    expect(variable).toContain('SAMEPOINT_EMBEDDING_MEMORY_MAX_BYTES: is no key any more');
  });

  it('names an unknown key with the allowed ones', async () => {
    const problems = await problemsOf(fromFile({ dicomweb: { root: ROOT, tiemoutMs: 5 } }));
    expect(problems).toContain('dicomweb.tiemoutMs: unknown key; allowed: root, authorization, timeoutMs');
  });

  it('names an unknown section with the allowed ones', async () => {
    const problems = await problemsOf(fromFile({ dicomweb: { root: ROOT }, pacs: {} }));
    expect(problems).toContain('pacs: unknown key; allowed: http, dicomweb, models');
  });

  it('names an unknown variable of a known section, and ignores other variables', async () => {
    const env = { SAMEPOINT_HTTP_PROT: '1', SAMEPOINT_DATA: '/x', PATH: '/bin' };
    const problems = await problemsOf(fromFile({ dicomweb: { root: ROOT } }, { env }));
    expect(problems).toContain('SAMEPOINT_HTTP_PROT: no such key');
    expect(problems).not.toContain('SAMEPOINT_DATA');
  });

  it('names every problem at once, with the variable that could be at fault', async () => {
    const problems = await problemsOf(
      fromFile({
        dicomweb: { root: ROOT, timeoutMs: '5s' },
        http: { port: 70_000 },
        embedding: { providers: ['gpu'] },
      }),
    );
    expect(problems).toContain('dicomweb.timeoutMs (or SAMEPOINT_DICOMWEB_TIMEOUT_MS): ');
    expect(problems).toContain('http.port (or SAMEPOINT_HTTP_PORT): ');
    expect(problems).toContain('embedding.providers.0 (or SAMEPOINT_EMBEDDING_PROVIDERS): ');
  });

  it.each([
    ['a number that is text', { SAMEPOINT_HTTP_PORT: 'eighty' }, 'http.port'],
    [
      'a boolean that is none',
      { SAMEPOINT_HTTP_CROSS_ORIGIN_ISOLATION: 'maybe' },
      'http.crossOriginIsolation',
    ],
    [
      'an origin with a path',
      { SAMEPOINT_HTTP_ALLOWED_ORIGINS: 'https://a.example/x' },
      'http.allowedOrigins.0',
    ],
    ['every origin', { SAMEPOINT_HTTP_ALLOWED_ORIGINS: '*' }, 'http.allowedOrigins.0'],
    ['a root of another protocol', { SAMEPOINT_DICOMWEB_ROOT: 'file:///etc' }, 'dicomweb.root'],
    ['a root with a password', { SAMEPOINT_DICOMWEB_ROOT: 'http://u:p@pacs/x' }, 'dicomweb.root'],
    [
      'a part root of another protocol',
      { SAMEPOINT_DICOMWEB_QIDO_ROOT: 'ftp://pacs/x' },
      'dicomweb.qidoRoot',
    ],
    ['a base path with a slash at its end', { SAMEPOINT_HTTP_BASE_PATH: '/samepoint/' }, 'http.basePath'],
    ['a short key', { SAMEPOINT_LOG_UID_HASH_KEY: 'short' }, 'log.uidHashKey'],
  ])('refuses %s', async (_name, env, key) => {
    const problems = await problemsOf(loadConfig({ env: { SAMEPOINT_DICOMWEB_ROOT: ROOT, ...env } }));
    expect(problems).toMatch(new RegExp(`^${key.replaceAll('.', '\\.')} `));
    for (const value of Object.values(env)) expect(problems).not.toContain(`"${value}"`);
  });

  it('needs a PACS or the embedded archive, unless the work is on files', async () => {
    expect(await problemsOf(loadConfig())).toContain('dicomweb.root');
    expect((await fromFile({ archive: { directory: 'a' } })).archive.directory).toBe(join(folder, 'a'));
    await expect(loadConfig({ needsPacs: false })).resolves.toBeDefined();
  });

  it('accepts a root for each service in the place of one for all', async () => {
    const [qidoRoot, wadoRoot] = ['https://pacs.example/qido-rs', 'https://pacs.example/wado-rs'];
    const { dicomweb } = await fromFile({ dicomweb: { qidoRoot, wadoRoot } });
    expect(pacsRoots(dicomweb)).toEqual({ qidoRoot, wadoRoot, stowRoot: wadoRoot });
    const stowRoot = 'https://pacs.example/stow-rs';
    const all = await fromFile({ dicomweb: { root: ROOT, stowRoot } });
    expect(pacsRoots(all.dicomweb)).toEqual({ qidoRoot: ROOT, wadoRoot: ROOT, stowRoot });
  });

  it.each([
    ['searches only', { qidoRoot: ROOT }],
    ['retrieval only', { wadoRoot: ROOT }],
    ['storing only', { stowRoot: ROOT }],
  ])('refuses a root of %s, also beside an archive', async (_name, dicomweb) => {
    for (const archive of [{}, { directory: 'a' }])
      expect(await problemsOf(fromFile({ dicomweb, archive }))).toContain(
        'dicomweb.qidoRoot and dicomweb.wadoRoot',
      );
  });

  it('needs an app-config for a viewer', async () => {
    const file = { dicomweb: { root: ROOT }, viewer: { directory: 'v' } };
    expect(await problemsOf(fromFile(file))).toContain('viewer.appConfig');
  });

  it.each([
    ['no JSON', '{"http": ', 'config/unreadable'],
    ['a list', '[]', 'config/unreadable'],
    ['a section that is no object', '{"http": 7}', 'config/invalid'],
  ])('refuses a file with %s', async (_name, text, code) => {
    await expect(fromFile(text)).rejects.toMatchObject({ code });
  });

  it('names a missing file', async () => {
    const file = join(folder, 'missing.json');
    await expect(loadConfig({ file })).rejects.toMatchObject({ code: 'config/unreadable', fields: { file } });
  });

  it.each(['server.demo.json', 'server.orthanc.json'])('accepts config/%s', async (name) => {
    await expect(loadConfig({ file: join(SAMEPOINT_ROOT, 'config', name) })).resolves.toBeDefined();
  });
});

describe('the queue and the store', () => {
  const dicomweb = { root: ROOT };
  const key = 'a secret of thirty-two characters';

  it('are off unless they are set, and then complete', async () => {
    const off = await fromFile({ dicomweb });
    expect([off.queue.redis, off.store.type]).toEqual([undefined, 'own']);
    const queue = { redis: 'rediss://redis.hospital.example:6380/0', key };
    const on = await fromFile({ dicomweb, queue, store: { type: 's3', bucket: 'embeddings' } });
    expect(on).toMatchObject({ queue: { lockMs: 30_000 }, store: { keyPrefix: 'samepoint/' } });
  });

  it.each([
    [
      'no key',
      { queue: { redis: 'redis://r' }, store: { type: 'shared' } },
      /queue\.key \(.*\): is required/,
    ],
    ['a short key', { queue: { redis: 'redis://r', key: 'short' }, store: { type: 'shared' } }, /queue\.key/],
    [
      'a store of its own',
      { queue: { redis: 'redis://r', key } },
      /store\.type \(.*\): must be shared or s3/,
    ],
    [
      'a board without a queue',
      { queue: { board: true } },
      /queue\.board \(.*\): needs queue\.redis and auth\.oidc/,
    ],
    [
      'a board without administrators',
      { queue: { redis: 'redis://r', key, board: true }, store: { type: 'shared' } },
      /queue\.board \(.*\): needs/,
    ],
    [
      'a password in the address',
      { queue: { redis: 'redis://u:p4ss@r', key } },
      /queue\.redis \(.*\): must not hold a password/,
    ],
    ['another protocol', { queue: { redis: 'http://r', key } }, /queue\.redis \(.*\): must be a redis/],
    ['no bucket', { store: { type: 's3' } }, /store\.bucket \(.*\): is required/],
    ['half of the credentials', { store: { accessKeyId: 'id' } }, /store\.secretAccessKey/],
  ])('are refused with %s', async (_what, sections, problem) => {
    const problems = await problemsOf(fromFile({ dicomweb, ...sections }));
    expect(problems).toMatch(problem);
    expect(problems).not.toContain('p4ss');
  });

  it('are printed without their secrets', async () => {
    const queue = { redis: 'redis://r', key, password: 'c2VjcmV0' };
    const store = { type: 'shared', accessKeyId: 'id', secretAccessKey: 'c2VjcmV0' };
    expect(printConfig(await fromFile({ dicomweb, queue, store }))).not.toMatch(/c2VjcmV0|thirty-two/);
  });
});

describe('printConfig', () => {
  it('shows every section and no secret', async () => {
    const env = {
      SAMEPOINT_DICOMWEB_ROOT: ROOT,
      SAMEPOINT_DICOMWEB_AUTHORIZATION: 'Basic c2VjcmV0',
      SAMEPOINT_LOG_UID_HASH_KEY: 'a long enough secret',
    };
    const text = printConfig(await loadConfig({ env }));
    expect(text).not.toMatch(/c2VjcmV0|long enough/);
    expect(JSON.parse(text)).toMatchObject({
      dicomweb: { root: ROOT, authorization: '[set, not shown]' },
      log: { uidHashKey: '[set, not shown]' },
    });
  });
});

describe('configLeaves', () => {
  it('has a description and a variable of its own for every key', () => {
    expect(new Set(configLeaves.map(({ variable }) => variable)).size).toBe(configLeaves.length);
    for (const { description, key } of configLeaves) expect([key, description]).not.toEqual([key, '']);
  });

  it('marks what must not be printed', () => {
    const secrets = configLeaves.filter(({ isSecret }) => isSecret).map(({ key }) => key);
    expect(secrets).toEqual([
      'dicomweb.authorization',
      'queue.password',
      'queue.key',
      'store.secretAccessKey',
      'background.authorization',
      'background.clientSecret',
      'arrival.secret',
      'audit.hashKey',
      'log.uidHashKey',
    ]);
  });
});
