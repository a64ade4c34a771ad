// A transport plan as lines from source points to target points, the stronger the more mass they carry.

/** @import { Scene } from "../types.js" */

/**
 * Lines between classes lie above and are wider than lines within one; each has the color of its source point's class.
 * @type {(context: CanvasRenderingContext2D, scene: Scene) => void}
 */
export function drawPlan(context, { points, frame, viewport, filter, colors, look }) {
  const lines = frame.lines ?? new Float32Array(0), { now } = frame.motion, { labels } = points;
  let most = 0;
  for (let k = 2; k < lines.length; k += 3) most = Math.max(most, lines[k]);
  for (const across of [false, true]) for (let k = 0; k < lines.length; k += 3) {
    const [i, j, mass] = lines.subarray(k, k + 3);
    if ((labels[j] >= 0 && labels[i] !== labels[j]) !== across || !filter.shows(i) || !filter.shows(j)) continue;
    context.globalAlpha = (across ? 0.75 : 0.4) * Math.sqrt(mass / most);
    context.strokeStyle = colors[labels[i]] ?? look.ink;
    context.lineWidth = (across ? 1.3 : 0.9) * (look.presenter ? 1.5 : 1);
    context.beginPath();
    context.moveTo(...viewport.place(now[2 * i], now[2 * i + 1])); context.lineTo(...viewport.place(now[2 * j], now[2 * j + 1]));
    context.stroke();
  }
  context.globalAlpha = 1;
}
