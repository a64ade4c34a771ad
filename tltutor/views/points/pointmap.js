// The picture of the points. It knows no widget: setPoints once, then setFrame again and again.
import { mark, t } from "../language.js";
import { drawAxes, wanted } from "./axes.js";
import { centroids, drawCentroids, widest } from "./centroids.js";
import { contours, drawDensity } from "./density.js";
import { brushOf, element } from "./elements.js";
import { Filter } from "./filter.js";
import { bestTurn, isFlat, nearest, turned } from "./geometry.js";
import { Finder, found } from "./finder.js";
import { Gestures } from "./gestures.js";
import { pressKey, staysOnMap } from "./keys.js";
import { Legend } from "./legend.js";
import { Link } from "./link.js";
import { Look } from "./look.js";
import { Motion, Rhythm, farthest } from "./motion.js";
import { anchors, drawNames, namesNow } from "./names.js";
import { Kept, worthKeeping } from "./kept.js";
import { Pace } from "./pace.js";
import { drawNearest, drawPicked, drawPictures, drawPoints, strengths, untrusted } from "./painter.js";
import { SelectionPanel } from "./panel.js";
import { Regions } from "./regions.js";
import { rowsOfCell, rowsOfClass, rowsThatMoved, tally } from "./selection.js";
import { closePicture, openPicture } from "./thumbnail.js";
import { hues, tintColors, tintsOf } from "./tints.js";
import { Toolbar } from "./toolbar.js";
import { Tooltip } from "./tooltip.js";
import { drawPlan } from "./plan.js";
import { Trails } from "./trails.js";
import { Viewport } from "./viewport.js";
import { Voice } from "./voice.js";
import { watchPage } from "./watch.js";
import { axisWords, chosenWords, nearestWords, titleWords } from "./words.js";
/** @import { Centers, Frame, Kind, Layer, Layers, Listen, Lit, MapView, Measured, Near, Pair, Points, Predictions, Scene, Segment, ShownFrame, Title } from "../types.js" */
/** @import { Marquee } from "./marquee.js" */
/** @import { Words } from "./sentence.js" */
/** @import { ClassMap } from "./thumbnail.js" */

const FLAT = mark("All points have the same features: there is nothing to lay out. The network tells no example from another.");
const REST = 4000; // ms between two turns of the whole map
const HALF = 0.5; // of the points: where more are not where they belong, a faint map would hide all
const UNSEEN = 0.3; // pixels that a frame must move a point to be worth a glide

/** The picture in `root`; onSelect(rows, title), onDrag(axis, x, y) and onView(view) tell what a person did. destroy() at the end. */
export class PointMap {
  // What stands in the page.
  /** @type {HTMLElement} */
  root;
  /** @type {HTMLElement} */
  body;
  /** @type {HTMLElement} */
  stage;
  /** @type {HTMLCanvasElement} */
  canvas;
  /** @type {Toolbar} */
  toolbar;
  /** @type {Voice} */
  voice;
  /** @type {Tooltip} */
  tip;
  /** @type {SelectionPanel} */
  panel;
  /** @type {Finder} */
  finder;
  /** @type {Legend} */
  legend;
  /** @type {Gestures} */
  gestures;
  /** @type {AbortController} */
  ending;
  /** @type {() => void} */
  unwatch;

  // What a person does is told to these.
  /** @type {(rows: number[], ...title: Title) => void} */
  onSelect = () => {};
  /** @type {(axis: number, x: number, y: number) => void} */
  onDrag = () => {};
  /** @type {(view: MapView) => void} */
  onView = () => {};
  /** @type {(row: number) => void} */
  onPick = () => {};

  // What came in.
  /** @type {Points | null} */
  points = null;
  /** @type {Frame | null} */
  latest = null;
  /** @type {ShownFrame | null} */
  frame = null;
  /** @type {Measured} */
  values = {};
  /** @type {Near | null} */
  near = null;
  /** @type {ClassMap | null} */
  found = null;
  /** @type {Words | null} */
  words = null;

  // What a person looks at, has hold of and has selected: rows, and chosen[i] is 1 for these; -1 for no point, no axis.
  picked = -1;
  byKey = false;
  held = -1;
  lassoing = false;
  /** @type {Marquee | null} */
  marquee = null;
  /** @type {Lit | null} */
  lit = null;
  /** @type {number[]} */
  rows = [];
  /** @type {Uint8Array | null} */
  chosen = null;
  tint = "class";

