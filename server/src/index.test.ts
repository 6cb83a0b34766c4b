import * as server from './index.ts';

describe('@samepoint/server', () => {
  it('exports this and nothing else: a change here is a change of the public API', () => {
    expect(Object.keys(server).sort()).toEqual([
      'JobStore',
      'SamepointError',
      'buildTimePointReport',
      'catalogue',
      'configLeaves',
      'createApp',
      'createDicomwebClient',
      'createEmbedder',
      'createEmbeddingCache',
      'createFrameDecoder',
      'createMatcher',
      'createSamepoint',
      'embeddingKey',
      'isSamepointError',
      'loadConfig',
      'loadModels',
      'lpsPoint',
      'matchPoints',
      'readVolume',
      'resample',
      'startServer',
      'toLps',
      'voxelIndex',
      'workingGrid',
    ]);
  });
});
