/** What is read of ONNX files without onnxruntime. @module */
export { hasExternalData } from './externalData.ts';
export { WIRE, readVarint } from './protobuf.ts';
