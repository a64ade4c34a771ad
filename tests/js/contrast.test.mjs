// Marks that can be seen on their paper: WCAG's contrast, and the edge that a pale color gets.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const colors = await load("points/colors");

test("contrast is WCAG's: 21 for black on white, 1 for a color on itself, and a known pair", () => {
  assert.ok(Math.abs(colors.contrast("#000000", "#ffffff") - 21) < 1e-9);
  assert.equal(colors.contrast("#E69F00", "#E69F00"), 1);
  assert.ok(Math.abs(colors.contrast("#777777", "#ffffff") - 4.48) < 0.01);
});

test("colors are read in each form that the palette has", () => {
  assert.deepEqual(colors.channels("#0072B2"), [0, 114, 178]);
  assert.deepEqual(colors.channels("rgb(21, 24, 28)"), [21, 24, 28]);
  assert.deepEqual(colors.channels("hsl(120 100% 50%)").map(Math.round), [0, 255, 0]);
  assert.deepEqual(colors.channels("hsl(210 50% 40%)").map(Math.round), [51, 102, 153]);
});

test("every class's mark, or its edge, stands out from the paper, light and dark", () => {
  for (const [dark, paper, ink] of [[false, "rgb(255, 255, 255)", "rgb(33, 33, 33)"], [true, "rgb(17, 17, 17)", "rgb(255, 255, 255)"]]) {
    let edges = 0;
    for (const color of colors.palette(40, dark)) {
      const edge = colors.edgeOf(color, paper, ink);
      if (edge) edges += 1;
      assert.ok(colors.contrast(edge ?? color, paper) >= 3, `${color} on ${paper}`);
    }
    assert.ok(edges > 0, "some colors are pale");
    assert.equal(colors.edgeOf(ink, paper, ink), null, "a strong color needs none");
  }
});

test("a page that is not in sight yet has no colors, and no edges", () => {
  assert.equal(colors.edgeOf("#E69F00", "", ""), null);
  assert.equal(colors.edgeOf("#E69F00", "rgb(255, 255, 255)", ""), null);
});

test("a picture that lost its size waits for another one", async () => {
  const { Viewport } = await load("points/viewport"), viewport = new Viewport();
  viewport.resize(200, 100);
  viewport.aim([0, 0, 1, 1], true);
  viewport.resize(0, 0);
  assert.equal(viewport.move(0.1, false), false);
  viewport.resize(200, 100);
  viewport.move(0.1, false);
  assert.ok(viewport.view.k > 0);
});
