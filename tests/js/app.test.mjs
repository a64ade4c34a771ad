// A whole board in a page: where its parts stand, which of them are hidden, and that another language reaches each.
import assert from "node:assert/strict";
import test from "node:test";
import { page, spoken } from "./dom.mjs";
import { load } from "./load.mjs";

const { Hub, show } = await load("app");

const HEADER = { options: { pair: [["a", "a"]], objective: [["«DANN»", "dann"]], projection: [["«PCA»", "pca"]], speed: [["«full»", 0]] }, chosen: { pair: "a", objective: "dann", projection: "pca", seed: 0, speed: 0 }, playing: false, reason: "" };
const STATUS = { shown: { state: "ready", step: 0, steps: 9, device: "cpu", rate: null, note: "" } };
const CONTROLS = { rows: [{ name: "lr", title: "«lr»", about: "«rate»", scale: "log", steps: [0.01, 0.1] }], values: { lr: 0.1 }, notes: {} };
const ERROR = { heading: "", details: "" }, TIMELINE = { steps: new Uint8Array(Int32Array.of(0, 4, 8).buffer), reached: 8, position: 1, ticks: [[1, "«lr»", "change"]], settled: "ready", chosen: {} };
const SHARED = { header: HEADER, status: STATUS, language: { title: "«中»", about: "«x»" }, timeline: TIMELINE };
const BOARD = { ...SHARED, error: ERROR, numbers: { numbers: {}, judging: false, chosen: {} }, controls: CONTROLS, foot: { link: "", reason: "", unfolded: false, folds: true, links: true }, map_controls: { rows: [], values: {}, notes: {} } };
const side = (i) => ({ [`header${i}`]: HEADER, [`compared${i}`]: { title: `«${i}»`, accuracy: null }, [`error${i}`]: ERROR, [`controls${i}`]: CONTROLS });

/** A board of these parts (all but map and curves, which paint), shown in a new page. */
function shown(parts, { plan = "board", words = {}, ...frame } = {}) {
  const el = page(), heard = [], sent = [], state = { parts: { frame: { hidden: [], presenter: false, ...frame }, ...parts }, number: 0, words };
  const hub = new Hub({ get: () => state, on: (_, act) => heard.push(act), send: ({ page: _, ...content }) => sent.push(content) });
  const end = show(hub, el, plan);
  return { el, hub, sent, end, board: el.children[0], tells: (content) => heard.forEach((act) => act(content)) };
}

const has = (board, name) => board.all(`.tlt-${name}`).length > 0;

test("the board is a named group with its style sheet, once in a page, and goes as a whole", () => {
  const { el, hub, board, end } = shown(BOARD);
  assert.deepEqual([board.getAttribute("role"), board.getAttribute("aria-label"), board.className], ["group", "Live transfer learning", "tlt-board"]);
  const again = show(hub, el, "board");
  assert.equal(document.head.all("style").length, 1);
  again(); end();
  assert.deepEqual(el.children, []);
  assert.equal(hub.retellers.size, 0);
  for (const channel of hub.channels.values()) for (const hearers of channel.hearers.values()) assert.equal(hearers.size, 0);
});

test("a presenter's board says so to its style sheet", () => {
  assert.equal(shown(BOARD, { presenter: true }).board.className, "tlt-board tlt-presenting");
  assert.equal(shown({ ...SHARED, ...side(0), ...side(1) }, { plan: "compare", presenter: true }).board.className, "tlt-board tlt-presenting");
});

test("a board has its parts in their places", () => {
  const { board } = shown(BOARD), [header, row, error, network, main, timeline, controls, folding] = board.children;
  assert.ok(has(header, "play") && has(row, "status") && has(row, "language") && has(controls, "row"));
  const names = [error, network, main, timeline, folding].map(({ className }) => className);
  assert.deepEqual(names, ["tlt-error-place", "tlt-network-place", "tlt-main", "tlt-time", "tlt-folding"]);
  assert.deepEqual(timeline.children.map(({ className }) => className), ["tlt-timeline-widget", "tlt-happenings-place"]);
  const [left, right] = main.children;
  assert.deepEqual(left.children.map(({ className }) => className), ["tlt-map-widget"]);
  assert.deepEqual(right.children.map(({ className }) => className), ["tlt-numbers-place", "tlt-curves-widget"]);
  assert.ok(has(folding, "foot"));
  assert.equal(folding.all(".tlt-controls")[0].hidden, true, "no settings of the map");
});

