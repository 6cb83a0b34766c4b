import { catalogue } from '../../src/errors/index.ts';
import type { ErrorSpec, Fields } from '../../src/errors/spec.ts';

import { KEEP_TABLES_END, KEEP_TABLES_START } from './tables.ts';

const INTRODUCTION = `# Errors

Generated from the catalogue in \`server/src/errors\` by \`npm run docs -w @samepoint/server\`; a test keeps both equal.

Every error of the API is \`{"error": {"code", "status", "message", "remedy", "fields"}}\`. Programs decide by \`code\`;
\`message\` and \`remedy\` are for people. The command line shows the same codes. Fields never hold names, patient ids,
tokens or headers.
`;

/** What the modules of the codes are. */
const MODULES: Readonly<Record<string, string>> = {
  dicomweb: 'talking to the PACS',
  volume: 'turning a series into a volume',
  embedding: 'models, inference and the cache',
  models: 'importing published checkpoints',
  matching: 'points that cannot be matched',
  report: 'structured reports',
  archive: 'the embedded archive',
  auth: 'logins',
  http: 'requests and limits of the server',
  application: 'requests that make no clinical sense',
  config: 'the configuration',
  cli: 'the command line',
  viewer: 'the bundled viewer',
  phantom: 'the phantom patient',
};

/**
 * Stands for the value of a field in a message template: whatever the template does with it (`toFixed`, `join`,
 * `length`), it prints as `{name}`.
 */
function placeholder(name: string): unknown {
  const text = `{${name}}`;
  const stand: unknown = new Proxy(() => stand, {
    get: (_target, property) => {
      if (property === Symbol.toPrimitive || property === 'toString') return () => text;
      if (property === Symbol.iterator) return () => [stand][Symbol.iterator]();
      return stand;
    },
    apply: () => stand,
  });
  return stand;
}

/** The message with its fields as `{name}`. */
function template(spec: ErrorSpec): string {
  const fields = new Proxy<Fields>({}, { get: (_target, name) => placeholder(String(name)) });
  return spec.message(fields);
}

/** A pipe ends a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row([code, spec]: readonly [string, ErrorSpec]): string {
  const cells = [`\`${code}\``, String(spec.status), spec.summary, template(spec), spec.remedy];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** docs/errors.md, a table per module. */
export function errorsPage(): string {
  const entries = Object.entries<ErrorSpec>(catalogue);
  const modules = [...new Set(entries.map(([code]) => code.split('/')[0] ?? ''))];
  const tables = modules.map((module) => {
    const rows = entries.filter(([code]) => code.startsWith(`${module}/`)).map(row);
    const title = MODULES[module] === undefined ? module : `${module}: ${MODULES[module]}`;
    return `## ${title}\n\n| code | status | when | message | what to do |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return [INTRODUCTION, KEEP_TABLES_START, ...tables, KEEP_TABLES_END].join('\n');
}
