// Explains the words of a lesson where they are used: links to #word-… in its notebook, on hover and on keyboard focus.
import { dress } from "./style.js";
/** @import { Channel, LessonValues } from "./types.js" */

/**
 * The id of the word that an element, or what it lies in, links to; null where it links to none.
 * @type {(element: EventTarget | null) => string | null}
 */
export function wordOf(element) {
  const link = /** @type {Element | null} */ (element)?.closest?.('a[href*="#word-"]');
  return link ? decodeURIComponent(String(link.getAttribute("href")).split("#word-")[1]) : null;
}

/**
 * Left and top of a tip below a word, inside the window; above it where there is no room below.
 * @type {(word: { left: number, top: number, bottom: number }, tip: { width: number, height: number }, view: { width: number, height: number }) => { left: number, top: number }}
 */
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
  dress(tip); // the lesson may lie in a shadow root of its own
  return { tip, name, text };
}

/** Explain the words of this part at their links in the notebook around; returns what ends that. @type {(model: Channel<LessonValues>, el: HTMLElement) => () => void} */
export function explainWords(model, el) {
  /** @type {HTMLElement | null} */
  let home = null;
  const { tip, name, text } = makeTip();
  const hide = () => { tip.hidden = true; };
  /** @type {(event: Event) => boolean} Whether it comes from this part's notebook, which is known once the part is in the page. */
  const near = ({ target }) => {
    if (el.isConnected) home ??= el.closest(".jp-Notebook") ?? document.body;
    return home?.contains(/** @type {Node} */ (target)) ?? false;
  };
  /** @type {(event: Event) => void} */
  const show = (event) => {
    if (!near(event)) return;
    const told = model.get("words")[wordOf(event.target) ?? ""], link = /** @type {Element} */ (event.target).closest?.("a");
    if (!told || !link) return hide();
    [name.textContent, text.textContent] = told;
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    const { left, top } = placed(link.getBoundingClientRect(), tip.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
    tip.style.left = `${left}px`;
    tip.style.top = `${top}px`;
  };
  /** @type {(event: Event) => void} */
  const stay = (event) => { if (near(event) && wordOf(event.target)) event.preventDefault(); }; // a click explains; it leads nowhere
  /** @type {(event: KeyboardEvent) => void} */
  const escape = (event) => { if (event.key === "Escape") hide(); };
  /** @type {[kind: string, hear: (event: any) => void][]} */
  const heard = [["mouseover", show], ["focusin", show], ["mouseout", hide], ["focusout", hide], ["click", stay], ["keydown", escape]];
  for (const [kind, hear] of heard) document.addEventListener(kind, hear);
  return () => {
    for (const [kind, hear] of heard) document.removeEventListener(kind, hear);
    tip.remove();
  };
}
