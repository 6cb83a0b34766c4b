import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBackground } from './background.ts';
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

/** Starts nginx with a snippet, for the server at the given URL. */
export async function startNginx(server: string, snippet: string): Promise<Nginx> {
  const folder = temporaryFolder('nginx');
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, port, snippet.replace('http://127.0.0.1:8480', server)));
  const nginx = await startBackground({
    command: NGINX,
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    cwd: folder,
    ready: /start worker process \d/,
  });
  return {
    port,
    async stop() {
      await nginx.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
