import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** A set-up that cannot go on: what is wrong, and what to do about it. */
export class SetupError extends Error {
  constructor(message, remedy) {
    super(message);
    this.remedy = remedy;
  }
}

/** How npm, apt, pip and uv say that they could not reach a server. */
const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|Could not resolve|Temporary failure (in name )?resol|Could not connect|Failed to establish a new connection|error sending request/;

/** Lines of a failed command's output that are shown of its beginning (npm's reason) and of its end (a compiler's). */
const SHOWN_LINES = 40;
/** npm prints the metadata of a package and of all its files: megabytes, never more than this. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Beginning and end of a long text. */
function abridged(text) {
  const lines = text.split('\n').filter((line) => !line.startsWith('npm warn'));
  if (lines.length <= 2 * SHOWN_LINES) return lines.join('\n');
  return [...lines.slice(0, SHOWN_LINES), '...', ...lines.slice(-SHOWN_LINES)].join('\n');
}

/** One line about what happens. */
export function say(text) {
  console.log(`setup: ${text}`);
}

/**
 * Runs a command in the root of the repository, or another folder, and returns its standard output.
 * @throws SetupError when it fails: with the end of its output, and a remedy that knows a missing network when it sees one.
 */
export function run(command, args, { env = {}, cwd = ROOT, remedy = 'See the output above.' } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const line = [command, ...args].join(' ');
  if (result.error !== undefined) throw new SetupError(`${line}: ${result.error.message}`, remedy);
  if (result.status === 0) return result.stdout;
  const output = `${result.stdout}\n${result.stderr}`.trim();
  console.error(abridged(output));
  const reason = result.signal === null ? `exit status ${result.status}` : `ended by ${result.signal}`;
  throw new SetupError(
    `${line} (${reason})`,
    NO_NETWORK.test(output)
      ? 'The server could not be reached. Check the network and its proxy settings; what is done already stays done.'
      : remedy,
  );
}
