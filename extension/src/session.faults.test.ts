/**
 * A follow-up whose server, PACS or login fails at one of its steps: no decision is lost, the panel says what is wrong and has the
 * button that mends it, and what is saved is saved once.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { isDeveloperText } from './client/readerWords.ts';
import { ModeLifecycle } from './modeLifecycle.ts';
import { observationOf } from './lesions/review.ts';
import type { AnnotationToolInstance, InteractionEvent, Point3 } from './ohif.d.ts';
import { Session } from './session.ts';
import { refOf, uidOf } from './testing/examples.ts';
import { FakeHospital, FAULTS, FINDINGS } from './testing/fakeHospital.ts';
import type { FaultName } from './testing/fakeHospital.ts';
import { axialSeries, FakeHost } from './testing/fakeHost.ts';
import { FakeServer } from './testing/fakeServer.ts';
import { MemoryStorage } from './testing/memoryStorage.ts';

const CURRENT = '1.2.current';

interface Tool extends AnnotationToolInstance {
  addNewAnnotation(event: InteractionEvent): object;
  _endCallback(event: InteractionEvent): void;
}

let fake: FakeHost;
let hospital: FakeHospital;
let storage: MemoryStorage;
let session: Session;
const originalFetch = globalThis.fetch;

beforeEach(() => {
  hospital = new FakeHospital();
  storage = new MemoryStorage();
  globalThis.fetch = new FakeServer(hospital.routes).fetch;
  openPage();
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

/** A page with the current study, as a worklist opens it; what another page had in its memory is gone. */
function openPage(): void {
  fake = new FakeHost({ left: axialSeries('current', '20240301') });
  fake.appConfig = { samepoint: { serverUrl: 'https://viewer.test/samepoint/api' } };
  session = new Session(fake.parameters, storage);
  session.mountPanel(document.createElement('div'));
  new ModeLifecycle(session).enter();
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

function click(world: Point3): void {
  const ToolClass = fake.addedTools.at(-1);
  const tool = new ToolClass!() as Tool;
  const { element } = fake.viewports.get('left')!;
  const event = Object.assign(new Event('mouse'), { detail: { element, currentPoints: { world } } });
  tool.addNewAnnotation(event);
  tool._endCallback(event);
}

function measure(): void {
  jest.useFakeTimers();
  const measurement = {
    uid: 'm',
    toolName: 'Length',
    referenceStudyUID: CURRENT,
    referenceSeriesUID: refOf('current').seriesInstanceUid,
    points: [
      [-6, 0, 40],
      [6, 0, 40],
    ],
  };
  session.measurements.changed({ measurement });
  jest.advanceTimersByTime(1000);
  jest.useRealTimers();
}

const run = (command: Parameters<Session['model']['actions']['run']>[0]): void => {
  session.model.actions.run(command);
};

/** The steps of a follow-up, in their order; after all of them one of the three lesions is not decided on. */
const STEPS = {
  opening: () => session.studiesChanged(),
  finding: () => {
    run('findAll');
  },
  reviewing: () => {
    session.model.actions.select(uidOf('a'));
    run('accept');
  },
  correcting: () => {
    session.model.actions.select(uidOf('b'));
    run('correct');
    click([30, 8, 0]);
  },
  measuring: () => {
    session.model.actions.select(uidOf('a'));
    measure();
  },
  saving: () => {
    run('save');
  },
  reopening: () => {
    openPage();
    return session.studiesChanged();
  },
} as const;
type Step = keyof typeof STEPS;
const NAMES = Object.keys(STEPS) as readonly Step[];
/** Those that send requests. */
const REQUESTING: ReadonlySet<Step> = new Set(['opening', 'finding', 'saving', 'reopening']);

/** What the reader has decided: of each lesion the state, the place and the size. */
function decisions(): readonly string[] {
  return FINDINGS.flatMap((id) => {
    const lesion = session.context.lesions.lesion(uidOf(id));
    const observation = observationOf(lesion, CURRENT);
    if (observation === undefined) return [];
    const { status, review, place, longAxis } = observation;
    return [`${id} ${status} ${review} ${place?.lps.join() ?? ''} ${longAxis?.mm ?? ''}`.trim()];
  });
}

const ALL = ['a present accepted 0,0,40 12', 'b present corrected 30,8,0', 'c present proposed 40,0,40'];

async function walk(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    await STEPS[step]();
    await settled();
  }
}

/** Presses the button of each message, as a reader does. */
async function mendAll(): Promise<void> {
  for (let turn = 0; turn < 4 && session.model.state().notices.some(({ mend }) => mend); turn += 1) {
    const [notice] = session.model.state().notices.filter(({ mend }) => mend !== undefined);
    session.model.actions.mendNotice(notice!.id);
    await settled();
  }
}

const troubles = () => session.model.state().notices.filter(({ code }) => code !== 'viewer/restored');
const table = NAMES.flatMap((step) => FAULTS.map((fault): readonly [Step, FaultName] => [step, fault]));

async function failAt(step: Step, fault: FaultName): Promise<void> {
  await walk(NAMES.slice(0, NAMES.indexOf(step)));
  const before = decisions();
  hospital.fault = fault;
  await walk([step]);
  // The step may add a decision; none of the earlier ones is lost, whether the server answers or not.
  if (step !== 'reopening' && !['correcting', 'measuring', 'reviewing'].includes(step) && before.length > 0)
    expect(decisions()).toEqual(before);
}

describe('a fault at a step of the follow-up', () => {
  test.each(table)(
    '%s, %s: it is said with the button that mends it, and nothing is lost',
    async (step, fault) => {
      await failAt(step, fault);
      const isFelt = REQUESTING.has(step) && (fault !== 'lost' || step === 'saving');
      expect(troubles().length > 0).toBe(isFelt);
      for (const { message, remedy, mend } of troubles()) {
        expect(isDeveloperText(`${message} ${remedy}`)).toBe(false);
        expect(mend?.label).toBe('Try again');
      }
      hospital.fault = undefined;
      await mendAll();
      expect(troubles()).toEqual([]);
      await walk(NAMES.slice(NAMES.indexOf(step) + 1));
      expect(decisions()).toEqual(ALL);
      expect(session.model.state().unsaved).toBe(0);
      expect(hospital.reports.size).toBe(1);
    },
  );

  test.each(table)('%s, %s: so after a reload of the page', async (step, fault) => {
    await failAt(step, fault);
    const before = decisions();
    openPage();
    hospital.fault = undefined;
    await walk(['opening']);
    if (before.length > 0 && step !== 'reopening') expect(decisions()).toEqual(before);
    expect(troubles()).toEqual([]);
    await walk(NAMES.slice(Math.max(1, NAMES.indexOf(step) + (REQUESTING.has(step) ? 0 : 1))));
    expect(decisions()).toEqual(ALL);
    expect(session.model.state().unsaved).toBe(0);
    const counted = [...hospital.reports.values()].at(-1);
    expect(counted?.request.observations.map(({ trackingUid }) => trackingUid)).toEqual([
      uidOf('a'),
      uidOf('b'),
    ]);
  });
});
