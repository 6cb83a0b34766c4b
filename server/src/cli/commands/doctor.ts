import { isSamepointError } from '../../errors/index.ts';
import type { Config } from '../../config/index.ts';
import { checksOf, failed } from '../../doctor/index.ts';
import type { Check } from '../../doctor/index.ts';
import { EXIT } from '../exit.ts';
import { printJson } from '../../workbench/index.ts';
import type { CliIo } from '../../workbench/index.ts';

/** Options of `samepoint doctor`. */
export interface DoctorCommand {
  /** Reads the configuration; what is wrong with it is the first finding. */
  readonly readConfig: () => Promise<Config>;
  readonly json: boolean;
  readonly embeds: boolean;
}

const STATUS_WIDTH = 9;

async function findings(command: DoctorCommand, { signal }: CliIo): Promise<readonly Check[]> {
  const { readConfig, embeds } = command;
  try {
    const config = await readConfig();
    return await checksOf(config, { embeds, signal });
  } catch (error) {
    if (!isSamepointError(error) || !error.code.startsWith('config/')) throw error;
    return [failed('configuration', error.message, error.remedy)];
  }
}

function textOf({ name, status, message, remedy }: Check): string {
  const advice = remedy === undefined || status === 'ok' ? '' : `\n${' '.repeat(STATUS_WIDTH)}${remedy}`;
  return `${status.padEnd(STATUS_WIDTH)}${name}: ${message}${advice}\n`;
}

/**
 * Looks whether a server can run on this machine with this configuration, and says what it finds.
 * @returns the exit status: failed where a check failed; warnings are none
 */
export async function doctor(command: DoctorCommand, io: CliIo): Promise<number> {
  const checks = await findings(command, io);
  const hasFailed = checks.some(({ status }) => status === 'failed');
  if (command.json) printJson(io, { status: hasFailed ? 'failed' : 'ok', checks });
  else for (const check of checks) io.stdout.write(textOf(check));
  return hasFailed ? EXIT.failed : EXIT.ok;
}
