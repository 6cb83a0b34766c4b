/** Unsaved work that survives a reload. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LesionStore } from '../lesions/lesionStore.ts';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { MemoryStorage } from '../testing/memoryStorage.ts';
import { Drafts } from './drafts.ts';
import type { DraftsOptions } from './drafts.ts';

const DAY_MS = 86_400_000;
const OWNER = { server: '/samepoint/api', studyInstanceUid: '1.2.current', patientKey: 'Muster^Max 4711' };

let storage: MemoryStorage;
let key: CryptoKey;
let now: number;
let restored: Date[];

beforeAll(async () => {
  key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
});

beforeEach(() => {
  storage = new MemoryStorage();
  storage.key = key;
  now = 1_000 * DAY_MS;
  restored = [];
});

/** A page that is opened anew: empty, over the same storage. */
function page(changes: Partial<DraftsOptions> = {}): {
  readonly lesions: LesionStore;
  readonly drafts: Drafts;
} {
  const lesions = new LesionStore();
  const drafts = new Drafts({
    storage,
    lesions,
    crypto,
    days: 7,
    now: () => now,
    ofPatient: () => () => true,
    restored: (at) => restored.push(at),
    ...changes,
  });
  return { lesions, drafts };
}

async function written(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a page keeps that was closed without saving. */
async function leftBehind(...lesions: Parameters<LesionStore['add']>[0][]): Promise<void> {
  const first = page();
  await first.drafts.open(OWNER);
  for (const lesion of lesions) first.lesions.add(lesion);
  await written();
}

describe('unsaved work', () => {
  test('is back when the study is opened again, and it is said of when it is', async () => {
    const lesion = lesionOf('a', [marked('current', [1, 2, 3]), proposed({ studyInstanceUid: '1.2.other' })]);
    await leftBehind(lesion, lesionOf('b', [marked('current', [1, 2, 3], { isSaved: true })]));
    const { lesions, drafts } = page();
    now += 3_600_000;
    await drafts.open(OWNER);
    expect(lesions.lesions).toEqual([lesion]);
    expect(restored).toEqual([new Date(1_000 * DAY_MS)]);
  });

  test('is of the patient, whichever study is open, and of no other', async () => {
    await leftBehind(lesionOf('a'));
    const other = page();
    await other.drafts.open({ ...OWNER, patientKey: 'somebody else' });
    const otherServer = page();
    await otherServer.drafts.open({ ...OWNER, server: '/other' });
    expect([other.lesions.lesions, otherServer.lesions.lesions]).toEqual([[], []]);
    const otherReader = page();
    await otherReader.drafts.open({ ...OWNER, reader: 'bob' });
    expect(otherReader.lesions.lesions).toEqual([]);
    const again = page();
    await again.drafts.open({ ...OWNER, studyInstanceUid: '1.2.prior' });
    expect(again.lesions.lesions).toHaveLength(1);
  });

  test('cannot be read in the storage, and names no patient', async () => {
    await leftBehind(lesionOf('a', [marked('current', [1, 2, 3])], { label: 'secret' }));
    const [[name, draft] = ['', undefined]] = storage.drafts;
    const { bytes } = draft?.content as { readonly bytes: ArrayBuffer };
    expect(name).toMatch(/^[\da-f]{64}$/u);
    expect(new TextDecoder().decode(bytes)).not.toContain('secret');
  });

  test('without a key it is kept as text, and with another key it is not read', async () => {
    storage.key = undefined;
    await leftBehind(lesionOf('a'));
    expect([...storage.drafts.values()].map(({ content }) => typeof content)).toEqual(['string']);
    storage.key = key;
    await leftBehind(lesionOf('a'));
    storage.key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]);
    const { lesions, drafts } = page();
    await drafts.open(OWNER);
    expect(lesions.lesions).toEqual([]);
  });

  test('without a patient or a digest it is kept for the study', async () => {
    const bare = { getRandomValues: crypto.getRandomValues.bind(crypto) } as Crypto;
    storage.key = undefined;
    for (const [owner, own] of [
      [{ ...OWNER, patientKey: undefined }, crypto],
      [OWNER, bare],
    ] as const) {
      storage.drafts.clear();
      const first = page({ crypto: own });
      await first.drafts.open(owner);
      first.lesions.add(lesionOf('a'));
      await written();
      expect([...storage.drafts.keys()]).toEqual(['["/samepoint/api","1.2.current"]']);
    }
  });

  test('is dropped when it is saved, and when it is too old', async () => {
    await leftBehind(lesionOf('a', [marked('current', [1, 2, 3])]));
    const second = page();
    await second.drafts.open(OWNER);
    second.lesions.markSaved('1.2.current', [uidOf('a')]);
    await written();
    expect(storage.drafts.size).toBe(0);
    await leftBehind(lesionOf('a'));
    now += 7 * DAY_MS + 1;
    const third = page();
    await third.drafts.open(OWNER);
    expect(third.lesions.lesions).toEqual([]);
    expect(storage.drafts.size).toBe(0);
  });

  test('is not lost when the studies are left, nor said to be restored where the page still has it', async () => {
    const { lesions, drafts } = page({ ofPatient: () => () => false });
    await leftBehind(lesionOf('a'));
    await drafts.open(OWNER);
    drafts.close();
    lesions.select(uidOf('a'));
    await written();
    expect(storage.drafts.size).toBe(1);
    await drafts.open(OWNER);
    expect(restored).toHaveLength(1);
    await written();
    // Whatever is known of the patient's studies by now.
    expect(storage.drafts.size).toBe(1);
  });

  test('changes during a write are written after it, and what did not change is not', async () => {
    const { lesions, drafts } = page();
    await drafts.open(OWNER);
    lesions.add(lesionOf('a'));
    lesions.rename(uidOf('a'), 'last', undefined);
    await written();
    const { writes } = storage;
    lesions.select(uidOf('a'));
    await written();
    expect(storage.writes).toBe(writes);
    const again = page();
    await again.drafts.open(OWNER);
    expect(again.lesions.lesions[0]?.label).toBe('last');
  });

  test('a browser that keeps nothing does no harm', async () => {
    storage.isBroken = true;
    const { lesions, drafts } = page();
    await drafts.open(OWNER);
    lesions.add(lesionOf('a'));
    await written();
    storage.isBroken = false;
    await drafts.open(OWNER);
    expect(storage.drafts.size).toBe(1);
  });

  test.each(['null', '[1]', '[{"trackingUid":"1"}]', '{', '"x"'])(
    'what is no list of lesions is not used: %s',
    async (content) => {
      storage.key = undefined;
      await leftBehind(lesionOf('a'));
      for (const [name] of storage.drafts) storage.drafts.set(name, { savedAt: now, content });
      const { lesions, drafts } = page();
      await drafts.open(OWNER);
      expect(lesions.lesions).toEqual([]);
    },
  );
});
