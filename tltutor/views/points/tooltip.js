// The tooltip of a point: its picture or its sentence, and what is known of it.
import { t } from "../language.js";
import { element } from "./elements.js";
import { icon } from "./marks.js";
import { sentence } from "./sentence.js";
import { thumbnail } from "./thumbnail.js";
import { describe, measured } from "./words.js";
/** @import { Measured, Pair, Pictured, Points, ShownFrame } from "../types.js" */
/** @import { Words } from "./sentence.js" */
/** @import { ClassMap } from "./thumbnail.js" */
/** @typedef {[left: number, top: number, right: number, bottom: number]} Placed */

/**
 * Where a box of w x h pixels stands beside (x, y): inside the map's width, on either side, or else over what is right of the map.
 * @type {(x: number, y: number, size: Pair, map: [width: number, height: number, whole?: number]) => Pair}
 */
export function beside(x, y, [w, h], [width, height, whole = width]) {
  const right = x + 14, left = x - 14 - w;
  const at = right + w <= width ? right : left >= 4 ? left : Math.min(right, whole - w - 4);
  const top = Math.min(Math.max(y - h / 2, 4), height - h - 4);
  return [Math.round(Math.max(at, 4)), Math.round(Math.max(top, 4))];
}

/**
 * Where a box at this place goes so that it does not lie over `kept`, which has the focus: below it or above it, whichever is nearer and has room.
 * @type {(place: Pair, size: Pair, height: number, kept: Placed) => Pair}
 */
export function clearOf([left, top], [w, h], height, [x0, y0, x1, y1]) {
  if (left >= x1 || left + w <= x0 || top >= y1 || top + h <= y0) return [left, top];
  const free = [y1 + 4, y0 - 4 - h].filter((y) => y >= 4 && y + h <= height - 4).sort((a, b) => Math.abs(a - top) - Math.abs(b - top));
  return [left, Math.round(free[0] ?? top)];
}

export class Tooltip {
  /** @param {Element} parent */
  constructor(parent) {
    this.box = element("div", "tlt-tip", parent);
    this.box.hidden = true;
  }

  /**
   * Show point i, or nothing for -1; what it says, as one line. values: what is known of each point; near: its nearest source rows;
   * found: where its image speaks for a class; words: which of its text do.
   * @type {(points: Points | null, frame: ShownFrame | null, i: number, known?: { values?: Measured, near?: number[], found?: ClassMap | null, words?: Words | null }) => string}
   */
  fill(points, frame, i, { values = {}, near = [], found = null, words = null } = {}) {
    const shown = i >= 0 && points && frame;
    this.box.hidden = !shown;
    if (!shown) return "";
    this.box.replaceChildren();
    if (points.picture) this.box.append(thumbnail(/** @type {Pictured} */ (points), i, 96, found));
    const about = element("div", "tlt-about", this.box), lines = [...describe(points, frame.predictions, i), ...measured(values, i)];
    if (points.texts) sentence(about, points.texts[i], words);
    const list = element("dl", "", about);
    for (const [key, value] of lines) {
      element("dt", "", list, key);
      element("dd", value.endsWith(" ✗") ? "tlt-wrong" : "", list, value);
    }
    if (found) element("p", "tlt-bright", about, t("bright: speaks for {class}", { class: points.classes[found.label] ?? "?" }));
    if (words) element("p", "tlt-bright", about, t("underlined: speaks for {class}", { class: points.classes[words.label] ?? "?" }));
    if (near.length) this.neighbors(about, points, near);
    return [...(points.texts ? [points.texts[i]] : []), ...lines.map((line) => line.join(" "))].join(", ");
  }

  /** The nearest source points: their pictures, or marks, and their classes. @type {(parent: Element, points: Points, near: number[]) => void} */
  neighbors(parent, points, near) {
    const box = element("div", "tlt-near", parent);
    element("span", "", box, t("nearest source points by features"));
    const row = element("div", "", box);
    for (const j of near) {
      const one = element("figure", "", row);
      one.append(points.picture ? thumbnail(/** @type {Pictured} */ (points), j, 32) : icon(points.isTarget[j]));
      element("figcaption", "", one, points.classes[points.labels[j]] ?? "?");
    }
  }

  /** kept: what it may not lie over. @type {(at: Pair, size: [width: number, height: number, whole?: number], kept?: Placed | null) => void} */
  put([x, y], size, kept = null) {
    if (this.box.hidden) return;
    /** @type {Pair} */
    const own = [this.box.offsetWidth, this.box.offsetHeight], place = beside(x, y, own, size), [left, top] = kept ? clearOf(place, own, size[1], kept) : place;
    this.box.style.transform = `translate(${left}px, ${top}px)`;
  }
}
