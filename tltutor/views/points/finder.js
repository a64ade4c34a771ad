// A field that finds points by their class or their text.
import { t } from "../language.js";
import { element } from "./elements.js";
/** @import { Keep, Points } from "../types.js" */

const LETTER_PAUSE = 250; // ms after the last letter

/**
 * Rows that are shown and meant by these letters: of a class of this name, else of classes that begin so, else texts that hold them.
 * @type {(points: Points, letters: string, shows?: Keep) => number[]}
 */
export function found(points, letters, shows = () => true) {
  const wanted = letters.trim().toLowerCase();
  if (!wanted) return [];
  /** @type {(i: number) => string} */
  const name = (i) => (points.classes[points.labels[i]] ?? "").toLowerCase();
  /** @type {Keep[]} */
  const ways = [(i) => name(i) === wanted, (i) => name(i).startsWith(wanted), (i) => (points.texts?.[i] ?? "").toLowerCase().includes(wanted)];
  const rows = Array.from({ length: points.n }, (_, i) => i).filter(shows);
  return ways.map((way) => rows.filter(way)).find((list) => list.length) ?? [];
}

/** The field in `parent`; act(letters) hears what is looked for, "" for nothing any more. */
export class Finder {
  /** @param {Element} parent @param {(letters: string) => void} act */
  constructor(parent, act) {
    this.field = element("input", "tlt-search", parent);
    this.field.type = "search";
    this.field.placeholder = t("Find"); this.field.title = t("Select the points of a class, or those whose text holds these letters (key / on the map)");
    this.field.setAttribute("aria-label", t("Find points by class or text"));
    let waiting = 0;
    const tell = () => { clearTimeout(waiting); act(this.field.value); };
    this.field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(tell, LETTER_PAUSE); });
    this.field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") tell();
      if (event.key === "Escape") { this.field.value = ""; tell(); }
    });
  }

  /** @type {(points: Points | null) => void} */
  show(points) { this.field.hidden = !points; }

  /** Whether it found something. @type {(any: boolean) => void} */
  tell(any) { this.field.setAttribute("aria-invalid", String(!any && this.field.value.trim() !== "")); }

  focus() { this.field.focus(); }
}
