// Explains the words of a lesson where they are used: links to #word-… in its notebook, on hover and on keyboard focus; keeps the panel's keys.
import { keepKeys } from "./keyboard.js";

/** The id of the word that an element, or what it lies in, links to; null where it links to none. */
export function wordOf(element) {
  const link = element?.closest?.('a[href*="#word-"]');
  return link ? decodeURIComponent(link.getAttribute("href").split("#word-")[1]) : null;
}

/** Left and top of a tip below a word, inside the window; above it where there is no room below. */
export function placed(word, tip, view) {
  const left = Math.max(8, Math.min(word.left, view.width - tip.width - 8));
  const below = word.bottom + 6;
  return { left, top: below + tip.height < view.height ? below : Math.max(8, word.top - tip.height - 6) };
}

function makeTip() {
  const tip = document.createElement("div"), name = document.createElement("b"), text = document.createElement("span");
  tip.className = "tlt-word-tip";
  tip.setAttribute("role", "tooltip");
  tip.id = `tlt-word-tip-${Math.random().toString(36).slice(2)}`;
  tip.hidden = true;
  tip.append(name, " ", text);
  document.body.append(tip);
  return { tip, name, text };
}

function render({ model, el }) {
  let home = null, end = null;
  const { tip, name, text } = makeTip();

  const hide = () => { tip.hidden = true; };
  const show = (event) => {
    const told = model.get("words")[wordOf(event.target)];
    if (!told) return hide();
    const link = event.target.closest("a");
    [name.textContent, text.textContent] = told;
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    const { left, top } = placed(link.getBoundingClientRect(), tip.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
    tip.style.left = `${left}px`;
    tip.style.top = `${top}px`;
  };
  const stay = (event) => { if (wordOf(event.target)) event.preventDefault(); }; // a click explains; it leads nowhere
  const escape = (event) => { if (event.key === "Escape") hide(); };
  const heard = [["mouseover", show], ["focusin", show], ["mouseout", hide], ["focusout", hide], ["click", stay], ["keydown", escape]];

  const soon = setTimeout(() => {
    home = el.closest(".jp-Notebook") ?? document.body;
    const panel = el.closest(".tlt-lesson");
    if (panel) end = keepKeys(panel);
    for (const [kind, hear] of heard) home.addEventListener(kind, hear);
  }, 0);
  return () => {
    clearTimeout(soon);
    end?.();
    for (const [kind, hear] of heard) home?.removeEventListener(kind, hear);
    tip.remove();
  };
}

export default { render };
