import { affineFromColumns } from '../geometry/index.ts';
import { bodyPartWarnings, applicabilityWarnings } from './applicability.ts';
import type { EmbeddedBody } from './applicability.ts';
import { manifestSchema } from '../model/manifest.ts';
import { INPUT, manifestJson } from '../model/testing/manifestJson.ts';

/** 2 mm and a deepest grid of 32 mm, as SAM has. */
const MANIFEST = manifestSchema.parse(
  manifestJson({
    region: 'head to pelvis',
    input: { ...INPUT, spacingMm: 2, minimumSize: [4, 16, 16] },
    graphs: [
      {
        file: 'toy.onnx',
        inputs: { image: 'image' },
        outputs: { fine: { tensor: 'fine', zStride: 2 }, coarse: { tensor: 'coarse', zStride: 16 } },
        slab: 'whole',
      },
    ],
    outputs: [
      { tensor: 'fine', role: 'fine', channels: 2, stride: [2, 2, 2], centre: [0.5, 0.5, 0.5] },
      { tensor: 'coarse', role: 'coarse', channels: 2, stride: [16, 16, 16], centre: [7.5, 7.5, 7.5] },
    ],
  }),
);

/** A box of 200 x 200 x (2 slices) mm, of which the mask holds the given share, with some voxels of metal. */
function body(slices: number, share: number, metalVoxels = 0): EmbeddedBody {
  const voxelToLps = affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0]);
  const values = new Int16Array(100 * 100 * slices).fill(40);
  values.fill(3071, 0, metalVoxels);
  const voxels = 50 * 50 * (slices / 2);
  return {
    image: { grid: { dims: [100, 100, slices], voxelToLps }, values, scale: 1 },
    mask: new Uint8Array(voxels).fill(1, 0, Math.round(voxels * share)),
    modality: 'CT',
  };
}
const codes = (of: EmbeddedBody): string[] => applicabilityWarnings(of, MANIFEST).map(({ code }) => code);

describe('applicabilityWarnings', () => {
  it('has nothing to say about a trunk, with contrast and bone', () => {
    expect(codes(body(100, 0.6))).toEqual([]);
  });

  it('names a series that is too thin for the deepest grid', () => {
    expect(codes(body(30, 0.6))).toEqual(['embedding/thin-series']);
    expect(codes(body(32, 0.6))).toEqual([]);
  });

  it('wants no thickness of a model without a coarse map', () => {
    const outputs = MANIFEST.outputs.filter(({ role }) => role !== 'coarse');
    expect(applicabilityWarnings(body(30, 0.6), { ...MANIFEST, outputs })).toEqual([]);
  });

  it('names a cross-section smaller than a neck, with the region of the model', () => {
    const [warning] = applicabilityWarnings(body(100, 0.1), MANIFEST);
    expect(warning?.code).toBe('embedding/small-body');
    expect(warning?.message).toBe(
      'the mean cross-section is 40 cm2: less than a neck; the model is for: head to pelvis',
    );
    expect(codes(body(100, 0.16))).toEqual([]);
  });

  it('names metal in CT, and bright voxels of MR are none', () => {
    const metal = body(100, 0.5, 600);
    expect(codes(metal)).toEqual(['embedding/metal']);
    expect(codes({ ...metal, modality: 'MR' })).toEqual([]);
    expect(codes(body(100, 0.5, 400))).toEqual([]);
  });
});

describe('bodyPartWarnings', () => {
  const trunk = { ...MANIFEST, bodyParts: ['CHEST', 'ABDOMEN', 'WHOLEBODY'] };

  it('names a body part that the model was not trained for', () => {
    expect(bodyPartWarnings('KNEE', trunk)).toEqual([
      {
        code: 'embedding/body-part',
        message: 'the images say that they show KNEE; the model was trained for: head to pelvis',
      },
    ]);
  });

  it.each(['CHEST', 'Chest', 'CHEST ABD PEL', 'CT_ABDOMEN', 'WHOLE BODY', '', '-', undefined])(
    'has nothing to say about %p',
    (bodyPart) => {
      expect(bodyPartWarnings(bodyPart, trunk)).toEqual([]);
    },
  );

  it('has nothing to say where the manifest lists no body parts', () => {
    expect(bodyPartWarnings('KNEE', MANIFEST)).toEqual([]);
  });
});
