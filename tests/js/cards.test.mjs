// A lesson's cards in a page: what they show and say, what is an answer, and what they tell the kernel.
import assert from "node:assert/strict";
import test from "node:test";
import { page } from "./dom.mjs";
import { load } from "./load.mjs";

const { Hub, show } = await load("board"), { answerOf, numberOf } = await load("fields"), { scales } = await load("sketch"), { keepKeys } = await load("keyboard");

const OPTIONS = { kind: "options", options: [["Aha", "a"], ["Bah", "b"]] }, NUMBER = { kind: "number", low: 0, high: 1, about: "A number between 0 and 1" };
const SKETCH = { kind: "sketch", xs: [0, 0.5, 1], bounds: [0, 2], words: { x: "run", y: "accuracy", help: "Draw.", truth: "Dashed." } };
const QUESTION = { words: { kind: "Explain", question: "Why?", button: "Check" }, field: OPTIONS, draft: null, note: {}, reason: "", truth: [], closed: false };
const WRONG = { mood: "wrong", lead: "Not quite.", text: "A myth." };

/** Cards of these parts in a new page. `says` is the kernel's message, `sent` what the page told it, `heard` answers what waits for that. */
function shown(parts) {
  const el = page(), hears = [], sent = [], state = { parts, number: 0, words: {} };
  Object.assign(globalThis.document, { addEventListener() {}, removeEventListener() {} });
  const hub = new Hub({ get: () => state, on: (_, act) => hears.push(act), send: ({ page: _, answer: __, ...content }) => sent.push(content) });
  const end = show(hub, el, "cards"), tell = (content) => hears.forEach((act) => act(content, []));
  let number = 0;
  return { el, hub, sent, end, heard: () => tell({ kind: "heard" }), says: (to, content) => tell({ to, kind: "set", content, number: ++number }) };
}

const asked = (values = {}) => shown({ question: { ...QUESTION, ...values } });
const only = (place, selector) => { const found = place.all(selector); assert.equal(found.length, 1, selector); return found[0]; };
const button = ({ el }) => only(el, "button.tlt-commit");
const pick = (input) => { input.checked = true; input.does("change"); };

// ---------------------------------------------------------------- a question

test("a card is a group with the question for its name, its options are one group, feedback is read aloud", () => {
  const { el } = asked(), card = only(el, "div.tlt-card"), question = only(el, "div.tlt-question"), group = only(el, "div.tlt-options");
  assert.deepEqual([card.getAttribute("role"), card.getAttribute("aria-labelledby")], ["group", question.id]);
  assert.deepEqual([group.getAttribute("role"), group.getAttribute("aria-labelledby")], ["radiogroup", question.id]);
  assert.deepEqual([question.textContent, only(el, "div.tlt-kind").textContent, button({ el }).textContent], ["Why?", "Explain", "Check"]);
  const feedback = only(el, "div.tlt-feedback"), radios = el.all("input");
  assert.deepEqual([feedback.getAttribute("role"), feedback.getAttribute("aria-live")], ["status", "polite"]);
  assert.deepEqual(radios.map(({ type, checked }) => [type, checked]), [["radio", false], ["radio", false]]);
  assert.equal(new Set(radios.map(({ name }) => name)).size, 1);
  assert.deepEqual(el.all("label").map((label) => label.textContent), ["Aha", "Bah"]);
});

test("cards under one another are groups of their own", () => {
  const { el } = shown({ question0: QUESTION, question1: QUESTION, summary: { note: {} } });
  assert.equal(new Set(el.all("input").map(({ name }) => name)).size, 2);
  assert.equal(new Set(el.all("div.tlt-question").map(({ id }) => id)).size, 2);
});

test("without an answer the button sleeps; a choice wakes it and is told; a press brings the answer along, after the choice", () => {
  const card = asked(), [, second] = card.el.all("input");
  assert.equal(button(card).disabled, true);
  button(card).does("click");
  assert.deepEqual(card.sent, []);
  pick(second);
  assert.equal(button(card).disabled, false);
  assert.deepEqual(card.sent, [{ to: "question", kind: "set", content: { draft: "b" } }]);
  pick(card.el.all("input")[0]); // the kernel has not heard of the first choice yet
  button(card).does("click");
  assert.deepEqual(card.sent.slice(1), [
    { to: "question", kind: "set", content: { draft: "a" } }, { to: "question", kind: "message", content: { kind: "commit", answer: "a" } },
  ]);
});

