/**
 * A bare Debian 12 with its own systemd, in a folder: debootstrap makes it, namespaces keep it apart (boot.sh). Needs root, Debian's mirror and
 * unified control groups (cgroups(7)).
 * @module
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBackground } from '../support/background.ts';
import type { Background } from '../support/background.ts';
import { ROOT } from '../support/paths.ts';

const run = promisify(execFile);
const MIRROR = 'http://deb.debian.org/debian';
/** What a machine has that a minimal root lacks; nothing of it is Samepoint's. */
const PACKAGES = 'systemd,systemd-sysv,nginx,openssl,procps';
/** Where the certificates of the network's authorities lie in the machine; a proxy of the network may need its own. */
const AUTHORITIES = '/etc/ssl/network.crt';
const OWN_AUTHORITIES = process.env['NODE_EXTRA_CA_CERTS'];
const ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ...['HOME=/root', 'LANG=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive'],
  ...(OWN_AUTHORITIES === undefined
    ? []
    : [`NODE_EXTRA_CA_CERTS=${AUTHORITIES}`, `CURL_CA_BUNDLE=${AUTHORITIES}`]),
];

/** A machine that runs. */
export class BareMachine {
  /** Folder of its root. */
  readonly root: string;
  readonly #unshare: Background;
  /** Its process 1, as this machine numbers it. */
  readonly #init: string;

  private constructor(root: string, unshare: Background, init: string) {
    this.root = root;
    this.#unshare = unshare;
    this.#init = init;
  }

  /** Copies the bare root, which is made once, and boots it. */
  static async boot(bare: string, root: string): Promise<BareMachine> {
    await makeBareRoot(bare);
    await rm(root, { recursive: true, force: true });
    await run('cp', ['-a', bare, root]);
    const spaces = ['--mount', '--pid', '--fork', '--uts', '--ipc', '--kill-child'];
    const unshare = await startBackground({
      command: 'unshare',
      args: [...spaces, join(ROOT, 'test/containers/boot.sh'), root],
      ready: /booting/,
    });
    const pid = String(unshare.process.pid);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const machine = new BareMachine(root, unshare, children.trim());
    await machine.run(
      'for n in $(seq 100); do systemctl is-system-running --wait && exit; sleep 0.2; done; exit 1',
    );
    return machine;
  }

  /** Runs lines in a shell of its root user, in a folder; gives what they print. @throws with that where the last one fails */
  async run(script: string, folder = '/root'): Promise<string> {
    const inside = `/proc/${this.#init}/root`;
    const enter = ['--target', this.#init, '--mount', '--pid', '--uts', '--ipc', '--cgroup'];
    const shell = ['bash', '-eu', '-o', 'pipefail', '-c', `exec 2>&1; ${script}`];
    const where = [`--root=${inside}`, `--wd=${inside}${folder}`];
    return await outputOf('nsenter', [...enter, ...where, 'env', '-i', ...ENVIRONMENT, ...shell]);
  }

  /** Adds a name that it finds at this machine. */
  async name(host: string): Promise<void> {
    await appendFile(join(this.root, 'etc/hosts'), `127.0.0.1 ${host}\n`);
  }

  /** Ends it with all that runs in it, and removes its root. */
  async stop(): Promise<void> {
    const ended = this.#unshare.stop();
    // unshare(1) waits for its child, whatever signal it gets itself.
    process.kill(Number(this.#init), 'SIGKILL');
    await ended;
    await rm(this.root, { recursive: true, force: true });
  }
}

/** What a program prints. @throws with its last lines where it fails */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status !== 0) throw new Error(`status ${String(status)}:\n${output.slice(-4000)}`);
  return output;
}

/** debootstrap into a folder that is then complete, or not there. */
export async function makeBareRoot(bare: string): Promise<void> {
  if (existsSync(bare)) return;
  const unfinished = `${bare}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', unfinished, MIRROR]);
  await copyFile('/etc/resolv.conf', join(unfinished, 'etc/resolv.conf'));
  if (OWN_AUTHORITIES !== undefined) await copyFile(OWN_AUTHORITIES, join(unfinished, AUTHORITIES));
  await writeFile(join(unfinished, 'etc/hosts'), '127.0.0.1 localhost\n');
  await rename(unfinished, bare);
}

/** Copies a folder of this machine into the root of another. */
export async function copyInto(machine: BareMachine, from: string, to: string): Promise<void> {
  const target = join(machine.root, to);
  await mkdir(target, { recursive: true });
  await cp(from, target, { recursive: true });
}
