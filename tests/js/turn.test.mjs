// The map turned to its picture: which angle, and when another one is worth a turn.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { bestTurn, bounds, turned } = await load("points/geometry");

/** An upright, thin cloud: 200 points, 1 wide and 4 high. */
const upright = Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? 4 * ((i * 7919) % 400) / 400 : ((i * 104729) % 400) / 400));

test("turning keeps distances, and a quarter turn swaps the sides", () => {
  const out = turned(Float32Array.of(3, 4, 0, 1), Math.PI / 2);
  assert.deepEqual(Array.from(out, (v) => Math.round(v * 1e6) / 1e6 + 0), [-4, 3, -1, 0]);
  assert.equal(turned(upright, 0), upright, "nothing is copied where nothing turns");
});

test("an upright cloud lies down in a wide picture, and stays as it is in a high one", () => {
  const angle = bestTurn(upright, 0, 600, 300), box = bounds(turned(upright, angle));
  assert.ok((box[2] - box[0]) / (box[3] - box[1]) > 2, "its long side lies along the picture's");
  assert.equal(bestTurn(upright, 0, 300, 600), 0);
});

test("a small gain is not worth a turn, and a map that lies well stays", () => {
  const angle = bestTurn(upright, 0, 600, 300);
  assert.equal(bestTurn(upright, angle, 600, 300), angle);
  assert.equal(bestTurn(upright, 0, 600, 300, 100), 0);
  assert.equal(bestTurn(Float32Array.of(1, 2), 0.5, 600, 300), 0.5, "one point lies well");
  assert.equal(bestTurn(upright, 0, 0, 0), 0, "a picture without a size asks for nothing");
});

test("many points are judged by some of them", () => {
  const many = new Float32Array(40000 * 2);
  for (let i = 0; i < 40000; i++) { many[2 * i] = (i * 7919) % 100; many[2 * i + 1] = (i * 104729) % 400; }
  const angle = bestTurn(many, 0, 600, 300);
  assert.ok(Math.abs(Math.sin(angle)) > 0.8);
});
