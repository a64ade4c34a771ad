// The curves' pure functions.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const curves = { ...(await load("curves")), ...(await load("charts/scales")) };

test("series are cut out of one buffer", () => {
  const view = new DataView(Float32Array.of(1, 0.5, 2, 0.25, 1, 9).buffer);
  assert.deepEqual(curves.decodeSeries([["a", 2], ["b", 1], ["c", 0]], view), { a: [[1, 0.5], [2, 0.25]], b: [[1, 9]], c: [] });
  assert.deepEqual(curves.decodeSeries([], null), {});
});

test("a telling that leaves a gap is not taken", () => {
  assert.equal(curves.follows({ kind: "more", number: 1 }, 0), true);
  assert.equal(curves.follows({ kind: "more", number: 7 }, 4), false);
  assert.equal(curves.follows({ kind: "more", number: 4 }, 4), false);
  assert.equal(curves.follows({ kind: "all", number: 7 }, 4), true);
});

test("accuracies stand above, losses below, in plain words", () => {
  assert.equal(curves.chartOf("target_accuracy"), 0);
  assert.equal(curves.chartOf("task"), 1);
  assert.equal(curves.spoken("target_accuracy"), "target");
  assert.equal(curves.spoken("accuracy"), "accuracy");
  assert.equal(curves.spoken("domain_probe_accuracy"), "probe", "short enough to stand whole beside its curve");
  assert.equal(curves.spoken("loss/domain_discriminator"), "domain discriminator");
});

test("an axis ends at a round number and so rests for long", () => {
  assert.deepEqual([0.7, 1, 1.2, 21, 299, 301, 0].map(curves.roundUp), [0.8, 1, 1.5, 30, 300, 400, 1]);
});

test("ticks are round and inside", () => {
  assert.deepEqual(curves.ticks(0, 1, 2), [0, 0.5, 1]);
  assert.deepEqual(curves.ticks(0, 300, 4), [0, 100, 200, 300]);
  assert.deepEqual(curves.ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(curves.decades(0.01, 10), [0.01, 0.1, 1, 10]);
  assert.ok(curves.decades(1e-9, 1e3).length <= 6);
});

test("the loss axis is linear from 0, logarithmic over a wide positive span, and holds negative values", () => {
  assert.deepEqual(curves.lossRange([0.5, 1, 1.9]), { low: 0, high: 2, log: false });
  const wide = curves.lossRange([0.003, 0.05, 4]);
  assert.deepEqual([wide.log, wide.low.toFixed(3), wide.high.toFixed(3)], [true, "0.001", "10.000"]);
  assert.equal(curves.lossRange([0.003, 0.05, 4], "linear").log, false);
  assert.equal(curves.lossRange([0.5, 1, 1.9], "log").log, true);
  assert.equal(curves.lossRange([-0.01, 1], "log").log, false);
  assert.ok(curves.lossRange([-0.01, 1]).low <= -0.01);
  assert.deepEqual(curves.lossRange([]), { low: 0, high: 1, log: false });
});

test("one spike does not flatten the rest", () => {
  const values = Array.from({ length: 200 }, () => 1);
  values[50] = 1e6;
  assert.ok(curves.lossRange(values).high < 3);
});

test("along an axis, linear and logarithmic, and not far outside", () => {
  assert.equal(curves.along(0.5, { low: 0, high: 2, log: false }), 0.25);
  assert.ok(Math.abs(curves.along(1, { low: 0.01, high: 100, log: true }) - 0.5) < 1e-12);
  assert.equal(curves.along(99, { low: 0, high: 1, log: false }), 1.04);
  assert.equal(curves.along(0, { low: 0.1, high: 1, log: true }), -0.02);
});

test("smoothing keeps a constant and halves noise, and begins unbiased", () => {
  assert.ok(curves.smooth([[1, 3], [2, 3], [3, 3]], 5).every(([, value]) => Math.abs(value - 3) < 1e-12));
  const noisy = curves.smooth(Array.from({ length: 100 }, (_, i) => [i, i % 2]), 10);
  assert.ok(Math.abs(noisy.at(-1)[1] - 0.5) < 0.1);
});

test("the nearest point in step order", () => {
  const points = [[1, 0], [5, 0], [9, 0]];
  assert.deepEqual([0, 4, 8, 100].map((step) => curves.nearestAt(points, step)), [0, 1, 2, 2]);
  assert.equal(curves.nearestAt([], 3), -1);
  assert.equal(curves.nearestAt([[4, 1]], 3), 0);
});

test("labels keep their distance, their order and the frame", () => {
  assert.deepEqual(curves.spread([50, 51, 20], 13, 0, 100), [50, 63, 20]);
  const crowded = curves.spread([99, 98, 97], 13, 0, 100);
  assert.deepEqual(crowded, [100, 87, 74]);
});

test("numbers are short", () => {
  assert.deepEqual([0.12345, 1.2345, 12.345, 123.45, 0.00001, 0].map(curves.short), ["0.123", "1.23", "12.3", "123", "1.0e-5", "0.000"]);
  assert.deepEqual([0, 0.5, 1000, 1500, 2e6].map(curves.tickText), ["0", "0.5", "1k", "1.5k", "2M"]);
});

test("letters are darker than their line on a light ground, lighter on a dark one", () => {
  assert.equal(curves.mixed("#009E73", [0, 0, 0], 0.3), "rgb(0 111 81)");
  assert.equal(curves.mixed("#009E73", [255, 255, 255], 0), "rgb(0 158 115)");
  assert.equal(curves.mixed("#000000", [255, 255, 255], 1), "rgb(255 255 255)");
});
