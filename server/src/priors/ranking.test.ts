import fc from 'fast-check';
import { kernelClassOf } from './kernels.ts';
import { coverageOf, PREFERRED, ranked, referenceOf } from './ranking.ts';
import type { Candidate } from './ranking.ts';
import { headerOf, jsonOf } from './testing/priorsPacs.ts';
import type { FakePriorSeries } from './testing/priorsPacs.ts';
import { traitsOf } from './traits.ts';
import type { ComparableSeries } from './types.ts';

const CT = ['CT'];

/** A chest in slices of 2 mm, 400 mm high. */
const CHEST: FakePriorSeries = {
  uid: '1.1',
  images: 201,
  spacingMm: 2,
  startMm: -400,
  kernel: 'B30f',
  frame: '1.1.9',
};

function candidate(series: Partial<FakePriorSeries> = {}): Candidate {
  const whole = { ...CHEST, ...series };
  const { uid, images = 0, modality = 'CT', description = '' } = whole;
  const header = (index: number): ReturnType<typeof headerOf> =>
    headerOf({ uid: '1', series: [] }, whole, index);
  const traits = traitsOf(header(Math.floor(images / 2)), images > 1 ? [header(0), header(images - 1)] : []);
  return { seriesInstanceUid: uid, description, modality, images, traits };
}

const CURRENT = candidate({ uid: '1.0', frame: '1.0.9' });

function order(candidates: readonly Candidate[], current = CURRENT): readonly string[] {
  return ranked(candidates, referenceOf(current), CT).map(({ seriesInstanceUid }) => seriesInstanceUid);
}

function only(one: Candidate, current = CURRENT, modalities: readonly string[] = CT): ComparableSeries {
  return ranked([one], referenceOf(current), modalities)[0]!;
}

describe('what makes a series suitable', () => {
  it.each<[string, Partial<FakePriorSeries>, string[]]>([
    ['nothing against it', {}, []],
    ['a part', { images: 101 }, ['covers 50 % of the series that is read']],
    ['another plane', { plane: 'coronal' }, ['coronal, not axial']],
    ['thick slices', { images: 81, spacingMm: 5 }, ['slices of 5 mm, not 2 mm']],
    ['a sharp kernel', { kernel: 'B70f' }, ['sharp kernel (B70f), not a soft one']],
    ['contrast agent', { agent: 'Iomeron 400' }, ['with contrast agent']],
    ['a word for no contrast agent', { agent: 'NONE' }, []],
    ['a projection', { imageType: ['DERIVED', 'SECONDARY', 'MIP'] }, ['intensity projection']],
  ])('%s: the reasons in words', (_, changes, reasons) => {
    expect(only(candidate(changes))).toMatchObject({ isComparable: true, reasons });
  });

  it.each<[string, Partial<FakePriorSeries>, string]>([
    ['two images', { images: 2 }, 'only 2 images'],
    ['one image', { images: 1 }, 'only 1 image'],
    ['a localizer', { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }, 'localizer'],
    ['another modality', { modality: 'MR' }, 'MR cannot be compared, only CT'],
    [
      'another region of the same frame',
      { frame: '1.0.9', startMm: 100 },
      'covers nothing of the series that is read',
    ],
    [
      'images without a place',
      { change: () => jsonOf({ ImagePositionPatient: [] }) },
      'its images are not parallel slices with a place in the patient',
    ],
    [
      'pixels of no size or of any size',
      { change: (index) => jsonOf({ PixelSpacing: index === 0 ? [1e-200, 1e-200] : [1e300, 1e300] }) },
      'its images are not parallel slices with a place in the patient',
    ],
    [
      'slices that are not parallel',
      { change: (index) => (index === 0 ? jsonOf({ ImageOrientationPatient: [1, 0, 0, 0, 0, -1] }) : {}) },
      'its images are not parallel slices with a place in the patient',
    ],
  ])('%s is not compared, and the reason is said', (_, changes, reason) => {
    expect(only(candidate(changes))).toMatchObject({ isComparable: false, reasons: [reason] });
  });

  it('a series that was not examined says so', () => {
    const { seriesInstanceUid, description, modality, images } = candidate();
    expect(only({ seriesInstanceUid, description, modality, images })).toMatchObject({
      isComparable: false,
      reasons: ['not examined: the study has too many series'],
    });
  });

  it('comes first: coverage, then plane, thickness, kernel and contrast', () => {
    const all = [
      candidate({ uid: 'slab', images: 30 }),
      candidate({ uid: 'localizer', imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }),
      candidate({ uid: 'coronal', plane: 'coronal' }),
      candidate({ uid: 'thick', images: 81, spacingMm: 5 }),
      candidate({ uid: 'sharp', kernel: 'LUNG' }),
      candidate({ uid: 'contrast', agent: 'Iomeron' }),
      candidate({ uid: 'same' }),
    ];
    const expected = ['same', 'contrast', 'sharp', 'thick', 'coronal', 'slab', 'localizer'];
    expect(order(all)).toEqual(expected);
    expect(order(all.toReversed())).toEqual(expected);
  });

  it('sharp kernels first where the current one is sharp', () => {
    const sharp = candidate({ uid: '1.0', kernel: 'BONE' });
    const all = [candidate({ uid: 'soft' }), candidate({ uid: 'sharp', kernel: 'B60f' })];
    expect(order(all, sharp)).toEqual(['sharp', 'soft']);
  });

  it('without a current series: a high axial one of thin slices and a soft kernel', () => {
    const all = [
      candidate({ uid: 'thin and sharp', images: 401, spacingMm: 1, kernel: 'B60f' }),
      candidate({ uid: 'coronal', plane: 'coronal' }),
      candidate({ uid: 'axial' }),
      candidate({ uid: 'slab', images: 30 }),
    ];
    expect(ranked(all, PREFERRED, CT).map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([
      'axial',
      'thin and sharp',
      'coronal',
      'slab',
    ]);
  });

  it('the modality of the current series, where the model reads several', () => {
    const mr = candidate({ uid: 'mr', modality: 'MR' });
    expect(only(mr, CURRENT, ['CT', 'MR'])).toMatchObject({ isComparable: true, reasons: ['MR, not CT'] });
  });

  it('no slab or localizer comes before a full series, whatever else speaks against that', () => {
    const traits = fc.record({
      plane: fc.constantFrom<'axial' | 'coronal'>('axial', 'coronal'),
      kernel: fc.constantFrom('B30f', 'B70f', 'unknown'),
      agent: fc.constantFrom('Iomeron', ''),
      imageType: fc.constantFrom(['ORIGINAL', 'PRIMARY'], ['DERIVED', 'SECONDARY', 'MIP']),
    });
    fc.assert(
      fc.property(
        traits,
        traits,
        fc.integer({ min: 3, max: 30 }),
        fc.boolean(),
        (full, part, images, isMarked) => {
          const whole = candidate({ ...full, uid: 'full', startMm: full.plane === 'axial' ? -400 : -200 });
          const imageType = isMarked ? ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] : part.imageType;
          const slab = candidate({ ...part, plane: 'axial', imageType, uid: 'slab', images });
          expect(order([slab, whole])[0]).toBe('full');
        },
      ),
    );
  });
});

