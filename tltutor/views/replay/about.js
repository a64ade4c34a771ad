// What was run, in words: the page's head and foot.
import { element } from "../points/elements.js";

const WORDS = {
  pair: "Domains", objective: "Objective", network: "Network", projection: "Map", seed: "Seed", steps: "Steps", device: "Device",
  target_labels: "Target labels", settings: "Settings at the start", versions: "Versions",
};

/** A value in words: numbers in few digits, records as "name value" pairs. */
export function valueWords(value) {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value === "boolean") return value ? "on" : "off";
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(valueWords).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, inner]) => `${key.replaceAll("_", " ")} ${valueWords(inner)}`).join(" · ");
  return String(value);
}

/** [name, words] of all that is known of the run, what everybody asks for first; empty records are left out. */
export function aboutRows(about) {
  const names = [...Object.keys(WORDS).filter((name) => name in about), ...Object.keys(about).filter((name) => !(name in WORDS))];
  return names.map((name) => [WORDS[name] ?? name.replaceAll("_", " "), valueWords(about[name])]).filter(([, words]) => words !== "");
}

/** The line under the title. */
export function subtitle(run, count) {
  const { objective, projection, seed } = run.about, told = [];
  if (objective && !run.title.includes(objective)) told.push(`objective ${objective}`);
  if (projection) told.push(`map ${projection}`);
  if (seed !== undefined) told.push(`seed ${seed}`);
  const every = run.every > 1 ? `, every ${run.every}${{ 2: "nd", 3: "rd" }[run.every] ?? "th"} of the run` : "";
  return [...told, `${run.points.n} points`, `${count} ${count === 1 ? "frame" : "frames"}${every}`].join(" · ");
}

/** The foot: what was run, and what was changed while it ran; `go(step)` is called for a change that is chosen. */
export function tellAbout(parent, run, go) {
  const foot = element("footer", "tlt-replay-about", parent), what = element("section", "", foot);
  element("h2", "", what, "What was run");
  const list = element("dl", "", what);
  for (const [name, words] of aboutRows(run.about)) { element("dt", "", list, name); element("dd", "", list, words); }
  if (!list.children.length) element("p", "", what, "The recording does not say.");
  const changes = element("section", "", foot);
  element("h2", "", changes, "What was changed on the way");
  if (!run.changes.length) element("p", "", changes, "Nothing.");
  const steps = element("ol", "", changes);
  for (const [step, text] of run.changes) {
    const button = element("button", "tlt-chip", element("li", "", steps), `step ${step.toLocaleString("en")}: ${text}`);
    button.type = "button";
    button.addEventListener("click", () => go(step));
  }
}
