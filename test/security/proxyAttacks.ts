/**
 * Requests that try to escape from DICOMweb through the proxy at /dicom-web. Each group says why it may work somewhere.
 * @module
 */
import { get, INSTANCE, post, STUDY } from './attack.ts';
import type { AttackGroup, Scope } from './attack.ts';
import { climbs } from './climbs.ts';

const PLAIN = 'Content-Type: text/plain';
const STOW = 'Content-Type: multipart/related; type="application/dicom"; boundary=b';
const DELETE_ALL = '{"Resources":["all"]}';

const others: readonly AttackGroup[] = [
  {
    reason:
      'Orthanc has more than DICOMweb inside the DICOMweb root: other PACS to query and to delete from, and an application',
    attacks: [
      ...get([
        '/servers',
        '/servers/remote',
        '/servers/remote/qido',
        '/info',
        '/app/client/index.html',
        '/app/libs/x.js',
      ]),
      post('/servers/remote/delete', [STOW], '{"Level":"Study"}'),
      post('/servers/remote/stow', [STOW], '{"Resources":["x"]}'),
      post('/studies/1.2.3/series', [STOW], '--b--'),
    ],
  },
  {
    reason: 'not a path of DICOMweb',
    attacks: get([
      ...[
        '',
        '/',
        '/?',
        '/patients',
        '/studies/',
        '/studies//series',
        '//studies',
        '/studies/1.2.3/',
        '/./studies',
      ],
      ...[
        '/Studies',
        '/STUDIES',
        '/studies/abc',
        '/studies/1..2',
        '/studies/.1',
        '/studies/1.2.3.',
        '/studies/-1',
      ],
      ...[
        `/studies/${'1.'.repeat(40)}1`,
        '/studies/1%2e2',
        '/studies/%31',
        '/studies/1.2.3/zip',
        '/studies/1.2.3/archive',
      ],
      ...[
        '/studies/1.2.3/anonymize',
        '/studies/*',
        '/studies/1.2.3,1.2.4',
        '/studies/1.2.3/instances/1.2.3.4.5',
      ],
      ...[
        `${INSTANCE}/frames/0x1`,
        `${INSTANCE}/frames/1;2`,
        `${INSTANCE}/frames/`,
        `${INSTANCE}/frames/1/delete`,
      ],
      ...[
        `${INSTANCE}/bulkdata/..`,
        `${INSTANCE}/bulkdata/.`,
        `${INSTANCE}/bulkdata/a/../../b`,
        `${INSTANCE}/bulkdata//x`,
      ],
      ...[
        `${INSTANCE}/bulkdata/%2e%2e`,
        `${INSTANCE}/bulkdata/http:`,
        `${INSTANCE}/metadata/x`,
        '/workitems',
        '/tools',
      ],
    ]),
  },
  {
    reason: 'a parameter that overrides the method (Orthanc, Rails): a GET of any page would delete',
    attacks: get(
      [
        ...[
          '?_method=DELETE',
          '?_method=delete',
          '?%5fmethod=DELETE',
          '?_METHOD=PUT',
          '?limit=1&_method=DELETE',
        ],
        ...[
          '?_method=DELETE&limit=1',
          '?&_method=DELETE',
          '?limit=1%26x&_method=DELETE',
          '?X-HTTP-Method-Override=DELETE',
        ],
        ...['?method=DELETE', '?limit=1?_method=DELETE&_method=POST', '?_method', '?PatientID=1&_method='],
      ].map((query) => `${STUDY}${query}`),
    ),
  },
  {
    reason:
      'line ends and null bytes in a query: a second request, or another file, behind a careless server',
    attacks: get(
      ['%0d%0aX-A:%20b', '%00', '%0aDELETE%20/', '%c0%8d%c0%8a', '%e5%98%8a%e5%98%8d%00', '%'].map(
        (value) => `/studies?PatientID=${value}`,
      ),
    ),
  },
  {
    reason: 'WADO-URI with more than WADO-URI',
    attacks: get([
      ...['?requestType=WADO&requestType=DELETE', '?requestType=EXECUTE', '?requestType=WADO&_method=DELETE'],
      ...['?studyUID=1.2.3', '/?requestType=WADO&url=http://127.0.0.1/', '?requestType=WADO&objectUID=%00'],
    ]),
  },
  {
    reason: 'methods that change: nothing of a viewer deletes or overwrites',
    attacks: ['DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'MOVE', 'REPORT'].map(
      (method) => ({
        method,
        target: `/dicom-web${STUDY}`,
        headers: [],
        body: '',
      }),
    ),
  },
  {
    reason: 'bodies that a foreign page may send without a preflight request (Fetch 3.2.3: CORS-safelisted)',
    attacks: [
      ...[
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=b',
        'text/plain; multipart/related',
        '',
      ].map((type) => post('/studies', [`Content-Type: ${type}`], DELETE_ALL)),
      post('/studies', [], DELETE_ALL),
      ...[
        '/..%2ftools%2fbulk-delete',
        '/..%2ftools%2fshutdown',
        '/%2e%2e%2ftools/reset',
        '/..%5ctools%5cbulk-delete',
      ].flatMap((target) => [post(target, [PLAIN], DELETE_ALL), post(target, [STOW], DELETE_ALL)]),
    ],
  },
  {
    reason: 'pages of other origins, also with a body of DICOM',
    attacks: [
      ...['cross-site', 'same-site', 'none', 'same-origin, cross-site', 'SAME-ORIGIN'].map((site) =>
        post('/studies', [STOW, `Sec-Fetch-Site: ${site}`], '--b--'),
      ),
      ...[
        'https://evil.example',
        'null',
        'http://127.0.0.1.evil.example',
        'http://127.0.0.1:1',
        'file://',
        'http://127.0.0.1@evil.example',
      ].map((origin) => post('/studies', [STOW, `Origin: ${origin}`], '--b--')),
      ...get(['/studies'], ['Sec-Fetch-Site: cross-site']),
      ...get(['/studies'], ['Origin: https://evil.example']),
    ],
  },
  {
    reason: 'targets in absolute form (RFC 9112 3.2.2): another path than the one that was checked',
    attacks: [
      'http://127.0.0.1/dicom-web/studies',
      'http://evil.example/dicom-web/studies',
      'http://127.0.0.1/dicom-web/..%2fsystem',
      'http:///dicom-web/studies',
      'https://evil.example/dicom-web/../system',
    ].map((target) => ({ method: 'GET', target, headers: [], body: '' })),
  },
  {
    reason: 'other spellings of the mount path, which rules of a proxy in front may not know',
    attacks: [
      '/DICOM-WEB/studies',
      '/%64icom-web/studies',
      '//dicom-web/studies',
      '/./dicom-web/..%2fsystem',
      '/x/../dicom-web/..%2fsystem',
      '/dicom-web%2f..%2fsystem',
      '/dicom-web%2fstudies',
      '\\dicom-web\\studies',
      '/dicom-web\\..\\system',
      '/dicom-web;/studies',
      '/dicom-web/..;/system',
      '/samepoint/..%2fdicom-web/..%2fsystem',
      '/samepoint/../dicom-web/..%2fsystem',
    ].map((target) => ({ method: 'GET', target, headers: [], body: '' })),
  },
  {
    reason: 'a Host that is two, or not one (RFC 9112 3.2)',
    attacks: [
      ...get(['/studies'], ['Host: evil.example']),
      ...get(['/studies'], ['Host: 127.0.0.1']),
      ...get(['/studies'], ['hOsT: evil.example@127.0.0.1']),
    ],
  },
];

/** More than 200 attacks in the short form, more than 1,000 in the full one. */
export function proxyAttacks(scope: Scope): readonly AttackGroup[] {
  return [...climbs(scope), ...others];
}
