// What stands at a lesson's beginning: title, goals with their ticks, words with explanations, the language.
import { chooser, element, noteIn } from "./points/elements.js";
import { explainWords } from "./words.js";
/** @import { Drawn, LessonValues, Place } from "./types.js" */

/** @type {(place: Place<LessonValues>) => Drawn} */
export function renderLesson({ model, el }) {
  const title = element("div", "tlt-question", el), count = element("div", "tlt-kind", el), goals = element("ul", "tlt-goals", el);
  const remark = noteIn(element("div", "", el)), fold = element("details", "", el), heading = element("summary", "", fold), list = element("dl", "", fold);
  const keys = element("p", "tlt-keyboard", el), row = element("div", "tlt-chooser", el);
  title.id = `tlt-${Math.random().toString(36).slice(2)}`;
  for (const [place, role] of /** @type {[HTMLElement, string][]} */ ([[el, "group"], [row, "group"]])) {
    place.setAttribute("role", role);
    place.setAttribute("aria-labelledby", title.id);
  }
  const choose = chooser(row, (name) => model.send({ kind: "language", name }));
  const show = () => {
    const says = model.get("says"), words = Object.entries(model.get("words"));
    title.textContent = model.get("title");
    count.textContent = says.count;
    goals.replaceChildren(...model.get("goals").map(([text, done]) => goalOf(text, done, done ? says.reached : says.open)));
    remark({ mood: "plain", lead: "", text: model.get("remark") });
    heading.textContent = says.words;
    fold.hidden = !words.length;
    list.replaceChildren(...words.flatMap(([name, [word, sentence]]) => wordOf(name, word, sentence)));
    keys.textContent = says.keys;
  };
  const press = () => choose(Object.entries(model.get("languages")).map(([name, words]) => [words, name]), model.get("language"));
  const shown = /** @type {const} */ (["title", "goals", "words", "remark", "says"]);
  for (const name of shown) model.on(`change:${name}`, show);
  model.on("change:language", press);
  show();
  press();
  const end = explainWords(model, el);
  return { retell() {}, end: () => { end(); model.off("change:language", press); for (const name of shown) model.off(`change:${name}`, show); } };
}

/** @type {(text: string, done: boolean, words: string) => HTMLElement} */
function goalOf(text, done, words) {
  const goal = element("li", done ? "tlt-reached" : ""), tick = element("span", "", goal, done ? "✓" : "○");
  tick.setAttribute("role", "img");
  tick.setAttribute("aria-label", words);
  goal.append(` ${text}`);
  return goal;
}

/** A word's name, which links lead to, and its sentence. @type {(name: string, word: string, sentence: string) => HTMLElement[]} */
function wordOf(name, word, sentence) {
  const term = element("dt", "", null, word);
  term.id = `word-${name}`;
  return [term, element("dd", "", null, sentence)];
}
