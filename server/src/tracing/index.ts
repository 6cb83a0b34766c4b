export { openTracing } from './exporter.ts';
