import { affineFromColumns, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Volume } from '../volume/types.ts';
import { Anatomy } from './anatomy.ts';
import type { Box } from './bsplineField.ts';
import { LESIONS, lesionParts, TIME_POINTS } from './lesions.ts';
import type { TimePointName } from './lesions.ts';
import { createRandom, randomUid } from './random.ts';
import { drawSmoothMap, SmoothMap } from './smoothMap.ts';
import { ScannerNoise } from './texture.ts';
import { skinDepth } from './trunk.ts';
import { LANDMARKS } from './landmarks.ts';
import type { ContrastPhase } from './phases.ts';
import type { Phantom, PhantomLandmark, PhantomLesion, PhantomTimePoint } from './types.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { abs, max, min, round } = Math;

/** What can be chosen about a phantom. */
export interface PhantomOptions {
  /** Everything random follows from it. */
  readonly seed: number;
  /**
   * Voxel size relative to the full phantom (256 x 256 pixels of 1.4 mm, 2.5 and 3 mm slices): 3 gives voxels three times as
   * large, 27 times fewer, for fast tests.
   */
  readonly coarseness?: number;
  /** Of all three scans; venous where absent. */
  readonly phase?: ContrastPhase;
}

/** How a time point is scanned. */
interface Protocol {
  readonly pixels: number;
  readonly pixelMm: number;
  readonly slices: number;
  readonly sliceMm: number;
  /** LPS of the middle of the field of view: where the table stood that day, mm. */
  readonly centre: LpsPoint;
  /** How far the middle of the slices lies above that centre, mm: what the scan was planned to cover. */
  readonly aboveMm: number;
  readonly noiseHu: number;
}

const PROTOCOLS: Readonly<Record<TimePointName, Protocol>> = {
  current: {
    pixels: 256,
    pixelMm: 1.4,
    slices: 148,
    sliceMm: 2.5,
    centre: lpsPoint(2, -168, -410),
    aboveMm: 0,
    noiseHu: 11,
  },
  prior: {
    pixels: 256,
    pixelMm: 1.4,
    slices: 136,
    sliceMm: 3,
    centre: lpsPoint(-5, -151, 612.5),
    // The older scans reach above the current one.
    aboveMm: 18,
    noiseHu: 13,
  },
  baseline: {
    pixels: 256,
    pixelMm: 1.4,
    slices: 136,
    sliceMm: 3,
    centre: lpsPoint(4, -160, 188),
    aboveMm: 18,
    noiseHu: 9,
  },
};

/** What happened to the patient between the scans: breath, posture, position on the table. */
const DEFORMATION = {
  fields: [{ amplitudeMm: 9, knotMm: 80 }],
  rotationDeg: [1.2, -0.8, 2.4],
  shiftMm: [6, -4, 9],
} as const;

/** The baseline's deformation is that of another seed. */
const BASELINE_SEED = 7919;

/** Trunk in the anatomical frame, with a margin for the deformation, mm. */
const TRUNK: Box = { min: [-185, -135, -215], max: [185, 135, 215] };
/** Where amplitude and folding are checked, mm. */
const BODY_SAMPLE_MM = 25;

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
/** Signed 12-bit range of a CT scanner, HU. */
const [HU_MIN, HU_MAX] = [-1024, 3071];

/** The table: a thin curved sheet below the patient that does not move with the anatomy. */
const TABLE = { topMm: 131, curvePerMm: 0.0007, halfThicknessMm: 1.1, halfWidthMm: 172, hu: -180 };

function bodySamples(): LpsPoint[] {
  const samples: LpsPoint[] = [];
  for (let z = -200; z <= 200; z += BODY_SAMPLE_MM) {
    for (let y = -125; y <= 125; y += BODY_SAMPLE_MM) {
      for (let x = -175; x <= 175; x += BODY_SAMPLE_MM) {
        if (skinDepth(x, y, z) > 0) samples.push(lpsPoint(x, y, z));
      }
    }
  }
  return samples;
}

