export { pictureOf } from './picture.ts';
export { toPng } from './png.ts';
