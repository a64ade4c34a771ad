// What the map tells of each point: its colors, its density, what is found, what is near, which points step back.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";
import { page } from "./dom.mjs";

const names = ["density", "filter", "finder", "legend", "painter", "pointmap", "selection", "tints", "words"];
const map = Object.assign({}, ...(await Promise.all(names.map((name) => load(`points/${name}`)))));
const points = { n: 4, classes: ["one", "two"], domains: ["s", "t"], labels: Int16Array.of(0, 1, -1, 1), isTarget: Uint8Array.of(0, 0, 1, 1) };
const predictions = Int16Array.of(0, 0, 1, 1);
const huesOf = (tint, about = {}) => Array.from(map.hues(tint, { points, predictions, ...about }, new Uint16Array(4)));

test("a point is colored by its class, its domain, its prediction or a change; 0 is nothing known", () => {
  assert.deepEqual(huesOf("class"), [1, 2, 0, 2]);
  assert.deepEqual(huesOf("domain"), [1, 1, 2, 2]);
  assert.deepEqual(huesOf("prediction"), [1, 1, 2, 2]);
  assert.deepEqual(huesOf("prediction", { predictions: [] }), [0, 0, 0, 0]);
  assert.deepEqual(huesOf("origin", { values: { origin: Float32Array.of(0, 2, -1, -1) } }), [1, 3, 0, 0]);
  assert.deepEqual(huesOf("changed", { values: { changed: Float32Array.of(0, 1, 0, 1) } }), [0, 1, 0, 1]);
});

test("a scale runs over its levels, what is not a number has none", () => {
  assert.deepEqual(huesOf("confidence", { values: { confidence: Float32Array.of(0.5, 1, 0.75, NaN) } }), [1, 9, 5, 0]); // two classes: .5 is a guess
  assert.deepEqual(huesOf("loss", { values: { loss: Float32Array.of(0.01, 10, 1e-9, 1e9) } }), [1, 9, 1, 9]);
  assert.deepEqual(huesOf("opinion", { values: { opinion: Float32Array.of(0, 1, 0.5, 0.25) } }), [1, 9, 5, 3]);
  assert.deepEqual(huesOf("distance", { distances: Float32Array.of(0, 4, 2, 1) }), [9, 1, 5, 7], "near stands out");
  assert.deepEqual(huesOf("distance"), [0, 0, 0, 0]);
});

