// How the picture looks: the theme's colors, the classes' colors, the stamps made of both.
import { isDark, palette } from "./colors.js";
import { markerRadius, ringStamp, stamp } from "./marks.js";
import { tintColors } from "./tints.js";
/** @import { Points, Stamps } from "../types.js" */

/** Colors and stamps; read() takes them from the page's theme. */
export class Look {
  /** @type {Stamps | null} */
  stamps = null;
  paper = ""; ink = ""; dark = false; font = "";

  /** @param {boolean} presenter */
  constructor(presenter) { this.presenter = presenter; }

  /** @type {(root: Element) => void} */
  read(root) {
    const style = getComputedStyle(root);
    this.paper = style.backgroundColor; this.ink = style.color; this.dark = isDark(this.paper);
    this.font = style.fontFamily;
    this.stamps = null;
  }

  /** @type {(points: Points | null) => string[]} */
  colors(points) { return palette(points?.classes.length ?? 0, this.dark); }

  /**
   * Markers, a row for each color of the tint, and rings, one a class, 0 for none; made again when a marker's size changes by half a pixel.
   * @type {(points: Points, tint: string, zoomed: number, scale: number) => Stamps}
   */
  stampsFor(points, tint, zoomed, scale) {
    const inSight = points.n / Math.max(zoomed, 1) ** 2, radius = Math.round(2 * markerRadius(inSight, this.presenter)) / 2;
    if (this.stamps?.radius === radius && this.stamps.scale === scale && this.stamps.tint === tint) return this.stamps;
    const size = { radius, scale, paper: this.paper, ink: this.ink }, colors = tintColors(tint, points.classes.length, this.dark);
    /** @type {Stamps["marks"]} */
    const marks = colors.map((color) => [stamp(color, false, size), stamp(color, true, size)]);
    this.stamps = { radius, scale, tint, colors, marks, rings: ["#8c8c8c", ...this.colors(points)].map((color) => ringStamp(color, size)) };
    return this.stamps;
  }
}
