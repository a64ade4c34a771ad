// The small pure functions of the timeline and of the board's frame.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const timeline = await load("timeline");
const keyboard = await load("keyboard");
const foot = await load("foot");

const STEPS = [0, 0, 0, 1, 5, 9]; // of the frames: the map warms up before the first step

test("the timeline's right end is live, and stays so while the run goes on", () => {
  assert.deepEqual(timeline.thumb(STEPS, -1, 9), [9, 9]);
  assert.deepEqual(timeline.thumb(STEPS, -1, 32), [32, 32]);
  assert.deepEqual(timeline.thumb(STEPS, 4, 32), [32, 5]);
  assert.deepEqual(timeline.thumb(STEPS, 99, 32), [32, 9]);
  assert.deepEqual(timeline.thumb([], -1, 0), [0, 0]);
});

test("a step means the last frame that was taken until then; the looks before the first step are one place", () => {
  assert.deepEqual([0, 1, 4, 5, 8].map((step) => timeline.meant(step, STEPS)), [2, 3, 3, 4, 4]);
  assert.deepEqual([9, 20].map((step) => timeline.meant(step, STEPS)), [-1, -1]);
});

test("the timeline says where it stands, and how old the map is", () => {
  assert.equal(timeline.words([], -1, 0), "nothing recorded yet");
  assert.equal(timeline.words(STEPS, -1, 9), "live");
  assert.equal(timeline.words(STEPS, -1, 1032), "live · map: 1,023 steps ago");
  assert.equal(timeline.words(STEPS, 4, 1032), "step 5 of 1,032");
});

test("arrows go from frame to frame, and the frames of one step are one", () => {
  assert.deepEqual([0, 1, 5].map((step) => timeline.neighborStep(STEPS, step, 20, 1)), [1, 5, 9]);
  assert.equal(timeline.neighborStep(STEPS, 9, 20, 1), 20);
  assert.deepEqual([20, 9, 1].map((step) => timeline.neighborStep(STEPS, step, 20, -1)), [9, 5, 0]);
});

test("plain keys stay on the board; those with a modifier go on to the notebook", () => {
  assert.equal(keyboard.staysHere({ key: "d" }), true);
  assert.equal(keyboard.staysHere({ key: "ArrowUp", shiftKey: true }), true);
  assert.equal(keyboard.staysHere({ key: "s", ctrlKey: true }), false);
});

test("Escape leads to the cell around, Shift Enter to the next one, other keys nowhere", () => {
  const next = {}, cell = { nextElementSibling: next }, last = { nextElementSibling: null };
  assert.equal(keyboard.wayOut({ key: "Escape" }, cell), cell);
  assert.equal(keyboard.wayOut({ key: "Enter", shiftKey: true }, cell), next);
  assert.equal(keyboard.wayOut({ key: "Enter", shiftKey: true }, last), last);
  assert.equal(keyboard.wayOut({ key: "Enter", shiftKey: true }, null), null);
  for (const event of [{ key: "Enter" }, { key: "d" }, { key: "Escape", ctrlKey: true }]) assert.equal(keyboard.wayOut(event, cell), null);
});

/** A place in a cell, with the page around it: what it hears, what got the focus, what the observer is told. */
function inhabited() {
  const heard = {}, focused = [], seen = {}, focus = (name) => ({ focus: (how) => focused.push([name, how]) });
  const cell = { ...focus("cell"), nextElementSibling: focus("next") };
  const place = { closest: () => cell, contains: (one) => one.ours, addEventListener: (kind, hear) => { heard[kind] = hear; } };
  globalThis.document = { body: {}, activeElement: null };
  globalThis.MutationObserver = class { constructor(hear) { seen.changed = hear; } observe() {} disconnect() { seen.ended = true; } };
  const button = { disabled: false, checkVisibility: () => true }, end = keyboard.keepKeys(place);
  document.activeElement = button;
  heard.focusin({ target: button });
  const press = (key, more = {}) => {
    const did = [];
    heard.keydown({ key, target: button, stopPropagation: () => did.push("kept"), preventDefault: () => did.push("used"), ...more });
    return did;
  };
  return { button, focused, seen, heard, end, press };
}

test("keys are kept from the notebook, and two of them lead out", () => {
  const { focused, press } = inhabited();
  assert.deepEqual([press("d"), press("s", { ctrlKey: true })], [["kept"], []]);
  assert.deepEqual(focused, []);
  assert.deepEqual([press("Escape"), press("Enter", { shiftKey: true })], [["kept", "used"], ["kept", "used"]]);
  assert.deepEqual(focused, [["cell", { preventScroll: true }], ["next", { preventScroll: false }]]);
});

test("plain keys are kept from shortcuts that are taken before a key arrives, on what they are pressed on and nowhere else", () => {
  let first = null, how = null;
  globalThis.addEventListener = (kind, act, options) => { if (kind === "keydown") { first = act; how = options.capture; } };
  const inside = {}, outside = {}, marked = [], target = (of) => ({ of, toggleAttribute: (name, on) => marked.push([of, name, on]) });
  globalThis.MutationObserver = class { observe() {} disconnect() {} };
  keyboard.keepKeys({ closest: () => null, addEventListener() {}, contains: ({ of }) => of === inside });
  delete globalThis.addEventListener;
  first({ key: "d", target: target(inside) });
  first({ key: "s", ctrlKey: true, target: target(inside) });
  first({ key: "d", target: target(outside) });
  assert.equal(how, true);
  assert.deepEqual(marked, [[inside, "data-lm-suppress-shortcuts", true], [inside, "data-lm-suppress-shortcuts", false]]);
});

