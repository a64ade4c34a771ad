// A lesson's cards: a question and what it is answered with, an exercise's help, two codes side by side; they judge nothing.
import { answerOf, fieldOf } from "./fields.js";
import { announced, commitButton, headed, kept } from "./card_parts.js";
import { renderLesson } from "./lesson.js";
import { chooser, element, noteIn } from "./points/elements.js";
import { renderVote } from "./vote.js";
/** @import { Channel, CodesValues, Drawn, ExerciseValues, Place, QuestionValues, SummaryValues } from "./types.js" */
/** @typedef {{ hub: { channels: Map<string, unknown> }, part: (names: string, parent: Element, channel: string, render: (about: any) => Drawn) => HTMLElement }} Stage */

/** @type {Map<Element, Channel<QuestionValues>>} */
const questions = new Map(); // that are in the page

/** The cards of questions that take an answer. @type {() => Element[]} */
export function openCards() {
  return [...questions].filter(([el, model]) => el.isConnected && !model.get("closed") && !model.get("reason")).map(([el]) => el);
}

/** Each kind of part: its names in the style sheet, and who draws it. @type {Record<string, [names: string, render: (about: any) => Drawn]>} */
const CARDS = {
  question: ["tlt-card tlt-asks", renderQuestion],
  summary: ["tlt-summary", renderSummary],
  exercise: ["tlt-card tlt-exercise", renderExercise],
  codes: ["tlt-card tlt-code-pair", renderCodes],
  lesson: ["tlt-lesson", renderLesson],
  vote: ["tlt-card tlt-vote", renderVote],
};

/** All parts of a hub under one another: "question", or "question0", "question1" and "summary". @type {(stage: Stage, el: Element) => HTMLElement} */
export function arrangeCards(stage, el) {
  const cards = element("div", "tlt-cards", el);
  for (const name of stage.hub.channels.keys()) stage.part(CARDS[name.replace(/\d+$/, "")][0], cards, name, CARDS[name.replace(/\d+$/, "")][1]);
  return cards;
}

/** @type {(place: Place<QuestionValues>) => Drawn} */
export function renderQuestion({ model, el }) {
  const { kind, question } = headed(el), place = element("div", `tlt-asks-${model.get("field").kind}`, el);
  const answer = () => (model.get("closed") ? null : answerOf(model.get("field"), model.get("draft")));
  const commit = () => { if (answer() !== null) model.send({ kind: "commit", answer: answer() }); };
  /** @type {(draft: any) => void} */
  const choose = (draft) => { model.take({ note: {} }); model.set("draft", draft); model.save_changes(); };
  const show = fieldOf(model.get("field").kind, place, { name: question.id, choose, commit });
  const button = commitButton(el, commit), note = noteIn(announced("tlt-feedback", el));
  const say = () => {
    const words = model.get("words"), reason = model.get("reason");
    kind.textContent = words.kind;
    question.textContent = reason || words.question;
    button.textContent = words.button;
    el.dataset.asleep = String(Boolean(reason));
    place.hidden = Boolean(reason);
  };
  const fill = () => {
    show(model.get("field"), model.get("draft"), model.get("closed"), model.get("truth"));
    button.disabled = answer() === null;
    button.hidden = Boolean(model.get("reason")) || model.get("closed");
  };
  questions.set(el, model);
  const judge = () => { note(model.get("note")); el.dataset.mood = model.get("note").mood ?? ""; };
  return kept(model, [
    ["words", say], ["reason", say], ["reason", fill], ["field", fill], ["draft", fill], ["closed", fill], ["truth", fill], ["note", judge],
  ], () => questions.delete(el));
}

/** @type {(place: Place<SummaryValues>) => Drawn} */
export function renderSummary({ model, el }) {
  const note = noteIn(announced("tlt-feedback", el));
  return kept(model, [["note", () => note(model.get("note"))]]);
}

/** @type {(place: Place<ExerciseValues>) => Drawn} */
export function renderExercise({ model, el }) {
  const { kind, question } = headed(el), note = noteIn(announced("tlt-feedback", el)), helped = announced("tlt-helped", el);
  const button = commitButton(el, () => model.send({ kind: "more" }));
  const open = () => {
    const opened = model.get("opened");
    while (helped.children.length > opened.length) helped.children[helped.children.length - 1].remove();
    opened.forEach(([title, text, code], i) => {
      const hint = helped.children[i] ?? element("div", "tlt-hint", helped);
      hint.replaceChildren(element("b", "", null, title), " ", element(code ? "pre" : "span", "", null, text));
    });
  };
  const say = () => {
    kind.textContent = model.get("kind");
    question.textContent = model.get("title");
    button.textContent = model.get("button");
    button.hidden = !model.get("button");
    button.classList.toggle("tlt-stands-back", model.get("solved"));
  };
  return kept(model, [["kind", say], ["title", say], ["button", say], ["solved", say], ["opened", open], ["note", () => note(model.get("note"))]]);
}

/** @type {(place: Place<CodesValues>) => Drawn} */
export function renderCodes({ model, el }) {
  const codes = element("div", "tlt-codes", el), { kind, question } = headed(el), row = element("div", "tlt-chooser", el);
  kind.remove();
  row.setAttribute("role", "group");
  row.setAttribute("aria-labelledby", question.id);
  const columns = model.get("codes").map((lines) => {
    const column = element("div", "", codes), title = element("b", "", column), text = element("pre", "", column);
    for (const [line, differs] of lines) { element(differs ? "mark" : "span", "", text, line); text.append("\n"); }
    return title;
  });
  const choose = chooser(row, (/** @type {boolean} */ mistake) => { model.set("mistake", mistake); model.save_changes(); });
  const say = () => {
    const [broken, right] = model.get("titles");
    columns.forEach((title, i) => { title.textContent = model.get("titles")[i]; });
    question.textContent = model.get("question");
    choose([[broken, true], [right, false]], model.get("mistake"));
  };
  return kept(model, [["titles", say], ["question", say], ["mistake", say]]);
}
