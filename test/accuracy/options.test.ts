import { parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toMatchObject({
      data: undefined,
      datasets: undefined,
      cases: [
        'easy',
        'strong',
        'crop',
        'thick',
        'thick5',
        'thick7.5',
        'fov',
        'lesions',
        'consolidation',
        'turned',
        't1-like',
        't2-like',
        'inverted',
        'petct-like',
        'mr-to-ct',
        'mr-follow-up',
        'mr-fat-suppressed',
        'mr-adc-like',
        'mr-inverted',
      ],
      sets: ['cmbcrc', 'crlm', 'organs', 'headneck', 'limb'],
      points: 200,
      withElastix: false,
    });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it('reads lists', () => {
    expect(parseOptions(['--sets', 'crlm, limb', '--models=a,b', '--cases', 'crop'])).toMatchObject({
      sets: ['crlm', 'limb'],
      models: ['a', 'b'],
      cases: ['crop'],
    });
  });

  it('reads datasets, and cases that only their folders know', () => {
    const options = parseOptions([
      '--dataset',
      'pantrack=/p',
      '--dataset=dirlab-4dct=/d',
      '--cases',
      'case1',
    ]);
    expect(options).toMatchObject({
      datasets: {
        folders: [
          { dataset: { name: 'pantrack' }, folder: '/p' },
          { dataset: { name: 'dirlab-4dct' }, folder: '/d' },
        ],
        cases: ['case1'],
      },
    });
    expect(parseOptions(['--deeplesion', '/d'])).toMatchObject({
      datasets: { folders: [{ dataset: { name: 'deeplesion' }, folder: '/d' }] },
    });
    expect(parseOptions(['--dataset', 'pantrack=/p'])).toMatchObject({ datasets: { cases: undefined } });
  });

  it.each([
    [['--point', '3'], /Unknown option '--point'/],
    [['--points', '0'], /whole number from 1/],
    [['--sets', 'chest'], /cmbcrc, crlm/],
    [['--cases', 'hard'], /easy, strong/],
    [['--pairs', 'pairs.json'], /needs --data/],
    [['--data', '.', '--sets', 'crlm'], /exclude each other/],
    [['--dataset', 'pantrack'], /expected pantrack=DIR/],
    [['--dataset', 'lungs=.'], /the names are dirlab-4dct/],
    [['--dataset', 'pantrack=.', '--data', '.'], /--dataset excludes --data/],
    [['--dataset', 'pantrack=.', '--sets', 'crlm'], /--dataset excludes/],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
