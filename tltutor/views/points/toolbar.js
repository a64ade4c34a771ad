// The strip over the picture: the step, and the few switches that are worth a place; the rest waits under View.
import { element, toggle } from "./elements.js";

const SWITCHES = [
  ["names", "Class names", "Write each class's name at the middle of its source points, once they gather"],
  ["centroids", "Centroids", "Each class's centre in source (circle) and target (triangle), joined by a line; its length is a share of the map's spread. Measured on the map, not in feature space"],
  ["trails", "Trails", "Where points were in the last eight frames: the selected ones, or else those of the target"],
  ["pictures", "Pictures", "The points' own pictures in place of markers; a dashed frame is source"],
  ["regions", "Decision regions", "What the network would say at each place"],
];
const KEYS = [
  ["Ctrl + wheel, + −", "zoom (the bare wheel scrolls the page)"], ["drag", "pan"], ["double-click, 0", "show all"],
  ["Shift + drag, B", "select by a box"], ["Alt + drag", "select by a lasso"], ["C", "select the point's class"],
  ["arrows", "walk from point to point"], ["A", "turn an axis, where there are axes"], ["Escape", "back"],
];

/** `act.flip(layer)`, `act.fit()` and `act.lasso()` are called. */
export class Toolbar {
  constructor(parent, act) {
    const strip = element("div", "tlt-strip", parent);
    this.caption = element("span", "tlt-caption", strip);
    this.remark = element("span", "tlt-remark", strip);
    this.fit = toggle(strip, "Fit", "Show all points again and keep them framed (double-click, or key 0)", () => act.fit());
    this.lasso = toggle(strip, "Lasso", "Drag around points to select them; Alt + drag does so at any time, Shift + drag draws a box", () => act.lasso());
    this.switches = { wrong: toggle(strip, "Mark wrong", "Fade what is predicted rightly; a ring in the predicted class's colour marks the rest", () => act.flip("wrong")) };
    this.fit.hidden = true;
    this.menu(strip, act);
  }

  menu(strip, act) {
    const place = element("span", "tlt-view", strip);
    this.more = toggle(place, "View", "What else the map can show, and its keys", () => this.open(this.list.hidden));
    this.list = element("div", "tlt-menu", place);
    this.list.setAttribute("role", "group");
    this.list.setAttribute("aria-label", "View");
    for (const [layer, text, title] of SWITCHES) this.switches[layer] = toggle(this.list, text, title, () => act.flip(layer));
    const keys = element("dl", "tlt-keys", this.list);
    for (const [key, what] of KEYS) { element("dt", "", keys, key); element("dd", "", keys, what); }
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
