/** Those that run a model elsewhere than on the CPU. */
export const ACCELERATORS = ['cuda', 'webgpu', 'coreml', 'dml'] as const;
/** Execution providers of onnxruntime that can be requested. */
export const EXECUTION_PROVIDERS = [...ACCELERATORS, 'cpu'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];
