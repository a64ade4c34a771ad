// The picture of the points. It knows no widget: setPoints once, then setFrame again and again.
import { mark, t } from "../language.js";
import { drawAxes, wanted } from "./axes.js";
import { centroids, drawCentroids, widest } from "./centroids.js";
import { element } from "./elements.js";
import { Filter } from "./filter.js";
import { bestTurn, isFlat, nearest, turned } from "./geometry.js";
import { Gestures } from "./gestures.js";
import { pressKey, staysOnMap } from "./keys.js";
import { Legend } from "./legend.js";
import { Link } from "./link.js";
import { Look } from "./look.js";
import { Motion, Rhythm, farthest } from "./motion.js";
import { anchors, drawNames, namesNow } from "./names.js";
import { Pace } from "./pace.js";
import { drawPicked, drawPictures, drawPoints, strengths } from "./painter.js";
import { SelectionPanel } from "./panel.js";
import { Regions } from "./regions.js";
import { rowsOfClass, tally } from "./selection.js";
import { Toolbar } from "./toolbar.js";
import { Tooltip } from "./tooltip.js";
import { Trails } from "./trails.js";
import { Viewport } from "./viewport.js";
import { Voice } from "./voice.js";
import { watchPage } from "./watch.js";
import { axisWords, chosenWords } from "./words.js";

const FLAT = mark("All points have the same features: there is nothing to lay out. The network tells no example from another.");
const REST = 4000; // ms between two turns of the whole map
const UNSEEN = 0.3; // pixels that a frame must move a point to be worth a glide

/** The picture in `root`; onSelect(rows, title), onDrag(axis, x, y) and onView(view) tell what a person did. destroy() at the end. */
export class PointMap {
  constructor(root, { group = "", presenter = false } = {}) {
    this.onSelect = this.onDrag = this.onView = this.onPick = () => {};
    this.points = this.frame = this.marquee = this.lit = this.chosen = null;
    this.rows = []; this.alphas = new Float32Array(0);
    this.angle = 0; this.turnedAt = -Infinity; this.turning = 0; this.latest = null;
    this.picked = this.held = -1; this.byKey = this.lassoing = false; this.drawings = 0;
    this.layers = { names: true, wrong: false, centroids: false, trails: false, pictures: false, regions: true };
    this.viewport = new Viewport(); this.filter = new Filter(); this.look = new Look(presenter);
    this.rhythm = new Rhythm(); this.trails = new Trails(); this.regions = new Regions(); this.pace = new Pace((now, seconds) => this.draw(now, seconds));
    this.link = new Link(group, (detail) => this.hear(detail));
    this.reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.build(root);
    this.listen();
    this.setPresenter(presenter);
  }

  build(root) {
    this.root = root;
    root.classList.add("tlt-map");
    this.toolbar = new Toolbar(root, { flip: (layer) => this.flip(layer), fit: () => { this.fit(); this.canvas.focus(); }, lasso: () => this.switchLasso() });
    const body = this.body = element("div", "tlt-body", root);
    this.stage = element("div", "tlt-stage", body);
    this.canvas = element("canvas", "", this.stage);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.voice = new Voice(root, this.stage);
    this.tip = new Tooltip(body);
    this.panel = new SelectionPanel(body, { onPick: (row, really) => this.pickListed(row, really), onClose: () => this.closePanel() });
    this.legend = new Legend(root, { press: (what, key, alone) => this.press(what, key, alone), light: (lit) => { this.lit = lit; this.wake(); } });
  }

  listen() {
    this.ending = new AbortController();
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
    if (this.points?.address) URL.revokeObjectURL(this.points.address);
    this.root.replaceChildren();
  }

  // -------------------------------------------------------------- what comes in

  /** points: {n, classes, domains, labels, isTarget, tile, width, vectors, texts, sprites (PNG bytes)}. */
  setPoints(points) {
    if (this.points?.address) URL.revokeObjectURL(this.points.address);
    this.points = points.n ? points : null;
    this.alphas = new Float32Array(points.n);
    this.filter.reset(this.points);
    if (this.points && points.sprites?.byteLength) {
      points.address = URL.createObjectURL(new Blob([points.sprites], { type: "image/png" }));
      points.picture = new Image();
      points.picture.onload = () => this.wake();
      points.picture.src = points.address;
    }
    this.look.stamps = null;
    this.highlight([]);
    this.refill();
    this.clear();
  }

