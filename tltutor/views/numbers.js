// The numbers beside the map, in rows that never change their places.
import { t } from "./language.js";
import { JUDGES, PREFIX, shortTitle } from "./judges.js";
import { element } from "./points/elements.js";

/**
 * @typedef {number | null | undefined} Known A number that may not be known.
 * @typedef {Record<string, number | null>} Numbers
 * @typedef {{ name: string, value: string, fill: number, aside: string, of?: string, title?: string, band?: [number, number], seldom?: boolean }} NumberRow `seldom`: seen only where it is known.
 * @typedef {{ row: HTMLElement, name: string, value: HTMLElement, band: HTMLElement, fill: HTMLElement, aside: HTMLElement }} DrawnRow `value`: a button where it has a title.
 */

/** @type {(value: Known) => value is number} */
const isNumber = (value) => typeof value === "number";
/** @type {(value: number, plus?: string, digits?: number) => string} */
const signedWords = (value, plus = "", digits = 3) => `${value < 0 ? "−" : plus}${Math.abs(value).toFixed(digits)}`;
/** @type {(name: string, value: Known, aside: string, of?: string) => NumberRow} */
const shareRow = (name, value, aside, of = "") => ({ name, value: isNumber(value) ? value.toFixed(3) : "–", fill: value ?? 0, aside, of });

/** The rows: name, value, how far the bar is filled (0..1), where chance alone would lie, a remark, what the number is, and of which points. @type {(numbers: Numbers) => NumberRow[]} */
export function numberRows(numbers) {
  return [
    shareRow(t("Target accuracy"), numbers.target_accuracy, t("labels used only to judge"), "target_accuracy"),
    shareRow(t("Source accuracy"), numbers.source_accuracy, "", "source_accuracy"),
    probeRow(numbers),
    mmdRow(numbers),
    shareRow(t("Label agreement"), numbers.knn_label_agreement, t("of nearest source points")),
    sizeRow(numbers),
    { ...shareRow(t("To another class"), numbers.mass_to_other_class, t("of the plan's mass, its lines")), seldom: true },
    averageRow(t("Target AP"), numbers.target_AP),
    averageRow(t("Source AP"), numbers.source_AP),
  ];
}

/** @type {(name: string, value: Known) => NumberRow} */
function averageRow(name, value) {
  const title = t("Average precision of the boxes that are found in the map's images, at an overlap of one half: 1 is every box and nothing else.");
  return { ...shareRow(name, value, t("of boxes found")), title, seldom: true };
}

/** @type {(numbers: Numbers) => NumberRow} */
function sizeRow({ effective_sample_size: value }) {
  const title = t("How many source examples of equal weight are worth as much as these: (sum of weights)² / sum of squared weights.");
  return { name: t("Effective size"), value: isNumber(value) ? value.toFixed(1) : "–", fill: 0, aside: t("marker area: weight"), title, seldom: true };
}

/** @type {(numbers: Numbers) => NumberRow} */
function probeRow({ domain_probe_accuracy: value, domain_probe_null_high: high }) {
  const title = t("How well a fresh classifier tells source from target features; 0.5 is guessing. Shaded: what chance gives.");
  const row = { ...shareRow(t("Domain probe"), value, t("0.5 = mixed")), title };
  if (!isNumber(value)) return row;
  const top = high ?? 0.5;
  return { ...row, aside: value <= top ? t("0.5 = mixed; as chance") : t("0.5 = mixed; apart"), band: [1 - top, top] };
}

/** @type {(numbers: Numbers) => NumberRow} */
function mmdRow({ mmd2: value, mmd2_null_low: low, mmd2_null_high: high }) {
  const title = t("Squared maximum mean discrepancy of the features. Shaded: what chance gives; there the domains look alike.");
  const row = { name: "MMD²", value: isNumber(value) ? signedWords(value) : "–", fill: 0, aside: "", title };
  if (!isNumber(value) || !isNumber(low) || !isNumber(high)) return row;
  const wide = Math.max(0.25, 1.2 * value, 1.2 * high);
  return { ...row, fill: value / wide, band: [low / wide, high / wide], aside: t("chance {low} to {high}", { low: signedWords(low, "+"), high: signedWords(high, "+") }) };
}

/** The rows' names, in their order. */
const ROWS = ["target_accuracy", "source_accuracy", "domain_probe_accuracy", "mmd2", "knn_label_agreement", "effective_sample_size", "mass_to_other_class", "target_AP", "source_AP"];