test("an Escape that has closed something leads nowhere", () => {
  const { focused, press } = inhabited();
  press("Escape", { defaultPrevented: true });
  press("Escape", { target: {} }); // a menu that has given the focus back to its button
  assert.deepEqual(focused, []);
});

test("a control that falls asleep, or vanishes, hands the focus to the cell; another's sleep does not", () => {
  for (const change of [{ disabled: true }, { checkVisibility: () => false }]) {
    const { button, focused, seen } = inhabited();
    seen.changed();
    assert.deepEqual(focused, []);
    Object.assign(button, change);
    document.activeElement = document.body;
    seen.changed();
    assert.deepEqual(focused.map(([name]) => name), ["cell"]);
    document.activeElement = {};
    seen.changed();
    assert.equal(focused.length, 1);
  }
});

test("who goes on from a menu that closes behind them is not called back", () => {
  for (const next of [{ ours: true }, { ours: false }]) {
    const { button, focused, seen, heard } = inhabited();
    document.activeElement = document.body; // as it is while the focus moves
    heard.focusout({ target: button, relatedTarget: next });
    button.checkVisibility = () => false;
    seen.changed();
    assert.deepEqual(focused, []);
    document.activeElement = button;
  }
});

test("jumps go from tick to tick, and beyond the last to the ends", () => {
  const at = [3, 7, 3];
  assert.equal(timeline.jump(at, 0, 10, 1), 3);
  assert.equal(timeline.jump(at, 3, 10, 1), 7);
  assert.equal(timeline.jump(at, 7, 10, 1), 10);
  assert.equal(timeline.jump(at, 7, 10, -1), 3);
  assert.equal(timeline.jump(at, 2, 10, -1), 0);
  assert.equal(timeline.jump([], 5, 10, 1), 10);
});

test("a tick's words are read where the thumb stands on its frame's step", () => {
  const ticks = [[3, "weight 1 → 0.2", "change"], [3, "lr 0.1 → 0.2", "change"], [20, "late", "change"]];
  assert.equal(timeline.said(ticks, STEPS, 1), "weight 1 → 0.2; lr 0.1 → 0.2");
  assert.equal(timeline.said(ticks, STEPS, 4), "");
  assert.equal(timeline.said(ticks, STEPS, 9), "late");
});

test("a tick stands over the middle of the thumb", () => {
  assert.equal(timeline.tickPlace(0, 10), "calc(0.00% + 5.00px)");
  assert.equal(timeline.tickPlace(5, 10), "calc(50.00% + 0.00px)");
  assert.equal(timeline.tickPlace(10, 10), "calc(100.00% + -5.00px)");
  assert.equal(timeline.tickPlace(11, 10), "calc(100.00% + -5.00px)");
});

test("the link's chip says why there is none", () => {
  assert.equal(foot.offer("tl1:abc", "").disabled, false);
  assert.deepEqual(foot.offer("", "got your own pair"), { text: "Copy link", title: "got your own pair", disabled: true });
});

const header = await load("header");
const strip = await load("strip");
const said = await load("said");

test("options stand in the groups that they name, in their order", () => {
  const options = [["Source only", "a", "Baselines"], ["MMD", "b", "Distances"], ["CORAL", "c", "Distances"], ["mine", "d"]];
  assert.deepEqual(header.grouped(options), [["Baselines", [["Source only", "a"]]], ["Distances", [["MMD", "b"], ["CORAL", "c"]]], ["", [["mine", "d"]]]]);
  assert.deepEqual(header.grouped([]), []);
});

test("parameters are counted in few characters", () => {
  assert.deepEqual([64, 640, 2432, 38544, 11180000].map(strip.countWords), ["64", "640", "2.43k", "38.5k", "11.2M"]);
});

test("a gradient's arrow is as wide as its norm's root, beside the largest one", () => {
  assert.deepEqual([strip.arrowWidth(4, 4), strip.arrowWidth(1, 4), strip.arrowWidth(0, 4)], [7, 4, 0]);
  assert.equal(strip.arrowWidth(0, 0), 0);
});

test("each kind of branch has its words, and each owner of BatchNorm's statistics", () => {
  for (const kind of ["none", "labels", "distance", "discriminator", "heads", "predictions", "teacher", "statistics", "decoder"]) {
    const [title, sentence] = strip.branchWords(kind);
    assert.ok(title && sentence.endsWith("."), kind);
  }
  for (const owner of ["separate", "joint", "source"]) assert.match(strip.ownerWords(owner), /^BatchNorm: /);
  assert.equal(strip.ownerWords(""), "");
});

test("the status line's end: a remark first, else why Play sleeps, else what to do", () => {
  const ready = { note: "", state: "ready" };
  assert.equal(said.remarkOf({ ...ready, note: "weight 1 → 2" }, "Commit first"), "weight 1 → 2");
  assert.equal(said.remarkOf(ready, "Commit first"), "Commit first");
  assert.equal(said.remarkOf(ready, ""), "press Play to train");
  assert.equal(said.remarkOf({ note: "", state: "playing" }, ""), "");
});

test("the arrows say whose gradients flow, and whether they pull against each other", () => {
  assert.equal(strip.arrowWords(0, 0, null), "");
  assert.match(strip.arrowWords(2, 3, -0.5), /task\n.*transfer term\nthey pull against each other \(cos -0.50\)/);
  assert.match(strip.arrowWords(2, 3, 0.5), /the same way/);
  assert.match(strip.arrowWords(2, 3, 0), /across/);
  assert.doesNotMatch(strip.arrowWords(2, 0, null), /cos|transfer/);
});
