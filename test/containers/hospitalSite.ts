/** What a hospital has before Samepoint comes: a stock OHIF and a PACS with TLS behind nginx, with a certificate of its own authority. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { ROOT, viewerFolder, viewerVersions } from '../support/paths.ts';
import { copyInto } from './bareMachine.ts';
import type { BareMachine } from './bareMachine.ts';

/** The names in the guide. */
export const VIEWER = 'viewer.hospital.example';
const PACS = 'pacs.hospital.example';
/** The certificate of the PACS, in the machine. */
export const PACS_CERTIFICATE = '/etc/ssl/pacs.hospital.example/tls.crt';
const HTML = '/usr/share/nginx/html';
const APP_CONFIG = `${HTML}/app-config.js`;
const SITE = '/etc/nginx/conf.d/hospital.conf';
/** Where the locations of Samepoint belong. */
const PLACE = '# the end of the viewer';

function serverBlock(name: string, body: string): string {
  return `server {
  listen 127.0.0.1:443 ssl;
  server_name ${name};
  ssl_certificate /etc/ssl/${name}/tls.crt;
  ssl_certificate_key /etc/ssl/${name}/tls.key;
  client_max_body_size 0;
  ${body}
}
`;
}

/** nginx of the hospital: the PACS is the one at an address without TLS. */
function site(pacs: string): string {
  const toPacs = `location /dicom-web/ { proxy_pass ${pacs}; proxy_set_header Host $http_host; }`;
  const viewer = `root ${HTML};
  location / { try_files $uri $uri/ /index.html; }
  ${toPacs}
  ${PLACE}`;
  return serverBlock(PACS, toPacs) + serverBlock(VIEWER, viewer);
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The extension's block of docs/install.md and of the example, and the line that uses it. */
const BLOCK = /^function samepoint\(url\) \{\n[^]*?\n\}\n/mu;
const LINE = /^ {2}extensions: \[samepoint\([^)]*\)\],\n/mu;

/** A configuration of OHIF that knows nothing of Samepoint: that of the demo without it. */
export function stockAppConfig(): string {
  const without = read('config/app-config.demo.js')
    .replace(BLOCK, '')
    .replace(LINE, '  extensions: [],\n')
    .replace(/^ {2}samepoint: \{\n[^]*?^ {2}\},\n/mu, '');
  return without.replace('/* global setTimeout, window */', '/* global window */');
}

/** The same with the marked parts (1) and (2) of the example. @throws where the example lacks one */
export function withMarkedParts(appConfig: string): string {
  const example = read('config/app-config.existing.example.js');
  const [block, line] = [BLOCK.exec(example)?.[0], LINE.exec(example)?.[0]];
  if (block === undefined || line === undefined) throw new Error('the example has no marked parts');
  return appConfig
    .replace('window.config =', `${block}\nwindow.config =`)
    .replace('  extensions: [],\n', line);
}

/** Sets the hospital up in a machine; the PACS runs at a URL of this machine. */
export async function openHospital(machine: BareMachine, pacs: string): Promise<void> {
  for (const name of [PACS, VIEWER]) {
    await machine.name(name);
    const folder = join(machine.root, 'etc/ssl', name);
    await mkdir(folder, { recursive: true });
    await makeCertificate(name, folder);
  }
  await copyInto(machine, viewerFolder(viewerVersions()[0] ?? ''), HTML);
  await writeFile(join(machine.root, APP_CONFIG), stockAppConfig());
  await writeFile(join(machine.root, SITE), site(pacs));
  await machine.run('nginx -t && systemctl reload nginx');
}

/** Does what the step "The proxy and the viewer" says. */
export async function addSamepoint(machine: BareMachine): Promise<void> {
  const locations = read('config/nginx.conf.example');
  const file = join(machine.root, SITE);
  await writeFile(file, readFileSync(file, 'utf8').replace(PLACE, `${locations}\n  ${PLACE}`));
  await writeFile(join(machine.root, APP_CONFIG), withMarkedParts(stockAppConfig()));
  await machine.run('nginx -t && systemctl reload nginx');
}

/** Undoes it, as the last paragraph of the guide says. */
export async function removeSamepoint(machine: BareMachine): Promise<void> {
  const file = join(machine.root, SITE);
  const locations = read('config/nginx.conf.example');
  await writeFile(file, readFileSync(file, 'utf8').replace(`${locations}\n  `, ''));
  await writeFile(join(machine.root, APP_CONFIG), stockAppConfig());
  await machine.run('nginx -t && systemctl reload nginx');
}
