// A card's button: a press waits for the kernel, so that it never overtakes the choice made before it.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const cards = await load("cards");

/** A card and the page's model of its frame, and a button in it (or elsewhere); what is sent is kept. */
function made({ disabled = false, elsewhere = false } = {}) {
  const listeners = {}, sent = [], handlers = {};
  const card = {
    addEventListener: (name, listener, capture) => { assert.equal(capture, true); listeners[name] = listener; },
    removeEventListener: (name) => { delete listeners[name]; },
  };
  const model = {
    send: (content) => sent.push(content.kind),
    on: (name, handler) => { handlers[name] = handler; },
    off: (name) => { delete handlers[name]; },
  };
  const button = { disabled, closest: (names) => (names === ".tlt-card" ? (elsewhere ? {} : card) : button) };
  const click = { target: { closest: () => button }, stopped: false, stopPropagation() { this.stopped = true; } };
  return { card, model, click, listeners, handlers, sent };
}

test("a press is sent, the button's own click is held back, and the answer commits", () => {
  const { card, model, click, listeners, handlers, sent } = made();
  cards.commits(card, model);
  listeners.click(click);
  assert.equal(click.stopped, true);
  assert.deepEqual(sent, ["press"]);
  handlers["msg:custom"]({ kind: "something" });
  assert.deepEqual(sent, ["press"]);
  handlers["msg:custom"]({ kind: "pressed" });
  assert.deepEqual(sent, ["press", "commit"]);
});

test("the answer to another view's press commits nothing here, nor does one press commit twice", () => {
  const { card, model, click, listeners, handlers, sent } = made();
  cards.commits(card, model);
  handlers["msg:custom"]({ kind: "pressed" });
  assert.deepEqual(sent, []);
  listeners.click(click);
  handlers["msg:custom"]({ kind: "pressed" });
  handlers["msg:custom"]({ kind: "pressed" });
  assert.deepEqual(sent, ["press", "commit"]);
});

test("other clicks pass: beside the button, on a sleeping one, on another card's", () => {
  for (const about of [{ disabled: true }, { elsewhere: true }]) {
    const { card, model, click, listeners, sent } = made(about);
    cards.commits(card, model);
    listeners.click(click);
    assert.equal(click.stopped, false);
    assert.deepEqual(sent, []);
  }
  const { card, model, listeners, sent } = made();
  cards.commits(card, model);
  listeners.click({ target: { closest: () => null } });
  assert.deepEqual(sent, []);
});

test("a card that goes listens no more", () => {
  const { card, model, listeners, handlers } = made();
  cards.commits(card, model)();
  assert.deepEqual([Object.keys(listeners), Object.keys(handlers)], [[], []]);
});
