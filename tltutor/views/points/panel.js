// The selection panel: how many points, their pictures, and what they are taken for.
import { t } from "../language.js";
import { element, toggle } from "./elements.js";
import { icon } from "./marks.js";
import { confusions, tally, wrongFirst } from "./selection.js";
import { isWrong } from "./painter.js";
import { thumbnail } from "./thumbnail.js";
import { describe, selectionWords } from "./words.js";
/** @import { Pictured, Points, Predictions, ShownFrame } from "../types.js" */
/** @import { Placed } from "./tooltip.js" */
/** @typedef {"before" | "after" | "change"} When */

const SHOWN = 40; // pictures at most
const MOST = 6; // classes of a table
/** @type {When[]} */
const WHEN = ["before", "after", "change"];

/** Beside the map; onPick(row, really) when a picture is pointed at or (really) pressed, onCell(truth, guess, when) when a cell of the table is, onClose() when it is shut. */
export class SelectionPanel {
  /** @type {Points} */
  points;
  /** @type {number[]} */
  rows = [];
  /** @type {string[]} */
  colors = [];
  about = "";
  /** The answers of the first frame of the run, with its step. @type {{ step: number, predictions: Predictions } | null} */
  first = null;
  step = -1;
  /** @type {When} */
  when = "after";

  /** @param {Element} parent @param {{ onPick: (row: number, really: boolean) => void, onClose: () => void, onCell?: (truth: number, guess: number, when: When) => void }} act */
  constructor(parent, { onPick, onClose, onCell = () => {} }) {
    this.onPick = onPick; this.onCell = onCell;
    this.box = element("section", "tlt-panel", parent);
    this.box.hidden = true;
    this.box.setAttribute("aria-label", t("Selection"));
    const head = element("header", "", this.box);
    this.title = element("b", "", head);
    toggle(head, "×", t("Close the selection (Escape on the map)"), onClose).setAttribute("aria-label", t("Close the selection"));
    this.counts = element("p", "tlt-counts", this.box);
    this.things = element("div", "tlt-things", this.box);
    this.table = element("div", "tlt-confusion-place", this.box);
    this.times = element("div", "tlt-times", this.table);
    this.times.setAttribute("role", "group");
    this.buttons = WHEN.map((when) => toggle(this.times, "", "", () => { this.when = when; this.update(this.predictions); }));
    this.matrix = element("div", "", this.table);
    /** @type {Predictions} */
    this.predictions = [];
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") onClose(); });
  }

  /**
   * Show these rows of the points, or nothing.
   * @type {(points: Points | null, frame: ShownFrame | null, rows: number[], title?: string, colors?: string[]) => void}
   */
  show(points, frame, rows, title, colors) {
    this.box.hidden = !rows.length;
    this.points = /** @type {Points} */ (points); this.rows = rows; this.colors = colors ?? []; this.about = title ?? "";
    if (this.box.hidden) return;
    const count = rows.length === 1 ? t("1 point") : t("{n} points", { n: rows.length });
    const counted = title?.startsWith(`${rows.length} `); // the title says how many itself
    this.title.textContent = title ? counted ? title : t("{title}: {count}", { title, count }) : count;
    this.title.title = this.title.textContent;
    this.list(frame?.predictions ?? []);
    this.update(frame?.predictions ?? []);
  }

  /** Left, top, right and bottom of the picture that has the focus, in the map's body; null where none has it. @type {() => Placed | null} */
  focused() {
    const at = document.activeElement;
    if (!at || !this.things.contains(at)) return null;
    const { left, top, right, bottom } = at.getBoundingClientRect(), body = /** @type {Element} */ (this.box.parentElement).getBoundingClientRect();
    return [left - body.left, top - body.top, right - body.left, bottom - body.top];
  }

  /** A frame came: the first one of a run is what later ones are compared with. @type {(step: number, predictions: Predictions) => void} */
  see(step, predictions) {
    if (!this.first || step <= this.first.step) this.first = { step, predictions };
    this.step = step;
    this.update(predictions);
  }

  /** Other points, or none: nothing was answered before. */
  forget() { this.first = null; this.when = "after"; }

  /** Count anew what has other predictions now. @type {(predictions: Predictions) => void} */
  update(predictions) {
    this.predictions = predictions;
    if (this.box.hidden) return;
    this.counts.textContent = selectionWords(tally(this.points, predictions, this.rows));
    this.drawTables(predictions);
    for (const button of /** @type {Iterable<HTMLElement>} */ (this.things.children)) button.classList.toggle("tlt-is-wrong", isWrong(this.points, predictions, Number(button.dataset.row)));
  }

