/**
 * A program: docs/install.md as a new user follows it, on a bare Debian 12 with its own systemd (test/containers/bareMachine.ts): the commands of
 * every step as the page has them, a click in the viewer through nginx, upgrade and back, backup, uninstall and restore. Prints
 * the minutes of each step and what stays at the end, and writes test/results/guide.json. Needs root, debootstrap, Orthanc, Chromium and the network.
 *
 *   node guide.ts [--root /tmp/samepoint-guide] [--dry]
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BareMachine } from '../containers/bareMachine.ts';
import { GuideTrial } from '../containers/guideTrial.ts';
import { openHospital } from '../containers/hospitalSite.ts';
import { startOrthanc } from '../support/orthanc.ts';
import { ROOT } from '../support/paths.ts';

const RESULTS = join(ROOT, 'test/results/guide.json');

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '/tmp/samepoint-guide' },
    dry: { type: 'boolean', default: false },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const [load = 0] = loadavg();
await mkdir(values.root, { recursive: true });
const orthanc = await startOrthanc();
const machine = await BareMachine.boot(join(values.root, 'bare'), join(values.root, 'machine'));
try {
  await openHospital(machine, new URL(orthanc.dicomweb.root).origin);
  // What is committed, as an archive of a release has it.
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: ROOT, maxBuffer: 2 ** 30 });
  await mkdir(join(machine.root, 'root/samepoint'));
  execFileSync('tar', ['-x', '-C', join(machine.root, 'root/samepoint')], { input: archive });
  const trial = new GuideTrial(machine, orthanc.dicomweb, say);
  await trial.run();
  const summary = {
    processors: availableParallelism(),
    loadAverage: Number(load.toFixed(1)),
    steps: trial.steps,
  };
  if (!values.dry) await writeFile(RESULTS, `${JSON.stringify(summary, null, 1)}\n`);
} finally {
  await machine.stop();
  await orthanc.stop();
}
