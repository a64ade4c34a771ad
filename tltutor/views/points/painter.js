// The points themselves, stamped; nothing is made per point, so that thousands stay cheap.

import { trace } from "./marks.js";
/** @import { Lit, Pictured, Points, Predictions, Scene } from "../types.js" */

const MANY = 2000; // points
const FAINT = 0.5; // below it, a point stands behind those above it
const TRUSTED = 0.9; // below it, a point's neighbors on the map are not its neighbors in feature space

const SMALLEST = 0.45, LARGEST = 4; // times a marker's usual size

/** How large a source point of this weight is beside one of weight 1: its area is its weight, within bounds. @type {(weight: number | undefined) => number} */
export function sizeOf(weight) {
  return weight === undefined || Number.isNaN(weight) ? 1 : Math.min(Math.max(Math.sqrt(weight), SMALLEST), LARGEST);
}

/** The share of points whose place on the map is not to be trusted. @type {(trust: Float32Array) => number} */
export function untrusted(trust) { return trust.reduce((sum, value) => sum + Number(value < TRUSTED), 0) / trust.length; }

/**
 * How strongly each point is drawn, 0 for not at all: mask and chosen are 0/1 a point, `lit` is what the legend is hovered for,
 * `fade` whether what is predicted rightly steps back, `trust` (n,) how far a point's place can be trusted.
 * @type {(points: Points, how: { mask: Uint8Array, predictions: Predictions, lit?: Lit | null, fade?: boolean, chosen?: Uint8Array | null, quiet?: boolean, trust?: Float32Array | null }, out: Float32Array) => Float32Array}
 */
export function strengths(points, { mask, predictions, lit = null, fade = false, chosen = null, quiet = false, trust = null }, out) {
  const { labels, isTarget, n } = points;
  for (let i = 0; i < n; i++) {
    const stands = !lit || (lit.what === "class" ? labels[i] : isTarget[i]) === lit.key;
    if (!mask[i]) out[i] = 0;
    else if (!stands || (chosen && !chosen[i])) out[i] = 0.13;
    else if (fade && !isWrong(points, predictions, i)) out[i] = 0.22;
    else if (trust && trust[i] < TRUSTED && !chosen) out[i] = 0.45;
    else out[i] = quiet && !chosen ? 0.3 : isTarget[i] ? 0.88 : 0.95;
  }
  return out;
}

/** @type {(points: Points, predictions: Predictions, i: number) => boolean} */
export function isWrong({ labels }, predictions, i) {
  return predictions.length > 0 && labels[i] >= 0 && predictions[i] !== labels[i];
}

/** All points: the faint ones first, each in the order of its row. @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
export function drawPoints(context, scene) {
  for (const strong of [false, true]) stampPoints(context, scene, strong);
  context.globalAlpha = 1;
}

/** @type {(context: CanvasRenderingContext2D, scene: Scene, strong: boolean) => void} */
function stampPoints(context, { points, frame, viewport, stamps, alphas, layers, hues, weights }, strong) {
  const { isTarget, n } = points, { now } = frame.motion, { x, y, k } = viewport.view, { width, height } = viewport;
  const snap = n > MANY ? devicePixelRatio || 1 : 0; // whole pixels cost a third less, and in a crowd nobody sees it
  let last = -1;
  for (let i = 0; i < n; i++) {
    const alpha = alphas[i];
    if (alpha === 0 || alpha >= FAINT !== strong) continue;
    let px = width / 2 + (now[2 * i] - x) / k, py = height / 2 - (now[2 * i + 1] - y) / k;
    if (px < -20 || py < -20 || px > width + 20 || py > height + 20) continue;
    const { canvas, half } = (stamps.marks[hues[i]] ?? stamps.marks[0])[isTarget[i]], size = sizeOf(weights?.[i]);
    if (snap) { px = Math.round(px * snap) / snap; py = Math.round(py * snap) / snap; }
    if (alpha !== last) context.globalAlpha = last = alpha;
    if (size === 1) context.drawImage(canvas, px - half, py - half, 2 * half, 2 * half);
    else drawWeighted(context, { x: px, y: py, radius: size * stamps.radius, color: stamps.colors[hues[i]] ?? stamps.colors[0] });
    if (strong && layers.wrong && frame.step > 0 && isWrong(points, frame.predictions, i)) {
      const ring = stamps.rings[frame.predictions[i] + 1] ?? stamps.rings[0];
      context.drawImage(ring.canvas, px - ring.half, py - ring.half, 2 * ring.half, 2 * ring.half);
    }
  }
}

