// Each class's center in the source and in the target, and how far they lie apart: on the map, not in feature space.
import { trace } from "./marks.js";
import { haloed } from "./names.js";
/** @import { Center, Centers, Points, Scene } from "../types.js" */

const APART = 0.15; // of the map's spread: below it no class is called the widest

/**
 * Sums a class and domain -> centers: for each class {source, target} as {x, y, n} or null, and their gap.
 * @type {(points: Points, xy: Float32Array) => Centers[]}
 */
export function centroids({ labels, isTarget, classes }, xy) {
  const sums = Array.from({ length: 2 * classes.length }, () => ({ x: 0, y: 0, n: 0 }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] < 0 || labels[i] >= classes.length) continue;
    const sum = sums[2 * labels[i] + isTarget[i]];
    sum.x += xy[2 * i]; sum.y += xy[2 * i + 1]; sum.n++;
  }
  const centers = sums.map(({ x, y, n }) => (n ? { x: x / n, y: y / n, n } : null)), scale = spreadOf(xy);
  return classes.map((_, c) => {
    const [source, target] = [centers[2 * c], centers[2 * c + 1]];
    return { source, target, gap: source && target && scale ? Math.hypot(source.x - target.x, source.y - target.y) / scale : null };
  });
}

/** The map's spread: the root mean square distance of all points from their mean. @type {(xy: Float32Array) => number} */
export function spreadOf(xy) {
  const n = xy.length / 2;
  let x = 0, y = 0, square = 0;
  for (let i = 0; i < n; i++) { x += xy[2 * i] / n; y += xy[2 * i + 1] / n; }
  for (let i = 0; i < n; i++) square += ((xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2) / n;
  return Math.sqrt(square);
}

/** The class whose centers lie widest apart; -1 where none is worth a word. @type {(centers: Centers[]) => number} */
export function widest(centers) {
  const gaps = centers.map(({ gap }) => gap ?? 0), most = Math.max(...gaps, 0);
  return most > APART ? gaps.indexOf(most) : -1;
}

/**
 * Both centers of each class, joined by a line that carries its length where there is room.
 * @type {(context: CanvasRenderingContext2D, scene: Scene) => void}
 */
export function drawCentroids(context, scene) {
  const { points, frame, colors, filter, lit } = scene, shown = filter.off;
  centroids(points, frame.motion.now).forEach((center, c) => {
    if (shown.class.has(c)) return;
    context.globalAlpha = lit && !(lit.what === "class" && lit.key === c) ? 0.2 : 1;
    const { source, target } = center;
    if (source && target && !shown.domain.size) drawGap(context, scene, { source, target, gap: center.gap, color: colors[c] });
    if (source && !shown.domain.has(0)) drawCenter(context, scene, source, { color: colors[c], target: false });
    if (target && !shown.domain.has(1)) drawCenter(context, scene, target, { color: colors[c], target: true });
  });
  context.globalAlpha = 1;
}

/** @type {(context: CanvasRenderingContext2D, scene: Scene, center: Center, about: { color: string, target: boolean }) => void} */
function drawCenter(context, { points, viewport, look }, { x, y }, { color, target }) {
  const [px, py] = viewport.place(x, y), radius = (points.classes.length > 20 ? 5.5 : 8.5) * (look.presenter ? 1.5 : 1);
  trace(context, target, px, py, radius);
  context.lineJoin = "round";
  context.strokeStyle = look.paper; context.lineWidth = target ? 4 : 7; context.stroke();
  context.fillStyle = target ? color : look.paper; context.fill();
  context.strokeStyle = target ? look.ink : color; context.lineWidth = target ? 1.2 : 0.37 * radius; context.stroke();
}

/** @type {(context: CanvasRenderingContext2D, scene: Scene, about: { source: Center, target: Center, gap: number | null, color: string }) => void} */
function drawGap(context, { viewport, look }, { source, target, gap, color }) {
  const [ax, ay] = viewport.place(source.x, source.y), [bx, by] = viewport.place(target.x, target.y);
  for (const { style, width } of [{ style: look.paper, width: 6 }, { style: color, width: 2.6 }]) {
    context.beginPath();
    context.moveTo(ax, ay); context.lineTo(bx, by);
    context.strokeStyle = style; context.lineWidth = look.presenter ? 1.5 * width : width; context.stroke();
  }
  if (gap === null || Math.hypot(ax - bx, ay - by) < (look.presenter ? 70 : 46)) return;
  context.font = `600 ${look.presenter ? 17 : 12}px ${look.font}`;
  context.textAlign = "center"; context.textBaseline = "middle";
  haloed(context, gap.toFixed(2), [(ax + bx) / 2, (ay + by) / 2], look);
}
