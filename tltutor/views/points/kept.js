// The painted points of a large map, kept: while a hand moves the view, or points at something, they are shown again instead of painted.
import { brushOf } from "./elements.js";
import { place } from "./viewport.js";
/** @import { View } from "../types.js" */

const MANY = 2000; // points; fewer are painted as quickly as they are kept
const REST = 140; // ms after the last move of the view, until the points are painted anew

/** Whether the points of this picture are worth keeping. @type {(n: number) => boolean} */
export function worthKeeping(n) { return n > MANY; }

/**
 * Where a picture of one view lies in another one, in pixels: [left, top, width, height].
 * @type {(was: View, is: View, width: number, height: number) => [number, number, number, number]}
 */
export function moved(was, is, width, height) {
  const grow = was.k / is.k, [x, y] = place(is, width, height, was.x, was.y);
  return [x - (grow * width) / 2, y - (grow * height) / 2, grow * width, grow * height];
}

/** @type {(one: View | null, other: View | null) => boolean} */
const alike = (one, other) => one?.x === other?.x && one?.y === other?.y && one?.k === other?.k;

export class Kept {
  /** @type {View | null} */
  view = null; // that the picture was painted in
  /** @type {View | null} */
  seen = null; // that was shown last
  /** @type {HTMLCanvasElement | null} */
  canvas = null;
  movedAt = -Infinity;

  /**
   * Show the points in this view, painted by `paint` where that is due: something else than the view has changed (`stale`), and
   * no hand is moving the view. Whether a picture is still owed.
   * @type {(context: CanvasRenderingContext2D, about: { view: View, width: number, height: number, scale: number, stale: boolean, byHand: boolean, now: number }, paint: (context: CanvasRenderingContext2D) => void) => boolean}
   */
  show(context, { view, width, height, scale, stale, byHand, now }, paint) {
    if (!alike(this.seen, view)) { this.movedAt = now; this.seen = { ...view }; }
    const fits = this.canvas?.width === context.canvas.width && this.canvas.height === context.canvas.height;
    const owed = stale || !alike(this.view, view), handed = byHand && now - this.movedAt < REST;
    const due = !this.canvas || !this.view || !fits || (owed && !handed);
    if (due) this.paint(context.canvas, scale, view, paint);
    if (this.canvas && this.view) context.drawImage(this.canvas, ...moved(this.view, view, width, height));
    return owed && !due;
  }

  /** @type {(picture: HTMLCanvasElement, scale: number, view: View, paint: (context: CanvasRenderingContext2D) => void) => void} */
  paint(picture, scale, view, paint) {
    this.canvas ??= document.createElement("canvas");
    this.canvas.width = picture.width; this.canvas.height = picture.height; // which also clears it
    const context = brushOf(this.canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paint(context);
    this.view = { ...view };
  }

  /** Other points: nothing is kept of these. */
  clear() { this.view = this.seen = null; }
}
