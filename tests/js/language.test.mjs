// The words of a page: translated by their English, with values put in.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { mark, speak, t } = await load("language");
const words = await load("points/words");
const timeline = await load("timeline");
const { pointsOf } = await load("map");

test.afterEach(() => speak({}));

test("a text is its own translation until there is one", () => {
  assert.equal(t("Lasso"), "Lasso");
  speak({ Lasso: "套索" });
  assert.equal(t("Lasso"), "套索");
  assert.equal(t("Fit"), "Fit");
  assert.equal(mark("Lasso"), "Lasso");
  speak(undefined);
  assert.equal(t("Lasso"), "Lasso");
});

test("values are put in once: one that looks like a hole stays as it is", () => {
  speak({ "{a} of {b}": "{b} 中的 {a}" });
  assert.equal(t("{a} of {b}", { a: "{b}", b: 0 }), "0 中的 {b}");
  assert.equal(t("{a} and {c}", { a: 1 }), "1 and {c}");
});

test("what is said of points and of the timeline speaks the language in use", () => {
  const points = { n: 1, labels: [0], isTarget: [1], domains: ["a", "b"], classes: ["cat"], width: 0 };
  speak({ true: "真实", predicted: "预测", domain: "域", target: "目标域", "{part}: {name}": "{part}：{name}", "step {step} of {all}": "第 {step} 步，共 {all} 步" });
  assert.deepEqual(words.describe(points, [0], 0), [["真实", "cat"], ["预测", "cat ✓"], ["域", "目标域：b"]]);
  assert.equal(timeline.words([0, 4], 1, 12), "第 4 步，共 12 步");
});

test("classes that have a translation are shown in the language in use, and keep the name that the kernel knows", () => {
  const about = { n: 2, classes: ["left", "my own"], domains: ["a", "b"] }, model = { get: (name) => (name === "about" ? about : undefined) };
  speak({ left: "左" });
  assert.deepEqual([pointsOf(model).classes, pointsOf(model).names], [["左", "my own"], ["left", "my own"]]);
  speak({});
  assert.deepEqual(pointsOf(model).classes, ["left", "my own"]);
});
