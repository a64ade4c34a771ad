// What is inside a stage, small: its output for one point, or which class each place of the plane is nearest to there.
import { decode } from "./map.js";
import { isDark, palette } from "./points/colors.js";
import { brushOf, element } from "./points/elements.js";
/** @import { Bytes, Channel, NetworkValues } from "./types.js" */
/** @typedef {{ images: Uint8Array, count: number, width: number, height: number }} Inside A stage's output: gray images. */

const PICTURE_TALL = 30; // pixels of a picture's height
const CHANNELS = 4; // channels side by side

/**
 * The kernel's {shapes} and one buffer of bytes, as one {images, count, width, height} a stage.
 * @type {(content: { shapes: number[][] }, view?: Bytes | null) => Inside[]}
 */
export function insideOf({ shapes }, view) {
  const bytes = decode(view, Uint8Array);
  let at = 0;
  return shapes.map(([count, height, width]) => {
    const images = bytes.subarray(at, at + count * height * width);
    at += count * height * width;
    return { images, count, width, height };
  });
}

/**
 * The gray values of at most CHANNELS channels side by side, a dark column between two: {values, width, height}.
 * @type {(inside: Inside, most?: number) => { values: Uint8Array, width: number, height: number }}
 */
export function abreast({ images, count, width, height }, most = CHANNELS) {
  const shown = Math.min(count, most), wide = shown * (width + 1) - 1, values = new Uint8Array(wide * height);
  for (let k = 0; k < shown; k++) for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    values[y * wide + k * (width + 1) + x] = images[(k * height + y) * width + x];
  }
  return { values, width: wide, height };
}

/**
 * A canvas with these pixels, [red, green, blue] of each by pixel(i), shown PICTURE_TALL pixels high at most.
 * @type {(names: string, width: number, height: number, pixel: (i: number) => number[]) => HTMLCanvasElement}
 */
function painted(names, width, height, pixel) {
  const canvas = element("canvas", names), context = brushOf(canvas), data = new ImageData(width, height);
  canvas.width = width; canvas.height = height;
  for (let i = 0; i < width * height; i++) data.data.set([...pixel(i), 255], 4 * i);
  context.putImageData(data, 0, 0);
  canvas.style.height = `${height === 1 ? PICTURE_TALL / 2 : PICTURE_TALL}px`;
  canvas.setAttribute("aria-hidden", "true"); // its point is read aloud
  return canvas;
}

/** A stage's output for one point: its most active channels, or its units in a row. @type {(inside: Inside) => HTMLCanvasElement} */
export function outputPicture(inside) {
  const { values, width, height } = abreast(inside);
  return painted("tlt-net-output", width, height, (i) => [values[i], values[i], values[i]]);
}

/**
 * The fields of all stages, a grid of classes each, first row at the bottom; [] where there are none.
 * @type {(model: Channel<NetworkValues>, stages: number) => Int16Array[]}
 */
export function fieldsOf(model, stages) {
  const all = decode(model.get("fields"), Int16Array), size = Math.sqrt(all.length / stages);
  return Number.isInteger(size) && size > 0 ? Array.from({ length: stages }, (_, s) => all.subarray(s * size * size, (s + 1) * size * size)) : [];
}

/**
 * Red, green and blue of each of a field's cells as it is seen, the first at the top left.
 * @type {(field: Int16Array, colors: string[]) => number[][]}
 */
export function fieldPixels(field, colors) {
  const size = Math.sqrt(field.length);
  return Array.from({ length: field.length }, (_, i) => {
    const y = Math.floor(i / size), color = colors[field[(size - 1 - y) * size + (i % size)]] ?? "#8c8c8c";
    return [1, 3, 5].map((at) => Math.round(0.45 * 255 + 0.55 * Number.parseInt(color.slice(at, at + 2), 16)));
  });
}

/** Which class each place of the plane is nearest to in a stage. @type {(field: Int16Array, classes: number, root: Element) => HTMLCanvasElement} */
export function fieldPicture(field, classes, root) {
  const size = Math.sqrt(field.length), pixels = fieldPixels(field, palette(classes, isDark(getComputedStyle(root).backgroundColor)));
  return painted("tlt-net-field", size, size, (i) => pixels[i]);
}
