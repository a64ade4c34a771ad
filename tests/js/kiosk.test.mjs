import assert from "node:assert/strict";
import test from "node:test";
import { due } from "../../tltutor/views/kiosk.js";

test("a kiosk is silent, then counts the seconds, then begins anew", () => {
  const said = (rest, idle = 60) => due(rest, idle, "in {seconds} s");
  assert.deepEqual([said(0), said(49.5), said(50), said(59.2), said(60), said(99)], ["", "", "in 10 s", "in 1 s", null, null]);
  assert.deepEqual([said(2, 5), said(3, 5), said(5, 5)], ["", "in 2 s", null]);
});
