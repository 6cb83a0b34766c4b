/**
 * `npm run fuzz -- [--seed N] [--count N] [--target NAME] [--replay FILE-OR-FOLDER]`: 200,000 inputs by
 * default. Ends with 1 where anything was found; the inputs lie in test/output/fuzz.
 * @module
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OUTPUT } from '../support/paths.ts';
import { fuzz, replay, saveFindings } from './fuzz.ts';

const DEFAULT_COUNT = '200000';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      count: { type: 'string', default: DEFAULT_COUNT },
      target: { type: 'string' },
      replay: { type: 'string' },
    },
  });
  if (values.replay !== undefined) {
    const findings = await replay(values.replay);
    findings.forEach(say);
    say(`${findings.length} findings`);
    return findings.length === 0;
  }
  const [seed, count] = [Number(values.seed), Number(values.count)];
  if (!Number.isInteger(seed) || !(count > 0)) throw new Error('--seed and --count must be numbers');
  say(`seed ${seed}, ${count} inputs`);
  const findings = await fuzz({ seed, count, target: values.target, onProgress: say });
  for (const file of saveFindings(findings, join(OUTPUT, 'fuzz'))) say(file);
  say(`seed ${seed}: ${findings.length} findings`);
  return findings.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
// Threads of the targets may still wait for work.
process.exit();
