/** A search: keys, returned attributes, paging (PS3.18 8.3.4 and 10.6). */
import type { DicomElement, DicomJson } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Candidate } from './attributes.ts';
import { elementsOf, queryTagOf } from './attributes.ts';
import { matches, splitList } from './matching.ts';

/** Query parameters as Express parses them. */
export type RawQuery = Readonly<Record<string, unknown>>;

/** A parsed query. */
export interface SearchQuery {
  readonly keys: readonly { readonly path: readonly string[]; readonly values: readonly string[] }[];
  readonly includeAll: boolean;
  /** Tags to return beside the usual ones. */
  readonly include: readonly string[];
  readonly offset: number;
  readonly limit: number;
}

/** Parameters that are not attributes. `fuzzymatching` may be ignored (PS3.18 8.3.4.2); names match loosely anyway. */
const CONTROL = new Set([
  'includefield',
  'limit',
  'offset',
  'fuzzymatching',
  'emptyvaluematching',
  'multiplevaluematching',
]);

/** @throws SamepointError `archive/invalid-query` */
export function parseQuery(raw: RawQuery): SearchQuery {
  const fields = textsOf('includefield', raw['includefield']).flatMap(splitList);
  const keys = Object.entries(raw)
    .filter(([name]) => !CONTROL.has(name.toLowerCase()))
    .flatMap(([name, value]) => {
      // Keys that we do not know are ignored, as PS3.18 8.3.4.1 has it for attributes that are not supported.
      const path = name.split('.').map(queryTagOf);
      return path.every((tag) => tag !== undefined) ? [{ path, values: textsOf(name, value) }] : [];
    });
  return {
    keys,
    includeAll: fields.includes('all'),
    include: fields.map((field) => queryTagOf(field.split('.')[0] ?? '')).filter((tag) => tag !== undefined),
    offset: count('offset', raw['offset']) ?? 0,
    limit: count('limit', raw['limit']) ?? Infinity,
  };
}

/** Answers a query over the candidates of one level. */
export function search(candidates: readonly Candidate[], query: SearchQuery): readonly DicomJson[] {
  return candidates
    .filter((candidate) =>
      query.keys.every(({ path, values }) => values.every((value) => matchesKey(candidate, path, value))),
    )
    .slice(query.offset, query.offset + query.limit)
    .map((candidate) => describe(candidate, query));
}

function matchesKey(candidate: Candidate, path: readonly string[], key: string): boolean {
  const elements = elementsOf(candidate, path);
  // An attribute that is absent matches only the universal key.
  if (elements.length === 0) return matches('LO', [], key);
  return elements.some(({ vr, Value }) => matches(vr, Value ?? [], key));
}

function describe({ dataSets, computed, returned }: Candidate, query: SearchQuery): DicomJson {
  const [dataSet = {}] = dataSets;
  const all = query.includeAll ? Object.keys(dataSet).filter((tag) => isSmall(dataSet[tag])) : [];
  const answer: Record<string, DicomElement> = {};
  for (const tag of new Set([...returned, ...query.include, ...all, ...Object.keys(computed)].sort())) {
    const element = computed[tag] ?? dataSet[tag];
    if (element && isSmall(element)) answer[tag] = element;
  }
  return answer;
}

/** A search does not return bulk data. */
function isSmall(element: DicomElement | undefined): boolean {
  return element?.BulkDataURI === undefined && element?.InlineBinary === undefined;
}

function textsOf(parameter: string, value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.map((text) => {
    if (typeof text === 'string') return text;
    throw new SamepointError('archive/invalid-query', {
      parameter: safeName(parameter),
      reason: 'it is not a text',
    });
  });
}

function count(parameter: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  throw new SamepointError('archive/invalid-query', {
    parameter,
    reason: 'it must be one whole number from 0',
  });
}

/** A parameter's name in a message: it comes from outside. */
function safeName(parameter: string): string {
  return parameter.replace(/[^\w.]/g, '?').slice(0, 64);
}
