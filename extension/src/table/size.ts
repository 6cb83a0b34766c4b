/**
 * The size of a lesion as RECIST counts it: the longest diameter, of a lymph node the short axis.
 * @module
 */
import type { Lesion, Observation } from '../lesions/types.ts';
import type { CodedConcept } from '../wire.ts';

/** Of SNOMED CT (SCT) and SNOMED RT (SRT): lymph node, lymphadenopathy. */
const NODE_CODES: ReadonlySet<string> = new Set([
  'SCT 59441001',
  'SCT 30746006',
  'SRT T-C4000',
  'SRT DC-70010',
]);
const NODE_WORDS = /\b(?:lymph ?nodes?|nodal|lymphadenopathy|lymphknoten)\b/iu;

function saysNode({ value, scheme, meaning }: CodedConcept): boolean {
  return NODE_CODES.has(`${scheme} ${value}`) || NODE_WORDS.test(meaning);
}

/** Whether the site or the finding of a lesion says that it is a lymph node. */
export function isNode({ site, finding }: Pick<Lesion, 'site' | 'finding'>): boolean {
  return [site, finding].some((concept) => concept !== undefined && saysNode(concept));
}

/** The size of a lesion at a time point, mm to one decimal: what is shown is what is added up. */
export function sizeOf(
  lesion: Pick<Lesion, 'site' | 'finding'>,
  observation: Observation,
): number | undefined {
  const diameter = isNode(lesion) ? observation.shortAxis : observation.longAxis;
  return diameter === undefined ? undefined : Math.round(diameter.mm * 10) / 10;
}

/** Whether the reader has decided on an observation, and not against it. */
export function isDecided({ review }: Observation): boolean {
  return review === 'accepted' || review === 'corrected';
}
