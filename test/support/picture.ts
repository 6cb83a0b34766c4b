import type { Page } from 'playwright-core';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Relative luminance, 0 to 1 (WCAG 2.2). */
export function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2). */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, bright] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (bright! + 0.05) / (dark! + 0.05);
}

/** Decoded pixels. */
export class Picture {
  readonly width: number;
  readonly height: number;
  readonly #rgba: Uint8Array;

  constructor(width: number, height: number, rgba: Uint8Array) {
    this.width = width;
    this.height = height;
    this.#rgba = rgba;
  }

  /** Decodes a file with the browser's own decoder. */
  static async decode(page: Page, file: Buffer, type: string): Promise<Picture> {
    const url = `data:${type};base64,${file.toString('base64')}`;
    const { width, height, base64 } = await page.evaluate(async (source) => {
      const image = await createImageBitmap(await (await fetch(source)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let text = '';
      for (let at = 0; at < data.length; at += 8_192)
        text += String.fromCharCode(...data.subarray(at, at + 8_192));
      return { width: image.width, height: image.height, base64: btoa(text) };
    }, url);
    return new Picture(width, height, Buffer.from(base64, 'base64'));
  }

  /** What the page shows. */
  static async of(page: Page): Promise<Picture> {
    return await Picture.decode(page, await page.screenshot(), 'image/png');
  }

  /** The colour of the pixel at a place, CSS pixels. */
  at(x: number, y: number): Rgb {
    const start = 4 * (Math.round(y) * this.width + Math.round(x));
    return [this.#rgba[start]!, this.#rgba[start + 1]!, this.#rgba[start + 2]!];
  }

  /** Number of pixels with a property. */
  count(has: (rgb: Rgb) => boolean): number {
    let count = 0;
    for (let y = 0; y < this.height; y += 1)
      for (let x = 0; x < this.width; x += 1) if (has(this.at(x, y))) count += 1;
    return count;
  }
}
