import { readFile } from 'node:fs/promises';
import { createMetrics } from './index.ts';
import { METRICS } from './definitions.ts';

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] };
}

const FILE = new URL('../../../config/grafana-dashboard.json', import.meta.url);
const NAME = /\b(?:samepoint|process|nodejs)_[a-z0-9_]+/g;
const SELECTOR = /(\b(?:samepoint|process|nodejs)_[a-z0-9_]+)\{([^}]*)\}/g;
const GROUPS = /by \(([^)]*)\)/g;
/** Labels that Prometheus or a histogram adds. */
const ADDED = ['job', 'le'];

async function queries(): Promise<string[]> {
  const { panels, templating } = JSON.parse(await readFile(FILE, 'utf8')) as Dashboard;
  const variables = templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
  return [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...variables];
}

/** The name without what a histogram adds. */
function base(name: string): string {
  return name.replace(/_(?:bucket|count|sum)$/, '');
}

describe('config/grafana-dashboard.json', () => {
  it('names metrics only that the server gives', async () => {
    const { text } = await createMetrics().expose();
    const given = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const named = (await queries()).flatMap((query) => query.match(NAME) ?? []).map(base);
    expect(named.filter((name) => !given.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  it('shows every metric of the server', async () => {
    const named = new Set((await queries()).flatMap((query) => query.match(NAME) ?? []).map(base));
    const own = Object.values(METRICS).map(({ name }) => name);
    expect(own.filter((name) => !named.has(name))).toEqual([]);
  });

  it('selects and groups by labels that the metric has', async () => {
    const labels = new Map<string, readonly string[]>(
      Object.values(METRICS).map(({ name, labelNames }) => [name, labelNames]),
    );
    const odd: string[] = [];
    for (const query of await queries()) {
      for (const [, name = '', selector = ''] of query.matchAll(SELECTOR)) {
        const allowed = [...(labels.get(base(name)) ?? []), ...ADDED];
        const selected = [...selector.matchAll(/(?<![a-z])([a-z]+)!?=/g)].map(([, label = '']) => label);
        const groups = [...query.matchAll(GROUPS)].flatMap(([, list = '']) => list.split(/, */));
        odd.push(...[...selected, ...groups].filter((label) => !allowed.includes(label)));
      }
    }
    expect(odd).toEqual([]);
  });
});
