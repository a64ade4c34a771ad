// The page that replays a run: reading the packed data, moving through it, and answering a board where a kernel would.
import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { load } from "./load.mjs";

const data = await load("replay/data"), { Transport } = await load("replay/transport"), about = await load("replay/about");
const { speak } = await load("language");
const { numberRows } = await load("numbers"), { keyAction } = await load("replay"), { Recorded, notesOf } = await load("replay/recorded"), { Hub } = await load("hub"), { decode } = await load("map");

const packed = (array) => ({ zlib: deflateSync(Buffer.from(array.buffer)).toString("base64") });

test("what was compressed comes back, wherever it stands", async () => {
  const run = await data.inflated({ a: packed(Uint8Array.of(1, 2, 3)), b: [1, null, "x"], c: { d: [{ e: packed(Int16Array.of(-1, 300)) }] }, f: null });
  assert.deepEqual([...run.a], [1, 2, 3]);
  assert.deepEqual([run.b, run.f], [[1, null, "x"], null]);
  assert.deepEqual([...new Int16Array(run.c.d[0].e.buffer)], [-1, 300]);
});

test("coordinates come back from their differences and within their frame's box", () => {
  const frames = [[0, 65535, 7], [300, 1, 6], [299, 65535, 65535]], width = 3;
  const steps = frames.flatMap((frame, i) => frame.map((v, k) => (v - (i ? frames[i - 1][k] : 0)) & 65535));
  const bytes = Uint8Array.of(...steps.map((v) => v & 255), ...steps.map((v) => v >> 8));
  assert.deepEqual([...data.fromPlanes(bytes, width)], frames.flat());
  assert.deepEqual([...data.unquantized(Uint16Array.of(0, 65535, 65535, 0, 13107, 0), [-1, 10, 2, 5])].map((v) => Number(v.toFixed(5))), [-1, 15, 1, 10, -0.6, 10]);
});

test("levels are numbers between two ends, or unknown", () => {
  assert.deepEqual([...data.fromLevels(Uint8Array.of(0, 127, 254, 255), 1, 3)], [1, 2, 3, NaN]);
});

/** Two looks at three points, the second in two frames; the third point is a source point. */
function smallRun(more = {}) {
  const places = Uint16Array.of(0, 0, 65535, 65535, 0, 65535), still = new Uint16Array(6);
  const all = [...places, ...still, ...still], bytes = Uint8Array.of(...all.map((v) => v & 255), ...all.map((v) => v >> 8));
  return {
    title: "a", about: { pair: "a->b", objective: "dann", projection: "pca", seed: 3, steps: 40 }, words: {}, every: 1,
    points: { n: 3, classes: ["x", "y"], domains: ["a", "b"], labels: Uint8Array.of(0, 0, 1, 0, 255, 255), isTarget: Uint8Array.of(1, 1, 0) },
    frames: { steps: [0, 20, 20], looks: [0, 1, 1], boxes: [[0, 0, 1, 1], [5, 5, 10, 20], [5, 5, 10, 20]], xy: bytes },
    looks: {
      bytes: 1, predictions: Uint8Array.of(1, 1, 0, 0, 0, 0), names: ["target_accuracy"], numbers: [[0.5], [0.75]], marked: [0, 0],
      flow: [[], [{ task: 1, transfer: 2, cosine: 0, apart: 0.5 }]], values: { loss: { low: 0, high: 254, levels: Uint8Array.of(0, 0, 0, 10, 255, 20) } },
    },
    steps: { terms: ["task"], losses: [[null], [0.5], [0.5]], acting: ["weight", "freeze_depth"], values: [[null, null], [0.1, 1], [0.1, 1]] },
    near: Uint8Array.of(2, 0, 2, 0, 2, 0), regions: null, fields: null, series: { "loss/task": [[1, 2], [20, null]] }, changes: [[11, "weight 1 → 0.5"]],
    chosen: {},
    happenings: [["right", 0, 20, "became right", [0]]],
    board: { stages: [{ name: "fc" }], around: { branch: "none" }, rows: [], values: { weight: 1, freeze_depth: 0 }, changes: [[11, "weight", 0.5], [15, "freeze_depth", 1]] },
    ...more,
  };
}

function opened(more) {
  const waits = [], recorded = new Recorded(smallRun(more), { later: (act) => { waits.push(act); return 1; }, never: () => { waits.length = 0; } });
  const hub = new Hub(recorded), get = (part, name) => hub.channel(part).get(name), numbers = (name, Kind) => [...decode(get("map", name), Kind)];
  return { numbers, recorded, hub, get, waits, say: (part, content) => hub.channel(part).send(content) };
}

