// A page that begins anew by itself: once somebody has touched it and then nobody for a while, with a warning before.
/** @typedef {{ get: (name: string) => any }} Model */

const WARNING = 10; // seconds before
const TOUCHES = ["pointerdown", "pointermove", "wheel", "keydown"];

/** What is to be said so many seconds after the last touch: "" for nothing, null to begin anew. @type {(rest: number, idle: number, words: string) => string | null} */
export function due(rest, idle, words) {
  const left = Math.ceil(idle - rest);
  if (left <= 0) return null;
  return left <= Math.min(WARNING, idle / 2) ? words.replace("{seconds}", String(left)) : "";
}

/** The page's kernel ends with the page: the next one has its own, and each takes the memory of PyTorch. @type {(id: string) => Promise<void>} */
async function endKernel(id) {
  const about = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
  try {
    await fetch(`${about.baseUrl ?? "/"}api/kernels/${id}${location.search}`, { method: "DELETE" }); // the token is in the address
  } catch { /* the server culls it later */ }
}

/** @param {{ model: Model, el: HTMLElement }} place */
function render({ model, el }) {
  const note = el.appendChild(Object.assign(document.createElement("div"), { className: "tlt-kiosk", hidden: true }));
  note.setAttribute("role", "status");
  /** @type {number | null} */
  let touched = null; // a page that nobody has touched stays as it is
  const touch = () => { touched = performance.now(); };
  for (const name of TOUCHES) window.addEventListener(name, touch, { capture: true, passive: true });
  const clock = setInterval(() => {
    if (touched === null) return;
    const said = due((performance.now() - touched) / 1000, model.get("idle"), model.get("words"));
    if (said === null) { clearInterval(clock); void endKernel(model.get("kernel")).finally(() => location.reload()); }
    note.hidden = !said;
    if (said !== null && note.textContent !== said) note.textContent = said;
  }, 500);
  return () => {
    clearInterval(clock);
    for (const name of TOUCHES) window.removeEventListener(name, touch, { capture: true });
  };
}

export default { render };
