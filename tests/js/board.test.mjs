// The small pure functions of the timeline and of the board's frame.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const timeline = await load("timeline");
const board = await load("board");

test("the timeline's right end is live, and stays so while frames come", () => {
  assert.deepEqual(timeline.thumb(10, -1), [9, 9]);
  assert.deepEqual(timeline.thumb(20, 4), [19, 4]);
  assert.deepEqual(timeline.thumb(3, 7), [2, 2]);
  assert.deepEqual(timeline.thumb(0, -1), [0, 0]);
  assert.equal(timeline.meant(9, 9), -1);
  assert.equal(timeline.meant(4, 9), 4);
});

test("the timeline says where it stands", () => {
  assert.equal(timeline.words(0, -1), "nothing recorded yet");
  assert.equal(timeline.words(12, -1), "live · 12 frames");
  assert.equal(timeline.words(12, 3), "frame 4 of 12");
});

test("plain keys stay on the board; those with a modifier, and Shift Enter, go on to the notebook", () => {
  assert.equal(board.staysHere({ key: "d" }), true);
  assert.equal(board.staysHere({ key: "ArrowUp", shiftKey: true }), true);
  assert.equal(board.staysHere({ key: "s", ctrlKey: true }), false);
  assert.equal(board.staysHere({ key: "Enter", shiftKey: true }), false);
});
