/** Which modalities the server's model reads. */
import { describe, expect, test } from '@jest/globals';
import { CT_MODEL } from '../testing/examples.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import { ServerModalities } from './readableModalities.ts';

const CT_MR_MODEL = { ...CT_MODEL, id: 'ct-mr', modalities: ['CT', 'MR'], default: false };

function serverWith(models: readonly object[]): FakeServer {
  return new FakeServer({ 'GET /models': () => json(200, { models }) });
}

describe('readable modalities', () => {
  test('are those of the default model, and are requested once', async () => {
    const server = serverWith([CT_MR_MODEL, CT_MODEL]);
    const modalities = new ServerModalities(server.client, undefined);
    expect(modalities.known).toBeUndefined();
    expect(await modalities.load()).toEqual(['CT']);
    expect(await modalities.load()).toEqual(['CT']);
    expect(modalities.known).toEqual(['CT']);
    expect(server.seen).toHaveLength(1);
  });

  test('are those of the model that the settings name', async () => {
    const { client } = serverWith([CT_MODEL, CT_MR_MODEL]);
    expect(await new ServerModalities(client, 'ct-mr').load()).toEqual(['CT', 'MR']);
  });

  test.each([
    ['a server without a model', [], undefined, 'has no model'],
    ['a model that the server does not have', [CT_MODEL], 'ct-pet', 'does not have the model "ct-pet"'],
  ])('%s is named', async (_name, models, model, message) => {
    const loading = new ServerModalities(serverWith(models).client, model).load();
    await expect(loading).rejects.toMatchObject({ code: 'viewer/no-model' });
    await expect(loading).rejects.toThrow(message);
  });

  test('are requested again after a failure', async () => {
    const server = new FakeServer();
    const modalities = new ServerModalities(server.client, undefined);
    await expect(modalities.load()).rejects.toMatchObject({ code: 'viewer/unreachable' });
    expect(modalities.known).toBeUndefined();
    server.routes = { 'GET /models': () => json(200, { models: [CT_MODEL] }) };
    expect(await modalities.load()).toEqual(['CT']);
  });

  test('an answer that is no list of models is refused', async () => {
    const server = new FakeServer({ 'GET /models': () => json(200, { models: 'none' }) });
    await expect(new ServerModalities(server.client, undefined).load()).rejects.toMatchObject({
      code: 'viewer/unexpected-answer',
    });
  });
});