describe('coverage', () => {
  it('as both lie where the frame of reference is common, else by the length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -600, max: 100 }),
        fc.integer({ min: 3, max: 300 }),
        (startMm, images) => {
          const there = candidate({ frame: '1.0.9', startMm, images }).traits!.stack!;
          const elsewhere = candidate({ startMm, images }).traits!.stack!;
          const end = startMm + 2 * (images - 1);
          const overlap = Math.max(0, Math.min(0, end) - Math.max(-400, startMm));
          expect(coverageOf(there, CURRENT.traits!.stack!)).toBeCloseTo(overlap / 400, 9);
          expect(coverageOf(elsewhere, CURRENT.traits!.stack!)).toBeCloseTo(
            Math.min(1, (end - startMm) / 400),
            9,
          );
        },
      ),
    );
  });
});

describe('headers of multi-frame images', () => {
  it('have a place for each frame', () => {
    const frame = (z: number): object => ({
      '00209113': { vr: 'SQ', Value: [jsonOf({ ImagePositionPatient: [0, 0, z] })] },
    });
    const shared = {
      '00209116': { vr: 'SQ', Value: [jsonOf({ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] })] },
      '00289110': { vr: 'SQ', Value: [jsonOf({ PixelSpacing: [1, 1], SliceThickness: 3 })] },
    };
    const header = jsonOf({
      FrameOfReferenceUID: '1.9',
      Rows: 10,
      Columns: 10,
      NumberOfFrames: 3,
      SharedFunctionalGroupsSequence: shared,
      PerFrameFunctionalGroupsSequence: [frame(0), frame(4), frame(8)],
    });
    expect(traitsOf(header)).toMatchObject({
      frames: 3,
      sliceThicknessMm: 3,
      stack: { plane: 'axial', lengthMm: 8 },
    });
  });
});

it.each([
  ['B30f', 'soft'],
  ['Br40d', 'soft'],
  ['Bl57', 'sharp'],
  ['B70f', 'sharp'],
  ['I50f', 'sharp'],
  ['FC08', 'soft'],
  ['FC51', 'sharp'],
  ['STANDARD', 'soft'],
  ['SOFT', 'soft'],
  ['BONEPLUS', 'sharp'],
  ['LUNG', 'sharp'],
  ['B', 'soft'],
  ['YC', 'sharp'],
  ['', undefined],
  ['XRES', undefined],
])('the kernel %s is %s', (kernel, expected) => {
  expect(kernelClassOf(kernel)).toBe(expected);
});
