// The timeline: a range input over the run's steps, with ticks where something changed; its right end is live.
// It stays where the learner put it while more steps come.
import { t } from "./language.js";
import { judgeTicks } from "./judges.js";
import { decode } from "./map.js";
import { element, toggle } from "./points/elements.js";
/** @import { Drawn, Place, Tick, TimelineValues } from "./types.js" */

/**
 * Where the thumb stands: [max, value] in steps; position is a frame's number, -1 for live; reached: how far the run is.
 * @type {(steps: number[], position: number, reached: number) => [max: number, value: number]}
 */
export function thumb(steps, position, reached) {
  const max = Math.max(reached, steps.at(-1) ?? 0);
  return [max, position < 0 || !steps.length ? max : steps[Math.min(position, steps.length - 1)]];
}

/**
 * The frame that a step means: the last one that was taken until then; -1, live, from the last frame's step on.
 * @type {(value: number, steps: number[]) => number}
 */
export function meant(value, steps) {
  if (value >= (steps.at(-1) ?? 0)) return -1;
  let found = 0;
  while (found + 1 < steps.length && steps[found + 1] <= value) found++;
  return found;
}

/** What stands beside it; how old the map is, where the run has gone on. @type {(steps: number[], position: number, reached: number) => string} */
export function words(steps, position, reached) {
  if (!steps.length) return t("nothing recorded yet");
  const last = steps[steps.length - 1];
  /** @type {(step: number) => string} */
  const count = (step) => step.toLocaleString("en");
  if (position >= 0) return t("step {step} of {all}", { step: count(steps[Math.min(position, steps.length - 1)]), all: count(Math.max(reached, last)) });
  return reached > last ? t("live · map: {steps} steps ago", { steps: count(reached - last) }) : t("live");
}

/**
 * The step a jump leads to: the next tick that way (1 or -1) from a thumb's place, else the end.
 * @type {(at: number[], value: number, max: number, way: number) => number}
 */
export function jump(at, value, max, way) {
  const there = at.filter((step) => (step - value) * way > 0);
  return there.length ? (way > 0 ? Math.min(...there) : Math.max(...there)) : way > 0 ? max : 0;
}

/**
 * The step of the next frame that way (1 or -1) from a thumb's place; frames of one step count as one.
 * @type {(steps: number[], value: number, max: number, way: number) => number}
 */
export function neighborStep(steps, value, max, way) {
  const there = steps.filter((step) => (step - value) * way > 0);
  return there.length ? (way > 0 ? Math.min(...there) : Math.max(...there)) : way > 0 ? max : 0;
}

/** What the ticks at a step say. @type {(ticks: Tick[], steps: number[], value: number) => string} */
export function said(ticks, steps, value) {
  return ticks.filter(([at]) => steps[Math.min(at, steps.length - 1)] === value).map(([, text]) => text).join("; ");
}

/** Where a step stands over the track, in CSS: the thumb is 10 pixels wide. @type {(step: number, max: number) => string} */
export function tickPlace(step, max) {
  const share = max ? Math.min(step, max) / max : 1;
  return `calc(${(100 * share).toFixed(2)}% + ${(5 - 10 * share).toFixed(2)}px)`;
}

/**
 * The settled map's button for how the map stands: [text, whether it can be pressed, whether it is].
 * @type {(state: TimelineValues["settled"]) => [text: string, able: boolean, pressed: boolean]}
 */
export function settledButton(state) {
  return [state === "waiting" ? t("Settling…") : t("Settled UMAP"), state !== "waiting", state === "shown"];
}

/** @type {Record<string, number>} */
const PAGES = { PageUp: 1, PageDown: -1 };
/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/** The slider with its ticks in `root`; go(position) hears what a person does, show() draws how it stands. */
export class Scrubber {
  /** @type {Tick[]} */
  ticks = [];
  /** @type {number[]} */
  steps = [];
  drawn = "";

  /** @param {Element} root @param {(position: number) => void} go */
  constructor(root, go) {
    this.go = go;
    const label = element("label", "", root, t("Replay")), track = element("span", "tlt-track", label);
    this.range = element("input", "", track);
    this.marks = element("span", "tlt-ticks", track);
    this.map = element("span", "tlt-map-head", track);
    Object.assign(this.range, { type: "range", min: 0, step: 1 });
    this.range.title = t("Look back over the recorded steps; training goes on. The right end is live. Page Up and Page Down jump between changes");
    this.range.addEventListener("input", () => go(meant(this.value, this.steps)));
    this.range.addEventListener("keydown", (event) => this.key(event));
  }

