// A curve to draw: a handle for each place of x, moved with the pointer or the arrow keys; what a run did is drawn over it.

const WIDTH = 460, HEIGHT = 220, LEFT = 46, RIGHT = 14, TOP = 12, BOTTOM = 40;
const SVG = "http://www.w3.org/2000/svg";

/** Pixels of a place on the pad, from x and y. */
export function scales(xs, [low, high]) {
  const [first, last] = [xs[0], xs[xs.length - 1]];
  return {
    x: (x) => LEFT + ((x - first) / (last - first || 1)) * (WIDTH - LEFT - RIGHT),
    y: (y) => HEIGHT - BOTTOM - ((y - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM),
    back: (py) => Math.min(high, Math.max(low, low + ((HEIGHT - BOTTOM - py) / (HEIGHT - TOP - BOTTOM)) * (high - low))),
  };
}

/** The handle nearest to a pixel from the left. */
export function nearest(xs, scale, px) {
  const far = xs.map((x) => Math.abs(scale.x(x) - px));
  return far.indexOf(Math.min(...far));
}

/** Values after a stroke from handle i to handle j: those between lie on the straight line. */
export function stroke(values, [i, vi], [j, vj]) {
  const next = [...values], steps = Math.abs(j - i), to = Math.sign(j - i);
  next[i] = vi;
  for (let s = 1; s <= steps; s += 1) next[i + s * to] = vi + ((vj - vi) * s) / steps;
  return next;
}

/** A handle's value after a key; null where the key is none of ours. */
export function keyed(value, key, [low, high]) {
  const step = (high - low) / 20, now = value ?? (low + high) / 2;
  const moved = { ArrowUp: now + step, ArrowDown: now - step, PageUp: now + 4 * step, PageDown: now - 4 * step, Home: low, End: high, Enter: now, " ": now };
  return key in moved ? Math.min(high, Math.max(low, moved[key])) : null;
}

function make(name, attributes = {}, parent = null) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function frame(svg, model, scale) {
  const [low, high] = model.get("bounds"), xs = model.get("xs"), words = model.get("words");
  for (const y of [low, (low + high) / 2, high]) {
    make("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: scale.y(y), y2: scale.y(y), class: "tlt-grid" }, svg);
    make("text", { x: LEFT - 7, y: scale.y(y) + 4, "text-anchor": "end" }, svg).textContent = Number(y.toPrecision(3));
  }
  for (const x of [xs[0], xs[xs.length - 1]])
    make("text", { x: scale.x(x), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, svg).textContent = Number(x.toPrecision(3));
  make("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 7, "text-anchor": "middle" }, svg).textContent = words.x ?? "";
}

function render({ model, el }) {
  const scale = scales(model.get("xs"), model.get("bounds")), svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "tlt-sketch" });
  const name = document.createElement("div"), says = document.createElement("div");
  name.className = "tlt-sketch-name";
  says.className = "tlt-sketch-help";
  el.append(name, svg, says);
  frame(svg, model, scale);
  const truth = make("path", { class: "tlt-truth" }, svg), curve = make("path", { class: "tlt-drawn" }, svg);
  const handles = model.get("xs").map((x) => make("circle", { r: 8, cx: scale.x(x), tabindex: 0, role: "slider" }, svg));

  const keep = (values) => { model.set("values", values); model.save_changes(); };

  const draw = () => {
    const xs = model.get("xs"), values = model.get("values"), [low, high] = model.get("bounds"), words = model.get("words");
    name.textContent = words.y ?? "";
    says.textContent = model.get("truth").length ? words.truth : words.help;
    const known = xs.map((x, i) => [scale.x(x), values[i]]).filter(([, v]) => v !== null);
    curve.setAttribute("d", path(known.map(([x, v]) => [x, scale.y(v)])));
    truth.setAttribute("d", path(model.get("truth").map(([x, y]) => [scale.x(x), scale.y(Math.min(high, Math.max(low, y)))])));
    handles.forEach((handle, i) => {
      handle.setAttribute("cy", scale.y(values[i] ?? (low + high) / 2));
      handle.setAttribute("class", values[i] === null ? "tlt-empty" : "tlt-set");
      handle.setAttribute("aria-label", `${words.y}, ${words.x} ${Number(xs[i].toPrecision(3))}`);
      handle.setAttribute("aria-valuemin", low);
      handle.setAttribute("aria-valuemax", high);
      handle.setAttribute("aria-valuenow", Number((values[i] ?? (low + high) / 2).toPrecision(3)));
      handle.setAttribute("aria-disabled", model.get("locked"));
    });
  };

  handles.forEach((handle, i) => handle.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const value = keyed(model.get("values")[i], event.key, model.get("bounds"));
    if (side === undefined && (value === null || model.get("locked"))) return;
    event.preventDefault();
    if (side) handles[i + side]?.focus();
    else keep(model.get("values").map((v, j) => (j === i ? value : v)));
  }));

  let last = null; // the handle and value that a stroke of the pointer came from
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * WIDTH, py = ((event.clientY - box.top) / box.height) * HEIGHT;
    return [nearest(model.get("xs"), scale, px), scale.back(py)];
  };
  const drag = (event) => {
    if (model.get("locked") || !last) return;
    const now = at(event);
    keep(stroke(model.get("values"), last, now));
    last = now;
  };
  svg.addEventListener("pointerdown", (event) => { last = at(event); svg.setPointerCapture(event.pointerId); drag(event); event.preventDefault(); });
  svg.addEventListener("pointermove", drag);
  svg.addEventListener("pointerup", () => { last = null; });
  svg.addEventListener("pointercancel", () => { last = null; });

  for (const trait of ["values", "truth", "words", "locked"]) model.on(`change:${trait}`, draw);
  draw();
  return () => { for (const trait of ["values", "truth", "words", "locked"]) model.off(`change:${trait}`, draw); };
}

export default { render };
