// The classes' names on the map: where they stand, and how surely they belong there.
import { median } from "./geometry.js";
/** @import { Centers, Name, Pair, Scene, ShownFrame } from "../types.js" */
/** @typedef {{ c: number, sure: number, x: number, middle: number, y: number }} NameBox Where the name of class c goes, in pixels. */

/**
 * For each class the median place of its source points, and how surely a name belongs there: 1 tight, 0 scattered.
 * @type {(xy: Float32Array, labels: Int16Array, isTarget: Uint8Array, classes: number) => Name[]}
 */
export function anchors(xy, labels, isTarget, classes) {
  const rows = Array.from({ length: classes }, () => /** @type {number[]} */ ([]));
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0 && labels[i] < classes && !isTarget[i]) rows[labels[i]].push(i);
  /** @type {(list: number[]) => Pair} */
  const center = (list) => [median(list.map((i) => xy[2 * i])), median(list.map((i) => xy[2 * i + 1]))];
  /** @type {(list: number[], from: Pair) => number} */
  const spread = (list, [x, y]) => median(list.map((i) => Math.hypot(xy[2 * i] - x, xy[2 * i + 1] - y)));
  const all = rows.flat(), whole = spread(all, center(all)) || 1;
  return rows.map((list) => {
    const at = center(list), wide = spread(list, at) || 0;
    return { x: at[0], y: at[1], wide, sure: list.length ? Math.min(Math.max((0.72 - wide / whole) / 0.25, 0), 1) : 0 };
  });
}

/**
 * How many pixels a name is lifted off its class: none where the points lie wide apart, just above them where they are dense.
 * @type {(spread: number) => number}
 */
export function lift(spread) {
  return (1.5 * spread + 11) * Math.min(Math.max((38 - spread) / 14, 0), 1);
}

/**
 * Names between two frames: where they are on the way from `were` to `names`.
 * @type {(were: Name[] | null | undefined, names: Name[], t: number) => Name[]}
 */
export function namesBetween(were, names, t) {
  /** @type {(a: number, b: number) => number} */
  const between = (a, b) => a + t * (b - a);
  return names.map((to, c) => {
    const from = were?.[c] ?? to;
    return { x: between(from.x, to.x), y: between(from.y, to.y), wide: between(from.wide, to.wide), sure: between(from.sure, to.sure) };
  });
}

/** The names of a frame as they stand at this time. @type {(frame: ShownFrame, now?: number) => Name[]} */
export function namesNow({ names, namesWere, motion }, now = performance.now()) {
  return namesBetween(namesWere, names, motion.share(now));
}

/**
 * Text with a rim in the paper's color, so that it can be read on anything.
 * @type {(context: CanvasRenderingContext2D, text: string, at: Pair, look: { paper: string, ink: string }, rim?: number) => void}
 */
export function haloed(context, text, [x, y], { paper, ink }, rim = 4) {
  context.lineJoin = "round";
  context.strokeStyle = paper; context.lineWidth = rim; context.strokeText(text, x, y);
  context.fillStyle = ink; context.fillText(text, x, y);
}

/**
 * The boxes [x, y, w, h] about their middles that touch none before them; with few boxes all of them.
 * @type {<B extends { x: number, y: number, w: number, h: number }>(boxes: B[], few?: number) => B[]}
 */
export function uncrowded(boxes, few = 12) {
  if (boxes.length <= few) return boxes;
  /** @type {(a: typeof boxes[number], b: typeof boxes[number]) => boolean} */
  const touch = (a, b) => Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2;
  /** @type {typeof boxes} */
  const kept = [];
  for (const box of boxes) if (!kept.some((other) => touch(box, other))) kept.push(box);
  return kept;
}

/**
 * Write each class's name, once its source points gather; of many names only those that have room.
 * @type {(context: CanvasRenderingContext2D, scene: Scene) => void}
 */
export function drawNames(context, scene) {
  const { points, look, lit } = scene, size = look.presenter ? 22 : 13;
  if (scene.filter.off.domain.has(0)) return;
  context.font = `600 ${size}px ${look.font}`;
  context.textAlign = "center"; context.textBaseline = "middle";
  const boxes = nameBoxes(scene).map((box) => ({ ...box, w: context.measureText(points.classes[box.c]).width, h: size }));
  for (const { c, x, y, sure } of uncrowded(boxes)) {
    context.globalAlpha = sure * (lit && !(lit.what === "class" && lit.key === c) ? 0.25 : 1);
    haloed(context, points.classes[c], [x, Math.max(y, size * 0.7)], look, look.presenter ? 6 : 4);
  }
  context.globalAlpha = 1;
}

/**
 * Where names go, in pixels, and none for a class out of sight; where centers are marked, away from the line between them.
 * @type {(scene: Scene) => NameBox[]}
 */
export function nameBoxes({ frame, viewport, filter, layers, centers }) {
  const found = namesNow(frame).map(({ x, y, wide, sure }, c) => {
    const [px, middle] = viewport.place(x, y), up = lift(wide / viewport.view.k);
    return { c, sure, x: px, middle, y: middle - (layers.centroids && centers ? asideOf(centers[c], up) : up) };
  });
  /** @type {(box: NameBox) => boolean} */
  const seen = ({ x, middle }) => x > 0 && x < viewport.width && middle > 0 && middle < viewport.height;
  return found.filter((box) => box.sure > 0.02 && !filter.off.class.has(box.c) && seen(box));
}

/** Pixels upward that clear a source center's mark, or downward where the target's lies above it. @type {(centers: Centers, up: number) => number} */
function asideOf({ source, target }, up) {
  return source && target && target.y > source.y ? -20 : Math.max(up, 19);
}
