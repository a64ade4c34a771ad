// Markers: a hollow circle for the source, a filled triangle for the target.

function trace(context, target, x, y, r) {
  context.beginPath();
  if (!target) { context.arc(x, y, r * 0.86, 0, 2 * Math.PI); return; }
  context.moveTo(x, y - r * 1.12); context.lineTo(x + r * 1.06, y + r * 0.78); context.lineTo(x - r * 1.06, y + r * 0.78);
  context.closePath();
}

/** A marker drawn once and stamped often: a hollow circle for the source, a filled triangle for the target. */
export function stamp(colour, target, { radius, scale, paper }) {
  const half = Math.ceil(radius * 1.2 + 3), canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * half * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  trace(context, target, half, half, radius);
  context.lineJoin = "round";
  if (target) {
    context.strokeStyle = paper; context.lineWidth = 1.6; context.stroke();
    context.fillStyle = colour; context.fill();
  } else {
    context.strokeStyle = colour; context.lineWidth = Math.max(1.5, radius * 0.36); context.stroke();
  }
  return { canvas, half };
}

/** An icon of a domain's marker, in the text's colour. */
export function icon(target) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", target ? "path" : "circle");
  const about = target ? { d: "M6 1 11 10H1Z", fill: "currentColor" }
    : { cx: 6, cy: 6, r: 4, fill: "none", stroke: "currentColor", "stroke-width": 1.8 };
  for (const [key, value] of Object.entries(about)) shape.setAttribute(key, value);
  svg.append(shape);
  return svg;
}

