import { lpsPoint } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { createSamepoint } from '../application/samepoint.ts';
import { ALL_SERIES, CURRENT, fakePorts, PRIOR, refOf } from '../ports/testing/index.ts';
import type { Modules } from '../ports/ports.ts';
import type { MatchResult } from '../application/types.ts';

/** Head and feet, and front and back exchanged. */
const TURN: Affine = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0];
const WARNING = { code: 'matching/wrong-labels', message: 'head and feet exchanged' };

type EngineRequest = Parameters<Modules['matchPoints']>[0];

/** An application whose every pair lies turned, and what its matcher was given. */
function setUp() {
  const ports = fakePorts(ALL_SERIES);
  const requests: EngineRequest[] = [];
  const { modules } = ports;
  const turned = {
    ...ports,
    modules: {
      ...modules,
      findPose: () => Promise.resolve({ turn: TURN, isSideUnsure: true, warnings: [WARNING] }),
      matchPoints: (request: EngineRequest) => {
        requests.push(request);
        return modules.matchPoints(request);
      },
    },
  };
  const samepoint = createSamepoint(turned, { version: '1', memoMs: 5_000, queueLimit: 8 });
  const match = async (): Promise<MatchResult> => {
    const points = [{ id: 'a', lps: lpsPoint(1, 2, 3) }];
    const plan = await samepoint.planMatch({ query: refOf(CURRENT), targets: [refOf(PRIOR)], points }, {});
    return await plan.run();
  };
  return { ports, requests, match };
}

describe('a target that lies turned', () => {
  it('is embedded a second time, once, and the warning of the pair is given with it', async () => {
    const { ports, requests, match } = setUp();
    const answer = await match();
    expect(answer.warnings).toEqual([{ series: refOf(PRIOR), ...WARNING }]);
    expect(answer.matches).toMatchObject([{ ok: true }]);
    expect(ports.control.embedded).toBe(3);
    expect((await match()).warnings).toEqual(answer.warnings);
    expect(ports.control.embedded).toBe(3);
    expect(requests.length).toBeGreaterThan(1);
    for (const { turn, isSideUnsure } of requests) expect([turn, isSideUnsure]).toEqual([TURN, true]);
  });
});
