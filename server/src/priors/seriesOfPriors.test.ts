import { CURRENT, series, setUp, study } from './testing/patient.ts';
import { jsonOf } from './testing/priorsPacs.ts';
import type { PriorList } from './types.ts';

describe('the series', () => {
  it('are described by three headers each', async () => {
    const { list, pacs } = setUp([
      study(3, {
        series: [
          series('1.2.3.1', { kernel: 'B30f', agent: 'Ultravist', description: 'Chest', images: 150 }),
        ],
      }),
    ]);
    const [prior] = (await list()).priors;
    expect(prior?.series).toEqual([
      {
        seriesInstanceUid: '1.2.3.1',
        description: 'Chest',
        modality: 'CT',
        images: 150,
        plane: 'axial',
        sliceThicknessMm: 2,
        kernel: 'B30f',
        contrast: true,
        lengthMm: 298,
        coverage: 1,
        isComparable: true,
        reasons: ['with contrast agent'],
      },
    ]);
    const headers = pacs.requests.filter((one) => one.startsWith('header 1.2.3.'));
    expect(headers.sort()).toEqual(['header 1.2.3.1.0', 'header 1.2.3.1.149', 'header 1.2.3.1.74']);
  });

  it('of other modalities and documents cost no headers; documents are said to be there', async () => {
    const others = [series('1.2.3.2', { modality: 'MR' }), series('1.2.3.3', { modality: 'SR' })];
    const { list, pacs } = setUp([
      study(3, { series: [series('1.2.3.1'), ...others] }),
      study(4, { series: others }),
    ]);
    const found = await list();
    expect(found.priors.map(({ hasReports, series: all }) => [hasReports, all.length])).toEqual([
      [true, 0],
      [true, 2],
    ]);
    expect(found.priors[1]?.series[1]).toMatchObject({
      isComparable: false,
      reasons: ['MR cannot be compared, only CT'],
    });
    expect(pacs.requests.filter((one) => /header 1\.2\.(?:3\.[23]|4)/u.test(one))).toEqual([]);
  });

  it('of a PACS that omits what a search requests are described from headers', async () => {
    const { list, pacs } = setUp([
      study(3, {
        series: [series('1.2.3.1', { description: 'Chest' }), series('1.2.3.2', { modality: 'SR' })],
      }),
    ]);
    pacs.ignoresIncludefield = true;
    const [prior] = (await list()).priors;
    expect(prior).toMatchObject({
      modalities: ['CT'],
      series: [{ seriesInstanceUid: '1.2.3.1', modality: 'CT', description: 'Chest', images: 100 }],
    });
  });

  it('a scout among the slices does not hide them', async () => {
    const scout = (index: number): ReturnType<typeof jsonOf> =>
      index === 0 ? jsonOf({ ImageOrientationPatient: [1, 0, 0, 0, 0, -1] }) : {};
    const { list } = setUp([study(3, { series: [series('1.2.3.1', { change: scout })] })]);
    expect((await list()).priors[0]?.series[0]).toMatchObject({
      isComparable: true,
      plane: 'axial',
      lengthMm: 196,
    });
  });

  it('are ranked as for any reading where the study that is read has localizers only', async () => {
    const imageType = ['ORIGINAL', 'PRIMARY', 'LOCALIZER'];
    const scout = series('1.2.20.1', { imageType, plane: 'coronal', images: 3 });
    const all = [
      series('1.2.3.1', { plane: 'coronal' }),
      series('1.2.3.2', { images: 201 }),
      { ...scout, uid: '1.2.3.3' },
    ];
    const { list } = setUp([study(3, { series: all })], { ...CURRENT, series: [scout] });
    const { current, priors } = await list();
    expect(current.series).toMatchObject([{ isComparable: false, reasons: ['localizer'] }]);
    expect(priors[0]?.series.map(({ seriesInstanceUid, reasons }) => [seriesInstanceUid, reasons])).toEqual([
      ['1.2.3.2', []],
      ['1.2.3.1', ['coronal, not axial']],
      ['1.2.3.3', ['localizer']],
    ]);
  });

  it('the current one is the most suitable, or the one that is named', async () => {
    const all = [
      series('1.2.20.1', { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'], images: 2 }),
      series('1.2.20.2', { kernel: 'B70f', images: 300, spacingMm: 1 }),
      series('1.2.20.3', { kernel: 'B30f', images: 150 }),
    ];
    const { list } = setUp([], { ...CURRENT, series: all });
    const order = (found: PriorList): readonly string[] =>
      found.current.series.map(({ seriesInstanceUid }) => seriesInstanceUid);
    expect(order(await list())).toEqual(['1.2.20.3', '1.2.20.2', '1.2.20.1']);
    expect(order(await list({ seriesInstanceUid: '1.2.20.2' }))).toEqual([
      '1.2.20.2',
      '1.2.20.3',
      '1.2.20.1',
    ]);
  });
});
