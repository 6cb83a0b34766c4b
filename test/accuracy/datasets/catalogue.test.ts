import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/paths.ts';
import { DATASETS, parseDataset } from './catalogue.ts';
import { METRICS } from './metrics.ts';

const README = readFileSync(join(ROOT, 'test/accuracy/datasets/README.md'), 'utf8');

describe('parseDataset', () => {
  it('reads a name and a folder, which may contain the sign itself', () => {
    expect(parseDataset('pantrack=/data/a=b')).toMatchObject({
      dataset: { name: 'pantrack' },
      folder: '/data/a=b',
    });
  });

  it.each([
    ['lung=/data', /expected NAME=DIR; the names are dirlab-4dct, /],
    ['pantrack', /expected pantrack=DIR/],
    ['pantrack=', /expected pantrack=DIR/],
  ])('refuses %s', (text, message) => {
    expect(() => parseDataset(text)).toThrow(message);
  });
});

describe('README.md', () => {
  it('has a section for each dataset', () => {
    const sections = [...README.matchAll(/^## `([^`]+)`/gm)].map(([, name]) => name);
    expect(sections).toEqual(DATASETS.map(({ name }) => name));
  });

  it('defines every measure', () => {
    for (const name of Object.keys(METRICS)) expect(README).toContain(`\`${name}\``);
  });
});
