/** A short run of the fuzzers, and every input that has ever been a finding. The long run: `npm run fuzz`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE } from '../support/paths.ts';
import { fuzz } from './fuzz.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
/** Another seed in every run of the CI would find more, and fail for whom it does not concern. */
const SEED = Number(process.env['SAMEPOINT_FUZZ_SEED'] ?? 20_260_101);

describe(`seed ${SEED}`, () => {
  test('2,000 inputs: no error outside the catalogue, no crash, none longer than a second', async () => {
    const findings = await fuzz({ seed: SEED, count: 2_000 });
    expect(findings.map(({ target, index, kind, message }) => ({ target, index, kind, message }))).toEqual(
      [],
    );
  });
});

test('what was found once is not found again', () => {
  const run = spawnSync(NODE, [join(import.meta.dirname, 'run.ts'), '--replay', CORPUS], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(`${run.stdout}${run.status === 0 ? '' : run.stderr}`).toMatch(/^0 findings$/m);
});
