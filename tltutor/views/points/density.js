// Where each domain's points are dense: contour lines of a smoothed histogram. Pure but for drawDensity.

/** @import { Density, Keep, Pair, Points, Scene, Segment } from "../types.js" */

const CELLS = 56; // cells along the longer side
const HEIGHTS = [0.15, 0.4, 0.7]; // of the densest place

/**
 * A smoothed histogram of these rows: {grid, columns, rows, left, bottom, cell}; null without a spread.
 * @type {(xy: Float32Array, chosen: number[]) => Density | null}
 */
export function densityOf(xy, chosen) {
  if (chosen.length < 5) return null;
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    left = Math.min(left, xy[2 * i]); right = Math.max(right, xy[2 * i]);
    bottom = Math.min(bottom, xy[2 * i + 1]); top = Math.max(top, xy[2 * i + 1]);
  }
  const cell = 1.2 * Math.max(right - left, top - bottom) / CELLS; // room at the rim for a line to close
  if (!(cell > 0)) return null;
  const around = 0.1 * Math.max(right - left, top - bottom);
  left -= around; bottom -= around;
  const columns = Math.ceil((right - left + around) / cell) + 1, rows = Math.ceil((top - bottom + around) / cell) + 1;
  /** @type {Float64Array} */
  let grid = new Float64Array(columns * rows);
  for (const i of chosen) grid[Math.round((xy[2 * i + 1] - bottom) / cell) * columns + Math.round((xy[2 * i] - left) / cell)]++;
  const width = Math.max(1, 1.9 * (chosen.length / 300) ** (-1 / 6)); // narrower where there are more (Scott, 1992)
  grid = smoothed(grid, [columns, rows], width);
  return { grid, columns, rows, left, bottom, cell };
}

/**
 * Blurred along both axes by a Gaussian of this standard deviation in cells; nothing comes from beyond the rim.
 * @type {(grid: Float64Array, size: [columns: number, rows: number], width: number) => Float64Array}
 */
function smoothed(grid, [columns, rows], width) {
  const reach = Math.ceil(3 * width), weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * width ** 2)));
  /** @type {(from: Float64Array, step: number, at: (i: number) => number, length: number) => Float64Array} */
  const pass = (from, step, at, length) => {
    const to = new Float64Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const place = at(i);
      for (let k = Math.max(-reach, -place); k <= Math.min(reach, length - 1 - place); k++) to[i] += weights[k + reach] * from[i + k * step];
    }
    return to;
  };
  return pass(pass(grid, 1, (i) => i % columns, columns), columns, (i) => Math.floor(i / columns), rows);
}

/**
 * Line segments [x0, y0, x1, y1] along which the density has this height (marching squares).
 * @type {(density: Density, height: number) => Segment[]}
 */
export function contour({ grid, columns, rows, left, bottom, cell }, height) {
  /** @type {(c: number, r: number) => number} */
  const value = (c, r) => grid[r * columns + c];
  const segments = [];
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) {
    /** @type {Pair[]} */
    const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
    const cuts = [];
    for (let k = 0; k < 4; k++) {
      const [one, other] = [corners[k], corners[(k + 1) % 4]], a = value(...one), b = value(...other);
      if (a >= height === b >= height) continue;
      const share = (height - a) / (b - a);
      cuts.push(left + cell * (one[0] + share * (other[0] - one[0])), bottom + cell * (one[1] + share * (other[1] - one[1])));
    }
    for (let at = 0; at + 3 < cuts.length; at += 4) segments.push(cuts.slice(at, at + 4)); // a saddle has two
  }
  return segments;
}

/**
 * The contours of both domains, [source, target], each a list of segments by height; [] for one that has none.
 * @type {(points: Points, xy: Float32Array, shows: Keep) => Segment[][][]}
 */
export function contours(points, xy, shows) {
  return [0, 1].map((domain) => {
    const density = densityOf(xy, Array.from({ length: points.n }, (_, i) => i).filter((i) => points.isTarget[i] === domain && shows(i)));
    if (!density) return [];
    const most = density.grid.reduce((a, b) => Math.max(a, b), 0);
    return HEIGHTS.map((height) => contour(density, height * most));
  });
}

/**
 * Source dashed, target solid, each in its domain's color.
 * @type {(context: CanvasRenderingContext2D, scene: Scene, both: Segment[][][], colors: string[]) => void}
 */
export function drawDensity(context, { viewport, look }, both, colors) {
  both.forEach((heights, domain) => {
    context.strokeStyle = colors[domain];
    context.setLineDash(domain ? [] : [5, 3]);
    heights.forEach((segments, at) => {
      context.globalAlpha = 0.45 + 0.2 * at;
      context.lineWidth = look.presenter ? 2.4 : 1.5;
      context.beginPath();
      for (const [x0, y0, x1, y1] of segments) { context.moveTo(...viewport.place(x0, y0)); context.lineTo(...viewport.place(x1, y1)); }
      context.stroke();
    });
  });
  context.setLineDash([]);
  context.globalAlpha = 1;
}
