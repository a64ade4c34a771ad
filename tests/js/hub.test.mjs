// The page's end of a board's one widget: each part has its own values and messages, in order, and a page that missed something asks.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { Hub } = await load("hub"), { speak, t } = await load("language");

test.afterEach(() => speak({}));

/** A board's widget with these parts, its messages to the kernel, and `tells` for the kernel's. */
function widget(parts = {}, { number = 0, words = {} } = {}) {
  const heard = new Set(), sent = [], pages = new Set();
  return {
    sent, pages, get: (name) => ({ state: { parts, number, words } })[name],
    on: (event, act) => { assert.equal(event, "msg:custom"); heard.add(act); }, off: (_, act) => heard.delete(act),
    send: ({ page, ...content }) => { sent.push(content); if (page) pages.add(page); },
    tells: (content, buffers) => { for (const act of heard) act(content, buffers); },
  };
}

const set = (to, content, number) => ({ to, kind: "set", content, number });

/** A hub, its widget, and a log of what a part hears. */
function made(parts, about) {
  const model = widget(parts, about), hub = new Hub(model), log = [];
  const watch = (name, ...values) => { for (const value of values) hub.channel(name).on(`change:${value}`, () => log.push([value, hub.channel(name).get(value)])); };
  return { model, hub, log, watch };
}

test("a part begins with its own values, and a part that there is not is none", () => {
  const { hub } = made({ status: { shown: { step: 3 } }, foot: { link: "x" } });
  assert.deepEqual(hub.channel("status").get("shown"), { step: 3 });
  assert.equal(hub.channel("foot").get("shown"), undefined);
  assert.equal(hub.channel("map"), undefined);
  assert.doesNotThrow(() => new Hub({ ...widget(), get: () => undefined }));
});

test("all values of a message are there before anyone hears of one", () => {
  const { model, hub } = made({ curves: { step: 0, note: "" } });
  const seen = [];
  for (const name of ["step", "note"]) hub.channel("curves").on(`change:${name}`, () => seen.push([hub.channel("curves").get("step"), hub.channel("curves").get("note")]));
  model.tells(set("curves", { step: 2, note: "two" }, 1));
  assert.deepEqual(seen, [[2, "two"], [2, "two"]]);
});

test("a buffer takes its place, in a part's values and in a message", () => {
  const { model, hub } = made({ map: { xy: null, about: {} } }), heard = [];
  hub.channel("map").on("msg:custom", (content, buffers) => heard.push([content, buffers]));
  model.tells(set("map", { xy: { buffer: 1 }, about: { n: 2 } }, 1), ["a", "b"]);
  model.tells({ to: "map", kind: "message", content: { kind: "all" }, number: 2 }, ["c"]);
  assert.deepEqual([hub.channel("map").get("xy"), hub.channel("map").get("about")], ["b", { n: 2 }]);
  assert.deepEqual(heard, [[{ kind: "all" }, ["c"]]]);
});

test("what a person does is shown at once, and comes to the kernel with the part's name", () => {
  const { model, hub, log, watch } = made({ timeline: { position: -1 }, foot: { unfolded: false } });
  watch("timeline", "position");
  const timeline = hub.channel("timeline");
  timeline.set("position", 4); timeline.save_changes();
  timeline.send({ kind: "branch", position: 4 });
  assert.deepEqual(log, [["position", 4]]);
  assert.deepEqual(model.sent, [
    { to: "timeline", kind: "set", content: { position: 4 }, answer: true }, { to: "timeline", kind: "message", content: { kind: "branch", position: 4 } },
  ]);
});

test("a page says who it is, and passes over what the others are told of its own words", () => {
  const { model, hub, log, watch } = made({ timeline: { position: -1 } });
  watch("timeline", "position");
  const timeline = hub.channel("timeline");
  timeline.set("position", 4); timeline.save_changes();
  const [page] = model.pages;
  assert.ok(page.length > 5);
  model.tells({ ...set("timeline", { position: 2 }, 1), but: page });
  assert.deepEqual([timeline.get("position"), log], [4, [["position", 4]]]);
  model.tells({ ...set("timeline", { position: 7 }, 2), but: "another" });
  assert.equal(timeline.get("position"), 7);
  assert.deepEqual(model.sent.filter(({ kind }) => kind === "open"), [], "nothing was missed");
});

const move = (name, value) => ({ to: "controls", kind: "message", content: { kind: "move", name, value } });

/** A hub whose kernel is busy with the first move of a slider. */
function busy() {
  const { model, hub } = made({ controls: { values: {} }, timeline: { position: -1 }, map: { sequence: 0, pulse: 0 } }), controls = hub.channel("controls");
  const slides = (name, value) => controls.sendLast({ kind: "move", name, value }, name);
  slides("lr", 1);
  assert.deepEqual(model.sent.splice(0), [{ ...move("lr", 1), answer: true }]);
  return { model, hub, slides, timeline: hub.channel("timeline") };
}

test("a busy kernel is told the last of many moves, of each slider, when it has heard the first", () => {
  const { model, slides, timeline } = busy();
  for (const value of [2, 3]) slides("lr", value);
  slides("weight", 7);
  for (const position of [4, 5]) { timeline.set("position", position); timeline.save_changes(); }
  assert.deepEqual(model.sent, []);
  model.tells({ kind: "heard" });
  assert.deepEqual(model.sent.splice(0), [move("lr", 3), move("weight", 7), { to: "timeline", kind: "set", content: { position: 5 }, answer: true }]);
  model.tells({ kind: "heard" });
  slides("lr", 4);
  assert.deepEqual(model.sent, [{ ...move("lr", 4), answer: true }]);
});

