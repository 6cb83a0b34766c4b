/**
 * Which execution provider runs the models, and what the others lack on this machine.
 * @module
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { hasLibrary, thisGraphicsMachine, webgpuLacks } from '../inference/index.ts';
import type { GraphicsMachine } from '../inference/index.ts';
import { EXECUTION_PROVIDERS } from '../model/index.ts';
import type { ExecutionProvider } from '../model/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';

/** What is looked for on a machine; tests give their own. */
export interface Machine extends GraphicsMachine {
  readonly arch: string;
  exists(path: string): boolean;
  /** Folder of the libraries of onnxruntime. */
  readonly runtimeFolder: string;
}

/** Which provider the inference process runs, and what onnxruntime said of those before it. */
export interface ProviderReport {
  readonly running: ExecutionProvider | undefined;
  readonly refused: readonly { readonly provider: ExecutionProvider; readonly reason: string }[];
}

/** What the CUDA provider of onnxruntime loads. */
const CUDA_LIBRARIES = ['libcudart.so', 'libcublas.so', 'libcublasLt.so', 'libcudnn.so', 'libcufft.so'];

function runtimeFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(dirname(main)), 'bin/napi-v6', process.platform, process.arch);
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    ...thisGraphicsMachine(),
    arch: process.arch,
    exists: existsSync,
    runtimeFolder: runtimeFolder(),
  };
}

function cudaLacks(machine: Machine): readonly string[] {
  // Of onnxruntime-node there is a CUDA provider for no other platform.
  if (machine.platform !== 'linux' || machine.arch !== 'x64') return ['CUDA is there on Linux x64 only'];
  const provider = join(machine.runtimeFolder, 'libonnxruntime_providers_cuda.so');
  const missing = CUDA_LIBRARIES.filter((one) => !hasLibrary(machine, one));
  return [
    ...(machine.exists(provider)
      ? []
      : ['the CUDA provider of onnxruntime is not installed ("npm run setup -- --gpu cuda")']),
    ...(!machine.exists('/proc/driver/nvidia/version') ? ['no driver of NVIDIA is loaded'] : []),
    ...(missing.length === 0 ? [] : [`libraries of CUDA are missing: ${missing.join(', ')}`]),
  ];
}

/** What a provider lacks on a machine, as far as it can be seen from outside. */
export function lacksOf(provider: ExecutionProvider, machine: Machine): readonly string[] {
  switch (provider) {
    case 'cuda':
      return cudaLacks(machine);
    case 'webgpu':
      return webgpuLacks(machine);
    case 'coreml':
      return machine.platform === 'darwin' ? [] : ['Core ML is there on macOS only'];
    case 'dml':
      return machine.platform === 'win32' ? [] : ['DirectML is there on Windows only'];
    case 'cpu':
      return [];
  }
}

/** The last line of what onnxruntime says: before it are places in its source. */
function lastWords(reason: string): string {
  return (
    reason
      .split('\n')
      .at(-1)
      ?.split(/ was false\. /u)
      .at(-1)
      ?.trim() ?? reason
  );
}

function providerCheck(
  provider: ExecutionProvider,
  { running, refused }: ProviderReport,
  configured: readonly string[],
  machine: Machine,
): Check {
  const name = `provider ${provider}`;
  if (provider === running) return ok(name, 'runs the models');
  const refusal = refused.find((one) => one.provider === provider);
  const lacks = lacksOf(provider, machine);
  // WebGPU is not tried where it lacks something: there onnxruntime has said nothing.
  const isSaid = refusal !== undefined && refusal.reason !== lacks.join('; ');
  const why = [...lacks, ...(isSaid ? [`onnxruntime: ${lastWords(refusal.reason)}`] : [])];
  if (!configured.includes(provider)) {
    return ok(name, `not in embedding.providers${lacks.length === 0 ? '' : `; ${lacks.join('; ')}`}`);
  }
  if (refusal === undefined) return ok(name, 'not tried: one before it runs');
  // Those that can never run here are in the default list for other machines.
  const isForeign = why.some((one) => one.endsWith(' only'));
  return isForeign
    ? ok(name, why[0] ?? '')
    : warning(
        name,
        `does not run: ${why.join('; ')}`,
        'Install what is missing, or remove it from embedding.providers.',
      );
}

/** One check for each provider; the first one says whether any runs. */
export function providerChecks(
  report: ProviderReport,
  configured: readonly ExecutionProvider[],
  machine: Machine,
): readonly Check[] {
  const all = EXECUTION_PROVIDERS.map((provider) => providerCheck(provider, report, configured, machine));
  const running =
    report.running === undefined
      ? failed('execution provider', 'none runs the models', 'See the providers below.')
      : ok('execution provider', `${report.running} runs the models`);
  return [running, ...all];
}
