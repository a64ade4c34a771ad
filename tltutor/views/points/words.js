// What is said of points, for tooltips and screen readers. Pure functions.
import { mark, t } from "../language.js";
import { isWrong } from "./painter.js";

/** What is known of point `i`, as plain text for a tooltip and for a screen reader. */
export function describe(points, predictions, i) {
  const label = points.labels[i], guess = predictions.length ? predictions[i] : -1;
  const name = (c) => points.classes[c] ?? String(c);
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

/** A domain's part, and its name where that says more. */
export function domainWords(name, d) {
  const [role, part] = d ? ["target", t("target")] : ["source", t("source")];
  return name && name !== role ? t("{part}: {name}", { part, name }) : part;
}

/** Shares (0..1) of the labeled and shown points predicted rightly, [source, target]; null where none are judged. */
export function accuracies(points, predictions, shows = () => true) {
  const right = [0, 0], judged = [0, 0];
  for (let i = 0; i < predictions.length; i++) {
    if (points.labels[i] < 0 || !shows(i)) continue;
    judged[points.isTarget[i]]++;
    right[points.isTarget[i]] += Number(!isWrong(points, predictions, i));
  }
  return right.map((value, d) => (judged[d] ? value / judged[d] : null));
}

const percent = (share) => `${Math.round(100 * share)} %`;

/** Accuracies in words, with what they were when last spoken of, where that was another number. */
export function judged(now, before = [null, null]) {
  const part = (text, d) => {
    if (now[d] === null) return "";
    const was = before[d] !== null && percent(before[d]) !== percent(now[d]) ? t(" (was {share})", { share: percent(before[d]) }) : "";
    return t(text, { share: `${percent(now[d])}${was}` });
  };
  const parts = [part(mark("{share} of the source points"), 0), part(mark("{share} of the target points"), 1)].filter(Boolean);
  return parts.length ? t(" Rightly predicted: {parts}.", { parts: parts.join(t(", ")) }) : "";
}

/** One sentence about the class whose domains lie widest apart. */
export function apart(name, gap) {
  return name === undefined ? "" : t(" Widest apart on the map: class {name}, centers {gap} of the spread.", { name, gap: gap.toFixed(2) });
}

/** What the whole map shows; `told` holds accuracies now and before, the worst class and its gap. */
export function summary(points, frame, told = {}) {
  if (!points) return t("No points yet.");
  if (!frame) return t("Map of {points} points: nothing placed yet. Press Play.", { points: points.n });
  const { shown = points.n, now = [null, null], before, worst, gap } = told;
  const number = shown === points.n ? points.n : t("{shown} of {all}", { shown, all: points.n });
  const map = t("Map of {points} points after step {step}{note}.", { points: number, step: frame.step, note: frame.note ? `${t(", ")}${frame.note}` : "" });
  return `${map}${judged(now, before)}${apart(worst, gap)}`;
}

export const HOW = mark("Arrow keys walk from point to point, plus and minus zoom, 0 shows all, B draws a box, C takes a class.");

/** What a selection holds, in one line. */
export function selectionWords({ source, target, wrong, judged: known }) {
  const parts = [t("{n} source", { n: source }), t("{n} target", { n: target })];
  if (known) parts.push(t("{n} wrong", { n: wrong }));
  return parts.map((part) => part.replaceAll(" ", "\u00a0")).join(" · "); // each stays on one line
}

/** A selection, aloud: what it is called, how many points it has, what it holds. */
export function chosenWords(title, counts) {
  const said = t("{n} points selected, {counts}", { n: counts.source + counts.target, counts: selectionWords(counts) });
  return title ? t("{title}: {count}", { title, count: said }) : said;
}

/** Where the tip of an axis is. */
export function axisWords(axis, axes) {
  const place = { axis: axis + 1, axes: axes.length / 2, x: axes[2 * axis].toFixed(2), y: axes[2 * axis + 1].toFixed(2) };
  return t("Axis {axis} of {axes}: {x}, {y}. Arrow keys turn it, A takes the next, Escape leaves.", place);
}
