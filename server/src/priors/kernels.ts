/**
 * Convolution Kernel (0018,1210) has no defined terms: each vendor has names of its own.
 * @module
 */

/** Whether a kernel is made for soft tissue, or for lung and bone. */
export type KernelClass = 'soft' | 'sharp';

/** Canon FC kernels from here on are for bone and lung; those below for the body and the brain. */
const SHARP_CANON = 30;
/** Siemens kernels from here on are sharp (B50f, Br64, Bl57); their numbers grow with the resolution. */
const SHARP_SIEMENS = 50;

/** Names of GE and Philips kernels. */
const NAMED: readonly (readonly [RegExp, KernelClass])[] = [
  [/^(?:LUNG|BONE|BONEPLUS|EDGE|ULTRA|CHST)\b/u, 'sharp'],
  [/^(?:SOFT|STANDARD|STND)\b/u, 'soft'],
  [/^(?:L|D|E|F|YC|YD)$/u, 'sharp'],
  [/^(?:A|B|UA|UB)$/u, 'soft'],
];

/** The class of a kernel; undefined where its name says nothing. */
export function kernelClassOf(kernel: string | undefined): KernelClass | undefined {
  const name = kernel?.trim().toUpperCase() ?? '';
  const canon = /^FC(\d{2})/u.exec(name)?.[1];
  if (canon !== undefined) return Number(canon) >= SHARP_CANON ? 'sharp' : 'soft';
  const siemens = /^[A-Z]{1,2}(\d{2})/u.exec(name)?.[1];
  if (siemens !== undefined) return Number(siemens) >= SHARP_SIEMENS ? 'sharp' : 'soft';
  return NAMED.find(([pattern]) => pattern.test(name))?.[1];
}
