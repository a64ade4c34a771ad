// The tooltip of a point: its picture or its sentence, and what is known of it.
import { element } from "./elements.js";
import { thumbnail } from "./thumbnail.js";
import { describe } from "./words.js";

/** Where a box of w x h pixels stands beside (x, y): inside the map's width, on either side, or else over what is right of the map. */
export function beside(x, y, [w, h], [width, height, whole = width]) {
  const right = x + 14, left = x - 14 - w;
  const at = right + w <= width ? right : left >= 4 ? left : Math.min(right, whole - w - 4);
  const top = Math.min(Math.max(y - h / 2, 4), height - h - 4);
  return [Math.round(Math.max(at, 4)), Math.round(Math.max(top, 4))];
}

export class Tooltip {
  constructor(parent) {
    this.box = element("div", "tlt-tip", parent);
    this.box.hidden = true;
  }

  /** Show point i, or nothing for -1; what it says, as one line. */
  fill(points, frame, i) {
    this.box.hidden = i < 0 || !frame;
    if (this.box.hidden) return "";
    this.box.replaceChildren();
    if (points.picture) this.box.append(thumbnail(points, i, 96));
    const about = element("div", "tlt-about", this.box), lines = describe(points, frame.predictions, i);
    if (points.texts) element("p", "tlt-text", about, points.texts[i]);
    const list = element("dl", "", about);
    for (const [key, value] of lines) {
      element("dt", "", list, key);
      element("dd", value.endsWith(" ✗") ? "tlt-wrong" : "", list, value);
    }
    return [...(points.texts ? [points.texts[i]] : []), ...lines.map((line) => line.join(" "))].join(", ");
  }

  put([x, y], size) {
    if (this.box.hidden) return;
    const [left, top] = beside(x, y, [this.box.offsetWidth, this.box.offsetHeight], size);
    this.box.style.transform = `translate(${left}px, ${top}px)`;
  }
}
