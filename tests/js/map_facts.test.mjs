// What is counted and measured on the map: selections, confusions, centroids, regions, strengths.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const names = ["centroids", "legend", "painter", "panel", "regions", "selection", "voice", "words"];
const map = Object.assign({}, ...(await Promise.all(names.map((name) => load(`points/${name}`)))));
const square = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1);
const points = { n: 4, classes: ["a", "b", "c"], domains: ["s", "t"], labels: Int16Array.of(0, 1, -1, 1), isTarget: Uint8Array.of(0, 0, 1, 1) };
const predictions = Int16Array.of(0, 0, 2, 1);

test("a box holds what lies inside, drawn from any corner, and only what is shown", () => {
  for (const box of [[-1, -1, 0.5, 2], [0.5, 2, -1, -1], [-1, 2, 0.5, -1]]) assert.deepEqual(map.rowsInBox(square, box), [0, 2]);
  assert.deepEqual(map.rowsInBox(square, [-1, -1, 2, 2], (i) => i > 1), [2, 3]);
});

test("a lasso holds what lies inside, also where it bends inward", () => {
  const bent = [0, 0, 10, 0, 10, 10, 5, 2, 0, 10]; // a notch from above down to (5, 2)
  assert.equal(map.inside(bent, 5, 1), true);
  assert.equal(map.inside(bent, 5, 5), false);
  assert.equal(map.inside(bent, 1, 5), true);
  assert.equal(map.inside(bent, -1, 5), false);
  assert.deepEqual(map.rowsInLasso(Float32Array.of(5, 1, 5, 5, 1, 5), bent, (i) => i < 2), [0]);
});

test("a class is taken whole, as far as it is shown", () => {
  assert.deepEqual(map.rowsOfClass(points.labels, 1), [1, 3]);
  assert.deepEqual(map.rowsOfClass(points.labels, 1, (i) => i !== 1), [3]);
});

test("a selection is counted by domain, and by error among the labeled", () => {
  assert.deepEqual(map.tally(points, predictions, [0, 1, 2, 3]), { source: 2, target: 2, wrong: 1, judged: 3 });
  assert.deepEqual(map.tally(points, [], [2]), { source: 0, target: 1, wrong: 0, judged: 0 });
  assert.equal(map.selectionWords({ source: 2, target: 1, wrong: 1, judged: 3 }), "2\u00a0source · 1\u00a0target · 1\u00a0wrong");
  assert.equal(map.selectionWords({ source: 2, target: 1, wrong: 0, judged: 0 }), "2\u00a0source · 1\u00a0target");
});

test("what is wrong comes first in a list", () => {
  assert.deepEqual(map.wrongFirst(points, predictions, [0, 1, 2, 3]), [1, 0, 2, 3]);
});

test("a confusion counts true by predicted, and leaves out what has no label", () => {
  assert.deepEqual(map.confusion(points, predictions, [0, 1, 2, 3]), { classes: [0, 1], counts: [[1, 0], [1, 1]] });
  assert.deepEqual(map.confusion(points, [], [0, 1]), { classes: [], counts: [] });
});

test("two answers are counted over the same classes, and what moved between them is found", () => {
  const labels = Int16Array.of(0, 0, 1, 1, -1), before = Int16Array.of(0, 2, 1, 0, 0), after = Int16Array.of(0, 0, 1, 1, 1), rows = [0, 1, 2, 3, 4];
  const { classes, counts } = map.confusions({ labels }, [before, after], rows);
  assert.deepEqual(classes, [0, 1, 2]);
  assert.deepEqual(counts, [[[1, 0, 1], [1, 1, 0], [0, 0, 0]], [[2, 0, 0], [0, 2, 0], [0, 0, 0]]]);
  assert.deepEqual(map.confusions({ labels }, [[], after], rows), { classes: [], counts: [[], []] });
  assert.deepEqual(map.rowsThatMoved({ labels }, before, after, rows, [0, 0]), [1]);
  assert.deepEqual(map.rowsThatMoved({ labels }, before, after, rows, [1, 0]), [3]);
  assert.deepEqual(map.rowsThatMoved({ labels }, before, after, rows, [1, 1]), [3]);
  assert.deepEqual(map.rowsThatMoved({ labels }, before, after, [0, 2], [1, 1]), []);
});

