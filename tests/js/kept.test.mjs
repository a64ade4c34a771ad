// The kept picture of a large map's points: where it lies in another view, and when it is painted anew.
import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./dom.mjs";
import { load } from "./load.mjs";

const { Kept, moved, worthKeeping } = await load("points/kept"), { place } = await load("points/viewport");

test("a picture that is shown again lies where its points would be painted", () => {
  const was = { x: 1, y: -2, k: 0.1 }, is = { x: 3, y: 0.5, k: 0.04 }, [width, height] = [300, 200];
  const [left, top, wide, tall] = moved(was, is, width, height);
  for (const [x, y] of [[1, -2], [4, 7], [-3, 0.25]]) {
    const [px, py] = place(was, width, height, x, y), there = place(is, width, height, x, y);
    assert.ok(Math.abs(left + (px / width) * wide - there[0]) < 1e-9);
    assert.ok(Math.abs(top + (py / height) * tall - there[1]) < 1e-9);
  }
});

/** A kept picture, and what was painted and shown. */
function kept() {
  page();
  const log = [], picture = { width: 30, height: 20 }, made = new Kept(), context = { canvas: picture, drawImage: (_, ...at) => log.push(["shown", ...at]) };
  document.createElement = () => ({ getContext: () => ({ setTransform() {} }) });
  const show = (view, about = {}) => made.show(context, { view, width: 30, height: 20, scale: 1, stale: false, byHand: true, now: 0, ...about }, () => log.push(["painted"]));
  return { log, picture, made, show, did: () => log.splice(0).map(([what]) => what) };
}

const HOME = { x: 0, y: 0, k: 1 }, AWAY = { x: 5, y: 0, k: 1 };

test("while a hand moves the view the picture is shown again, and painted when it rests", () => {
  const { log, show, did } = kept();
  assert.equal(show(HOME), false);
  assert.deepEqual(did(), ["painted", "shown"]);
  assert.equal(show(HOME, { now: 20 }), false);
  assert.deepEqual(did(), ["shown"], "nothing has changed");
  assert.equal(show(AWAY, { now: 40 }), true, "a picture is owed");
  assert.deepEqual(log, [["shown", -5, 0, 30, 20]]);
  did();
  assert.equal(show(AWAY, { now: 100, stale: true }), true, "frames that come meanwhile wait, too");
  assert.deepEqual(did(), ["shown"]);
  assert.equal(show(AWAY, { now: 200 }), false);
  assert.deepEqual(did(), ["painted", "shown"]);
});

test("what has changed is painted at once where no hand moves the view", () => {
  const { show, did, picture, made } = kept();
  show(HOME); did();
  show(HOME, { stale: true, now: 500 });
  assert.deepEqual(did(), ["painted", "shown"]);
  show(AWAY, { byHand: false, now: 501 });
  assert.deepEqual(did(), ["painted", "shown"], "a map that frames itself");
  picture.width = 60;
  show(AWAY, { now: 1000 });
  assert.deepEqual(did(), ["painted", "shown"], "another size");
  made.clear();
  show(AWAY, { now: 1001 });
  assert.deepEqual(did(), ["painted", "shown"], "other points");
});

test("few points are not worth it", () => {
  assert.deepEqual([600, 2000, 2001].map(worthKeeping), [false, false, true]);
});
