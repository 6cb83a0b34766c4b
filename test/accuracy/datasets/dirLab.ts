/**
 * DIR-Lab: 4DCT (Castillo et al., Phys Med Biol 54:1849, 2009 and 55:305, 2010) and COPDgene (58:2861, 2013). 300 landmarks per case,
 * found by experts in the scan of inhalation and in that of exhalation; files of 1-based voxel indices (column, row, slice).
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { distanceMm } from '../../../server/src/geometry/index.ts';
import { InputError } from '../files.ts';
import type { Scene, TruthPoint } from '../scenes.ts';
import type { Dataset, DatasetPair } from './dataset.ts';
import { filesIn } from './files.ts';
import { placeOf, readRows, snapped } from './indices.ts';
import { rawGrid, rawSubject } from './rawVolume.ts';
import type { RawShape } from './rawVolume.ts';

/** What is published of a case. */
export interface DirLabCase extends RawShape {
  readonly landmarks: number;
  /** Mean distance of the landmarks before any registration, mm; undefined where it was not found in print. */
  readonly displacementMm?: number;
}

type Cases = Readonly<Record<number, DirLabCase>>;

/** Files of a phase, with the number of the case in the first group. */
interface Phase {
  readonly title: string;
  readonly image: RegExp;
  readonly points: RegExp;
  /** For messages: a name that matches. */
  readonly examples: (number: number) => { readonly image: string; readonly points: string };
}

interface Collection {
  readonly name: string;
  readonly summary: string;
  readonly inhale: Phase;
  readonly exhale: Phase;
}

const LANDMARKS = 300;
/** Published displacements have two decimals and spacings too; files of two cases differ by more, mm. */
const DISPLACEMENT_TOLERANCE_MM = 0.05;

function cases(
  rows: readonly (readonly [size: number, slices: number, spacing: number, displacement?: number])[],
): Cases {
  const of = rows.map(([size, slices, spacing, displacementMm]) => ({
    dims: [size, size, slices] as const,
    spacing: [spacing, spacing, 2.5] as const,
    landmarks: LANDMARKS,
    ...(displacementMm === undefined ? {} : { displacementMm }),
  }));
  return Object.fromEntries(of.map((published, index) => [index + 1, published]));
}

const CASES_4DCT = cases([
  [256, 94, 0.97, 3.89],
  [256, 112, 1.16, 4.34],
  [256, 104, 1.15, 6.94],
  [256, 99, 1.13, 9.83],
  [256, 106, 1.1, 7.48],
  [512, 128, 0.97, 10.89],
  [512, 136, 0.97, 11.03],
  [512, 128, 0.97, 14.99],
  [512, 128, 0.97, 7.92],
  [512, 120, 0.97, 7.3],
]);

const CASES_COPDGENE = cases([
  [512, 121, 0.625],
  [512, 102, 0.645],
  [512, 126, 0.652],
  [512, 126, 0.59],
  [512, 131, 0.647],
  [512, 119, 0.633],
  [512, 112, 0.625],
  [512, 115, 0.586],
  [512, 116, 0.664],
  [512, 135, 0.742],
]);

function phase4dct(title: 'T00' | 'T50'): Phase {
  return {
    title,
    image: new RegExp(String.raw`^case0*(\d+)_${title}(?:_s|-ssm)?\.img$`, 'i'),
    points: new RegExp(String.raw`^case0*(\d+)_(?:dirlab)?300_${title}_xyz\.txt$`, 'i'),
    examples: (n) => ({ image: `case${n}_${title}_s.img`, points: `Case${n}_300_${title}_xyz.txt` }),
  };
}

function phaseCopdgene(title: 'iBH' | 'eBH'): Phase {
  return {
    title,
    image: new RegExp(String.raw`^copd0*(\d+)_${title}CT\.img$`, 'i'),
    points: new RegExp(String.raw`^copd0*(\d+)_300_${title}_xyz_r1\.txt$`, 'i'),
    examples: (n) => ({ image: `copd${n}_${title}CT.img`, points: `copd${n}_300_${title}_xyz_r1.txt` }),
  };
}

const FOUR_D_CT: Collection = {
  name: 'dirlab-4dct',
  summary: '10 thoracic 4DCTs, end of inhalation (T00) to end of exhalation (T50), 300 landmarks each',
  inhale: phase4dct('T00'),
  exhale: phase4dct('T50'),
};

const COPDGENE: Collection = {
  name: 'dirlab-copdgene',
  summary: '10 pairs of breath-hold CTs, inhalation (iBH) to exhalation (eBH), 300 landmarks each',
  inhale: phaseCopdgene('iBH'),
  exhale: phaseCopdgene('eBH'),
};

