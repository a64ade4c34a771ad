// What cards have in common: a head, a button, places that are read aloud, and values that are drawn anew when they change.
import { element } from "./points/elements.js";
/** @import { Channel, Drawn } from "./types.js" */

/**
 * Draw by `show` now and whenever one of these values changes; what a part returns, whose words are values, too. act: what else ends it.
 * @type {<Values>(model: Channel<Values>, shows: [name: keyof Values & string, show: () => void][], act?: () => void) => Drawn}
 */
export function kept(model, shows, act = () => {}) {
  for (const [name, show] of shows) model.on(`change:${name}`, show);
  for (const show of new Set(shows.map(([, show]) => show))) show();
  return { retell() {}, end: () => { act(); for (const [name, show] of shows) model.off(`change:${name}`, show); } };
}

/** A place whose changes are read aloud. @type {(names: string, parent: Element) => HTMLElement} */
export function announced(names, parent) {
  const place = element("div", names, parent);
  place.setAttribute("role", "status");
  place.setAttribute("aria-live", "polite");
  return place;
}

/** A card's kind and what it asks, which is its name. @type {(el: HTMLElement) => { kind: HTMLElement, question: HTMLElement }} */
export function headed(el) {
  const kind = element("div", "tlt-kind", el), question = element("div", "tlt-question", el);
  question.id = `tlt-${Math.random().toString(36).slice(2)}`;
  el.setAttribute("role", "group");
  el.setAttribute("aria-labelledby", question.id);
  return { kind, question };
}

/** @type {(parent: Element, press: () => void) => HTMLButtonElement} */
export function commitButton(parent, press) {
  const button = element("button", "tlt-commit", parent);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}
