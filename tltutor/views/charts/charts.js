// The two charts over the steps: accuracies above, loss terms below. They know no widget.
import { t } from "../language.js";
import { brushOf, element } from "../points/elements.js";
import { along, chartOf, decades, lossRange, mixed, nearestAt, roundUp, short, smooth, spoken, spread, tickText, ticks } from "./scales.js";
/** @import { Change, Curve, Pair, Range, ScaleWish, Series } from "../types.js" */
/**
 * @typedef {{ box: HTMLElement, canvas: HTMLCanvasElement, title: string }} Chart
 * @typedef {{ context: CanvasRenderingContext2D, width: number, height: number, x: (step: number) => number, y: (value: number) => number, c: number }} Plane What chart c is painted on.
 */

const COLORS = { // Okabe and Ito (2008); blue and the black are lifted on a dark ground
  light: ["#0072B2", "#D55E00", "#009E73", "#B5528B", "#8A6A00", "#3B8FC4", "#444444"],
  dark: ["#56A8E0", "#F07A2E", "#2BBE93", "#DD8DB9", "#E6B93C", "#8CCBF0", "#C8C8C8"],
};
const DASHES = [[], [6, 3], [2, 2.5], [8, 3, 2, 3], [4, 2], [1.5, 3], [10, 3]];
/** @type {Record<string, [color: number, dash: number]>} */
const FIXED = { target_accuracy: [1, 0], source_accuracy: [0, 1], domain_probe_accuracy: [2, 2], target_AP: [1, 3], source_AP: [0, 4], "loss/task": [0, 0] };
const LEFT = 40, RIGHT = 112, TOP = 25, BOTTOM = 17;

/** The last point of a curve that has some. @type {(curve: Curve) => Pair} */
const lastOf = (curve) => curve[curve.length - 1];