/** Paths of one kind by the number of their case. */
function numbered(paths: readonly string[], name: RegExp): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const path of paths) {
    const number = Number(name.exec(basename(path))?.[1]);
    if (Number.isNaN(number)) continue;
    const other = found.get(number);
    if (other !== undefined)
      throw new InputError(`${other} and ${path} are both of case ${number}: remove one of them`);
    found.set(number, path);
  }
  return found;
}

/** A phase of a case, its files found. */
interface Files {
  readonly image: string;
  readonly points: string;
}

function filesOf(
  phase: Phase,
  paths: readonly string[],
  folder: string,
): { readonly numbers: readonly number[]; readonly of: (number: number) => Files } {
  const [images, points] = [numbered(paths, phase.image), numbered(paths, phase.points)];
  const need = (path: string | undefined, what: string, example: string): string => {
    if (path === undefined)
      throw new InputError(
        `${folder} holds no ${what} of ${phase.title}, ${example}: unpack its archive there`,
      );
    return path;
  };
  return {
    numbers: [...images.keys(), ...points.keys()],
    of: (n) => ({
      image: need(images.get(n), `image of case ${n}`, phase.examples(n).image),
      points: need(points.get(n), `landmarks of case ${n}`, phase.examples(n).points),
    }),
  };
}

async function landmarksAt(path: string, published: DirLabCase): Promise<TruthPoint['query'][]> {
  const rows = readRows(await readFile(path, 'utf8'), path);
  if (rows.length !== published.landmarks)
    throw new InputError(
      `${path} has ${rows.length} landmarks instead of ${published.landmarks}: it is another file`,
    );
  const grid = rawGrid(published);
  return rows.map(([i, j, k], n) => placeOf(grid, [i - 1, j - 1, k - 1], `${path}, landmark ${n + 1}`));
}

function assertDisplacement(points: readonly TruthPoint[], published: DirLabCase, path: string): void {
  const { displacementMm } = published;
  if (displacementMm === undefined) return;
  const sum = points.reduce((total, { query, target }) => total + distanceMm(query, target), 0);
  const mean = sum / points.length;
  if (Math.abs(mean - displacementMm) > DISPLACEMENT_TOLERANCE_MM)
    throw new InputError(
      `${path}: the landmarks of the two phases lie ${mean.toFixed(2)} mm apart on average, ` +
        `published are ${displacementMm} mm: the files are of different cases or phases`,
    );
}

async function pairOf(
  collection: Collection,
  number: number,
  published: DirLabCase,
  inhale: Files,
  exhale: Files,
): Promise<DatasetPair> {
  const grid = rawGrid(published);
  const [queries, targets] = [
    await landmarksAt(inhale.points, published),
    await landmarksAt(exhale.points, published),
  ];
  const points = queries.map((query, n): TruthPoint => {
    const target = targets[n]!;
    return {
      query,
      target,
      measure: (answer) => ({ of: 'landmark', snappedMm: distanceMm(snapped(grid, answer), target) }),
      reference: query,
    };
  });
  assertDisplacement(points, published, exhale.points);
  const [query, target] = [
    await rawSubject(inhale.image, published),
    await rawSubject(exhale.image, published),
  ];
  const name = `case${number}`;
  const scene: Scene = {
    data: collection.name,
    case: name,
    pair: name,
    query,
    target,
    points,
    reference: 'initial',
  };
  return { case: name, open: () => Promise.resolve(scene) };
}

function datasetOf(collection: Collection, published: Cases): Dataset {
  return {
    name: collection.name,
    summary: collection.summary,
    isPooled: true,
    read: async (folder) => {
      const paths = await filesIn(folder);
      const [inhale, exhale] = [
        filesOf(collection.inhale, paths, folder),
        filesOf(collection.exhale, paths, folder),
      ];
      const numbers = [...new Set([...inhale.numbers, ...exhale.numbers])].sort((a, b) => a - b);
      if (numbers.length === 0) {
        const { image, points } = collection.inhale.examples(1);
        throw new InputError(
          `${folder} holds no file such as ${image} or ${points}: unpack the archives there`,
        );
      }
      return Promise.all(
        numbers.map((n) => {
          const found = published[n];
          if (found === undefined)
            throw new InputError(
              `${folder} has files of case ${n}; the published ones are ${Object.keys(published).join(', ')}`,
            );
          return pairOf(collection, n, found, inhale.of(n), exhale.of(n));
        }),
      );
    },
  };
}

/** The 10 4DCTs. `published`: the table of cases, which tests replace by a smaller one. */
export function dirLab4dct(published: Cases = CASES_4DCT): Dataset {
  return datasetOf(FOUR_D_CT, published);
}

/** The 10 pairs of the COPDgene study. */
export function dirLabCopdgene(published: Cases = CASES_COPDGENE): Dataset {
  return datasetOf(COPDGENE, published);
}