test("a tint has a color for each of its hues, in both themes", () => {
  for (const dark of [false, true]) for (const [tint] of map.TINTS) {
    const colors = map.tintColors(tint, 2, dark);
    const most = { class: 2, prediction: 2, domain: 2, changed: 1, origin: 16 }[tint] ?? 9;
    assert.equal(colors.length, most + 1, tint);
    for (const color of colors) assert.match(color, /^#[0-9a-f]{6}$/i);
  }
  assert.equal(map.tintColors("opinion", 2, false)[1].toLowerCase(), map.tintColors("domain", 2, false)[1].toLowerCase());
  assert.equal(map.tintColors("opinion", 2, false)[9].toLowerCase(), map.tintColors("domain", 2, false)[2].toLowerCase());
  assert.notEqual(map.tintColors("loss", 2, false)[9], map.tintColors("loss", 2, true)[9], "a high value stands out from either paper");
});

test("only what was measured can be colored by", () => {
  assert.deepEqual(map.tintsOf(points, []), ["class", "domain"]);
  assert.deepEqual(map.tintsOf(points, predictions, { confidence: [], changed: [] }), ["class", "domain", "prediction", "confidence", "changed", "distance"]);
  assert.deepEqual(map.tintsOf(points, predictions, { changed: [] }), ["class", "domain", "prediction", "changed", "distance"], "a comparison measures no confidence");
  assert.deepEqual(map.tintsOf(null, predictions), []);
});

test("a word finds the class of that name, else classes that begin so, else texts that hold it", () => {
  assert.deepEqual(map.found(points, "TWO "), [1, 3]);
  assert.deepEqual(map.found(points, "o"), [0]);
  assert.deepEqual(map.found(points, "two", (i) => i !== 1), [3]);
  const texts = { ...points, texts: ["a dull film", "great", "so dull", "fine"] };
  assert.deepEqual(map.found(texts, "dull"), [0, 2]);
  assert.deepEqual(map.found(points, "  "), []);
  assert.deepEqual(map.found(points, "seven"), []);
});

test("points whose place is not true step back, unless they are chosen", () => {
  const base = { mask: Uint8Array.of(1, 1, 1, 1), predictions }, trust = Float32Array.of(1, 0.5, 0.91, 0.89);
  const alphas = Array.from(map.strengths(points, { ...base, trust }, []));
  assert.ok(alphas[1] < 0.5 && alphas[3] < 0.5 && alphas[0] > 0.8 && alphas[2] > 0.8);
  assert.ok(map.strengths(points, { ...base, trust, chosen: Uint8Array.of(0, 1, 0, 0) }, [])[1] > 0.8);
  assert.equal(map.untrusted(trust), 0.5);
});

test("a cell of the confusion holds its own points of the selection", () => {
  assert.deepEqual(map.rowsOfCell(points, predictions, [0, 1, 3], [1, 0]), [1]);
  assert.deepEqual(map.rowsOfCell(points, predictions, [0, 3], [1, 0]), []);
});

test("what was measured of a point is said, what was not is left out", () => {
  const values = { confidence: Float32Array.of(0.5, 0.987, 1, 1), loss: Float32Array.of(1, 2, NaN, 1), opinion: Float32Array.of(0.25, 0, 1, 0) };
  assert.deepEqual(map.measured(values, 1), [["confidence", "0.99"], ["loss", "2.00"], ["discriminator", "target: 0 %"]]);
  assert.deepEqual(map.measured(values, 2).map(([name]) => name), ["confidence", "discriminator"]);
  assert.deepEqual(map.measured({}, 0), []);
  assert.equal(map.nearestWords(points, [1, 2]), "nearest source points: two, ?");
});

// ---------------------------------------------------------------- density

const cloud = (n, x, y) => Array.from({ length: n }, (_, i) => [x + 0.5 * Math.cos(2.4 * i) * Math.sqrt(i / n), y + 0.5 * Math.sin(2.4 * i) * Math.sqrt(i / n)]);

test("a contour goes around where the points are, and not around what is empty", () => {
  const xy = Float32Array.from([...cloud(60, 0, 0), ...cloud(60, 6, 0)].flat()), rows = Array.from({ length: 60 }, (_, i) => i);
  const density = map.densityOf(xy, rows), most = density.grid.reduce((a, b) => Math.max(a, b), 0), segments = map.contour(density, 0.4 * most);
  assert.ok(segments.length > 8);
  for (const [x0, y0, x1, y1] of segments) for (const [x, y] of [[x0, y0], [x1, y1]]) assert.ok(Math.hypot(x, y) < 2, "only around the chosen cloud");
  const ends = new Map(); // the line is closed: each of its corners belongs to two segments
  for (const [x0, y0, x1, y1] of segments) for (const key of [`${x0.toFixed(6)} ${y0.toFixed(6)}`, `${x1.toFixed(6)} ${y1.toFixed(6)}`]) ends.set(key, (ends.get(key) ?? 0) + 1);
  assert.ok([...ends.values()].every((n) => n === 2));
});

test("on a contour the density has its height", () => {
  const slope = { grid: Float64Array.from({ length: 25 }, (_, i) => i % 5), columns: 5, rows: 5, left: 10, bottom: 20, cell: 2 };
  const segments = map.contour(slope, 2.5);
  assert.equal(segments.length, 4);
  for (const [x0, , x1] of segments) assert.deepEqual([x0, x1], [15, 15]);
});

test("few points and one place have no density", () => {
  assert.equal(map.densityOf(Float32Array.of(0, 0, 1, 1), [0, 1]), null);
  assert.equal(map.densityOf(new Float32Array(20), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), null);
  assert.deepEqual(map.contours(points, Float32Array.of(0, 0, 1, 1, 2, 2, 3, 3), () => true), [[], []]);
});

test("the narrower bell of more points is as wide on the map as Scott's rule says", () => {
  const widthOf = (n) => {
    const xy = Float32Array.from([0, 0, 10, 10, ...Array.from({ length: n }, () => [5, 5]).flat()]), rows = Array.from({ length: n }, (_, i) => i + 2);
    const { grid, columns } = map.densityOf(xy, rows), most = grid.indexOf(grid.reduce((a, b) => Math.max(a, b), 0)), y = Math.floor(most / columns);
    return 1 / Math.sqrt(2 * Math.log(grid[y * columns + (most % columns)] / grid[y * columns + (most % columns) + 1]));
  };
  assert.ok(Math.abs(widthOf(300) - 1.9) < 0.01);
  assert.ok(Math.abs(widthOf(2400) / widthOf(300) - 8 ** (-1 / 6)) < 0.02);
});

// ---------------------------------------------------------------- the field and the list

test("a selection's title speaks the language in use, and what fills it in does, too", async () => {
  const { speak } = await load("language"), title = ["{truth} taken for {guess}", { truth: "cat", guess: "dog" }];
  const said = () => [map.titleWords("before: {title}", { title }), map.titleWords("mine", {}), map.titleWords("Found: {letters}", { letters: "{n}" })];
  assert.deepEqual(said(), ["before: cat taken for dog", "mine", "Found: {n}"]);
  speak({ "before: {title}": "之前：{title}", "{truth} taken for {guess}": "{truth} 判为 {guess}" });
  try { assert.deepEqual(said().slice(0, 2), ["之前：cat 判为 dog", "mine"]); } finally { speak({}); }
});

test("colored by distance, the legend says that all is gray until a point is looked at", () => {
  const told = (waits) => { const legend = new map.Legend(page(), {}, {}); legend.fill(points, new map.Filter(), [], { tint: "distance", scale: ["gray", "red"], waits }); return legend.box.all(".tlt-waits").map((one) => one.textContent); };
  assert.deepEqual([told(true), told(false)], [["Look at a point, by pointer or arrow keys: until then all are gray."], []]);
});

test("the legend says what a ring is while what is wrong has one", () => {
  const told = (rings) => { const legend = new map.Legend(page(), {}, {}); legend.fill(points, new map.Filter(), [], { rings }); return legend.box.all(".tlt-ring-key").map((one) => one.textContent); };
  assert.deepEqual([told(true), told(false)], [["ring: wrong"], []]);
  const shows = [], seen = Object.assign(Object.create(map.PointMap.prototype), {
    layers: { wrong: true, trails: false }, points, filter: {}, viewport: {}, look: { colors: () => [], dark: false }, measure() {}, setValues() {}, sayTrust() {}, onView() {}, wake() {}, legend: { fill: (...about) => shows.push(about[3].rings), measure() {} },
  });
  for (const layer of ["trails", "wrong", "wrong"]) seen.flip(layer);
  assert.deepEqual(shows, [false, true]);
});

test("with the first answer about a point the colors come, and the legend waits no more", () => {
  const did = [], seen = Object.assign(Object.create(map.PointMap.prototype), {
    picked: 2, tint: "distance", near: null, points, filter: {}, layers: {}, look: { colors: () => [], dark: false }, fillTip() {}, color() { did.push("colors"); }, pace: { wake() {} }, sayTrust() {},
    legend: { fill: (...about) => did.push(about[3].waits), measure() {} },
  });
  seen.refill();
  seen.setNear({ row: 1, rows: [], all: null }); // the pointer has gone on
  for (let i = 0; i < 2; i++) seen.setNear({ row: 2, rows: [], all: null });
  assert.deepEqual(did, [true, "colors", false, "colors"]);
});

test("the field tells what is looked for on Enter, and clears on Escape", () => {
  const place = page(), heard = [], finder = new map.Finder(place, (letters) => heard.push(letters));
  finder.field.value = "seven";
  finder.field.does("keydown", { key: "Enter" });
  finder.tell(false);
  assert.equal(finder.field.getAttribute("aria-invalid"), "true");
  finder.field.does("keydown", { key: "Escape" });
  finder.tell(false);
  assert.deepEqual(heard, ["seven", ""]);
  assert.equal(finder.field.getAttribute("aria-invalid"), "false");
});

test("letters are looked for once they rest", async () => {
  const place = page(), heard = [], finder = new map.Finder(place, (letters) => heard.push(letters));
  for (const letters of ["t", "tw", "two"]) { finder.field.value = letters; finder.field.does("input"); }
  assert.deepEqual(heard, []);
  await new Promise((done) => setTimeout(done, 300));
  assert.deepEqual(heard, ["two"]);
});

test("a network that has learned nothing yet is not marked wrong", () => {
  const mark = { canvas: "mark", half: 1 }, ring = { canvas: "ring", half: 1 }, stamps = { marks: [[mark, mark]], rings: [ring] };
  const ringsAt = (step) => {
    const drawn = [], context = { drawImage: (canvas) => drawn.push(canvas) }, frame = { motion: { now: new Float32Array(8) }, predictions, step };
    map.drawPoints(context, { points, frame, stamps, hues: [0, 0, 0, 0], alphas: [1, 1, 1, 1], layers: { wrong: true }, viewport: { view: { x: 0, y: 0, k: 1 }, width: 100, height: 100 } });
    return drawn.filter((what) => what === "ring").length;
  };
  assert.deepEqual([ringsAt(0), ringsAt(1)], [0, 1]);
});

test("a source point's area is its weight, within bounds; a target point has none", () => {
  const mark = { canvas: "mark", half: 2 }, drawn = [];
  const context = { drawImage: () => drawn.push("stamp"), beginPath() {}, arc: (_x, _y, radius) => drawn.push(radius / 0.86), stroke: () => drawn.push(context.strokeStyle) };
  const frame = { motion: { now: new Float32Array(8) }, predictions, step: 0 };
  map.drawPoints(context, {
    points, frame, stamps: { marks: [[mark, mark]], rings: [mark], radius: 5, colors: ["blue"] }, hues: [0, 0, 0, 0], alphas: [1, 1, 1, 1], layers: {}, weights: Float32Array.of(4, 0, 1000, NaN),
    viewport: { view: { x: 0, y: 0, k: 1 }, width: 100, height: 100 },
  });
  assert.deepEqual(drawn, [10, "blue", 2.25, "blue", 20, "blue", "stamp"]);
  assert.deepEqual(map.measured({ weight: Float32Array.of(2.345, NaN) }, 0), [["weight", "2.35"]]);
  assert.deepEqual(map.measured({ weight: Float32Array.of(2.345, NaN) }, 1), []);
});

const plan = await load("points/plan");

test("a plan's lines have their source's color, those between classes lie above, and hidden points have none", () => {
  const drawn = [], context = {
    beginPath() {}, moveTo: (x) => { context.from = x; }, lineTo: (x) => { context.to = x; },
    stroke: () => drawn.push([context.from, context.to, context.strokeStyle, Number(context.globalAlpha.toFixed(2))]),
  };
  const scene = {
    points: { labels: Int16Array.of(0, 1, 1, 0, -1) }, frame: { lines: Float32Array.of(0, 2, 0.4, 0, 3, 0.1, 1, 2, 0.4, 1, 4, 0.1, 0, 1, 0.4), motion: { now: Float32Array.of(0, 0, 1, 0, 2, 0, 3, 0, 4, 0) } },
    viewport: { place: (x, y) => [x, y] }, filter: { shows: (i) => i !== 1 || context.shown }, colors: ["blue", "red"], look: { ink: "ink", presenter: false },
  };
  plan.drawPlan(context, scene);
  assert.deepEqual(drawn, [[0, 3, "blue", 0.2], [0, 2, "blue", 0.75]]);
  drawn.length = 0; context.shown = true;
  plan.drawPlan(context, scene);
  assert.deepEqual(drawn.map(([from, to, color]) => `${from}-${to} ${color}`), ["0-3 blue", "1-2 red", "1-4 red", "0-2 blue", "0-1 blue"]);
  drawn.length = 0;
  plan.drawPlan(context, { ...scene, frame: { lines: null, motion: scene.frame.motion } });
  assert.deepEqual(drawn, []);
});

// ---------------------------------------------------------------- inside a stage

const inside = await load("inside");

test("a stage's channels are cut out of one buffer and stand side by side", () => {
  const bytes = new DataView(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).buffer), [conv, row] = inside.insideOf({ shapes: [[2, 2, 1], [1, 1, 6]] }, bytes);
  assert.deepEqual([Array.from(conv.images), Array.from(row.images)], [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10]]);
  const { values, width, height } = inside.abreast(conv);
  assert.deepEqual([Array.from(values), width, height], [[1, 0, 3, 2, 0, 4], 3, 2]);
  assert.equal(inside.abreast({ ...row, count: 6, width: 1 }, 4).width, 7, "four at most");
});

