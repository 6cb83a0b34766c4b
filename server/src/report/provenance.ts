/**
 * The match that proposed a place, written into a measurement group and read from it.
 * @module
 */
import { MATCH_VERDICTS } from '../matching/index.ts';
import type { MatchVerdict } from '../matching/index.ts';
import {
  OWN_CODES,
  PRIVATE_SCHEME,
  codedItem,
  textItem,
  child,
  codeOf,
  numberFrom,
  shown,
  textOfItem,
  Unreadable,
} from '../contentTree/index.ts';
import type { Code } from '../contentTree/index.ts';
import type { Dataset } from '../documents/index.ts';
import type { MatchProvenance } from './types.ts';

/** What a verdict is called in a report. */
const VERDICT_CODES = {
  matched: ['MATCHED', PRIVATE_SCHEME, 'Matched'],
  uncertain: ['UNCERTAIN', PRIVATE_SCHEME, 'Uncertain'],
  'out-of-view': ['OUT_OF_VIEW', PRIVATE_SCHEME, 'Outside the field of view'],
  absent: ['ABSENT', PRIVATE_SCHEME, 'Not found'],
} as const satisfies Readonly<Record<MatchVerdict, Code>>;

/** The answer of the matching as the reader saw it. */
export function provenanceItems({
  model,
  method,
  step,
  verdict,
  errorRadiusMm,
}: MatchProvenance): readonly Dataset[] {
  return [
    textItem('CONTAINS', OWN_CODES.model, model.id),
    textItem('CONTAINS', OWN_CODES.modelVersion, model.version),
    textItem('CONTAINS', OWN_CODES.method, method),
    textItem('CONTAINS', OWN_CODES.step, step),
    codedItem('CONTAINS', OWN_CODES.verdict, VERDICT_CODES[verdict]),
    textItem('CONTAINS', OWN_CODES.errorRadius, String(errorRadiusMm)),
  ];
}

/** Undefined in reports of versions that did not write it. @throws Unreadable where a part of it is missing or unknown */
export function provenanceOf(group: Dataset): MatchProvenance | undefined {
  if (child(group, OWN_CODES.model) === undefined) return undefined;
  const code = codeOf(group, OWN_CODES.verdict);
  const verdict = MATCH_VERDICTS.find((one) => VERDICT_CODES[one][0] === code);
  if (verdict === undefined) throw new Unreadable(`unknown verdict "${shown(code)}"`);
  return {
    model: {
      id: textOfItem(group, OWN_CODES.model),
      version: textOfItem(group, OWN_CODES.modelVersion),
    },
    method: textOfItem(group, OWN_CODES.method),
    step: textOfItem(group, OWN_CODES.step),
    verdict,
    errorRadiusMm: numberFrom(textOfItem(group, OWN_CODES.errorRadius), OWN_CODES.errorRadius),
  };
}
