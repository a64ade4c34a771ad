// What a mouse, pen or finger does on the map: pointing, panning, zooming, drawing a box or a lasso, dragging an axis.
import { t } from "../language.js";
import { axisAt } from "./axes.js";
import { Marquee } from "./marquee.js";
/** @import { Listen, Pair } from "../types.js" */
/** @import { PointMap } from "./pointmap.js" */
/** @typedef {"axis" | "box" | "lasso" | "pan"} Intent What a press begins. */
/** @typedef {{ intent: Intent, axis: number, start: Pair, last: Pair, moved: boolean, sentAt: number }} Drag A press that goes on. */

const STILL = 4; // pixels a pointer may move and still be at rest
const ASIDE = 40; // ms between two messages while an axis is dragged

/**
 * How much a turn of the wheel magnifies, from a wheel event's numbers (lines are taken as 16 pixels).
 * @type {(wheel: { deltaY: number, deltaMode?: number }) => number}
 */
export function wheelFactor({ deltaY, deltaMode = 0 }) {
  const pixels = deltaMode === 1 ? 16 * deltaY : deltaMode === 2 ? 200 * deltaY : deltaY;
  return Math.exp(-0.0022 * Math.min(Math.max(pixels, -240), 240));
}

/**
 * What a press begins: an axis under it, else a box with Shift, a lasso with Alt or the switch, else a pan.
 * @type {(event: { shiftKey: boolean, altKey: boolean }, map: { axis: number, lasso: boolean }) => Intent}
 */
export function intentOf({ shiftKey, altKey }, { axis, lasso }) {
  if (axis >= 0) return "axis";
  return shiftKey ? "box" : altKey || lasso ? "lasso" : "pan";
}

/**
 * Whether a pointer that leaves takes its point along: a finger leaves whenever it lifts, and its point stays until another tap.
 * @type {(event: { pointerType: string }) => boolean}
 */
export function leaves({ pointerType }) {
  return pointerType !== "touch";
}

/** Turns pointer events on the canvas into the map's verbs. */
export class Gestures {
  /** @type {Drag | null} */
  drag = null;

  /** @param {PointMap} map @param {HTMLCanvasElement} canvas @param {Listen} on */
  constructor(map, canvas, on) {
    this.map = map; this.canvas = canvas;
    on(canvas, "pointerdown", (event) => this.down(event));
    on(canvas, "pointermove", (event) => this.move(event));
    on(canvas, "pointerup", (event) => this.up(event));
    on(canvas, "pointercancel", () => this.cancel());
    on(canvas, "pointerleave", (event) => { if (leaves(event) && !this.drag && !map.byKey) map.pick(-1); });
    on(canvas, "dblclick", () => map.fit());
    on(canvas, "wheel", (event) => this.wheel(event));
  }

  /** The pixel of an event. @type {(event: MouseEvent) => Pair} */
  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @type {(event: PointerEvent) => void} */
  down(event) {
    const { map } = this;
    if (!map.ready || event.button) return;
    const at = this.pixel(event), { axes } = map.shown, axis = axes ? axisAt(axes, map.viewport, at) : -1;
    const intent = intentOf(event, { axis, lasso: map.lassoing });
    this.drag = { intent, axis, start: at, last: at, moved: false, sentAt: 0 };
    this.canvas.setPointerCapture(event.pointerId);
    if (intent === "box" || intent === "lasso") map.outline(new Marquee(intent, ...map.viewport.data(...at)));
    if (intent === "axis") map.hold(axis);
    if (intent === "pan") map.point(...at);
  }

  /** @type {(event: PointerEvent) => void} */
  move(event) {
    const at = this.pixel(event), { drag, map } = this;
    if (!map.ready) return;
    if (!drag) { this.hover(at); return; }
    drag.moved ||= Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > STILL;
    if (drag.moved) this[drag.intent](at, drag);
  }

  /** @type {(at: Pair) => void} */
  hover(at) {
    const { map } = this, { axes } = map.shown, over = axes ? axisAt(axes, map.viewport, at) : -1;
    map.point(...at);
    this.canvas.style.cursor = over >= 0 ? "grab" : map.lassoing ? "crosshair" : map.picked >= 0 ? "pointer" : "";
  }

  /** @type {(at: Pair, drag: Drag) => void} */
  pan(at, drag) {
    this.map.pick(-1);
    this.canvas.style.cursor = "grabbing";
    this.map.pan(at[0] - drag.last[0], at[1] - drag.last[1]);
    drag.last = at;
  }

  /** @type {(at: Pair) => void} */
  box(at) { this.map.stretch(...this.map.viewport.data(...at)); }

  /** @type {(at: Pair, drag: Drag) => void} */
  lasso(at, drag) {
    if (Math.hypot(at[0] - drag.last[0], at[1] - drag.last[1]) < 2) return; // a path of thousands of corners would be slow
    this.box(at);
    drag.last = at;
  }

  /** @type {(at: Pair, drag: Drag) => void} */
  axis(at, drag) {
    const now = performance.now(), tell = now - drag.sentAt > ASIDE;
    if (tell) drag.sentAt = now;
    this.map.turn(drag.axis, this.map.viewport.data(...at), tell);
  }

  /** @type {(event: PointerEvent) => void} */
  up(event) {
    const { drag, map } = this;
    this.drag = null;
    if (!drag || !map.ready) return;
    this.canvas.style.cursor = "";
    if (drag.intent === "axis") { if (drag.moved) map.turn(drag.axis, map.viewport.data(...this.pixel(event)), true); map.hold(-1); }
    if (map.marquee) { if (drag.moved) map.take(); else map.outline(null); }
  }

  cancel() {
    this.drag = null;
    this.map.outline(null);
    this.map.hold(-1);
  }

  /** @type {(event: WheelEvent) => void} */
  wheel(event) {
    const { map } = this;
    if (!map.ready) return;
    if (!(event.ctrlKey || event.metaKey)) { map.voice.hint(t("Hold Ctrl or ⌘ while turning the wheel to zoom")); return; }
    event.preventDefault();
    map.zoom(wheelFactor(event), ...this.pixel(event));
  }
}
