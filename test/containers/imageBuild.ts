import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/paths.ts';
import { instructionsOf, pairsOf, withValues, wordsOf } from './dockerfile.ts';
import type { Instruction } from './dockerfile.ts';

const run = promisify(execFile);
/** What they say of the containers. */
const SETTINGS = new Set(['USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
const ENOUGH_BYTES = 2 ** 28;

/** What a container of an image runs, and as whom. */
export interface ImageSettings {
  readonly user: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly volume: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Stage {
  readonly root: string;
  folder: string;
  readonly arguments: Map<string, string>;
  readonly environment: Map<string, string>;
}

/** Carries out the instructions of a Dockerfile with roots of Debian in the place of its base images. */
export class ImageBuild {
  readonly #bare: string;
  readonly #folder: string;
  readonly #say: (text: string) => void;
  readonly #stages = new Map<string, Stage>();
  readonly #globals = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  #stage: Stage | undefined;

  constructor(bare: string, folder: string, say: (text: string) => void) {
    this.#bare = bare;
    this.#folder = folder;
    this.#say = say;
  }

  /** Carries out all of them; gives the folder of the image's root. @throws at one that fails or that it does not know */
  async build(dockerfile: string): Promise<string> {
    for (const instruction of instructionsOf(dockerfile)) {
      this.#say(`== ${instruction.name} ${instruction.text}`);
      await this.#carryOut(instruction);
    }
    return this.#current.root;
  }

  get settings(): ImageSettings {
    const text = (name: string): string => this.#texts.get(name) ?? '';
    return {
      user: text('USER'),
      environment: this.#current.environment,
      volume: text('VOLUME'),
      entrypoint: wordsOf(text('ENTRYPOINT')),
      command: wordsOf(text('CMD')),
      healthcheck: wordsOf(text('HEALTHCHECK').replace(/^.*?CMD\s+/u, '')),
    };
  }

  get #current(): Stage {
    if (this.#stage === undefined) throw new Error('no FROM yet');
    return this.#stage;
  }

  async #carryOut({ name, text }: Instruction): Promise<void> {
    if (SETTINGS.has(name)) this.#texts.set(name, text);
    else if (name === 'ARG' || name === 'ENV') this.#define(name, text);
    else if (name === 'FROM') await this.#from(text);
    else if (name === 'WORKDIR') await this.#enter(text);
    else if (name === 'COPY') await this.#copy(text.split(/\s+/u));
    else if (name === 'RUN') await this.#run(text);
    else throw new Error(`unknown instruction ${name}`);
  }

  #define(name: 'ARG' | 'ENV', text: string): void {
    const { arguments: given, environment } = this.#stage ?? {
      arguments: this.#globals,
      environment: this.#globals,
    };
    for (const [key, value] of pairsOf(text)) (name === 'ARG' ? given : environment).set(key, value);
  }

  async #enter(folder: string): Promise<void> {
    this.#current.folder = folder;
    await mkdir(join(this.#current.root, folder), { recursive: true });
  }

  async #from(text: string): Promise<void> {
    const [, base = '', , name = 'image'] =
      /^(\S+)( AS (\S+))?$/u.exec(withValues(text, this.#globals)) ?? [];
    const root = join(this.#folder, name);
    await rm(root, { recursive: true, force: true });
    await run('cp', ['-a', this.#bare, root]);
    if (base.startsWith('node:'))
      await run(join(ROOT, 'config/container/node.sh'), [join(root, 'usr/local')]);
    else if (!base.startsWith('debian:')) throw new Error(`no root stands for ${base}`);
    this.#stage = { root, folder: '/', arguments: new Map(), environment: new Map() };
    this.#stages.set(name, this.#stage);
  }

  async #copy(words: readonly string[]): Promise<void> {
    const [, stage] = /^--from=(\S+)$/u.exec(words[0] ?? '') ?? [];
    const [from = '', to = ''] = words.slice(stage === undefined ? 0 : 1);
    const { root, folder } = this.#current;
    const target = join(root, isAbsolute(to) ? to : join(folder, to));
    if (stage === undefined) {
      // The build context: what is committed.
      if (from !== '.') throw new Error(`COPY of ${from}`);
      const archive = join(this.#folder, 'context.tar');
      await run('git', ['archive', '--output', archive, 'HEAD'], { cwd: ROOT });
      await run('tar', ['-x', '-f', archive, '-C', target]);
      await rm(archive);
    } else {
      const source = this.#stages.get(stage);
      if (source === undefined) throw new Error(`no stage ${stage}`);
      await mkdir(join(target, '..'), { recursive: true });
      await run('cp', ['-a', join(source.root, from), target]);
    }
  }

  async #run(command: string): Promise<void> {
    const { root, folder, arguments: given, environment } = this.#current;
    const certificates =
      process.env['NODE_EXTRA_CA_CERTS'] === undefined ? [] : ['NODE_EXTRA_CA_CERTS=/etc/ssl/network.crt'];
    const variables = [...given, ...environment].map(([name, value]) => `${name}=${value}`);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const clean = ['env', '-i', path, 'HOME=/root', ...certificates, ...variables];
    const inside = ['chroot', root, ...clean, 'sh', '-c', `cd ${folder} && ${command}`];
    const script = `mount -t proc proc "$1/proc"; shift; exec "$@"`;
    const spaces = ['--mount', '--pid', '--fork', '--kill-child'];
    await run('unshare', [...spaces, 'sh', '-eu', '-c', script, 'run', root, ...inside], {
      maxBuffer: ENOUGH_BYTES,
    });
  }
}
