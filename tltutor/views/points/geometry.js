// Where points are and which are near: boxes, neighbors, the middle. Pure functions.

/** @import { Box, Keep } from "../types.js" */

/** Box [left, bottom, right, top] around the points i with keep(i); null without any. @type {(xy: Float32Array, keep?: Keep) => Box | null} */
export function bounds(xy, keep = () => true) {
  /** @type {Box} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    if (!keep(i)) continue;
    box[0] = Math.min(box[0], xy[2 * i]); box[2] = Math.max(box[2], xy[2 * i]);
    box[1] = Math.min(box[1], xy[2 * i + 1]); box[3] = Math.max(box[3], xy[2 * i + 1]);
  }
  return box[0] <= box[2] ? box : null;
}

/** The box around two boxes, of which either may be null. @type {(a: Box | null, b: Box | null) => Box | null} */
export function joined(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/**
 * The nearest visible point within `radius` of (x, y), all in data units; the one drawn last wins a tie; -1 for none.
 * @type {(xy: Float32Array, x: number, y: number, radius: number, visible?: Keep) => number}
 */
export function nearest(xy, x, y, radius, visible = () => true) {
  let found = -1, least = radius * radius;
  for (let i = 0; i < xy.length / 2; i++) {
    const d = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
    if (d <= least && visible(i)) { least = d; found = i; }
  }
  return found;
}

/**
 * The next visible point from `i` toward (dx, dy): near, and rather ahead than aside; `i` itself where there is none.
 * @type {(xy: Float32Array, i: number, dx: number, dy: number, visible?: Keep) => number}
 */
export function toward(xy, i, dx, dy, visible = () => true) {
  let found = i, least = Infinity;
  for (let j = 0; j < xy.length / 2; j++) {
    const ex = xy[2 * j] - xy[2 * i], ey = xy[2 * j + 1] - xy[2 * i + 1];
    const ahead = ex * dx + ey * dy, aside = Math.abs(ex * dy - ey * dx);
    if (ahead <= 0 || ahead < aside || !visible(j)) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) { least = cost; found = j; }
  }
  return found;
}

/** Points turned by an angle in radians about the origin. @type {(xy: Float32Array, angle: number) => Float32Array} */
export function turned(xy, angle) {
  if (!angle) return xy;
  const cos = Math.cos(angle), sin = Math.sin(angle), out = new Float32Array(xy.length);
  for (let i = 0; i < xy.length; i += 2) {
    out[i] = cos * xy[i] - sin * xy[i + 1];
    out[i + 1] = sin * xy[i] + cos * xy[i + 1];
  }
  return out;
}

const TURNS = 36; // angles that are tried in half a circle
const ENOUGH = 1000; // points that tell how a cloud lies

/**
 * How many units a pixel must hold for a turned cloud to fit a picture of width x height.
 * @type {(xy: Float32Array, angle: number, width: number, height: number) => number}
 */
function scaleAt(xy, angle, width, height) {
  const box = bounds(turned(xy, angle)) ?? [0, 0, 0, 0];
  return Math.max((box[2] - box[0]) / width, (box[3] - box[1]) / height);
}

/**
 * The angle at which a cloud fills the picture best; `now` unless another makes its points `gain` times larger.
 * @type {(xy: Float32Array, now: number, width: number, height: number, gain?: number) => number}
 */
export function bestTurn(xy, now, width, height, gain = 1.15) {
  const every = Math.max(1, Math.ceil(xy.length / 2 / ENOUGH)), few = every === 1 ? xy : xy.filter((_, i) => Math.floor(i / 2) % every === 0);
  if (few.length < 4 || !width || !height) return now;
  let best = now, least = scaleAt(few, now, width, height) / gain;
  for (let i = 0; i < TURNS; i++) {
    const angle = (Math.PI * i) / TURNS, scale = scaleAt(few, angle, width, height);
    if (scale < least) { least = scale; best = angle; }
  }
  return best;
}

/** The middle of the values (the lower one of two). @type {(values: ArrayLike<number>) => number} */
export function median(values) {
  return values.length ? Float64Array.from(values).sort()[(values.length - 1) >> 1] : NaN;
}

/** Whether several points all lie in one place. @type {(xy: Float32Array) => boolean} */
export function isFlat(xy) {
  return xy.length > 2 && xy.every((value, i) => value === xy[i % 2]);
}
