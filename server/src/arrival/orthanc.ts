/**
 * New studies from the list of changes of Orthanc, which numbers everything that it stores. A study is in it as soon as no image of it has
 * come for a while (StableStudy). What Orthanc deletes is not in it.
 * @module
 */
import { z } from 'zod';
import { SamepointError } from '../errors/index.ts';

const OPERATION = 'the changes of Orthanc';
const TIMEOUT_MS = 30_000;
const PAGE = 100;
const [OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND] = [200, 401, 403, 404] as const;
/** Pages that are read at a time: the rest comes with the next look. */
const MAX_PAGES = 100;

const changesSchema = z.object({
  Changes: z.array(z.object({ ChangeType: z.string(), ID: z.string(), Seq: z.int().min(0) })),
  Done: z.boolean(),
  Last: z.int().min(0),
});
const studySchema = z.object({ MainDicomTags: z.object({ StudyInstanceUID: z.string() }) });

/** Where Orthanc is, and with which credentials it is read. */
export interface OrthancSettings {
  readonly root: string;
  readonly fetch: typeof globalThis.fetch;
  /** Those that it gets, of the credentials of this server itself; these where absent. */
  readonly authorizationFor?: ((own: string | undefined) => string | undefined) | undefined;
}

/** What has changed. */
export interface Changes {
  /** Studies that are complete, in the order of the changes; each once. */
  readonly studies: readonly string[];
  /** The number of the last change that was read. */
  readonly last: number;
}

interface Request {
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

/** @throws SamepointError `dicomweb/unreachable`, also for an answer that breaks off or is no JSON */
async function answerOf(
  { root, fetch }: OrthancSettings,
  path: string,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const headers = { Accept: 'application/json', ...(authorization && { Authorization: authorization }) };
  const both = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const url = `${root.replace(/\/$/, '')}/${path}`;
    const response = await fetch(url, { headers, redirect: 'error', signal: both });
    const { status } = response;
    if (status === OK) return { status, body: await response.json() };
    await response.body?.cancel();
    return { status, body: undefined };
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error ? cause.name : 'unknown';
    throw new SamepointError('dicomweb/unreachable', { operation: OPERATION, reason }, { cause });
  }
}

/** The body of an answer; undefined for HTTP 404. @throws SamepointError of `dicomweb/` */
async function get(settings: OrthancSettings, path: string, request: Request): Promise<unknown> {
  const { authorizationFor = (own: string | undefined) => own } = settings;
  const { status, body } = await answerOf(
    settings,
    path,
    authorizationFor(request.authorization),
    request.signal,
  );
  if (status === OK) return body;
  if (status === NOT_FOUND) return undefined;
  if (status === UNAUTHORIZED) throw new SamepointError('dicomweb/unauthorized', { operation: OPERATION });
  if (status === FORBIDDEN) throw new SamepointError('dicomweb/forbidden', { operation: OPERATION });
  throw new SamepointError('dicomweb/rejected', { operation: OPERATION, httpStatus: status });
}

async function pageOf(
  settings: OrthancSettings,
  query: string,
  request: Request,
): Promise<z.infer<typeof changesSchema>> {
  const { data } = changesSchema.safeParse(await get(settings, `changes?${query}`, request));
  if (data === undefined)
    throw new SamepointError('dicomweb/bad-answer', { operation: OPERATION, reason: 'no list of changes' });
  return data;
}

/** The StudyInstanceUID of a study of Orthanc; undefined where it is deleted. */
async function uidOf(settings: OrthancSettings, id: string, request: Request): Promise<string | undefined> {
  const answer = await get(settings, `studies/${encodeURIComponent(id)}`, request);
  return studySchema.safeParse(answer).data?.MainDicomTags.StudyInstanceUID;
}

/**
 * What has changed since a change. Where Orthanc was set up anew and counts from the beginning, all that it holds is new.
 * @param since undefined: what is there now is no arrival
 * @throws SamepointError of `dicomweb/`
 */
export async function changesSince(
  settings: OrthancSettings,
  since: number | undefined,
  request: Request,
): Promise<Changes> {
  const { Last: newest } = await pageOf(settings, 'last', request);
  if (since === undefined) return { studies: [], last: newest };
  const ids = new Set<string>();
  let last = since > newest ? 0 : since;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { Changes: changes, Done: isDone } = await pageOf(settings, `since=${last}&limit=${PAGE}`, request);
    for (const { ChangeType: type, ID: id, Seq: number } of changes) {
      if (type === 'StableStudy') ids.add(id);
      last = Math.max(last, number);
    }
    if (isDone || changes.length === 0) break;
  }
  const studies: string[] = [];
  for (const id of ids) {
    const study = await uidOf(settings, id, request);
    if (study !== undefined) studies.push(study);
  }
  return { studies, last };
}
