// The first row of a board: buttons, and what can be chosen.
import { t } from "./language.js";
import { element, nameBy } from "./points/elements.js";
/** @import { Drawn, HeaderValues, Option, Place } from "./types.js" */
/**
 * @typedef {"play" | "step" | "reset" | "stop"} Button
 * @typedef {"board" | "compare" | "side"} Plan
 * @typedef {{ label: HTMLLabelElement, input: HTMLInputElement | HTMLSelectElement, shown: string | undefined }} Field `shown`: the value that was put in or chosen last.
 */

/** @type {Button[]} */
const WAITING = ["play", "step"]; // buttons that sleep where something is to be done first
/** @type {Record<Plan, string[]>} */
const FIELDS = { board: ["pair", "objective", "projection", "seed", "speed"], compare: ["pair", "projection", "seed", "speed"], side: ["objective"] };

/** What stands on a button, and what it does. @type {(name: Button, playing: boolean, plan: Plan, recorded?: boolean) => string[]} */
function buttonWords(name, playing, plan, recorded) {
  const both = plan === "compare";
  if (recorded) return recordedWords(name, playing);
  return {
    play: [playing ? t("Pause") : t("Play"), both ? t("Train both, step for step") : t("Train, and watch the features move")],
    step: [t("Step"), both ? t("Train one step of both and pause") : t("Train one step and pause")],
    reset: [t("Reset"), both ? t("Begin both again: same settings, same seed") : t("Begin again: same settings, same seed")],
    stop: [t("Stop"), both ? t("End both runs; what was recorded stays") : t("End this run and its thread; what was recorded stays")],
  }[name];
}

/** The same where a recording is replayed. @type {(name: Button, playing: boolean) => string[]} */
function recordedWords(name, playing) {
  return {
    play: [playing ? t("Pause") : t("Play"), t("Replay the run, from here on")],
    step: [t("Step"), t("Go on to the next frame")],
    reset: [t("Reset"), t("Back to the first frame")],
    stop: [],
  }[name];
}

/** A field's name, and what it is. @type {(name: string) => string[]} */
function fieldWords(name) {
  /** @type {Record<string, string[]>} */
  const words = {
    pair: [t("Domains"), t("The source, and the target to carry it to")],
    objective: [t("Objective"), t("What the network minimizes")],
    projection: [t("Map"), t("How features become a picture")],
    seed: [t("Seed"), t("Fixes all chance")],
    speed: [t("Speed"), t("Steps a second at most")],
  };
  return words[name];
}

/** The button's icon, by what pressing it does. @type {(name: Button, playing: boolean) => string} */
export const iconOf = (name, playing) => ({ play: playing ? "pause" : "play", step: "step-forward", reset: "undo", stop: "stop" }[name]);

/** @type {(parent: Element, name: Button, press: (name: Button) => void) => { button: HTMLButtonElement, icon: HTMLElement, text: HTMLElement }} */
function makeButton(parent, name, press) {
  const button = element("button", `tlt-button tlt-${name}`, parent), icon = element("i", "", button), text = element("span", "", button);
  button.type = "button";
  button.addEventListener("click", () => press(name));
  return { button, icon, text };
}

/** @type {(parent: Element, name: string, choose: (name: string, text: string) => void) => Field} */
function makeField(parent, name, choose) {
  const place = element("div", `tlt-field tlt-field-${name}`, parent), label = element("label", "", place);
  const input = element(name === "seed" ? "input" : "select", "", place);
  /** @type {Field} */
  const field = { label, input, shown: undefined };
  nameBy(label, input);
  if (name === "seed") Object.assign(input, { type: "number", min: 0, max: 2 ** 31 - 1, step: 1, required: true });
  input.addEventListener("change", () => {
    if (!input.checkValidity()) { input.reportValidity(); return; }
    field.shown = input.value;
    choose(name, input.value);
  });
  input.addEventListener("blur", () => { if (!input.checkValidity()) input.value = field.shown ?? ""; });
  return field;
}

