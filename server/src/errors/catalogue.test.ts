import { catalogue } from './catalogue.ts';
import type { ErrorCode } from './catalogue.ts';
import { problemOf } from './problem.ts';
import { isSamepointError, SamepointError } from './samepointError.ts';
import type { ErrorSpec, Fields } from './spec.ts';

const entries = Object.entries<ErrorSpec>(catalogue);

/** Fields of any name: what the message does with them shows which it has. */
function readMessage(spec: ErrorSpec): { message: string; names: string[] } {
  const names = new Set<string>();
  // An array with the methods of a number serves every template.
  const value = Object.assign(['marker'], { toFixed: () => '1.5' });
  const fields = new Proxy<Fields>(
    {},
    {
      get: (_target, name) => {
        names.add(String(name));
        return value;
      },
    },
  );
  // A message may be only a field.
  return { message: [spec.message(fields)].join(), names: [...names] };
}

describe('every error of the catalogue', () => {
  it.each(entries)('%s has a message of one line, as a part of a sentence', (_code, spec) => {
    const { message } = readMessage(spec);
    expect(message).not.toMatch(/[\r\n]|undefined|\[object/);
    expect(message.trim()).toBe(message);
    expect(message).not.toMatch(/\.$/);
    expect(message.length).toBeGreaterThan(5);
  });

  it('says in its remedy what to do, and in its summary when it is raised, in other words', () => {
    for (const [code, { summary, remedy }] of entries) {
      expect([code, remedy === summary]).toEqual([code, false]);
      // A sentence for people.
      expect(remedy).toMatch(/^[A-Z]/);
    }
  });

  it('shows no patient, no login and no header in its fields', () => {
    for (const [code, spec] of entries)
      for (const name of readMessage(spec).names)
        expect(`${code}: ${name}`).not.toMatch(
          /patient(Id|Name)|token|authori[sz]ation|password|header|cookie/i,
        );
  });

  it('has one summary of its own', () => {
    const summaries = entries.map(([, { summary }]) => summary);
    expect(new Set(summaries).size).toBe(summaries.length);
  });
});

describe('messages', () => {
  const messageOf = <C extends ErrorCode>(...args: ConstructorParameters<typeof SamepointError<C>>): string =>
    new SamepointError<C>(...args).message;

  it.each([
    [
      messageOf('matching/outside-volume', { point: [1.5, -2, 3], outsideMm: 12.345 }),
      'point [1.5, -2, 3] (LPS, mm) lies 12.3 mm outside the query volume',
    ],
    [
      messageOf('embedding/unknown-model', { model: 'x', available: [] }),
      'model "x" is not installed; installed: none',
    ],
    [
      messageOf('http/audit-not-written', { destination: 'file', reason: 'ENOSPC', lost: 0 }),
      'the audit trail (file) cannot be written: ENOSPC',
    ],
    [
      messageOf('http/audit-not-written', { destination: 'file', reason: 'ENOSPC', lost: 3 }),
      'the audit trail (file) cannot be written: ENOSPC; 3 entries were lost',
    ],
    [
      messageOf('models/foreign-checkpoint', {
        file: 'a.pth',
        kind: 'UAE-S',
        missing: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
        unexpected: [],
        wrongShape: ['x'],
        wrongType: [],
      }),
      'a.pth is not UAE-S as published; 8 missing: a, b, c, d, e, f and 2 more; wrong shape: x',
    ],
  ])('reads "%s"', (message, expected) => {
    expect(message).toBe(expected);
  });
});

describe('SamepointError', () => {
  const cause = new Error('ECONNREFUSED 10.0.0.1 Authorization: Basic c2VjcmV0');
  const error = new SamepointError('matching/no-fine-map', { model: 'm' }, { cause });

  it('is an error with the words and the status of its code', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'SamepointError', status: 500, code: 'matching/no-fine-map', cause });
    expect(error.remedy).toBe(catalogue['matching/no-fine-map'].remedy);
  });

  it('is sent without its cause and its stack', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'matching/no-fine-map',
      status: 500,
      message: 'the embedding of model "m" has no fine map',
      remedy: error.remedy,
      fields: { model: 'm' },
    });
    expect(JSON.stringify(error)).not.toMatch(/c2VjcmV0|at /);
  });

  it('is known again by its class and, where given, by its code', () => {
    expect(isSamepointError(error)).toBe(true);
    expect(isSamepointError(error, 'matching/no-fine-map')).toBe(true);
    expect(isSamepointError(error, 'matching/no-body')).toBe(false);
    for (const other of [cause, error.toJSON(), undefined, 'matching/no-fine-map'])
      expect(isSamepointError(other)).toBe(false);
  });
});

describe('problemOf', () => {
  it.each([
    [
      'the code of a failed call',
      Object.assign(new Error("ENOENT: no such file, open '/x'"), { code: 'ENOENT' }),
      'ENOENT',
    ],
    ['the first line of a message', new Error('  cannot load graph \nat node 7\n'), 'cannot load graph'],
    ['what has the shape of an error', { message: 'from elsewhere' }, 'from elsewhere'],
    ['a code that is no text', { code: 17, message: 'seventeen' }, 'seventeen'],
    ['a text', 'just so', 'just so'],
    ['nothing', undefined, 'undefined'],
    ['an object without words', {}, 'unknown'],
    ['an empty message', new Error(''), ''],
  ])('is %s', (_name, thrown, words) => {
    expect(problemOf(thrown)).toBe(words);
  });
});
