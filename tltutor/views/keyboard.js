// Keys inside a board or a card of a notebook: plain ones stay, Escape and Shift Enter lead out, and who stands on a control that falls asleep is not lost.

/** @typedef {{ key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean }} Key */

/**
 * Whether a key is kept from the notebook around, where the arrow keys walk the cells and D D deletes one.
 * @type {(key: Omit<Key, "key" | "shiftKey">) => boolean}
 */
export function staysHere({ ctrlKey, metaKey, altKey }) {
  return !ctrlKey && !metaKey && !altKey;
}

/**
 * The cell that a key leads to: Escape to the one around, Shift Enter to the next, which it does not run; null for a key that leads nowhere.
 * @type {<Cell extends Element>(key: Key, cell: Cell | null) => Cell | null}
 */
export function wayOut({ key, shiftKey, ctrlKey, metaKey, altKey }, cell) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Escape") return cell;
  return key === "Enter" && shiftKey ? /** @type {typeof cell} */ (cell?.nextElementSibling ?? cell) : null;
}

/** Whether an element that had the focus cannot keep it. @type {(element: Element | null) => boolean} */
function asleep(element) {
  return Boolean(/** @type {HTMLButtonElement | null} */ (element)?.disabled) || element?.checkVisibility?.() === false;
}

/** Keep the keys of this place, and its focus; returns what ends that. @type {(place: HTMLElement) => () => void} */
export function keepKeys(place) {
  /** @type {() => HTMLElement | null} */
  const cell = () => place.closest(".jp-Cell");
  const ending = new AbortController(), options = { signal: ending.signal };
  /** @type {Element | null} */
  let last = null;
  // Jupyter Notebook 7 takes its shortcuts before a key arrives here, but none from an element that is marked so.
  globalThis.addEventListener?.("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (place.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", staysHere(event));
  }, { ...options, capture: true });
  place.addEventListener("focusin", (event) => { last = /** @type {Element} */ (event.target); }, options);
  // Who goes on is on the way already: a menu that closes behind them calls nobody back.
  place.addEventListener("focusout", (event) => {
    const next = /** @type {Element | null} */ (event.relatedTarget);
    if (next) last = place.contains(next) ? next : null;
  }, { ...options, capture: true });
  place.addEventListener("keydown", (event) => {
    if (!staysHere(event)) return;
    event.stopPropagation();
    const used = event.defaultPrevented || document.activeElement !== event.target; // a menu closed, a mark dropped
    const goal = used ? null : wayOut(event, cell());
    if (goal) { event.preventDefault(); goal.focus({ preventScroll: event.key === "Escape" }); }
  }, options);
  const watch = new MutationObserver(() => {
    if (asleep(last) && [last, document.body].includes(document.activeElement)) cell()?.focus({ preventScroll: true });
  });
  watch.observe(place, { attributes: true, attributeFilter: ["disabled", "hidden", "style"], subtree: true });
  return () => { ending.abort(); watch.disconnect(); };
}
