/**
 * The Python tests by themselves: `node test/python.ts [debian | current]`. The last line counts.
 * @module
 */
import { currentPytorch, debianPytorch, trainingTests } from './support/python.ts';

const [which = 'debian'] = process.argv.slice(2);
const { passed, failed, skipped } = trainingTests(which === 'current' ? currentPytorch() : debianPytorch());
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(
  `${skipped.map((test) => `${test}\n`).join('')}${String(passed)} passed, ${String(failed)} failed, ${String(skipped.length)} skipped\n`,
);