test("a confusion of many classes keeps the commonest and adds up the rest", () => {
  const labels = Int16Array.of(5, 5, 5, 3, 3, 1, 0), guesses = Int16Array.of(5, 5, 3, 3, 3, 0, 0), rows = [0, 1, 2, 3, 4, 5, 6];
  const { classes, counts } = map.confusion({ labels }, guesses, rows, 2);
  assert.deepEqual(classes, [3, 5, -1]);
  assert.deepEqual(counts, [[2, 0, 0], [1, 2, 0], [0, 0, 2]]);
  const late = Int16Array.of(2, 2, 2, 1, 1, 0);
  assert.deepEqual(map.confusion({ labels: late }, late, [0, 1, 2, 3, 4, 5], 2), { classes: [1, 2, -1], counts: [[2, 0, 0], [0, 3, 0], [0, 0, 1]] });
});

test("centers are means by class and domain, their gap a share of the map's spread", () => {
  const xy = Float32Array.of(0, 0, 0, 2, 3, 1, 9, 9), four = { ...points, labels: Int16Array.of(0, 0, 0, 2), isTarget: Uint8Array.of(0, 0, 1, 0) };
  const [a, b, c] = map.centroids(four, xy);
  assert.deepEqual([a.source, a.target], [{ x: 0, y: 1, n: 2 }, { x: 3, y: 1, n: 1 }]);
  const mean = [3, 3], square2 = [[0, 0], [0, 2], [3, 1], [9, 9]].reduce((sum, [x, y]) => sum + (x - mean[0]) ** 2 + (y - mean[1]) ** 2, 0) / 4;
  assert.ok(Math.abs(a.gap - 3 / Math.sqrt(square2)) < 1e-12);
  assert.deepEqual([b.source, b.target, b.gap], [null, null, null]);
  assert.deepEqual([c.target, c.gap], [null, null]);
});

test("a gap does not change when the map is shifted, turned or magnified", () => {
  const xy = Float32Array.of(0, 0, 0, 2, 3, 1, 9, 9), four = { ...points, labels: Int16Array.of(0, 0, 0, 2), isTarget: Uint8Array.of(0, 0, 1, 0) };
  const turned = xy.map((_, i) => (i % 2 ? 5 * xy[i - 1] - 7 : -5 * xy[i + 1] + 100));
  assert.ok(Math.abs(map.centroids(four, xy)[0].gap - map.centroids(four, turned)[0].gap) < 1e-6);
});

test("what has no label, or one without a name, belongs to no center", () => {
  const three = { ...points, labels: Int16Array.of(-1, 7, 0), isTarget: Uint8Array.of(0, 1, 0) };
  assert.deepEqual(map.centroids(three, Float32Array.of(5, 5, 6, 6, 1, 2)).map(({ source, target }) => [source, target]), [[{ x: 1, y: 2, n: 1 }, null], [null, null], [null, null]]);
});

test("points in one place have no spread and no gap", () => {
  assert.equal(map.centroids({ ...points, labels: Int16Array.of(0, 0), isTarget: Uint8Array.of(0, 1) }, Float32Array.of(1, 1, 1, 1))[0].gap, null);
});

test("the widest class is named, unless all lie close", () => {
  assert.equal(map.widest([{ gap: 0.2 }, { gap: 0.9 }, { gap: null }]), 1);
  assert.equal(map.widest([{ gap: 0.1 }, { gap: 0.05 }]), -1);
  assert.equal(map.widest([]), -1);
  assert.match(map.gapWords(0.456, true), /^Widest apart: its .* 0\.46 .*not in feature space/);
  assert.match(map.gapWords(0.1, false), /^Its /);
  assert.equal(map.gapWords(null, false), "");
});