  // What follows from these.
  alphas = new Float32Array(0);
  hues = new Uint16Array(0);
  /** @type {string[]} */
  colors = [];
  /** @type {Centers[] | null} */
  centers = null;
  worst = -1;
  /** @type {Segment[][][] | null} */
  lines = null;
  untrue = 0;
  laidOut = 0;
  angle = 0;
  turnedAt = -Infinity;
  turning = 0;
  drawings = 0;

  /** @param {HTMLElement} root @param {{ group?: string, presenter?: boolean }} [options] */
  constructor(root, { group = "", presenter = false } = {}) {
    /** @type {Layers} */
    this.layers = { names: true, wrong: true, centroids: false, trails: false, pictures: false, density: false, faint: true, fade: false, regions: true };
    this.viewport = new Viewport(); this.filter = new Filter(); this.look = new Look(presenter);
    this.rhythm = new Rhythm(); this.trails = new Trails(); this.regions = new Regions(); this.kept = new Kept(); this.stale = true; this.pace = new Pace((now, seconds) => this.draw(now, seconds));
    this.link = new Link(group, (detail) => this.hear(detail));
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build(root);
    this.listen();
    this.setPresenter(presenter);
  }

  /** @type {(root: HTMLElement) => void} */
  build(root) {
    this.root = root;
    root.classList.add("tlt-map");
    this.toolbar = new Toolbar(root, { flip: (layer) => this.flip(layer), fit: () => { this.fit(); this.canvas.focus(); }, lasso: () => this.switchLasso(), tint: (name) => this.colorBy(name) });
    const body = this.body = element("div", "tlt-body", root);
    this.stage = element("div", "tlt-stage", body);
    this.canvas = element("canvas", "", this.stage);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.voice = new Voice(root, this.stage);
    this.tip = new Tooltip(body);
    this.panel = new SelectionPanel(body, { onPick: (row, really) => this.pickListed(row, really), onClose: () => this.closePanel(), onCell: (truth, guess, when) => this.takeCell(truth, guess, when) });
    const below = element("div", "tlt-below", root);
    const aside = element("div", "tlt-aside", below);
    this.finder = new Finder(aside, (letters) => this.find(letters));
    this.legend = new Legend(below, element("span", "tlt-trust", aside), { press: (what, key, alone) => this.press(what, key, alone), light: (lit) => { this.lit = lit; this.wake(); } });
  }

  listen() {
    this.ending = new AbortController();
    /** @type {Listen} */
    const on = (target, name, act) => target.addEventListener(name, act, { signal: this.ending.signal, passive: false });
    this.gestures = new Gestures(this, this.canvas, on);
    on(this.canvas, "keydown", (event) => { if (pressKey(this, event)) event.preventDefault(); });
    on(this.root, "keydown", (event) => { if (staysOnMap(event)) event.stopPropagation(); });
    on(this.canvas, "blur", () => { if (!this.gestures.drag) this.pick(-1); });
    on(document, "pointerdown", ({ target }) => {
      this.toolbar.pressed(target);
      if (!this.root.contains(target) && !this.byKey) this.pick(-1);
    });
    this.unwatch = watchPage(this.stage, {
      resize: () => this.resize(), theme: () => this.theme(), wake: () => this.wake(), sight: (seen) => { this.pace.inSight = seen; this.wake(); },
    });
  }

  destroy() {
    clearTimeout(this.turning);
    this.ending.abort();
    this.unwatch();
    for (const part of [this.pace, this.voice, this.link]) part.stop();
    closePicture(this.points);
    this.root.replaceChildren();
  }

  // -------------------------------------------------------------- what comes in

  /** points: {n, classes, domains, labels, isTarget, tile, width, vectors, texts, sprites (PNG bytes)}. @type {(points: Points) => void} */
  setPoints(points) {
    closePicture(this.points);
    this.points = points.n ? openPicture(points, () => this.wake()) : null;
    this.alphas = new Float32Array(points.n); this.hues = new Uint16Array(points.n);
    this.values = {};
    this.finder.show(this.points);
    this.filter.reset(this.points);
    this.look.stamps = null;
    this.panel.forget();
    this.highlight([]);
    this.refill();
    this.clear();
  }

