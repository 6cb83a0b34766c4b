/** Execution providers of onnxruntime that can be requested. */
export const EXECUTION_PROVIDERS = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];
