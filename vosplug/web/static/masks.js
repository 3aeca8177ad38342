// Masks of a frame: decoding, drawing, and the run lengths in which they are sent.

export const VOID = 255;

const FIRST_COLOURS = [
  [255, 93, 93], [61, 220, 132], [77, 163, 255], [255, 176, 32],
  [199, 125, 255], [45, 212, 212], [255, 122, 198], [184, 214, 43],
];

/** Colour of the n-th object of a video, as [r, g, b]. */
export function colour(n) {
  if (n < FIRST_COLOURS.length) return FIRST_COLOURS[n];
  const hue = (n * 137.5) % 360;
  const channel = (k) => {
    const x = (k + hue / 30) % 12;
    return Math.round(255 * (0.62 - 0.34 * Math.max(-1, Math.min(x - 3, 9 - x, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

export const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

/** Id mask of run lengths: value, length, value, length, ... */
export function decodeRuns(runs, size) {
  const mask = new Uint8Array(size);
  let at = 0;
  for (let k = 0; k < runs.length; k += 2) {
    mask.fill(runs[k], at, at + runs[k + 1]);
    at += runs[k + 1];
  }
  return mask;
}

/** Run lengths of a mask of 0 and 1, column by column, beginning with 0. */
export function encodeCounts(mask, width, height) {
  const counts = [];
  let value = 0;
  let length = 0;
  for (let x = 0; x < width; x++) {
    for (let at = x; at < width * height; at += width) {
      if (mask[at] !== value) {
        counts.push(length);
        value = mask[at];
        length = 0;
      }
      length++;
    }
  }
  counts.push(length);
  return counts;
}

/** Pixels of an object as a mask of 0 and 1. */
export function objectMask(ids, object) {
  const mask = new Uint8Array(ids.length);
  for (let k = 0; k < ids.length; k++) mask[k] = ids[k] === object ? 1 : 0;
  return mask;
}

/** A canvas of a size. */
export function makeCanvas(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** Mask of 0 and 1 of what a path covers; `draw` gets a context in the frame's pixels. */
export function rasterise(width, height, draw) {
  const canvas = makeCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  draw(context);
  const data = context.getImageData(0, 0, width, height).data;
  const mask = new Uint8Array(width * height);
  for (let k = 0; k < mask.length; k++) mask[k] = data[4 * k + 3] > 127 ? 1 : 0;
  return mask;
}

/** Two canvases of an id mask: areas, and outlines. `place` gives the number of an object's colour. */
export function paintMask(ids, width, height, place, chosen) {
  const areas = new ImageData(width, height);
  const lines = new ImageData(width, height);
  for (let y = 0, k = 0; y < height; y++) {
    for (let x = 0; x < width; x++, k++) {
      const id = ids[k];
      const right = x + 1 < width ? ids[k + 1] : id;
      const below = y + 1 < height ? ids[k + width] : id;
      if (id !== right || id !== below) {
        const seen = id && id !== VOID ? id : right && right !== VOID && right !== id ? right : below || id;
        if (seen && seen !== VOID) paintPixel(lines.data, k, colour(place(seen)), seen === chosen ? 255 : 190);
      }
      if (!id) continue;
      if (id === VOID) {
        if ((x + y) % 8 < 3) paintPixel(areas.data, k, [225, 225, 225], 235);
        else paintPixel(areas.data, k, [20, 20, 20], 120);
      } else {
        paintPixel(areas.data, k, colour(place(id)), 255);
      }
    }
  }
  return [areas, lines].map((image) => {
    const canvas = makeCanvas(width, height);
    canvas.getContext('2d').putImageData(image, 0, 0);
    return canvas;
  });
}

function paintPixel(data, k, [r, g, b], alpha) {
  data[4 * k] = r;
  data[4 * k + 1] = g;
  data[4 * k + 2] = b;
  data[4 * k + 3] = alpha;
}
