// The map of points: pure functions first (node tests them), then the picture, then the widget around it. No library.

// ---------------------------------------------------------------- numbers that arrive

/** A copy of a DataView's bytes, aligned, as the given typed array. */
export function decode(view, Kind = Float32Array) {
  if (!view || !view.byteLength) return new Kind(0);
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  return new Kind(bytes.slice().buffer);
}

// ---------------------------------------------------------------- colours

// Okabe and Ito (2008) first; its yellow is too pale for white and its black too dark for black, so each theme has its own
// seventh and eighth. The rest was chosen for distance in OKLab, also as people with a colour deficiency see it.
const SHARED = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const LIGHT = [...SHARED, "#222222", "#7B4247", "#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"];
const DARK = [...SHARED, "#EDEDED", "#F0E442", "#A46BF5", "#994135", "#B4C7B7", "#C23492", "#85F8A1", "#7A7487", "#5CD1FB", "#92B380"];

/** `count` colours; beyond sixteen the hue turns by the golden angle and the lightness alternates. */
export function palette(count, dark = false) {
  const known = dark ? DARK : LIGHT;
  const more = (i) => `hsl(${Math.round((i * 137.508) % 360)} ${[75, 45, 90][i % 3]}% ${(dark ? [62, 78, 50] : [42, 28, 55])[i % 3]}%)`;
  return Array.from({ length: count }, (_, i) => known[i] ?? more(i));
}

/** Whether a CSS colour rgb(…) is dark. */
export function isDark(colour) {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
}

// ---------------------------------------------------------------- where things are

/** Box [left, bottom, right, top] around the points i with keep(i); null without any. */
export function bounds(xy, keep = () => true) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length / 2; i++) {
    if (!keep(i)) continue;
    box[0] = Math.min(box[0], xy[2 * i]); box[2] = Math.max(box[2], xy[2 * i]);
    box[1] = Math.min(box[1], xy[2 * i + 1]); box[3] = Math.max(box[3], xy[2 * i + 1]);
  }
  return box[0] <= box[2] ? box : null;
}

/** The view that holds a box: its centre (x, y) and k, the units to a pixel, equal on both axes. */
export function fit(box, width, height, margin = 20) {
  const k = Math.max((box[2] - box[0]) / Math.max(width - 2 * margin, 1), (box[3] - box[1]) / Math.max(height - 2 * margin, 1));
  return { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, k: k || 1 / Math.max(width, height) };
}

/** The view to glide to: the old one as long as the box lies inside and is not lost in it; else one with room around the box. */
export function nextGoal(goal, box, width, height) {
  const best = fit(box, width, height);
  const roomy = { ...best, k: best.k * 1.1 };
  if (!goal) return roomy;
  const halfX = (goal.k * (width - 12)) / 2, halfY = (goal.k * (height - 12)) / 2;
  const inside = box[0] >= goal.x - halfX && box[2] <= goal.x + halfX && box[1] >= goal.y - halfY && box[3] <= goal.y + halfY;
  return inside && best.k > 0.6 * goal.k ? goal : roomy;
}

/** One step of `seconds` from a view to its goal; lands on it exactly when less than a quarter pixel is left. */
export function glide(view, goal, seconds, slowness = 0.3) {
  const part = 1 - Math.exp(-seconds / slowness);
  const next = {
    x: view.x + part * (goal.x - view.x), y: view.y + part * (goal.y - view.y), k: view.k * (goal.k / view.k) ** part,
  };
  const left = Math.max(Math.abs(goal.x - next.x), Math.abs(goal.y - next.y)) / goal.k + 400 * Math.abs(Math.log(goal.k / next.k));
  return left < 0.25 ? goal : next;
}

/** Data to pixels. */
export function place(view, width, height, x, y) {
  return [width / 2 + (x - view.x) / view.k, height / 2 - (y - view.y) / view.k];
}

/** from + t (to - from), into `out`. */
export function mix(from, to, t, out) {
  for (let i = 0; i < to.length; i++) out[i] = from[i] + t * (to[i] - from[i]);
  return out;
}