  /**
   * frame: {xy, predictions, step, note, axes, regions}; xy of another length than the points is not theirs and clears the picture.
   * alone: whether it was asked for by itself, as one with a note is, and is not one of a stream.
   */
  setFrame(frame) {
    const { predictions, step, note = "", axes = null, regions = null, alone = Boolean(note) } = frame;
    if (!this.points || frame.xy.length !== 2 * this.points.n) { this.clear(); return; }
    this.latest = frame;
    const xy = axes || regions ? frame.xy : turned(frame.xy, this.angle), now = performance.now(), before = this.frame, { labels, isTarget, classes } = this.points;
    const motion = this.motionTo(xy, now, alone);
    const names = anchors(xy, labels, isTarget, classes.length), namesWere = before && namesNow(before, now);
    this.frame = { motion, predictions, step, note, regions, names, namesWere, axes: this.axesHeld(axes), flat: isFlat(xy) };
    this.trails.push(xy, step);
    this.viewport.aim(wanted(xy, this.frame.axes), this.still || !before);
    this.voice.nothing(this.frame.flat ? t(FLAT) : "");
    this.toolbar.say(t("step {step}", { step: step.toLocaleString("en") }), note);
    this.panel.update(predictions);
    if (this.picked >= 0) this.tip.fill(this.points, this.frame, this.picked);
    this.measure();
    if (!before || !before.regions !== !regions) this.showSwitches();
    this.wake();
    this.say(!before);
    this.considerTurn(now);
  }

  /** A map whose axes mean nothing is turned, by itself and now and then, to fill its picture; linked maps stay as they are. */
  considerTurn(now) {
    const { xy, axes, regions } = this.latest;
    if (axes || regions || this.link.group || this.turning || this.viewport.byHand || now - this.turnedAt < REST || this.frame.flat) return;
    const angle = bestTurn(xy, this.angle, this.viewport.width, this.viewport.height);
    if (angle === this.angle) return;
    this.turning = setTimeout(() => this.turnTo(angle), this.turnedAt === -Infinity ? 0 : 150);
  }

  /** Turn the map, apart from any frame: nothing else moves. */
  turnTo(angle) {
    this.turning = 0; this.turnedAt = performance.now(); this.angle = angle;
    if (!this.frame) return;
    this.trails.clear();
    this.setFrame({ ...this.latest, alone: true });
  }

  /** The glide to xy; none where nobody would see it. */
  motionTo(xy, now, alone) {
    const before = this.frame?.motion, glide = this.rhythm.next(now, alone);
    const unseen = this.still || !before || farthest(before.now, xy) < UNSEEN * (this.viewport.view?.k ?? 0);
    return new Motion(xy, before, now, unseen ? {} : glide);
  }

  clear() {
    this.frame = this.marquee = null;
    clearTimeout(this.turning);
    this.turning = 0; this.angle = 0; this.turnedAt = -Infinity;
    this.held = -1;
    this.viewport.clear(); this.trails.clear();
    this.pick(-1);
    this.toolbar.say("", "");
    this.voice.nothing(this.points ? t("Press Play: the points appear here and move as the network learns.") : t("The map of the features appears here."));
    this.measure();
    this.showSwitches();
    this.wake();
    this.say(true);
  }

  /** Show these rows in the selection panel, under a title; none close it. */
  select(rows, title = "") {
    this.highlight(rows);
    this.panel.show(this.points, this.frame, this.rows, title, this.colors);
    this.link.tell(this.picked, this.rows);
    if (this.rows.length) this.tell(chosenWords(title, tally(this.points, this.predictions, this.rows)));
  }

  setNews(text) { this.voice.setNews(text); }

  setGroup(group) { this.link.group = group; }

  setPresenter(presenter) {
    this.look.presenter = presenter;
    this.root.classList.toggle("tlt-presenter", presenter);
    this.theme();
  }

