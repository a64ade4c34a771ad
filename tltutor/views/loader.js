// What every board brings: it finds the board's program in the page, or takes the one that a board brought along.
/** @import { Bytes, Model } from "./types.js" */
/** @typedef {{ boards: Map<string, Promise<any>>, taken: boolean, program: Promise<any>, take: (text: string) => void }} Found */

const VERSIONED = "tltutor VERSION";
const PATIENCE = 400; // ms until a board that finds no program asks the kernel for it

/**
 * The page's one place for the program of a kernel's boards: a promise of it, and `take(text)` for whoever brings it.
 * @type {(model: Model) => Found}
 */
function place(model) {
  const name = `${VERSIONED} ${model.get("home")}`; // a program speaks one language, as a kernel does
  const page = /** @type {Record<string, any>} */ (globalThis);
  if (!page[name]) {
    /** @type {any} */
    const found = { boards: new Map(), taken: false };
    found.program = new Promise((resolve) => {
      found.take = (/** @type {string} */ text) => {
        if (found.taken) return;
        found.taken = true;
        resolve(import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));
      };
    });
    page[name] = found;
  }
  return page[name];
}

/** The hub of a board, once the program is there; what the kernel says before that is kept for it. @type {(model: Model) => Promise<any>} */
function hubOf(model) {
  const found = place(model), { boards, program, take } = found, key = model.get("key");
  if (!boards.has(key)) {
    /** @type {[any, Bytes[]][]} */
    const early = [];
    /** @type {(content: any, buffers: Bytes[]) => void} */
    const hear = (content, buffers) => {
      if (content.program) take(content.program);
      early.push([content, buffers]);
    };
    model.on("msg:custom", hear);
    if (model.get("program")) take(model.get("program"));
    else setTimeout(() => { if (!found.taken) model.send({ kind: "open", program: true }); }, PATIENCE);
    boards.set(key, program.then(({ Hub }) => { model.off("msg:custom", hear); return new Hub(model, early); }));
  }
  return /** @type {Promise<any>} */ (boards.get(key));
}

/** @type {(board: { model: Model }) => () => void} */
function initialize({ model }) {
  const key = model.get("key");
  hubOf(model);
  return () => { place(model).boards.delete(key); };
}

/** @type {(board: { model: Model, el: HTMLElement }) => Promise<() => void>} */
async function render({ model, el }) {
  el.dataset.tltLive = model.get("key"); // what stands for the board in a saved notebook is not seen beside it
  const [hub, { show }] = await Promise.all([hubOf(model), place(model).program]);
  return show(hub, el, model.get("plan"));
}

export default { initialize, render };
