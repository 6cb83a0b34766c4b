/**
 * A stand-in for the NuGet feed that onnxruntime-node fetches its CUDA provider from. Its script knows one address only; it is reached
 * through a proxy that answers in the feed's place, with a certificate of an authority of the test.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { makeCertificate } from './certificate.ts';
import { ROOT } from './paths.ts';

const HOST = 'api.nuget.org';
const BASE = `https://${HOST}/v3-flatcontainer/`;

interface Zip {
  addFile(name: string, content: Buffer): void;
  toBuffer(): Buffer;
}

const require = createRequire(join(ROOT, 'node_modules/onnxruntime-node/package.json'));
const AdmZip = require('adm-zip') as new () => Zip;

/** A running feed. */
export interface NugetFeed {
  /** What the script needs to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Paths that were requested. */
  readonly requested: readonly string[];
  stop(): Promise<void>;
}

/** A package of NuGet with these files. */
export function nugetPackage(files: Readonly<Record<string, string>>): Buffer {
  const zip = new AdmZip();
  for (const [name, content] of Object.entries(files)) zip.addFile(name, Buffer.from(content));
  return zip.toBuffer();
}

/** Serves one version of every package; `content` is the package. */
export async function startNugetFeed(folder: string, version: string, content: Buffer): Promise<NugetFeed> {
  const requested: string[] = [];
  const { key, cert } = await makeCertificate(HOST, folder);
  const identity = { key: await readFile(key), cert: await readFile(cert) };
  const feed = createSecureServer(identity, ({ url = '' }, response) => {
    requested.push(url);
    if (url.endsWith('.nupkg')) response.end(content);
    else {
      const isIndex = url === '/v3/index.json';
      const resources = [{ '@type': 'PackageBaseAddress/3.0.0', '@id': BASE }];
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(isIndex ? { resources } : { versions: [version] }));
    }
  });
  const tunnels = new Set<Duplex>();
  const proxy = createServer().on('connect', (_request, socket) => {
    tunnels.add(socket);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    feed.emit('connection', socket);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const { port } = proxy.address() as AddressInfo;
  return {
    environment: {
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: cert,
    },
    requested,
    async stop() {
      for (const tunnel of tunnels) tunnel.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
