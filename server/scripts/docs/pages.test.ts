import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { configLeaves } from '../../src/config/index.ts';
import { catalogue } from '../../src/errors/index.ts';
import { configurationPage } from './configurationPage.ts';
import { errorsPage } from './errorsPage.ts';
import { generatedPages } from './pages.ts';

const REMEDY = 'run "npm run docs -w @samepoint/server"';

describe('generated documentation', () => {
  it.each(Object.entries(generatedPages).map(([file, page]) => [basename(file), file, page] as const))(
    `%s is what the code says (else ${REMEDY})`,
    async (_name, file, page) => {
      expect(await readFile(file, 'utf8')).toBe(page());
    },
  );

  it('documents every error with its status and remedy', () => {
    const page = errorsPage();
    for (const [code, { status, remedy }] of Object.entries(catalogue)) {
      expect(page).toContain(`| \`${code}\` | ${status} |`);
      expect(page).toContain(remedy.replaceAll('|', '\\|'));
    }
  });

  it('shows the fields of a message by name, whatever the template does with them', () => {
    expect(errorsPage()).toContain('point [{point}] (LPS, mm) lies {outsideMm} mm outside the query volume');
    expect(errorsPage()).not.toMatch(/undefined|NaN|\[object|=>/);
  });

  it('documents every configuration key with its variable', () => {
    const page = configurationPage();
    for (const { name, variable } of configLeaves) {
      expect(page).toContain(`| \`${name}\` |`);
      expect(page).toContain(`\`${variable}\``);
    }
  });
});

describe('error catalogue', () => {
  it.each(Object.entries(catalogue))('%s has a real status, a summary and a remedy', (code, entry) => {
    expect(code).toMatch(/^[a-z]+\/[a-z]+(-[a-z]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.summary).toMatch(/\.$/);
    expect(entry.remedy).toMatch(/\.$/);
  });
});
