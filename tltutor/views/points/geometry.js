// Where points are: views, glides, neighbours, centres. Pure functions.

/** Box [left, bottom, right, top] around the points i with keep(i); null without any. */
export function bounds(xy, keep = () => true) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    if (!keep(i)) continue;
    box[0] = Math.min(box[0], xy[2 * i]); box[2] = Math.max(box[2], xy[2 * i]);
    box[1] = Math.min(box[1], xy[2 * i + 1]); box[3] = Math.max(box[3], xy[2 * i + 1]);
  }
  return box[0] <= box[2] ? box : null;
}

/** The view that holds a box: its centre (x, y) and k, the units to a pixel, equal on both axes. */
export function fit(box, width, height, margin = 20) {
  const k = Math.max((box[2] - box[0]) / Math.max(width - 2 * margin, 1), (box[3] - box[1]) / Math.max(height - 2 * margin, 1));
  return { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, k: k || 1 / Math.max(width, height) };
}

/** The view to glide to: the old one as long as the box lies inside and is not lost in it; else one with room around the box. */
export function nextGoal(goal, box, width, height) {
  const best = fit(box, width, height);
  const roomy = { ...best, k: best.k * 1.1 };
  if (!goal) return roomy;
  const halfX = (goal.k * (width - 12)) / 2, halfY = (goal.k * (height - 12)) / 2;
  const inside = box[0] >= goal.x - halfX && box[2] <= goal.x + halfX && box[1] >= goal.y - halfY && box[3] <= goal.y + halfY;
  return inside && best.k > 0.6 * goal.k ? goal : roomy;
}

/** One step of `seconds` from a view to its goal; lands on it exactly when less than a quarter pixel is left. */
export function glide(view, goal, seconds, slowness = 0.3) {
  const part = 1 - Math.exp(-seconds / slowness);
  const next = {
    x: view.x + part * (goal.x - view.x), y: view.y + part * (goal.y - view.y), k: view.k * (goal.k / view.k) ** part,
  };
  const left = Math.max(Math.abs(goal.x - next.x), Math.abs(goal.y - next.y)) / goal.k + 400 * Math.abs(Math.log(goal.k / next.k));
  return left < 0.25 ? goal : next;
}

/** Data to pixels. */
export function place(view, width, height, x, y) {
  return [width / 2 + (x - view.x) / view.k, height / 2 - (y - view.y) / view.k];
}

/** from + t (to - from), into `out`. */
export function mix(from, to, t, out) {
  for (let i = 0; i < to.length; i++) out[i] = from[i] + t * (to[i] - from[i]);
  return out;
}

/** How far along (0..1) a glide is: straight within a stream of frames, easing out after a lone one. */
export function progress(elapsed, duration) {
  if (duration <= 0 || elapsed >= duration) return 1;
  const t = Math.max(elapsed, 0) / duration;
  return duration < 900 ? t : 1 - (1 - t) ** 3;
}

/** How long (ms) to glide: as long as frames are apart, so that a stream flows. */
export function duration(gap, still = false) {
  if (still) return 0;
  return gap > 1500 ? 900 : Math.min(Math.max(gap * 1.05, 120), 890);
}

/** The nearest visible point within `radius` of (x, y), all in data units; the one drawn last wins a tie; -1 for none. */
export function nearest(xy, x, y, radius, visible = () => true) {
  let found = -1, least = radius * radius;
  for (let i = 0; i < xy.length / 2; i++) {
    const d = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
    if (d <= least && visible(i)) { least = d; found = i; }
  }
  return found;
}

/** The next visible point from `i` towards (dx, dy): near, and rather ahead than aside; `i` itself where there is none. */
export function towards(xy, i, dx, dy, visible = () => true) {
  let found = i, least = Infinity;
  for (let j = 0; j < xy.length / 2; j++) {
    const ex = xy[2 * j] - xy[2 * i], ey = xy[2 * j + 1] - xy[2 * i + 1];
    const ahead = ex * dx + ey * dy, aside = Math.abs(ex * dy - ey * dx);
    if (ahead <= 0 || ahead < aside || !visible(j)) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) { least = cost; found = j; }
  }
  return found;
}

/** The middle of the values (the lower one of two). */
export function median(values) {
  return values.length ? Float64Array.from(values).sort()[(values.length - 1) >> 1] : NaN;
}

/** For each class the median place of its source points, and how surely a name belongs there: 1 tight, 0 scattered. */
export function anchors(xy, labels, isTarget, classes) {
  const rows = Array.from({ length: classes }, () => []);
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0 && labels[i] < classes && !isTarget[i]) rows[labels[i]].push(i);
  const centre = (list) => [median(list.map((i) => xy[2 * i])), median(list.map((i) => xy[2 * i + 1]))];
  const spread = (list, [x, y]) => median(list.map((i) => Math.hypot(xy[2 * i] - x, xy[2 * i + 1] - y)));
  const all = rows.flat(), whole = spread(all, centre(all)) || 1;
  return rows.map((list) => {
    const at = centre(list), wide = spread(list, at) || 0;
    return { x: at[0], y: at[1], wide, sure: list.length ? Math.min(Math.max((0.72 - wide / whole) / 0.25, 0), 1) : 0 };
  });
}

/** How many pixels a name is lifted off its class: none where the points lie wide apart, just above them where they are dense. */
export function lift(spread) {
  return (1.5 * spread + 11) * Math.min(Math.max((38 - spread) / 14, 0), 1);
}

/** Radius of a marker in pixels: smaller in a crowd. */
export function markerRadius(n) {
  return Math.min(Math.max(5.6 - n / 420, 2.6), 5.4);
}
