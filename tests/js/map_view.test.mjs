// How the map is framed, switched and listened to: viewport, filter, gestures, keys, trails, links.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const names = ["axes", "filter", "gestures", "keys", "link", "marquee", "motion", "names", "pace", "thumbnail", "tooltip", "trails", "viewport"];
const map = Object.assign({}, ...(await Promise.all(names.map((name) => load(`points/${name}`)))));
const near = (a, b, reach = 1e-9) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < reach, `${a} is not ${b}`));

function framed() {
  const viewport = new map.Viewport();
  viewport.resize(400, 300);
  viewport.aim([-1, -1, 1, 1], true);
  return viewport;
}

test("pixels and data are each other's inverse", () => {
  const viewport = framed();
  near(viewport.place(...viewport.data(37, 211)), [37, 211]);
  assert.ok(viewport.place(0, 1)[1] < viewport.place(0, -1)[1], "up is up");
});

test("zooming keeps the place under the pointer", () => {
  const viewport = framed(), under = viewport.data(50, 80), { k } = viewport.view;
  viewport.zoom(3, 50, 80);
  near(viewport.data(50, 80), under);
  near([viewport.view.k], [k / 3]);
  assert.ok(viewport.zoomed > 2.5);
});

test("zooming by keys glides to the same place, and has bounds", () => {
  const viewport = framed(), before = viewport.view;
  viewport.zoom(2, undefined, undefined, "gliding");
  assert.equal(viewport.view, before);
  for (let i = 0; i < 100; i++) viewport.move(1 / 30, false);
  near([viewport.view.k, viewport.view.x], [before.k / 2, before.x]);
  viewport.zoom(1e9);
  const closest = viewport.view.k;
  viewport.zoom(1e9);
  assert.equal(viewport.view.k, closest);
  viewport.zoom(1e-9);
  assert.ok(viewport.view.k <= 4.0001 * map.fit([-1, -1, 1, 1], 400, 300).k);
});

test("panning moves the data with the hand", () => {
  const viewport = framed(), under = viewport.data(100, 100);
  viewport.pan(30, -20);
  near(viewport.data(130, 80), under);
});

test("a view held by hand ignores what the points do, until it is told to fit", () => {
  const viewport = framed();
  viewport.zoom(2);
  const held = viewport.view;
  viewport.aim([-50, -50, 50, 50], false);
  viewport.move(1, false);
  assert.equal(viewport.view, held);
  viewport.resize(500, 300);
  assert.equal(viewport.view, held);
  viewport.fit();
  assert.equal(viewport.byHand, false);
  viewport.move(0, true);
  assert.ok(viewport.place(50, 50)[0] < 500 && viewport.place(-50, -50)[0] > 0);
});

test("a view framed by itself follows the points and the size", () => {
  const viewport = framed();
  viewport.aim([-50, -50, 50, 50], true);
  assert.ok(viewport.place(50, 50)[1] > 0);
  viewport.resize(100, 100);
  assert.ok(viewport.place(50, 50)[0] < 100);
});

test("a point out of sight is brought into it, one in sight leaves the view alone", () => {
  const viewport = framed();
  viewport.show(0.5, 0.5);
  assert.equal(viewport.byHand, false);
  viewport.zoom(20);
  viewport.show(1, 1);
  for (let i = 0; i < 60; i++) viewport.move(1 / 30, false);
  near(viewport.place(1, 1), [200, 150], 1e-6);
});

test("without a picture's size nothing is framed, and nothing fails", () => {
  const viewport = new map.Viewport();
  viewport.aim([0, 0, 1, 1], true);
  viewport.zoom(2); viewport.pan(1, 1);
  assert.equal(viewport.view, null);
  assert.equal(viewport.move(1, true), false);
});

test("a glide begins where the one before it stands", () => {
  const first = new map.Motion(Float32Array.of(0, 0), null, 1000);
  assert.equal(first.advance(1000), 1);
  const second = new map.Motion(Float32Array.of(10, 20), first, 1200, { length: 250 });
  second.advance(1200 + second.length / 2);
  near([...second.now], [5, 10]);
  const third = new map.Motion(Float32Array.of(0, 0), second, 1300, { length: 250, eases: true });
  near([...third.now], [5, 10]);
  third.advance(9999);
  near([...third.now], [0, 0]);
});

test("a stream whose frames come unevenly never stands still", () => {
  const rhythm = new map.Rhythm(), lengths = [];
  let now = 10_000;
  assert.deepEqual(rhythm.next(now), { length: 900, eases: true });
  for (let i = 0; i < 20; i++) { now += i % 5 ? 100 : 700; lengths.push(rhythm.next(now).length); }
  lengths.forEach((length) => assert.ok(length > 700 && length < 800, `${lengths}`));
  for (let i = 0; i < 30; i++) { now += 100; lengths.push(rhythm.next(now).length); }
  assert.equal(lengths.at(-1), 120, "what is long past is forgotten");
});

