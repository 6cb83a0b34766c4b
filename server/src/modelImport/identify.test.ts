import { kindOf } from './identify.ts';

const SAM = ['backbone.conv1.conv.weight'];
const UAE = [...SAM, 'semantic_head.fpn_convs.0.conv.bias'];

test.each([
  ['/a/SAM.pth', SAM, 'sam'],
  ['SAMv2_iter_20000.pth', UAE, 'uae-s'],
  ['CrossSAM_iter_20000_ct_mr_inter_1.pth', UAE, 'uae-m'],
  ['uae-m.pth', UAE, 'uae-m'],
  ['UAE-S final.pth', UAE, 'uae-s'],
  ['weights.pth', SAM, 'sam'],
  ['/CrossSAM/epoch_1.pth', SAM, 'sam'],
])('%s', (file, keys, kind) => {
  expect(kindOf(file, keys)).toBe(kind);
});

test('does not guess between UAE-S and UAE-M', () => {
  expect(() => kindOf('sample.pth', UAE)).toThrow(/UAE-S or UAE-M/u);
});