/** How far along (0..1) a glide is: straight within a stream of frames, easing out after a lone one. */
export function progress(elapsed, duration) {
  if (duration <= 0 || elapsed >= duration) return 1;
  const t = Math.max(elapsed, 0) / duration;
  return duration < 900 ? t : 1 - (1 - t) ** 3;
}

/** How long (ms) to glide: as long as frames are apart, so that a stream flows. */
export function duration(gap, still = false) {
  if (still) return 0;
  return gap > 1500 ? 900 : Math.min(Math.max(gap * 1.05, 120), 890);
}

/** The nearest visible point within `radius` of (x, y), all in data units; the one drawn last wins a tie; -1 for none. */
export function nearest(xy, x, y, radius, visible = () => true) {
  let found = -1, least = radius * radius;
  for (let i = 0; i < xy.length / 2; i++) {
    const d = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
    if (d <= least && visible(i)) { least = d; found = i; }
  }
  return found;
}

/** The next visible point from `i` towards (dx, dy): near, and rather ahead than aside; `i` itself where there is none. */
export function towards(xy, i, dx, dy, visible = () => true) {
  let found = i, least = Infinity;
  for (let j = 0; j < xy.length / 2; j++) {
    const ex = xy[2 * j] - xy[2 * i], ey = xy[2 * j + 1] - xy[2 * i + 1];
    const ahead = ex * dx + ey * dy, aside = Math.abs(ex * dy - ey * dx);
    if (ahead <= 0 || ahead < aside || !visible(j)) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) { least = cost; found = j; }
  }
  return found;
}

/** The middle of the values (the lower one of two). */
export function median(values) {
  return values.length ? Float64Array.from(values).sort()[(values.length - 1) >> 1] : NaN;
}

/** For each class the median place of its source points, and how surely a name belongs there: 1 tight, 0 scattered. */
export function anchors(xy, labels, isTarget, classes) {
  const rows = Array.from({ length: classes }, () => []);
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0 && labels[i] < classes && !isTarget[i]) rows[labels[i]].push(i);
  const centre = (list) => [median(list.map((i) => xy[2 * i])), median(list.map((i) => xy[2 * i + 1]))];
  const spread = (list, [x, y]) => median(list.map((i) => Math.hypot(xy[2 * i] - x, xy[2 * i + 1] - y)));
  const all = rows.flat(), whole = spread(all, centre(all)) || 1;
  return rows.map((list) => {
    const at = centre(list), wide = spread(list, at) || 0;
    return { x: at[0], y: at[1], wide, sure: list.length ? Math.min(Math.max((0.72 - wide / whole) / 0.25, 0), 1) : 0 };
  });
}

/** How many pixels a name is lifted off its class: none where the points lie wide apart, just above them where they are dense. */
export function lift(spread) {
  return (1.5 * spread + 11) * Math.min(Math.max((38 - spread) / 14, 0), 1);
}

/** Radius of a marker in pixels: smaller in a crowd. */
export function markerRadius(n) {
  return Math.min(Math.max(5.6 - n / 420, 2.6), 5.4);
}

// ---------------------------------------------------------------- what is said

/** What is known of point `i`, as plain text for a tooltip and for a screen reader. */
export function describe(points, predictions, i) {
  const label = points.labels[i], guess = predictions.length ? predictions[i] : -1;
  const name = (c) => points.classes[c] ?? String(c);
  const lines = [[label < 0 ? "class" : "true", label < 0 ? "not known" : name(label)]];
  if (guess >= 0) lines.push(["predicted", name(guess) + (label < 0 ? "" : guess === label ? " ✓" : " ✗")]);
  const role = points.isTarget[i] ? "target" : "source", domain = points.domains[points.isTarget[i]];
  lines.push(["domain", domain && domain !== role ? `${role}: ${domain}` : role]);
  if (points.width) {
    const row = points.vectors.subarray(i * points.width, (i + 1) * points.width);
    lines.push(["x", Array.from(row, (v) => v.toFixed(2)).join(", ")]);
  }
  return lines;
}

/** One sentence about the whole map. */
export function summary(points, frame, wrong) {
  if (!points) return "No points yet.";
  if (!frame) return `Map of ${points.n} points: nothing placed yet. Press Play.`;
  const judged = wrong === null ? "" : ` ${wrong} of the labelled points are predicted wrongly.`;
  return `Map of ${points.n} points after step ${frame.step}${frame.note ? `, ${frame.note}` : ""}.${judged} Arrow keys walk from point to point.`;
}