test("a board of a recording opens at its last frame, as of then", () => {
  const { get, numbers } = opened();
  assert.equal(get("frame", "recorded"), true);
  assert.deepEqual(numbers("xy"), [5, 5, 15, 25, 5, 25]);
  assert.deepEqual(numbers("predictions", Int16Array), [0, 0, 0]);
  assert.deepEqual(get("map", "value_names"), ["loss", "changed"]);
  assert.deepEqual(numbers("values"), [10, NaN, 20, 1, 1, 0]);
  assert.deepEqual([get("numbers", "numbers"), get("timeline", "position"), get("timeline", "ticks")], [{ target_accuracy: 0.75 }, 2, [[1, "step 11: weight 1 → 0.5", "change"]]]);
  assert.deepEqual([get("network", "frozen"), get("network", "acts"), get("network", "losses"), get("network", "weight")], [1, false, { task: 0.5 }, 0.1]);
  assert.deepEqual([get("controls", "values"), get("controls", "notes")], [{ weight: 0.5, freeze_depth: 1 }, { weight: "acts as 0.1" }]);
  assert.deepEqual(get("status", "shown"), { state: "finished", step: 20, steps: 40, device: "recorded", rate: null, note: "" });
});

test("decision regions stand behind the frames that had them, a stage's fields behind the last look", () => {
  const differences = [0, 1, 1, 0, 1, 65535, 0, 0]; // two grids of 2 x 2: the second is [1, 0, 1, 0]
  const regions = { frames: [0, -1, 1], side: 2, boxes: [[0, 0, 1, 1], [0, 0, 2, 3]], grids: Uint8Array.of(...differences.map((d) => d & 255), ...differences.map((d) => d >> 8)) };
  const { get, say, numbers } = opened({ regions, fields: Uint8Array.of(1, 0) });
  assert.deepEqual([numbers("regions", Int16Array), get("map", "extent")], [[1, 0, 1, 0], [0, 0, 2, 3]]);
  assert.deepEqual([...decode(get("network", "fields"), Int16Array)], [1]);
  say("header", { kind: "press", button: "reset" });
  assert.deepEqual([numbers("regions", Int16Array), get("map", "extent")], [[0, 1, 1, 0], [0, 0, 1, 1]]);
  assert.deepEqual([...decode(get("network", "fields"), Int16Array)], []);
  say("header", { kind: "press", button: "step" });
  assert.deepEqual(numbers("regions", Int16Array), [], "that frame was on another map");
});

test("a transport plan's lines stand on the frames of the looks that had one", () => {
  const lines = { counts: [2, 1], most: [0.5, 0.25], rows: Uint8Array.of(2, 0, 1, 0, 2, 0, 0, 0, 1, 0, 1, 0), levels: Uint8Array.of(255, 51, 255) };
  const { say, numbers } = opened({ looks: { ...smallRun().looks, lines } }), rounded = () => numbers("lines").map((v) => Number(v.toFixed(4)));
  assert.deepEqual(rounded(), [2, 1, 0.25]);
  say("header", { kind: "press", button: "reset" });
  assert.deepEqual(rounded(), [2, 0, 0.5, 1, 1, 0.1]);
  assert.deepEqual(opened().numbers("lines"), []);
});

test("buttons, timeline and speed move through the frames, and every part follows", () => {
  const { hub, get, say, waits, recorded } = opened();
  say("header", { kind: "press", button: "reset" });
  assert.deepEqual([get("map", "step"), get("timeline", "position"), get("curves", "cursor"), get("controls", "values").weight, get("network", "frozen")], [0, 0, 0, 1, 0]);
  assert.deepEqual([get("network", "flow"), get("network", "losses"), get("network", "weight"), get("network", "acts")], [{}, {}, 1, true]);
  say("header", { kind: "press", button: "step" });
  assert.deepEqual([get("map", "step"), get("map", "note")], [20, "weight 1 → 0.5"]);
  const timeline = hub.channel("timeline");
  timeline.set("position", -1);
  timeline.save_changes();
  assert.equal(get("timeline", "position"), 2, "the right end is the last frame");
  say("header", { kind: "choose", name: "speed", value: 4 });
  assert.equal(recorded.transport.rate, 4);
  say("header", { kind: "press", button: "play" });
  assert.deepEqual([get("header", "playing"), get("status", "shown").state, get("map", "note")], [true, "playing", "1 of 3 frames"]);
  waits.pop()();
  assert.deepEqual([get("map", "step"), get("map", "note")], [20, "weight 1 → 0.5"]);
  say("header", { kind: "press", button: "play" });
  assert.deepEqual([get("header", "playing"), get("status", "shown").state], [false, "paused"]);
});

