// Keys inside a board or a card of a notebook: plain ones stay, Escape and Shift Enter lead out, and who stands on a control that falls asleep is not lost.

/** Whether a key is kept from the notebook around, where the arrow keys walk the cells and D D deletes one. */
export function staysHere({ ctrlKey, metaKey, altKey }) {
  return !ctrlKey && !metaKey && !altKey;
}

/** The cell that a key leads to: Escape to the one around, Shift Enter to the next, which it does not run; null for a key that leads nowhere. */
export function wayOut({ key, shiftKey, ctrlKey, metaKey, altKey }, cell) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Escape") return cell;
  return key === "Enter" && shiftKey ? cell?.nextElementSibling ?? cell : null;
}

/** Whether an element that had the focus cannot keep it. */
function asleep(element) {
  return Boolean(element?.disabled) || element?.checkVisibility?.() === false;
}

/** Keep the keys of this place, and its focus; returns what ends that. */
export function keepKeys(place) {
  const ending = new AbortController(), cell = () => place.closest(".jp-Cell"), options = { signal: ending.signal };
  let last = null;
  place.addEventListener("focusin", (event) => { last = event.target; }, options);
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
  watch.observe(place, { attributes: true, attributeFilter: ["disabled", "style"], subtree: true });
  return () => { ending.abort(); watch.disconnect(); };
}
