// The strip over the picture: the step, and the few switches that are worth a place; the rest waits under View.
import { mark, t } from "../language.js";
import { element, toggle } from "./elements.js";

const SWITCHES = [
  ["names", mark("Class names"), mark("Write each class's name at the middle of its source points, once they gather")],
  ["centroids", mark("Centroids"), mark("Each class's center in source (circle) and target (triangle), joined by a line; its length is a share of the map's spread. Measured on the map, not in feature space")],
  ["trails", mark("Trails"), mark("Where points were in the last eight frames: the selected ones, or else those of the target")],
  ["pictures", mark("Pictures"), mark("The points' own pictures in place of markers; a dashed frame is source")],
  ["regions", mark("Decision regions"), mark("What the network would say at each place")],
];
const KEYS = [
  [mark("Ctrl + wheel, + −"), mark("zoom (the bare wheel scrolls the page)")], [mark("drag"), mark("pan")], [mark("double-click, 0"), mark("show all")],
  [mark("Shift + drag, B"), mark("select by a box")], [mark("Alt + drag"), mark("select by a lasso")], ["C", mark("select the point's class")],
  [mark("arrows"), mark("walk from point to point")], ["A", mark("turn an axis, where there are axes")], ["Escape", mark("back")],
];

/** `act.flip(layer)`, `act.fit()` and `act.lasso()` are called. */
export class Toolbar {
  constructor(parent, act) {
    const strip = element("div", "tlt-strip", parent);
    this.caption = element("span", "tlt-caption", strip);
    this.remark = element("span", "tlt-remark", strip);
    this.fit = toggle(strip, t("Fit"), t("Show all points again and keep them framed (double-click, or key 0)"), () => act.fit());
    this.lasso = toggle(strip, t("Lasso"), t("Drag around points to select them; Alt + drag does so at any time, Shift + drag draws a box"), () => act.lasso());
    const wrong = t("Fade what is predicted rightly; a ring in the predicted class's color marks the rest");
    this.switches = { wrong: toggle(strip, t("Mark wrong"), wrong, () => act.flip("wrong")) };
    this.fit.hidden = true;
    this.menu(strip, act);
  }

  menu(strip, act) {
    const place = element("span", "tlt-view", strip);
    this.more = toggle(place, t("View"), t("What else the map can show, and its keys"), () => this.open(this.list.hidden));
    this.list = element("div", "tlt-menu", place);
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", t("View"));
    for (const [layer, text, title] of SWITCHES) this.switches[layer] = toggle(this.list, t(text), t(title), () => act.flip(layer));
    const keys = element("dl", "tlt-keys", this.list);
    for (const [key, what] of KEYS) { element("dt", "", keys, t(key)); element("dd", "", keys, t(what)); }
    place.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.open(false); this.more.focus(); } });
    place.addEventListener("focusout", (event) => { if (event.relatedTarget && !place.contains(event.relatedTarget)) this.open(false); });
    this.place = place;
    this.open(false);
  }

  open(open) {
    this.list.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }

  /** A press elsewhere shuts the list. */
  pressed(target) { if (!this.place.contains(target)) this.open(false); }

  /** Which switches are on, and which make sense at all. */
  show(layers, { lasso, byHand, pictures, regions }) {
    for (const [layer, button] of Object.entries(this.switches)) button.setAttribute("aria-pressed", String(layers[layer]));
    this.lasso.setAttribute("aria-pressed", String(lasso));
    this.switches.pictures.hidden = !pictures;
    this.switches.regions.hidden = !regions;
    this.fit.hidden = !byHand;
  }

  say(step, note) { this.caption.textContent = step; this.remark.textContent = this.remark.title = note; }
}
