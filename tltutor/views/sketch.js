// A curve to draw: a handle for each place of x, moved with the pointer or the arrow keys; what a run did is drawn over it.
import { element } from "./points/elements.js";

const WIDTH = 460, HEIGHT = 220, LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 40;
const SVG = "http://www.w3.org/2000/svg";
/**
 * @import { FieldPlace, Pair } from "./types.js"
 * @typedef {ReturnType<typeof scales>} Scale
 */

/**
 * Pixels of a place on the pad, from x and y.
 * @type {(xs: number[], bounds: Pair) => { x: (x: number) => number, y: (y: number) => number, back: (py: number) => number }}
 */
export function scales(xs, [low, high]) {
  const [first, last] = [xs[0], xs[xs.length - 1]];
  return {
    x: (x) => LEFT + ((x - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT),
    y: (y) => HEIGHT - BOTTOM - ((y - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM),
    back: (py) => Math.min(high, Math.max(low, low + ((HEIGHT - BOTTOM - py) / (HEIGHT - TOP - BOTTOM)) * (high - low))),
  };
}

/** The handle nearest to a pixel from the left. @type {(xs: number[], scale: Scale, px: number) => number} */
export function nearest(xs, scale, px) {
  const far = xs.map((x) => Math.abs(scale.x(x) - px));
  return far.indexOf(Math.min(...far));
}

/**
 * Values after a stroke from handle i to handle j: those between lie on the straight line.
 * @type {(values: (number | null)[], from: Pair, to: Pair) => (number | null)[]}
 */
export function stroke(values, [i, vi], [j, vj]) {
  const next = [...values], steps = Math.abs(j - i), to = Math.sign(j - i);
  next[i] = vi;
  for (let s = 1; s <= steps; s += 1) next[i + s * to] = vi + ((vj - vi) * s) / steps;
  return next;
}

/** A handle's value after a key; null where the key is none of ours. @type {(value: number | null, key: string, bounds: Pair) => number | null} */
export function keyed(value, key, [low, high]) {
  const step = (high - low) / 20, now = value ?? (low + high) / 2;
  /** @type {Record<string, number>} */
  const moved = { ArrowUp: now + step, ArrowDown: now - step, PageUp: now + 4 * step, PageDown: now - 4 * step, Home: low, End: high, Enter: now, " ": now };
  return key in moved ? Math.min(high, Math.max(low, moved[key])) : null;
}

/** @type {<Tag extends keyof SVGElementTagNameMap>(name: Tag, attributes?: object, parent?: Element | null) => SVGElementTagNameMap[Tag]} */
function make(name, attributes = {}, parent = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  parent?.append(element);
  return element;
}

/** @type {(points: Pair[]) => string} */
const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** The grid, and what it says; returns what names the x axis. @type {(svg: Element, xs: number[], bounds: Pair, scale: Scale) => SVGTextElement} */
function frame(svg, xs, [low, high], scale) {
  for (const y of [low, (low + high) / 2, high]) {
    make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: scale.y(y), y2: scale.y(y), class: "tlt-grid" }, svg);
    make("text", { x: LEFT - 14, y: scale.y(y) + 4, "text-anchor": "end" }, svg).textContent = String(Number(y.toPrecision(3)));
  }
  for (const x of [xs[0], xs[xs.length - 1]])
    make("text", { x: scale.x(x), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, svg).textContent = String(Number(x.toPrecision(3)));
  return make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 7, "text-anchor": "middle" }, svg);
}

/** A pad, made when the field's places are known. @type {FieldPlace} */
export function sketchField(place, { choose }) {
  const title = element("div", "tlt-sketch-name", place), svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "tlt-sketch" }, place);
  const says = element("div", "tlt-sketch-help", place);
  /** @type {ReturnType<typeof padIn> | null} */
  let pad = null;
  return ({ xs = [], bounds = [0, 1], words = {} }, draft, closed, truth) => {
    pad ??= padIn(svg, xs, bounds, choose);
    title.textContent = words.y ?? "";
    says.textContent = (truth.length ? words.truth : words.help) ?? "";
    pad(draft ?? xs.map(() => null), words, closed, truth);
  };
}

/**
 * Curves and handles; returns what draws these values.
 * @type {(svg: SVGSVGElement, xs: number[], bounds: Pair, choose: (values: (number | null)[]) => void) =>
 *   (values: (number | null)[], words: Record<string, string>, closed: boolean, truth: Pair[]) => void}
 */
function padIn(svg, xs, bounds, choose) {
  const [low, high] = bounds, scale = scales(xs, bounds), below = frame(svg, xs, bounds, scale);
  const run = make("path", { class: "tlt-truth" }, svg), curve = make("path", { class: "tlt-drawn" }, svg);
  const handles = xs.map((x) => make("circle", { r: 8, cx: scale.x(x), tabindex: 0, role: "slider" }, svg));
  /** @type {(number | null)[]} */
  let values = [];
  let locked = false;

  handles.forEach((handle, i) => handle.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const value = keyed(values[i], event.key, bounds);
    if (!side && (value === null || locked)) return;
    event.preventDefault();
    if (side) handles[i + side]?.focus();
    else choose(values.map((v, j) => (j === i ? value : v)));
  }));

  /** @type {Pair | null} */
  let last = null; // the handle and value that a stroke of the pointer came from
  /** @type {(event: PointerEvent) => Pair} */
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * WIDTH, py = ((event.clientY - box.top) / box.height) * HEIGHT;
    return [nearest(xs, scale, px), scale.back(py)];
  };
  /** @type {(event: PointerEvent) => void} */
  const drag = (event) => {
    if (locked || !last) return;
    const now = at(event);
    choose(stroke(values, last, now));
    last = now;
  };
  svg.addEventListener("pointerdown", (event) => { last = at(event); svg.setPointerCapture(event.pointerId); drag(event); event.preventDefault(); });
  svg.addEventListener("pointermove", drag);
  svg.addEventListener("pointerup", () => { last = null; });
  svg.addEventListener("pointercancel", () => { last = null; });

  return (drawn, words, closed, truth) => {
    values = drawn;
    locked = closed;
    below.textContent = words.x ?? "";
    const known = xs.flatMap((x, i) => { const v = values[i]; return v === null ? [] : [/** @type {Pair} */ ([scale.x(x), scale.y(v)])]; });
    curve.setAttribute("d", path(known));
    run.setAttribute("d", path(truth.map(([x, y]) => [scale.x(x), scale.y(Math.min(high, Math.max(low, y)))])));
    handles.forEach((handle, i) => {
      const value = values[i] ?? (low + high) / 2;
      handle.setAttribute("cy", String(scale.y(value)));
      handle.setAttribute("class", values[i] === null ? "tlt-empty" : "tlt-set");
      handle.setAttribute("aria-label", `${words.y}, ${words.x} ${Number(xs[i].toPrecision(3))}`);
      handle.setAttribute("aria-valuemin", String(low));
      handle.setAttribute("aria-valuemax", String(high));
      handle.setAttribute("aria-valuenow", String(Number(value.toPrecision(3))));
      handle.setAttribute("aria-disabled", String(closed));
    });
  };
}