/**
 * Put what is chosen in a field, unless it was there before: a person may have begun to write something else.
 * @type {(field: Field, chosen: unknown) => void}
 */
function putChosen(field, chosen) {
  if (chosen === undefined || chosen === null || field.shown === String(chosen)) return;
  field.input.value = field.shown = String(chosen);
}

/**
 * Options in the groups that they name, in their order: [[group, [[text, value], …]], …]; "" for none.
 * @type {(options: Option[]) => [group: string, options: Option[]][]}
 */
export function grouped(options) {
  /** @type {[group: string, options: Option[]][]} */
  const groups = [];
  for (const [text, value, group = ""] of options) {
    if (groups.at(-1)?.[0] !== group) groups.push([group, []]);
    groups[groups.length - 1][1].push([text, value]);
  }
  return groups;
}

/**
 * Put options [[text, value], …] or [[text, value, group], …] in a select, if they are others than before; whether they are.
 * @type {(select: HTMLElement, options: Option[]) => boolean}
 */
function putOptions(select, options) {
  const now = JSON.stringify(options);
  if (select.dataset.offered === now) return false;
  select.dataset.offered = now;
  select.replaceChildren();
  for (const [group, inside] of grouped(options)) {
    const place = group ? Object.assign(element("optgroup", "", select), { label: group }) : select;
    for (const [text, value] of inside) element("option", "", place, text).value = String(value);
  }
  return true;
}

/** @type {(place: Place<HeaderValues> & { about: Plan, hidden: Set<string> }) => Drawn} */
export function renderHeader({ model, el, about: plan, hidden, recorded }) {
  /** @type {(button: Button) => void} */
  const press = (button) => model.send({ kind: "press", button });
  /** @type {(name: string, text: string) => void} */
  const choose = (name, text) => {
    const value = name === "seed" || name === "speed" ? Number(text) : text;
    model.take({ chosen: { ...model.get("chosen"), [name]: value } });
    model.send({ kind: "choose", name, value });
  };
  /** @type {Map<Button, ReturnType<typeof makeButton>>} */
  const buttons = new Map();
  /** @type {Map<string, Field>} */
  const fields = new Map();
  if (plan !== "side") {
    const row = element("div", "tlt-buttons", el);
    for (const name of /** @type {Button[]} */ (["play", "step", "reset", "stop"])) if (!hidden.has(name)) buttons.set(name, makeButton(row, name, press));
  }
  const wanted = FIELDS[plan].filter((name) => !hidden.has(name)), row = wanted.length ? element("div", "tlt-fields", el) : el;
  for (const name of wanted) fields.set(name, makeField(row, name, choose));
  const showButtons = () => {
    const playing = model.get("playing"), reason = model.get("reason");
    for (const [name, { button, icon, text }] of buttons) {
      const [word, does] = buttonWords(name, playing, plan, recorded), sleeps = Boolean(reason) && WAITING.includes(name);
      text.textContent = word; icon.className = `tlt-icon-${iconOf(name, playing)}`;
      button.disabled = sleeps; button.title = sleeps ? reason : does;
    }
  };
  const showFields = () => {
    const options = model.get("options"), chosen = model.get("chosen");
    for (const [name, field] of fields) {
      const [word, about] = fieldWords(name);
      field.label.textContent = word; field.input.title = about;
      field.input.disabled = Boolean(recorded) && name !== "speed"; // a recording is what it is
      if (name !== "seed" && putOptions(field.input, options[name] ?? [])) field.shown = undefined;
      putChosen(field, chosen[name]);
    }
  };
  /** @type {[name: string, act: () => void][]} */
  const events = [["playing", showButtons], ["reason", showButtons], ["options", showFields], ["chosen", showFields]];
  const show = () => { showButtons(); showFields(); };
  for (const [name, act] of events) model.on(`change:${name}`, act);
  show();
  return { retell: show, end: () => { for (const [name, act] of events) model.off(`change:${name}`, act); } };
}
