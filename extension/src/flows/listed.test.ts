import { expect, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { lesionOf, marked, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import { omit } from '../lesions/omit.ts';
import { listedLesions } from './listed.ts';

test('lesions are listed as the newest prior with findings names them, whatever came first', () => {
  const panes = {
    a: axialSeries('current', '20240301'),
    b: axialSeries('prior', '20230211'),
    c: axialSeries('older', '20220101'),
  };
  const context = contextOf(new FakeHost(panes), new FakeServer());
  const { lesions } = context;
  const store = (study: string, ids: readonly string[]): void => {
    const observation = marked(study, [0, 0, 0], { isSaved: true });
    lesions.setStored(
      `1.2.${study}`,
      ids.map((id) => ({ ...omit(lesionOf(id), 'observations'), observation })),
      new Set(),
    );
  };
  const listed = (): readonly string[] => listedLesions(context).map(({ trackingUid }) => trackingUid);
  lesions.restore([lesionOf('x'), lesionOf('c')]);
  store('older', ['b', 'a']);
  store('prior', []);
  expect(listed()).toEqual(['b', 'a', 'x', 'c'].map(uidOf));
  store('prior', ['a', 'b', 'c']);
  expect(listed()).toEqual(['a', 'b', 'c', 'x'].map(uidOf));
});
