import { execFile } from 'node:child_process';
import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBackground } from './background.ts';
import { freePort } from './orthanc.ts';
import { ROOT, temporaryFolder } from './paths.ts';
import { POSTGRES } from './requirements.ts';

const run = promisify(execFile);
const ADMINISTRATOR_PASSWORD = 'administrator';

/** Debian's Postgres with an empty data folder of its own; every login needs a password. */
export interface Postgres {
  /** Runs postgres-init.sh of the containers with its variables, as the image of Postgres does. @throws with what it prints */
  initialise(variables: Readonly<Record<string, string>>): Promise<void>;
  /** The first value of a query, as a user in the database of its name. */
  query(user: string, password: string, sql: string): Promise<string>;
  stop(): Promise<void>;
}

/** Postgres refuses to run as root: then the folder belongs to Debian's own user of it, and the command that is given runs another as that user. */
async function asItsUser(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const { stdout } = await run('id', ['-u', 'postgres']);
  const uid = Number(stdout);
  await chown(folder, uid, uid);
  return ['setpriv', `--reuid=${String(uid)}`, '--clear-groups'];
}

/** Starts it on a free port. */
export async function startPostgres(): Promise<Postgres> {
  const folder = temporaryFolder('postgres');
  const data = join(folder, 'data');
  const prefix = await asItsUser(folder);
  const port = await freePort();
  const place = { PGHOST: '127.0.0.1', PGPORT: String(port) };
  const runAs = (...words: readonly string[]): readonly [string, readonly string[]] => {
    const [program = '', ...args] = [...prefix, ...words];
    return [program, args];
  };
  const password = join(folder, 'password');
  await run(...runAs('sh', '-c', `printf %s ${ADMINISTRATOR_PASSWORD} > "$0"`, password));
  const logins = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${password}`];
  await run(...runAs(join(POSTGRES, 'initdb'), ...logins, `--pgdata=${data}`));
  const listen = ['-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const [program, args] = runAs(join(POSTGRES, 'postgres'), '-D', data, ...listen);
  const postgres = await startBackground({
    command: program,
    args,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    ready: /database system is ready to accept connections/,
  });
  return {
    async initialise(variables) {
      const login = { POSTGRES_USER: 'postgres', PGPASSWORD: ADMINISTRATOR_PASSWORD, ...place };
      await run('sh', [join(ROOT, 'config/container/postgres-init.sh')], {
        env: { PATH: process.env['PATH'], ...login, ...variables },
      });
    },
    async query(user, password, sql) {
      const env = { PATH: process.env['PATH'], PGPASSWORD: password, ...place };
      const options = [
        '--no-psqlrc',
        '--tuples-only',
        '--no-align',
        '--username',
        user,
        '--command',
        sql,
        user,
      ];
      return (await run('psql', options, { env })).stdout.trim();
    },
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
