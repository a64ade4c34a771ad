// What the board needs of the page and no kernel widget can say: shortcuts kept off, sliders named, the way narrow pages stack.

/** Give every slider handle the name of its row, and as its value the number that stands beside it. */
export function nameSliders(board) {
  for (const handle of board.querySelectorAll(".noUi-handle")) {
    const row = handle.closest(".widget-slider"), label = row?.querySelector(".widget-label"), value = row?.querySelector(".widget-readout");
    if (label) handle.setAttribute("aria-label", label.textContent);
    if (value) handle.setAttribute("aria-valuetext", value.textContent);
  }
}

/** Whether a key is the board's alone: else the arrow keys walk the notebook's cells, and D D deletes one. */
export function staysHere({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return !ctrlKey && !metaKey && !altKey && !(shiftKey && key === "Enter");
}

function render({ el }) {
  let names = null;
  const begin = () => {
    const board = el.closest(".tlt-board");
    if (!board) return;
    board.addEventListener("keydown", (event) => { if (staysHere(event)) event.stopPropagation(); });
    board.setAttribute("role", "group");
    board.setAttribute("aria-label", "Live transfer learning");
    names = new MutationObserver(() => nameSliders(board));
    names.observe(board.querySelector(".tlt-controls-place") ?? board, { childList: true, subtree: true });
    nameSliders(board);
  };
  const soon = setTimeout(begin, 0);
  return () => { clearTimeout(soon); names?.disconnect(); };
}

export default { render };
