// What is said of points, for tooltips and screen readers. Pure functions.
import { mark, t } from "../language.js";
import { isWrong } from "./painter.js";
/** @import { Counts, Keep, Measured, Points, Predictions, Title } from "../types.js" */
/** @typedef {[name: string, words: string]} Line */
/** @typedef {(number | null)[]} Shares Of the source and of the target, 0..1; null where none are judged. */

/**
 * What is known of point `i`, as plain text for a tooltip and for a screen reader.
 * @type {(points: Points, predictions: Predictions, i: number) => Line[]}
 */
export function describe(points, predictions, i) {
  const label = points.labels[i], guess = predictions.length ? predictions[i] : -1;
  /** @type {(c: number) => string} */
  const name = (c) => points.classes[c] ?? String(c);
  /** @type {Line[]} */
  const lines = [label < 0 ? [t("class"), t("not known")] : [t("true"), name(label)]];
  if (guess >= 0) lines.push([t("predicted"), name(guess) + (label < 0 ? "" : guess === label ? " ✓" : " ✗")]);
  const d = points.isTarget[i];
  lines.push([t("domain"), domainWords(points.domains[d], d)]);
  if (points.width) {
    const row = points.vectors.subarray(i * points.width, (i + 1) * points.width);
    lines.push(["x", Array.from(row, (v) => v.toFixed(2)).join(", ")]);
  }
  return lines;
}

/**
 * What the last look measured of point `i`, in words: how sure the answer is, what it costs, what the discriminator says.
 * @type {(values: Measured, i: number) => Line[]}
 */
export function measured(values, i) {
  /** @type {(name: string) => boolean} */
  const known = (name) => values[name] && !Number.isNaN(values[name][i]);
  /** @type {Line[]} */
  const lines = [];
  if (known("weight")) lines.push([t("weight"), values.weight[i].toFixed(2)]);
  if (known("confidence")) lines.push([t("confidence"), values.confidence[i].toFixed(2)]);
  if (known("loss")) lines.push([t("loss"), values.loss[i].toFixed(2)]);
  if (known("opinion")) lines.push([t("discriminator"), t("target: {share} %", { share: Math.round(100 * values.opinion[i]) })]);
  return lines;
}

/** The nearest source points' classes, aloud. @type {(points: Points, near: number[]) => string} */
export function nearestWords(points, near) {
  return near.length ? t("nearest source points: {classes}", { classes: near.map((j) => points.classes[points.labels[j]] ?? "?").join(", ") }) : "";
}

/** A domain's part, and its name where that says more. @type {(name: string | undefined, d: number) => string} */
export function domainWords(name, d) {
  const [role, part] = d ? ["target", t("target")] : ["source", t("source")];
  return name && name !== role ? t("{part}: {name}", { part, name }) : part;
}

/**
 * Shares (0..1) of the labeled and shown points predicted rightly, [source, target]; null where none are judged.
 * @type {(points: Points, predictions: Predictions, shows?: Keep) => Shares}
 */
export function accuracies(points, predictions, shows = () => true) {
  const right = [0, 0], judged = [0, 0];
  for (let i = 0; i < predictions.length; i++) {
    if (points.labels[i] < 0 || !shows(i)) continue;
    judged[points.isTarget[i]]++;
    right[points.isTarget[i]] += Number(!isWrong(points, predictions, i));
  }
  return right.map((value, d) => (judged[d] ? value / judged[d] : null));
}

/** @type {(share: number) => string} */
const percent = (share) => `${Math.round(100 * share)} %`;

/** Accuracies in words, with what they were when last spoken of, where that was another number. @type {(now: Shares, before?: Shares) => string} */
export function judged(now, before = [null, null]) {
  /** @type {(text: string, d: number) => string} */
  const part = (text, d) => {
    const is = now[d], earlier = before[d];
    if (is === null) return "";
    const was = earlier !== null && percent(earlier) !== percent(is) ? t(" (was {share})", { share: percent(earlier) }) : "";
    return t(text, { share: `${percent(is)}${was}` });
  };
  const parts = [part(mark("{share} of the source points"), 0), part(mark("{share} of the target points"), 1)].filter(Boolean);
  return parts.length ? t(" Rightly predicted: {parts}.", { parts: parts.join(t(", ")) }) : "";
}

/** One sentence about the class whose domains lie widest apart. @type {(name: string | undefined, gap?: number | null) => string} */
export function apart(name, gap) {
  return name === undefined || typeof gap !== "number" ? "" : t(" Widest apart on the map: class {name}, centers {gap} of the spread.", { name, gap: gap.toFixed(2) });
}

/**
 * What the whole map shows; `told` holds accuracies now and before, the worst class and its gap.
 * @type {(points: Points | null, frame: { step: number, note?: string } | null, told?: { shown?: number, now?: Shares, before?: Shares, worst?: string, gap?: number | null }) => string}
 */
export function summary(points, frame, told = {}) {
  if (!points) return t("No points yet.");
  if (!frame) return t("Map of {points} points: nothing placed yet. Press Play.", { points: points.n });
  const { shown = points.n, now = [null, null], before, worst, gap } = told;
  const number = shown === points.n ? points.n : t("{shown} of {all}", { shown, all: points.n });
  const map = t("Map of {points} points after step {step}{note}.", { points: number, step: frame.step, note: frame.note ? `${t(", ")}${frame.note}` : "" });
  return `${map}${judged(now, before)}${apart(worst, gap)}`;
}

export const HOW = mark("Arrow keys walk from point to point, plus and minus zoom, 0 shows all, B draws a box, C takes a class.");

/** What a selection holds, in one line. @type {(counts: Counts) => string} */
export function selectionWords({ source, target, wrong, judged: known }) {
  const parts = [t("{n} source", { n: source }), t("{n} target", { n: target })];
  if (known) parts.push(t("{n} wrong", { n: wrong }));
  return parts.map((part) => part.replaceAll(" ", "\u00a0")).join(" · "); // each stays on one line
}

/**
 * What a selection is called, in the language in use: English with its values, of which one may be a title, too.
 * @type {(text: string, values: Title[1]) => string}
 */
export function titleWords(text, values) {
  return t(text, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? titleWords(...value) : value])));
}

/** A selection, aloud: what it is called, how many points it has, what it holds. @type {(title: string, counts: Counts) => string} */
export function chosenWords(title, counts) {
  const said = t("{n} points selected, {counts}", { n: counts.source + counts.target, counts: selectionWords(counts) });
  return title ? t("{title}: {count}", { title, count: said }) : said;
}

/** Where the tip of an axis is. @type {(axis: number, axes: Float32Array) => string} */
export function axisWords(axis, axes) {
  const place = { axis: axis + 1, axes: axes.length / 2, x: axes[2 * axis].toFixed(2), y: axes[2 * axis + 1].toFixed(2) };
  return t("Axis {axis} of {axes}: {x}, {y}. Arrow keys turn it, A takes the next, Escape leaves.", place);
}
