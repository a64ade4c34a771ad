// The small parts that only say something: status, numbers, what went wrong, two runs' titles, the other language.
import { openCards } from "./cards.js";
import { mark, t } from "./language.js";
import { element } from "./points/elements.js";
import { numberTable } from "./numbers.js";
/** @import { Channel, ComparedValues, Drawn, ErrorValues, HeaderValues, LanguageValues, NumbersValues, Place, StatusValues } from "./types.js" */

/** @type {Record<string, string>} */
const STATES = {
  loading: mark("Loading"), ready: mark("Ready"), playing: mark("Playing"), paused: mark("Paused"),
  finished: mark("Finished"), stopped: mark("Stopped"), failed: mark("Failed"),
};

/**
 * Redraw by `show` whenever one of these values changes; what a part returns.
 * @type {<Values>(model: Channel<Values>, names: (keyof Values & string)[], show: () => void) => { end: () => void, retell: () => void }}
 */
function kept(model, names, show) {
  const events = names.map((name) => `change:${name}`);
  for (const event of events) model.on(event, show);
  show();
  return { retell: show, end: () => { for (const event of events) model.off(event, show); } };
}

/** Steps a second as people read them. @type {(rate: number | null) => string} */
export function rateWords(rate) {
  if (!rate || !Number.isFinite(rate)) return "–";
  return rate < 100 ? rate.toFixed(1) : rate.toFixed(0);
}

/** How far a run is, 0..1. @type {(step: number, steps: number) => number} */
export function shareDone(step, steps) {
  return steps ? Math.min(Math.max(step / steps, 0), 1) : 0;
}

/**
 * What the line's end says: a remark, else why Play sleeps, else what to do first.
 * @type {(status: { note: string, state: string }, reason: string) => string}
 */
export function remarkOf({ note, state }, reason) {
  return note || reason || (state === "ready" ? t("press Play to train") : "");
}

/** Go to the card that a sleeping Play waits for: the last one above the board that takes an answer. @type {(board: Element) => void} */
function goToCard(board) {
  const card = openCards().filter((one) => placeOf(one) < placeOf(board)).sort((one, other) => placeOf(one) - placeOf(other)).at(-1);
  card?.scrollIntoView({ block: "center" });
  (card?.querySelector("input") ?? card?.querySelector("circle"))?.focus({ preventScroll: true });
}

/** How far down in the page it stands; a shadow root around it makes no difference. @type {(element: Element) => number} */
const placeOf = (element) => element.getBoundingClientRect().top;

/** @type {(place: Place<StatusValues> & { header: Channel<HeaderValues> }) => Drawn} */
export function renderStatus({ model, el, header, recorded }) {
  const line = element("div", "tlt-status", el);
  element("i", "tlt-dot", line);
  const state = element("b", "", line), place = element("span", "", line), step = element("b"), device = element("span", "", line);
  const rate = element("span", "tlt-rate", line), number = element("b", "", rate), unit = element("span", "", rate);
  const note = element("span", "tlt-status-note", line), why = element("button", "tlt-status-why", line);
  why.type = "button";
  why.addEventListener("click", () => goToCard(el));
  const done = element("i", "", element("div", "tlt-progress", el));
  const show = () => {
    const about = model.get("shown");
    line.dataset.state = about.state; line.dataset.step = String(about.step);
    state.textContent = t(STATES[about.state] ?? about.state);
    step.textContent = about.step.toLocaleString("en");
    const [before, after] = t("step {step} of {steps}", { step: "\0", steps: about.steps.toLocaleString("en") }).split("\0");
    place.replaceChildren(before, step, after);
    device.textContent = about.device; rate.hidden = Boolean(recorded);
    number.textContent = rateWords(about.rate); unit.textContent = ` ${t("steps/s")}`;
    const reason = header.get("reason"), remark = remarkOf(about, reason), sleeps = Boolean(reason) && remark === reason;
    note.hidden = sleeps; why.hidden = !sleeps;
    note.textContent = note.title = sleeps ? "" : remark;
    why.textContent = sleeps ? `${reason} ↑` : "";
    done.style.width = `${(100 * shareDone(about.step, about.steps)).toFixed(1)}%`;
  };
  header.on("change:reason", show);
  const drawn = kept(model, ["shown"], show);
  return { ...drawn, end: () => { header.off("change:reason", show); drawn.end(); } };
}

/** @type {(place: Place<NumbersValues> & { hidden?: Set<string> }) => Drawn} */
export function renderNumbers({ model, el, hidden }) {
  /** @type {ReturnType<typeof numberTable>} */
  let table;
  /** @type {(name: string) => void} */
  const press = (name) => model.send({ kind: "points", name });
  /** @type {(on: boolean) => void} */
  const judge = (on) => model.send({ kind: "judging", on });
  const show = () => table.show(model.get("numbers"), model.get("judging"), model.get("chosen"));
  const draw = () => { el.replaceChildren(); table = numberTable(el, press, hidden, judge); show(); };
  const events = ["change:numbers", "change:judging", "change:chosen"];
  for (const event of events) model.on(event, show);
  draw();
  return { retell: draw, end: () => { for (const event of events) model.off(event, show); } };
}

/** @type {(place: Place<ErrorValues>) => Drawn} */
export function renderError({ model, el }) {
  return kept(model, ["heading", "details"], () => {
    const heading = model.get("heading"), whole = model.get("details").trim(), lines = whole.split("\n").filter((line) => line.trim());
    el.replaceChildren();
    if (!heading) return;
    const panel = element("div", "tlt-error", el), last = lines.at(-1)?.trim() ?? "";
    panel.setAttribute("role", "alert");
    element("b", "", panel, heading);
    if (last && last !== heading) element("p", "", panel, last);
    if (lines.length < 2) return;
    const fold = element("details", "", panel);
    element("summary", "", fold, t("All details"));
    element("pre", "", fold, whole);
  });
}

/** @type {(place: Place<LanguageValues>) => Drawn} */
export function renderLanguage({ model, el }) {
  const button = element("button", "tlt-language", el);
  button.type = "button";
  button.addEventListener("click", () => model.send({ kind: "turn" }));
  return kept(model, ["title", "about"], () => { button.textContent = model.get("title"); button.title = model.get("about"); });
}

/** @type {(place: Place<ComparedValues>) => Drawn} */
export function renderCompared({ model, el }) {
  const line = element("div", "tlt-compared", el), title = element("b", "", line), about = element("span", "", line);
  const name = element("span", "", about), value = element("strong", "", about), bar = element("i", "", element("span", "tlt-bar", line));
  return kept(model, ["title", "accuracy"], () => {
    const accuracy = model.get("accuracy"), known = typeof accuracy === "number";
    title.textContent = model.get("title").replace(/ \([^)]*\)/g, ""); title.title = model.get("title");
    name.textContent = `${t("Target accuracy")} `; value.textContent = known ? accuracy.toFixed(3) : "–";
    bar.style.width = `${known ? 100 * Math.min(Math.max(accuracy, 0), 1) : 0}%`;
  });
}