  /**
   * frame: {xy, predictions, step, note, axes, regions, lines}; xy of another length than the points is not theirs and clears the picture.
   * alone: whether it was asked for by itself, as one with a note is, and is not one of a stream.
   * @type {(frame: Frame) => void}
   */
  setFrame(frame) {
    const { predictions, step, note = "", axes = null, regions = null, lines = null, alone = Boolean(note) } = frame;
    if (!this.points || frame.xy.length !== 2 * this.points.n) { this.clear(); return; }
    this.latest = frame;
    const xy = axes || regions ? frame.xy : turned(frame.xy, this.angle), now = performance.now(), before = this.frame, { labels, isTarget, classes } = this.points;
    const motion = this.motionTo(xy, now, alone);
    const names = anchors(xy, labels, isTarget, classes.length), namesWere = before && namesNow(before, now);
    this.frame = { motion, predictions, step, note, regions, lines, names, namesWere, axes: this.axesHeld(axes), flat: isFlat(xy) };
    this.trails.push(xy, step);
    this.viewport.aim(wanted(xy, this.frame.axes), this.still || !before);
    this.voice.nothing(this.frame.flat ? t(FLAT) : "");
    this.toolbar.say(t("step {step}", { step: step.toLocaleString("en") }), note);
    this.panel.see(step, predictions);
    this.fillTip();
    this.measure();
    this.color();
    this.showSwitches();
    this.wake();
    this.say(!before);
    this.considerTurn(now);
  }

  /**
   * values: what the last look knows of each point, by name: confidence, loss, opinion, changed and trust, each (n,).
   * @type {(values: Measured) => void}
   */
  setValues(values) {
    this.values = values;
    this.fillTip();
    this.color();
    this.showSwitches();
    this.sayTrust();
  }

  /** How many points are laid out, where the others stand beside these; 0 for all. @param {number} few */
  setLaidOut(few) { this.laidOut = few; this.sayTrust(); }

  /** How many points are not where they belong; where these are few they are faint, too. */
  sayTrust() {
    this.untrue = this.values.trust ? untrusted(this.values.trust) : 0;
    this.legend.trust(this.layers.faint ? this.untrue : 0, this.laidOut);
  }

  /** near: {row, rows, all}: a point's nearest source points in feature space, and how far all points are from it. @type {(near: Near) => void} */
  setNear(near) {
    if (near.row !== this.picked) return; // the pointer has gone on
    const first = !this.near;
    this.near = near;
    const words = this.fillTip();
    if (this.byKey) this.tell([words, nearestWords(this.data, near.rows)].join(", "));
    if (this.tint === "distance") { this.color(); if (first) this.refill(); }
    this.pace.wake();
  }

  /** Where a point's image speaks for the network's answer. @type {(found: ClassMap) => void} */
  setClassMap(found) {
    if (found.row !== this.picked) return; // the pointer has gone on
    this.found = found;
    this.fillTip();
    this.pace.wake();
  }

  /** Which words of a point's text speak for the network's answer. @type {(words: Words) => void} */
  setWords(words) {
    if (words.row !== this.picked) return; // the pointer has gone on
    this.words = words;
    this.fillTip();
    this.pace.wake();
  }

  /** Say in the tip what is known of the point that is looked at. */
  fillTip() {
    const row = this.picked;
    if (row < 0 || !this.frame) return "";
    const found = this.found?.row === row ? this.found : null, words = this.words?.row === row ? this.words : null;
    return this.tip.fill(this.points, this.frame, row, { values: this.values, near: this.near?.row === row ? this.near.rows : [], found, words });
  }

  /**
   * A map whose axes mean nothing is turned, by itself and now and then, to fill its picture; linked maps stay as they are.
   * @type {(now: number) => void}
   */
  considerTurn(now) {
    const { xy, axes, regions } = /** @type {Frame} */ (this.latest);
    if (axes || regions || this.link.group || this.turning || this.viewport.byHand || now - this.turnedAt < REST || this.shown.flat) return;
    const angle = bestTurn(xy, this.angle, this.viewport.width, this.viewport.height);
    if (angle === this.angle) return;
    this.turning = setTimeout(() => this.turnTo(angle), this.turnedAt === -Infinity ? 0 : 150);
  }

