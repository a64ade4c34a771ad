// The strip over the picture: the step, and the few switches that are worth a place; the rest waits under View.
import { mark, t } from "../language.js";
import { element, toggle } from "./elements.js";
import { RING } from "./legend.js";
import { TINTS } from "./tints.js";
/** @import { Layer, Layers } from "../types.js" */

/** @type {[layer: Layer, text: string, title: string][]} */
const SWITCHES = [
  ["names", mark("Class names"), mark("Write each class's name at the middle of its source points, once they gather")],
  ["centroids", mark("Centroids"), mark("Each class's center in source (circle) and target (triangle), joined by a line; its length is a share of the map's spread. Measured on the map, not in feature space")],
  ["trails", mark("Trails"), mark("Where points were in the last eight frames: the selected ones, or else those of the target")],
  ["pictures", mark("Pictures"), mark("The points' own pictures in place of markers; a dashed frame is source")],
  ["density", mark("Density"), mark("Contour lines around where each domain's points are dense: dashed for the source")],
  ["faint", mark("Faint where misplaced"), mark("Fade the points whose neighbors on the map are not their neighbors in feature space")],
  ["fade", mark("Fade what is right"), mark("Fade what is predicted rightly, so that the wrong points stand out")],
  ["regions", mark("Decision regions"), mark("What the network would say at each place")],
];
const KEYS = [
  [mark("Ctrl + wheel, + −"), mark("zoom (the bare wheel scrolls the page)")], [mark("drag"), mark("pan")], [mark("double-click, 0"), mark("show all")],
  [mark("Shift + drag, B"), mark("select by a box")], [mark("Alt + drag"), mark("select by a lasso")], ["C", mark("select the point's class")], ["/", mark("find a class or a text")],
  [mark("arrows"), mark("walk from point to point")], ["A", mark("turn an axis, where there are axes")], ["Escape", mark("back")],
];

/** @typedef {{ flip: (layer: Layer) => void, fit: () => void, lasso: () => void, tint: (name: string) => void }} Acts */

/** `act.flip(layer)`, `act.fit()`, `act.lasso()` and `act.tint(name)` are called. */
export class Toolbar {
  offered = "";
  /** @type {Record<Layer, HTMLButtonElement>} */
  switches;
  /** @type {HTMLElement} */
  list;
  /** @type {HTMLElement} */
  place;
  /** @type {HTMLButtonElement} */
  more;

  /** @param {Element} parent @param {Acts} act */
  constructor(parent, act) {
    const strip = element("div", "tlt-strip", parent);
    this.caption = element("span", "tlt-caption", strip);
    this.remark = element("span", "tlt-remark", strip);
    this.tints = element("select", "tlt-tint", strip);
    this.tints.setAttribute("aria-label", t("Color by"));
    this.tints.addEventListener("change", () => act.tint(this.tints.value));
    this.fit = toggle(strip, t("Fit"), t("Show all points again and keep them framed (double-click, or key 0)"), () => act.fit());
    this.lasso = toggle(strip, t("Lasso"), t("Drag around points to select them; Alt + drag does so at any time, Shift + drag draws a box"), () => act.lasso());
    this.switches = /** @type {Record<Layer, HTMLButtonElement>} */ ({}); // the menu has the others
    this.switches.wrong = toggle(strip, t("Mark wrong"), t(RING), () => act.flip("wrong"));
    this.switches.wrong.classList.add("tlt-ringed");
    this.fit.hidden = true;
    this.menu(strip, act);
  }

  /** @type {(strip: Element, act: Acts) => void} */
  menu(strip, act) {
    const place = element("span", "tlt-view", strip);
    this.more = toggle(place, t("View"), t("What else the map can show, and its keys"), () => this.open(Boolean(this.list.hidden)));
    this.list = element("div", "tlt-menu", place);
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", t("View"));
    for (const [layer, text, title] of SWITCHES) this.switches[layer] = toggle(this.list, t(text), t(title), () => act.flip(layer));
    const keys = element("dl", "tlt-keys", this.list);
    for (const [key, what] of KEYS) { element("dt", "", keys, t(key)); element("dd", "", keys, t(what)); }
    place.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.open(false); this.more.focus(); } });
    place.addEventListener("focusout", (event) => { if (event.relatedTarget && !place.contains(/** @type {Node} */ (event.relatedTarget))) this.open(false); });
    this.place = place;
    this.open(false);
  }

  /** @type {(open: boolean) => void} */
  open(open) {
    this.list.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }

  /** A press elsewhere shuts the list. @type {(target: Node | null) => void} */
  pressed(target) { if (!this.place.contains(target)) this.open(false); }

  /**
   * Which switches are on, and which make sense at all.
   * @type {(layers: Layers, about: { lasso: boolean, byHand: boolean, pictures: unknown, regions: unknown, trust: unknown, tint: string, tints: string[] }) => void}
   */
  show(layers, { lasso, byHand, pictures, regions, trust, tint, tints }) {
    for (const [layer, button] of /** @type {[Layer, HTMLButtonElement][]} */ (Object.entries(this.switches))) button.setAttribute("aria-pressed", String(layers[layer]));
    this.lasso.setAttribute("aria-pressed", String(lasso));
    this.switches.pictures.hidden = !pictures;
    this.switches.regions.hidden = !regions;
    this.switches.faint.hidden = !trust;
    this.showTints(tint, tints);
    this.fit.hidden = !byHand;
  }

  /** What the points can be colored by. @type {(tint: string, tints: string[]) => void} */
  showTints(tint, tints) {
    const offered = TINTS.filter(([name]) => tints.includes(name)), now = offered.map(([name]) => name).join(" ");
    if (now !== this.offered) {
      this.offered = now;
      this.tints.replaceChildren(...offered.map(([name, text, title]) => Object.assign(element("option"), { value: name, textContent: t("color: {tint}", { tint: t(text) }), title: t(title) })));
    }
    this.tints.value = tint; this.tints.hidden = !offered.length;
    this.tints.title = t(TINTS.find(([name]) => name === tint)?.[2] ?? "");
  }

  /** @type {(step: string, note: string) => void} */
  say(step, note) { this.caption.textContent = step; this.remark.textContent = this.remark.title = note; }
}
