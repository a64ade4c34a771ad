// The first row of a board: buttons, and what can be chosen.
import { t } from "./language.js";
import { element, nameBy } from "./points/elements.js";

const WAITING = ["play", "step"]; // buttons that sleep where something is to be done first
const FIELDS = { board: ["pair", "objective", "projection", "seed", "speed"], compare: ["pair", "projection", "seed", "speed"], side: ["objective"] };

/** What stands on a button, and what it does. */
function buttonWords(name, playing, plan) {
  const both = plan === "compare";
  return {
    play: [playing ? t("Pause") : t("Play"), both ? t("Train both, step for step") : t("Train, and watch the features move")],
    step: [t("Step"), both ? t("Train one step of both and pause") : t("Train one step and pause")],
    reset: [t("Reset"), both ? t("Begin both again: same settings, same seed") : t("Begin again: same settings, same seed")],
    stop: [t("Stop"), both ? t("End both runs; what was recorded stays") : t("End this run and its thread; what was recorded stays")],
  }[name];
}

/** A field's name, and what it is. */
function fieldWords(name) {
  return {
    pair: [t("Domains"), t("The source, and the target to carry it to")],
    objective: [t("Objective"), t("What the network minimizes")],
    projection: [t("Map"), t("How features become a picture")],
    seed: [t("Seed"), t("Fixes all chance")],
    speed: [t("Speed"), t("Steps a second at most")],
  }[name];
}

/** The button's icon, by what pressing it does. */
export const iconOf = (name, playing) => ({ play: playing ? "pause" : "play", step: "step-forward", reset: "undo", stop: "stop" }[name]);

function makeButton(parent, name, press) {
  const button = element("button", `tlt-button tlt-${name}`, parent), icon = element("i", "", button), text = element("span", "", button);
  button.type = "button";
  button.addEventListener("click", () => press(name));
  return { button, icon, text };
}

function makeField(parent, name, choose) {
  const place = element("div", `tlt-field tlt-field-${name}`, parent), label = element("label", "", place);
  const input = element(name === "seed" ? "input" : "select", "", place);
  const field = { label, input, shown: undefined };
  nameBy(label, input);
  if (name === "seed") Object.assign(input, { type: "number", min: 0, max: 2 ** 31 - 1, step: 1, required: true });
  input.addEventListener("change", () => {
    if (!input.checkValidity()) { input.reportValidity(); return; }
    field.shown = input.value;
    choose(name, input.value);
  });
  input.addEventListener("blur", () => { if (!input.checkValidity()) input.value = field.shown; });
  return field;
}

/** Put what is chosen in a field, unless it was there before: a person may have begun to write something else. */
function putChosen(field, chosen) {
  if (chosen === undefined || chosen === null || field.shown === String(chosen)) return;
  field.input.value = field.shown = String(chosen);
}

/** Options in the groups that they name, in their order: [[group, [[text, value], …]], …]; "" for none. */
export function grouped(options) {
  const groups = [];
  for (const [text, value, group = ""] of options) {
    if (groups.at(-1)?.[0] !== group) groups.push([group, []]);
    groups.at(-1)[1].push([text, value]);
  }
  return groups;
}

/** Put options [[text, value], …] or [[text, value, group], …] in a select, if they are others than before; whether they are. */
function putOptions(select, options) {
  const now = JSON.stringify(options);
  if (select.dataset.offered === now) return false;
  select.dataset.offered = now;
  select.replaceChildren();
  for (const [group, inside] of grouped(options)) {
    const place = group ? element("optgroup", "", select) : select;
    if (group) place.label = group;
    for (const [text, value] of inside) element("option", "", place, text).value = String(value);
  }
  return true;
}

export function renderHeader({ model, el, about: plan, hidden }) {
  const press = (button) => model.send({ kind: "press", button });
  const choose = (name, text) => {
    const value = name === "seed" || name === "speed" ? Number(text) : text;
    model.take({ chosen: { ...model.get("chosen"), [name]: value } });
    model.send({ kind: "choose", name, value });
  };
  const buttons = new Map(), fields = new Map();
  if (plan !== "side") {
    const row = element("div", "tlt-buttons", el);
    for (const name of ["play", "step", "reset", "stop"]) if (!hidden.has(name)) buttons.set(name, makeButton(row, name, press));
  }
  const wanted = FIELDS[plan].filter((name) => !hidden.has(name)), row = wanted.length ? element("div", "tlt-fields", el) : null;
  for (const name of wanted) fields.set(name, makeField(row, name, choose));
  const showButtons = () => {
    const playing = model.get("playing"), reason = model.get("reason");
    for (const [name, { button, icon, text }] of buttons) {
      const [word, does] = buttonWords(name, playing, plan), sleeps = Boolean(reason) && WAITING.includes(name);
      text.textContent = word; icon.className = `tlt-icon-${iconOf(name, playing)}`;
      button.disabled = sleeps; button.title = sleeps ? reason : does;
    }
  };
  const showFields = () => {
    const options = model.get("options"), chosen = model.get("chosen");
    for (const [name, field] of fields) {
      const [word, about] = fieldWords(name);
      field.label.textContent = word; field.input.title = about;
      if (name !== "seed" && putOptions(field.input, options[name] ?? [])) field.shown = undefined;
      putChosen(field, chosen[name]);
    }
  };
  const events = [["playing", showButtons], ["reason", showButtons], ["options", showFields], ["chosen", showFields]];
  const show = () => { showButtons(); showFields(); };
  for (const [name, act] of events) model.on(`change:${name}`, act);
  show();
  return { retell: show, end: () => { for (const [name, act] of events) model.off(`change:${name}`, act); } };
}