/** The two charts in `root`. It knows no widget: tell("all" | "more", series, changes), destroy at the end. */
export class Curves {
  /** @type {Series} */
  series = {};
  /** @type {Change[]} */
  changes = [];
  /** @type {string[]} */
  order = [];
  /** @type {number | null} */
  step = null; // that is read
  cursor = -1; // the step that the map shows; -1 while live
  /** @type {ScaleWish} */
  wish = "auto";
  isLog = false;
  /** @type {Range} */
  range = { low: 0, high: 1, log: false };
  limit = 20; // the step where the axis ends
  zoom = 1;
  ink = ""; font = ""; faint = "";
  /** @type {string[]} */
  colors = [];
  /** @type {string[]} */
  lettering = [];
  request = 0;
  /** @type {(wish: ScaleWish) => void} */
  onWish = () => {};
  /** @type {(step: number, name: string) => void} */
  onPress = () => {};
  /** @type {HTMLButtonElement} */
  logButton;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    root.classList.add("tlt-curves");
    this.charts = [t("accuracy"), t("loss terms")].map((title, c) => this.chart(title, c));
    this.tip = element("div", "tlt-tip", root);
    this.tip.hidden = true;
    this.sizes = new ResizeObserver(() => this.draw());
    this.charts.forEach(({ box }) => this.sizes.observe(box));
    this.themes = new MutationObserver(() => this.wake());
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  }

  /** @type {(title: string, c: number) => Chart} */
  chart(title, c) {
    const box = element("div", "tlt-chart", this.root), canvas = element("canvas", "", box);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.addEventListener("pointermove", (event) => this.point(event, c));
    canvas.addEventListener("pointerleave", () => this.read(null));
    canvas.addEventListener("click", (event) => this.press(c, event));
    canvas.addEventListener("keydown", (event) => this.key(event, c));
    canvas.addEventListener("blur", () => this.read(null));
    if (c === 1) this.button(box);
    return { box, canvas, title };
  }

  /** @type {(box: Element) => void} */
  button(box) {
    const button = element("button", "tlt-chip tlt-scale", box, t("log"));
    button.type = "button";
    button.title = t("Logarithmic scale for the loss terms, where all are positive");
    button.addEventListener("click", () => { this.wish = this.isLog ? "linear" : "log"; this.onWish(this.wish); this.draw(); });
    this.logButton = button;
  }

  destroy() {
    cancelAnimationFrame(this.request);
    this.sizes.disconnect(); this.themes.disconnect();
    this.root.replaceChildren();
  }

  /** @type {(kind: "all" | "more", series: Series, changes: Change[]) => void} */
  tell(kind, series, changes) {
    if (kind === "all") { this.series = {}; this.order = []; }
    for (const [name, points] of Object.entries(series)) {
      if (!this.series[name]) { this.series[name] = []; this.order.push(name); }
      this.series[name].push(...points);
    }
    this.changes = changes;
    this.wake();
  }

  wake() {
    if (!this.request) this.request = requestAnimationFrame(() => { this.request = 0; this.draw(); });
  }

  // -------------------------------------------------------------- what a person does

  get last() {
    return Math.max(1, ...Object.values(this.series).map((points) => points.at(-1)?.[0] ?? 0));
  }

  /** @type {(event: PointerEvent, c: number) => void} */
  point(event, c) {
    const box = this.charts[c].canvas.getBoundingClientRect();
    const share = ((event.clientX - box.left) / this.zoom - LEFT) / Math.max(box.width / this.zoom - LEFT - RIGHT, 1);
    this.read(share < -0.03 || share > 1.03 ? null : share * this.limit, c);
  }

  /** @type {(event: KeyboardEvent, c: number) => void} */
  key(event, c) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") this.read(null);
    if (event.key === "Enter" && this.step !== null) this.press(c);
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    this.read(Math.min(Math.max((this.step ?? this.last) + (way * this.limit) / 60, 0), this.last), c);
  }

  /** The value of a curve was pressed: the one under the pointer, by key the first. @type {(c: number, event?: MouseEvent | null) => void} */
  press(c, event = null) {
    const names = this.names(c), { step } = this;
    if (step === null || !names.length) return;
    const { canvas } = this.charts[c], range = c ? this.range : { low: 0, high: 1, log: false };
    const at = event ? (event.clientY - canvas.getBoundingClientRect().top) / this.zoom : 0, height = canvas.clientHeight / this.zoom;
    /** @type {(name: string) => number} */
    const away = (name) => Math.abs(at - (height - BOTTOM - along(this.series[name][nearestAt(this.series[name], step)][1], range) * (height - TOP - BOTTOM)));
    const name = event ? names.reduce((best, other) => (away(other) < away(best) ? other : best)) : names[0];
    this.onPress(this.series[name][nearestAt(this.series[name], step)][0], name);
  }

  /** @type {(step: number | null, c?: number) => void} */
  read(step, c = 0) {
    this.step = step === null ? null : Math.min(Math.max(step, 0), this.last);
    this.fillTip(c);
    this.draw();
  }

  /** @type {(c: number) => void} */
  fillTip(c) {
    const { step } = this, names = this.names(c);
    this.tip.hidden = step === null || !names.length;
    if (step === null || !names.length) return;
    this.tip.replaceChildren();
    const list = element("dl", "", this.tip);
    element("dt", "", list, t("step")); element("dd", "", list, String(Math.round(step)));
    for (const name of names) {
      const curve = this.series[name];
      element("dt", "", list, spoken(name)); element("dd", "", list, short(curve[nearestAt(curve, step)][1]));
    }
    const near = this.changes.filter(([at]) => Math.abs(at - step) < this.limit / 60);
    for (const [at, text] of near.slice(-3)) element("p", "", this.tip, t("step {step}: {text}", { step: at, text }));
    this.putTip(c, step);
  }

  /** @type {(c: number, step: number) => void} */
  putTip(c, step) {
    const { box } = this.charts[c], x = (LEFT + (step / this.limit) * (box.clientWidth / this.zoom - LEFT - RIGHT)) * this.zoom;
    const left = x + 12 + this.tip.offsetWidth > box.clientWidth ? x - 12 - this.tip.offsetWidth : x + 12;
    this.tip.style.transform = `translate(${Math.round(Math.max(left, 2))}px, ${Math.round(box.offsetTop + 22)}px)`;
  }

  // -------------------------------------------------------------- the picture itself

  /** @type {(c: number) => string[]} */
  names(c) {
    return this.order.filter((name) => chartOf(name) === c && this.series[name].length);
  }

  /** @type {(name: string, c: number) => { color: string, lettering: string, dash: number[] }} */
  look(name, c) {
    const at = this.order.filter((other) => chartOf(other) === c).indexOf(name), [color, dash] = FIXED[name] ?? [at + (c === 0 ? 2 : 0), at];
    const i = color % this.colors.length;
    return { color: this.colors[i], lettering: this.lettering[i], dash: DASHES[dash % DASHES.length] };
  }

  draw() {
    const style = getComputedStyle(this.root), [r, g, b] = (style.color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    this.zoom = (parseFloat(style.fontSize) || 12) / 12; // a presenter's board has larger letters
    this.ink = style.color; this.font = style.fontFamily; this.faint = style.getPropertyValue("--tlt-grid").trim() || "#8884";
    this.colors = COLORS[0.2126 * r + 0.7152 * g + 0.0722 * b > 140 ? "dark" : "light"];
    this.lettering = this.colors.map((color) => mixed(color, [r, g, b], 0.3));
    this.limit = roundUp(Math.max(this.last, 20));
    const losses = this.names(1), values = losses.flatMap((name) => this.series[name].map(([, value]) => value));
    const range = lossRange(values, this.wish);
    this.range = range; this.isLog = range.log;
    this.logButton.setAttribute("aria-pressed", String(range.log));
    this.drawChart(0, { low: 0, high: 1, log: false });
    this.drawChart(1, range);
  }

  /** @type {(c: number, range: Range) => void} */
  drawChart(c, range) {
    const { canvas, box, title } = this.charts[c], width = box.clientWidth / this.zoom, height = box.clientHeight / this.zoom;
    const scale = (window.devicePixelRatio || 1) * this.zoom;
    if (!width || !height) return;
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    const context = brushOf(canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    /** @type {(step: number) => number} */
    const x = (step) => LEFT + (step / this.limit) * (width - LEFT - RIGHT);
    /** @type {(value: number) => number} */
    const y = (value) => height - BOTTOM - along(value, range) * (height - TOP - BOTTOM);
    const plane = { context, width, height, x, y, c };
    this.drawAxes(plane, range, title);
    this.drawMarks(plane);
    for (const name of this.names(c)) this.drawLine(plane, name);
    this.drawLabels(plane);
    canvas.setAttribute("aria-label", this.summary(c, title));
  }

  /** @type {(plane: Plane, range: Range, title: string) => void} */
  drawAxes({ context, width, height, x, y }, range, title) {
    context.font = `12px ${this.font}`; context.textBaseline = "middle"; context.lineWidth = 1;
    context.textAlign = "right";
    for (const tick of range.log ? decades(range.low, range.high) : ticks(range.low, range.high, height < 110 ? 2 : 4)) {
      context.strokeStyle = this.faint;
      context.beginPath(); context.moveTo(LEFT, Math.round(y(tick)) + 0.5); context.lineTo(width - RIGHT, Math.round(y(tick)) + 0.5); context.stroke();
      context.globalAlpha = 0.72; context.fillStyle = this.ink; context.fillText(tickText(tick), LEFT - 5, y(tick)); context.globalAlpha = 1;
    }
    context.textAlign = "center"; context.globalAlpha = 0.72;
    for (const tick of ticks(0, this.limit, 4)) context.fillText(tickText(tick), x(tick), height - BOTTOM + 9);
    context.textAlign = "left"; context.fillText(t("steps"), width - RIGHT + 18, height - BOTTOM + 9);
    context.globalAlpha = 1; context.font = `600 12px ${this.font}`;
    context.fillText(title, 2, 8);
  }

  /** @type {(plane: Plane) => void} */
  drawMarks({ context, height, x }) {
    /** @type {(at: number, dash: number[]) => void} */
    const line = (at, dash) => {
      context.setLineDash(dash);
      context.beginPath(); context.moveTo(x(at), TOP - 3); context.lineTo(x(at), height - BOTTOM); context.stroke();
    };
    context.strokeStyle = this.ink; context.fillStyle = this.ink; context.lineWidth = 1;
    for (const [step] of this.changes) {
      context.globalAlpha = 0.3; line(step, [2, 3]);
      context.globalAlpha = 0.75;
      context.beginPath(); context.moveTo(x(step) - 3.5, TOP - 5); context.lineTo(x(step) + 3.5, TOP - 5); context.lineTo(x(step), TOP + 1); context.fill();
    }
    context.globalAlpha = 0.55;
    if (this.step !== null) line(this.step, []);
    context.globalAlpha = 0.9;
    if (this.cursor >= 0) line(this.cursor, [4, 2]);
    context.setLineDash([]); context.globalAlpha = 1;
  }

  /** @type {(plane: Plane, name: string) => void} */
  drawLine({ context, x, y, c }, name) {
    const points = this.series[name], { color, dash } = this.look(name, c), noisy = c === 1 && points.length > 40;
    /** @type {(list: Curve) => void} */
    const path = (list) => {
      context.beginPath();
      list.forEach(([step, value], i) => (i ? context.lineTo(x(step), y(value)) : context.moveTo(x(step), y(value))));
      context.stroke();
    };
    context.strokeStyle = color; context.lineJoin = "round";
    if (noisy) { context.globalAlpha = 0.22; context.lineWidth = 1; path(points); context.globalAlpha = 1; }
    context.setLineDash(dash); context.lineWidth = 1.8;
    path(noisy ? smooth(points, Math.min(points.length / 25, 20)) : points);
    context.setLineDash([]);
    if (points.length === 1) { context.fillStyle = color; context.fillRect(x(points[0][0]) - 2, y(points[0][1]) - 2, 4, 4); }
  }

  /** @type {(plane: Plane) => void} */
  drawLabels({ context, width, height, x, y, c }) {
    const names = this.names(c), ends = names.map((name) => lastOf(this.series[name]));
    const settled = names.map((name, i) => (c === 1 && this.series[name].length > 40 ? lastOf(smooth(this.series[name], Math.min(this.series[name].length / 25, 20))) : ends[i]));
    const at = spread(settled.map(([, value]) => y(value)), 13, TOP - 2, height - BOTTOM - 4);
    context.font = `12px ${this.font}`; context.textAlign = "left"; context.textBaseline = "middle";
    names.forEach((name, i) => {
      const left = Math.min(x(settled[i][0]) + 6, width - RIGHT + 6);
      const number = short(settled[i][1]);
      context.font = `600 12px ${this.font}`;
      context.fillStyle = this.look(name, c).lettering;
      context.fillText(number, left, at[i]);
      const shift = Math.max(...["0.000", number].map((text) => context.measureText(text).width)) + 5;
      context.font = `12px ${this.font}`;
      context.fillText(this.clip(context, spoken(name), width - left - shift - 2), left + shift, at[i]);
    });
  }

  /** @type {(context: CanvasRenderingContext2D, text: string, room: number) => string} */
  clip(context, text, room) {
    let cut = text;
    while (cut.length > 1 && context.measureText(cut).width > room) cut = `${cut.slice(0, -2)}…`;
    return cut;
  }

  /** @type {(c: number, title: string) => string} */
  summary(c, title) {
    const names = this.names(c);
    if (!names.length) return t("Chart of the {title}: nothing yet.", { title });
    const said = names.map((name) => `${spoken(name)} ${short(lastOf(this.series[name])[1])}`).join(", ");
    return t("Chart of the {title} up to step {step}: {said}. Left and right arrow keys read values; Enter goes to that step and selects its points.", { title, step: Math.round(this.last), said });
  }
}
