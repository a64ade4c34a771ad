// The timeline: a range input over the recorded frames with ticks where something changed; its right end is live.
// It stays where the learner put it while more frames come.
import { t } from "./language.js";
import { element, toggle } from "./points/elements.js";

/** Where the thumb stands: [max, value] for a length and a position (-1 is live). */
export function thumb(length, position) {
  const max = Math.max(length - 1, 0);
  return [max, position < 0 ? max : Math.min(position, max)];
}

/** The position that a thumb's place means: the right end is live. */
export function meant(value, max) {
  return value >= max ? -1 : value;
}

/** What stands beside it. */
export function words(length, position) {
  if (!length) return t("nothing recorded yet");
  return position < 0 ? t("live · {frames} frames", { frames: length }) : t("frame {frame} of {frames}", { frame: position + 1, frames: length });
}

/** The frame a jump leads to: the next tick that way (1 or -1) from a thumb's place, else the end. */
export function jump(ticks, value, max, way) {
  const there = ticks.map(([at]) => Math.min(at, max)).filter((at) => (at - value) * way > 0);
  return there.length ? (way > 0 ? Math.min(...there) : Math.max(...there)) : way > 0 ? max : 0;
}

/** What the ticks at a thumb's place say. */
export function said(ticks, value, max) {
  return ticks.filter(([at]) => Math.min(at, max) === value).map(([, text]) => text).join("; ");
}

/** Where a tick stands over the track, in CSS: the thumb is 10 pixels wide. */
export function tickPlace(at, max) {
  const share = max ? Math.min(at, max) / max : 1;
  return `calc(${(100 * share).toFixed(2)}% + ${(5 - 10 * share).toFixed(2)}px)`;
}

/** The settled map's button for how the map stands: [text, whether it can be pressed, whether it is]. */
export function settledButton(state) {
  return [state === "waiting" ? t("Settling…") : t("Settled UMAP"), state !== "waiting", state === "shown"];
}

/** The slider with its ticks in `root`; go(position) hears what a person does, show() draws how it stands. */
export class Scrubber {
  constructor(root, go) {
    this.go = go; this.ticks = []; this.drawn = "";
    const label = element("label", "", root, t("Replay")), track = element("span", "tlt-track", label);
    this.range = element("input", "", track);
    this.marks = element("span", "tlt-ticks", track);
    this.range.type = "range"; this.range.min = 0; this.range.step = 1;
    this.range.title = t("Look back over the recorded frames; training goes on. The right end is live. Page Up and Page Down jump between changes");
    this.range.addEventListener("input", () => go(meant(this.value, this.max)));
    this.range.addEventListener("keydown", (event) => this.key(event));
  }

  get value() { return Number(this.range.value); }
  get max() { return Number(this.range.max); }

  key(event) {
    const way = { PageUp: 1, PageDown: -1 }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.go(meant(jump(this.ticks, this.value, this.max, way), this.max));
  }

  show(length, position, ticks) {
    const [max, value] = thumb(length, position);
    this.ticks = ticks;
    this.range.max = max; this.range.value = value; this.range.disabled = length < 2;
    this.range.setAttribute("aria-valuetext", [words(length, position), said(ticks, value, max)].filter(Boolean).join(", "));
    this.draw(max);
  }

  draw(max) {
    const now = JSON.stringify([max, this.ticks]);
    if (now === this.drawn) return;
    this.drawn = now;
    this.marks.replaceChildren();
    for (const [at, text, kind] of this.ticks) {
      const tick = element("button", "tlt-tick", this.marks);
      tick.type = "button"; tick.tabIndex = -1; tick.title = text; tick.dataset.kind = kind;
      tick.style.left = tickPlace(at, max);
      tick.setAttribute("aria-label", text);
      tick.addEventListener("click", (event) => { event.preventDefault(); this.range.focus(); this.go(meant(Math.min(at, max), max)); });
    }
  }
}

export function renderTimeline({ model, el }) {
  const root = element("div", "tlt-timeline", el);
  const scrubber = new Scrubber(root, (position) => { model.set("position", position); model.save_changes(); });
  const aside = element("span", "tlt-aside", root), text = element("span", "tlt-words", aside), back = element("span", "tlt-back", aside);
  const ask = (content) => model.send({ position: model.get("position"), ...content });
  toggle(back, t("Play from here"), t("Train on from this step, with the sliders as they are now"), () => ask({ kind: "branch" }));
  const why = t("Select the target points whose predicted class differs from the look before this one; with Shift: from the first look");
  toggle(back, t("What changed?"), why, (_, event) => ask({ kind: "changed", start: event.shiftKey }));
  const calm = t("umap-learn's own map of these features, fitted anew in the background; press again for the live map");
  const settled = toggle(root, "", calm, () => model.send({ kind: "settled" }));
  const live = toggle(root, t("Live"), t("Back to what is happening now"), () => scrubber.go(-1));
  const show = () => {
    const length = model.get("length"), position = model.get("position");
    scrubber.show(length, position, model.get("ticks"));
    text.textContent = words(length, position);
    text.style.visibility = position < 0 ? "visible" : "hidden"; // both keep their room: the slider must not move under the hand
    back.style.visibility = position < 0 ? "hidden" : "visible";
    live.setAttribute("aria-pressed", String(position < 0));
    const [name, able, pressed] = settledButton(model.get("settled"));
    settled.textContent = name; settled.disabled = !able; settled.style.display = model.get("settled") ? "" : "none";
    settled.setAttribute("aria-pressed", String(pressed));
  };
  const events = ["change:length", "change:position", "change:ticks", "change:settled"];
  for (const name of events) model.on(name, show);
  show();
  return () => { for (const name of events) model.off(name, show); };
}
