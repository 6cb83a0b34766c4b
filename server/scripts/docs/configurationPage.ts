import { configLeaves, sourceLeaves } from '../../src/config/index.ts';
import type { ConfigLeaf } from '../../src/config/index.ts';

import { KEEP_TABLES_END, KEEP_TABLES_START } from './tables.ts';

const INTRODUCTION = `# Configuration

Generated from \`server/src/config/schema.ts\` by \`npm run docs -w @samepoint/server\`; a test keeps both equal.

\`samepoint serve --config server.json\` reads one JSON file with the sections below (or the file that
\`SAMEPOINT_CONFIG\` names). Every key also has an environment variable, which wins over the file; lists are separated by
commas. An unknown key or a wrong value stops the start and is named. \`samepoint config check\` prints the effective configuration,
without secrets. The configuration is read once: restart the server after a change.

Relative paths are relative to the configuration file (in variables: to the working directory). \`~\` is the home folder,
\`{samepoint}\` the folder of this repository. Units are part of the names: Ms milliseconds, Bytes bytes.

Examples: \`config/server.demo.json\` (embedded archive and viewer), \`config/server.orthanc.json\` (Orthanc).
`;

const SECRET = ' **Secret**: better in the environment than in the file.';

function defaultText({ defaultValue }: Pick<ConfigLeaf, 'defaultValue'>): string {
  return defaultValue === undefined ? '-' : `\`${JSON.stringify(defaultValue)}\``;
}

function row(leaf: ConfigLeaf): string {
  const secret = leaf.isSecret ? SECRET : '';
  return `| \`${leaf.name}\` | ${defaultText(leaf)} | ${leaf.description}.${secret} | \`${leaf.variable}\` |`;
}

const SOURCES_INTRODUCTION = `## sources

Several PACS by their names, in the place of the section \`dicomweb\`, which is one PACS named \`default\`:
\`"sources": {"main": {"root": …}, "archive": {"qidoRoot": …, "wadoRoot": …}}\`. The first one is that of requests that name none. Each
has the keys below, its own time limits and its own queue. Of the variables of the environment there is one for each:
\`SAMEPOINT_SOURCES_<NAME>_AUTHORIZATION\`. See [operation.md](operation.md#several-pacs).
`;

/** The keys of one source. */
function sourcesTable(): string {
  const rows = sourceLeaves.map(
    (leaf) =>
      `| \`${leaf.name}\` | ${defaultText(leaf)} | ${leaf.description}.${leaf.isSecret ? SECRET : ''} |`,
  );
  return `${SOURCES_INTRODUCTION}\n| key | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** docs/configuration.md, a table per section. */
export function configurationPage(): string {
  const sections = [...new Set(configLeaves.map(({ section }) => section))];
  const tables = sections.map((section) => {
    const rows = configLeaves.filter((leaf) => leaf.section === section).map(row);
    return `## ${section}\n\n| key | default | meaning | variable |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return [INTRODUCTION, KEEP_TABLES_START, ...tables, sourcesTable(), KEEP_TABLES_END].join('\n');
}
