// The map's pure functions.
import assert from "node:assert/strict";
import test from "node:test";
import { contrast, distance } from "./color.mjs";
import { load } from "./load.mjs";

const parts = ["map", ...["colors", "geometry", "words", "viewport", "motion", "names", "marks"].map((name) => `points/${name}`)];
const map = Object.assign({}, ...(await Promise.all(parts.map(load))));
const square = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1);

test("decode copies unaligned bytes", () => {
  const bytes = new Uint8Array(13);
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2, 3).buffer), 1);
  assert.deepEqual([...map.decode(new DataView(bytes.buffer, 1, 12))], [1.5, -2, 3]);
  assert.deepEqual([...map.decode(new DataView(Int16Array.of(-1, 7).buffer), Int16Array)], [-1, 7]);
  assert.equal(map.decode(null).length, 0);
});

test("sixty-two colors differ, and the first ten also for color-deficient eyes, on either ground", () => {
  for (const [dark, ground] of [[false, "#FFFFFF"], [true, "#111111"]]) {
    assert.equal(new Set(map.palette(62, dark)).size, 62);
    const ten = map.palette(10, dark);
    ten.forEach((a, i) => ten.slice(i + 1).forEach((b) => assert.ok(distance(a, b) > 6.5, `${a} ${b} ${distance(a, b)}`)));
    for (const color of map.palette(16, dark)) assert.ok(contrast(color, ground) > 1.9, `${color} on ${ground}`);
  }
  assert.deepEqual(map.palette(6), ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]); // Okabe and Ito
});

test("dark grounds are told from light ones", () => {
  assert.equal(map.isDark("rgb(17, 17, 17)"), true);
  assert.equal(map.isDark("rgb(255, 255, 255)"), false);
});

test("bounds keep to the points asked for", () => {
  assert.deepEqual(map.bounds(square), [0, 0, 1, 1]);
  assert.deepEqual(map.bounds(square, (i) => i === 1), [1, 0, 1, 0]);
  assert.equal(map.bounds(square, () => false), null);
});

test("fit puts the box inside the margins, with one scale for both axes", () => {
  const view = map.fit([0, 0, 10, 1], 240, 140, 20);
  assert.deepEqual(map.place(view, 240, 140, 0, 0.5), [20, 70]);
  assert.deepEqual(map.place(view, 240, 140, 10, 0.5), [220, 70]);
  assert.ok(map.fit([2, 2, 2, 2], 100, 100).k > 0);
});

test("up is up", () => {
  const view = { x: 0, y: 0, k: 1 };
  assert.ok(map.place(view, 100, 100, 0, 10)[1] < map.place(view, 100, 100, 0, -10)[1]);
});

test("the view rests while the points stay inside, and makes room when they leave or shrink", () => {
  const goal = map.nextGoal(null, [-1, -1, 1, 1], 400, 400);
  assert.equal(map.nextGoal(goal, [-1.05, -1, 1, 1.05], 400, 400), goal);
  const wider = map.nextGoal(goal, [-2, -1, 2, 1], 400, 400);
  assert.ok(wider.k > goal.k);
  assert.ok(map.nextGoal(goal, [-0.3, -0.3, 0.3, 0.3], 400, 400).k < goal.k);
  assert.ok(map.nextGoal(goal, [-0.85, -0.85, 0.85, 0.85], 400, 400).k < goal.k, "points that fill less than .85 are framed again");
  assert.equal(map.nextGoal(goal, [-0.95, -0.95, 0.95, 0.95], 400, 400), goal);
});

test("gliding is steady, never overshoots and lands exactly", () => {
  const goal = { x: 10, y: -4, k: 0.5 };
  let view = { x: 0, y: 0, k: 0.1 }, steps = 0;
  while (view !== goal && steps < 500) {
    const next = map.glide(view, goal, 1 / 30);
    assert.ok(next.x > view.x && next.x <= 10 && next.k > view.k && next.k <= 0.5);
    view = next;
    steps++;
  }
  assert.equal(view, goal);
  assert.ok(steps > 10 && steps < 120, `${steps}`);
});

