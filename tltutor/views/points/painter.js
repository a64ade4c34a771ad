// The points themselves, stamped; nothing is made per point, so that thousands stay cheap.

const MANY = 2000; // points
const FAINT = 0.5; // below it, a point stands behind those above it

/** How strongly each point is drawn, 0 for not at all: mask and chosen are 0/1 a point, `lit` is what the legend is hovered for. */
export function strengths(points, { mask, predictions, lit = null, wrong = false, chosen = null, quiet = false }, out) {
  const { labels, isTarget, n } = points;
  for (let i = 0; i < n; i++) {
    const stands = !lit || (lit.what === "class" ? labels[i] : isTarget[i]) === lit.key;
    if (!mask[i]) out[i] = 0;
    else if (!stands || (chosen && !chosen[i])) out[i] = 0.13;
    else if (wrong && !isWrong(points, predictions, i)) out[i] = 0.22;
    else out[i] = quiet && !chosen ? 0.3 : isTarget[i] ? 0.88 : 0.95;
  }
  return out;
}

export function isWrong({ labels }, predictions, i) {
  return predictions.length > 0 && labels[i] >= 0 && predictions[i] !== labels[i];
}

/** All points: the faint ones first, each in the order of its row. */
export function drawPoints(context, scene) {
  for (const strong of [false, true]) stampPoints(context, scene, strong);
  context.globalAlpha = 1;
}

function stampPoints(context, { points, frame, viewport, stamps, alphas, layers }, strong) {
  const { labels, isTarget, n } = points, { now } = frame.motion, { x, y, k } = viewport.view, { width, height } = viewport;
  const snap = n > MANY ? devicePixelRatio || 1 : 0; // whole pixels cost a third less, and in a crowd nobody sees it
  let last = -1;
  for (let i = 0; i < n; i++) {
    const alpha = alphas[i];
    if (alpha === 0 || alpha >= FAINT !== strong) continue;
    let px = width / 2 + (now[2 * i] - x) / k, py = height / 2 - (now[2 * i + 1] - y) / k;
    if (px < -20 || py < -20 || px > width + 20 || py > height + 20) continue;
    const { canvas, half } = (stamps.marks[labels[i] + 1] ?? stamps.marks[0])[isTarget[i]];
    if (snap) { px = Math.round(px * snap) / snap; py = Math.round(py * snap) / snap; }
    if (alpha !== last) context.globalAlpha = last = alpha;
    context.drawImage(canvas, px - half, py - half, 2 * half, 2 * half);
    if (strong && layers.wrong && isWrong(points, frame.predictions, i)) {
      const ring = stamps.rings[frame.predictions[i] + 1] ?? stamps.rings[0];
      context.drawImage(ring.canvas, px - ring.half, py - ring.half, 2 * ring.half, 2 * ring.half);
    }
  }
}

/** One point on top of all others, larger and ringed. */
export function drawPicked(context, scene, i) {
  const { points, frame, viewport, stamps, look, filter, layers } = scene;
  if (i < 0 || !filter.shows(i)) return;
  const [x, y] = viewport.place(frame.motion.now[2 * i], frame.motion.now[2 * i + 1]), pictured = layers.pictures && points.picture?.complete;
  const { canvas, half } = (stamps.marks[points.labels[i] + 1] ?? stamps.marks[0])[points.isTarget[i]], radius = pictured ? 24 : 1.4 * half;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = look.paper; context.fill();
  context.strokeStyle = look.ink; context.lineWidth = look.presenter ? 2.5 : 1.5; context.stroke();
  if (pictured) drawPicture(context, scene, { i, x, y, size: pictureSize(scene) });
  else context.drawImage(canvas, x - radius, y - radius, 2 * radius, 2 * radius);
}

/** The points' own pictures in place of markers. */
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

/** Pixels of a picture's longer side; nearer, they grow. */
function pictureSize({ viewport, look }) { return Math.min(30, 16 * Math.sqrt(Math.max(viewport.zoomed, 1))) * (look.presenter ? 1.5 : 1); }

/** One picture about (x, y), in a frame of its class's color that is dashed for the source. */
function drawPicture(context, { points, colors }, { i, x, y, size }) {
  const [columns, width, height] = points.tile, grow = size / Math.max(width, height), w = width * grow, h = height * grow;
  context.drawImage(points.picture, (i % columns) * width, Math.floor(i / columns) * height, width, height, x - w / 2, y - h / 2, w, h);
  context.setLineDash(points.isTarget[i] ? [] : [2, 2]);
  context.strokeStyle = colors[points.labels[i]] ?? "#8c8c8c"; context.lineWidth = 1.6;
  context.strokeRect(x - w / 2, y - h / 2, w, h);
  context.setLineDash([]);
}