  // -------------------------------------------------------------- what a person does

  get ready() { return Boolean(this.frame && this.viewport.view); }
  get still() { return this.reduced.matches || this.pace.idle; }
  get predictions() { return this.frame?.predictions ?? []; }

  flip(layer) { this.layers[layer] = !this.layers[layer]; this.showSwitches(); this.onView(this.view); this.wake(); }

  press(what, key, alone) {
    this.filter.press(what, key, alone);
    this.pick(-1);
    this.refill();
    this.onView(this.view);
    this.wake();
  }

  /** How a person wants to see it, as plain numbers and names; setting it brings an earlier view back. */
  get view() { return { layers: { ...this.layers }, hidden: this.filter.hidden, held: this.viewport.held }; }

  set view({ layers = {}, hidden = {}, held = null }) {
    for (const layer of Object.keys(this.layers)) if (layer in layers) this.layers[layer] = Boolean(layers[layer]);
    this.filter.hide(hidden);
    if (held && this.frame) this.viewport.hold(held, "once");
    this.pick(-1);
    this.refill(); this.showSwitches(); this.wake();
  }

  point(px, py) {
    const [x, y] = this.viewport.data(px, py);
    this.pick(nearest(this.frame.motion.now, x, y, 12 * this.viewport.view.k, this.filter.shows));
  }

  /** Bring point i out, -1 for none; how: by pointer, by key (which is read aloud), or from afar, by a linked map. */
  pick(i, how = "pointer") {
    this.byKey = how === "key";
    if (i === this.picked) return;
    this.picked = i;
    const words = this.tip.fill(this.points, this.frame, i);
    if (this.byKey) this.tell(words);
    if (how !== "afar") this.link.tell(i);
    this.onPick(i);
    this.wake();
  }

  /** A picture of the panel was pointed at, or pressed. */
  pickListed(row, really) {
    if (!this.ready) return;
    this.pick(row, really ? "key" : "pointer");
    if (really) { this.viewport.show(this.frame.motion.to[2 * row], this.frame.motion.to[2 * row + 1]); this.showSwitches(); }
  }

  /** Another map of the group points at a row, or selects rows. */
  hear({ row, rows }) {
    const n = this.points?.n ?? 0;
    if (rows) { this.highlight(rows); this.panel.show(this.points, this.frame, this.panel.box.hidden ? [] : this.rows, "", this.colors); }
    if (row < n) this.pick(row, "afar");
  }

  highlight(rows) {
    const n = this.points?.n ?? 0;
    this.rows = Array.from(rows).filter((row) => row >= 0 && row < n);
    this.chosen = this.rows.length ? new Uint8Array(n) : null;
    for (const row of this.rows) this.chosen[row] = 1;
    if (!this.rows.length) this.panel.show(this.points, this.frame, [], "");
    this.wake();
  }

  /** Select here, and say so. */
  choose(rows, title) { this.select(rows, title); this.onSelect(this.rows, title); }

  closePanel() { this.choose([], ""); this.canvas.focus(); }

  takeClass() {
    const label = this.points.labels[this.picked];
    if (label === undefined) { this.tell(t("Pick a point first: C selects its class.")); return; }
    this.choose(rowsOfClass(this.points.labels, label, this.filter.shows), label < 0 ? t("no class") : t("class {name}", { name: this.points.classes[label] }));
  }

  /** Draw this box or lasso over the points, null for none. */
  outline(marquee) { this.marquee = marquee; if (marquee) this.pick(-1); this.wake(); }

  stretch(x, y) { this.marquee?.reach(x, y); this.wake(); }

  /** Select what the box or lasso holds. */
  take() {
    const { marquee } = this;
    this.outline(null);
    this.choose(marquee.rows(this.frame.motion.now, this.filter.shows), marquee.kind === "box" ? t("Box") : t("Lasso"));
    if (!this.rows.length) this.tell(t("No points there."));
  }

  switchLasso() { this.lassoing = !this.lassoing; this.showSwitches(); }