test("mix goes from one place to the other", () => {
  assert.deepEqual([...map.mix([0, 10], [1, 20], 0.25, [0, 0])], [0.25, 12.5]);
});

test("a stream flows evenly, a lone frame eases out, and stillness is at once", () => {
  assert.equal(map.progress(125, 250), 0.5);
  assert.ok(map.progress(450, 900, true) > 0.8);
  assert.equal(map.progress(1, 0), 1);
  assert.equal(map.progress(300, 250), 1);
});

test("hit test: nearest visible within reach, the topmost of equals", () => {
  assert.equal(map.nearest(square, 0.9, 0.1, 0.5), 1);
  assert.equal(map.nearest(square, 0.5, 0.5, 0.1), -1);
  assert.equal(map.nearest(square, 0.9, 0.1, 2, (i) => i !== 1), 3);
  assert.equal(map.nearest(Float32Array.of(1, 1, 1, 1), 1, 1, 0.1), 1);
});

test("arrow keys walk to the neighbor in that direction, and stay at the edge", () => {
  assert.equal(map.toward(square, 0, 1, 0), 1);
  assert.equal(map.toward(square, 0, 0, 1), 2);
  assert.equal(map.toward(square, 3, -1, 0), 2);
  assert.equal(map.toward(square, 3, 1, 0), 3);
  assert.equal(map.toward(square, 0, 1, 0, (i) => i !== 1), 3);
});

test("a class is named at the median of its source points, and only where they gather", () => {
  const xy = Float32Array.of(0, 0, 0.1, 0, 0, 0.1, 10, 10, -10, 10, 0, -10, 9, -9, -9, 1, 99, 99);
  const labels = Int16Array.of(0, 0, 0, 1, 1, 1, 1, 1, 0), isTarget = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1);
  const [tight, scattered, absent] = map.anchors(xy, labels, isTarget, 3);
  assert.equal(tight.sure, 1);
  assert.ok(tight.wide < 0.2 && scattered.wide > 5);
  assert.ok(Math.abs(tight.x) < 0.11 && Math.abs(tight.y) < 0.11);
  assert.equal(scattered.sure, 0);
  assert.equal(absent.sure, 0);
});

const points = {
  n: 2, classes: ["cat", "<b>dog</b>"], domains: ["photos", "art"], labels: Int16Array.of(0, -1), isTarget: Uint8Array.of(0, 1),
  width: 2, vectors: Float32Array.of(1, 2, 3, 4),
};

test("a point is described by truth, prediction, domain and coordinates", () => {
  assert.deepEqual(map.describe(points, Int16Array.of(1, 1), 0),
    [["true", "cat"], ["predicted", "<b>dog</b> ✗"], ["domain", "source: photos"], ["x", "1.00, 2.00"]]);
  assert.deepEqual(map.describe({ ...points, width: 0 }, Int16Array.of(1, 1), 1),
    [["class", "not known"], ["predicted", "<b>dog</b>"], ["domain", "target: art"]]);
  assert.deepEqual(map.describe({ ...points, width: 0 }, new Int16Array(0), 0), [["true", "cat"], ["domain", "source: photos"]]);
});

test("accuracies are of the shown and labeled, source and target apart", () => {
  const four = { labels: Int16Array.of(0, 1, 1, -1), isTarget: Uint8Array.of(0, 0, 1, 1) };
  assert.deepEqual(map.accuracies(four, Int16Array.of(0, 0, 1, 1)), [0.5, 1]);
  assert.deepEqual(map.accuracies(four, Int16Array.of(0, 0, 1, 1), (i) => i !== 1), [1, 1]);
  assert.deepEqual(map.accuracies(four, new Int16Array(0)), [null, null]);
  assert.deepEqual(map.accuracies({ ...four, labels: Int16Array.of(-1, -1, -1, -1) }, Int16Array.of(0, 0, 1, 1)), [null, null]);
});

