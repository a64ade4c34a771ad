// How the picture looks: the theme's colors, the classes' colors, the stamps made of both.
import { isDark, palette } from "./colors.js";
import { markerRadius, ringStamp, stamp } from "./marks.js";

/** Colors and stamps; read() takes them from the page's theme. */
export class Look {
  constructor(presenter) { this.presenter = presenter; this.stamps = null; }

  read(root) {
    const style = getComputedStyle(root);
    this.paper = style.backgroundColor; this.ink = style.color; this.dark = isDark(this.paper);
    this.font = style.fontFamily;
    this.stamps = null;
  }

  colors(points) { return palette(points?.classes.length ?? 0, this.dark); }

  /** Markers and rings, a row a class, row 0 for no class; made again when the size of a marker changes by half a pixel. */
  stampsFor(points, zoomed, scale) {
    const inSight = points.n / Math.max(zoomed, 1) ** 2, radius = Math.round(2 * markerRadius(inSight, this.presenter)) / 2;
    if (this.stamps?.radius === radius && this.stamps.scale === scale) return this.stamps;
    const size = { radius, scale, paper: this.paper, ink: this.ink }, colors = ["#8c8c8c", ...this.colors(points)];
    const marks = colors.map((color) => [stamp(color, false, size), stamp(color, true, size)]);
    this.stamps = { radius, scale, marks, rings: colors.map((color) => ringStamp(color, size)) };
    return this.stamps;
  }
}
