// Trails: where points were in the last frames, as lines that fade with age.

/** @import { Scene } from "../types.js" */

const MOST = 900; // trails drawn at most, evenly taken from the rows

/** The last places of all points; push() a frame's positions, draw() the lines of some rows. */
export class Trails {
  /** @type {Float32Array[]} */
  places = [];
  step = -Infinity;

  constructor(length = 8) { this.length = length; }

  clear() { this.places = []; this.step = -Infinity; }

  /** A step back in time, or another number of points, begins anew. @type {(xy: Float32Array, step: number) => void} */
  push(xy, step) {
    if (step < this.step || (this.places.length && this.places[0].length !== xy.length)) this.places = [];
    this.step = step;
    this.places.push(xy);
    if (this.places.length > this.length) this.places.shift();
  }

  /**
   * The stations a line passes, oldest first; the last is where the points are now, on the way to the newest frame.
   * @type {(now: Float32Array) => Float32Array[]}
   */
  stations(now) { return [...this.places.slice(0, -1), now]; }

  /** @type {(context: CanvasRenderingContext2D, scene: Scene, rows: number[]) => void} */
  draw(context, { points, frame, viewport, colors, look }, rows) {
    const stations = this.stations(frame.motion.now), groups = byClass(points.labels, thinned(rows, MOST));
    context.lineWidth = look.presenter ? 2 : 1.2;
    context.lineCap = "round";
    for (let age = 1; age < stations.length; age++) {
      context.globalAlpha = 0.75 * (age / (stations.length - 1)) ** 1.5;
      for (const [label, list] of groups) {
        context.strokeStyle = colors[label] ?? "#8c8c8c";
        strokeSteps(context, viewport, list, [stations[age - 1], stations[age]]);
      }
    }
    context.globalAlpha = 1;
  }
}

/** At most `most` of the rows, evenly taken. @type {(rows: number[], most: number) => number[]} */
export function thinned(rows, most) {
  const stride = Math.ceil(rows.length / most);
  return stride > 1 ? rows.filter((_, at) => at % stride === 0) : rows;
}

/** @type {(labels: Int16Array, rows: number[]) => Map<number, number[]>} */
function byClass(labels, rows) {
  const groups = new Map();
  for (const i of rows) if (!groups.get(labels[i])?.push(i)) groups.set(labels[i], [i]);
  return groups;
}

/** @type {(context: CanvasRenderingContext2D, viewport: Scene["viewport"], rows: number[], stations: [from: Float32Array, to: Float32Array]) => void} */
function strokeSteps(context, { view, width, height }, rows, [from, to]) {
  const left = width / 2 - view.x / view.k, top = height / 2 + view.y / view.k;
  context.beginPath();
  for (const i of rows) {
    context.moveTo(left + from[2 * i] / view.k, top - from[2 * i + 1] / view.k);
    context.lineTo(left + to[2 * i] / view.k, top - to[2 * i + 1] / view.k);
  }
  context.stroke();
}
