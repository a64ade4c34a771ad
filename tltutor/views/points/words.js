// What is said of points, for tooltips and screen readers. Pure functions.

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

/** One sentence about the whole map. */
export function summary(points, frame, wrong) {
  if (!points) return "No points yet.";
  if (!frame) return `Map of ${points.n} points: nothing placed yet. Press Play.`;
  const judged = wrong === null ? "" : ` ${wrong} of the labelled points are predicted wrongly.`;
  return `Map of ${points.n} points after step ${frame.step}${frame.note ? `, ${frame.note}` : ""}.${judged} Arrow keys walk from point to point.`;
}

/** How many labelled points are predicted wrongly; null where nothing is predicted or labelled. */
export function countWrong(labels, predictions) {
  let wrong = 0, judged = 0;
  for (let i = 0; i < predictions.length; i++) if (labels[i] >= 0) { judged++; wrong += Number(predictions[i] !== labels[i]); }
  return judged ? wrong : null;
}
