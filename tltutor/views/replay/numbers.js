// The numbers beside the map, in rows that never change their places.
import { t } from "../language.js";
import { element } from "../points/elements.js";

const isNumber = (value) => typeof value === "number";
const signedWords = (value, plus = "") => `${value < 0 ? "−" : plus}${Math.abs(value).toFixed(3)}`;
const shareRow = (name, value, aside) => ({ name, value: isNumber(value) ? value.toFixed(3) : "–", fill: value ?? 0, aside });

/** The rows: name, what it is (title), value, how far the bar is filled (0..1), where chance alone would lie, and a remark. */
export function numberRows(numbers) {
  return [
    shareRow(t("Target accuracy"), numbers.target_accuracy, t("labels used only to judge")),
    shareRow(t("Source accuracy"), numbers.source_accuracy, ""),
    probeRow(numbers),
    mmdRow(numbers),
    shareRow(t("Label agreement"), numbers.knn_label_agreement, t("of nearest source points")),
  ];
}

function probeRow({ domain_probe_accuracy: value, domain_probe_null_high: high }) {
  const row = shareRow(t("Domain probe"), value, t("0.5 = mixed"));
  const title = t("How well a fresh classifier tells source from target features; 0.5 is guessing. Shaded: what chance gives.");
  if (!isNumber(value)) return { ...row, title };
  const top = high ?? 0.5;
  return { ...row, title, aside: value <= top ? t("0.5 = mixed; as chance") : t("0.5 = mixed; apart"), band: [1 - top, top] };
}

function mmdRow({ mmd2: value, mmd2_null_low: low, mmd2_null_high: high }) {
  const title = t("Squared maximum mean discrepancy of the features. Shaded: what chance gives; there the domains look alike.");
  const row = { name: "MMD²", title, value: isNumber(value) ? signedWords(value) : "–", fill: 0, aside: "" };
  if (![value, low, high].every(isNumber)) return row;
  const wide = Math.max(0.25, 1.2 * value, 1.2 * high);
  return { ...row, fill: value / wide, band: [low / wide, high / wide], aside: t("chance {low} to {high}", { low: signedWords(low, "+"), high: signedWords(high, "+") }) };
}

/** A table in `parent`; its show(numbers) fills it. */
export function numberTable(parent) {
  const body = element("tbody", "", element("table", "tlt-numbers", parent));
  const rows = numberRows({}).map(({ name, title }) => {
    const row = element("tr", "", body), head = element("th", "", row, name), value = element("td", "tlt-value", row);
    head.scope = "row"; row.title = title ?? "";
    const bar = element("span", "tlt-bar", element("td", "tlt-gauge", row)), band = element("u", "", bar), fill = element("i", "", bar);
    return { value, band, fill, aside: element("td", "tlt-aside", row) };
  });
  return { show: (numbers) => numberRows(numbers).forEach((told, i) => fillRow(rows[i], told)) };
}

const barPart = (part) => `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(1)}%`;

function fillRow(row, { value, fill, band = [0, 0], aside }) {
  row.value.textContent = value;
  row.aside.textContent = aside;
  row.fill.style.width = barPart(fill);
  row.band.style.left = barPart(band[0]);
  row.band.style.width = barPart(Math.min(band[1], 1) - Math.max(band[0], 0));
}