test("other values of one part wait together", () => {
  const { model, hub } = busy(), timeline = hub.channel("timeline");
  for (const [name, value] of [["position", 4], ["other", 1]]) { timeline.set(name, value); timeline.save_changes(); }
  model.tells({ kind: "heard" });
  assert.deepEqual(model.sent[0].content, { position: 4, other: 1 });
});

test("a press never overtakes the move before it, and frames are answered meanwhile", () => {
  const { model, hub, slides } = busy();
  slides("lr", 2);
  model.tells(set("map", { sequence: 1 }, 1));
  assert.deepEqual(model.sent.splice(0).map(({ content }) => content.kind), ["ack"]);
  hub.channel("controls").send({ kind: "other" });
  assert.deepEqual(model.sent.map(({ content }) => content.value ?? content.kind), [2, "other"]);
});

test("an answer that went lost holds nothing back for long", () => {
  const later = globalThis.setTimeout, waits = [];
  globalThis.setTimeout = (act, ms) => { waits.push([act, ms]); return 0; };
  try {
    const { model, slides } = busy();
    slides("lr", 2);
    const [[act, ms]] = waits;
    assert.ok(ms <= 5000);
    act();
    assert.deepEqual(model.sent, [{ ...move("lr", 2), answer: true }]);
  } finally { globalThis.setTimeout = later; }
});

test("who lets go hears no more", () => {
  const { model, hub, log } = made({ foot: { link: "" } });
  const hear = () => log.push("heard");
  hub.channel("foot").on("change:link", hear);
  hub.channel("foot").off("change:link", hear);
  hub.channel("foot").off("change:reason", hear);
  model.tells(set("foot", { link: "x" }, 1));
  assert.deepEqual(log, []);
});

test("what came before the program was there is taken in order, and what the state knew already is not", () => {
  const early = [[set("status", { step: 1 }, 4)], [set("status", { step: 2 }, 5)], [set("status", { step: 3 }, 6)], [{ to: "status", kind: "message", content: "hi", number: 7 }, []]];
  const model = widget({ status: { step: 9 } }, { number: 5 }), hub = new Hub(model, early);
  assert.equal(hub.channel("status").get("step"), 3);
  assert.equal(hub.number, 7);
  assert.deepEqual(model.sent, []);
  const known = new Hub(widget({ status: { step: 9 } }, { number: 6 }), early.slice(0, 3));
  assert.equal(known.channel("status").get("step"), 9);
});

test("a number that is missing is asked for once, with what is there taken; the answer is the whole", () => {
  const { model, hub, log, watch } = made({ status: { step: 0, note: "" }, map: { xy: 0 } });
  watch("status", "step");
  model.tells(set("status", { step: 1 }, 1));
  model.tells(set("status", { step: 3 }, 3));
  model.tells(set("status", { step: 6 }, 6));
  assert.deepEqual(model.sent, [{ kind: "open" }]);
  assert.deepEqual(log, [["step", 1], ["step", 3], ["step", 6]]);
  model.tells({ kind: "whole", number: 6, words: {}, parts: { status: { step: 6, note: "missed" }, map: { xy: { buffer: 0 } } } }, ["b"]);
  assert.deepEqual([hub.channel("status").get("note"), hub.channel("map").get("xy")], ["missed", "b"]);
  model.tells(set("status", { step: 7 }, 7));
  assert.equal(model.sent.length, 1);
  model.tells(set("status", { step: 9 }, 9));
  assert.equal(model.sent.length, 2, "another gap, another question");
});

test("an old number changes nothing, also after the whole", () => {
  const { model, hub } = made({ status: { step: 0 } }, { number: 3 });
  model.tells(set("status", { step: 1 }, 3));
  assert.equal(hub.channel("status").get("step"), 0);
  model.tells({ kind: "whole", number: 8, words: {}, parts: { status: { step: 8 } } });
  model.tells(set("status", { step: 7 }, 7));
  assert.equal(hub.channel("status").get("step"), 8);
  model.tells(set("status", { step: 9 }, 9));
  assert.deepEqual([hub.channel("status").get("step"), model.sent], [9, []]);
});

test("a part that this page does not know is passed over", () => {
  const { model, hub } = made({ status: { step: 0 } });
  model.tells(set("gone", { step: 1 }, 1));
  model.tells({ to: "gone", kind: "message", content: {}, number: 2 });
  model.tells({ kind: "whole", number: 2, words: {}, parts: { gone: { step: 1 } } });
  assert.equal(hub.number, 2);
  assert.deepEqual(model.sent, []);
});

test("words are spoken from the start, and other words are told all who show some", () => {
  const { model, hub } = made({}, { words: { Play: "播放" } }), told = [];
  assert.equal(t("Play"), "播放");
  const end = hub.onWords(() => told.push(t("Play")));
  model.tells({ to: "", kind: "words", content: {}, number: 1 });
  model.tells({ to: "", kind: "words", content: { Play: "播放" }, number: 2 });
  end();
  model.tells({ kind: "whole", number: 2, words: { Play: "x" }, parts: {} });
  assert.deepEqual(told, ["Play", "播放"]);
  assert.equal(t("Play"), "x");
});

test("frames and heartbeats are answered whether or not a map is in sight, on each side", () => {
  const { model } = made({ map0: { sequence: 0, pulse: 0 }, map1: { sequence: 0, pulse: 0 }, status: { step: 0 } });
  model.tells(set("map1", { xy: 1, sequence: 5 }, 1));
  model.tells(set("map0", { pulse: 1 }, 2));
  assert.deepEqual(model.sent, [
    { to: "map1", kind: "message", content: { kind: "ack", sequence: 5 } }, { to: "map0", kind: "message", content: { kind: "pulse" } },
  ]);
});
