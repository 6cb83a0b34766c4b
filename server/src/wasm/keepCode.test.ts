import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const CHURN = fileURLToPath(new URL('testing/churnCode.ts', import.meta.url));

describe('keepWasmCode', () => {
  it('lets several threads drop WebAssembly modules', () => {
    const { status, signal, stderr } = spawnSync(process.execPath, ['--expose-gc', CHURN, 'keep'], {
      encoding: 'utf8',
      env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  });
});
