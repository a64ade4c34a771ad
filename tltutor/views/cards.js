// What a question card needs of the page: radio buttons in one group, a named field, feedback that is announced, its keys kept.
import { keepKeys } from "./keyboard.js";

/** A name that no other card has: each card gets a module of its own, so none could count them. */
const freshName = () => `tlt-card-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;

/** Radio buttons become one group: Tab enters it, arrow keys walk it; a typed answer gets the question for its name. */
function dressField(card, name, question) {
  const radios = card.querySelectorAll('input[type="radio"]'), group = card.querySelector(".widget-radio-box");
  if (card.classList.contains("tlt-asks-options")) {
    if (!radios.length || !group) return false;
    for (const radio of radios) radio.name = name;
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", question.id);
  }
  card.querySelector('input[type="text"]')?.setAttribute("aria-labelledby", question.id);
  return true;
}

/** Give the card its roles; returns whether all its parts were there. */
export function dress(card) {
  const question = card.querySelector(".tlt-question"), feedback = card.querySelector(".tlt-feedback .widget-html-content");
  if (!question || !feedback) return false;
  const name = card.id || freshName();
  question.id = `${name}-question`;
  if (!dressField(card, name, question)) return false;
  feedback.setAttribute("role", "status");
  feedback.setAttribute("aria-live", "polite");
  card.setAttribute("role", "group");
  card.setAttribute("aria-labelledby", question.id);
  card.id = name;
  return true;
}

/** The line under a stack of cards is announced too. */
export function dressSummary(stack) {
  const summary = stack?.querySelector(":scope > .tlt-feedback .widget-html-content");
  summary?.setAttribute("role", "status");
  summary?.setAttribute("aria-live", "polite");
}

/** A press commits only when the kernel has answered it: by then the choice before it, which may wait for an answer itself, is there. */
export function commits(card, model) {
  let waits = 0; // a card may be shown twice: the answer is for the one that was pressed
  const press = (event) => {
    const button = event.target.closest(".tlt-commit");
    if (!button || button.disabled || button.closest(".tlt-card") !== card) return;
    event.stopPropagation();
    waits += 1;
    model.send({ kind: "press" });
  };
  const answered = ({ kind }) => {
    if (kind !== "pressed" || !waits) return;
    waits -= 1;
    model.send({ kind: "commit" });
  };
  card.addEventListener("click", press, true);
  model.on("msg:custom", answered);
  return () => { card.removeEventListener("click", press, true); model.off("msg:custom", answered); };
}

function render({ model, el }) {
  const ends = [];
  let waiting = null;
  const begin = () => {
    const card = el.closest(".tlt-card");
    if (!card) return;
    ends.push(keepKeys(card), commits(card, model));
    const attempt = () => {
      if (dress(card)) dressSummary(card.closest(".tlt-cards"));
    };
    waiting = new MutationObserver(attempt); // also of a card that is told in another language later
    waiting.observe(card, { childList: true, subtree: true });
    attempt();
  };
  const soon = setTimeout(begin, 0);
  return () => { clearTimeout(soon); waiting?.disconnect(); ends.forEach((end) => end()); };
}

export default { render };