  /** Turn the map, apart from any frame: nothing else moves. @type {(angle: number) => void} */
  turnTo(angle) {
    this.turning = 0; this.turnedAt = performance.now(); this.angle = angle;
    if (!this.frame || !this.latest) return;
    this.trails.clear();
    this.setFrame({ ...this.latest, alone: true });
  }

  /** The glide to xy; none where nobody would see it. @type {(xy: Float32Array, now: number, alone: boolean) => Motion} */
  motionTo(xy, now, alone) {
    const before = this.frame?.motion, glide = this.rhythm.next(now, alone);
    const unseen = this.still || !before || farthest(before.now, xy) < UNSEEN * (this.viewport.view?.k ?? 0);
    return new Motion(xy, before, now, unseen ? {} : glide);
  }

  clear() {
    this.frame = this.marquee = this.near = this.found = this.words = this.lines = null;
    clearTimeout(this.turning);
    this.turning = 0; this.angle = 0; this.turnedAt = -Infinity;
    this.held = -1;
    this.viewport.clear(); this.trails.clear(); this.kept.clear();
    this.pick(-1);
    this.toolbar.say("", "");
    this.voice.nothing(this.points ? t("Press Play: the points appear here and move as the network learns.") : t("The map of the features appears here."));
    this.measure();
    this.showSwitches();
    this.wake();
    this.say(true);
  }

  /** Show these rows in the selection panel, under a title; none close it. @type {(rows: Iterable<number>, text?: string, values?: Title[1]) => void} */
  select(rows, text = "", values = {}) {
    const title = titleWords(text, values);
    this.highlight(rows);
    this.panel.show(this.points, this.frame, this.rows, title, this.colors);
    this.link.tell(this.picked, this.rows);
    if (this.rows.length) this.tell(chosenWords(title, tally(this.data, this.predictions, this.rows)));
  }

  /** @type {(text: string) => void} */
  setNews(text) { this.voice.setNews(text); }

  /** @type {(group: string) => void} */
  setGroup(group) { this.link.group = group; }

  /** @type {(presenter: boolean) => void} */
  setPresenter(presenter) {
    this.look.presenter = presenter;
    this.root.classList.toggle("tlt-presenter", presenter);
    this.theme();
  }

  // -------------------------------------------------------------- what a person does

  get ready() { return Boolean(this.frame && this.viewport.view); }
  /** The points, of a map that has some. */
  get data() { return /** @type {Points} */ (this.points); }
  /** The frame, of a map that has one. */
  get shown() { return /** @type {ShownFrame} */ (this.frame); }
  get still() { return this.reduced.matches || this.pace.idle; }
  /** @returns {Predictions} */
  get predictions() { return this.frame?.predictions ?? []; }

  /** @type {(layer: Layer) => void} */
  flip(layer) {
    this.layers[layer] = !this.layers[layer];
    this.measure();
    this.setValues(this.values);
    if (layer === "wrong") this.refill();
    this.onView(this.view);
    this.wake();
  }

  /** Color the points by what TINTS names. @type {(name: string) => void} */
  colorBy(name) {
    this.tint = name;
    this.refill(); this.color(); this.showSwitches();
    this.onView(this.view);
  }

  /** @type {(what: Kind, key: number, alone: boolean) => void} */
  press(what, key, alone) {
    this.filter.press(what, key, alone);
    this.pick(-1);
    this.measure();
    this.refill();
    this.onView(this.view);
    this.wake();
  }

  /** How a person wants to see it, as plain numbers and names; setting it brings an earlier view back. @returns {MapView} */
  get view() { return { layers: { ...this.layers }, tint: this.tint, hidden: this.filter.hidden, held: this.viewport.held }; }

  /** @param {Partial<MapView>} view */
  set view({ layers = {}, tint = "class", hidden = {}, held = null }) {
    this.tint = tint;
    for (const layer of /** @type {Layer[]} */ (Object.keys(this.layers))) if (layer in layers) this.layers[layer] = Boolean(/** @type {Partial<Layers>} */ (layers)[layer]);
    this.filter.hide(hidden);
    if (held && this.frame) this.viewport.hold(held, "once");
    this.pick(-1);
    this.measure(); this.refill(); this.color(); this.showSwitches(); this.wake();
  }

