// The card of a vote: where to answer, one button at a time, votes as bars once there are any, and a look once a second.
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { page } from "./dom.mjs";
import { load } from "./load.mjs";

const { Hub, show } = await load("board");
const OPEN = {
  kind: "Class vote", question: "Does it help?", options: ["yes", "no"], count: "3 have answered", join: { address: "http://10.0.0.2/r/AB", size: 9, path: "M1 1h1v1h-1z" },
  buttons: [["close", "Close the vote"]], lines: [], fold: "How the class voted", unfolded: false, remarks: [], note: {}, live: true, looked: 0,
};
const LINES = [["yes", false, [["votes: 1 · 25 %", 25], ["votes: 0 · 0 %", 0]]], ["no", true, [["votes: 3 · 75 %", 75], ["votes: 4 · 100 %", 100]]]];

function shown(values) {
  const el = page(), hears = [], sent = [], state = { parts: { vote: { ...OPEN, ...values } }, number: 0, words: {} };
  Object.assign(globalThis.document, { addEventListener() {}, removeEventListener() {} });
  const hub = new Hub({ get: () => state, on: (_, act) => hears.push(act), send: ({ page: _, answer: __, ...content }) => sent.push(content) });
  const end = show(hub, el, "cards");
  let number = 0;
  return { el, sent, end, says: (content) => hears.forEach((act) => act({ to: "vote", kind: "set", content, number: ++number }, [])) };
}

test("an open vote shows the address, its code and how many have answered; its button closes it, and a look follows each look", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const card = shown(), [link] = card.el.all("a"), [button] = card.el.all("button.tlt-commit"), [code] = card.el.all("svg");
  assert.deepEqual([link.href, link.textContent, code.getAttribute("aria-label")], [OPEN.join.address, OPEN.join.address, OPEN.join.address]);
  assert.deepEqual(code.children.map((part) => part.getAttribute("d")), [null, OPEN.join.path]);
  const [count] = card.el.all(".tlt-vote-count");
  assert.deepEqual([count.textContent, count.getAttribute("role"), button.textContent], ["3 have answered", "status", "Close the vote"]);
  assert.deepEqual(card.el.all("li").map((item) => item.textContent), ["yes", "no"]);
  assert.equal(card.el.all("details")[0].hidden, true);
  button.does("click");
  const message = (kind) => ({ to: "vote", kind: "message", content: { kind } });
  assert.deepEqual(card.sent, [message("close")]);
  mock.timers.tick(1000);
  mock.timers.tick(5000);
  assert.deepEqual(card.sent.slice(1), [message("look")], "no second look before the first was heard");
  card.says({ looked: 1, count: "4 have answered" });
  mock.timers.tick(1000);
  assert.deepEqual([count.textContent, card.sent.length], ["4 have answered", 3]);
  card.says({ looked: 2, live: false });
  mock.timers.tick(5000);
  assert.equal(card.sent.length, 3);
  card.says({ live: true });
  card.end();
  mock.timers.tick(5000);
  assert.equal(card.sent.length, 3, "a card that has gone asks no more");
  mock.timers.reset();
});

test("a closed vote shows bars of each round, marks what came true, and says what changed", () => {
  const card = shown({ live: false });
  card.says({ join: {}, buttons: [["again", "Vote a second time"]], lines: LINES, unfolded: true, remarks: ["2 changed."] });
  const [fold] = card.el.all("details"), rows = card.el.all("tr");
  assert.deepEqual([fold.hidden, fold.open, card.el.all(".tlt-vote-join")[0].hidden, card.el.all("svg").length], [false, true, true, 0]);
  assert.deepEqual(rows.map((row) => [row.className, row.children[0].textContent]), [["", "yes"], ["tlt-true", "✓ no"]]);
  assert.deepEqual(rows[1].all(".tlt-bar").map((bar) => bar.children[0].style.width), ["75%", "100%"]);
  assert.deepEqual(rows[1].all("span").map((span) => span.textContent), ["votes: 3 · 75 %", "votes: 4 · 100 %"]);
  assert.equal(card.el.all(".tlt-vote-options")[0].hidden, true);
  assert.ok(fold.textContent.includes("2 changed."));
  card.says({ note: { mood: "plain", lead: "", text: "The service does not answer." } });
  assert.equal(card.el.all("p.tlt-note")[0].textContent, "The service does not answer.");
});
