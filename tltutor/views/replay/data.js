// A packed run, read: texts to bytes, whole numbers to coordinates, steps to frames. Pure functions.
/** @import { Box, Change, PackedBoard, PackedFrames, PackedLines, PackedLooks, PackedPoints, PackedRegions, Place2D, ReadLook, Run, SettingValue, Tick } from "../types.js" */

const UNKNOWN_LEVEL = 255;

/** A run with every {zlib: base64} in it inflated to bytes. @type {(packed: any) => Promise<any>} */
export async function inflated(packed) {
  if (Array.isArray(packed)) return packed.some((inner) => typeof inner === "object") ? Promise.all(packed.map(inflated)) : packed;
  if (!packed || typeof packed !== "object") return packed;
  if (typeof packed.zlib === "string") return bytesOf(packed.zlib);
  return Object.fromEntries(await Promise.all(Object.entries(packed).map(async ([name, inner]) => [name, await inflated(inner)])));
}

/** @type {(text: string) => Promise<Uint8Array>} */
async function bytesOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** All that is asked of an inflated run, read. @param {Run} run */
export function readRun(run) {
  const { n } = run.points, points = packedPoints(run.points);
  return {
    run, points, frames: framesIn(run.frames, n), look: looksIn(run.looks, n), regions: regionsIn(run.regions),
    truth: { labels: new Int16Array(points.labels.slice().buffer), isTarget: points.is_target },
    near: run.near ? new Int16Array(run.near.buffer) : null,
  };
}

const NOTHING = new Uint8Array(0);

/** uint16 frames from how each differs from the one before: all low bytes, then all high ones; `width` numbers a frame. @type {(bytes: Uint8Array, width: number) => Uint16Array} */
export function fromPlanes(bytes, width) {
  const size = bytes.length / 2, values = new Uint16Array(size);
  for (let i = 0; i < size; i++) values[i] = bytes[i] + 256 * bytes[size + i] + (i >= width ? values[i - width] : 0); // modulo 65536
  return values;
}

/** The map's values about its points, as a kernel would send them. @param {PackedPoints} points */
export function packedPoints({ labels, isTarget, vectors, sprites, n, classes, domains, tile, width = 0, texts, version = 1 }) {
  return {
    about: { n, classes, domains, tile, width, texts }, version,
    labels, is_target: isTarget, vectors: vectors ?? NOTHING, sprites: sprites ?? NOTHING,
  };
}

/**
 * The frames of a map with n points: count, steps, looks (the number of the look that each shows) and xy(i).
 * @param {PackedFrames} frames
 * @param {number} n
 */
export function framesIn({ xy, steps, boxes, looks }, n) {
  const places = fromPlanes(xy, 2 * n);
  return { count: steps.length, steps, looks, xy: (/** @type {number} */ i) => unquantized(places.subarray(2 * n * i, 2 * n * (i + 1)), boxes[i]) };
}

/** @typedef {{ regions: Uint8Array, extent: Box }} Behind Decision regions behind a frame: their grid's bytes, none where there are none. */
/** @type {Behind} */
const PLAIN = { regions: NOTHING, extent: [0, 0, 1, 1] };

/** What is behind frame i. @type {(regions: PackedRegions | null) => (i: number) => Behind} */
export function regionsIn(regions) {
  if (!regions) return () => PLAIN;
  const { frames, side, boxes, grids } = regions, width = side * side, all = fromPlanes(grids, width);
  return (i) => {
    const k = frames[i];
    return k < 0 ? PLAIN : { regions: new Uint8Array(all.buffer, 2 * width * k, 2 * width), extent: boxes[k] };
  };
}

/** What look k at the network says: predictions, numbers by name, the flow at each stage, and what is known of each point. @type {(looks: PackedLooks, n: number) => (k: number) => ReadLook} */
export function looksIn({ predictions, bytes, names, numbers, flow, values, marked, lines }, n) {
  const linesOf = linesIn(lines), guesses = bytes === 1 ? predictions : new Int16Array(predictions.buffer);
  /** @param {number} k */
  const guessesOf = (k) => guesses.subarray(n * k, n * (k + 1));
  return (k) => ({
    predictions: Int16Array.from(guessesOf(k)),
    numbers: byName(names, numbers[k]),
    flow: flow[k],
    lines: linesOf(k),
    values: {
      ...Object.fromEntries(Object.entries(values).map(([name, { low, high, levels }]) => [name, fromLevels(levels.subarray(n * k, n * (k + 1)), low, high)])),
      changed: Float32Array.from(guessesOf(k), (guess, i) => Number(guess !== guessesOf(marked[k])[i])),
    },
  });
}

