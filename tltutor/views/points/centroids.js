// Each class's centre in the source and in the target, and how far they lie apart: on the map, not in feature space.
import { trace } from "./marks.js";
import { haloed } from "./names.js";

const APART = 0.15; // of the map's spread: below it no class is called the widest

/** Sums a class and domain -> centres: for each class {source, target} as {x, y, n} or null, and their gap. */
export function centroids({ labels, isTarget, classes }, xy) {
  const sums = Array.from({ length: 2 * classes.length }, () => ({ x: 0, y: 0, n: 0 }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] < 0 || labels[i] >= classes.length) continue;
    const sum = sums[2 * labels[i] + isTarget[i]];
    sum.x += xy[2 * i]; sum.y += xy[2 * i + 1]; sum.n++;
  }
  const centres = sums.map(({ x, y, n }) => (n ? { x: x / n, y: y / n, n } : null)), scale = spreadOf(xy);
  return classes.map((_, c) => {
    const [source, target] = [centres[2 * c], centres[2 * c + 1]];
    return { source, target, gap: source && target && scale ? Math.hypot(source.x - target.x, source.y - target.y) / scale : null };
  });
}

/** The map's spread: the root mean square distance of all points from their mean. */
export function spreadOf(xy) {
  const n = xy.length / 2;
  let x = 0, y = 0, square = 0;
  for (let i = 0; i < n; i++) { x += xy[2 * i] / n; y += xy[2 * i + 1] / n; }
  for (let i = 0; i < n; i++) square += ((xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2) / n;
  return Math.sqrt(square);
}

/** The class whose centres lie widest apart; -1 where none is worth a word. */
export function widest(centres) {
  const gaps = centres.map(({ gap }) => gap ?? 0), most = Math.max(...gaps, 0);
  return most > APART ? gaps.indexOf(most) : -1;
}

/** Both centres of each class, joined by a line that carries its length where there is room. */
export function drawCentroids(context, scene) {
  const { points, frame, colours, filter, lit } = scene, shown = filter.off;
  centroids(points, frame.motion.now).forEach((centre, c) => {
    if (shown.class.has(c)) return;
    context.globalAlpha = lit && !(lit.what === "class" && lit.key === c) ? 0.2 : 1;
    const both = centre.source && centre.target && !shown.domain.size;
    if (both) drawGap(context, scene, { ...centre, colour: colours[c] });
    if (centre.source && !shown.domain.has(0)) drawCentre(context, scene, centre.source, { colour: colours[c], target: false });
    if (centre.target && !shown.domain.has(1)) drawCentre(context, scene, centre.target, { colour: colours[c], target: true });
  });
  context.globalAlpha = 1;
}

function drawCentre(context, { points, viewport, look }, { x, y }, { colour, target }) {
  const [px, py] = viewport.place(x, y), radius = (points.classes.length > 20 ? 5.5 : 8.5) * (look.presenter ? 1.5 : 1);
  trace(context, target, px, py, radius);
  context.lineJoin = "round";
  context.strokeStyle = look.paper; context.lineWidth = target ? 4 : 7; context.stroke();
  context.fillStyle = target ? colour : look.paper; context.fill();
  context.strokeStyle = target ? look.ink : colour; context.lineWidth = target ? 1.2 : 0.37 * radius; context.stroke();
}

function drawGap(context, { viewport, look }, { source, target, gap, colour }) {
  const [ax, ay] = viewport.place(source.x, source.y), [bx, by] = viewport.place(target.x, target.y);
  for (const [style, width] of [[look.paper, 6], [colour, 2.6]]) {
    context.beginPath();
    context.moveTo(ax, ay); context.lineTo(bx, by);
    context.strokeStyle = style; context.lineWidth = look.presenter ? 1.5 * width : width; context.stroke();
  }
  if (Math.hypot(ax - bx, ay - by) < (look.presenter ? 70 : 46)) return;
  context.font = `600 ${look.presenter ? 17 : 12}px ${look.font}`;
  context.textAlign = "center"; context.textBaseline = "middle";
  haloed(context, gap.toFixed(2), [(ax + bx) / 2, (ay + by) / 2], look);
}