test("regions are painted in runs that cover each cell once, and nothing where there is no class", () => {
  const grid = Int16Array.of(0, 0, 1, 2, 2, 2, -1, 1, 1), found = map.runs(grid), covered = new Int16Array(9).fill(-1);
  assert.equal(found.length, 4);
  for (const [row, from, to, c] of found) for (let column = from; column < to; column++) covered[3 * row + column] = c;
  assert.deepEqual([...covered], [...grid]);
});

test("borders run between the cells' centers, slanted at corners, and meet where three classes do", () => {
  assert.deepEqual(map.borders(Int16Array.of(0, 1, 0, 1)), [[1, 0.5, 1, 1.5]]);
  assert.deepEqual(map.borders(Int16Array.of(0, 0, 1, 1)), [[0.5, 1, 1.5, 1]]);
  assert.deepEqual(map.borders(Int16Array.of(1, 0, 0, 0)), [[1, 0.5, 0.5, 1]]);
  assert.equal(map.borders(Int16Array.of(0, 1, 2, 3)).length, 4);
  assert.deepEqual(map.borders(new Int16Array(9)), []);
});

test("what is hidden is not drawn, what is not meant stands back, what is meant stands out", () => {
  const strong = (about) => Array.from(map.strengths(points, { mask: Uint8Array.of(1, 1, 1, 1), predictions, ...about }, new Float32Array(4)), (a) => Number(a > 0.5));
  assert.deepEqual(strong({}), [1, 1, 1, 1]);
  assert.deepEqual(strong({ fade: true }), [0, 1, 0, 0]);
  assert.deepEqual(strong({ lit: { what: "class", key: 1 } }), [0, 1, 0, 1]);
  assert.deepEqual(strong({ lit: { what: "domain", key: 1 } }), [0, 0, 1, 1]);
  assert.deepEqual(strong({ chosen: Uint8Array.of(0, 0, 1, 0) }), [0, 0, 1, 0]);
  assert.deepEqual(strong({ quiet: true }), [0, 0, 0, 0]);
  assert.deepEqual(strong({ quiet: true, chosen: Uint8Array.of(1, 0, 0, 0) }), [1, 0, 0, 0]);
  assert.deepEqual([...map.strengths(points, { mask: Uint8Array.of(0, 1, 1, 1), predictions }, new Float32Array(4))].map(Boolean), [false, true, true, true]);
});

test("a point without a picture is listed by its class, and by what it is taken for", () => {
  assert.equal(map.judgedWords(points, predictions, 0), "a");
  assert.equal(map.judgedWords(points, predictions, 1), "b → a");
  assert.equal(map.judgedWords(points, predictions, 2), "?");
});

test("a summary that comes too soon after another is said when the pause is over, as the map then is", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const said = [], voice = Object.assign(Object.create(map.Voice.prototype), { saidAt: -Infinity, tell: (text) => said.push(text.match(/step (\d)/)[1]) });
  const canvas = { setAttribute() {} }, filter = { mask: [1, 1, 1, 1], shows: () => true };
  const shown = { points, filter, canvas, worst: -1, frame: { predictions, step: 1, note: "" } };
  voice.describe(shown);
  for (const step of [2, 3]) { shown.frame = { ...shown.frame, step }; voice.describe(shown); }
  assert.deepEqual(said, ["1"]);
  context.mock.timers.tick(10000);
  assert.deepEqual(said, ["1", "3"]);
  context.mock.timers.tick(60000);
  assert.deepEqual(said, ["1", "3"]);
});

test("the remark says how many points are laid out and how many are misplaced, where there is something to say", () => {
  const legend = Object.create(map.Legend.prototype), say = (share, laidOut) => { legend.remark = {}; legend.trust(share, laidOut); return [legend.remark.textContent, legend.remark.title.split("\n").length]; };
  assert.deepEqual(say(0, 0), ["", 1]);
  assert.deepEqual(say(0.124, 0), ["12 % misplaced", 1]);
  assert.deepEqual(say(0.001, 2000), ["2,000 laid out · 1 % misplaced", 2]);
  say(0, 2000);
  assert.match(legend.remark.title, /^The map lays out 2,000 points; each of the others stands by/);
});
