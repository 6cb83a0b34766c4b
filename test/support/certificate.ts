import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes the private key and the certificate of a host in a folder, valid for a day; gives their paths. */
export async function makeCertificate(
  host: string,
  folder: string,
): Promise<{ readonly key: string; readonly cert: string }> {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-keyout', key, '-out', cert];
  await run('openssl', ['req', '-x509', ...curve, '-nodes', '-days', '1', ...subject, ...files]);
  return { key, cert };
}
