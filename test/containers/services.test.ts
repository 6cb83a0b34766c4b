/** The services of compose.yaml with their own files, as programs of Debian: nginx before a Samepoint server, Redis, Orthanc and Postgres. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBackground } from '../support/background.ts';
import { startContainerNginx } from '../support/nginx.ts';
import type { ContainerNginx } from '../support/nginx.ts';
import { freePort } from '../support/orthanc.ts';
import { ROOT, temporaryFolder } from '../support/paths.ts';
import { startPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { describeWith, ORTHANC } from '../support/requirements.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';

const NO_PACS = 'http://127.0.0.1:9/dicom-web';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describeWith(['nginx'], 'nginx of the containers', () => {
  let samepoint: SamepointServer;
  let nginx: ContainerNginx;
  let keycloak: Server;
  let seen: IncomingHttpHeaders;

  beforeAll(async () => {
    samepoint = await startSamepoint({
      dicomweb: { root: NO_PACS },
      http: { port: 0, trustProxyHops: 1, allowedHosts: ['localhost'] },
    });
    keycloak = createServer(({ headers, url }, response) => {
      seen = headers;
      response.end(`logins at ${url}`);
    });
    await new Promise<void>((resolve) => {
      keycloak.listen(0, '127.0.0.1', resolve);
    });
    const { port } = keycloak.address() as AddressInfo;
    nginx = await startContainerNginx({ samepoint: samepoint.url, keycloak: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await nginx.stop();
    await samepoint.stop();
    keycloak.closeAllConnections();
    await new Promise((resolve) => keycloak.close(resolve));
  });

  function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { port: nginx.securePort, path, headers, rejectUnauthorized: false };
      secureRequest({ host: '127.0.0.1', servername: 'localhost', ...options }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      })
        .on('error', reject)
        .end();
    });
  }

  it('sends who comes without TLS to TLS, and keeps the query', async () => {
    const answer = await fetch(`http://127.0.0.1:${nginx.port}/viewer?a=1`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://127.0.0.1/viewer?a=1']);
  });

  it('reaches the server, with the address of the reader and no other', async () => {
    const { status, headers, body } = await get('/samepoint/api/health', {
      Host: 'localhost',
      'X-Forwarded-For': '10.1.1.1',
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toHaveProperty('version');
    expect(headers['strict-transport-security']).toContain('max-age=');
  });

  it('passes a name on unchanged, also one that the server does not know', async () => {
    expect((await get('/samepoint/api/health', { Host: 'evil.example' })).status).toBe(421);
  });

  it.each(['/samepoint/metrics', '/auth/admin/master/console/'])('does not show %s', async (path) => {
    expect((await get(path, { Host: 'localhost' })).status).toBe(404);
  });

  it('reaches the logins, and says how it was reached', async () => {
    const { body } = await get('/auth/realms/samepoint', {
      Host: 'localhost',
      Forwarded: 'host=evil.example',
    });
    expect(body).toBe('logins at /auth/realms/samepoint');
    expect(seen).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost' });
    expect(seen.forwarded).toBeUndefined();
  });
});

describeWith(['nginx'], 'the locations of the containers and of the example', () => {
  it('treat requests for Samepoint alike', async () => {
    const directives = (text: string): readonly string[] =>
      (/location \/(?:samepoint\/)? \{([^}]*)\}/u.exec(text)?.[1] ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('proxy_pass '));
    const whole = await readFile(join(ROOT, 'config/nginx.conf'), 'utf8');
    const secure = whole.slice(whole.indexOf('listen 8443'));
    const example = await readFile(join(ROOT, 'config/nginx.conf.example'), 'utf8');
    expect(directives(secure).length).toBeGreaterThan(5);
    expect(directives(secure)).toEqual(directives(example));
  });
});

describeWith(['redis'], 'Redis of the containers', () => {
  it('starts with its file and refuses instead of forgetting', async () => {
    const folder = temporaryFolder('redis');
    const data = join(folder, 'data');
    await mkdir(data);
    const port = await freePort();
    const text = await readFile(join(ROOT, 'config/container/redis.conf'), 'utf8');
    const own = text.replace('port 6379', `port ${port}\nbind 127.0.0.1`).replace('dir /data', `dir ${data}`);
    expect(own).not.toContain('/data\n/');
    await writeFile(join(folder, 'redis.conf'), own);
    const redis = await startBackground({
      command: '/usr/bin/redis-server',
      args: [join(folder, 'redis.conf')],
      ready: /Ready to accept connections/,
    });
    try {
      const answer = await startBackground({
        command: '/usr/bin/redis-cli',
        args: ['-p', String(port), 'config', 'get', '*a*o*'],
        ready: /maxmemory-policy\s+(\S+)/,
      });
      expect(answer.match[1]).toBe('noeviction');
      await answer.stop();
    } finally {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describeWith(['orthanc'], 'Orthanc of the containers', () => {
  it('starts with its file, shows DICOMweb, and no modality that is not listed', async () => {
    const folder = temporaryFolder('orthanc');
    const [port, dicomPort] = [await freePort(), await freePort()];
    const text = await readFile(join(ROOT, 'config/container/orthanc.json'), 'utf8');
    const file = {
      ...(JSON.parse(text) as { readonly DicomModalities: object }),
      HttpPort: port,
      DicomPort: dicomPort,
      StorageDirectory: folder,
    };
    await writeFile(join(folder, 'orthanc.json'), JSON.stringify(file));
    const orthanc = await startBackground({
      command: ORTHANC,
      args: [join(folder, 'orthanc.json')],
      // The image of Orthanc replaces variables in its file, as Orthanc itself does.
      env: { ...process.env, ORTHANC_DB_PASSWORD: 'secret' },
      ready: /Orthanc has started/,
    });
    try {
      expect((await fetch(`http://127.0.0.1:${port}/dicom-web/studies`)).status).toBe(200);
      expect(await (await fetch(`http://127.0.0.1:${port}/modalities`)).json()).toEqual([]);
    } finally {
      await orthanc.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describeWith(['postgres'], 'Postgres of the containers', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('gives Orthanc and Keycloak a database each, with a password that SQL cannot be made of', async () => {
    await postgres.initialise({ ORTHANC_DB_PASSWORD: "o'; DROP", KEYCLOAK_DB_PASSWORD: 'k' });
    expect(await postgres.query('orthanc', "o'; DROP", 'SELECT current_user')).toBe('orthanc');
    expect(await postgres.query('keycloak', 'k', 'SELECT current_database()')).toBe('keycloak');
    await expect(postgres.query('orthanc', 'k', 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
  });

  it('ends at the first failure, so that the container does not start half', async () => {
    const again = postgres.initialise({ ORTHANC_DB_PASSWORD: 'a', KEYCLOAK_DB_PASSWORD: 'b' });
    await expect(again).rejects.toThrow('already exists');
  });
});
