// The shape a person draws to select: a box or a lasso, kept in map units so that it holds while the view moves.
import { rowsInBox, rowsInLasso } from "./selection.js";
/** @import { Keep, Scene } from "../types.js" */

/** A box or lasso that begins at (x, y). */
export class Marquee {
  /** @param {"box" | "lasso"} kind @param {number} x @param {number} y */
  constructor(kind, x, y) { this.kind = kind; this.path = [x, y, x, y]; }

  /** The box's other corner, or the lasso's next point. @type {(x: number, y: number) => void} */
  reach(x, y) {
    if (this.kind === "box") this.path.splice(2, 2, x, y); else this.path.push(x, y);
  }

  /** @type {(xy: Float32Array, visible?: Keep) => number[]} */
  rows(xy, visible) { return (this.kind === "box" ? rowsInBox : rowsInLasso)(xy, this.path, visible); }

  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  draw(context, { viewport, look }) {
    const [x0, y0, x1, y1] = this.path, path = this.kind === "box" ? [x0, y0, x1, y0, x1, y1, x0, y1] : this.path;
    context.beginPath();
    for (let i = 0; i < path.length; i += 2) context.lineTo(...viewport.place(path[i], path[i + 1]));
    context.closePath();
    context.fillStyle = look.ink; context.globalAlpha = 0.07; context.fill();
    context.globalAlpha = 1; context.setLineDash([5, 4]);
    context.strokeStyle = look.ink; context.lineWidth = look.presenter ? 2.4 : 1.4; context.stroke();
    context.setLineDash([]);
  }
}
