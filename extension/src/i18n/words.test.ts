/**
 * The languages of the panel.
 * @jest-environment jsdom
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { serverFailure } from '../client/failure.ts';
import { progressText } from '../flows/progress.ts';
import { lesionOf, marked, SERVER_ERROR } from '../testing/examples.ts';
import { markersOf } from '../viewer/marker.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { wordsOf } from './words.ts';

beforeEach(() => {
  localStorage.clear();
  document.documentElement.lang = 'en';
});

describe('the language of the viewer', () => {
  test.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['en-US', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ])('i18next has %j: %s', (stored, language) => {
    localStorage.setItem('i18nextLng', stored);
    expect(wordsOf(window).language).toBe(language);
  });

  test('is that of the page where the viewer stores none', () => {
    document.documentElement.lang = 'de';
    expect(wordsOf(window).language).toBe('de');
  });

  test('is that of the page where the browser gives no storage', () => {
    const denied = {
      document: { documentElement: { lang: 'de' } },
      get localStorage(): Storage {
        throw new DOMException('denied', 'SecurityError');
      },
    } as unknown as Window;
    expect(wordsOf(denied).language).toBe('de');
  });
});

type Speaker = (...args: readonly unknown[]) => unknown;

/** What a function says when it is called with lists or, where it does not accept them, with texts. */
function said(speak: Speaker): unknown {
  try {
    return speak([1], [1], [1]);
  } catch {
    return speak('1', '1', '1');
  }
}

/** Every word with its path. */
function flat(words: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof words === 'string') return new Map([[path, words]]);
  if (typeof words === 'function') return flat(said(words as Speaker), path);
  if (typeof words !== 'object' || words === null) return new Map();
  return new Map(Object.entries(words).flatMap(([key, value]) => [...flat(value, `${path}.${key}`)]));
}

/** The same in both languages. */
const SHARED =
  /^\.(?:decimal|dateText|shortDate|keyed\.undo|review\.label|review\.column(?:Radius|Size|Change)|certainty\.(?:radius|sides)|size\.(?:mm|axes)|messages\.about|notices\.scan\.list|review\.about|table\.(?:none|download|baseline|shortBaseline|chartPoint|shortStatuses\.(?:present|not-evaluable)))/u;

describe('German', () => {
  const [english, german] = [flat(en), flat(de)];

  test('is complete', () => {
    expect([...german.keys()]).toEqual([...english.keys()]);
    expect([...german].filter(([, text]) => text === '')).toEqual([]);
  });

  test('is not English', () => {
    const same = [...german].filter(([path, text]) => english.get(path) === text && !SHARED.test(path));
    expect(same).toEqual([]);
  });
});

test('numbers have their plural', () => {
  expect([0, 1, 2].map(en.timePoints.findings)).toEqual(['0 findings', '1 finding', '2 findings']);
  expect([0, 1, 2].map(de.timePoints.findings)).toEqual(['0 Befunde', '1 Befund', '2 Befunde']);
  expect(en.table.undecidedCount(1)).toBe('1 proposal does not count before you accept it.');
  expect(de.table.undecidedCount(1)).toBe('1 Vorschlag zählt erst, wenn Sie ihn annehmen.');
});

test('dates are those of the language', () => {
  expect([en, de].map(({ dateText }) => dateText('2026-03-02'))).toEqual(['02-Mar-2026', '02.03.2026']);
  expect([en, de].map(({ shortDate }) => shortDate('2026-03-02'))).toEqual(['02-Mar-26', '02.03.26']);
  expect([en, de].map(({ dateText }) => dateText(''))).toEqual(['no date', 'ohne Datum']);
});

describe('what is said outside of the panel', () => {
  const unreachable = (): readonly string[] => {
    const failure = serverFailure({ ...SERVER_ERROR, code: 'dicomweb/timeout', message: 'x', remedy: 'y' });
    return [failure.message, progressText({ stage: 'fetch', fraction: 0, message: '' }).text];
  };

  test('is in the language of the viewer', () => {
    expect(unreachable()).toEqual([
      'The PACS does not answer, or answers too slowly.',
      'Reading the images from the PACS',
    ]);
    localStorage.setItem('i18nextLng', 'de');
    expect(unreachable()).toEqual([
      'Das PACS antwortet nicht oder zu langsam.',
      'Bilder werden aus dem PACS gelesen',
    ]);
    const [place] = [lesionOf('a', [marked('current', [0, 0, 0])])].flatMap(
      ({ observations }) => observations,
    );
    const resolved = { ...place!, status: 'resolved' } as const;
    const [mark] = markersOf([{ ...lesionOf('a'), observations: [resolved] }], []);
    expect(mark?.lines).toEqual(['Lesion a', 'nicht mehr da']);
  });

  test('an English text of the server is not shown to a German reader', () => {
    const error = {
      ...SERVER_ERROR,
      code: 'matching/in-air',
      message: 'The point lies in air',
      remedy: 'Click.',
    };
    expect(serverFailure(error).message).toBe('The point lies in air');
    localStorage.setItem('i18nextLng', 'de');
    expect(serverFailure(error).message).toBe('Die Stelle konnte nicht gesucht werden.');
  });

  /** Names in the viewer's list of hanging protocols, and what only administrators read. */
  const ENGLISH_ONLY = /hangingProtocol\.ts|settings\.ts|host\.ts|i18n\/|testing\/|\.test\.tsx?$/u;
  const QUOTED = /'[^'\n]*'|`[^`\n]*`/gu;
  /** Three words after each other, the first with a capital letter somewhere before them. */
  const isSentence = (text: string): boolean =>
    /[A-Za-z]{2} [a-z]{2,} [a-z]{2,}/u.test(text) && /^.[A-Z]/u.test(text);

  test('stands in no other file than those of the languages', () => {
    const root = join(import.meta.dirname, '..');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.tsx?$/u.test(file) && !ENGLISH_ONLY.test(file),
    );
    expect(files.length).toBeGreaterThan(70);
    const sentences = files.flatMap((file) => {
      const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/gu, '');
      return (code.match(QUOTED) ?? []).filter(isSentence).map((text) => `${file}: ${text}`);
    });
    expect(sentences).toEqual([]);
  });
});