test("feedback is shown with its mood in a word, and goes with another choice", () => {
  const card = asked({ draft: "b" }), feedback = only(card.el, "div.tlt-feedback");
  card.says("question", { note: WRONG });
  assert.equal(feedback.textContent, "Not quite. A myth.");
  assert.equal(feedback.children[0].className, "tlt-note tlt-note-wrong");
  assert.equal(button(card).disabled, false);
  pick(card.el.all("input")[0]);
  assert.equal(feedback.textContent, "");
});

test("a closed card shows its answer and takes no other one", () => {
  const card = asked({ draft: "b" });
  card.says("question", { closed: true, note: { mood: "right", lead: "Yes.", text: "So." } });
  assert.deepEqual(card.el.all("input").map(({ checked, disabled }) => [checked, disabled]), [[false, true], [true, true]]);
  assert.deepEqual([button(card).hidden, button(card).disabled], [true, true]);
  button(card).does("click");
  assert.deepEqual(card.sent, []);
  assert.equal(only(card.el, "div.tlt-card").dataset.mood, "right");
});

test("a card that sleeps shows why in the place of question, field and button", () => {
  const card = asked({ reason: "Opens later." }), [field] = card.el.all("div.tlt-asks-options");
  assert.deepEqual([only(card.el, "div.tlt-question").textContent, field.hidden, button(card).hidden], ["Opens later.", true, true]);
  card.says("question", { reason: "" });
  assert.deepEqual([only(card.el, "div.tlt-question").textContent, field.hidden, button(card).hidden], ["Why?", false, false]);
});

test("in another language the elements stay, and with them what is chosen and focused", () => {
  const card = asked({ draft: "a" }), before = card.el.all("input");
  card.says("question", { words: { kind: "解释", question: "为什么？", button: "检查" }, field: { kind: "options", options: [["甲", "a"], ["乙", "b"]] } });
  assert.deepEqual(card.el.all("label").map((label) => label.textContent), ["甲", "乙"]);
  assert.deepEqual([only(card.el, "div.tlt-question").textContent, button(card).textContent], ["为什么？", "检查"]);
  card.el.all("input").forEach((input, i) => assert.equal(input, before[i]));
  assert.equal(before[0].checked, true);
});

test("texts stay texts", () => {
  const nasty = "<img src=x onerror=alert(1)>", card = asked({ words: { kind: nasty, question: nasty, button: nasty }, field: { kind: "options", options: [[nasty, "a"]] }, note: { mood: "plain", lead: "", text: nasty } });
  assert.equal(card.el.all("img").length, 0);
  assert.equal(card.el.textContent.split(nasty).length - 1, 5);
});

test("a card that goes listens no more", () => {
  const { el, hub, end } = shown({ question: QUESTION, exercise: { kind: "", title: "", note: {}, opened: [], button: "", solved: false } });
  end();
  assert.deepEqual(el.children, []);
  for (const channel of hub.channels.values()) for (const hearers of channel.hearers.values()) assert.equal(hearers.size, 0);
});

// ---------------------------------------------------------------- other answers

test("what is typed is an answer once it is a number within its bounds", () => {
  const cases = [
    ["0.5", 0.5], ["50 %", 0.5], [" ,5", 0.5], ["35%", 0.35], ["2", null], ["", null], ["half", null], ["nan", null], ["−0.1", null], ["1", 1], ["1e-1", 0.1], ["0x1", null], [".", null],
  ];
  for (const [typed, value] of cases) assert.equal(answerOf(NUMBER, typed), value, typed);
  assert.equal(numberOf("−3"), -3);
  assert.equal(answerOf(NUMBER, 0.25), 0.25, "as the kernel kept it");
  assert.equal(answerOf(NUMBER, null), null);
});

