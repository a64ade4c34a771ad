// Decision regions: what the network would say at each place of the plane, painted faintly behind the points.
import { brushOf } from "./elements.js";
/** @import { Grid, Scene, Segment } from "../types.js" */

/**
 * Runs of equal classes along the rows of a g x g grid, as [row, from, to, class]; classes below 0 are left out.
 * @type {(grid: Int16Array) => number[][]}
 */
export function runs(grid) {
  const g = Math.round(Math.sqrt(grid.length)), found = [];
  for (let row = 0; row < g; row++) {
    for (let from = 0, to = 1; from < g; from = to, to = from + 1) {
      const c = grid[row * g + from];
      while (to < g && grid[row * g + to] === c) to++;
      if (c >= 0) found.push([row, from, to, c]);
    }
  }
  return found;
}

/**
 * The borders between classes as [x0, y0, x1, y1] in cells, row 0 at the bottom: marching squares over the cells' centers.
 * @type {(grid: Int16Array) => Segment[]}
 */
export function borders(grid) {
  const g = Math.round(Math.sqrt(grid.length)), found = [];
  for (let row = 0; row + 1 < g; row++) {
    for (let column = 0; column + 1 < g; column++) {
      const crossings = crossingsOf(grid, row * g + column, g).map(([x, y]) => [column + 0.5 + x, row + 0.5 + y]);
      if (crossings.length === 2) found.push(crossings.flat());
      else for (const [x, y] of crossings) found.push([x, y, column + 1, row + 1]); // three classes or four meet in the middle
    }
  }
  return found;
}

/**
 * Where the square from cell `at` to the next ones has two classes on a side: the middles of these sides.
 * @type {(grid: Int16Array, at: number, g: number) => number[][]}
 */
function crossingsOf(grid, at, g) {
  const [a, b, c, d] = [grid[at], grid[at + 1], grid[at + g], grid[at + g + 1]];
  if (a === b && a === c && a === d) return [];
  return [[a, b, 0.5, 0], [a, c, 0, 0.5], [b, d, 1, 0.5], [c, d, 0.5, 1]].filter(([p, q]) => p !== q).map(([, , x, y]) => [x, y]);
}

/**
 * The regions as a small picture, a pixel a cell, its first row on top.
 * @type {(grid: Int16Array, colors: string[]) => { canvas: HTMLCanvasElement, g: number, lines: Segment[] }}
 */
function paintedRegions(grid, colors) {
  const g = Math.round(Math.sqrt(grid.length)), canvas = document.createElement("canvas");
  canvas.width = canvas.height = g;
  const context = brushOf(canvas);
  for (const [row, from, to, c] of runs(grid)) {
    context.fillStyle = colors[c] ?? "#8c8c8c";
    context.fillRect(from, g - 1 - row, to - from, 1);
  }
  return { canvas, g, lines: borders(grid) };
}

/** Paints regions, and keeps the small picture until they or the colors change. */
export class Regions {
  /** @type {Grid | undefined} */
  of;
  key = "";
  /** @type {ReturnType<typeof paintedRegions> | undefined} */
  painted;

  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  draw(context, { frame, viewport, colors, look }) {
    const { regions } = frame, key = colors.join();
    if (!regions) return;
    if (!this.painted || this.of !== regions || this.key !== key) { this.of = regions; this.key = key; this.painted = paintedRegions(regions.grid, colors); }
    const [left, bottom, right, top] = regions.extent, [px, py] = viewport.place(left, top), { canvas, g, lines } = this.painted;
    const cellX = (right - left) / viewport.view.k / g, cellY = (top - bottom) / viewport.view.k / g;
    context.globalAlpha = look.dark ? 0.3 : 0.2;
    context.drawImage(canvas, px, py, g * cellX, g * cellY);
    context.globalAlpha = 0.45;
    context.beginPath();
    for (const [x0, y0, x1, y1] of lines) {
      context.moveTo(px + x0 * cellX, py + (g - y0) * cellY); context.lineTo(px + x1 * cellX, py + (g - y1) * cellY);
    }
    context.strokeStyle = look.ink; context.lineWidth = 1; context.stroke();
    context.globalAlpha = 1;
  }
}
