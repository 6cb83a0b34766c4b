export { guardDicomweb } from './guardDicomweb.ts';
export { proxyDicomweb } from './proxyDicomweb.ts';
export { serveViewer } from './serveViewer.ts';
