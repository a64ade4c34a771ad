// What is said of points, for tooltips and screen readers. Pure functions.
import { isWrong } from "./painter.js";

/** What is known of point `i`, as plain text for a tooltip and for a screen reader. */
export function describe(points, predictions, i) {
  const label = points.labels[i], guess = predictions.length ? predictions[i] : -1;
  const name = (c) => points.classes[c] ?? String(c);
  const lines = [[label < 0 ? "class" : "true", label < 0 ? "not known" : name(label)]];
  if (guess >= 0) lines.push(["predicted", name(guess) + (label < 0 ? "" : guess === label ? " ✓" : " ✗")]);
  const role = points.isTarget[i] ? "target" : "source", domain = points.domains[points.isTarget[i]];
  lines.push(["domain", domain && domain !== role ? `${role}: ${domain}` : role]);
  if (points.width) {
    const row = points.vectors.subarray(i * points.width, (i + 1) * points.width);
    lines.push(["x", Array.from(row, (v) => v.toFixed(2)).join(", ")]);
  }
  return lines;
}

/** Shares (0..1) of the labelled and shown points predicted rightly, [source, target]; null where none are judged. */
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
  const part = (name, d) => {
    if (now[d] === null) return "";
    const was = before[d] !== null && percent(before[d]) !== percent(now[d]) ? ` (was ${percent(before[d])})` : "";
    return `${percent(now[d])}${was} of the ${name} points`;
  };
  const parts = [part("source", 0), part("target", 1)].filter(Boolean);
  return parts.length ? ` Rightly predicted: ${parts.join(", ")}.` : "";
}

/** One sentence about the class whose domains lie widest apart. */
export function apart(name, gap) {
  return name === undefined ? "" : ` Widest apart on the map: class ${name}, centres ${gap.toFixed(2)} of the spread.`;
}

/** What the whole map shows; `told` holds accuracies now and before, the worst class and its gap. */
export function summary(points, frame, told = {}) {
  if (!points) return "No points yet.";
  if (!frame) return `Map of ${points.n} points: nothing placed yet. Press Play.`;
  const { shown = points.n, now = [null, null], before, worst, gap } = told;
  const number = shown === points.n ? points.n : `${shown} of ${points.n}`;
  return `Map of ${number} points after step ${frame.step}${frame.note ? `, ${frame.note}` : ""}.${judged(now, before)}${apart(worst, gap)}`;
}

export const HOW = "Arrow keys walk from point to point, plus and minus zoom, 0 shows all, B draws a box, C takes a class.";

/** What a selection holds, in one line. */
export function selectionWords({ source, target, wrong, judged: known }) {
  const parts = [`${source}\u00a0source`, `${target}\u00a0target`]; // each stays on one line
  if (known) parts.push(`${wrong}\u00a0wrong`);
  return parts.join(" · ");
}

/** Where the tip of an axis is. */
export function axisWords(axis, axes) {
  return `Axis ${axis + 1} of ${axes.length / 2}: ${axes[2 * axis].toFixed(2)}, ${axes[2 * axis + 1].toFixed(2)}. Arrow keys turn it, A takes the next, Escape leaves.`;
}
