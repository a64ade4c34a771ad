// What the board needs of the page and no kernel widget can say: its keys kept, sliders named, the way narrow pages stack.
import { keepKeys } from "./keyboard.js";
import { retold, t } from "./language.js";

/** Give every slider handle the name of its row, and as its value the number that stands beside it. */
export function nameSliders(board) {
  for (const handle of board.querySelectorAll(".noUi-handle")) {
    const row = handle.closest(".widget-slider"), label = row?.querySelector(".widget-label"), value = row?.querySelector(".widget-readout");
    if (label) handle.setAttribute("aria-label", label.textContent);
    if (value) handle.setAttribute("aria-valuetext", value.textContent);
  }
}

function render({ el }) {
  let names = null, end = null;
  const begin = () => {
    const board = el.closest(".tlt-board");
    if (!board) return;
    end = keepKeys(board);
    board.setAttribute("role", "group");
    board.setAttribute("aria-label", t("Live transfer learning"));
    names = new MutationObserver(() => nameSliders(board));
    names.observe(board.querySelector(".tlt-controls-place") ?? board, { childList: true, subtree: true });
    nameSliders(board);
  };
  const soon = setTimeout(begin, 0);
  return () => { clearTimeout(soon); names?.disconnect(); end?.(); };
}

export default { render: retold(render) };
