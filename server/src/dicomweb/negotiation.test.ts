import { SamepointError } from '../errors/index.ts';
import { Negotiation } from './negotiation.ts';

const KIND = { topic: 'retrieve', forms: ['best', 'plain', 'plainest'] } as const;

const refused = (httpStatus: number): SamepointError =>
  new SamepointError('dicomweb/rejected', { operation: 'x', httpStatus });
const failed = new SamepointError('dicomweb/server-error', {
  operation: 'x',
  httpStatus: 500,
  retryAfterMs: 0,
});
const missing = new SamepointError('dicomweb/instance-not-found', { operation: 'x' });

/** A PACS that has an answer or an error for each form; what was requested, and what the negotiation says. */
function requesting(negotiation: Negotiation) {
  const requested: string[] = [];
  const request = async (errors: Readonly<Record<string, Error>>): Promise<string> =>
    await negotiation.choose<string, string>(KIND, (form) => {
      requested.push(form);
      const error = errors[form];
      return error === undefined ? Promise.resolve(form) : Promise.reject(error);
    });
  return { requested, request };
}

test('what is refused is requested in the next form, and what worked comes first from then on', async () => {
  const { requested, request } = requesting(new Negotiation());
  expect(await request({ best: refused(415), plain: refused(400) })).toBe('plainest');
  expect(await request({})).toBe('plainest');
  expect(requested).toEqual(['best', 'plain', 'plainest', 'plainest']);
});

test('where every form is refused, the first refusal is the error', async () => {
  const { request } = requesting(new Negotiation());
  await expect(request({ best: refused(406), plain: refused(400), plainest: failed })).rejects.toMatchObject({
    fields: { httpStatus: 406 },
  });
});

test('an answer that is no refusal ends it', async () => {
  const { requested, request } = requesting(new Negotiation());
  await expect(request({ best: refused(406), plain: missing })).rejects.toBe(missing);
  await expect(request({ best: refused(403) })).rejects.toMatchObject({ fields: { httpStatus: 403 } });
  expect(requested).toEqual(['best', 'plain', 'best']);
});

test('a failure counts as a refusal once another form has worked twice', async () => {
  const { requested, request } = requesting(new Negotiation());
  for (let time = 0; time < 3; time += 1) expect(await request({ best: failed })).toBe('plain');
  expect(requested).toEqual(['best', 'plain', 'best', 'plain', 'plain']);
});

test('a failure of a form that has worked is a failure', async () => {
  const { requested, request } = requesting(new Negotiation());
  expect(await request({})).toBe('best');
  await expect(request({ best: failed })).rejects.toBe(failed);
  expect(requested).toEqual(['best', 'best']);
});

test('one object that is refused does not change what has worked', async () => {
  const { requested, request } = requesting(new Negotiation());
  expect(await request({})).toBe('best');
  expect(await request({ best: refused(406) })).toBe('plain');
  expect(await request({})).toBe('best');
  expect(requested).toEqual(['best', 'best', 'plain', 'best']);
});

test('topics are learnt apart', async () => {
  const negotiation = new Negotiation();
  await requesting(negotiation).request({ best: refused(406) });
  const other = await negotiation.choose<string, string>({ ...KIND, topic: 'search' }, (form) =>
    Promise.resolve(form),
  );
  expect(other).toBe('best');
});
