import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBackground } from './background.ts';
import { makeCertificate } from './certificate.ts';
import { freePort } from './orthanc.ts';
import { ROOT, temporaryFolder } from './paths.ts';
import { NGINX } from './requirements.ts';

/** Debian's nginx in front of a Samepoint server. */
export interface Nginx {
  readonly port: number;
  stop(): Promise<void>;
}

/** The snippet that the README quotes. */
export const SNIPPET = readFileSync(join(ROOT, 'config/nginx.conf.example'), 'utf8');

/** The snippet for a server that also serves the viewer and /dicom-web. */
export const SNIPPET_FOR_ALL = SNIPPET.replace('location /samepoint/', 'location /');

function configuration(folder: string, port: number, snippet: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  // As root nginx would run its workers as another user, who may not write to the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr notice;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    ${snippet}
  }
}
`;
}

/** Starts nginx with a configuration; the result ends it and removes its folder. */
async function runNginx(folder: string, file: string): Promise<() => Promise<void>> {
  const nginx = await startBackground({
    command: NGINX,
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    cwd: folder,
    ready: /start worker process \d/,
  });
  return async () => {
    await nginx.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Starts nginx with a snippet, for the server at the given URL. */
export async function startNginx(server: string, snippet: string): Promise<Nginx> {
  const folder = temporaryFolder('nginx');
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, port, snippet.replace('http://127.0.0.1:8480', server)));
  const stop = await runNginx(folder, file);
  return {
    port,
    stop,
  };
}

/** Debian's nginx with the whole file of the containers. */
export interface ContainerNginx {
  /** Without TLS. */
  readonly port: number;
  readonly securePort: number;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/**
 * Starts nginx with config/nginx.conf itself. Only what belongs to a container is replaced: the names of the other services, the ports, the
 * places of temporary files and of the certificate, which is one of its own for `localhost`.
 */
export async function startContainerNginx(services: {
  readonly samepoint: string;
  readonly keycloak: string;
}): Promise<ContainerNginx> {
  const folder = temporaryFolder('nginx');
  const [port, securePort] = [await freePort(), await freePort()];
  await makeCertificate('localhost', folder);
  const changes: readonly (readonly [string, string])[] = [
    ['server samepoint:8480;', `server ${new URL(services.samepoint).host};`],
    ['server keycloak:8080;', `server ${new URL(services.keycloak).host};`],
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['listen 8443 ssl;', `listen 127.0.0.1:${securePort} ssl;`],
    ['/etc/nginx/tls/', `${folder}/`],
    ['/tmp/', `${folder}/`],
  ];
  let text = readFileSync(join(ROOT, 'config/nginx.conf'), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`config/nginx.conf has no "${from}"`);
    // The folder of the certificate lies in /tmp itself: it is not to be replaced again.
    text =
      from === '/tmp/' ? text.replaceAll(/ \/tmp\/(?!samepoint-)/gu, ` ${to}`) : text.replaceAll(from, to);
  }
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const file = join(folder, 'nginx.conf');
  await writeFile(file, `${user}daemon off;\n${text}`);
  await run(NGINX, ['-t', '-p', folder, '-c', file, '-e', 'stderr']);
  const stop = await runNginx(folder, file);
  return {
    port,
    securePort,
    stop,
  };
}