test("a frame that was asked for by itself comes soon, and so does the stream after a silence", () => {
  const rhythm = new map.Rhythm();
  for (const at of [0, 2000, 4000]) rhythm.next(at);
  assert.equal(rhythm.next(6000).length, 2200);
  assert.deepEqual(rhythm.next(6050, true), { length: 120, eases: true });
  assert.equal(rhythm.next(6150).length, 120);
  assert.deepEqual(rhythm.next(60_000), { length: 900, eases: true });
});

test("how far a frame moves its points", () => {
  assert.equal(map.farthest([0, 0, 1], [0.5, -2, 1]), 2);
});

const points = { n: 4, names: ["a", "b", "c"], classes: ["A", "B", "C"], domains: ["s", "t"], labels: Int16Array.of(0, 1, 2, 1), isTarget: Uint8Array.of(0, 0, 1, 1) };

test("the legend switches off and on, and Shift shows one alone and then all", () => {
  const filter = new map.Filter();
  filter.reset(points);
  assert.deepEqual([...filter.mask], [1, 1, 1, 1]);
  filter.press("class", 1);
  assert.deepEqual([...filter.mask], [1, 0, 1, 0]);
  filter.press("domain", 1);
  assert.deepEqual([...filter.mask], [1, 0, 0, 0]);
  filter.press("domain", 1);
  filter.press("class", 1, true);
  assert.deepEqual([...filter.mask], [0, 1, 0, 1]);
  filter.press("class", 1, true);
  assert.deepEqual([...filter.mask], [1, 1, 1, 1]);
  filter.press("class", 2);
  filter.reset({ ...points });
  assert.equal(filter.shows(2), false, "the same classes and domains: what was hidden stays so");
  filter.reset({ ...points, domains: ["s", "other"] });
  assert.equal(filter.shows(2), true);
});

test("what is hidden is kept by the classes' names, and comes back as far as there are such", () => {
  const filter = new map.Filter(), other = new map.Filter();
  filter.reset(points);
  filter.press("class", 2); filter.press("domain", 1);
  assert.deepEqual(filter.hidden, { classes: ["c"], domains: [1] });
  other.reset({ ...points, names: ["c", "d", "e"] });
  other.hide(filter.hidden);
  assert.deepEqual([...other.mask], [0, 1, 0, 0]);
  other.hide({ classes: ["nobody"] });
  assert.deepEqual([...other.mask], [1, 1, 1, 1]);
});

test("a view that a hand holds is kept, and holds before the picture has a size", () => {
  const viewport = framed(), other = new map.Viewport();
  assert.equal(viewport.held, null);
  viewport.zoom(4, 50, 60);
  other.aim(viewport.box, true);
  other.hold(viewport.held, "once");
  other.resize(viewport.width, viewport.height);
  other.aim([-9, -9, 9, 9], false);
  assert.deepEqual([other.view, other.byHand], [viewport.view, true]);
  other.fit();
  assert.equal(other.held, null);
});

test("a press means an axis, a box, a lasso or a pan", () => {
  const none = { axis: -1, lasso: false };
  assert.equal(map.intentOf({}, none), "pan");
  assert.equal(map.intentOf({ shiftKey: true }, none), "box");
  assert.equal(map.intentOf({ altKey: true }, none), "lasso");
  assert.equal(map.intentOf({}, { axis: -1, lasso: true }), "lasso");
  assert.equal(map.intentOf({ shiftKey: true }, { axis: -1, lasso: true }), "box");
  assert.equal(map.intentOf({ shiftKey: true }, { axis: 0, lasso: true }), "axis");
});

test("the wheel magnifies upward, there and back to the same, and lines count as pixels", () => {
  assert.ok(map.wheelFactor({ deltaY: -100 }) > 1);
  near([map.wheelFactor({ deltaY: -100 }) * map.wheelFactor({ deltaY: 100 })], [1]);
  assert.equal(map.wheelFactor({ deltaY: 3, deltaMode: 1 }), map.wheelFactor({ deltaY: 48 }));
  assert.equal(map.wheelFactor({ deltaY: 1e6 }), map.wheelFactor({ deltaY: 240 }));
});

