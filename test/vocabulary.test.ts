/**
 * Words of our own that terms of the field have replaced do not come back, in any tracked text file or file name. `CHANGELOG.md` may
 * say what a name was before, and this file has to name the words.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/paths.ts';

/** Where a replaced word may stand, and why. */
interface Exception {
  /** Paths from the root, with `/`. */
  readonly files: RegExp;
  /** What is removed from a line before the word is looked for; without it the whole file may use the word. */
  readonly text?: RegExp;
  readonly why: string;
}

/** A word that must not come back. */
interface Term {
  readonly word: RegExp;
  /** The term of the field, see docs/glossary.md. */
  readonly use: string;
  /** A line that must be refused: the pattern finds what it is for. */
  readonly example: string;
  readonly except?: readonly Exception[];
}

/** Not read: texts of others, bytes, and the two files that name the words. */
const UNREAD =
  /^(?:CHANGELOG\.md|THIRD-PARTY-NOTICES\.md|package-lock\.json|test\/vocabulary\.test\.ts)$|\.(?:onnx|pt)$|^config\/landmarks\//;

/** Where the names of older manifests are refused, and the test of it. */
const OLDER_MANIFESTS = /^server\/src\/model\/(?:closedKeys|manifest\.test)\.ts$/u;

const TERMS: readonly Term[] = [
  {
    word: /stranger/iu,
    use: 'different patients, inter-patient',
    example: 'const areStrangers = agreement < limit;',
    except: [
      {
        files: OLDER_MANIFESTS,
        text: /\bstrangers\b/gu,
        why: 'key of older manifests, which are refused with the new name',
      },
    ],
  },
  {
    word: /structureWeights|\bStructure\b|\bstructure(?:Of|From)\b|[`']structure[`']/u,
    use: 'neighbour map, neighbourMapWeights, the step `neighbour-map`',
    example: 'const { structureWeights } = manifest.matching;',
    except: [
      {
        files: OLDER_MANIFESTS,
        text: /structureWeights|'structure'/gu,
        why: 'names of older manifests, which are refused with the new ones',
      },
    ],
  },
  { word: /rehears/iu, use: 'warm-up', example: 'await pool.rehearse();' },
  {
    word: /\bway ?back|wayBack/iu,
    use: 'inverse map, backward match, cycle error',
    example: 'export function wayBackOf(map: Structure): SmoothField {',
  },
  {
    word: /\b(?:leads?|leading|led) back\b|\bthere and back\b/iu,
    use: 'inverse map, forward-backward (cycle) consistency',
    example: '/** Where the matches lead back to. */',
  },
  { word: /(?<!pyr)amid/iu, use: 'midpoint', example: 'return amidCandidate(target, lps);' },
  {
    word: /first[ -]?looks?\b|firstLook/iu,
    use: 'preview',
    example: "import { FirstLook } from './firstLook.ts';",
  },
  {
    word: /thumbnail/iu,
    use: 'preview, preview image',
    example: 'export function thumbnailOf(volume: Volume): Thumbnail {',
    except: [
      {
        files:
          /^server\/src\/(?:viewer\/dicomwebTarget|archive\/retrieve\.test)|^test\/security\/viewerRequests/u,
        text: /(?<=['/])thumbnail\b/gu,
        why: 'resource of DICOMweb (PS3.18)',
      },
      {
        files: /^config\/(?:app-config\.demo|container\/app-config)\.js$|^test\/support\/viewerPage\.ts$/u,
        text: /\bthumbnail(?:Rendering)?\b/gu,
        why: 'names of OHIF',
      },
    ],
  },
  {
    word: /(?<![a-z])room|Room/u,
    use: 'module (architecture), capacity or free memory (bytes)',
    example: 'export interface OpenRooms { readonly rooms: Rooms }',
    except: [
      {
        files: /^(?:SECURITY\.md|docs\/architecture\.md|server\/src\/dicomweb\/options\.ts)$/u,
        text: /reading room/gu,
        why: 'where radiologists read',
      },
    ],
  },
  {
    word: /\bahead\b|[a-z]Ahead|\bAhead/u,
    use: 'speculation, speculative',
    example: "import { Ahead } from './ahead.ts';",
  },
  {
    word: /fitWarnings|\b(?:do|does|did) not fit (?:a|the|this|its) models?\b/u,
    use: 'applicability',
    example: 'const warnings = fitWarnings(body, manifest);',
  },
  {
    word: /\blanes?\b|[a-z]Lanes?(?![a-z])|\bLanes?(?![a-z])/u,
    use: 'worker, worker thread',
    example: 'for (const lane of new LanePool(lanes)) lane.run();',
    except: [
      { files: /^server\/src\/(?:\w+\/)*wasm\//u, why: 'lanes of SIMD registers' },
      {
        files: /^(?:config\/dependencies\.mjs|test\/lint\.test\.ts)$/u,
        text: /wasm\/assembly\/lanes/gu,
        why: 'the file of the functions on SIMD lanes',
      },
      {
        files: /^docs\/glossary\.md$/u,
        text: /\| lane \|/gu,
        why: 'the definition: an element of a SIMD register',
      },
    ],
  },
  { word: /honest/iu, use: 'confidence, verdict, or nothing', example: '/** An honest radius. */' },
  {
    word: /\bmatchStructural|\bstructural(?=\/)/u,
    use: 'uaeStructural in the code; `structural` is the name of the method for users',
    example: "import { matchStructural } from './structural/index.ts';",
  },
  {
    word: /prepar/iu,
    use: 'open (model), resample, admit or plan (request), precompute (pair)',
    example: 'const prepared = await pairs.prepare(work);',
  },
  {
    word: /\bissues? #?[0-9]|sam-uae(?!-keys\.tsv)|(?<!\/)\bbenchmark\.md/iu,
    use: 'the thing itself, or the paper: a reader has the repository only',
    example: '/** Most of a slice, mm (issue 4, sam-uae.md section 2). */',
  },
  {
    word: /\b(?:looks?|is) sure of itself|\b(?:compile|compiles|compiled) for good|\bvalues? that cannot be[.,;]/iu,
    use: 'is overconfident; optimises; an invalid value',
    example: 'V8 compiles for good what has run a few times.',
  },
  {
    word: /\bprints what holds|\bthey are the walls|guessed in silence|node that nobody needs|cannot reach what was found/iu,
    use: 'the effective configuration; module boundaries; never guesses silently; unused nodes; pruned',
    example: 'Nothing is guessed in silence.',
  },
  {
    word: /\b(?:[Aa]sk(?:s|ed|ing)?|[Tt]ell(?:s|ing)?|[Tt]old|[Nn]ote[sd]?|[Tt]ak(?:e|es|en|ing)|[Tt]ook|[Ll]eav(?:e|es|ing))(?:\b|(?=[A-Z]))|\b[Ll]eft (?:out|behind|alone)\b/u,
    use: 'request; report, give, notify; warning, record; use, accept, read, acquire; omit, remain, disconnect',
    example: '/** Asks the PACS for a series. */',
    except: [
      { files: /^CITATION\.cff$/u, text: /^ *notes:/gu, why: 'key of the citation file format' },
      {
        files: /^server\/src\/dicomweb\/multipart\.test\.ts$/u,
        text: /explanatory note to non-MIME/gu,
        why: 'quoted from RFC 2046',
      },
    ],
  },
  {
    word: /\b(?:nobody|alone|good|quiet(?:ly)?)\b|\bas it is(?=$|[.,;:)'"`]| (?:now|and)\b)/iu,
    use: 'a number, no caller, only, valid, idle, unchanged, or nothing',
    example: '/** The text stays as it is. */',
  },
];

/** Where a word stands: `file:line: text`, or `file` for its name. */
interface Hit {
  readonly at: string;
  readonly exception: Exception | undefined;
}

/** The hits of a term in one line of a file, or in its name. */
function hitOf({ word, except = [] }: Term, file: string, line: string, at: string): Hit[] {
  if (!word.test(line)) return [];
  const exception = except.find(
    ({ files, text }) => files.test(file) && (text === undefined || !word.test(line.replaceAll(text, ''))),
  );
  return [{ at, exception }];
}

/** The hits of a term in a file and in its name. */
function hitsOf(term: Term, file: string, text: string): Hit[] {
  const inText = text
    .split('\n')
    .flatMap((line, n) => hitOf(term, file, line, `${file}:${n + 1}: ${line.trim().slice(0, 160)}`));
  return [...hitOf(term, file, file, file), ...inText];
}

/** Tracked and new text files, by path. */
function textFiles(): ReadonlyMap<string, string> {
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  const deleted = new Set(
    execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: ROOT, encoding: 'utf8' }).split('\0'),
  );
  const files = listed.filter((file) => file !== '' && !deleted.has(file) && !UNREAD.test(file));
  const read = files.map((file) => [file, readFileSync(join(ROOT, file))] as const);
  return new Map(
    read.filter(([, bytes]) => !bytes.includes(0)).map(([file, bytes]) => [file, bytes.toString('utf8')]),
  );
}

const FILES = textFiles();

test('the files of the repository are read', () => {
  expect(FILES.size).toBeGreaterThan(500);
  for (const file of ['README.md', 'server/src/index.ts', 'models/training/README.md'])
    expect(FILES.has(file)).toBe(true);
});

describe.each(TERMS.map((term) => [term.word.source, term] as const))('%s', (_, term) => {
  const hits = [...FILES].flatMap(([file, text]) => hitsOf(term, file, text));

  test('stands nowhere', () => {
    const refused = hits.filter(({ exception }) => exception === undefined).map(({ at }) => at);
    expect({ use: term.use, refused }).toEqual({ use: term.use, refused: [] });
  });

  test('is found when it comes back, in a text and in a file name', () => {
    const found = hitsOf(term, 'server/src/new.ts', `first line\n${term.example}\n`);
    expect(found.map(({ exception }) => exception)).toEqual([undefined]);
    expect(found[0]?.at).toContain('server/src/new.ts:2: ');
    expect(hitsOf(term, `docs/${term.example}.md`, '')).toHaveLength(1);
  });

  test('has no exception that is not needed', () => {
    const used = new Set(hits.map(({ exception }) => exception));
    expect(term.except?.filter((exception) => !used.has(exception)).map(({ why }) => why) ?? []).toEqual([]);
  });
});