test("a number is typed, what is none is marked, Enter commits it", () => {
  const card = asked({ field: NUMBER }), input = only(card.el, "input"), about = card.el.all("span").find((one) => one.textContent === NUMBER.about);
  assert.equal(input.getAttribute("aria-labelledby"), only(card.el, "div.tlt-question").id);
  assert.equal(input.getAttribute("aria-describedby"), about.id);
  const type = (text) => { input.value = text; input.does("input"); return [input.getAttribute("aria-invalid"), button(card).disabled]; };
  assert.deepEqual([type("4"), type(""), type("40 %")], [["true", true], ["false", true], ["false", false]]);
  card.sent.length = 0;
  input.does("keydown", { key: "Enter", shiftKey: true });
  input.does("keydown", { key: "Enter", isComposing: true });
  assert.deepEqual(card.sent, []);
  input.does("keydown", { key: "Enter" });
  assert.deepEqual(card.sent.at(-1).content, { kind: "commit", answer: 0.4 });
  card.says("question", { draft: 0.4, closed: true });
  assert.deepEqual([input.value, input.disabled], ["0.4", true]);
});

test("a curve is an answer once every place has a value; keys set a value and walk on", () => {
  assert.deepEqual([answerOf(SKETCH, [1, null, 1]), answerOf(SKETCH, null), answerOf(SKETCH, [1, 2])], [null, null, null]);
  const card = asked({ field: SKETCH }), handles = card.el.all("circle"), names = handles.map((handle) => handle.getAttribute("aria-label"));
  assert.deepEqual(names, ["accuracy, run 0", "accuracy, run 0.5", "accuracy, run 1"]);
  assert.deepEqual(handles.map((handle) => handle.getAttribute("class")), ["tlt-empty", "tlt-empty", "tlt-empty"]);
  handles[0].does("keydown", { key: "ArrowRight" });
  assert.equal(document.activeElement, handles[1]);
  for (const handle of handles) handle.does("keydown", { key: "Home" });
  assert.deepEqual([card.hub.channel("question").get("draft"), button(card).disabled], [[0, 0, 0], false]);
  assert.equal(handles[0].getAttribute("aria-valuenow"), "0");
  button(card).does("click");
  assert.deepEqual(card.sent.at(-1).content, { kind: "commit", answer: [0, 0, 0] });
  card.says("question", { closed: true, truth: [[0, 0], [1, 9]] });
  handles[0].does("keydown", { key: "End" });
  assert.deepEqual(card.hub.channel("question").get("draft"), [0, 0, 0]);
  assert.equal(handles[0].getAttribute("aria-disabled"), "true");
  const { x, y } = scales(SKETCH.xs, SKETCH.bounds), place = (px, py) => `${px.toFixed(1)} ${py.toFixed(1)}`;
  assert.equal(card.el.all("path")[0].getAttribute("d"), `M${place(x(0), y(0))}L${place(x(1), y(2))}`, "what lies above is drawn at the edge");
  assert.ok(card.el.textContent.includes("Dashed."));
});

// ---------------------------------------------------------------- help, codes, summaries

const EXERCISE = { kind: "Exercise", title: "double()", note: WRONG, opened: [], button: "Hint 1 of 1", solved: false };

test("hints open under one another, the solution is code, and the button goes with it", () => {
  const card = shown({ exercise: EXERCISE });
  assert.equal(only(card.el, "div.tlt-feedback").textContent, "Not quite. A myth.");
  button(card).does("click");
  assert.deepEqual(card.sent, [{ to: "exercise", kind: "message", content: { kind: "more" } }]);
  card.says("exercise", { opened: [["Hint 1 of 1", "Look <b>.", false]], button: "Show the solution" });
  const [hint] = card.el.all("div.tlt-hint");
  assert.deepEqual([hint.textContent, button(card).textContent, button(card).hidden], ["Hint 1 of 1 Look <b>.", "Show the solution", false]);
  card.says("exercise", { opened: [["Hint 1 of 1", "Look <b>.", false], ["Solution", "return 2", true]], button: "" });
  assert.deepEqual(card.el.all("div.tlt-hint").map((one) => one === hint), [true, false], "only what is new is read aloud");
  assert.equal(only(card.el, "pre").textContent, "return 2");
  assert.equal(button(card).hidden, true);
});