  /** @type {(px: number, py: number) => void} */
  point(px, py) {
    const [x, y] = this.viewport.data(px, py);
    this.pick(nearest(this.shown.motion.now, x, y, 12 * this.viewport.seen.k, this.filter.shows));
  }

  /**
   * Bring point i out, -1 for none; how: by pointer, by key (which is read aloud), or from afar, by a linked map.
   * @type {(i: number, how?: "pointer" | "key" | "afar") => void}
   */
  pick(i, how = "pointer") {
    this.byKey = how === "key";
    if (i === this.picked) return;
    this.picked = i;
    if (i < 0) this.tip.fill(this.points, this.frame, i);
    const words = this.fillTip();
    if (this.byKey) this.tell(words);
    if (how !== "afar") this.link.tell(i);
    this.onPick(i);
    this.pace.wake();
  }

  /** A picture of the panel was pointed at, or pressed. @type {(row: number, really: boolean) => void} */
  pickListed(row, really) {
    if (!this.ready) return;
    this.pick(row, really ? "key" : "pointer");
    if (really) { const { to } = this.shown.motion; this.viewport.show(to[2 * row], to[2 * row + 1]); this.showSwitches(); }
  }

  /** Another map of the group points at a row, or selects rows. @type {(told: { row: number, rows?: number[] }) => void} */
  hear({ row, rows }) {
    const n = this.points?.n ?? 0;
    if (rows) { this.highlight(rows); this.panel.show(this.points, this.frame, this.panel.box.hidden ? [] : this.rows, "", this.colors); }
    if (row < n) this.pick(row, "afar");
  }

  /** @type {(rows: Iterable<number>) => void} */
  highlight(rows) {
    const n = this.points?.n ?? 0;
    this.rows = Array.from(rows).filter((row) => row >= 0 && row < n);
    const chosen = this.rows.length ? new Uint8Array(n) : null;
    for (const row of this.rows) if (chosen) chosen[row] = 1;
    this.chosen = chosen;
    if (!this.rows.length) this.panel.show(this.points, this.frame, [], "");
    this.wake();
  }

  /** Select here, and say so. @type {(rows: number[], ...title: Title) => void} */
  choose(rows, ...title) { this.select(rows, ...title); this.onSelect(this.rows, ...title); }

  closePanel() { this.choose([], "", {}); this.canvas.focus(); }

  takeClass() {
    const { labels, classes } = this.data, label = labels[this.picked];
    if (label === undefined) { this.tell(t("Pick a point first: C selects its class.")); return; }
    this.choose(rowsOfClass(labels, label, this.filter.shows), label < 0 ? mark("no class") : mark("class {name}"), { name: classes[label] ?? "" });
  }

  /**
   * Select those of the selected points that have this class and are taken for that one: now, at the first look, or at one of both only.
   * @type {(truth: number, guess: number, when?: import("./panel.js").When) => void}
   */
  takeCell(truth, guess, when = "after") {
    /** @type {(c: number) => string} */
    const name = (c) => this.data.classes[c] ?? String(c);
    /** @type {Title} */
    const title = [truth === guess ? mark("{truth}, taken for what it is") : mark("{truth} taken for {guess}"), { truth: name(truth), guess: name(guess) }];
    const first = this.panel.first?.predictions ?? [], /** @type {[number, number]} */ cell = [truth, guess];
    if (when === "before") this.choose(rowsOfCell(this.data, first, this.rows, cell), mark("before: {title}"), { title });
    else if (when === "change") this.choose(rowsThatMoved(this.data, first, this.predictions, this.rows, cell), mark("came or left: {title}"), { title });
    else this.choose(rowsOfCell(this.data, this.predictions, this.rows, cell), ...title);
  }

  /** Select what these letters mean; "" clears the selection. @type {(letters: string) => void} */
  find(letters) {
    const rows = this.points ? found(this.points, letters, this.filter.shows) : [];
    this.finder.tell(rows.length > 0);
    this.choose(rows, rows.length ? mark("Found: {letters}") : "", { letters: letters.trim() });
    if (letters.trim() && !rows.length) this.tell(t("No class and no text fits {letters}.", { letters: letters.trim() }));
  }

  /** Draw this box or lasso over the points, null for none. @type {(marquee: Marquee | null) => void} */
  outline(marquee) { this.marquee = marquee; if (marquee) this.pick(-1); this.pace.wake(); }

