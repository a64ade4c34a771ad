// What happened to the points from mark to mark, as a list that unfolds; a line leads to its step and selects its points.
import { t } from "./language.js";
import { element, toggle } from "./points/elements.js";
/** @import { Drawn, Happening, HappeningsValues, Place } from "./types.js" */
/** @typedef {[first: number, last: number, entries: [number: number, kind: Happening, n: number][]]} Span What happened between two steps. */

const SIGNS = { right: "✓", wrong: "✗", fooled: "⇄", caught: "◎", moved: "↗" };

/** What a line says. @type {(kind: Happening, n: number) => string} */
export function happeningWords(kind, n) {
  return {
    right: t("{n} of the target points became right", { n }),
    wrong: t("{n} of the target points turned wrong", { n }),
    fooled: t("{n} of the target points began to fool the discriminator", { n }),
    caught: t("{n} of the target points did not fool the discriminator any more", { n }),
    moved: t("{n} of the target points moved most on the map", { n }),
  }[kind];
}

/**
 * Lines of the same two steps together, in their order: [[first, last, [[number, kind, n], …]], …].
 * @type {(lines: HappeningsValues["lines"]) => Span[]}
 */
export function bySpan(lines) {
  /** @type {Map<string, Span>} */
  const spans = new Map();
  lines.forEach(([kind, first, last, n], number) => {
    const key = `${first} ${last}`;
    const span = spans.get(key) ?? [first, last, []];
    spans.set(key, span);
    span[2].push([number, kind, n]);
  });
  return [...spans.values()];
}

/** @type {(place: Place<HappeningsValues>) => Drawn} */
export function renderHappenings({ model, el }) {
  const root = element("div", "tlt-happenings", el), /** @type {(unfolded: boolean) => void} */ fold = (unfolded) => model.send({ kind: "unfold", unfolded });
  const chip = toggle(root, "", "", () => fold(!model.get("unfolded"))), list = element("div", "tlt-happened", root);
  list.setAttribute("role", "group");
  root.addEventListener("keydown", (event) => { if (event.key === "Escape" && model.get("unfolded")) { fold(false); chip.focus(); } });
  const board = el.closest(".tlt-board");
  /** The list lies over the board: it makes way for what gets the focus under it. @type {(event: Event) => void} */
  const makeWay = ({ target }) => { if (model.get("unfolded") && !root.contains(/** @type {Node} */ (target)) && overlap(list, /** @type {Element} */ (target))) fold(false); };
  board?.addEventListener("focusin", makeWay);
  /** @type {(step: number) => string} */
  const count = (step) => step.toLocaleString("en");
  const show = () => {
    const unfolded = model.get("unfolded"), lines = model.get("lines") ?? [];
    chip.textContent = t("What happened");
    chip.title = t("Which points became right, turned wrong, moved most or fool the discriminator, from change to change");
    list.setAttribute("aria-label", t("What happened"));
    chip.setAttribute("aria-expanded", String(unfolded));
    list.hidden = !unfolded;
    if (!unfolded) return;
    const at = [...list.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    list.replaceChildren();
    if (!lines.length) element("p", "", list, t("Nothing yet: train some steps."));
    for (const [first, last, entries] of bySpan(lines)) {
      element("b", "", list, t("step {first} to {last}", { first: count(first), last: count(last) }));
      for (const [number, kind, n] of entries) {
        const line = element("button", "tlt-happening", list);
        line.type = "button";
        line.dataset.kind = kind;
        element("i", "", line, SIGNS[kind]).setAttribute("aria-hidden", "true");
        element("span", "", line, happeningWords(kind, n));
        line.addEventListener("click", () => model.send({ kind: "go", number }));
      }
    }
    list.querySelectorAll("button")[at]?.focus();
  };
  const events = ["change:lines", "change:unfolded"];
  for (const name of events) model.on(name, show);
  show();
  return { retell: show, end: () => { board?.removeEventListener("focusin", makeWay); for (const name of events) model.off(name, show); } };
}

/** Whether two elements lie over one another. @type {(one: Element, other: Element) => boolean} */
function overlap(one, other) {
  const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
