// The legend: what colors and shapes mean, switches for both, and how far each class's domains lie apart.
import { mark, t } from "../language.js";
import { element, toggle } from "./elements.js";
import { icon } from "./marks.js";
import { endsOf } from "./tints.js";
import { domainWords } from "./words.js";
/** @import { Centers, Kind, Lit, Points } from "../types.js" */
/** @import { Filter } from "./filter.js" */

export const RING = mark("A ring around what is predicted wrongly, in the predicted class's color; from the first step on");

/** What a class's chip says of its gap. @type {(gap: number | null, worst: boolean) => string} */
export function gapWords(gap, worst) {
  if (gap === null) return "";
  const told = { gap: gap.toFixed(2) };
  return worst
    ? t("Widest apart: its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told)
    : t("Its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told);
}

/** Chips for domains and classes; `remark` says how far the map can be trusted; `act.press(what, key, alone)` and `act.light({what, key} or null)` are called. */
export class Legend {
  /** @type {HTMLButtonElement[]} */
  chips = [];

  /**
   * @param {Element} parent @param {HTMLElement} remark
   * @param {{ press: (what: Kind, key: number, alone: boolean) => void, light: (lit: Lit | null) => void }} act
   */
  constructor(parent, remark, act) {
    this.act = act; this.remark = remark;
    this.box = element("div", "tlt-legend", parent);
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", t("Legend: press to hide or show"));
  }

  /**
   * Every chip anew; the focus stays where it was. tint: what the points are colored by; scale: its colors, the first for nothing;
   * waits: the colors wait for a point that is looked at; rings: what is predicted wrongly has one.
   * @type {(points: Points | null, filter: Filter, colors: string[], tinted?: { tint?: string, scale?: string[], waits?: boolean, rings?: boolean }) => void}
   */
  fill(points, filter, colors, { tint = "class", scale = [], waits = false, rings = false } = {}) {
    const focused = [...this.box.children].indexOf(/** @type {Element} */ (document.activeElement));
    this.box.replaceChildren();
    this.chips = [];
    if (!points) return;
    points.domains.forEach((name, d) => {
      const sign = icon(d);
      if (tint === "domain" || tint === "opinion") sign.style.color = d ? scale[scale.length - 1] : scale[1];
      this.chip(filter, "domain", d, { mark: sign, text: domainWords(name, d) });
    });
    if (rings) element("span", "tlt-ring-key", this.box, t("ring: wrong")).title = t(RING);
    element("span", "tlt-gap", this.box);
    const ofClass = tint === "class" || tint === "prediction";
    this.chips = points.classes.map((name, c) => this.chip(filter, "class", c, { mark: ofClass ? swatch(colors[c]) : "", text: name }));
    if (endsOf(tint).length) this.ramp(endsOf(tint), tint === "changed" ? scale : scale.slice(1));
    if (waits) element("span", "tlt-waits", this.box, t("Look at a point, by pointer or arrow keys: until then all are gray."));
    /** @type {HTMLElement | undefined} */ (this.box.children[focused])?.focus?.();
  }

  /** The colors of a scale, from its lower end to its upper one. @type {(ends: string[], colors: string[]) => void} */
  ramp([low, high], colors) {
    const ramp = element("span", "tlt-ramp", this.box);
    element("span", "", ramp, low);
    element("i", "", ramp).style.setProperty("--tlt-scale", colors.join(", "));
    element("span", "", ramp, high);
  }

  /** What the faint points mean, where there are some, and how many points are laid out, where not all are. @type {(share: number, laidOut: number) => void} */
  trust(share, laidOut) {
    const untrue = share > 0 ? t("{share} % misplaced", { share: Math.max(1, Math.round(100 * share)) }) : "";
    const part = laidOut ? t("{n} laid out", { n: laidOut.toLocaleString("en") }) : "";
    this.remark.textContent = [part, untrue].filter(Boolean).join(" · ");
    const words = laidOut ? t("The map lays out {n} points; each of the others stands by the one of these that is nearest to it in feature space.", { n: laidOut.toLocaleString("en") }) : "";
    this.remark.title = [words, untrue && this.untrueWords].filter(Boolean).join("\n");
  }

  get untrueWords() {
    return t("So many points have other neighbors on the map than in feature space: do not trust their places. They are faint, where they are fewer than half");
  }

  /** @type {(filter: Filter, what: Kind, key: number, about: { mark: Node | string, text: string }) => HTMLButtonElement} */
  chip(filter, what, key, { mark, text }) {
    const title = t("{what}: press to hide or show, Shift to show it alone", { what: what === "class" ? t("class {name}", { name: text }) : text });
    const button = toggle(this.box, "", title, (_, event) => this.act.press(what, key, event.shiftKey));
    button.append(mark, text);
    button.dataset.title = title;
    button.setAttribute("aria-pressed", String(!filter.off[what].has(key)));
    /** @type {[event: string, lit: Lit | null][]} */
    const lights = [["pointerenter", { what, key }], ["focus", { what, key }], ["pointerleave", null], ["blur", null]];
    for (const [name, now] of lights) {
      button.addEventListener(name, () => { if (!name.startsWith("f") || button.matches(":focus-visible")) this.act.light(now); });
    }
    return button;
  }

  /**
   * A bar a class: full where the centers are as far apart as the map's points are spread; the widest is marked.
   * @type {(centers: Centers[] | null | undefined, worst: number) => void}
   */
  measure(centers, worst) {
    this.chips.forEach((button, c) => {
      const gap = centers?.[c]?.gap ?? null, words = gapWords(gap, c === worst);
      button.classList.toggle("tlt-widest", c === worst);
      button.style.setProperty("--tlt-apart", gap === null ? "0" : Math.min(gap, 1).toFixed(3));
      button.title = words ? t("{title}. {words}", { title: button.dataset.title, words }) : button.dataset.title ?? "";
      button.setAttribute("aria-description", words);
    });
  }
}

/** @type {(color: string) => HTMLElement} */
function swatch(color) {
  const mark = element("i", "tlt-swatch");
  mark.style.background = color;
  return mark;
}
