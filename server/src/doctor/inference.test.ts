import { speedCheck } from './inference.ts';

describe('speedCheck', () => {
  it('says how fast the CPU is', () => {
    const { status, message } = speedCheck('cpu', 2.34, undefined);
    expect([status, message]).toEqual(['ok', 'a chest of 360 x 260 x 300 mm is embedded in 2.3 s on cpu']);
  });

  it('compares an accelerator with the CPU', () => {
    const { status, message } = speedCheck('cuda', 0.21, 3.5);
    expect(status).toBe('ok');
    expect(message).toMatch(/in 0\.2 s on cuda; the CPU needs 3\.5 s$/);
  });

  it.each([
    ['is slower than the CPU', 12, /in 12\.0 s on webgpu; the CPU needs 3\.0 s$/],
    ['is not waited for', undefined, /needs more than 60 s on webgpu; the CPU needs 3\.0 s$/],
  ])('advises against one that %s', (_what, seconds, expected) => {
    const { status, message, remedy } = speedCheck('webgpu', seconds, 3);
    expect(status).toBe('warning');
    expect(message).toMatch(expected);
    expect(remedy).toBe('Remove webgpu from embedding.providers.');
  });
});
