// A point's own picture, cut from the sheet that holds all of them.
import { brushOf } from "./elements.js";
/** @import { Pictured, Points } from "../types.js" */
/** @typedef {{ row: number, label: number, values: Uint8Array, width: number, height: number }} ClassMap Where a point's image speaks for a class. */

const DARK = 0.75; // how dark a place is that says nothing for the class

/**
 * Load the sheet of these points' pictures, if they have one; the points, with `picture` and its `address`.
 * @type {(points: Points, loaded?: () => void) => Points}
 */
export function openPicture(points, loaded = () => {}) {
  if (!points.sprites?.byteLength) return points;
  points.address = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (points.sprites)], { type: "image/png" }));
  points.picture = new Image();
  points.picture.onload = loaded;
  points.picture.src = points.address;
  return points;
}

/** Let go of what `openPicture` loaded. @type {(points?: Points | null) => void} */
export function closePicture(points) {
  if (points?.address) URL.revokeObjectURL(points.address);
}

/** The pixels of a shade that leaves bright what speaks for the class: black, the less of it the larger the value. @type {(values: Uint8Array) => Uint8ClampedArray<ArrayBuffer>} */
export function shade(values) {
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => { pixels[4 * i + 3] = Math.round(DARK * (255 - value)); });
  return pixels;
}

/** Lay the shade over a picture, without edges between its few places. @type {(canvas: HTMLCanvasElement, found: ClassMap) => void} */
function darken(canvas, { values, width, height }) {
  const small = document.createElement("canvas"), context = brushOf(canvas);
  small.width = width; small.height = height;
  brushOf(small).putImageData(new ImageData(shade(values), width, height), 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/**
 * A canvas with point i's picture, enlarged to about `size` pixels with its pixels left as they are; found: what in it stays bright.
 * @type {(points: Pictured, i: number, size: number, found?: ClassMap | null) => HTMLCanvasElement}
 */
export function thumbnail(points, i, size, found = null) {
  const [columns, width, height] = points.tile, canvas = document.createElement("canvas"), { picture } = points;
  const grow = Math.max(1, Math.floor(size / Math.max(width, height)));
  canvas.width = width * grow; canvas.height = height * grow;
  const paint = () => {
    const context = brushOf(canvas);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, (i % columns) * width, Math.floor(i / columns) * height, width, height, 0, 0, canvas.width, canvas.height);
    if (found) darken(canvas, found);
  };
  if (picture.complete) paint(); else picture.addEventListener("load", paint, { once: true });
  return canvas;
}
