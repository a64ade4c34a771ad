// Markers: a hollow circle for the source, a filled triangle for the target, a ring for what is predicted wrongly.
import { edgeOf } from "./colors.js";
import { brushOf } from "./elements.js";
/** @import { Stamp } from "../types.js" */
/** @typedef {{ radius: number, scale: number, paper: string, ink: string }} Size How large a mark is, and on what it stands. */

/** Radius of a marker in pixels: smaller in a crowd, larger for a projector. @type {(n: number, presenter?: boolean) => number} */
export function markerRadius(n, presenter = false) {
  return Math.min(Math.max(5.6 - n / 420, 2.6), 5.4) * (presenter ? 1.5 : 1);
}

/** The outline of a marker. @type {(context: CanvasRenderingContext2D, target: boolean, x: number, y: number, r: number) => void} */
export function trace(context, target, x, y, r) {
  context.beginPath();
  if (!target) { context.arc(x, y, r * 0.86, 0, 2 * Math.PI); return; }
  context.moveTo(x, y - r * 1.12); context.lineTo(x + r * 1.06, y + r * 0.78); context.lineTo(x - r * 1.06, y + r * 0.78);
  context.closePath();
}

/** @type {(half: number, scale: number) => Stamp & { context: CanvasRenderingContext2D }} */
function sheetOf(half, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * half * scale);
  const context = brushOf(canvas);
  context.scale(scale, scale);
  context.lineJoin = "round";
  return { canvas, context, half };
}

/** A marker drawn once and stamped often; a pale one gets an edge. @type {(color: string, target: boolean, size: Size) => Stamp} */
export function stamp(color, target, { radius, scale, paper, ink }) {
  const { canvas, context, half } = sheetOf(Math.ceil(radius * 1.2 + 3), scale);
  const edge = edgeOf(color, paper, ink), width = Math.max(1.5, radius * 0.36);
  trace(context, target, half, half, radius);
  if (target) {
    context.strokeStyle = paper; context.lineWidth = 1.6; context.stroke();
    context.fillStyle = color; context.fill();
    if (edge) { context.strokeStyle = edge; context.lineWidth = 1; context.stroke(); }
  } else {
    if (edge) { context.strokeStyle = edge; context.lineWidth = width + 1.4; context.stroke(); }
    context.strokeStyle = color; context.lineWidth = width; context.stroke();
  }
  return { canvas, half };
}

/** A ring around a marker, stamped where the prediction is wrong. @type {(color: string, size: Size) => Stamp} */
export function ringStamp(color, { radius, scale }) {
  const { canvas, context, half } = sheetOf(Math.ceil(radius + 6), scale);
  context.beginPath();
  context.arc(half, half, radius + 3.4, 0, 2 * Math.PI);
  context.strokeStyle = color; context.lineWidth = 1.7; context.stroke();
  return { canvas, half };
}

/** An icon of a domain's marker, in the text's color. @type {(target: boolean | number) => SVGElement} */
export function icon(target) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", target ? "path" : "circle");
  const about = target ? { d: "M6 1 11 10H1Z", fill: "currentColor" }
    : { cx: 6, cy: 6, r: 4, fill: "none", stroke: "currentColor", "stroke-width": 1.8 };
  for (const [key, value] of Object.entries(about)) shape.setAttribute(key, String(value));
  svg.append(shape);
  return svg;
}
