// The map by keyboard: walk, zoom, pan, box, class, axes.
import { t } from "../language.js";
import { nearest, toward } from "./geometry.js";
import { Marquee } from "./marquee.js";
/** @import { Pair, ShownFrame, View } from "../types.js" */
/** @import { PointMap } from "./pointmap.js" */

/** @type {Record<string, Pair>} */
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = 16; // pixels an arrow moves a box's corner or an axis, four times as many with Shift

/**
 * Keys that are the map's alone, and what they do to it; a key with Ctrl, Alt or Meta is the page's.
 * @type {Record<string, (map: PointMap) => unknown>}
 */
const ACTS = {
  "+": (map) => map.zoom(1.4, undefined, undefined, "gliding"), "=": (map) => map.zoom(1.4, undefined, undefined, "gliding"),
  "-": (map) => map.zoom(1 / 1.4, undefined, undefined, "gliding"), 0: (map) => map.fit(),
  b: (map) => beginBox(map), c: (map) => map.takeClass(), "/": (map) => map.finder.focus(), a: (map) => map.nextAxis(),
  Enter: (map) => { if (map.marquee) map.take(); else map.hold(-1); }, Escape: (map) => map.back(),
  Home: (map) => walkTo(map, 0), End: (map) => walkTo(map, -1),
};

/**
 * Whether a key is kept from the page around, where D D may delete a cell; Shift + Enter, and an Escape with nothing to drop, lead out.
 * @type {(event: KeyboardEvent) => boolean}
 */
export function staysOnMap({ key, ctrlKey, metaKey, altKey, shiftKey, defaultPrevented }) {
  return !ctrlKey && !metaKey && !altKey && !(shiftKey && key === "Enter") && (key !== "Escape" || Boolean(defaultPrevented));
}

/** The frame and the view of a map that is ready. @type {(map: PointMap) => { frame: ShownFrame, view: View }} */
function readyOf({ frame, viewport }) {
  return { frame: /** @type {ShownFrame} */ (frame), view: /** @type {View} */ (viewport.view) };
}

/** Does what a key asks for; whether it was one of the map's. @type {(map: PointMap, event: KeyboardEvent) => boolean} */
export function pressKey(map, { key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || !map.ready || (shiftKey && key === "Enter")) return false;
  const way = DIRECTIONS[key], act = ACTS[key.length === 1 ? key.toLowerCase() : key];
  if (way) arrow(map, way, shiftKey);
  return Boolean(way || (act && act(map) !== false));
}

/** An arrow stretches the box, turns the axis that is held, pans with Shift, or walks. @type {(map: PointMap, way: Pair, far: boolean) => void} */
function arrow(map, [dx, dy], far) {
  const step = STRIDE * readyOf(map).view.k * (far ? 4 : 1);
  if (map.marquee) {
    const [, , x, y] = map.marquee.path;
    map.stretch(x + dx * step, y + dy * step);
  } else if (map.held >= 0) {
    const { axes } = readyOf(map).frame;
    if (!axes) return;
    map.turn(map.held, [axes[2 * map.held] + dx * step, axes[2 * map.held + 1] + dy * step], true);
  } else if (far) map.pan(-60 * dx, 60 * dy, "gliding");
  else walk(map, dx, dy);
}

/** @type {(map: PointMap, dx: number, dy: number) => void} */
function walk(map, dx, dy) {
  const { frame, view } = readyOf(map), { now } = frame.motion, { shows } = map.filter;
  map.pick(map.picked < 0 ? nearest(now, view.x, view.y, Infinity, shows) : toward(now, map.picked, dx, dy, shows), "key");
}

/** @type {(map: PointMap, at: number) => void} */
function walkTo(map, at) {
  const shown = Array.from(map.filter.mask.keys()).filter(map.filter.shows);
  if (shown.length) map.pick(shown[at < 0 ? shown.length + at : at], "key");
}

/** @type {(map: PointMap) => void} */
function beginBox(map) {
  const { frame, view } = readyOf(map), { now } = frame.motion;
  /** @type {Pair} */
  const at = map.picked < 0 ? [view.x, view.y] : [now[2 * map.picked], now[2 * map.picked + 1]];
  map.outline(new Marquee("box", ...at));
  map.tell(t("A box begins here: arrow keys stretch it, with Shift faster, Enter takes what it holds, Escape drops it."));
}
