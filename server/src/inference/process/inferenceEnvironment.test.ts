import { readFileSync } from 'node:fs';
import { forkWorker } from './inferenceProcess.ts';
import { inferenceEnvironment, PASSED_ON } from './inferenceEnvironment.ts';

const SECRETS = {
  SAMEPOINT_DICOMWEB_AUTHORIZATION: 'Basic c2VjcmV0',
  npm_config__authToken: 'secret',
  NVIDIA_API_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  NODE_OPTIONS: '--require /tmp/evil.js',
  LD_PRELOAD: '/tmp/evil.so',
};

describe('the environment of the inference process', () => {
  it('holds what is on the list and nothing else', () => {
    const given = { ...SECRETS, PATH: '/bin', LD_LIBRARY_PATH: '/opt/cuda', CUDA_VISIBLE_DEVICES: '1' };
    expect(inferenceEnvironment(given)).toEqual({
      PATH: '/bin',
      LD_LIBRARY_PATH: '/opt/cuda',
      CUDA_VISIBLE_DEVICES: '1',
      MALLOC_ARENA_MAX: '2',
      ORT_DISABLE_TELEMETRY: '1',
    });
  });

  it('keeps onnxruntime from sending events to others, whatever the server was started with', () => {
    expect(inferenceEnvironment({ ORT_DISABLE_TELEMETRY: '0' })['ORT_DISABLE_TELEMETRY']).toBe('1');
  });

  it('has nothing on the list that loads code, or that belongs to Samepoint or npm', () => {
    const suspicious = PASSED_ON.filter((name) =>
      /^(NODE_|LD_PRELOAD|SAMEPOINT_|npm_)|KEY|TOKEN|SECRET/iu.test(name),
    );
    expect(suspicious).toEqual([]);
  });

  // The kernel's own word on what the process was started with.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('is what a real one has', async () => {
    const before = { ...process.env };
    Object.assign(process.env, SECRETS, { NODE_OPTIONS: before['NODE_OPTIONS'] });
    const child = forkWorker([]);
    try {
      const names = (await environmentOf(child.pid)).map((line) => line.slice(0, line.indexOf('=')));
      const own = [
        'NODE_CHANNEL_FD',
        'NODE_CHANNEL_SERIALIZATION_MODE',
        'MALLOC_ARENA_MAX',
        'ORT_DISABLE_TELEMETRY',
      ];
      const allowed = new Set<string>([...PASSED_ON, ...own]);
      expect(names).toContain('PATH');
      expect(names.filter((name) => !allowed.has(name))).toEqual([]);
    } finally {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      for (const name of Object.keys(SECRETS)) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
  });
});

/** Variables of a process as the kernel gives them, once it runs its program. */
async function environmentOf(pid: number | undefined): Promise<readonly string[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const lines = readFileSync(`/proc/${pid ?? 0}/environ`, 'latin1')
      .split('\0')
      .filter(Boolean);
    // Between fork and exec the kernel still shows the parent's.
    if (lines.some((line) => line.startsWith('NODE_CHANNEL_FD='))) return lines;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the process did not start');
}