/** Maps from the place in a scan, relative to the middle of its field of view, to the anatomy. */
function anatomyMaps(seed: number): Readonly<Record<TimePointName, SmoothMap>> {
  const still = new SmoothMap([0, 0, 0], lpsPoint(0, 0, 0), [0, 0, 0], []);
  const deformed = (ownSeed: number): SmoothMap => drawSmoothMap(DEFORMATION, TRUNK, bodySamples(), ownSeed);
  return { current: still, prior: deformed(seed), baseline: deformed(seed + BASELINE_SEED) };
}

const add = (a: LpsPoint, b: LpsPoint): LpsPoint => lpsPoint(a[0] + b[0], a[1] + b[1], a[2] + b[2]);
const subtract = (a: LpsPoint, b: LpsPoint): LpsPoint => lpsPoint(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function grid(protocol: Protocol, coarseness: number): Pick<Volume, 'dims' | 'voxelToLps'> {
  const pixels = round(protocol.pixels / coarseness);
  const slices = round(protocol.slices / coarseness);
  const [pixelMm, sliceMm] = [protocol.pixelMm * coarseness, protocol.sliceMm * coarseness];
  const halfPlane = ((pixels - 1) / 2) * pixelMm;
  const lowest = protocol.aboveMm - ((slices - 1) / 2) * sliceMm;
  const origin = add(protocol.centre, lpsPoint(-halfPlane, -halfPlane, lowest));
  const voxelToLps = affineFromColumns([pixelMm, 0, 0], [0, pixelMm, 0], [0, 0, sliceMm], origin);
  return { dims: [pixels, pixels, slices], voxelToLps };
}

function tableHu(x: number, y: number, hu: number): number {
  if (abs(x) > TABLE.halfWidthMm) return hu;
  const below = abs(y - TABLE.topMm + TABLE.curvePerMm * x * x);
  return below < TABLE.halfThicknessMm ? max(hu, TABLE.hu) : hu;
}

/** Scans the anatomy: HU of every voxel of the grid. */
function scan(
  { dims, voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>,
  protocol: Protocol,
  anatomy: Anatomy,
  map: SmoothMap,
  noise: ScannerNoise,
): Int16Array {
  const [nx, ny, nz] = dims;
  const data = new Int16Array(nx * ny * nz);
  const noiseSlice = new Float32Array(nx * ny);
  const places = new Float64Array(3 * nx);
  const pixelMm = voxelToLps[0];
  for (let k = 0, at = 0; k < nz; k++) {
    noise.slice(nx, ny, noiseSlice);
    for (let j = 0; j < ny; j++) {
      const start = subtract(toLps(voxelToLps, voxelIndex(0, j, k)), protocol.centre);
      map.alongX(start, pixelMm, nx, places);
      for (let i = 0; i < nx; i++, at++) {
        const place = 3 * i;
        const tissue = anatomy.hounsfield(
          places[place] ?? NaN,
          places[place + 1] ?? NaN,
          places[place + 2] ?? NaN,
        );
        const hu = tableHu(start[0] + i * pixelMm, start[1], tissue) + (noiseSlice[j * nx + i] ?? NaN);
        data[at] = min(HU_MAX, max(HU_MIN, round(hu)));
      }
    }
  }
  return data;
}

function scanVolume(
  name: TimePointName,
  { seed, coarseness = 1, phase }: PhantomOptions,
  map: SmoothMap,
): Volume {
  const protocol = PROTOCOLS[name];
  const geometry = grid(protocol, coarseness);
  const anatomy = new Anatomy(seed, lesionParts(name), phase);
  const noise = new ScannerNoise(protocol.noiseHu, seed, name);
  const uids = createRandom(seed, `uids ${name}`);
  return {
    ...geometry,
    data: scan(geometry, protocol, anatomy, map, noise),
    studyInstanceUid: randomUid(uids),
    seriesInstanceUid: randomUid(uids),
    frameOfReferenceUid: randomUid(uids),
    slices: Array.from({ length: geometry.dims[2] }, () => ({
      sopClassUid: CT_IMAGE_STORAGE,
      sopInstanceUid: randomUid(uids),
    })),
    modality: 'CT',
    warnings: [],
  };
}

/** Current place to prior place and back. */
function correspondence(maps: ReturnType<typeof anatomyMaps>): Pick<Phantom, 'toPrior' | 'toCurrent'> {
  const through = (from: TimePointName, to: TimePointName) => {
    return (point: LpsPoint): LpsPoint => {
      const place = maps[from].apply(subtract(point, PROTOCOLS[from].centre));
      return add(maps[to].inverse(place), PROTOCOLS[to].centre);
    };
  };
  return { toPrior: through('current', 'prior'), toCurrent: through('prior', 'current') };
}

/** Whether a place (LPS, mm) lies between the first and the last slice of a scan. */
function isInView(name: TimePointName, place: LpsPoint): boolean {
  const { centre, aboveMm, slices, sliceMm } = PROTOCOLS[name];
  return abs(place[2] - centre[2] - aboveMm) <= ((slices - 1) / 2) * sliceMm;
}

/** The place of a point of the anatomy (mm) in a scan. */
function placeIn(maps: ReturnType<typeof anatomyMaps>, name: TimePointName, centre: LpsPoint): LpsPoint {
  return add(maps[name].inverse(centre), PROTOCOLS[name].centre);
}

function landmarkTruth(maps: ReturnType<typeof anatomyMaps>): PhantomLandmark[] {
  return LANDMARKS.map(({ name, place }) => ({
    name,
    currentLps: placeIn(maps, 'current', lpsPoint(...place)),
    priorLps: placeIn(maps, 'prior', lpsPoint(...place)),
    baselineLps: placeIn(maps, 'baseline', lpsPoint(...place)),
  }));
}

function lesionTruth(maps: ReturnType<typeof anatomyMaps>): PhantomLesion[] {
  const place = (name: TimePointName, centre: LpsPoint): LpsPoint => placeIn(maps, name, centre);
  return LESIONS.map(({ label, centre, radiusMm }) => ({
    label,
    currentLps: place('current', lpsPoint(...centre)),
    priorLps: place('prior', lpsPoint(...centre)),
    baselineLps: place('baseline', lpsPoint(...centre)),
    presentIn: TIME_POINTS.filter(
      (name) => radiusMm[name] !== undefined && isInView(name, place(name, lpsPoint(...centre))),
    ),
    radiusMm: Object.fromEntries(Object.entries(radiusMm).filter(([, radius]) => radius !== undefined)),
  }));
}

/**
 * Makes an anthropomorphic CT phantom: the trunk of one patient at three time points, with lesions whose place is known exactly in
 * all of them. The scans differ by a smooth deformation (99th percentile 9 mm), a rotation, a shift, slice spacing, noise and frame of reference.
 * The same options give the same phantom, byte for byte.
 */
export function createPhantom(options: PhantomOptions): Phantom {
  const { seed } = options;
  const maps = anatomyMaps(seed);
  const timePoint = (name: TimePointName, studyDate: string, studyDescription: string): PhantomTimePoint => ({
    name,
    volume: scanVolume(name, options, maps[name]),
    studyDate,
    studyTime: '093000',
    studyDescription,
    seriesDescription: 'Trunk, portal venous',
  });
  return {
    patientId: `SAMEPOINT-PHANTOM-${seed}`,
    patientName: 'Phantom^Samepoint',
    timePoints: [
      timePoint('current', '20260914', 'CT trunk, follow-up'),
      timePoint('prior', '20260302', 'CT trunk, follow-up'),
      timePoint('baseline', '20250908', 'CT trunk, baseline'),
    ],
    lesions: lesionTruth(maps),
    landmarks: landmarkTruth(maps),
    ...correspondence(maps),
  };
}
