/** The Python client and its notebook, on the generated patient of a running server. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startDemo } from './support/demo.ts';
import type { Demo } from './support/demo.ts';
import { ROOT, temporaryFolder } from './support/paths.ts';
import { CLIENT_PYTHON } from './support/python.ts';
import { describeWith } from './support/requirements.ts';

/** The patient is embedded, matched and registered. */
jest.setTimeout(600_000);

const PACKAGE = join(ROOT, 'models/client');
/** Voxels of 4 mm and more: seconds. */
const COARSENESS = 4;

interface Ran {
  readonly status: number | null;
  readonly output: string;
}

function python(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Ran {
  const { status, stdout, stderr } = spawnSync(CLIENT_PYTHON, args, {
    cwd: PACKAGE,
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: PACKAGE, ...environment },
  });
  return { status, output: `${stdout}${stderr}` };
}

describeWith(['python-client'], 'samepoint-client', () => {
  const folder = temporaryFolder('python-client');
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo('python-client-demo', { coarseness: COARSENESS });
    writeFileSync(join(folder, 'truth.json'), JSON.stringify(demo.truth));
  });
  afterAll(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true });
  });

  it('passes its own tests', () => {
    const { status, output } = python(['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.']);
    expect(output).toMatch(/\nOK\n/u);
    expect(status).toBe(0);
  });

  it('finds and maps the lesions in its notebook', () => {
    const program = join(ROOT, 'test/support/runNotebook.py');
    const result = join(folder, 'result.json');
    const { status, output } = python([program, join(PACKAGE, 'example.ipynb'), result], {
      SAMEPOINT_URL: `${demo.url}/samepoint`,
      SAMEPOINT_TRUTH: join(folder, 'truth.json'),
      IPYTHONDIR: join(folder, 'ipython'),
      JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    });
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    const { errors, mapErrors, simpleitkDifference, fixedPoints, landmarks, printed } = JSON.parse(
      readFileSync(result, 'utf8'),
    ) as Record<'errors' | 'mapErrors', number[]> & {
      readonly simpleitkDifference: number;
      readonly fixedPoints: number;
      readonly landmarks: number;
      readonly printed: string;
    };
    expect(errors.length).toBeGreaterThan(4);
    for (const values of [errors, mapErrors])
      expect(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]).toBeLessThan(5);
    expect(simpleitkDifference).toBeLessThan(1e-3);
    expect(fixedPoints).toBeGreaterThan(3);
    expect(landmarks).toBe(3);
    expect(printed).toContain('matched');
  });
});