  zoom(...how) { this.viewport.zoom(...how); this.moved(); }
  pan(...how) { this.viewport.pan(...how); this.moved(); }
  fit() { this.viewport.fit(); this.moved(); }
  moved() { this.toolbar.fit.hidden = !this.viewport.byHand; this.onView(this.view); this.wake(); }

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

  /** The axis that a hand has hold of, -1 for none. */
  hold(axis) { this.held = axis; this.wake(); }

  nextAxis() {
    const count = (this.frame.axes?.length ?? 0) / 2;
    if (!count) { this.tell(t("This map has no axes to turn.")); return; }
    this.hold(this.held + 1 < count ? this.held + 1 : 0);
    this.tell(axisWords(this.held, this.frame.axes));
  }

  /** The tip of an axis goes to [x, y]; `tell` whether to say so already. */
  turn(axis, [x, y], tell) {
    this.frame.axes.set([x, y], 2 * axis);
    if (tell) this.onDrag(axis, x, y);
    this.wake();
  }

  /** A frame's axes; one that is held stays where the hand has it. */
  axesHeld(axes) {
    const own = axes?.slice() ?? null, at = 2 * this.held;
    if (own && this.held >= 0 && this.frame?.axes?.length === own.length) own.set(this.frame.axes.subarray(at, at + 2), at);
    return own;
  }

  // -------------------------------------------------------------- what is said and shown around the picture

  tell(text) { this.voice.tell(text); }

  say(aloud = false) { this.voice.describe(this, aloud); }

  measure() {
    this.centers = this.frame && centroids(this.points, this.frame.motion.to);
    this.worst = this.centers ? widest(this.centers) : -1;
    this.legend.measure(this.centers, this.worst);
  }

  refill() {
    this.colors = this.look.colors(this.points);
    this.legend.fill(this.points, this.filter, this.colors);
    this.legend.measure(this.centers, this.worst);
  }

  showSwitches() {
    const about = { lasso: this.lassoing, byHand: this.viewport.byHand, pictures: this.points?.picture, regions: this.frame?.regions };
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

  wake() { this.pace.wake(); }

  /** Move and paint; whether to go on. */
  draw(now, seconds) {
    const context = this.canvas.getContext("2d"), scale = window.devicePixelRatio || 1;
    this.root.dataset.draws = ++this.drawings;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, this.viewport.width, this.viewport.height);
    if (!this.ready || this.frame.flat) return false;
    const gliding = this.frame.motion.advance(now) < 1, moving = this.viewport.move(seconds, this.reduced.matches);
    this.paint(context, this.scene(scale));
    return gliding || moving;
  }

  scene(scale) {
    const { points, frame, viewport, look, filter, lit, layers, colors, chosen, alphas, centers } = this;
    const quiet = layers.centroids, stamps = look.stampsFor(points, viewport.zoomed, scale);
    strengths(points, { mask: filter.mask, predictions: frame.predictions, lit, wrong: layers.wrong, chosen, quiet }, alphas);
    return { points, frame, viewport, look, filter, lit, layers, colors, stamps, alphas, centers };
  }

  /** From the back to the front. */
  paint(context, scene) {
    const { layers, frame, viewport } = this, { now } = frame.motion;
    if (layers.regions) this.regions.draw(context, scene);
    if (layers.trails) this.trails.draw(context, scene, this.trailed());
    if (layers.pictures && this.points.picture?.complete) drawPictures(context, scene); else drawPoints(context, scene);
    if (layers.centroids) drawCentroids(context, scene);
    if (layers.names) drawNames(context, scene);
    if (frame.axes) drawAxes(context, scene, this.held);
    this.marquee?.draw(context, scene);
    drawPicked(context, scene, this.picked);
    if (this.picked >= 0) this.tip.put(viewport.place(now[2 * this.picked], now[2 * this.picked + 1]), [viewport.width, viewport.height, this.body.clientWidth]);
  }

  /** The rows whose trails are drawn: what is selected, or else the target's. */
  trailed() {
    const { filter, points, rows } = this;
    return rows.length ? rows.filter(filter.shows) : Array.from(points.isTarget.keys()).filter((i) => points.isTarget[i] && filter.shows(i));
  }
}
