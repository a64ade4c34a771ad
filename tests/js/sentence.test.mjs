// The words of a text that are underlined.
import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./dom.mjs";
import { load } from "./load.mjs";

const { sentence, strongest } = await load("points/sentence");
const TEXT = "😀 a bad, bad film";
const WORDS = { row: 3, label: 0, spans: [[0, 1], [2, 3], [4, 7], [9, 12], [13, 17]], shares: [0.1, -0.9, 1, 0.5, 0.19] };

test("the words that speak most for the class are underlined where they stand, the strongest thickest", () => {
  const place = page(), box = sentence(place, TEXT, WORDS), marked = box.all("u");
  assert.equal(box.textContent, TEXT);
  assert.deepEqual(marked.map((word) => word.textContent), ["bad", "bad"]);
  assert.deepEqual(marked.map((word) => word.style.textDecorationThickness), ["3px", "2px"]);
  assert.equal(box.children[0], "😀 a "); // characters are counted as Python does
});

test("at most five words are underlined, in the order of the text", () => {
  const shares = [0.3, 1, 0.9, 0.4, 0.5, 0.6], spans = shares.map((_, i) => [2 * i, 2 * i + 1]);
  assert.deepEqual(strongest({ row: 0, label: 0, spans, shares }).map((word) => word.start), [2, 4, 6, 8, 10]);
});

test("nothing is underlined before the words are known", () => {
  assert.equal(sentence(page(), TEXT).all("u").length, 0);
});
