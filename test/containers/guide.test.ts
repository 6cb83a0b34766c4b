/** The programs that follow docs/install.md and the Dockerfile: what they read there. `npm run bench:guide` and `bench:image` run them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { ROOT } from '../support/paths.ts';
import { instructionsOf, pairsOf, withValues, wordsOf } from './dockerfile.ts';
import { blocksOf, commandsOf, GUIDE } from './guide.ts';
import { stockAppConfig, withMarkedParts } from './hospitalSite.ts';

interface GuideResult {
  readonly steps: readonly { readonly step: string; readonly minutes: number }[];
}

describe('the commands of a page', () => {
  const page = [
    '## Way',
    '1. **First** step:',
    '   ```sh',
    "   cat > x <<'END'",
    '   { "a": 1 }',
    '   END',
    '   ```',
    '   ```json',
    '   {}',
    '   ```',
    '2. **Second.**',
    '   ```sh',
    '   b',
    '   ```',
    '## Other',
    '```sh',
    'c',
    '```',
    '### Part',
    '```sh',
    'd',
    '```',
  ].join('\n');

  it('are those of its sh blocks, by section and step, without the indentation of the page', () => {
    expect(blocksOf(page)).toEqual([
      { section: 'Way', step: 'First', commands: 'cat > x <<\'END\'\n{ "a": 1 }\nEND' },
      { section: 'Way', step: 'Second', commands: 'b' },
      { section: 'Other', step: 'Other', commands: 'c' },
      { section: 'Other', step: 'Part', commands: 'd' },
    ]);
  });

  it('of a step that the guide does not have are refused', () => {
    expect(() => commandsOf('Uninstall', 'Nothing')).toThrow('no commands for "Uninstall", "Nothing"');
  });
});

describe('docs/install.md', () => {
  it('has no step with commands that the committed result lacks', async () => {
    const result = JSON.parse(await readFile(join(ROOT, 'test/results/guide.json'), 'utf8')) as GuideResult;
    const sections = ['Without containers', 'Upgrade', 'Backup', 'Uninstall'];
    const steps = blocksOf(GUIDE)
      .filter(({ section }) => sections.includes(section))
      .map(({ step }) => step);
    const tried = result.steps.map(({ step }) => step);
    expect(steps.length).toBeGreaterThan(8);
    expect([...steps].sort()).toEqual(tried.filter((step) => steps.includes(step)).sort());
    expect(tried).toEqual(expect.arrayContaining(['The proxy and the viewer', 'A try']));
  });

  it('names numbered steps that begin with bold words', () => {
    const numbered = [...GUIDE.matchAll(/^\d+\. \*\*([^*]+?)\.?\*\*/gmu)].map(([, step]) => step);
    expect(numbered).toEqual([
      ...['Node 24', 'The program', 'The configuration', 'The service'],
      ...['The proxy and the viewer', 'A try'],
    ]);
  });
});

describe('the app-config.js of a viewer that is there', () => {
  interface Config {
    readonly extensions: readonly unknown[];
    readonly samepoint?: unknown;
    readonly dataSources: readonly unknown[];
  }

  function configOf(text: string): Config {
    const window: { config?: Config } = {};
    // No module is loaded here: import() of the extension rejects, as in a viewer without the server.
    runInNewContext(text, { window, setTimeout: () => 0 });
    return window.config!;
  }

  it('knows nothing of Samepoint before, and loads the extension with the marked parts of the example', () => {
    const stock = configOf(stockAppConfig());
    expect([stock.extensions, stock.samepoint]).toEqual([[], undefined]);
    expect(stockAppConfig()).not.toMatch(/samepoint\(/u);
    const changed = configOf(withMarkedParts(stockAppConfig()));
    expect(changed.extensions).toHaveLength(1);
    expect(changed.extensions[0]).toHaveProperty('then');
    expect({ ...changed, extensions: [] }).toEqual({ ...stock });
  });
});

describe('config/container/node.sh', () => {
  it('fetches the Node that the lock file has', async () => {
    const script = await readFile(join(ROOT, 'config/container/node.sh'), 'utf8');
    const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version?: string }>>;
    };
    const [, version] = /^fetch "\$node" (\S+)/mu.exec(script) ?? [];
    expect(version).toBe(lock.packages['node_modules/node']?.version);
    expect(script.match(/\b[0-9a-f]{128}\b/gu)).toHaveLength(3);
  });
});

describe('the instructions of a Dockerfile', () => {
  it('are read with their continued lines and without comments', () => {
    const text = '# c\nARG A=b\nHEALTHCHECK --interval=1s \\\n  CMD ["node", "x"]\n';
    expect(instructionsOf(text)).toEqual([
      { name: 'ARG', text: 'A=b' },
      { name: 'HEALTHCHECK', text: '--interval=1s CMD ["node", "x"]' },
    ]);
    expect(wordsOf('["node", "x"]')).toEqual(['node', 'x']);
    expect(() => wordsOf('[1]')).toThrow('not a list of words');
    expect(pairsOf('A=b C= D')).toEqual([
      ['A', 'b'],
      ['C', ''],
      ['D', ''],
    ]);
    expect(withValues('${A}-$C-$B', new Map([['A', 'b']]))).toBe('b--');
  });

  it('of the image copy, before it runs as a user without rights, only what the first stage has made', async () => {
    const text = await readFile(join(ROOT, 'config/container/Dockerfile'), 'utf8');
    const instructions = instructionsOf(text);
    const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
    const copies = last.filter(({ name }) => name === 'COPY');
    expect(copies.map((copy) => copy.text.split(' ')[0])).toEqual(['--from=build', '--from=build']);
    expect(last.find(({ name }) => name === 'USER')?.text).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    expect(last.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ name }) => name === 'RUN'),
    );
  });
});
