// Sliders, switches and choices, made from the settings' declarations: one row each, with what the value acts as beside it.
import { element, nameBy } from "./points/elements.js";
/** @import { ControlsValues, Drawn, Place, Setting, SettingValue } from "./types.js" */

/** Three significant digits, as people write them: 1000, not 1e+3. @type {(value: number) => string} */
export function numberWords(value) {
  return String(Number(value.toPrecision(3)));
}

/** The index of the step that is nearest to a value. @type {(steps: number[], value: number) => number} */
export function nearestStep(steps, value) {
  let best = 0;
  for (let i = 1; i < steps.length; i++) if (Math.abs(steps[i] - value) < Math.abs(steps[best] - value)) best = i;
  return best;
}

class Row {
  /** @param {Element} parent @param {Setting} setting @param {(name: string, value: SettingValue) => void} move */
  constructor(parent, setting, move) {
    this.setting = setting;
    const box = element("div", "tlt-row", parent), label = element("label", "tlt-row-name", box, setting.title);
    /** @type {HTMLInputElement} */
    this.input = /** @type {any} */ (element(setting.scale === "choice" ? "select" : "input", "", box)); // a select has no more of it than its value
    nameBy(label, this.input);
    label.title = this.input.title = setting.about;
    this.readout = element("output", "tlt-readout", box);
    this.readout.htmlFor = this.input.id;
    this.note = element("span", "tlt-acts", box);
    this.note.title = setting.about;
    this.shape();
    this.input.addEventListener(setting.scale === "choice" || setting.scale === "switch" ? "change" : "input", () => { this.read(); move(setting.name, this.value); });
  }

  shape() {
    const { scale, low, high, step, steps, choices } = this.setting, { input } = this;
    if (scale === "choice") for (const [text, value] of choices ?? []) element("option", "", input, text).value = value;
    else if (scale === "switch") input.type = "checkbox";
    else Object.assign(input, { type: "range" }, steps ? { min: 0, max: steps.length - 1, step: 1 } : { min: low, max: high, step, disabled: Number(low) >= Number(high) });
  }

  get value() {
    const { scale, steps } = this.setting;
    if (scale === "choice") return this.input.value;
    if (scale === "switch") return this.input.checked;
    return steps ? steps[Number(this.input.value)] : Number(this.input.value);
  }

  /** @type {(value: SettingValue, note: string) => void} */
  show(value, note) {
    const { scale, steps } = this.setting;
    if (scale === "switch") this.input.checked = Boolean(value);
    else this.input.value = String(steps ? nearestStep(steps, Number(value)) : value);
    this.note.textContent = note;
    this.read();
  }

  /** The number that stands beside the slider, said by a screen reader, too. */
  read() {
    if (this.input.type !== "range") return;
    this.readout.textContent = numberWords(Number(this.value));
    this.input.setAttribute("aria-valuetext", this.readout.textContent);
  }
}

/** @type {(place: Place<ControlsValues>) => Drawn} */
export function renderControls({ model, el, recorded }) {
  const place = element("div", "tlt-controls", el);
  /** @type {Map<string, Row>} */
  let shown = new Map();
  /** @type {(name: string, value: SettingValue) => void} */
  const move = (name, value) => { model.take({ values: { ...model.get("values"), [name]: value } }); model.sendLast({ kind: "move", name, value }, name); };
  const show = () => { for (const [name, row] of shown) row.show(model.get("values")[name], model.get("notes")[name] ?? ""); };
  const draw = () => {
    const focused = [...shown].find(([, row]) => row.input.ownerDocument.activeElement === row.input)?.[0];
    place.replaceChildren();
    shown = new Map(model.get("rows").map((setting) => [setting.name, new Row(place, setting, move)]));
    if (recorded) for (const { input, setting } of shown.values()) input.disabled = !setting.acts; // they show what was set, or choose a recorded run
    place.hidden = !shown.size;
    show();
    if (focused) shown.get(focused)?.input.focus();
  };
  model.on("change:rows", draw); model.on("change:values", show); model.on("change:notes", show);
  draw();
  return { retell() {}, end: () => { model.off("change:rows", draw); model.off("change:values", show); model.off("change:notes", show); } };
}
