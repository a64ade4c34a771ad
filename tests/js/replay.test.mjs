// The pure parts of the page that replays a run: reading the packed data, moving through it, saying it.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const data = await load("replay/data"), { Transport } = await load("replay/transport"), about = await load("replay/about");
const { numberRows } = await load("replay/numbers"), { placeWords } = await load("replay/scrubber"), { keyAction } = await load("replay");

const base64 = (array) => Buffer.from(array.buffer).toString("base64");

test("coordinates come back within their frame's box", () => {
  assert.deepEqual([...data.unquantized(Uint16Array.of(0, 65535, 65535, 0, 13107, 0), [-1, 10, 2, 5])].map((v) => Number(v.toFixed(5))), [-1, 15, 1, 10, -0.6, 10]);
});

test("frames are cut out of one text, predictions in one byte or two", () => {
  const xy = base64(Uint16Array.of(0, 0, 65535, 65535, 65535, 0, 0, 65535));
  const packed = { steps: [3, 9], boxes: [[0, 0, 1, 1], [5, 5, 10, 20]], xy, names: ["a"], numbers: [[0.5], [null]] };
  for (const [bytes, Kind] of [[1, Uint8Array], [2, Int16Array]]) {
    const frames = data.framesIn({ ...packed, bytes, predictions: base64(Kind.of(0, 1, 2, 3)) }, 2), last = frames.at(1);
    assert.equal(frames.count, 2);
    assert.deepEqual([...last.xy], [15, 5, 5, 25]);
    assert.deepEqual([...last.predictions], [2, 3]);
    assert.ok(last.predictions instanceof Int16Array);
    assert.deepEqual([last.step, last.numbers], [9, { a: null }]);
  }
  const minus = data.framesIn({ ...packed, bytes: 2, predictions: base64(Int16Array.of(-1, 300, 0, 0)) }, 2);
  assert.deepEqual([...minus.at(0).predictions], [-1, 300]);
});

test("points are what the map takes", () => {
  const points = data.pointsIn({ n: 2, classes: ["a"], domains: ["s", "t"], labels: base64(Int16Array.of(0, -1)), isTarget: "AAE=" });
  assert.deepEqual([[...points.labels], [...points.isTarget], points.width, points.sprites], [[0, -1], [0, 1], 0, null]);
  const vectors = base64(Float32Array.of(1.5, 2.5));
  assert.deepEqual([...data.pointsIn({ labels: "", isTarget: "", width: 2, vectors }).vectors], [1.5, 2.5]);
});

test("a change stands at the first frame that was computed with it", () => {
  const steps = [0, 10, 20, 20, 30], changes = [[10, "a"], [11, "b"], [21, "c"], [99, "d"]];
  assert.deepEqual([0, 10, 11, 21, 99].map((step) => data.frameOfChange(steps, step)), [0, 1, 2, 4, 4]);
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => data.changedSince(changes, steps, i)), ["", "a", "b", "", "c"]);
});

test("a replay takes about 25 seconds, within what can be followed", () => {
  assert.deepEqual([2, 200, 100000].map(data.paceOf), [3, 8, 12]);
});

function transportOf(count) {
  const log = { shown: [], told: 0, waits: [], pending: null };
  const transport = new Transport({
    count, pace: 10, show: (i) => log.shown.push(i), told: () => { log.told++; },
    later: (act, wait) => { log.waits.push(wait); log.pending = act; return 0; }, never: () => { log.pending = null; },
  });
  return { transport, log };
}

test("play goes from the end back to the start, then frame by frame, and stops at the end", () => {
  const { transport, log } = transportOf(3);
  transport.play();
  transport.play();
  assert.ok(transport.playing);
  log.pending(); log.pending();
  assert.deepEqual(log.shown, [0, 1, 2]);
  assert.deepEqual([transport.playing, log.pending, log.told], [false, null, 2]);
});

test("pause holds, a step by hand pauses, speed divides the wait", () => {
  const { transport, log } = transportOf(5);
  transport.rate = 4;
  transport.toggle();
  assert.deepEqual(log.waits, [25]);
  transport.toggle();
  assert.deepEqual([transport.playing, log.pending], [false, null]);
  transport.play();
  transport.step(2);
  assert.deepEqual([transport.playing, transport.at], [false, 2]);
  transport.step(-Infinity);
  assert.equal(transport.at, 0);
  transport.step(Infinity);
  assert.equal(transport.at, 4);
});

test("a run of one frame does not play", () => {
  const { transport, log } = transportOf(1);
  transport.play();
  assert.deepEqual([transport.playing, log.shown], [false, []]);
});

test("keys move the replay unless the focus needs them", () => {
  const { transport } = transportOf(9), at = (tagName) => ({ target: { tagName } });
  const act = (key, more = at("BODY")) => { const found = keyAction({ key, ...more }, transport); found?.(); return found !== null; };
  assert.ok(act("Home"));
  assert.equal(transport.at, 0);
  assert.ok(act("ArrowRight") && act("ArrowRight") && act("ArrowLeft"));
  assert.equal(transport.at, 1);
  assert.ok(act("End"));
  assert.equal(transport.at, 8);
  assert.ok(act(" ", at("INPUT")));
  assert.ok(transport.playing);
  for (const [key, more] of [[" ", at("BUTTON")], ["ArrowRight", at("INPUT")], ["End", at("SELECT")], ["x", at("BODY")], ["ArrowLeft", { ctrlKey: true }], ["Home", { defaultPrevented: true }]]) {
    assert.equal(act(key, more), false, key);
  }
});

test("the numbers are the board's, and one that is missing is a dash", () => {
  const full = numberRows({ target_accuracy: 0.5, source_accuracy: 1, domain_probe_accuracy: 0.6, domain_probe_null_high: 0.55, mmd2: -0.01, mmd2_null_low: -0.02, mmd2_null_high: 0.05, knn_label_agreement: 0.25 });
  assert.deepEqual(full.map(({ value }) => value), ["0.500", "1.000", "0.600", "−0.010", "0.250"]);
  assert.equal(full[2].aside, "0.5 = mixed; apart");
  assert.deepEqual(full[2].band.map((v) => Number(v.toFixed(2))), [0.45, 0.55]);
  assert.equal(full[3].aside, "chance −0.020 to +0.050");
  assert.deepEqual(full[3].band, [-0.08, 0.2]);
  assert.deepEqual(numberRows({ target_accuracy: null }).map(({ value }) => value), ["–", "–", "–", "–", "–"]);
  assert.equal(numberRows({ domain_probe_accuracy: 0.5 })[2].aside, "0.5 = mixed; as chance");
});

test("what was run is said in words", () => {
  assert.deepEqual(about.aboutRows({ own_note: true, seed: 0, pair: "a->b", settings: { lr: 0.01, freeze_depth: 1, on: [1, null] }, options: {} }), [
    ["Domains", "a->b"], ["Seed", "0"], ["Settings at the start", "lr 0.01 · freeze depth 1 · on 1, –"], ["own note", "on"],
  ]);
  const run = { title: "a, mmd", about: { objective: "mmd", projection: "pca", seed: 3 }, points: { n: 5 }, every: 1 };
  assert.equal(about.subtitle(run, 1), "map pca · seed 3 · 5 points · 1 frame");
  assert.equal(about.subtitle({ ...run, title: "mine", every: 2 }, 9), "objective mmd · map pca · seed 3 · 5 points · 9 frames, one of every 2 in the run");
  assert.equal(placeWords([0, 1500], 1), "step 1,500, frame 2 of 2");
});
