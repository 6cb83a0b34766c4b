import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lps, SeriesRef } from '../support/api.ts';
import type { Dicomweb } from '../support/dicomweb.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import type { BareMachine } from './bareMachine.ts';
import { commandsOf } from './guide.ts';
import { addSamepoint, PACS_CERTIFICATE, removeSamepoint } from './hospitalSite.ts';
import { ReaderAtViewer } from './readerAtViewer.ts';

const SECTION = 'Without containers';
const SOURCES = '/root/samepoint';
const AUDIT = '/var/lib/samepoint/audit.log';
const MS_PER_MINUTE = 60_000;
const READY =
  'curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8480/samepoint/api/health/ready';
/** Folders that are compared before and after: what an administrator keeps in order. */
const COMPARED = 'find /etc /opt /root /srv /usr /var -xdev -not -path "/root/samepoint/*" | sort';
/** What changes on every machine, or what the guide says stays: see "Uninstall" there. */
const EXPECTED_TO_STAY =
  /^\/var\/(?:cache|log|tmp|lib\/(?:apt|dpkg|systemd))\b|^\/var\/lib\/private$|^\/root\/\.npm\b|^\/root\/samepoint|^\/usr\/local\/(?:bin\/(?:node|npm|npx)$|lib\/node_modules)|^\/etc\/systemd\/system$/u;

/** The packages of the repository. */
const WORKSPACES = ['extension', 'server', 'models', 'test'];

/** The patch release after a version. */
function nextOf(version: string): string {
  const [major = '0', minor = '0', patch = '0'] = version.split('.');
  return `${major}.${minor}.${String(Number(patch) + 1)}`;
}

/** A package.json or the lock file with another version of the repository's own packages. */
function raisedIn(text: string, version: string, next: string): string {
  return text
    .replaceAll(
      /("name": "@samepoint\/[\w-]+",\s+"version": )"([^"]+)"/gu,
      (all, before: string, found: string) => (found === version ? `${before}"${next}"` : all),
    )
    .replaceAll(/("@samepoint\/[\w-]+": )"([^"]+)"/gu, (all, before: string, found: string) =>
      found === version ? `${before}"${next}"` : all,
    );
}

/** A step of the guide, and its time. */
export interface TriedStep {
  readonly step: string;
  readonly minutes: number;
}

/** Follows the guide on a machine; every part throws where the machine does not show what the guide promises. */
export class GuideTrial {
  readonly steps: TriedStep[] = [];
  readonly #machine: BareMachine;
  readonly #pacs: Dicomweb;
  readonly #say: (text: string) => void;

  constructor(machine: BareMachine, pacs: Dicomweb, say: (text: string) => void) {
    this.#machine = machine;
    this.#pacs = pacs;
    this.#say = say;
  }

  async run(): Promise<void> {
    const patient = new SmallPatient(this.#pacs);
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    await this.#step('Node 24', () => this.#type('Node 24'));
    // The packages of the first step stay, as the guide says.
    const before = await this.#files();
    await this.#step('The program', () => this.#type('The program'));
    await this.#step('The configuration', () => this.#configure());
    await this.#step('The service', () => this.#type('The service'));
    this.#say(`   ${await this.#exposure()}`);
    await this.#step('The proxy and the viewer', () => addSamepoint(this.#machine));
    await this.#step('A try', () => this.#read(query, target, patient.point));
    const trail = await this.#upgradeAndBack();
    await this.#uninstall(before);
    await this.#restore(trail);
  }

  async #step(step: string, work: () => Promise<unknown>): Promise<void> {
    this.#say(`== ${step}`);
    const start = performance.now();
    await work();
    const minutes = Number(((performance.now() - start) / MS_PER_MINUTE).toFixed(1));
    this.steps.push({ step, minutes });
    this.#say(`   ${String(minutes)} minutes`);
  }