test("a field is seen with its first row at the bottom, in the classes' colors half on white", () => {
  const model = { get: () => new DataView(Int16Array.of(0, 1, -1, 0, 1, 1, 1, 1).buffer) }, [first, second] = inside.fieldsOf(model, 2);
  assert.deepEqual([Array.from(first), Array.from(second)], [[0, 1, -1, 0], [1, 1, 1, 1]]);
  const pixels = inside.fieldPixels(first, ["#000000", "#ffffff"]);
  assert.deepEqual(pixels, [[192, 192, 192], [115, 115, 115], [115, 115, 115], [255, 255, 255]]);
  assert.deepEqual(inside.fieldsOf({ get: () => null }, 2), []);
});

// ---------------------------------------------------------------- what comes from the kernel

test("the same points that come again, to a page that missed a message, leave the view as it is", async () => {
  const { reactions } = await load("map"), did = [], values = { version: 3, about: { n: 0 }, sequence: 1, note: "", step: 4, value_names: [] };
  const map = { picked: -1, view: "the view", setPoints: () => did.push("points"), setFrame: () => did.push("frame"), setValues: () => did.push("values"), onView: (view) => did.push(view), setNews() {} };
  const heard = reactions({ get: (name) => values[name] }, map, { dataset: {} });
  heard["change:version"]();
  assert.deepEqual(did.splice(0), ["points", "frame", "values", "the view"]);
  heard["change:version"]();
  assert.deepEqual(did.splice(0), ["frame", "values"]);
  values.version = 4;
  heard["change:version"]();
  assert.deepEqual(did, ["points", "frame", "values", "the view"]);
});

test("where an image speaks for a class comes as rows of bytes, and the map is told", async () => {
  const { reactions } = await load("map"), told = [];
  const heard = reactions({ get: () => null }, { setClassMap: (found) => told.push(found) }, { dataset: {} });
  heard["msg:custom"]({ kind: "class-map", row: 4, label: 2, shape: [1, 3] }, [new DataView(Uint8Array.of(0, 255, 7).buffer)]);
  assert.deepEqual(told.map(({ values, ...rest }) => [rest, [...values]]), [[{ row: 4, label: 2, width: 3, height: 1 }, [0, 255, 7]]]);
});