  /** @type {(x: number, y: number) => void} */
  stretch(x, y) { this.marquee?.reach(x, y); this.pace.wake(); }

  /** Select what the box or lasso holds. */
  take() {
    const { marquee } = this;
    if (!marquee) return;
    this.outline(null);
    this.choose(marquee.rows(this.shown.motion.now, this.filter.shows), marquee.kind === "box" ? mark("Box") : mark("Lasso"), {});
    if (!this.rows.length) this.tell(t("No points there."));
  }

  switchLasso() { this.lassoing = !this.lassoing; this.showSwitches(); }

  /** @type {(...how: Parameters<Viewport["zoom"]>) => void} */
  zoom(...how) { this.viewport.zoom(...how); this.moved(); }
  /** @type {(...how: Parameters<Viewport["pan"]>) => void} */
  pan(...how) { this.viewport.pan(...how); this.moved(); }
  fit() { this.viewport.fit(); this.moved(); }
  moved() { this.toolbar.fit.hidden = !this.viewport.byHand; this.onView(this.view); this.pace.wake(); }

  /** Drop what was begun last (the box, the axis, the point, the selection); false where nothing was. */
  back() {
    if (this.marquee) this.outline(null);
    else if (this.held >= 0) this.hold(-1);
    else if (this.picked >= 0) this.pick(-1);
    else if (this.rows.length) this.closePanel();
    else return false;
    return true;
  }

  // -------------------------------------------------------------- axes

  /** The axis that a hand has hold of, -1 for none. @type {(axis: number) => void} */
  hold(axis) { this.held = axis; this.wake(); }

  nextAxis() {
    const { axes } = this.shown, count = (axes?.length ?? 0) / 2;
    if (!axes || !count) { this.tell(t("This map has no axes to turn.")); return; }
    this.hold(this.held + 1 < count ? this.held + 1 : 0);
    this.tell(axisWords(this.held, axes));
  }

  /** The tip of an axis goes to [x, y]; `tell` whether to say so already. @type {(axis: number, to: Pair, tell: boolean) => void} */
  turn(axis, [x, y], tell) {
    this.frame?.axes?.set([x, y], 2 * axis);
    if (tell) this.onDrag(axis, x, y);
    this.wake();
  }

  /** A frame's axes; one that is held stays where the hand has it. @type {(axes: Float32Array | null) => Float32Array | null} */
  axesHeld(axes) {
    const own = axes?.slice() ?? null, were = this.frame?.axes, at = 2 * this.held;
    if (own && were && this.held >= 0 && were.length === own.length) own.set(were.subarray(at, at + 2), at);
    return own;
  }

  // -------------------------------------------------------------- what is said and shown around the picture

  /** @type {(text: string) => void} */
  tell(text) { this.voice.tell(text); }

  /** @type {(aloud?: boolean) => void} */
  say(aloud = false) { this.voice.describe(this, aloud); }

  measure() {
    this.centers = this.frame && centroids(this.data, this.frame.motion.to);
    this.worst = this.centers ? widest(this.centers) : -1;
    this.legend.measure(this.centers, this.worst);
    this.lines = this.layers.density && this.frame ? contours(this.data, this.frame.motion.to, this.filter.shows) : null;
  }

  refill() {
    this.colors = this.look.colors(this.points);
    const scale = tintColors(this.tint, this.points?.classes.length ?? 0, this.look.dark);
    this.legend.fill(this.points, this.filter, this.colors, { tint: this.tint, scale, waits: this.tint === "distance" && !this.near, rings: this.layers.wrong });
    this.legend.measure(this.centers, this.worst);
    this.sayTrust();
  }

  /** Give each point its color. */
  color() {
    if (!this.points) return;
    hues(this.tint, { points: this.points, predictions: this.predictions, values: this.values, distances: this.near?.all }, this.hues);
    this.wake();
  }

  showSwitches() {
    const about = {
      lasso: this.lassoing, byHand: this.viewport.byHand, pictures: this.points?.picture, regions: this.frame?.regions, trust: this.values.trust,
      tint: this.tint, tints: this.frame ? tintsOf(this.points, this.predictions, this.values) : [],
    };
    this.toolbar.show(this.layers, about);
  }