/** The judges' rows: more is better for each, and a remark at which step it was best. @type {(numbers: Numbers, chosen: Record<string, number>) => NumberRow[]} */
export function judgeRows(numbers, chosen) {
  return Object.entries(JUDGES).map(([name, [title, limits]]) => {
    const value = numbers[PREFIX + name], step = chosen[name];
    const aside = isNumber(step) ? t("best at step {step}", { step: step.toLocaleString("en") }) : "";
    return { name: shortTitle(name), value: isNumber(value) ? signedWords(value, "", 2) : "–", fill: 0, aside, title: `${t(title)}. ${t(limits)}` };
  });
}

/**
 * A table in `parent`; its show(numbers) fills it. press(of): called when a number's own points are asked for; hidden:
 * names of rows that are not to be seen; judge(on): called when the judges are asked for, whose rows come and go with `judging`.
 * @type {(parent: Element, press?: ((of: string) => void) | null, hidden?: Set<string>, judge?: ((on: boolean) => void) | null) => { show: (numbers: Numbers, judging?: boolean, chosen?: Record<string, number>) => void }}
 */
export function numberTable(parent, press = null, hidden = new Set(), judge = null) {
  const table = element("table", "tlt-numbers", parent), body = element("tbody", "", table);
  /** @type {(body: Element, told: NumberRow, unseen?: boolean) => DrawnRow} */
  const drawn = (body, { name, title = "", of = "" }, unseen = false) => {
    const row = element("tr", "", body), head = element("th", "", row, name), cell = element("td", "tlt-value", row), button = press && of ? element("button", "", cell) : null;
    if (button) {
      button.type = "button";
      button.title = t("Select the points that are wrong");
      button.addEventListener("click", () => press?.(of));
    }
    row.title = title; head.scope = "row"; row.hidden = unseen;
    const bar = element("span", "tlt-bar", element("td", "tlt-gauge", row)), band = element("u", "", bar), fill = element("i", "", bar);
    return { row, name, value: button ?? cell, band, fill, aside: element("td", "tlt-aside", row) };
  };
  const rows = numberRows({}).map((told, i) => drawn(body, told, told.seldom || hidden.has(ROWS[i])));
  const judges = judge && !hidden.has("judges") ? judgeTable(table, judge, drawn) : null;
  return {
    show: (numbers, judging = false, chosen = {}) => {
      numberRows(numbers).forEach((told, i) => {
        fillRow(rows[i], told);
        if (told.seldom) rows[i].row.hidden = hidden.has(ROWS[i]) || !isNumber(numbers[ROWS[i]]);
      });
      judges?.(judging, judgeRows(numbers, chosen));
    },
  };
}

/**
 * The judges' part of a table: a button, and rows under it while they are asked; returns what shows them.
 * @type {(table: Element, judge: (on: boolean) => void, drawn: (body: Element, told: NumberRow) => DrawnRow) => (on: boolean, told: NumberRow[]) => void}
 */
function judgeTable(table, judge, drawn) {
  const cell = element("th", "", element("tr", "", element("tbody", "tlt-judging", table))), body = element("tbody", "tlt-judges", table);
  cell.colSpan = 4;
  const button = element("button", "", cell, t("Judges without target labels"));
  button.type = "button";
  button.title = t("Ask at each look how good the network is on the target, without its labels. More is better; none is always right.");
  const rows = judgeRows({}, {}).map((told) => drawn(body, told));
  let asked = false;
  button.addEventListener("click", () => judge(!asked));
  return (on, told) => {
    asked = on;
    button.setAttribute("aria-expanded", String(on));
    body.hidden = !on;
    told.forEach((row, i) => fillRow(rows[i], row));
  };
}

/** @type {(part: number) => string} */
const barPart = (part) => `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(1)}%`;

/** @type {(row: DrawnRow, told: NumberRow) => void} */
function fillRow(row, { value, fill, band = [0, 0], aside }) {
  row.value.textContent = value;
  if (row.value.title) row.value.setAttribute("aria-label", `${row.name} ${value}`);
  row.aside.textContent = aside;
  row.fill.style.width = barPart(fill);
  row.band.style.left = barPart(band[0]);
  row.band.style.width = barPart(Math.min(band[1], 1) - Math.max(band[0], 0));
}
