// What was run, in words: the page's head and foot.
import { mark, t } from "../language.js";
import { element } from "../points/elements.js";
/** @import { Run, RunAbout } from "../types.js" */

/** @type {Record<string, string>} */
const WORDS = {
  pair: mark("Domains"), objective: mark("Objective"), network: mark("Network"), projection: mark("Map"), laid_out: mark("Points laid out"), seed: mark("Seed"), steps: mark("Steps"),
  device: mark("Device"), target_labels: mark("Target labels"), settings: mark("Settings at the start"), versions: mark("Versions"),
};

/** A value in words: numbers in few digits, records as "name value" pairs. @type {(value: unknown) => string} */
export function plainWords(value) {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (typeof value === "boolean") return value ? t("on") : t("off");
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(plainWords).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, inner]) => `${t(key.replaceAll("_", " "))} ${plainWords(inner)}`).join(" · ");
  return String(value);
}

/** What is told in words is translated, names stay. @type {(name: string, value: unknown) => string} */
const saidOf = (name, value) => (name === "target_labels" ? t(String(value)) : plainWords(value));

/** [name, words] of all that is known of the run, what everybody asks for first; empty records are left out. @type {(about: RunAbout) => [string, string][]} */
export function aboutRows(about) {
  const names = [...Object.keys(WORDS).filter((name) => name in about), ...Object.keys(about).filter((name) => !(name in WORDS))];
  return names.map((name) => /** @type {[string, string]} */ ([t(WORDS[name] ?? name.replaceAll("_", " ")), saidOf(name, about[name])])).filter(([, words]) => words !== "");
}

/** The line under the title. @type {(run: Run, count: number) => string} */
export function subtitle(run, count) {
  const { objective, projection, seed } = run.about, told = [];
  if (objective && !run.title.includes(objective)) told.push(t("objective {name}", { name: objective }));
  if (projection) told.push(t("map {name}", { name: projection }));
  if (seed !== undefined) told.push(t("seed {number}", { number: seed }));
  const every = run.every > 1 ? t(", one of every {every} in the run", { every: run.every }) : "";
  return [...told, t("{n} points", { n: run.points.n }), `${count === 1 ? t("1 frame") : t("{n} frames", { n: count })}${every}`].join(" · ");
}

/** The foot: what was run, and what was changed while it ran; `go(step)` is called for a change that is chosen. @type {(parent: Element, run: Run, go: (step: number) => void) => void} */
export function tellAbout(parent, run, go) {
  const foot = element("footer", "tlt-replay-about", parent), what = element("section", "", foot);
  element("h2", "", what, t("What was run"));
  const list = element("dl", "", what);
  for (const [name, words] of aboutRows(run.about)) { element("dt", "", list, name); element("dd", "", list, words); }
  if (!list.children.length) element("p", "", what, t("The recording does not say."));
  const changes = element("section", "", foot);
  element("h2", "", changes, t("What was changed on the way"));
  if (!run.changes.length) element("p", "", changes, t("Nothing."));
  const steps = element("ol", "", changes);
  for (const [step, text] of run.changes) {
    const button = element("button", "tlt-chip", element("li", "", steps), t("step {step}: {text}", { step: step.toLocaleString("en"), text }));
    button.type = "button";
    button.addEventListener("click", () => go(step));
  }
}