  resize() {
    const scale = window.devicePixelRatio || 1, width = this.stage.clientWidth, height = this.stage.clientHeight;
    this.canvas.width = Math.round(width * scale); this.canvas.height = Math.round(height * scale);
    this.viewport.resize(width, height);
    if (width && !this.look.paper) this.theme();
    if (width) this.draw(performance.now(), 0);
    this.wake();
  }

  theme() {
    this.look.read(this.root);
    this.refill();
    this.panel.show(this.points, this.frame, this.panel.box.hidden ? [] : this.rows, this.panel.about, this.colors);
    this.wake();
  }

  // -------------------------------------------------------------- the picture itself

  /** Something has changed that the points are painted from; what lies above them, and the view, call the pace alone. */
  wake() { this.stale = true; this.pace.wake(); }

  /** Move and paint; whether to go on. @type {(now: number, seconds: number) => boolean} */
  draw(now, seconds) {
    const context = brushOf(this.canvas), scale = window.devicePixelRatio || 1;
    this.root.dataset.draws = String(++this.drawings);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.viewport.width, this.viewport.height);
    if (!this.ready || this.shown.flat) return false;
    const gliding = this.shown.motion.advance(now) < 1, moving = this.viewport.move(seconds, this.reduced.matches);
    const owed = this.paintPoints(context, this.scene(scale), { scale, gliding, now });
    return gliding || moving || owed;
  }

  /**
   * The points, painted or kept, and what lies above them; whether a picture of the points is still owed.
   * @type {(context: CanvasRenderingContext2D, scene: Scene, about: { scale: number, gliding: boolean, now: number }) => boolean}
   */
  paintPoints(context, scene, { scale, gliding, now }) {
    const { view, width, height, byHand } = scene.viewport, keeps = worthKeeping(scene.points.n);
    let owed = false;
    if (keeps) owed = this.kept.show(context, { view, width, height, scale, stale: this.stale || gliding, byHand, now }, (kept) => this.paint(kept, scene));
    else this.paint(context, scene);
    this.stale = owed;
    this.paintAbove(context, scene);
    return owed;
  }

  /** @type {(scale: number) => Scene} */
  scene(scale) {
    const { data: points, shown: frame, look, filter, lit, layers, colors, chosen, alphas, centers } = this, viewport = /** @type {Scene["viewport"]} */ (this.viewport);
    const quiet = layers.centroids, stamps = look.stampsFor(points, this.tint, viewport.zoomed, scale), trust = layers.faint && this.untrue < HALF ? this.values.trust : null;
    strengths(points, { mask: filter.mask, predictions: frame.predictions, lit, fade: layers.fade, chosen, quiet, trust }, alphas);
    return { points, frame, viewport, look, filter, lit, layers, colors, stamps, alphas, centers, hues: this.hues, weights: this.values.weight };
  }

  /** The points and what lies behind them, from the back to the front. @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  paint(context, scene) {
    const { layers } = this, { points } = scene;
    if (layers.regions) this.regions.draw(context, scene);
    if (this.lines) drawDensity(context, scene, this.lines, tintColors("domain", 0, this.look.dark).slice(1));
    if (scene.frame.lines) drawPlan(context, scene);
    if (layers.trails) this.trails.draw(context, scene, this.trailed());
    if (layers.pictures && points.picture?.complete) drawPictures(context, scene); else drawPoints(context, scene);
  }

  /** @type {(context: CanvasRenderingContext2D, scene: Scene) => void} */
  paintAbove(context, scene) {
    const { layers } = this, { frame, viewport } = scene, { now } = frame.motion;
    if (layers.centroids) drawCentroids(context, scene);
    if (layers.names) drawNames(context, scene);
    if (frame.axes) drawAxes(context, scene, this.held);
    this.marquee?.draw(context, scene);
    if (this.near && this.near.row === this.picked) drawNearest(context, scene, this.picked, this.near.rows);
    drawPicked(context, scene, this.picked);
    if (this.picked >= 0) this.tip.put(viewport.place(now[2 * this.picked], now[2 * this.picked + 1]), [viewport.width, viewport.height, this.body.clientWidth], this.panel.focused());
  }

  /** The rows whose trails are drawn: what is selected, or else the target's. @type {() => number[]} */
  trailed() {
    const { filter, data: points, rows } = this;
    return rows.length ? rows.filter(filter.shows) : Array.from(points.isTarget.keys()).filter((i) => points.isTarget[i] && filter.shows(i));
  }
}
