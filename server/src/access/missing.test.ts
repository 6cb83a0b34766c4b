import { CURRENT, FakePacs, PRIOR, refOf } from '../ports/testing/index.ts';
import { createAccess } from './access.ts';
import type { Access } from './access.ts';
import { noticingMissing } from './missing.ts';
import type { MissingSeries } from './missing.ts';

let pacs: FakePacs;
let access: Access;
let missing: MissingSeries[];
beforeEach(() => {
  pacs = new FakePacs([CURRENT, PRIOR]);
  missing = [];
  const inner = createAccess(pacs, { memoMs: 0, clock: () => 1_000 });
  access = noticingMissing(inner, (one) => {
    missing.push(one);
  });
});

const alice = { authorization: 'Bearer alice' };
const bob = { authorization: 'Bearer bob' };

describe('a series that the PACS does not hold', () => {
  it('is reported; whether this caller had seen it before is known, once', async () => {
    await access.grant(refOf(CURRENT), alice);
    expect(missing).toEqual([]);
    pacs.series.shift();
    for (const caller of [bob, alice, alice])
      await expect(access.grant(refOf(CURRENT), caller)).rejects.toMatchObject({ status: 404 });
    const series = refOf(CURRENT);
    expect(missing).toEqual([
      { series, wasGranted: false },
      { series, wasGranted: true },
      { series, wasGranted: false },
    ]);
  });

  it('is not one that the PACS refuses', async () => {
    pacs.allowed = ['Bearer alice'];
    await expect(access.grant(refOf(CURRENT), bob)).rejects.toMatchObject({ status: 401 });
    expect(missing).toEqual([]);
  });
});
