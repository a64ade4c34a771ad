// What every board brings: it finds its kernel's program in the page, or takes the one that a board of that kernel brought along.
// Kernels do not share it: each speaks its own language, and may have its own version.
const PATIENCE = 400; // ms until a board that finds no program asks the kernel for it

/** The page's one place for the program of a model's kernel: a promise of it, and `take(text)` for whoever brings it. */
function place(model) {
  const name = `tltutor ${model.get("kernel")}`;
  if (!globalThis[name]) {
    const found = { boards: new Map(), taken: false };
    found.program = new Promise((resolve) => {
      found.take = (text) => {
        if (found.taken) return;
        found.taken = true;
        resolve(import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));
      };
    });
    globalThis[name] = found;
  }
  return globalThis[name];
}

/** The hub of a board, once the program is there; what the kernel says before that is kept for it. */
function hubOf(model) {
  const { boards, program, take } = place(model), key = model.get("key");
  if (!boards.has(key)) {
    const early = [], hear = (content, buffers) => {
      if (content.program) take(content.program);
      early.push([content, buffers]);
    };
    model.on("msg:custom", hear);
    if (model.get("program")) take(model.get("program"));
    else setTimeout(() => { if (!place(model).taken) model.send({ kind: "open", program: true }); }, PATIENCE);
    boards.set(key, program.then(({ Hub }) => { model.off("msg:custom", hear); return new Hub(model, early); }));
  }
  return boards.get(key);
}

function initialize({ model }) {
  const key = model.get("key");
  hubOf(model);
  return () => { place(model).boards.delete(key); };
}

async function render({ model, el }) {
  const [hub, { show }] = await Promise.all([hubOf(model), place(model).program]);
  return show(hub, el, model.get("plan"));
}

export default { initialize, render };
