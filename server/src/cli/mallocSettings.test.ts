import { execFileSync } from 'node:child_process';
import { jest } from '@jest/globals';
import { applyMallocSettings, HEAP_FLAGS, MALLOC_SETTINGS } from './mallocSettings.ts';

type Replaceable = Parameters<typeof applyMallocSettings>[0];

function processOf(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = 'linux',
): Replaceable & { readonly execve: jest.Mock } {
  const execve = jest.fn();
  const { execPath } = process;
  const fake = { platform, env, execPath, execArgv: ['--no-warnings'], argv: [execPath, 'main.js', 'serve'] };
  return { ...fake, execve, removeAllListeners: jest.fn() } as unknown as ReturnType<typeof processOf>;
}

describe('applyMallocSettings', () => {
  it('starts the same command again with the settings', () => {
    const own = processOf({ HOME: '/home/me' });
    applyMallocSettings(own);
    const { execPath } = process;
    expect(own.execve).toHaveBeenCalledWith(
      execPath,
      [execPath, ...HEAP_FLAGS, '--no-warnings', 'main.js', 'serve'],
      { HOME: '/home/me', ...MALLOC_SETTINGS },
    );
  });

  it.each([
    ['they are there', processOf({ ...MALLOC_SETTINGS })],
    ['an administrator has chosen one', processOf({ MALLOC_ARENA_MAX: '8' })],
    ['the system has no glibc', processOf({}, 'darwin')],
  ])('does nothing where %s', (_name, own) => {
    applyMallocSettings(own);
    expect(own.execve).not.toHaveBeenCalled();
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('keeps the process, its streams and its arguments, and says nothing', () => {
    const module = JSON.stringify(new URL('./mallocSettings.ts', import.meta.url).href);
    const script = `import(${module}).then(({ applyMallocSettings }) => {
      if (process.env.MALLOC_ARENA_MAX === undefined) console.log(process.pid);
      applyMallocSettings(process);
      console.log(process.pid, process.env.MALLOC_ARENA_MAX, process.execArgv[0], process.argv.at(-1));
    })`;
    const env = { ...process.env, MALLOC_ARENA_MAX: undefined, NODE_OPTIONS: undefined };
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script, 'last'], {
      env: JSON.parse(JSON.stringify(env)) as NodeJS.ProcessEnv,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [first, ...rest] = output.trim().split(/\s+/u);
    expect(rest).toEqual([first, '2', ...HEAP_FLAGS, 'last']);
  });
});