/** How many labelled points are predicted wrongly; null where nothing is predicted or labelled. */
export function countWrong(labels, predictions) {
  let wrong = 0, judged = 0;
  for (let i = 0; i < predictions.length; i++) if (labels[i] >= 0) { judged++; wrong += Number(predictions[i] !== labels[i]); }
  return judged ? wrong : null;
}

// ---------------------------------------------------------------- drawing

function trace(context, target, x, y, r) {
  context.beginPath();
  if (!target) { context.arc(x, y, r * 0.86, 0, 2 * Math.PI); return; }
  context.moveTo(x, y - r * 1.12); context.lineTo(x + r * 1.06, y + r * 0.78); context.lineTo(x - r * 1.06, y + r * 0.78);
  context.closePath();
}

/** A marker drawn once and stamped often: a hollow circle for the source, a filled triangle for the target. */
function stamp(colour, target, { radius, scale, paper }) {
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

function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

function toggle(parent, text, title, onClick) {
  const button = element("button", "tlt-chip", parent, text);
  button.type = "button";
  button.title = title;
  button.addEventListener("click", (event) => onClick(button, event));
  return button;
}

/** An icon of a domain's marker, in the text's colour. */
function icon(target) {
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

// Milliseconds of rest between two pictures: about 30 a second, or 20 where training shares two cores with the page.
const REST = (globalThis.navigator?.hardwareConcurrency ?? 4) > 2 ? 25 : 42;
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The picture in `root`. It knows no widget: setPoints once, then setFrame again and again; destroy at the end. */
export class PointMap {
  constructor(root) {
    this.points = null; this.frame = null; this.view = null; this.goal = null;
    this.offClasses = new Set(); this.offDomains = new Set();
    this.lit = null; this.picked = -1; this.byKey = false;
    this.showNames = true; this.showWrong = false;
    this.request = this.timer = this.drawnAt = this.draws = 0; this.inSight = true; this.saidAt = 0;
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build(root);
    this.listen();
    this.theme();
  }

  build(root) {
    this.root = root;
    root.classList.add("tlt-map");
    const strip = element("div", "tlt-strip", root);
    this.caption = element("span", "tlt-caption", strip);
    this.remark = element("span", "tlt-remark", strip);
    this.namesButton = toggle(strip, "Class names", "Write each class's name at the middle of its source points, once they gather", () => this.flip("showNames"));
    this.wrongButton = toggle(strip, "Mark wrong", "Fade what is predicted rightly; a ring in the predicted class's colour marks the rest", () => this.flip("showWrong"));
    this.stage = element("div", "tlt-stage", root);
    this.canvas = element("canvas", "", this.stage);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.empty = element("div", "tlt-empty", this.stage);
    this.news = element("div", "tlt-news", this.stage);
    this.tip = element("div", "tlt-tip", this.stage);
    this.legend = element("div", "tlt-legend", root);
    this.legend.setAttribute("role", "group");
    this.legend.setAttribute("aria-label", "Legend: press to hide or show");
    this.live = element("div", "tlt-unseen", root);
    this.live.setAttribute("aria-live", "polite");
    this.news.hidden = this.tip.hidden = true;
  }

  listen() {
    this.ending = new AbortController();
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.ending.signal });
    on(this.canvas, "pointermove", (event) => this.point(event));
    on(this.canvas, "pointerleave", () => { if (!this.byKey) this.pick(-1); });
    on(this.canvas, "pointerdown", (event) => this.point(event));
    on(this.canvas, "keydown", (event) => this.key(event));
    on(this.canvas, "blur", () => this.pick(-1));
    on(document, "visibilitychange", () => { if (!document.hidden) this.wake(); });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    this.sight = new IntersectionObserver((seen) => { this.inSight = seen.at(-1).isIntersecting; if (this.inSight) this.wake(); });
    this.sight.observe(this.stage);
    this.themes = new MutationObserver(() => requestAnimationFrame(() => this.theme()));
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  }

  destroy() {
    this.ending.abort();
    for (const observer of [this.sizes, this.sight, this.themes]) observer.disconnect();
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
    if (this.points?.address) URL.revokeObjectURL(this.points.address);
    this.root.replaceChildren();
  }

  // -------------------------------------------------------------- what comes in

  /** points: {n, classes, domains, labels, isTarget, tile, width, vectors, sprites (PNG bytes)}. */
  setPoints(points) {
    if (this.points?.address) URL.revokeObjectURL(this.points.address);
    this.points = points.n ? points : null;
    this.offClasses.clear(); this.offDomains.clear();
    if (this.points && points.sprites?.byteLength) {
      points.address = URL.createObjectURL(new Blob([points.sprites], { type: "image/png" }));
      points.picture = new Image();
      points.picture.src = points.address;
    }
    this.stamps = null;
    this.drawLegend();
    this.clear();
  }

  /** frame: {xy, predictions, step, note}; xy of another length than the points is not theirs and clears the picture. */
  setFrame({ xy, predictions, step, note = "" }) {
    if (!this.points || xy.length !== 2 * this.points.n) { this.clear(); return; }
    const now = performance.now();
    const from = this.frame ? this.frame.now.slice() : xy;
    const wereAt = this.frame ? this.namesNow() : null;
    const still = this.reduced.matches || document.hidden || !this.inSight || !this.frame;
    const first = !this.frame;
    this.frame = {
      from, to: xy, now: from.slice(), predictions, step, note, at: now, length: duration(now - (this.frame?.at ?? 0), still),
      names: anchors(xy, this.points.labels, this.points.isTarget, this.points.classes.length), wereAt,
    };
    this.box = bounds(xy);
    this.aim(still);
    this.caption.textContent = `step ${step.toLocaleString("en")}`;
    this.remark.textContent = note;
    this.empty.hidden = true;
    this.wake();
    this.say(first);
  }

  clear() {
    this.frame = this.view = this.goal = null;
    this.pick(-1);
    this.caption.textContent = this.remark.textContent = "";
    this.empty.hidden = false;
    this.empty.textContent = this.points ? "Press Play: the points appear here and move as the network learns." : "The map of the features appears here.";
    this.wake();
    this.say(true);
  }

  /** A line over the picture about what hinders it; "" when nothing does. */
  setNews(text) {
    if (this.news.textContent === text) return;
    this.news.textContent = text;
    this.news.hidden = !text;
    if (text) this.live.textContent = text;
  }

  // -------------------------------------------------------------- what a person does

  flip(name) {
    this[name] = !this[name];
    this.drawLegend();
    this.wake();
  }

  point(event) {
    if (!this.frame || !this.view) return;
    const box = this.canvas.getBoundingClientRect(), { width, height } = this;
    const x = this.view.x + (event.clientX - box.left - width / 2) * this.view.k;
    const y = this.view.y - (event.clientY - box.top - height / 2) * this.view.k;
    this.byKey = false;
    this.pick(nearest(this.frame.now, x, y, 12 * this.view.k, (i) => this.visible(i)));
  }

  key(event) {
    const way = DIRECTIONS[event.key];
    if (event.key === "Escape") this.pick(-1);
    if (!this.frame || !(way || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    event.stopPropagation();
    const n = this.points.n, seen = Array.from({ length: n }, (_, i) => i).filter((i) => this.visible(i));
    if (!seen.length) return;
    const middle = () => nearest(this.frame.now, this.view.x, this.view.y, Infinity, (i) => this.visible(i));
    this.byKey = true;
    if (!way) this.pick(event.key === "Home" ? seen[0] : seen.at(-1));
    else this.pick(this.picked < 0 ? middle() : towards(this.frame.now, this.picked, ...way, (i) => this.visible(i)));
  }

  pick(i) {
    if (i === this.picked) return;
    this.picked = i;
    this.canvas.style.cursor = i >= 0 ? "pointer" : "";
    this.fillTip();
    this.wake();
  }

  visible(i) {
    return !this.offClasses.has(this.points.labels[i]) && !this.offDomains.has(this.points.isTarget[i]);
  }

  // -------------------------------------------------------------- legend and tooltip

  drawLegend() {
    this.namesButton.setAttribute("aria-pressed", String(this.showNames));
    this.wrongButton.setAttribute("aria-pressed", String(this.showWrong));
    const focused = [...this.legend.children].indexOf(document.activeElement);
    this.legend.replaceChildren();
    if (!this.points) return;
    this.points.domains.forEach((name, d) => this.chip({ set: this.offDomains, key: d, name, mark: icon(d), what: d ? "target" : "source" }));
    element("span", "tlt-gap", this.legend);
    const colours = this.colours();
    this.points.classes.forEach((name, c) => {
      const mark = element("i", "tlt-swatch");
      mark.style.background = colours[c];
      this.chip({ set: this.offClasses, key: c, name, mark, what: "class" });
    });
    this.legend.children[focused]?.focus?.();
  }

  chip({ set, key, name, mark, what }) {
    const title = `${what} ${name}: press to hide or show, Shift to show it alone`;
    const total = what === "class" ? this.points.classes.length : this.points.domains.length;
    const button = toggle(this.legend, "", title, (_, event) => {
      const alone = set.size === total - 1 && !set.has(key);
      if (event.shiftKey) { set.clear(); if (!alone) for (let other = 0; other < total; other++) if (other !== key) set.add(other); }
      else if (!set.delete(key)) set.add(key);
      this.pick(-1); this.drawLegend(); this.wake();
    });
    button.append(mark, what === "class" ? name : `${what}${name && name !== what ? `: ${name}` : ""}`);
    button.setAttribute("aria-pressed", String(!set.has(key)));
    const light = (on) => () => { this.lit = on ? { what, key } : null; this.wake(); };
    button.addEventListener("pointerenter", light(true));
    button.addEventListener("pointerleave", light(false));
    return button;
  }

  fillTip() {
    const i = this.picked;
    this.tip.hidden = i < 0 || !this.frame;
    if (this.tip.hidden) return;
    this.tip.replaceChildren();
    if (this.points.picture) this.tip.append(this.thumbnail(i));
    const list = element("dl", "", this.tip), lines = describe(this.points, this.frame.predictions, i);
    for (const [key, value] of lines) {
      element("dt", "", list, key);
      element("dd", key === "predicted" && value.endsWith("✗") ? "tlt-wrong" : "", list, value);
    }
    if (this.byKey) this.live.textContent = lines.map((line) => line.join(" ")).join(", ");
  }

  /** The point's picture, enlarged with its pixels left as they are. */
  thumbnail(i) {
    const [columns, width, height] = this.points.tile, canvas = element("canvas"), { picture } = this.points;
    const grow = Math.max(1, Math.floor(96 / Math.max(width, height)));
    canvas.width = width * grow; canvas.height = height * grow;
    const paint = () => {
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, (i % columns) * width, Math.floor(i / columns) * height, width, height, 0, 0, canvas.width, canvas.height);
    };
    if (picture.complete) paint(); else picture.addEventListener("load", paint, { once: true });
    return canvas;
  }

  putTip() {
    if (this.picked < 0 || this.tip.hidden) return;
    const [x, y] = place(this.view, this.width, this.height, this.frame.now[2 * this.picked], this.frame.now[2 * this.picked + 1]);
    const left = x + 14 + this.tip.offsetWidth > this.width ? x - 14 - this.tip.offsetWidth : x + 14;
    const top = Math.min(Math.max(y - this.tip.offsetHeight / 2, 4), this.height - this.tip.offsetHeight - 4);
    this.tip.style.transform = `translate(${Math.round(Math.max(left, 4))}px, ${Math.round(top)}px)`;
  }

  say(now = false) {
    const wrong = this.frame ? countWrong(this.points.labels, this.frame.predictions) : null;
    const text = summary(this.points, this.frame, wrong);
    this.canvas.setAttribute("aria-label", text);
    if (!now && performance.now() - this.saidAt < 10000) return;
    this.saidAt = performance.now();
    this.live.textContent = text;
  }

  // -------------------------------------------------------------- moving

  aim(still) {
    if (!this.width || !this.frame) return;
    this.goal = nextGoal(this.goal, this.box, this.width, this.height);
    if (!this.view || still) this.view = this.goal;
  }

  /** Draw soon, at most about 30 (or 20) times a second; the page rests in between, and the loop stops when nothing moves. */
  wake() {
    if (this.request || this.timer || document.hidden || !this.inSight) return;
    const rest = REST - (performance.now() - this.drawnAt);
    const ask = () => { this.timer = 0; this.request = requestAnimationFrame((now) => this.tick(now)); };
    if (rest > 0) this.timer = setTimeout(ask, rest); else ask();
  }

  tick(now) {
    this.request = 0;
    const seconds = Math.min((now - this.drawnAt) / 1000, 0.1);
    this.drawnAt = now;
    let moving = false;
    if (this.frame && this.view) {
      const t = progress(now - this.frame.at, this.frame.length);
      mix(this.frame.from, this.frame.to, t, this.frame.now);
      this.view = this.reduced.matches ? this.goal : glide(this.view, this.goal, seconds);
      moving = t < 1 || this.view !== this.goal;
    }
    this.draw();
    if (moving) this.wake();
  }

  resize() {
    this.width = this.stage.clientWidth; this.height = this.stage.clientHeight;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * scale); this.canvas.height = Math.round(this.height * scale);
    this.goal = null;
    this.aim(true);
    this.stamps = null;
    this.drawnAt = 0;
    if (this.width) this.tick(performance.now());
  }

  theme() {
    const style = getComputedStyle(this.root);
    this.paper = style.backgroundColor; this.ink = style.color; this.dark = isDark(this.paper);
    this.font = style.fontFamily;
    this.stamps = null;
    this.drawLegend();
    this.wake();
  }

  colours() {
    return palette(this.points?.classes.length ?? 0, this.dark);
  }

  // -------------------------------------------------------------- the picture itself

  draw() {
    const context = this.canvas.getContext("2d"), scale = window.devicePixelRatio || 1;
    this.draws++;
    this.root.dataset.draws = this.draws;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.width ?? 0, this.height ?? 0);
    if (!this.frame || !this.view) return;
    this.stamps ??= this.makeStamps(scale);
    this.drawPoints(context);
    if (this.showNames) this.drawNames(context);
    this.drawPicked(context);
    this.putTip();
  }

  makeStamps(scale) {
    const look = { radius: markerRadius(this.points.n), scale, paper: this.paper };
    const make = (colour) => [stamp(colour, false, look), stamp(colour, true, look)];
    const stamps = this.colours().map(make);
    stamps[-1] = make(this.dark ? "#8a8a8a" : "#8f8f8f");
    return stamps;
  }

  drawPoints(context) {
    const { labels, isTarget, n } = this.points, { now, predictions } = this.frame, colours = this.colours();
    for (let i = 0; i < n; i++) {
      if (!this.visible(i)) continue;
      const wrong = predictions.length > 0 && labels[i] >= 0 && predictions[i] !== labels[i];
      const [x, y] = place(this.view, this.width, this.height, now[2 * i], now[2 * i + 1]);
      const { canvas, half } = (this.stamps[labels[i]] ?? this.stamps[-1])[isTarget[i]];
      context.globalAlpha = this.strength(i, wrong);
      context.drawImage(canvas, x - half, y - half, 2 * half, 2 * half);
      if (this.showWrong && wrong) this.ring(context, x, y, colours[predictions[i]]);
    }
    context.globalAlpha = 1;
  }

  strength(i, wrong) {
    const { labels, isTarget } = this.points;
    if (this.lit && (this.lit.what === "class" ? labels[i] : isTarget[i]) !== this.lit.key) return 0.12;
    if (this.showWrong && !wrong) return 0.22;
    return isTarget[i] ? 0.88 : 0.95;
  }

  ring(context, x, y, colour) {
    context.beginPath();
    context.arc(x, y, markerRadius(this.points.n) + 3.4, 0, 2 * Math.PI);
    context.strokeStyle = colour ?? this.ink;
    context.lineWidth = 1.6;
    context.stroke();
  }

  namesNow() {
    const t = progress(performance.now() - this.frame.at, this.frame.length), { names, wereAt } = this.frame;
    const between = (a, b) => a + t * (b - a);
    return names.map((to, c) => {
      const from = wereAt?.[c] ?? to;
      const of = (key) => between(from[key], to[key]);
      return { x: of("x"), y: of("y"), wide: of("wide"), sure: of("sure") };
    });
  }

  drawNames(context) {
    if (this.offDomains.has(0)) return;
    context.font = `600 13px ${this.font}`;
    context.textAlign = "center"; context.textBaseline = "middle"; context.lineJoin = "round";
    this.namesNow().forEach(({ x, y, wide, sure }, c) => {
      if (!(sure > 0.02) || this.offClasses.has(c)) return;
      const [px, middle] = place(this.view, this.width, this.height, x, y), py = Math.max(middle - lift(wide / this.view.k), 9);
      context.globalAlpha = sure * (this.lit && !(this.lit.what === "class" && this.lit.key === c) ? 0.25 : 1);
      context.strokeStyle = this.paper; context.lineWidth = 4; context.strokeText(this.points.classes[c], px, py);
      context.fillStyle = this.ink; context.fillText(this.points.classes[c], px, py);
    });
    context.globalAlpha = 1;
  }

  drawPicked(context) {
    const i = this.picked;
    if (i < 0 || !this.visible(i)) return;
    const [x, y] = place(this.view, this.width, this.height, this.frame.now[2 * i], this.frame.now[2 * i + 1]);
    const { canvas, half } = (this.stamps[this.points.labels[i]] ?? this.stamps[-1])[this.points.isTarget[i]];
    context.drawImage(canvas, x - 1.4 * half, y - 1.4 * half, 2.8 * half, 2.8 * half);
    context.beginPath();
    context.arc(x, y, 1.4 * half, 0, 2 * Math.PI);
    context.strokeStyle = this.ink; context.lineWidth = 1.5; context.stroke();
  }
}