test("what is asked of the points is answered", () => {
  const { hub, get, say, numbers } = opened(), heard = [];
  hub.channel("map").on("msg:custom", (content, buffers) => heard.push([content, buffers[0].length]));
  say("numbers", { kind: "points", name: "target_accuracy" });
  assert.deepEqual([numbers("chosen", Int32Array), get("map", "title")], [[1], "wrong target points at step 20"]);
  say("numbers", { kind: "points", name: "source_accuracy" });
  assert.deepEqual([numbers("chosen", Int32Array), get("status", "shown").note], [[], "wrong source points at step 20"], "none: the status says so");
  say("curves", { kind: "points", name: "target_accuracy", step: 3.4 });
  assert.deepEqual([numbers("chosen", Int32Array), get("map", "step")], [[0], 0]);
  say("happenings", { kind: "unfold", unfolded: true });
  assert.equal(get("happenings", "unfolded"), true);
  say("happenings", { kind: "go", number: 0 });
  assert.deepEqual([numbers("chosen", Int32Array), get("map", "title"), get("map", "step")], [[0], "became right", 20]);
  say("timeline", { kind: "changed", position: 2, start: false });
  assert.deepEqual([numbers("chosen", Int32Array), get("map", "title")], [[0, 1], "2 target points changed class from step 0 to 20"]);
  say("map", { kind: "near", row: 1 });
  assert.deepEqual(heard, [[{ kind: "near", row: 1, rows: [2] }, 0]]);
  say("header", { kind: "press", button: "reset" });
  say("map", { kind: "near", row: 1 });
  assert.equal(heard.length, 1, "neighbors are those of the last look");
});

test("the curves are told when they ask", () => {
  const { hub, say } = opened(), heard = [];
  hub.channel("curves").on("msg:custom", (content, buffers) => heard.push([content, [...decode(buffers[0])]]));
  say("curves", { kind: "ready" });
  assert.deepEqual(heard, [[{ kind: "all", number: 1, series: [["loss/task", 2]], changes: [[11, "weight 1 → 0.5"]] }, [1, 2, 20, NaN]]]);
});

test("a recording that does not know its network shows none", () => {
  const { get } = opened({ board: null });
  assert.ok(get("frame", "hidden").includes("network"));
  assert.deepEqual([get("controls", "rows"), get("controls", "values")], [[], {}]);
});

test("a slider says what it acts as where that is something else", () => {
  assert.deepEqual(notesOf({ weight: 1, lr: 0.01, on: true, name: "a" }, { weight: 0.5, lr: 0.010001, on: false }), { weight: "acts as 0.5" });
});

test("a change stands at the first frame that was computed with it", () => {
  const steps = [0, 10, 20, 20, 30], changes = [[10, "a"], [11, "b"], [21, "c"], [99, "d"]];
  assert.deepEqual([0, 10, 11, 21, 99].map((step) => data.frameOfChange(steps, step)), [0, 1, 2, 4, 4]);
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => data.changedSince(changes, steps, i)), ["", "a", "b", "", "c"]);
  assert.deepEqual(data.ticksOf(changes, steps, (step, text) => `${step} ${text}`), [[1, "10 a", "change"], [2, "11 b", "change"], [4, "21 c; 99 d", "change"]]);
  assert.deepEqual([0, 9, 10, 20, 99].map((step) => data.frameUntil(steps, step)), [0, 0, 1, 3, 4]);
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
  assert.deepEqual(full.map(({ value }) => value), ["0.500", "1.000", "0.600", "−0.010", "0.250", "–", "–", "–", "–"]);
  assert.equal(full[2].aside, "0.5 = mixed; apart");
  assert.deepEqual(full[2].band.map((v) => Number(v.toFixed(2))), [0.45, 0.55]);
  assert.equal(full[3].aside, "chance −0.020 to +0.050");
  assert.deepEqual(full[3].band, [-0.08, 0.2]);
  assert.deepEqual(numberRows({ target_accuracy: null }).map(({ value }) => value), Array(9).fill("–"));
  assert.deepEqual(numberRows({ target_AP: 0.25 }).slice(-2).map(({ name, value, seldom }) => [name, value, seldom]), [["Target AP", "0.250", true], ["Source AP", "–", true]]);
  assert.equal(numberRows({ domain_probe_accuracy: 0.5 })[2].aside, "0.5 = mixed; as chance");
});

test("what was run is said in words", () => {
  assert.deepEqual(about.aboutRows({ own_note: true, seed: 0, pair: "a->b", settings: { lr: 0.01, freeze_depth: 1, on: [1, null] }, options: {} }), [
    ["Domains", "a->b"], ["Seed", "0"], ["Settings at the start", "lr 0.01 · freeze depth 1 · on 1, –"], ["own note", "on"],
  ]);
  assert.deepEqual(about.aboutRows({ target_labels: "used only to judge" }), [["Target labels", "used only to judge"]]);
  speak({ "used only to judge": "只用来评判", "a->b": "never" });
  assert.deepEqual(about.aboutRows({ target_labels: "used only to judge", pair: "a->b" }).map(([, words]) => words), ["a->b", "只用来评判"]);
  speak();
  const run = { title: "a, mmd", about: { objective: "mmd", projection: "pca", seed: 3 }, points: { n: 5 }, every: 1 };
  assert.equal(about.subtitle(run, 1), "map pca · seed 3 · 5 points · 1 frame");
  assert.equal(about.subtitle({ ...run, title: "mine", every: 2 }, 9), "objective mmd · map pca · seed 3 · 5 points · 9 frames, one of every 2 in the run");
});