test("what is hidden is not drawn, so neither seen nor reached by a key", () => {
  const names = ["play", "seed", "network", "numbers", "curves", "timeline", "language"], { board } = shown(BOARD, { hidden: names });
  const places = ["play", "field-seed", "network-place", "numbers", "curves-widget", "timeline", "language"];
  assert.deepEqual(places.filter((name) => has(board, name)), []);
  assert.deepEqual(places.filter((name) => !has(shown(BOARD).board, name)), []);
  assert.ok(has(board, "step") && has(board, "status") && has(board, "row"));
  const both = shown({ ...SHARED, ...side(0), ...side(1) }, { plan: "compare", hidden: ["objective", "stop", "timeline", "language"] }).board;
  assert.deepEqual(["field-objective", "stop", "timeline", "language"].filter((name) => has(both, name)), []);
});

test("two side by side have one first row, one status and one timeline, and each its objective, title and sliders", () => {
  const { board, sent } = shown({ ...SHARED, ...side(0), ...side(1) }, { plan: "compare" });
  assert.deepEqual(["buttons", "status", "language", "timeline"].map((name) => board.all(`.tlt-${name}`).length), [1, 1, 1, 1]);
  const columns = board.all(".tlt-column");
  assert.deepEqual(columns.map((column) => column.all("b")[0].textContent), ["«0»", "«1»"]);
  assert.deepEqual(columns.map((column) => [column.all("select").length, column.all(".tlt-row").length, has(column, "play")]), [[1, 1, false], [1, 1, false]]);
  columns[1].all("select")[0].value = "dann";
  columns[1].all("select")[0].does("change");
  assert.deepEqual(sent.at(-1), { to: "header1", kind: "message", content: { kind: "choose", name: "objective", value: "dann" } });
});

test("another language reaches every word of the board, and what was chosen or typed stays", () => {
  const marked = new Proxy({}, { get: (_, text) => `«${text}»` }), { board, hub, tells } = shown(BOARD), link = board.all(".tlt-link-place")[0];
  assert.ok(link);
  const seed = board.all("input").find(({ type }) => type === "number");
  seed.value = "12"; seed.does("change");
  const listening = () => [...hub.channels.values()].flatMap(({ hearers }) => [...hearers.values()].map(({ size }) => size)), before = listening();
  tells({ to: "", kind: "words", content: marked, number: 1 });
  assert.equal(board.getAttribute("aria-label"), "«Live transfer learning»");
  for (const text of spoken(board)) assert.ok(/[«»]/.test(text) || /^(MMD²|cpu|a|[\d.,–−%\s]*)$/.test(text), text);
  assert.equal(seed.value, "12");
  assert.equal(board.all(".tlt-timeline").length, 1, "drawn anew, not twice");
  assert.deepEqual(listening(), before, "what was drawn before has ended");
});

test("what a lesson unlocks is drawn at once, and nothing is drawn anew where the same is said again", () => {
  const { board, hub, tells, end } = shown(BOARD, { hidden: ["curves", "timeline", "step"] }), old = board.all(".tlt-play")[0];
  tells({ to: "frame", kind: "set", number: 1, content: { hidden: ["curves", "timeline", "step"] } });
  assert.equal(board.all(".tlt-play")[0], old);
  tells({ to: "frame", kind: "set", number: 2, content: { hidden: ["curves"] } });
  assert.deepEqual(["play", "step", "timeline", "curves-widget"].map((name) => board.all(`.tlt-${name}`).length > 0), [true, true, true, false]);
  assert.equal(board.all(".tlt-header").length, 1, "the old parts went");
  end();
  assert.equal(hub.retellers.size, 0);
  for (const channel of hub.channels.values()) for (const hearers of channel.hearers.values()) assert.equal(hearers.size, 0);
});