test("the summary says what there is, what has changed, and which class lies widest apart", () => {
  assert.match(map.summary(null), /No points/);
  assert.match(map.summary(points, null), /Press Play/);
  const told = { shown: 1, now: [0.96, 0.5], before: [0.96, 0.25], worst: "cat", gap: 0.4321 };
  assert.equal(map.summary(points, { step: 7, note: "replay" }, told), "Map of 1 of 2 points after step 7, replay. Rightly predicted: "
    + "96 % of the source points, 50 % (was 25 %) of the target points. Widest apart on the map: class cat, centers 0.43 of the spread.");
  assert.equal(map.summary(points, { step: 7, note: "" }), "Map of 2 points after step 7.");
});

test("silence is spoken of only while playing, or when no answer ever came", () => {
  const well = { playing: true, stalled: false, silence: 1, answered: true };
  assert.equal(map.newsOf(well), "");
  assert.equal(map.newsOf({ ...well, playing: false, stalled: true, silence: 99 }), "");
  assert.match(map.newsOf({ ...well, silence: 7 }), /No news for 7 s/);
  assert.match(map.newsOf({ ...well, stalled: true }), /busy in another cell/);
  assert.match(map.newsOf({ ...well, playing: false, answered: false, silence: 9 }), /No answer/);
  assert.equal(map.newsOf({ ...well, answered: false, playing: false }), "");
});

test("a name stands above a dense class and amid a loose one, and moves without a jump", () => {
  assert.equal(map.lift(60), 0);
  assert.ok(map.lift(6) >= 6 + 10);
  for (let px = 0; px < 60; px++) assert.ok(Math.abs(map.lift(px + 1) - map.lift(px)) < 5);
});

test("of many names only those with room are written, and of few all", () => {
  const boxes = Array.from({ length: 14 }, (_, c) => ({ c, x: 5 * c, y: 0, w: 9, h: 10 }));
  assert.deepEqual(map.uncrowded(boxes).map(({ c }) => c), [0, 2, 4, 6, 8, 10, 12]);
  assert.deepEqual(map.uncrowded(boxes.map((box) => ({ ...box, y: 11 * (box.c % 2) }))).length, 14);
  assert.equal(map.uncrowded(boxes.slice(0, 12)).length, 12);
});

test("names move with their classes from frame to frame", () => {
  const to = [{ x: 4, y: 0, wide: 2, sure: 1 }];
  assert.deepEqual(map.namesBetween([{ x: 0, y: 8, wide: 0, sure: 0 }], to, 0.25), [{ x: 1, y: 6, wide: 0.5, sure: 0.25 }]);
  assert.deepEqual(map.namesBetween(null, to, 0.25), to);
});

test("markers shrink in a crowd, grow for a projector and never vanish", () => {
  assert.equal(map.markerRadius(300, true), 1.5 * map.markerRadius(300));
  assert.ok(map.markerRadius(100) > map.markerRadius(1000));
  assert.ok(map.markerRadius(1e6) >= 2.5);
});

test("several points in one place are no map", () => {
  assert.equal(map.isFlat(Float32Array.of(2, 3, 2, 3, 2, 3)), true);
  assert.equal(map.isFlat(Float32Array.of(2, 3, 2, 3, 2, 3.5)), false);
  assert.equal(map.isFlat(Float32Array.of(3, 3)), false, "a single point may stand alone");
});

test("what comes in a rush is told once, the latest, and at the end at once: a picture drawn anew in another language needs it", async () => {
  const heard = [], call = map.calmed((value) => heard.push(value), 5), wait = (ms) => new Promise((done) => setTimeout(done, ms));
  call(1); call(2);
  await wait(20);
  assert.deepEqual(heard, [2]);
  call(3); call(4); call.end();
  assert.deepEqual(heard, [2, 4]);
  call.end();
  await wait(20);
  assert.deepEqual(heard, [2, 4]);
});
