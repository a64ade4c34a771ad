// What a question is answered with: options to choose from, a number to type, a curve to draw; they show a draft and tell of another.
import { element } from "./points/elements.js";
import { sketchField } from "./sketch.js";
/** @import { Field, FieldPlace, QuestionField } from "./types.js" */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text says, "35 %" is .35; null for none. @type {(text: string) => number | null} */
export function numberOf(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-"), digits = plain.replace(/[%\s]+$/, "");
  return NUMBER.test(digits) ? Number(digits) / (plain.endsWith("%") ? 100 : 1) : null;
}

/** The answer that a draft is; null while it is none yet. @type {(field: QuestionField, draft: any) => any} */
export function answerOf(field, draft) {
  if (field.kind === "options") return field.options?.some(([, key]) => key === draft) ? draft : null;
  if (field.kind === "sketch") return draft?.length === field.xs?.length && draft.every(Number.isFinite) ? draft : null;
  const number = numberOf(String(draft ?? "")), { low = -Infinity, high = Infinity } = field;
  return number !== null && number >= low && number <= high ? number : null;
}

/** Radio buttons, of which at first none is chosen: Tab enters the group, arrow keys walk it. @type {FieldPlace} */
function optionsField(place, { name, choose }) {
  const group = element("div", "tlt-options", place);
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-labelledby", name);
  /** @type {Map<string, { input: HTMLInputElement, text: HTMLElement }>} */
  const rows = new Map();
  /** @type {(key: string) => { input: HTMLInputElement, text: HTMLElement }} */
  const added = (key) => {
    const label = element("label", "", group), input = element("input", "", label), text = element("span", "", label);
    Object.assign(input, { type: "radio", name: `${name}-options` });
    input.addEventListener("change", () => choose(key));
    rows.set(key, { input, text });
    return { input, text };
  };
  return ({ options = [] }, draft, closed) => {
    for (const [words, key] of options) {
      const { input, text } = rows.get(key) ?? added(key);
      text.textContent = words;
      input.checked = key === draft;
      input.disabled = closed;
    }
  };
}

/** A number to type; Enter commits it. @type {FieldPlace} */
function numberField(place, { name, choose, commit }) {
  const row = element("div", "tlt-number", place), input = element("input", "", row), about = element("span", "", row);
  about.id = `${name}-about`;
  Object.assign(input, { type: "text", inputMode: "decimal", autocomplete: "off" });
  input.setAttribute("aria-labelledby", name);
  input.setAttribute("aria-describedby", about.id);
  input.addEventListener("input", () => choose(input.value));
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) commit(); });
  return (field, draft, closed) => {
    const text = String(draft ?? "");
    if (input.value !== text) input.value = text;
    input.placeholder = `${field.low} … ${field.high}`;
    input.disabled = closed;
    input.setAttribute("aria-invalid", String(Boolean(text.trim()) && answerOf(field, draft) === null));
    about.textContent = field.about ?? "";
  };
}

/** @type {Record<string, FieldPlace>} */
const FIELDS = { options: optionsField, number: numberField, sketch: sketchField };

/** The field of this kind, in this place. @type {(kind: string, ...about: Parameters<FieldPlace>) => Field} */
export function fieldOf(kind, ...about) { return FIELDS[kind](...about); }
