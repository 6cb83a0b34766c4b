import { api, manifest, timePoints } from './api.ts';
import { checkpoint, pickle } from './checkpoint.ts';
import { dicomJson, fileMeta, multipart, texts } from './dicomweb.ts';
import { charls, codec, image, nifti, openjph, volume } from './images.ts';
import { priors } from './priors.ts';
import { archive, findings, sr, storeAnswer } from './reports.ts';
import type { Target } from './target.ts';

/** What a run goes through where it names no target: all that other machines or other people send, or give to import. */
export const TARGETS: readonly Target[] = [
  image,
  codec,
  charls,
  openjph,
  volume,
  sr,
  findings,
  priors,
  archive,
  storeAnswer,
  multipart,
  dicomJson,
  texts,
  fileMeta,
  nifti,
  api,
  timePoints,
  manifest,
  pickle,
  checkpoint,
];

/** A target by its name. */
export function targetOf(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined)
    throw new Error(`no target ${name}; there are ${TARGETS.map((one) => one.name).join(', ')}`);
  return found;
}
