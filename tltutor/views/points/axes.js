// The axes of a linear view: lines from the origin to tips that can be dragged.
import { bounds, joined } from "./geometry.js";
import { haloed } from "./names.js";
/** @import { Box, Pair, Scene } from "../types.js" */

/**
 * The axis whose tip lies within `reach` pixels of (px, py); -1 for none.
 * @type {(tips: Float32Array, viewport: { place(x: number, y: number): Pair }, at: Pair, reach?: number) => number}
 */
export function axisAt(tips, viewport, [px, py], reach = 12) {
  let found = -1, least = reach;
  for (let axis = 0; axis < tips.length / 2; axis++) {
    const [x, y] = viewport.place(tips[2 * axis], tips[2 * axis + 1]), away = Math.hypot(x - px, y - py);
    if (away < least) { least = away; found = axis; }
  }
  return found;
}

/**
 * The box that a frame wants to be seen: its points, its axes with their origin.
 * @type {(xy: Float32Array, axes: Float32Array | null) => Box | null}
 */
export function wanted(xy, axes) {
  return joined(bounds(xy), axes && joined(bounds(axes), [0, 0, 0, 0]));
}

/** Lines and tips; the one that is held stands out. @type {(context: CanvasRenderingContext2D, scene: Scene, held: number) => void} */
export function drawAxes(context, { frame, viewport, look }, held) {
  const axes = frame.axes ?? new Float32Array(0), radius = look.presenter ? 8 : 5.5, [ox, oy] = viewport.place(0, 0);
  context.font = `600 ${look.presenter ? 16 : 12}px ${look.font}`;
  context.textAlign = "center"; context.textBaseline = "middle";
  for (let axis = 0; axis < axes.length / 2; axis++) {
    const [x, y] = viewport.place(axes[2 * axis], axes[2 * axis + 1]), length = Math.hypot(x - ox, y - oy) || 1;
    context.globalAlpha = axis === held ? 1 : 0.6;
    context.strokeStyle = look.ink; context.lineWidth = axis === held ? 2.4 : 1.4;
    context.beginPath(); context.moveTo(ox, oy); context.lineTo(x, y); context.stroke();
    context.globalAlpha = 1;
    context.beginPath(); context.arc(x, y, axis === held ? radius + 2 : radius, 0, 2 * Math.PI);
    context.fillStyle = axis === held ? look.ink : look.paper; context.fill(); context.stroke();
    const away = radius + (look.presenter ? 13 : 9);
    haloed(context, String(axis + 1), [x + (away * (x - ox)) / length, y + (away * (y - oy)) / length], look);
  }
}