test("solved, the button stands back", () => {
  for (const solved of [false, true]) assert.equal(button(shown({ exercise: { ...EXERCISE, solved } })).classList.contains("tlt-stands-back"), solved);
});

test("two codes under their titles, what differs stands out, and a switch says which runs", () => {
  const card = shown({ codes: { codes: [[["def f():", false], ["  bad", true]], [["def f():", false], ["  good", true]]], titles: ["Broken", "Fixed"], question: "What runs:", mistake: true } });
  assert.deepEqual(card.el.all("mark").map((mark) => mark.textContent), ["  bad", "  good"]);
  assert.deepEqual(card.el.all("div.tlt-codes")[0].children.map((column) => column.children[0].textContent), ["Broken", "Fixed"]);
  const [broken, fixed] = card.el.all("button"), pressed = () => [broken, fixed].map((one) => one.getAttribute("aria-pressed"));
  assert.deepEqual([broken.textContent, fixed.textContent, ...pressed()], ["Broken", "Fixed", "true", "false"]);
  fixed.does("click");
  assert.deepEqual(pressed(), ["false", "true"]);
  assert.deepEqual(card.sent, [{ to: "codes", kind: "set", content: { mistake: false } }]);
  card.says("codes", { titles: ["坏的", "好的"] });
  assert.deepEqual([broken.textContent, fixed.textContent, ...pressed()], ["坏的", "好的", "false", "true"]);
});

test("the line under several questions is read aloud when it comes", () => {
  const card = shown({ summary: { note: {} } }), line = only(card.el, "div.tlt-feedback");
  assert.deepEqual([line.getAttribute("role"), line.textContent], ["status", ""]);
  card.says("summary", { note: { mood: "plain", lead: "", text: "2 of 3" } });
  assert.equal(line.textContent, "2 of 3");
});

// ---------------------------------------------------------------- a lesson's beginning

const LESSON = {
  title: "05 · Tuning", goals: [["See", true], ["Do", false]], words: { mmd: ["MMD", "A distance."] }, remark: "", languages: { en: "English", zh: "中文" }, language: "en",
  says: { count: "1 of 2", words: "Words", keys: "By keyboard", reached: "reached", open: "not yet" },
};

test("a lesson shows its goals, each with its tick in words, its words with places for links, and the language", () => {
  const card = shown({ lesson: LESSON }), goals = card.el.all("li"), [english, chinese] = card.el.all("button");
  assert.deepEqual(goals.map((goal) => [goal.textContent, goal.className, goal.children[0].getAttribute("aria-label")]), [["✓ See", "tlt-reached", "reached"], ["○ Do", "", "not yet"]]);
  assert.deepEqual(card.el.all("dt").map(({ id, textContent }) => [id, textContent]), [["word-mmd", "MMD"]]);
  assert.deepEqual([english.getAttribute("aria-pressed"), chinese.getAttribute("aria-pressed")], ["true", "false"]);
  chinese.does("click");
  assert.deepEqual(card.sent, [{ to: "lesson", kind: "message", content: { kind: "language", name: "zh" } }]);
  card.says("lesson", { language: "zh", title: "05 · 微调", goals: [["看", true], ["做", true]] });
  assert.deepEqual([chinese.getAttribute("aria-pressed"), card.el.all("li.tlt-reached").length, card.el.all("button")[1]], ["true", 2, chinese]);
  assert.ok(card.el.textContent.includes("05 · 微调"));
});

test("a remark about the progress file is there when it is needed", () => {
  const card = shown({ lesson: LESSON });
  assert.equal(card.el.all("p.tlt-note").length, 0);
  card.says("lesson", { remark: "Cannot be saved." });
  assert.equal(only(card.el, "p.tlt-note").textContent, "Cannot be saved.");
});

test("a button that vanishes after the last hint hands the focus on", () => {
  const watched = {};
  page();
  globalThis.MutationObserver = class { observe(_, options) { watched.options = options; } disconnect() {} };
  keepKeys({ closest: () => null, addEventListener() {} });
  assert.ok(["disabled", "hidden"].every((name) => watched.options.attributeFilter.includes(name)));
});
