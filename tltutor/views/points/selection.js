// Which points a box or a lasso holds, and what there is to say of them. Pure functions.
import { isWrong } from "./painter.js";
/** @import { Counts, Keep, Points, Predictions } from "../types.js" */

/**
 * Rows of the visible points inside the box [x0, y0, x1, y1], whichever corners these are.
 * @type {(xy: Float32Array, box: number[], visible?: Keep) => number[]}
 */
export function rowsInBox(xy, [x0, y0, x1, y1], visible = () => true) {
  const [left, right, bottom, top] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)], rows = [];
  for (let i = 0; i < xy.length / 2; i++) {
    const x = xy[2 * i], y = xy[2 * i + 1];
    if (x >= left && x <= right && y >= bottom && y <= top && visible(i)) rows.push(i);
  }
  return rows;
}

/**
 * Whether (x, y) lies inside a closed path [x, y, x, y, …]: a ray to the right crosses it an odd number of times.
 * @type {(path: number[], x: number, y: number) => boolean}
 */
export function inside(path, x, y) {
  let odd = false;
  for (let i = 0, j = path.length - 2; i < path.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [path[i], path[i + 1], path[j], path[j + 1]];
    if (yi > y !== yj > y && x < xi + ((y - yi) / (yj - yi)) * (xj - xi)) odd = !odd;
  }
  return odd;
}

/** Rows of the visible points inside a lasso's path. @type {(xy: Float32Array, path: number[], visible?: Keep) => number[]} */
export function rowsInLasso(xy, path, visible = () => true) {
  const rows = [];
  for (let i = 0; i < xy.length / 2; i++) if (visible(i) && inside(path, xy[2 * i], xy[2 * i + 1])) rows.push(i);
  return rows;
}

/** Rows of the visible points of a class. @type {(labels: Int16Array, label: number, visible?: Keep) => number[]} */
export function rowsOfClass(labels, label, visible = () => true) {
  return Array.from(labels.keys()).filter((i) => labels[i] === label && visible(i));
}

/**
 * Those of these rows that have this class and are predicted as that one.
 * @type {(points: Points, predictions: Predictions, rows: number[], cell: [truth: number, guess: number]) => number[]}
 */
export function rowsOfCell(points, predictions, rows, [truth, guess]) {
  return rows.filter((i) => points.labels[i] === truth && predictions[i] === guess);
}

/** Counts of a selection: {source, target, wrong, judged}. @type {(points: Points, predictions: Predictions, rows: number[]) => Counts} */
export function tally(points, predictions, rows) {
  const counts = { source: 0, target: 0, wrong: 0, judged: 0 };
  for (const i of rows) {
    counts[points.isTarget[i] ? "target" : "source"]++;
    if (predictions.length && points.labels[i] >= 0) { counts.judged++; counts.wrong += Number(isWrong(points, predictions, i)); }
  }
  return counts;
}

/** The rows with what is wrong first, for a list that may be cut. @type {(points: Points, predictions: Predictions, rows: number[]) => number[]} */
export function wrongFirst(points, predictions, rows) {
  /** @type {Keep} */
  const wrong = (i) => isWrong(points, predictions, i);
  return [...rows.filter(wrong), ...rows.filter((i) => !wrong(i))];
}

/**
 * True x predicted of the labeled rows: the classes met most often, at most `most`, -1 for all the others; counts[true][predicted].
 * @type {(points: Points, predictions: Predictions, rows: number[], most?: number) => { classes: number[], counts: number[][] }}
 */
export function confusion(points, predictions, rows, most = 6) {
  const { classes, counts } = confusions(points, [predictions], rows, most);
  return { classes, counts: counts[0] };
}

/**
 * The same for several answers to the same points, with the classes that all of them meet most often: counts[answer][true][predicted].
 * @type {(points: Points, answers: Predictions[], rows: number[], most?: number) => { classes: number[], counts: number[][][] }}
 */
export function confusions(points, answers, rows, most = 6) {
  const seen = new Map(), judged = answers.every((one) => one.length) ? rows.filter((i) => points.labels[i] >= 0) : [];
  for (const one of answers) for (const i of judged) for (const c of new Set([points.labels[i], one[i]])) seen.set(c, (seen.get(c) ?? 0) + 1);
  const often = [...seen.keys()].sort((a, b) => seen.get(b) - seen.get(a) || a - b);
  const kept = often.slice(0, most).sort((a, b) => a - b), classes = often.length > most ? [...kept, -1] : kept;
  /** @type {(c: number) => number} */
  const at = (c) => (kept.includes(c) ? kept.indexOf(c) : classes.length - 1);
  const counts = answers.map((one) => {
    const table = classes.map(() => classes.map(() => 0));
    for (const i of judged) table[at(points.labels[i])][at(one[i])]++;
    return table;
  });
  return { classes, counts };
}

/** The rows that are in a cell by one of two answers and not by the other: they came or left. @type {(points: Points, before: Predictions, after: Predictions, rows: number[], cell: [number, number]) => number[]} */
export function rowsThatMoved(points, before, after, rows, cell) {
  const was = new Set(rowsOfCell(points, before, rows, cell)), is = new Set(rowsOfCell(points, after, rows, cell));
  return rows.filter((i) => was.has(i) !== is.has(i));
}
