import { api, manifest } from './api.ts';
import { checkpoint, pickle } from './checkpoint.ts';
import { dicomJson, fileMeta, multipart, texts } from './dicomweb.ts';
import { charls, codec, image, nifti, volume } from './images.ts';
import { archive, sr, storeAnswer } from './reports.ts';
import type { Target } from './target.ts';

/** What a run goes through where it names no target: all that other machines or other people send to a server. */
export const TARGETS: readonly Target[] = [
  image,
  codec,
  charls,
  volume,
  sr,
  archive,
  storeAnswer,
  multipart,
  dicomJson,
  texts,
  fileMeta,
  nifti,
  api,
  manifest,
];

/** Files that an administrator chooses to import: run by name. */
const ON_DEMAND: readonly Target[] = [pickle, checkpoint];

/** A target by its name. */
export function targetOf(name: string): Target {
  const all = [...TARGETS, ...ON_DEMAND];
  const found = all.find((target) => target.name === name);
  if (found === undefined)
    throw new Error(`no target ${name}; there are ${all.map((one) => one.name).join(', ')}`);
  return found;
}
