// The legend: what colors and shapes mean, switches for both, and how far each class's domains lie apart.
import { t } from "../language.js";
import { element, toggle } from "./elements.js";
import { icon } from "./marks.js";
import { domainWords } from "./words.js";

/** What a class's chip says of its gap. */
export function gapWords(gap, worst) {
  if (gap === null) return "";
  const told = { gap: gap.toFixed(2) };
  return worst
    ? t("Widest apart: its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told)
    : t("Its source and target centers are {gap} of the map's spread apart. Measured on the map, not in feature space.", told);
}

/** Chips for domains and classes; `act.press(what, key, alone)` and `act.light({what, key} or null)` are called. */
export class Legend {
  constructor(parent, act) {
    this.act = act;
    this.box = element("div", "tlt-legend", parent);
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", t("Legend: press to hide or show"));
    this.chips = [];
  }

  /** Every chip anew; the focus stays where it was. */
  fill(points, filter, colors) {
    const focused = [...this.box.children].indexOf(document.activeElement);
    this.box.replaceChildren();
    this.chips = [];
    if (!points) return;
    points.domains.forEach((name, d) => this.chip(filter, "domain", d, { mark: icon(d), text: domainWords(name, d) }));
    element("span", "tlt-gap", this.box);
    this.chips = points.classes.map((name, c) => this.chip(filter, "class", c, { mark: swatch(colors[c]), text: name }));
    this.box.children[focused]?.focus?.();
  }

  chip(filter, what, key, { mark, text }) {
    const title = t("{what}: press to hide or show, Shift to show it alone", { what: what === "class" ? t("class {name}", { name: text }) : text });
    const button = toggle(this.box, "", title, (_, event) => this.act.press(what, key, event.shiftKey));
    button.append(mark, text);
    button.dataset.title = title;
    button.setAttribute("aria-pressed", String(!filter.off[what].has(key)));
    for (const [name, now] of [["pointerenter", { what, key }], ["focus", { what, key }], ["pointerleave", null], ["blur", null]]) {
      button.addEventListener(name, () => { if (!name.startsWith("f") || button.matches(":focus-visible")) this.act.light(now); });
    }
    return button;
  }

  /** A bar a class: full where the centers are as far apart as the map's points are spread; the widest is marked. */
  measure(centers, worst) {
    this.chips.forEach((button, c) => {
      const gap = centers?.[c]?.gap ?? null, words = gapWords(gap, c === worst);
      button.classList.toggle("tlt-widest", c === worst);
      button.style.setProperty("--tlt-apart", gap === null ? "0" : Math.min(gap, 1).toFixed(3));
      button.title = words ? t("{title}. {words}", { title: button.dataset.title, words }) : button.dataset.title;
      button.setAttribute("aria-description", words);
    });
  }
}

function swatch(color) {
  const mark = element("i", "tlt-swatch");
  mark.style.background = color;
  return mark;
}
