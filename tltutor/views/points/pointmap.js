// The picture of the points. It knows no widget: setPoints once, then setFrame again and again.
import { isDark, palette } from "./colours.js";
import { element, toggle } from "./elements.js";
import { anchors, bounds, duration, glide, lift, markerRadius, mix, nearest, nextGoal, place, progress, towards } from "./geometry.js";
import { icon, stamp } from "./marks.js";
import { countWrong, describe, summary } from "./words.js";

// Milliseconds of rest between two pictures: about 30 a second, or 20 where training shares two cores with the page.
const REST = (globalThis.navigator?.hardwareConcurrency ?? 4) > 2 ? 25 : 42;
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The picture in `root`. It knows no widget: setPoints once, then setFrame again and again; destroy at the end. */
export class PointMap {
  constructor(root, { group = "", presenter = false } = {}) {
    this.onSelect = () => {}; this.onDrag = () => {};
    this.group = group; this.presenter = presenter; this.selected = [];
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

  /** Show these rows in the selection panel; none close it. */
  select(rows, title = "") { this.selected = Array.from(rows); this.title = title; }

  setGroup(group) { this.group = group; }

  setPresenter(presenter) { this.presenter = presenter; }

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