  /** The commands of a step, as the page has them. */
  async #type(step: string, section = SECTION): Promise<string> {
    const output = await this.#machine.run(commandsOf(section, step), SOURCES);
    this.#say(output.trimEnd().split('\n').slice(-12).join('\n'));
    return output;
  }

  /** The PACS has a certificate of the hospital's own authority: the guide names the key for that. */
  async #configure(): Promise<void> {
    const root = '"root": "https://pacs.hospital.example/dicom-web"';
    const commands = commandsOf(SECTION, 'The configuration');
    if (!commands.includes(root)) throw new Error(`the guide's configuration has no ${root}`);
    const own = commands.replace(root, `${root}, "caFile": "${PACS_CERTIFICATE}"`);
    const output = await this.#machine.run(own, SOURCES);
    this.#say(output.trimEnd());
    if (/^failed/mu.test(output)) throw new Error('doctor found a fault');
  }

  /** What systemd itself says of the unit's hardening. */
  async #exposure(): Promise<string> {
    const output = await this.#machine.run('systemd-analyze security --no-pager samepoint | tail -n 1');
    return output.replaceAll(/[^\x20-\x7e]+/gu, '').trim();
  }

  async #read(query: SeriesRef, target: SeriesRef, point: Lps): Promise<void> {
    const reader = await ReaderAtViewer.open();
    try {
      this.#say(
        `   through nginx: ${await reader.match({ query, targets: [target], points: [{ id: 'a', lps: point }] })}`,
      );
      await reader.click([query, target], point);
    } finally {
      await reader.close();
    }
  }

  async #version(): Promise<string> {
    await this.#machine.run(READY);
    const health = await this.#machine.run('curl --silent http://127.0.0.1:8480/samepoint/api/health');
    return (JSON.parse(health) as { readonly version: string }).version;
  }

  /** Gives the audit trail that was backed up. */
  async #upgradeAndBack(): Promise<string> {
    const old = await this.#version();
    const next = await this.#raiseVersion();
    await this.#step('Upgrade', async () => {
      await this.#type('Upgrade', 'Upgrade');
      await this.#expectVersion(next);
    });
    await this.#step('Back to the version before', async () => {
      await this.#type('Back to the version before', 'Upgrade');
      await this.#expectVersion(old);
    });
    await this.#step('Backup', () => this.#type('Backup', 'Backup'));
    const trail = await this.#machine.run(`cat ${AUDIT}`);
    if (trail.trim() === '') throw new Error('there is no audit trail to back up');
    return trail;
  }

  async #expectVersion(expected: string): Promise<void> {
    const found = await this.#version();
    if (found !== expected) throw new Error(`version ${found} runs instead of ${expected}`);
  }

  /** The sources become those of a later version; gives it. */
  async #raiseVersion(): Promise<string> {
    const sources = join(this.#machine.root, SOURCES);
    const { version } = JSON.parse(await readFile(join(sources, 'server/package.json'), 'utf8')) as {
      readonly version: string;
    };
    const next = nextOf(version);
    const files = ['package-lock.json', ...WORKSPACES.map((name) => `${name}/package.json`)];
    for (const file of files) {
      const text = await readFile(join(sources, file), 'utf8');
      await writeFile(join(sources, file), raisedIn(text, version, next));
    }
    return next;
  }

  async #files(): Promise<ReadonlySet<string>> {
    return new Set((await this.#machine.run(COMPARED)).trim().split('\n'));
  }

  async #uninstall(before: ReadonlySet<string>): Promise<void> {
    await this.#step('Uninstall', async () => {
      await this.#type('Uninstall', 'Uninstall');
      await removeSamepoint(this.#machine);
    });
    const backup = '/root/samepoint-backup.tar.gz';
    const rest = [...(await this.#files())].filter(
      (path) => !before.has(path) && !EXPECTED_TO_STAY.test(path) && path !== backup,
    );
    if (rest.length > 0) throw new Error(`the guide does not say that these stay: ${rest.join(' ')}`);
  }

  /** On what is now a machine without Samepoint. */
  async #restore(trail: string): Promise<void> {
    await this.#step('Restore', async () => {
      await this.#machine.run('config/container/assemble.sh . /opt/samepoint', SOURCES);
      await this.#type('Restore', 'Backup');
      await this.#type('The service');
    });
    const restored = await this.#machine.run(`cat ${AUDIT}`);
    if (!restored.startsWith(trail)) throw new Error('the audit trail is not the one that was backed up');
    const owner = await this.#machine.run(`stat --format %U:%a ${AUDIT}`);
    this.#say(`   audit trail: ${owner.trim()}`);
  }
}
