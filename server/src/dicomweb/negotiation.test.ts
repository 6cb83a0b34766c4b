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

/** A PACS that has an answer or an error for each form; what it was asked, and what the negotiation says. */
function asking(negotiation: Negotiation) {
  const asked: string[] = [];
  const ask = async (errors: Readonly<Record<string, Error>>): Promise<string> =>
    await negotiation.choose<string, string>(KIND, (form) => {
      asked.push(form);
      const error = errors[form];
      return error === undefined ? Promise.resolve(form) : Promise.reject(error);
    });
  return { asked, ask };
}

test('what is refused is asked for in the next form, and what worked comes first from then on', async () => {
  const { asked, ask } = asking(new Negotiation());
  expect(await ask({ best: refused(415), plain: refused(400) })).toBe('plainest');
  expect(await ask({})).toBe('plainest');
  expect(asked).toEqual(['best', 'plain', 'plainest', 'plainest']);
});

test('where every form is refused, the first refusal is the error', async () => {
  const { ask } = asking(new Negotiation());
  await expect(ask({ best: refused(406), plain: refused(400), plainest: failed })).rejects.toMatchObject({
    fields: { httpStatus: 406 },
  });
});

test('an answer that is no refusal ends it', async () => {
  const { asked, ask } = asking(new Negotiation());
  await expect(ask({ best: refused(406), plain: missing })).rejects.toBe(missing);
  await expect(ask({ best: refused(403) })).rejects.toMatchObject({ fields: { httpStatus: 403 } });
  expect(asked).toEqual(['best', 'plain', 'best']);
});

test('a failure is taken for a refusal once another form has worked twice', async () => {
  const { asked, ask } = asking(new Negotiation());
  for (let time = 0; time < 3; time += 1) expect(await ask({ best: failed })).toBe('plain');
  expect(asked).toEqual(['best', 'plain', 'best', 'plain', 'plain']);
});

test('a failure of a form that has worked is a failure', async () => {
  const { asked, ask } = asking(new Negotiation());
  expect(await ask({})).toBe('best');
  await expect(ask({ best: failed })).rejects.toBe(failed);
  expect(asked).toEqual(['best', 'best']);
});

test('one object that is refused does not change what has worked', async () => {
  const { asked, ask } = asking(new Negotiation());
  expect(await ask({})).toBe('best');
  expect(await ask({ best: refused(406) })).toBe('plain');
  expect(await ask({})).toBe('best');
  expect(asked).toEqual(['best', 'best', 'plain', 'best']);
});

test('topics are learnt apart', async () => {
  const negotiation = new Negotiation();
  await asking(negotiation).ask({ best: refused(406) });
  const other = await negotiation.choose<string, string>({ ...KIND, topic: 'search' }, (form) =>
    Promise.resolve(form),
  );
  expect(other).toBe('best');
});
