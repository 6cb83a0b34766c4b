import fc from 'fast-check';
import { affineFromColumns, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { LandmarkOutcome } from '../landmarks/index.ts';
import { Anatomy } from '../phantom/anatomy.ts';
import type { ContrastPhase } from '../phantom/index.ts';
import { LANDMARKS } from '../phantom/landmarks.ts';
import type { Volume } from '../volume/index.ts';
import { classifyPhase, measurePhase, PHASES } from './index.ts';
import type { MeasuredPhase } from './index.ts';

type Landmark = Extract<LandmarkOutcome, { readonly ok: true }>['landmark'];

/** A landmark as a template would find it. */
function found(name: string, lps: LpsPoint, changes: Partial<Landmark> = {}): LandmarkOutcome {
  const pixel = { sopClassUid: '1.2', sopInstanceUid: '1.3', column: 0, row: 0, offPlaneMm: 0 };
  const place = { studyInstanceUid: '1', seriesInstanceUid: '1', frameOfReferenceUid: '1', lps, pixel };
  const landmark = {
    name,
    verdict: 'uncertain',
    place,
    similarity: 0.9,
    errorRadiusMm: 23,
    votes: 1,
    ...changes,
  } as const;
  return { name, ok: true, landmark };
}

/** Voxels of the part of the trunk that has the landmarks, in the anatomical frame, mm. */
const [FIRST, STEP_MM, DIMS] = [[-110, -10, -105], 2, [105, 50, 45]] as const;

const abdomens = new Map<ContrastPhase, Volume>();

/** The abdomen of a phantom, made once. */
function abdomenOf(phase: ContrastPhase): Volume {
  const known = abdomens.get(phase) ?? scanned(phase);
  abdomens.set(phase, known);
  return known;
}

function scanned(phase: ContrastPhase): Volume {
  const anatomy = new Anatomy(4, [], phase);
  const voxelToLps = affineFromColumns([STEP_MM, 0, 0], [0, STEP_MM, 0], [0, 0, STEP_MM], FIRST);
  const data = new Int16Array(DIMS[0] * DIMS[1] * DIMS[2]);
  for (let at = 0; at < data.length; at++) {
    const index = voxelIndex(
      at % DIMS[0],
      Math.floor(at / DIMS[0]) % DIMS[1],
      Math.floor(at / (DIMS[0] * DIMS[1])),
    );
    const [x, y, z] = toLps(voxelToLps, index);
    data[at] = anatomy.hounsfield(x, y, z);
  }
  const uids = { studyInstanceUid: '1', seriesInstanceUid: '1', frameOfReferenceUid: '1' };
  return { dims: DIMS, data, voxelToLps, slices: [], modality: 'CT', warnings: [], ...uids };
}

const PLACES = LANDMARKS.map(({ name, place }) => ({ name, lps: lpsPoint(...place) }));

/** The phase of a phantom at its true landmarks. */
function measured(
  phase: ContrastPhase,
  change: (name: string) => Partial<Landmark> = () => ({}),
): MeasuredPhase {
  return measurePhase(
    abdomenOf(phase),
    PLACES.map(({ name, lps }) => found(name, lps, change(name))),
  );
}

describe('measurePhase', () => {
  it.each(PHASES)('finds that a phantom is of the %s phase, with the values of its organs', (phase) => {
    const answer = measured(phase);
    expect(answer.phase).toBe(phase);
    expect(answer.measurements.filter(({ passedOver }) => passedOver !== undefined)).toEqual([]);
    expect(answer.reasons.join()).toMatch(
      /aorta -?\d+ HU,portal vein -?\d+ HU,liver -?\d+ HU,kidney -?\d+ HU/u,
    );
  });

  it.each<readonly [string, Partial<Landmark>, RegExp]>([
    ['is out of view', { verdict: 'out-of-view' }, /out-of-view/u],
    ['is absent', { verdict: 'absent' }, /absent/u],
    ['is not like the template', { similarity: 0.3 }, /not like/u],
  ])('is undetermined where the aorta %s', (_name, change, why) => {
    const answer = measured('arterial', (name) => (name === 'aorta' ? change : {}));
    expect(answer).toMatchObject({ phase: 'undetermined', reasons: ['aorta: not seen'] });
    expect(answer.measurements.find(({ landmark }) => landmark === 'aorta')?.passedOver).toMatch(why);
  });

  it('needs one kidney only', () => {
    const outcomes = PLACES.filter(({ name }) => name !== 'left kidney').map(({ name, lps }) =>
      found(name, lps),
    );
    expect(measurePhase(abdomenOf('venous'), outcomes).phase).toBe('venous');
  });

  it('does not count a place of fat or of two tissues', () => {
    const moved = (name: string, lps: LpsPoint): LpsPoint =>
      name === 'liver' ? lpsPoint(-60, -60, -90) : lps;
    const outcomes = PLACES.map(({ name, lps }) => found(name, moved(name, lps)));
    const answer = measurePhase(abdomenOf('venous'), outcomes);
    expect(answer).toMatchObject({ phase: 'undetermined', reasons: ['liver: not seen'] });
  });

  it('is undetermined where nothing was found', () => {
    const answer = measurePhase(abdomenOf('venous'), []);
    expect(answer.phase).toBe('undetermined');
    expect(answer.reasons).toHaveLength(4);
  });
});

describe('classifyPhase', () => {
  it.each([
    ['non-contrast', 40, 42, 58, 33],
    ['arterial', 320, 120, 70, 160],
    ['venous', 165, 170, 110, 190],
    ['delayed', 104, 104, 90, 150],
    ['undetermined', 170, 125, 100, 180],
    ['undetermined', 165, 165, 110, 40],
  ])(
    'is %s for an aorta of %d HU, portal vein %d, liver %d and kidney %d',
    (phase, aorta, portal, liver, kidney) => {
      expect(classifyPhase({ aorta, 'portal vein': portal, liver, kidney }).phase).toBe(phase);
    },
  );

  it('finds no phase without all four organs', () => {
    const hu = fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined });
    fc.assert(
      fc.property(hu, hu, hu, hu, (aorta, portal, liver, kidney) => {
        const values = { aorta, 'portal vein': portal, liver, kidney };
        const seen = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
        const { phase, reasons } = classifyPhase(seen);
        const isWhole = Object.keys(seen).length === 4;
        expect(reasons.length).toBeGreaterThan(0);
        expect(isWhole || phase === 'undetermined').toBe(true);
      }),
    );
  });
});
