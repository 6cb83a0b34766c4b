import { withInitialisers } from './onnxFile.ts';

/** onnx.ModelProto(ir_version=7, producer_name='p', graph=GraphProto(name='g')).SerializeToString() of Python's onnx. */
const EMPTY = Buffer.from('0807120170' + '3a03120167', 'hex');
/** ... with initializer=[numpy_helper.from_array(np.array([[1, 2]], np.float32), 'w')]. */
const WITH_W = Buffer.from(
  '0807120170' + '3a18' + '120167' + '2a13' + '08010802' + '1001' + '420177' + '4a08' + '0000803f00000040',
  'hex',
);

test('gives the bytes that the onnx library gives', () => {
  const parts = withInitialisers(EMPTY, [{ name: 'w', dims: [1, 2], values: Float32Array.from([1, 2]) }]);
  expect(Buffer.concat(parts).toString('hex')).toBe(WITH_W.toString('hex'));
});

test('writes lengths of more than a byte', () => {
  const values = new Float32Array(100_000);
  const whole = Buffer.concat(withInitialisers(EMPTY, [{ name: 'w', dims: [100_000], values }]));
  // 400,000 of raw data; tag and length of it 4, dims 4, type 2, name 3: 400,013. Tag and length 4, name of the graph 3.
  expect(whole.subarray(5, 9).toString('hex')).toBe('3a94b518');
  expect(whole.length).toBe(5 + 4 + 400_020);
});
