// A page of many runs: which run the sliders choose, where its frames stand, and what every part hears of it.
import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { load } from "./load.mjs";

const { Grid, runAt, sameShare } = await load("replay/grid"), { loaderOf } = await load("replay"), { Hub } = await load("hub"), { decode } = await load("map");

/** Three points in two frames; `far` says where the last of them ends, `count` how many frames there are. */
function run(far, { count = 2, weight = 0, labels = [0, 0, 1, 0, 255, 255] } = {}) {
  const places = Array.from({ length: count }, (_, i) => [0, 0, 65535, 65535, i ? far : 0, 0]).flat();
  const steps = places.map((place, k) => (place - (k >= 6 ? places[k - 6] : 0)) & 65535);
  return {
    title: "a", about: { pair: "a->b", objective: "dann", seed: 3, steps: 20 }, every: 1,
    points: { n: 3, classes: ["x", "y"], domains: ["a", "b"], labels: Uint8Array.from(labels), isTarget: Uint8Array.of(1, 1, 0) },
    frames: { steps: Array.from({ length: count }, (_, i) => 10 * i), looks: Array(count).fill(0), boxes: Array(count).fill([0, 0, 1, 1]), xy: Uint8Array.of(...steps.map((v) => v & 255), ...steps.map((v) => v >> 8)) },
    looks: { bytes: 1, predictions: Uint8Array.of(1, 1, 0), names: ["target_accuracy"], numbers: [[0.5 + weight / 10]], marked: [0], flow: [[]], values: {} },
    steps: { terms: [], losses: Array(count).fill([]), acting: ["weight"], values: Array(count).fill([weight / 2]) },
    near: null, regions: null, fields: null, series: { "loss/task": [[1, weight]] }, changes: [], chosen: {}, happenings: [["right", 0, 10, "became right", [0]]],
    board: { stages: [{ name: "fc" }], around: {}, rows: [], values: { weight, lr: 0.01 }, changes: [] },
  };
}

const RUNS = [run(0), run(65535, { weight: 1 }), run(13107, { count: 5, weight: 2 }), run(0, { labels: [1, 0, 1, 0, 0, 0] })];
const ABOUT = {
  title: "a", language: "en", words: { en: {}, zh: { "λ weight": "λ 权重", "became right": "变为正确", Play: "播放" } },
  axes: [{ name: "weight", values: [0, 1] }, { name: "seed", values: [0, 1] }],
  rows: [{ name: "weight", title: "λ weight", about: "", scale: "log", steps: [0, 1], acts: true }, { name: "seed", title: "seed", about: "", scale: "int", steps: [0, 1], acts: true }],
  points: [], runs: [[0, 0], [1, 0], [0, 1], [1, 1]].map((at, k) => ({ at, points: Number(k === 3), accuracy: null })), first: 0,
};

function opened(loaded = (k) => Promise.resolve(RUNS[k])) {
  const grid = new Grid(ABOUT, RUNS[0], loaded, { later: () => 1, never: () => {} }), hub = new Hub(grid), get = (part, name) => hub.channel(part).get(name);
  return { grid, hub, get, xy: () => [...decode(get("map", "xy"))], move: (name, value) => hub.channel("controls").sendLast({ kind: "move", name, value }, name) };
}
const settled = () => new Promise((done) => { setTimeout(done, 0); });

test("a run is found by the places of its values", () => {
  assert.deepEqual([[0, 0], [1, 0], [1, 1], [2, 0]].map((at) => runAt(ABOUT.runs, at)), [0, 1, 3, -1]);
});

test("another run is entered as far on its way as the one that was left", () => {
  assert.deepEqual([[0, 2, 5], [1, 2, 5], [2, 5, 9], [0, 1, 4], [3, 4, 1]].map(([i, from, to]) => sameShare(i, from, to)), [0, 4, 4, 3, 0]);
});

