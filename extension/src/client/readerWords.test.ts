/** Errors of the server as a reader reads them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { serverFailure } from './failure.ts';
import { CODES_WITH_WORDS, isDeveloperText, readerWords } from './readerWords.ts';

const body = (code: string, message: string, remedy = 'Choose another series.') => ({
  code,
  status: 422,
  message,
  remedy,
  fields: {},
});

describe('readerWords', () => {
  test.each([
    [
      'matching/outside-body',
      'point [-204.93, 1, 2] (LPS, mm) lies outside the body',
      'This place is outside the body.',
    ],
    [
      'dicomweb/timeout',
      'the PACS sent nothing for 500 ms during QIDO-RS search studies',
      'The PACS does not answer, or answers too slowly.',
    ],
    [
      'volume/bad-value',
      'PixelSpacing (0028,0030) is 0 in 1.2.3.4.5',
      'The images of this series cannot be compared.',
    ],
    [
      'volume/single-slice',
      'the series has a single slice; a volume needs more',
      'the series has a single slice; a volume needs more',
    ],
    [
      'auth/login-refused',
      'the login is not accepted (expired)',
      'Your login has expired, or is not accepted.',
    ],
    ['auth/role-missing', 'this needs the role of a saver', 'Your login does not allow you to do this.'],
    ['elsewhere/x', 'set dicomweb.authorization', 'The Samepoint server could not do this.'],
  ])('%s', (code, message, expected) => {
    expect(readerWords(body(code, message)).message).toBe(expected);
  });

  test('the text of the server is kept for the administrator', () => {
    const failure = serverFailure(
      body('matching/outside-body', 'point [1, 2, 3] (LPS, mm)', 'Click inside.'),
    );
    expect(failure.detail).toBe('point [1, 2, 3] (LPS, mm). Click inside.');
    expect(isDeveloperText(`${failure.message} ${failure.remedy}`)).toBe(false);
  });
});

/** Code, message and remedy of each error; a test of the server keeps the document equal to its catalogue. */
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
const ERRORS = [...DOCUMENT.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|(.*)\|$/gmu)].map(
  ([, code = '', cells = '']) => {
    const [message = '', remedy = ''] = cells.split(' | ').slice(-2);
    return { code, message, remedy: remedy.trim() };
  },
);

describe('the catalogue of the server', () => {
  test('has every code that has words of its own here', () => {
    expect(ERRORS.length).toBeGreaterThan(80);
    const codes = new Set(ERRORS.map(({ code }) => code));
    expect(CODES_WITH_WORDS.filter((code) => !codes.has(code))).toEqual([]);
  });

  test.each(ERRORS)('$code is shown without words of developers', (error) => {
    const { message, remedy } = readerWords(error);
    const shown = `${message} ${remedy}`;
    const words = [
      'LPS',
      'QIDO',
      'STOW',
      'UID',
      'dicomweb.',
      'embedding.',
      'SAMEPOINT_',
      'npm',
      'PS3',
      'HTTP',
      '/openapi',
    ];
    expect(words.filter((word) => shown.includes(word))).toEqual([]);
    expect(remedy).not.toBe('');
  });
});
