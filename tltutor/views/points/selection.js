// Which points a box or a lasso holds, and what there is to say of them. Pure functions.
import { isWrong } from "./painter.js";

/** Rows of the visible points inside the box [x0, y0, x1, y1], whichever corners these are. */
export function rowsInBox(xy, [x0, y0, x1, y1], visible = () => true) {
  const [left, right, bottom, top] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)], rows = [];
  for (let i = 0; i < xy.length / 2; i++) {
    const x = xy[2 * i], y = xy[2 * i + 1];
    if (x >= left && x <= right && y >= bottom && y <= top && visible(i)) rows.push(i);
  }
  return rows;
}

/** Whether (x, y) lies inside a closed path [x, y, x, y, …]: a ray to the right crosses it an odd number of times. */
export function inside(path, x, y) {
  let odd = false;
  for (let i = 0, j = path.length - 2; i < path.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [path[i], path[i + 1], path[j], path[j + 1]];
    if (yi > y !== yj > y && x < xi + ((y - yi) / (yj - yi)) * (xj - xi)) odd = !odd;
  }
  return odd;
}

/** Rows of the visible points inside a lasso's path. */
export function rowsInLasso(xy, path, visible = () => true) {
  const rows = [];
  for (let i = 0; i < xy.length / 2; i++) if (visible(i) && inside(path, xy[2 * i], xy[2 * i + 1])) rows.push(i);
  return rows;
}

/** Rows of the visible points of a class. */
export function rowsOfClass(labels, label, visible = () => true) {
  return Array.from(labels.keys()).filter((i) => labels[i] === label && visible(i));
}

/** Counts of a selection: {source, target, wrong, judged}. */
export function tally(points, predictions, rows) {
  const counts = { source: 0, target: 0, wrong: 0, judged: 0 };
  for (const i of rows) {
    counts[points.isTarget[i] ? "target" : "source"]++;
    if (predictions.length && points.labels[i] >= 0) { counts.judged++; counts.wrong += Number(isWrong(points, predictions, i)); }
  }
  return counts;
}

/** The rows with what is wrong first, for a list that may be cut. */
export function wrongFirst(points, predictions, rows) {
  const wrong = (i) => isWrong(points, predictions, i);
  return [...rows.filter(wrong), ...rows.filter((i) => !wrong(i))];
}

/** True x predicted of the labeled rows: the classes met most often, at most `most`, -1 for all the others; counts[true][predicted]. */
export function confusion(points, predictions, rows, most = 6) {
  const seen = new Map(), judged = predictions.length ? rows.filter((i) => points.labels[i] >= 0) : [];
  for (const i of judged) for (const c of new Set([points.labels[i], predictions[i]])) seen.set(c, (seen.get(c) ?? 0) + 1);
  const often = [...seen.keys()].sort((a, b) => seen.get(b) - seen.get(a) || a - b);
  const kept = often.slice(0, most).sort((a, b) => a - b), classes = often.length > most ? [...kept, -1] : kept;
  const at = (c) => (kept.includes(c) ? kept.indexOf(c) : classes.length - 1);
  const counts = classes.map(() => classes.map(() => 0));
  for (const i of judged) counts[at(points.labels[i])][at(predictions[i])]++;
  return { classes, counts };
}