test("a slider chooses another run, and every part follows", async () => {
  const { grid, get, xy, move } = opened(), heard = [];
  grid.onTold = () => heard.push(grid.run.looks.numbers[0][0]);
  assert.deepEqual([xy(), get("controls", "values"), get("controls", "notes"), get("numbers", "numbers")], [[0, 0, 1, 1, 0, 0], { weight: 0, seed: 0 }, {}, { target_accuracy: 0.5 }]);
  move("weight", 1);
  await settled();
  assert.deepEqual([xy(), get("numbers", "numbers"), get("controls", "values"), get("controls", "notes")], [[0, 0, 1, 1, 1, 0], { target_accuracy: 0.6 }, { weight: 1, seed: 0 }, { weight: "acts as 0.5" }]);
  assert.deepEqual([get("timeline", "position"), get("map", "step"), heard], [1, 10, [0.6]]);
  move("weight", 0.4);
  await settled();
  assert.deepEqual(heard, [0.6], "no run has that value");
});

test("at the first frame of a run, another one is shown at its first", async () => {
  const { hub, get, move, xy } = opened();
  hub.channel("header").send({ kind: "press", button: "reset" });
  move("seed", 1);
  await settled();
  assert.deepEqual([get("timeline", "position"), [...get("timeline", "steps")], xy()], [0, [0, 10, 20, 30, 40], [0, 0, 1, 1, 0, 0]]);
  hub.channel("header").send({ kind: "press", button: "step" });
  assert.ok(Math.abs(xy()[4] - 0.2) < 1e-4);
});

test("of two wishes the later one is granted, whichever is read first", async () => {
  const waits = [], { get, move } = opened((k) => new Promise((done) => { waits.push(() => done(RUNS[k])); }));
  move("weight", 1);
  await settled();
  move("seed", 1);
  await settled();
  assert.equal(waits.length, 2);
  waits[1](); waits[0]();
  await settled();
  assert.deepEqual([get("controls", "values"), get("numbers", "numbers")], [{ weight: 1, seed: 1 }, { target_accuracy: 0.5 }], "run 3, not run 1");
});

test("a run that failed says so at its last frame", () => {
  const broken = { ...RUNS[2], failed: "the loss was not finite" }, grid = new Grid(ABOUT, broken, async () => broken, { later: () => 1, never: () => {} });
  assert.deepEqual([grid.statusAt(4).state, grid.statusAt(4).note, grid.statusAt(3).state, grid.statusAt(3).note], ["failed", "the loss was not finite", "paused", ""]);
});

test("other points are told as others, the same ones are not told again", async () => {
  const packed = (_, value) => (value instanceof Uint8Array ? { zlib: deflateSync(value).toString("base64") } : value);
  const points = JSON.parse(JSON.stringify([RUNS[0].points, RUNS[3].points], packed));
  const loaded = loaderOf({ points, runs: ABOUT.runs }, (k) => JSON.stringify(RUNS[k], packed));
  const first = await loaded(0);
  assert.deepEqual([first.points.version, (await loaded(3)).points.version], [1, 2]);
  assert.equal((await loaded(1)).points, first.points, "inflated once");
  assert.equal(await loaded(1), await loaded(1));
  assert.deepEqual(first.frames.xy, RUNS[0].frames.xy);
  const versions = [], grid = new Grid(ABOUT, first, loaded, { later: () => 1 }), hub = new Hub(grid);
  hub.channel("map").on("change:version", () => versions.push(hub.channel("map").get("version")));
  await grid.choose("weight", 1);
  assert.deepEqual(versions, []);
  await grid.choose("seed", 1);
  assert.deepEqual([versions, [...decode(hub.channel("map").get("labels"), Int16Array)]], [[2], [1, 1, 0]]);
});

test("the other language is in the page, and sliders speak it", () => {
  const { grid, hub, get } = opened(), heard = [];
  hub.onWords(() => heard.push(grid.language));
  assert.equal(get("language", "title"), "中文");
  hub.channel("language").send({ kind: "turn" });
  assert.deepEqual([heard, get("language", "title"), get("controls", "rows").map(({ title }) => title)], [["zh"], "English", ["λ 权重", "seed"]]);
  hub.channel("happenings").send({ kind: "go", number: 0 });
  assert.equal(get("map", "title"), "变为正确");
  hub.channel("language").send({ kind: "turn" });
  assert.deepEqual([get("controls", "rows")[0].title, get("language", "title")], ["λ weight", "中文"]);
});