/** A map of four points on a square that writes down what keys make it do. */
function keyed(extra = {}) {
  const told = [], tells = (name) => (...all) => told.push([name, ...all]);
  const verbs = Object.fromEntries(["zoom", "pan", "fit", "take", "takeClass", "nextAxis", "back", "stretch", "turn", "outline", "tell", "hold"].map((name) => [name, tells(name)]));
  const filter = new map.Filter();
  filter.reset(points);
  return {
    told, ready: true, picked: -1, held: -1, marquee: null, filter, viewport: { view: { x: 0.1, y: 0.1, k: 0.01 } },
    frame: { motion: { now: Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1) }, axes: Float32Array.of(0.5, 0.5) }, ...verbs,
    pick(i, how) { this.picked = i; told.push(["pick", i, how]); }, ...extra,
  };
}
const press = (it, key, more = {}) => map.pressKey(it, { key, ...more });

test("keys walk, zoom and choose, and leave the page's own alone", () => {
  const it = keyed();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "Home", "End"]) assert.equal(press(it, key), true);
  assert.deepEqual(it.told.map(([, i]) => i), [0, 1, 3, 0, 3]);
  assert.ok(it.told.every(([, , how]) => how === "key"));
  it.told.length = 0;
  for (const key of ["+", "-", "0", "C", "a", "Escape"]) press(it, key);
  assert.deepEqual(it.told.map(([name]) => name), ["zoom", "zoom", "fit", "takeClass", "nextAxis", "back"]);
  assert.ok(Math.abs(it.told[0][1] * it.told[1][1] - 1) < 1e-12);
  assert.equal(press(it, "x"), false);
  assert.equal(press(it, "0", { ctrlKey: true }), false);
  assert.equal(press(keyed({ ready: false }), "ArrowUp"), false);
  assert.equal(map.staysOnMap({ key: "d" }), true);
  assert.equal(map.staysOnMap({ key: "Enter", shiftKey: true }), false);
  assert.equal(map.staysOnMap({ key: "s", ctrlKey: true }), false);
  assert.equal(press(it, "Enter", { shiftKey: true }), false);
});

test("Escape drops what was begun, and with nothing left to drop leads out", () => {
  const begun = keyed({ back: () => true }), idle = keyed({ back: () => false });
  assert.equal(press(begun, "Escape"), true);
  assert.equal(press(idle, "Escape"), false);
  assert.equal(map.staysOnMap({ key: "Escape", defaultPrevented: true }), true);
  assert.equal(map.staysOnMap({ key: "Escape", defaultPrevented: false }), false);
});

test("Shift and an arrow pan the picture", () => {
  const it = keyed();
  press(it, "ArrowRight", { shiftKey: true });
  assert.deepEqual(it.told, [["pan", -60, 0, "gliding"]]);
});

test("a box by keys begins at the picked point, is stretched and taken", () => {
  const it = keyed({ picked: 3 });
  press(it, "b");
  const [, box] = it.told[0];
  assert.deepEqual([box.kind, box.path], ["box", [1, 1, 1, 1]]);
  it.marquee = box;
  it.told.length = 0;
  press(it, "ArrowLeft");
  press(it, "ArrowDown", { shiftKey: true });
  near(it.told[0].slice(1), [0.84, 1]);
  near(it.told[1].slice(1), [1, 0.36]);
  press(it, "Enter");
  assert.equal(it.told.at(-1)[0], "take");
});

test("an axis that is held is turned by arrows, and let go by Enter", () => {
  const it = keyed({ held: 0 });
  press(it, "ArrowUp");
  assert.equal(it.told[0][1], 0);
  near(it.told[0][2], [0.5, 0.66]);
  press(it, "Enter");
  assert.deepEqual(it.told.at(-1), ["hold", -1]);
});

test("a box has two corners whichever way it is drawn, a lasso all its corners", () => {
  const xy = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1), box = new map.Marquee("box", 1.5, 0.5);
  box.reach(9, 9); box.reach(-0.5, -0.5);
  assert.deepEqual(box.rows(xy), [0, 1]);
  const lasso = new map.Marquee("lasso", -1, -1);
  for (const corner of [[2, -1], [-1, 2]]) lasso.reach(...corner);
  assert.deepEqual(lasso.rows(xy), [0]);
});

test("the tip of an axis is met within reach, the nearer of two", () => {
  const viewport = framed(), tips = Float32Array.of(0.5, 0, 0.52, 0), [px, py] = viewport.place(0.52, 0);
  assert.equal(map.axisAt(tips, viewport, [px + 1, py]), 1);
  assert.equal(map.axisAt(tips, viewport, [px + 60, py]), -1);
});

test("axes and their origin are framed with the points", () => {
  assert.deepEqual(map.wanted(Float32Array.of(1, 1, 2, 2), null), [1, 1, 2, 2]);
  assert.deepEqual(map.wanted(Float32Array.of(1, 1, 2, 2), Float32Array.of(-3, 5)), [-3, 0, 2, 5]);
});