  /** The table of the answers before, after, or of what changed between them. @type {(predictions: Predictions) => void} */
  drawTables(predictions) {
    const first = this.first, both = Boolean(first && first.predictions.length && predictions.length && first.step < this.step);
    const when = both ? this.when : "after";
    const answers = both ? [/** @type {NonNullable<typeof first>} */ (first).predictions, predictions] : [predictions];
    const { classes, counts } = confusions(this.points, answers, this.rows, MOST), last = counts[counts.length - 1];
    const shown = when === "before" ? counts[0] : when === "change" ? last.map((line, i) => line.map((n, j) => n - counts[0][i][j])) : last;
    const times = [first?.step ?? 0, this.step, 0];
    this.times.hidden = !both || !classes.length;
    this.times.setAttribute("aria-label", t("When the answers were given"));
    WHEN.forEach((name, k) => {
      const button = this.buttons[k], step = times[k].toLocaleString("en");
      button.textContent = name === "change" ? t("difference") : name === "before" ? t("before") : t("after");
      button.title = name === "change" ? t("What came to each cell since the first look (+), and what left it (−)") : t("The answers at step {step}", { step });
      button.setAttribute("aria-pressed", String(name === when));
    });
    this.matrix.replaceChildren();
    if (classes.length) this.matrix.append(confusionTable({ classes, counts: shown, when, met: last.map((line) => line.some(Boolean)) }, this.points.classes, (truth, guess) => this.onCell(truth, guess, when)));
  }

  /** @type {(predictions: Predictions) => void} */
  list(predictions) {
    this.things.replaceChildren();
    this.things.classList.toggle("tlt-lines", Boolean(this.points.texts));
    this.things.classList.toggle("tlt-words", !this.points.texts && !this.points.picture);
    const sorted = wrongFirst(this.points, predictions, this.rows), cut = sorted.slice(0, SHOWN);
    for (const i of cut) this.things.append(this.thing(i, predictions));
    if (sorted.length > cut.length) element("span", "tlt-more", this.things, t("and {n} more", { n: sorted.length - cut.length }));
  }

  /** @type {(i: number, predictions: Predictions) => HTMLButtonElement} */
  thing(i, predictions) {
    const { points } = this, said = describe(points, predictions, i).map((line) => line.join(" ")).join(", ");
    const button = element("button", "tlt-thing");
    button.type = "button";
    button.dataset.row = String(i);
    button.setAttribute("aria-label", points.texts ? `${points.texts[i]}, ${said}` : said);
    button.style.setProperty("--tlt-class", this.colors[points.labels[i]] ?? "#8c8c8c");
    button.append(points.picture ? thumbnail(/** @type {Pictured} */ (points), i, 44) : icon(points.isTarget[i]));
    if (!points.picture) element("span", "", button, points.texts?.[i] ?? judgedWords(points, predictions, i));
    /** @type {(row: number, really?: boolean) => () => void} */
    const at = (row, really = false) => () => this.onPick(row, really);
    for (const name of ["pointerenter", "focus"]) button.addEventListener(name, at(i));
    for (const name of ["pointerleave", "blur"]) button.addEventListener(name, at(-1));
    button.addEventListener("click", at(i, true));
    return button;
  }
}

/** "2", or "2 → 5" where 5 is predicted. @type {(points: Points, predictions: Predictions, i: number) => string} */
export function judgedWords(points, predictions, i) {
  /** @type {(c: number) => string} */
  const name = (c) => points.classes[c] ?? "?";
  return isWrong(points, predictions, i) ? `${name(points.labels[i])} → ${name(predictions[i])}` : name(points.labels[i]);
}

/** @type {(matrix: { classes: number[], counts: number[][], when: When, met: boolean[] }, names: string[], onCell: (truth: number, guess: number) => void) => HTMLTableElement} */
function confusionTable({ classes, counts, when, met }, names, onCell) {
  const table = element("table", "tlt-confusion"), change = when === "change";
  /** @type {(c: number) => string} */
  const name = (c) => (c < 0 ? "…" : names[c] ?? String(c));
  element("caption", "", table, t("true ↓ predicted →"));
  const head = element("tr", "", element("thead", "", table)), body = element("tbody", "", table), most = Math.max(...counts.flat().map(Math.abs), 1);
  element("td", "", head);
  for (const c of classes) element("th", "", head, name(c)).scope = "col";
  counts.forEach((line, truth) => {
    if (!met[truth]) return;
    const row = element("tr", "", body);
    element("th", "", row, name(classes[truth])).scope = "row";
    line.forEach((count, p) => {
      const right = change ? (truth === p) === (count > 0) : truth === p, words = change && count > 0 ? `+${count}` : String(count).replace("-", "−");
      const cell = element("td", right ? "tlt-right-cell" : "tlt-wrong-cell", row), /** @type {[number, number]} */ pair = [classes[truth], classes[p]];
      if (count && !pair.includes(-1)) {
        const button = element("button", "", cell, words);
        button.type = "button";
        button.title = t("Select what is {truth} and taken for {guess}", { truth: name(pair[0]), guess: name(pair[1]) });
        button.setAttribute("aria-label", `${button.title}: ${words}`);
        button.addEventListener("click", () => onCell(...pair));
      } else cell.textContent = count ? words : "";
      cell.style.setProperty("--tlt-part", String(count ? 12 + Math.round((38 * Math.abs(count)) / most) : 0));
    });
  });
  for (const th of table.querySelectorAll("th")) th.title = th.textContent === "…" ? t("all other classes") : th.textContent ?? "";
  return table;
}