// ---------------------------------------------------------------- the widget

/** What the kernel sent about the points, decoded. */
export function pointsOf(model) {
  const about = model.get("about") ?? {};
  return {
    n: about.n ?? 0, classes: about.classes ?? [], domains: about.domains ?? [], tile: about.tile, width: about.width ?? 0,
    labels: decode(model.get("labels"), Int16Array), isTarget: decode(model.get("is_target"), Uint8Array),
    vectors: decode(model.get("vectors")), sprites: model.get("sprites"),
  };
}

/** The latest frame, decoded. */
export function frameOf(model) {
  return {
    xy: decode(model.get("xy")), predictions: decode(model.get("predictions"), Int16Array), step: model.get("step"), note: model.get("note"),
  };
}

/** What hinders the picture, in words, from the seconds since anything came. */
export function newsOf({ playing, stalled, silence, answered }) {
  if (!answered && silence > 8) return "No answer from the kernel: it may be busy in another cell. If this stays, run this cell again.";
  if (!playing) return "";
  if (stalled) return "The kernel is busy in another cell: controls act when that cell ends.";
  return silence > 3.5 ? `No news for ${Math.round(silence)} s: is the kernel busy in another cell?` : "";
}

function initialize({ model }) {
  model.on("change:sequence", () => model.send({ kind: "ack", sequence: model.get("sequence") }));
  model.on("change:pulse", () => model.send({ kind: "pulse" }));
}

function render({ model, el }) {
  const root = element("div", "", el), map = new PointMap(root);
  let heardAt = performance.now(), answered = false;
  const heard = () => { heardAt = performance.now(); };
  const news = () => {
    const silence = (performance.now() - heardAt) / 1000;
    map.setNews(newsOf({ playing: model.get("playing"), stalled: model.get("stalled"), silence, answered }));
  };
  const points = () => { map.setPoints(pointsOf(model)); frame(); };
  const frame = () => { heard(); map.setFrame(frameOf(model)); root.dataset.sequence = model.get("sequence"); news(); };
  const beat = () => { answered = true; heard(); news(); };
  const events = { "change:version": points, "change:sequence": frame, "change:pulse": beat, "change:playing": beat, "change:stalled": news };
  for (const [name, act] of Object.entries(events)) model.on(name, act);
  const timer = setInterval(news, 1000);
  requestAnimationFrame(() => map.theme());
  points();
  model.send({ kind: "ready" });
  return () => {
    clearInterval(timer);
    for (const [name, act] of Object.entries(events)) model.off(name, act);
    map.destroy();
  };
}

export default { initialize, render };