test("trails keep the last places, and begin anew when time goes back", () => {
  const trails = new map.Trails(3), at = (v) => Float32Array.of(v, v);
  for (let step = 0; step < 5; step++) trails.push(at(step), step);
  assert.deepEqual(trails.stations(at(9)).map(([x]) => x), [2, 3, 9]);
  trails.push(at(7), 2);
  assert.equal(trails.places.length, 1);
  trails.push(Float32Array.of(1, 2, 3, 4), 3);
  assert.equal(trails.places.length, 1);
  assert.deepEqual(map.thinned([0, 1, 2, 3, 4], 2), [0, 3]);
  assert.deepEqual(map.thinned([5, 6], 2), [5, 6]);
});

test("linked maps hear one another, not themselves, not other groups, and nothing once closed", () => {
  const page = new EventTarget(), heard = { a: [], b: [], c: [], none: [], neither: [] };
  const link = (group, name) => new map.Link(group, (detail) => heard[name].push([detail.row, detail.rows]), page);
  const [a, b, , none] = [link("one", "a"), link("one", "b"), link("two", "c"), link("", "none"), link("", "neither")];
  a.tell(3);
  b.tell(-1, [1, 2]);
  none.tell(5);
  assert.deepEqual(heard, { a: [[-1, [1, 2]]], b: [[3, undefined]], c: [], none: [], neither: [] });
  b.stop();
  a.tell(4);
  assert.equal(heard.b.length, 1);
});

test("pictures come about 32 a second, on few cores less often when they are dear, on many as often as the screen takes them", () => {
  assert.deepEqual([0, 1, 10, 100].map((cost) => map.periodOf(cost, false)), [31, 31, 33, 33]);
  assert.deepEqual([0, 3.9, 4, 100].map((cost) => map.periodOf(cost, true)), [0, 0, 31, 31]);
});

test("names stand over their classes, higher where centers are marked, and not at all out of sight", () => {
  const viewport = framed(), filter = new map.Filter(), motion = new map.Motion([], null, 0);
  filter.reset(points);
  const at = (x, y, wide = 99, sure = 1) => ({ x, y, wide, sure }), frame = { names: [at(0, 0), at(5, 0), at(0, 5), at(0.5, 0, 99, 0.01)], namesWere: null, motion };
  const above = { source: { x: 0, y: 0 }, target: { x: 0, y: 1 } }, one = { source: { x: 0, y: 0 }, target: null };
  const boxes = (layers, first = one) => map.nameBoxes({ frame, viewport, filter, layers, centers: [first, one, one, one] }).map(({ c, x, y }) => [c, x, y]);
  const [px, py] = viewport.place(0, 0);
  assert.deepEqual(boxes({}), [[0, px, py]]);
  assert.deepEqual(boxes({ centroids: true }), [[0, px, py - 19]]);
  assert.deepEqual(boxes({ centroids: true }, above), [[0, px, py + 20]]);
  filter.press("class", 0);
  assert.deepEqual(boxes({}), []);
});

test("a tooltip makes way for what has the focus, below it or above, where there is room", () => {
  const from = (top, kept, height = 400) => map.clearOf([10, top], [100, 50], height, kept);
  assert.deepEqual(from(100, [200, 90, 240, 130]), [10, 100], "beside it");
  assert.deepEqual(from(100, [50, 90, 80, 120]), [10, 124]);
  assert.deepEqual(from(100, [50, 120, 80, 150]), [10, 66]);
  assert.deepEqual(from(100, [50, 90, 80, 120], 170), [10, 36], "no room below");
  assert.deepEqual(from(20, [50, 10, 80, 60], 80), [10, 20], "no room at all");
});

test("a tooltip stands beside its point and inside the picture", () => {
  assert.deepEqual(map.beside(100, 100, [80, 40], [400, 300]), [114, 80]);
  assert.deepEqual(map.beside(390, 100, [80, 40], [400, 300]), [296, 80]);
  assert.deepEqual(map.beside(150, 100, [200, 40], [300, 300, 500]), [164, 80]);
  assert.deepEqual(map.beside(250, 100, [200, 40], [300, 300, 500]), [36, 80]);
  assert.deepEqual(map.beside(200, 100, [280, 40], [300, 300, 400]), [116, 80]);
  assert.deepEqual(map.beside(100, 2, [80, 40], [400, 300]), [114, 4]);
  assert.deepEqual(map.beside(100, 299, [80, 40], [400, 300]), [114, 256]);
  assert.deepEqual(map.beside(50, 50, [300, 400], [100, 100]), [4, 4]);
});

test("a class map leaves bright what speaks for the class, and makes the rest dark", () => {
  assert.deepEqual([...map.shade(Uint8Array.of(255, 0, 128))], [0, 0, 0, 0, 0, 0, 0, 191, 0, 0, 0, 95]);
});
