import { parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toMatchObject({
      data: undefined,
      cases: ['easy', 'strong', 'crop', 'thick', 'fov', 'lesions'],
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

  it.each([
    [['--point', '3'], /Unknown option '--point'/],
    [['--points', '0'], /whole number from 1/],
    [['--sets', 'chest'], /cmbcrc, crlm/],
    [['--cases', 'hard'], /easy, strong/],
    [['--pairs', 'pairs.json'], /needs --data/],
    [['--data', '.', '--sets', 'crlm'], /exclude each other/],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
