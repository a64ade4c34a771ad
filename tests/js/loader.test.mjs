// What every board brings: the program is taken once in a page, by whichever board has it, and asked for where none has.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

const FILE = new URL("../../tltutor/views/loader.js", import.meta.url);
const PROGRAM = `
globalThis.loads = (globalThis.loads ?? 0) + 1;
export class Hub { constructor(model, early) { Object.assign(this, { model, early: [...early] }); } }
export const show = (hub, el, plan) => { el.shown = [hub, plan]; return () => { el.shown = null; }; };
`;

let pages = 0, blobs = 0;

// Node takes no module from a blob: here its text is the address, which is another for each blob.
globalThis.Blob = class { constructor([text]) { this.text = text; } };
URL.createObjectURL = ({ text }) => `data:text/javascript,${encodeURIComponent(`${text}// ${++blobs}`)}`;

/** The loader as a page has it; each call is another version, and so another page. */
async function loaded(version = `v${++pages}`) {
  const text = (await readFile(FILE, "utf-8")).replace("VERSION\"", `${version}"`);
  globalThis.loads = 0;
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

/** A board's widget; `tells` is the kernel's message. */
function widget(key, { program = "", home = "kernel", plan = "board" } = {}) {
  const heard = new Set(), sent = [];
  return {
    sent, heard, get: (name) => ({ key, program, home, plan })[name],
    on: (_, act) => heard.add(act), off: (_, act) => heard.delete(act), send: (content) => sent.push(content),
    tells: (content, buffers = []) => { for (const act of [...heard]) act(content, buffers); },
  };
}

const place = () => ({ dataset: {} });

const later = (ms) => new Promise((done) => setTimeout(done, ms));

test("the file says where its version stands", async () => {
  assert.match(await readFile(FILE, "utf-8"), /"tltutor VERSION"/);
});

test("a board that brings the program shows at once, and another takes it from the page", async () => {
  const { initialize, render } = await loaded(), one = widget("a", { program: PROGRAM }), two = widget("b", { plan: "compare" });
  initialize({ model: two });
  initialize({ model: one });
  const places = [place(), place()], ends = [await render({ model: one, el: places[0] }), await render({ model: two, el: places[1] })];
  assert.equal(globalThis.loads, 1);
  assert.deepEqual(places.map(({ shown: [hub, plan] }) => [hub.model, plan]), [[one, "board"], [two, "compare"]]);
  assert.deepEqual(places.map(({ dataset }) => dataset.tltLive), ["a", "b"], "so that each one's still is not seen");
  ends[0]();
  assert.equal(places[0].shown, null);
  await later(450);
  assert.deepEqual([one.sent, two.sent], [[], []], "nobody had to ask");
});

test("two views of one board share its hub; a board that goes and comes again gets another", async () => {
  const { initialize, render } = await loaded(), model = widget("a", { program: PROGRAM }), places = [place(), place(), place()];
  const gone = initialize({ model });
  for (const el of places.slice(0, 2)) await render({ model, el });
  assert.equal(places[0].shown[0], places[1].shown[0]);
  gone();
  await render({ model, el: places[2] });
  assert.notEqual(places[2].shown[0], places[0].shown[0]);
});

test("what the kernel says before the program is there is kept for the hub", async () => {
  const { initialize, render } = await loaded(), model = widget("a"), el = place();
  initialize({ model });
  model.tells({ to: "map", kind: "set", content: {}, number: 1 }, ["x"]);
  const other = widget("b", { program: PROGRAM });
  initialize({ model: other });
  await render({ model, el });
  assert.deepEqual(el.shown[0].early, [[{ to: "map", kind: "set", content: {}, number: 1 }, ["x"]]]);
  assert.equal(model.heard.size, 0, "from now on the hub listens");
});

test("where no board brings it, they ask the kernel after a while, and one answer serves all", async () => {
  const { initialize, render } = await loaded(), one = widget("a"), two = widget("b"), places = [place(), place()];
  initialize({ model: one }); initialize({ model: two });
  await later(450);
  for (const { sent } of [one, two]) assert.deepEqual(sent, [{ kind: "open", program: true }], "whoever still lives answers");
  one.tells({ kind: "whole", program: PROGRAM, parts: {} });
  two.tells({ kind: "whole", program: PROGRAM, parts: {} });
  await Promise.all([one, two].map((model, i) => render({ model, el: places[i] })));
  assert.equal(globalThis.loads, 1);
  assert.equal(places[0].shown[0].early[0][0].kind, "whole");
});

test("each kernel's boards have a program of their own, since a program speaks one language", async () => {
  const { initialize, render } = await loaded(), one = widget("a", { program: PROGRAM }), two = widget("b", { program: PROGRAM, home: "other" });
  const places = [place(), place()];
  for (const [i, model] of [one, two].entries()) { initialize({ model }); await render({ model, el: places[i] }); }
  assert.equal(globalThis.loads, 2);
  assert.notEqual(places[0].shown[0].constructor, places[1].shown[0].constructor);
});
