// The selection panel: how many points, their pictures, and what they are taken for.
import { t } from "../language.js";
import { element, toggle } from "./elements.js";
import { icon } from "./marks.js";
import { confusion, tally, wrongFirst } from "./selection.js";
import { isWrong } from "./painter.js";
import { thumbnail } from "./thumbnail.js";
import { describe, selectionWords } from "./words.js";

const SHOWN = 40; // pictures at most

/** Beside the map; onPick(row, really) when a picture is pointed at or (really) pressed, onClose() when it is shut. */
export class SelectionPanel {
  constructor(parent, { onPick, onClose }) {
    this.onPick = onPick;
    this.box = element("section", "tlt-panel", parent);
    this.box.hidden = true;
    this.box.setAttribute("aria-label", t("Selection"));
    const head = element("header", "", this.box);
    this.title = element("b", "", head);
    toggle(head, "×", t("Close the selection (Escape on the map)"), onClose).setAttribute("aria-label", t("Close the selection"));
    this.counts = element("p", "tlt-counts", this.box);
    this.things = element("div", "tlt-things", this.box);
    this.table = element("div", "tlt-confusion-place", this.box);
    this.box.addEventListener("keydown", (event) => { if (event.key === "Escape") onClose(); });
  }

  /** Show these rows of the points, or nothing. */
  show(points, frame, rows, title, colors) {
    this.box.hidden = !rows.length;
    this.points = points; this.rows = rows; this.colors = colors; this.about = title;
    if (this.box.hidden) return;
    const count = rows.length === 1 ? t("1 point") : t("{n} points", { n: rows.length });
    this.title.textContent = title ? t("{title}: {count}", { title, count }) : count;
    this.title.title = this.title.textContent;
    this.list(frame?.predictions ?? []);
    this.update(frame?.predictions ?? []);
  }

  /** Count anew what has other predictions now. */
  update(predictions) {
    if (this.box.hidden) return;
    this.counts.textContent = selectionWords(tally(this.points, predictions, this.rows));
    this.table.replaceChildren();
    const matrix = confusion(this.points, predictions, this.rows);
    if (matrix.classes.length) this.table.append(confusionTable(matrix, this.points.classes));
    for (const button of this.things.children) button.classList.toggle("tlt-is-wrong", isWrong(this.points, predictions, Number(button.dataset.row)));
  }

  list(predictions) {
    this.things.replaceChildren();
    this.things.classList.toggle("tlt-lines", Boolean(this.points.texts));
    this.things.classList.toggle("tlt-words", !this.points.texts && !this.points.picture);
    const sorted = wrongFirst(this.points, predictions, this.rows), cut = sorted.slice(0, SHOWN);
    for (const i of cut) this.things.append(this.thing(i, predictions));
    if (sorted.length > cut.length) element("span", "tlt-more", this.things, t("and {n} more", { n: sorted.length - cut.length }));
  }

  thing(i, predictions) {
    const { points } = this, said = describe(points, predictions, i).map((line) => line.join(" ")).join(", ");
    const button = element("button", "tlt-thing");
    button.type = "button";
    button.dataset.row = i;
    button.setAttribute("aria-label", points.texts ? `${points.texts[i]}, ${said}` : said);
    button.style.setProperty("--tlt-class", this.colors[points.labels[i]] ?? "#8c8c8c");
    button.append(points.picture ? thumbnail(points, i, 44) : icon(points.isTarget[i]));
    if (!points.picture) element("span", "", button, points.texts?.[i] ?? judgedWords(points, predictions, i));
    const at = (row, really = false) => () => this.onPick(row, really);
    for (const name of ["pointerenter", "focus"]) button.addEventListener(name, at(i));
    for (const name of ["pointerleave", "blur"]) button.addEventListener(name, at(-1));
    button.addEventListener("click", at(i, true));
    return button;
  }
}

/** "2", or "2 → 5" where 5 is predicted. */
export function judgedWords(points, predictions, i) {
  const name = (c) => points.classes[c] ?? "?";
  return isWrong(points, predictions, i) ? `${name(points.labels[i])} → ${name(predictions[i])}` : name(points.labels[i]);
}

function confusionTable({ classes, counts }, names) {
  const table = element("table", "tlt-confusion"), name = (c) => (c < 0 ? "…" : names[c] ?? String(c));
  element("caption", "", table, t("true ↓ predicted →"));
  const head = element("tr", "", element("thead", "", table)), body = element("tbody", "", table), most = Math.max(...counts.flat(), 1);
  element("td", "", head);
  for (const c of classes) element("th", "", head, name(c)).scope = "col";
  counts.forEach((line, truth) => {
    if (!line.some(Boolean)) return;
    const row = element("tr", "", body);
    element("th", "", row, name(classes[truth])).scope = "row";
    line.forEach((count, p) => {
      const cell = element("td", truth === p ? "tlt-right-cell" : "tlt-wrong-cell", row, count ? String(count) : "");
      cell.style.setProperty("--tlt-part", String(count ? 12 + Math.round((38 * count) / most) : 0));
    });
  });
  for (const th of table.querySelectorAll("th")) th.title = th.textContent === "…" ? t("all other classes") : th.textContent;
  return table;
}
