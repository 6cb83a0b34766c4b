import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBackground } from '../support/background.ts';
import type { Background } from '../support/background.ts';
import { makeCertificate } from '../support/certificate.ts';
import { ROOT, temporaryFolder } from '../support/paths.ts';
import type { ImageSettings } from './imageBuild.ts';

const run = promisify(execFile);
const CONTAINER = join(ROOT, 'config/container');
const HOST = 'viewer.hospital.example';
/** What compose.yaml sets for server and worker. */
const COMPOSE_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['SAMEPOINT_QUEUE_KEY', 'k'.repeat(44)],
  ['SAMEPOINT_HTTP_ALLOWED_HOSTS', HOST],
  ['SAMEPOINT_AUTH_OIDC_ISSUER', `https://${HOST}/auth/realms/samepoint`],
  ['NODE_EXTRA_CA_CERTS', '/etc/samepoint/tls.crt'],
];
/** Names of the other services: all of them in one network. */
const NAMES = `127.0.0.1 localhost redis orthanc ${HOST}\n`;
const SERVER_PORT = 8480;

interface Container {
  readonly background: Background;
  /** Process 1 of the container, as this machine numbers it. */
  readonly init: string;
}

/** Runs an image's server and worker in a network of their own, one after the other. */
export class ImageTrial {
  readonly #image: string;
  readonly #settings: ImageSettings;
  readonly #say: (text: string) => void;
  readonly #folder: string;
  readonly #network: Background;
  readonly #redis: Background;

  private constructor(
    image: string,
    settings: ImageSettings,
    say: (text: string) => void,
    parts: { readonly folder: string; readonly network: Background; readonly redis: Background },
  ) {
    this.#image = image;
    this.#settings = settings;
    this.#say = say;
    this.#folder = parts.folder;
    this.#network = parts.network;
    this.#redis = parts.redis;
  }

  static async open(
    image: string,
    settings: ImageSettings,
    say: (text: string) => void,
  ): Promise<ImageTrial> {
    const folder = temporaryFolder('image');
    await mkdir(join(folder, 'configuration'));
    for (const file of ['server.json', 'app-config.js'])
      await copyFile(join(CONTAINER, file), join(folder, 'configuration', file));
    await makeCertificate(HOST, join(folder, 'configuration'));
    await run('chmod', ['-R', 'a+rX', folder]);
    await mkdir(join(image, 'etc/samepoint'), { recursive: true });
    await appendFile(join(image, 'etc/hosts'), NAMES);
    // A new volume of Docker is as the folder of the image.
    await run('cp', ['-a', join(image, settings.volume), join(folder, 'volume')]);
    const network = await startBackground({
      command: 'unshare',
      args: ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep infinity'],
      ready: /up/,
    });
    const redis = await startRedis(folder, network);
    return new ImageTrial(image, settings, say, { folder, network, redis });
  }

  async close(): Promise<void> {
    await this.#redis.stop();
    await this.#network.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The command of the image: it is healthy, serves viewer and extension, and can write to its volume only. */
  async serves(): Promise<void> {
    this.#say('== the server');
    const container = await this.#start(this.#settings.command);
    try {
      await this.#becomesHealthy(container);
      await this.#hasNoRights(container);
      for (const path of ['/', '/samepoint/extension.js', '/samepoint/api/health', '/app-config.js'])
        await this.#answers(path);
    } finally {
      await stop(container);
    }
  }

  /** The command of compose.yaml's worker. */
  async works(): Promise<void> {
    this.#say('== the worker');
    const container = await this.#start(['worker']);
    try {
      await this.#becomesHealthy(container);
      await this.#hasNoRights(container);
    } finally {
      await stop(container);
    }
  }

  async #start(command: readonly string[]): Promise<Container> {
    const { user, environment, entrypoint } = this.#settings;
    const variables = [...environment, ...COMPOSE_ENVIRONMENT].map(([name, value]) => `${name}=${value}`);
    const places = [this.#image, join(this.#folder, 'volume'), join(this.#folder, 'configuration')];
    const spaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
    const script = [join(ROOT, 'test/containers/container.sh'), ...places, user];
    const background = await startBackground({
      command: 'nsenter',
      args: [...this.#inNetwork(), ...spaces, ...script, ...variables, ...entrypoint, ...command],
      // Its first line, whatever that says.
      ready: /\n/,
    });
    const pid = String(background.process.pid);
    const init = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
    return { background, init };
  }

  #inNetwork(): readonly string[] {
    return ['--target', String(this.#network.process.pid), '--net'];
  }

  /** Runs a command as Docker would in a container that runs (docker exec). */
  async #exec({ init }: Container, command: readonly string[]): Promise<string> {
    const [uid = '', gid = ''] = this.#settings.user.split(':');
    const root = `/proc/${init}/root`;
    const enter = ['--target', init, '--mount', '--net', '--pid', `--root=${root}`, `--wd=${root}`];
    const user = [
      'setpriv',
      '--reuid',
      uid,
      '--regid',
      gid,
      '--clear-groups',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ];
    const { stdout } = await run('nsenter', [...enter, ...user, ...command]);
    return stdout;
  }

  async #becomesHealthy(container: Container): Promise<void> {
    // Docker repeats the check, too: every 30 s.
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#exec(container, this.#settings.healthcheck);
        this.#say(`   healthy: ${this.#settings.healthcheck.join(' ')}`);
        return;
      } catch (error) {
        if (tries === 100)
          throw new Error(`not healthy:\n${container.background.output()}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  async #hasNoRights(container: Container): Promise<void> {
    const status = await readFile(`/proc/${container.init}/status`, 'utf8');
    for (const line of [/^Uid:\t10001\t10001/mu, /^CapEff:\t0+$/mu, /^CapBnd:\t0+$/mu, /^NoNewPrivs:\t1$/mu])
      if (!line.test(status)) throw new Error(`process 1 has other rights than ${String(line)}:\n${status}`);
    const write = (path: string): Promise<string> => this.#exec(container, ['touch', path]);
    await write(`${this.#settings.volume}/written`);
    for (const path of ['/opt/samepoint/written', '/etc/samepoint/written', '/written'])
      await write(path).then(
        () => {
          throw new Error(`${path} can be written`);
        },
        () => undefined,
      );
    this.#say('   user 10001, no capabilities, writes to its volume only');
  }

  async #answers(path: string): Promise<void> {
    const curl = ['curl', '--silent', '--fail', '--output', '/dev/null', '--header', `Host: ${HOST}`];
    const url = `http://127.0.0.1:${String(SERVER_PORT)}${path}`;
    await run('nsenter', [...this.#inNetwork(), ...curl, url]);
    this.#say(`   200 ${path}`);
  }
}

/** Redis of the containers, with its file, in the network. */
async function startRedis(folder: string, network: Background): Promise<Background> {
  const data = join(folder, 'redis');
  await mkdir(data);
  const text = await readFile(join(CONTAINER, 'redis.conf'), 'utf8');
  await writeFile(join(folder, 'redis.conf'), text.replace('dir /data', `dir ${data}`));
  return await startBackground({
    command: 'nsenter',
    args: [
      '--target',
      String(network.process.pid),
      '--net',
      '/usr/bin/redis-server',
      join(folder, 'redis.conf'),
    ],
    ready: /Ready to accept connections/,
  });
}

/** SIGTERM to its process 1, as `docker stop` does. */
async function stop({ background, init }: Container): Promise<void> {
  process.kill(Number(init), 'SIGTERM');
  await background.stop();
}