/** The transport plan of look k: source row, target row and share of the mass of each line; empty where it has none. @type {(lines: PackedLines | null) => (k: number) => Float32Array} */
export function linesIn(lines) {
  if (!lines) return () => new Float32Array(0);
  const { counts, most, levels } = lines, rows = new Uint16Array(lines.rows.buffer);
  return (k) => {
    const first = counts.slice(0, k).reduce((sum, count) => sum + count, 0), found = new Float32Array(3 * counts[k]);
    for (let i = 0; i < counts[k]; i++) found.set([rows[first + i], rows[levels.length + first + i], (most[k] * levels[first + i]) / 255], 3 * i);
    return found;
  };
}

/**
 * {name: value} of two lists; what is unknown is left out.
 * @template Value
 * @param {string[]} names
 * @param {(Value | null)[]} values
 * @returns {Record<string, Value>}
 */
export function byName(names, values) {
  /** @type {Record<string, Value>} */
  const found = {};
  names.forEach((name, i) => { const value = values[i]; if (value !== null) found[name] = value; });
  return found;
}

/** Numbers from levels 0..254 between low and high; NaN where the level says that the number is unknown. @type {(levels: Uint8Array, low: number, high: number) => Float32Array} */
export function fromLevels(levels, low, high) {
  return Float32Array.from(levels, (level) => (level === UNKNOWN_LEVEL ? NaN : low + ((high - low) * level) / 254));
}

/** Coordinates from whole numbers 0..65535 within a box [left, bottom, width, height]. @type {(places: Uint16Array, box: Place2D) => Float32Array} */
export function unquantized(places, [left, bottom, width, height]) {
  const xy = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    xy[i] = left + (width * places[i]) / 65535;
    xy[i + 1] = bottom + (height * places[i + 1]) / 65535;
  }
  return xy;
}

/** The first frame that was computed with what changed at `step`; the last frame where none was. @type {(steps: number[], step: number) => number} */
export function frameOfChange(steps, step) {
  const found = steps.findIndex((at) => at >= step);
  return found < 0 ? steps.length - 1 : found;
}

/** The last frame that was taken until a step; the first one where none was. @type {(steps: number[], step: number) => number} */
export function frameUntil(steps, step) {
  let found = 0;
  while (found + 1 < steps.length && steps[found + 1] <= step) found++;
  return found;
}

/** What was changed since the frame before frame i, in words. @type {(changes: Change[], steps: number[], i: number) => string} */
export function changedSince(changes, steps, i) {
  const after = i > 0 ? steps[i - 1] : -1;
  return changes.filter(([step]) => step > after && step <= steps[i]).map(([, text]) => text).join(", ");
}

/** What the settings were set to at a step: where they began, and what was changed until then. @type {(board: PackedBoard, step: number) => Record<string, SettingValue>} */
export function settingsAt({ values, changes }, step) {
  const now = { ...values };
  for (const [at, name, value] of changes) if (at <= step) now[name] = value;
  return now;
}

/**
 * What the timeline's ticks are: [frame, text, "change"], what fell on one frame together.
 * @type {(changes: Change[], steps: number[], say: (step: number, text: string) => string) => Tick[]}
 */
export function ticksOf(changes, steps, say) {
  /** @type {Map<number, string[]>} */
  const found = new Map();
  for (const [step, text] of changes) {
    const at = frameOfChange(steps, step);
    found.set(at, [...(found.get(at) ?? []), say(step, text)]);
  }
  return [...found].sort(([a], [b]) => a - b).map(([at, texts]) => /** @type {Tick} */ ([at, texts.join("; "), "change"]));
}

/**
 * The rows of one domain's labeled points whose prediction is another class.
 * @type {(truth: { labels: Int16Array, isTarget: Uint8Array }, predictions: Int16Array, target: boolean) => number[]}
 */
export function wrongRows({ labels, isTarget }, predictions, target) {
  return Array.from(labels.keys()).filter((i) => Boolean(isTarget[i]) === target && labels[i] >= 0 && labels[i] !== predictions[i]);
}

/**
 * The target rows whose prediction differs between two looks.
 * @type {(truth: { isTarget: Uint8Array }, before: Int16Array, here: Int16Array) => number[]}
 */
export function changedRows({ isTarget }, before, here) {
  return Array.from(here.keys()).filter((i) => isTarget[i] && before[i] !== here[i]);
}

/** Frames a second at which a run of so many frames takes about 25 seconds, within what an eye can follow. @type {(count: number) => number} */
export function paceOf(count) {
  return Math.min(Math.max(count / 25, 3), 12);
}