  get value() { return Number(this.range.value); }
  get max() { return Number(this.range.max); }

  /** @type {(event: KeyboardEvent) => void} */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = PAGES[event.key], arrow = ARROWS[event.key];
    if (!page && !arrow) return;
    event.preventDefault();
    const at = this.ticks.map(([frame]) => this.stepOf(frame));
    this.go(meant(page ? jump(at, this.value, this.max, page) : neighborStep(this.steps, this.value, this.max, arrow), this.steps));
  }

  /** The step of a frame. @type {(frame: number) => number} */
  stepOf(frame) { return this.steps[Math.min(frame, this.steps.length - 1)] ?? 0; }

  /** @type {(steps: number[], position: number, ticks: Tick[], reached: number) => void} */
  show(steps, position, ticks, reached) {
    const [max, value] = thumb(steps, position, reached);
    this.ticks = ticks; this.steps = steps;
    Object.assign(this.range, { max, value, disabled: steps.length < 2 });
    this.range.setAttribute("aria-valuetext", [words(steps, position, reached), said(ticks, steps, value)].filter(Boolean).join(", "));
    this.draw(max);
  }

  /** @type {(max: number) => void} */
  draw(max) {
    const now = JSON.stringify([max, this.steps.at(-1), this.ticks]);
    if (now === this.drawn) return;
    this.drawn = now;
    this.marks.replaceChildren();
    for (const [frame, text, kind] of this.ticks) {
      const tick = element("button", "tlt-tick", this.marks), step = this.stepOf(frame);
      tick.type = "button"; tick.tabIndex = -1; tick.title = text; tick.dataset.kind = kind;
      tick.style.left = tickPlace(step, max);
      tick.setAttribute("aria-label", text);
      tick.addEventListener("click", (event) => { event.preventDefault(); this.range.focus(); this.go(meant(step, this.steps)); });
    }
    const last = this.steps.at(-1) ?? 0;
    this.map.hidden = last >= max;
    this.map.style.left = tickPlace(last, max);
  }
}

/** @type {(place: Place<TimelineValues>) => Drawn} */
export function renderTimeline({ model, el, recorded }) {
  const root = element("div", "tlt-timeline", el);
  const scrubber = new Scrubber(root, (position) => { model.set("position", position); model.save_changes(); });
  const aside = element("span", "tlt-aside", root), text = element("span", "tlt-words", aside), back = element("span", "tlt-back", root);
  /** @type {(content: object) => void} */
  const ask = (content) => model.send({ position: model.get("position"), ...content });
  if (!recorded) toggle(back, t("Play from here"), t("Train on from this step, with the sliders as they are now"), () => ask({ kind: "branch" }));
  const why = t("Select the target points whose predicted class differs from the look before this one; with Shift: from the first look");
  toggle(back, t("What changed?"), why, (_, event) => ask({ kind: "changed", start: event.shiftKey }));
  const calm = t("umap-learn's own map of these features, fitted anew in the background; press again for the live map");
  const settled = toggle(root, "", calm, () => model.send({ kind: "settled" }));
  const live = toggle(root, t("Live"), t("Back to what is happening now"), () => scrubber.go(-1));
  const show = () => {
    const steps = Array.from(decode(model.get("steps"), Int32Array)), position = model.get("position"), reached = model.get("reached");
    scrubber.show(steps, position, [...model.get("ticks"), ...judgeTicks(model.get("chosen"), steps)], reached);
    text.textContent = words(steps, position, reached);
    back.style.visibility = position < 0 ? "hidden" : "visible"; // it keeps its room: the slider must not move under the hand
    live.setAttribute("aria-pressed", String(position < 0)); live.hidden = Boolean(recorded);
    const [name, able, pressed] = settledButton(model.get("settled"));
    settled.textContent = name; settled.disabled = !able; settled.style.display = model.get("settled") ? "" : "none";
    settled.setAttribute("aria-pressed", String(pressed));
  };
  const events = ["change:steps", "change:position", "change:ticks", "change:chosen", "change:settled", "change:reached"];
  for (const name of events) model.on(name, show);
  show();
  return () => { for (const name of events) model.off(name, show); };
}
