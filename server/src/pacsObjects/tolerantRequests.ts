/**
 * Requests for objects that anybody may have stored: one that the PACS does not give out must not hide the others.
 * @module
 */
import { isSamepointError } from '../errors/index.ts';
import type { SamepointError } from '../errors/index.ts';
import type { Logger } from '../access/index.ts';

/** Requests in a row that the PACS does not answer: it is gone, and each further one would wait as long. */
const MAX_UNANSWERED_IN_A_ROW = 3;
/** How often it is checked whether a PACS that does not give out objects is there at all. */
const MAX_CHECKS = 5;
/** HTTP statuses with which a proxy or a busy PACS says that there is no answer now (RFC 9110 15.6, RFC 6585 4). */
const NO_ANSWER_NOW: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function isUnanswered(error: SamepointError): boolean {
  return (
    isSamepointError(error, 'dicomweb/unreachable') ||
    isSamepointError(error, 'dicomweb/timeout') ||
    (isSamepointError(error, 'dicomweb/server-error') && NO_ANSWER_NOW.has(error.fields.httpStatus))
  );
}

/** The requests of one caller for one answer. */
export class TolerantRequests {
  readonly #logger: Logger;
  readonly #isThere: (() => Promise<unknown>) | undefined;
  #checks = 0;
  #refused = 0;
  #retrieved = 0;
  #unansweredInARow = 0;
  #firstUnanswered: SamepointError | undefined;

  /** @param isThere a request that a PACS which runs answers, also where objects wait in its long-term archive. */
  constructor(logger: Logger, isThere?: () => Promise<unknown>) {
    this.#logger = logger;
    this.#isThere = isThere;
  }

  /** Requests that gave nothing. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * The answer of the PACS, or undefined where it has none for this object.
   * @throws SamepointError where the caller must log in, and where the PACS has not answered for several objects in a row
   */
  async search<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (!isSamepointError(error) || isSamepointError(error, 'dicomweb/unauthorized')) throw error;
      if (isUnanswered(error)) {
        this.#firstUnanswered ??= error;
        this.#unansweredInARow += 1;
        if (this.#unansweredInARow >= MAX_UNANSWERED_IN_A_ROW && !(await this.#goesOn(error))) throw error;
      }
      this.#refused += 1;
      this.#logger.warn({ code: error.code }, 'the PACS did not give out an object of the study');
      return undefined;
    }
  }

  /** Whether a PACS that says of several objects that there is no answer now answers otherwise: then it is those objects. */
  async #goesOn(error: SamepointError): Promise<boolean> {
    if (this.#isThere === undefined || !isSamepointError(error, 'dicomweb/server-error')) return false;
    if (this.#checks >= MAX_CHECKS) return false;
    this.#checks += 1;
    const answers = await this.#isThere().then(
      () => true,
      () => false,
    );
    if (answers) this.#unansweredInARow = 0;
    return answers;
  }

  /** The same of an object itself: what comes shows that the PACS is there. */
  async retrieve<T>(request: () => Promise<T>): Promise<T | undefined> {
    const answer = await this.search(request);
    if (answer === undefined) return undefined;
    this.#retrieved += 1;
    this.#unansweredInARow = 0;
    return answer;
  }

  /** @throws SamepointError where the PACS did not answer for any object, and does not answer otherwise */
  async requireAnswers(): Promise<void> {
    const unanswered = this.#firstUnanswered;
    if (this.#retrieved > 0 || unanswered === undefined) return;
    if (!(await this.#goesOn(unanswered))) throw unanswered;
  }
}
