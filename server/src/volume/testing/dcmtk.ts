import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True where the command line tools of DCMTK (Debian package dcmtk) are installed. */
export function hasDcmtk(): boolean {
  try {
    execFileSync('dcmcjpls', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a DCMTK tool that reads one file and writes another, e.g. `dcmconv +te`. */
export function convert(file: Uint8Array, tool: string, ...options: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'samepoint-dcmtk-'));
  try {
    const [from, to] = [join(folder, 'from.dcm'), join(folder, 'to.dcm')];
    writeFileSync(from, file);
    execFileSync(tool, [...options, from, to], { stdio: 'pipe' });
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
