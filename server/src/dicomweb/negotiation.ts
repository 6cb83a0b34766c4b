/**
 * What a PACS accepts is found out by trying: its conformance statement is not at hand, and optional parts of DICOMweb are refused in
 * many ways. Each request has forms, the best first; one that is refused is sent in the next form, and what worked is used from then on.
 * @module
 */
import { isSamepointError } from '../errors/index.ts';

/** How an answer speaks about the form of a request: refused for it, perhaps for it, or no word about it (undefined). */
export type Refusal = 'clear' | 'perhaps' | undefined;

/** Statuses that refuse a form: of Accept (406, RFC 9110 15.5.7), of a parameter (400, 422), of what is not implemented. */
const REFUSING: ReadonlySet<number> = new Set([400, 405, 406, 414, 415, 422, 501]);
/** Some PACS fail with it over a header or a parameter that they do not know; others for any reason. */
const FAILED = 500;
/** Failures after which another form worked: then the form was the reason. */
const CERTAIN = 2;

/** The refusals that every request may meet. */
export function refusalOf(error: unknown): Refusal {
  if (isSamepointError(error, 'dicomweb/rejected'))
    return REFUSING.has(error.fields.httpStatus) ? 'clear' : undefined;
  if (isSamepointError(error, 'dicomweb/server-error'))
    return error.fields.httpStatus === FAILED ? 'perhaps' : undefined;
  return undefined;
}

/** What is known about the forms of one kind of request. */
interface Known {
  /** Index of the form that is sent first. */
  preferred: number;
  /** It has worked. */
  isProven: boolean;
  /** How often it failed where another one worked. */
  doubts: number;
}

/** One kind of request. */
export interface Negotiable<F> {
  /** Names the kind; what is learnt holds for all of its requests. */
  readonly topic: string;
  /** The best first. */
  readonly forms: readonly [F, ...F[]];
  readonly refusalOf?: (error: unknown) => Refusal;
}

/** The forms that one PACS accepts. */
export class Negotiation {
  readonly #known = new Map<string, Known>();

  /**
   * The answer to the first form that is not refused.
   * @throws the first refusal where every form is refused; what says something else than a refusal
   */
  async choose<F, T>(
    { topic, forms, refusalOf: classify = refusalOf }: Negotiable<F>,
    attempt: (form: F) => Promise<T>,
  ): Promise<T> {
    const known = this.#knownOf(topic);
    const refusals: { readonly error: unknown; readonly refusal: Refusal }[] = [];
    for (const index of inOrder(forms.length, known.preferred)) {
      try {
        const answer = await attempt(forms[index] ?? forms[0]);
        learn(
          known,
          index,
          refusals.every(({ refusal }) => refusal === 'clear'),
        );
        return answer;
      } catch (error) {
        const refusal = classify(error);
        if (refusal === undefined) throw error;
        refusals.push({ error, refusal });
        // A form that works fails for other reasons than its form.
        if (refusal === 'perhaps' && known.isProven) break;
      }
    }
    throw refusals[0]?.error;
  }

  #knownOf(topic: string): Known {
    const known = this.#known.get(topic) ?? { preferred: 0, isProven: false, doubts: 0 };
    this.#known.set(topic, known);
    return known;
  }
}

/** The preferred form first, then the others, the best first. */
function inOrder(count: number, preferred: number): readonly number[] {
  const others = Array.from({ length: count }, (_, index) => index).filter((index) => index !== preferred);
  return [preferred, ...others];
}

/** A form has worked. One answer about one object does not displace a form that has worked before. */
function learn(known: Known, index: number, isClear: boolean): void {
  if (known.isProven) return;
  if (index !== known.preferred && !isClear) {
    known.doubts += 1;
    if (known.doubts < CERTAIN) return;
  }
  known.preferred = index;
  known.isProven = true;
}
