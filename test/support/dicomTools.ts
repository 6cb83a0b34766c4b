import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './paths.ts';

function withFile<Result>(part10: Uint8Array, use: (path: string) => Result): Result {
  const folder = temporaryFolder('dicom');
  try {
    const path = join(folder, 'object.dcm');
    writeFileSync(path, part10);
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Lines of dciodvfy (dicom3tools) that report an error. */
export function validationErrors(part10: Uint8Array): readonly string[] {
  return withFile(part10, (path) => {
    const { stderr, stdout } = spawnSync('dciodvfy', [path], { encoding: 'utf8' });
    return `${stdout}\n${stderr}`.split('\n').filter((line) => line.startsWith('Error'));
  });
}

/** The report as dcmtk reads it; throws what dsrdump complains about. */
export function dumpReport(part10: Uint8Array): string {
  return withFile(part10, (path) => {
    const { stdout, stderr, status } = spawnSync('dsrdump', ['--print-all-codes', path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`dsrdump: ${stderr}`);
    return stdout;
  });
}
