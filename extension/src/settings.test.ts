import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

describe('readSettings', () => {
  test('has defaults, so that the key can be omitted', () => {
    expect(readSettings({})).toEqual({
      settings: { serverUrl: '/samepoint/api', keepUnsavedDays: 7 },
      problems: [],
    });
    expect(readSettings(undefined).problems).toEqual([]);
  });

  test('accepts a URL, a path and a model', () => {
    const { settings, problems } = readSettings({
      samepoint: { serverUrl: 'https://a.test/api', model: 'mind-ssc', keepUnsavedDays: 0 },
    });
    expect(problems).toEqual([]);
    expect(settings).toEqual({ serverUrl: 'https://a.test/api', model: 'mind-ssc', keepUnsavedDays: 0 });
  });

  test.each([
    [
      { serverURL: '/x' },
      'samepoint.serverURL is not a setting; known settings: serverUrl, model, keepUnsavedDays',
    ],
    [{ keepUnsavedDays: -1 }, 'samepoint.keepUnsavedDays must be a number from 0 to 365, got -1'],
    [{ keepUnsavedDays: '7' }, 'samepoint.keepUnsavedDays must be a number from 0 to 365, got 7'],
    [{ serverUrl: 7 }, 'samepoint.serverUrl must be a non-empty string, got number'],
    [{ serverUrl: '' }, 'samepoint.serverUrl must be a non-empty string, got string'],
    [{ serverUrl: 'http://' }, 'samepoint.serverUrl must be a URL or a path, got "http://"'],
    ['/samepoint/api', 'samepoint must be an object, got string'],
  ])('names what is wrong in %j and uses the default', (samepoint, problem) => {
    const { settings, problems } = readSettings({ samepoint });
    expect(problems).toEqual([problem]);
    expect(settings.serverUrl).toBe('/samepoint/api');
  });
});