/** A source point of another size: a stamp that is stretched would have a blurred rim. @type {(context: CanvasRenderingContext2D, about: { x: number, y: number, radius: number, color: string }) => void} */
function drawWeighted(context, { x, y, radius, color }) {
  trace(context, false, x, y, radius);
  context.strokeStyle = color; context.lineWidth = Math.min(2.2, Math.max(1, radius * 0.36)); context.stroke();
}

/** One point on top of all others, larger and ringed. @type {(context: CanvasRenderingContext2D, scene: Scene, i: number) => void} */
export function drawPicked(context, scene, i) {
  const { points, frame, viewport, stamps, look, filter, layers, hues } = scene;
  if (i < 0 || !filter.shows(i)) return;
  const [x, y] = viewport.place(frame.motion.now[2 * i], frame.motion.now[2 * i + 1]), pictured = layers.pictures && points.picture?.complete;
  const { canvas, half } = (stamps.marks[hues[i]] ?? stamps.marks[0])[points.isTarget[i]], radius = pictured ? 24 : 1.4 * half;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = look.paper; context.fill();
  context.strokeStyle = look.ink; context.lineWidth = look.presenter ? 2.5 : 1.5; context.stroke();
  if (pictured) drawPicture(context, scene, { i, x, y, size: pictureSize(scene) });
  else context.drawImage(canvas, x - radius, y - radius, 2 * radius, 2 * radius);
}

/** The points' own pictures in place of markers. @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
export function drawPictures(context, scene) {
  const { points, frame, viewport, alphas } = scene, { now } = frame.motion, size = pictureSize(scene);
  for (let i = 0; i < points.n; i++) {
    if (alphas[i] === 0) continue;
    const [x, y] = viewport.place(now[2 * i], now[2 * i + 1]);
    if (x < -size || y < -size || x > viewport.width + size || y > viewport.height + size) continue;
    context.globalAlpha = alphas[i];
    drawPicture(context, scene, { i, x, y, size });
  }
  context.globalAlpha = 1;
}

/** Pixels of a picture's longer side; nearer, they grow. @type {(scene: Scene) => number} */
function pictureSize({ viewport, look }) { return Math.min(30, 16 * Math.sqrt(Math.max(viewport.zoomed, 1))) * (look.presenter ? 1.5 : 1); }

/**
 * One picture about (x, y), in a frame of its point's color that is dashed for the source.
 * @type {(context: CanvasRenderingContext2D, scene: Scene, at: { i: number, x: number, y: number, size: number }) => void}
 */
function drawPicture(context, { points, stamps, hues }, { i, x, y, size }) {
  const { tile, picture } = /** @type {Pictured} */ (points), [columns, width, height] = tile, grow = size / Math.max(width, height), w = width * grow, h = height * grow;
  context.drawImage(picture, (i % columns) * width, Math.floor(i / columns) * height, width, height, x - w / 2, y - h / 2, w, h);
  context.setLineDash(points.isTarget[i] ? [] : [2, 2]);
  context.strokeStyle = stamps.colors[hues[i]] ?? stamps.colors[0]; context.lineWidth = 1.6;
  context.strokeRect(x - w / 2, y - h / 2, w, h);
  context.setLineDash([]);
}

/**
 * Lines from point i to its nearest source points in feature space, the nearest the strongest.
 * @type {(context: CanvasRenderingContext2D, scene: Scene, i: number, rows: number[]) => void}
 */
export function drawNearest(context, { frame, viewport, look, filter }, i, rows) {
  const { now } = frame.motion, from = viewport.place(now[2 * i], now[2 * i + 1]);
  context.lineCap = "round";
  rows.forEach((row, at) => {
    if (!filter.shows(row)) return;
    const to = viewport.place(now[2 * row], now[2 * row + 1]);
    for (const { style, width } of [{ style: look.paper, width: 4.5 }, { style: look.ink, width: 1.8 }]) {
      context.globalAlpha = style === look.ink ? 0.95 - 0.13 * at : 0.8;
      context.beginPath();
      context.moveTo(...from); context.lineTo(...to);
      context.strokeStyle = style; context.lineWidth = look.presenter ? 1.5 * width : width; context.stroke();
    }
    context.beginPath();
    context.arc(to[0], to[1], look.presenter ? 12 : 8, 0, 2 * Math.PI);
    context.strokeStyle = look.ink; context.lineWidth = 1.4; context.stroke();
  });
  context.globalAlpha = 1;
}
