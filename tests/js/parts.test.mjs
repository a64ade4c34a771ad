// The board's plain parts in a page: buttons, choices, sliders, status, numbers, errors; what they show, say aloud and send.
import assert from "node:assert/strict";
import test from "node:test";
import { Fake, page, spoken } from "./dom.mjs";
import { load } from "./load.mjs";

const { Channel } = await load("hub"), { speak } = await load("language");
const { grouped, iconOf, renderHeader } = await load("header"), { nearestStep, numberWords, renderControls } = await load("controls");
const { bySpan, renderHappenings } = await load("happenings"), { renderStrip } = await load("strip"), said = await load("said"), { renderQuestion } = await load("cards"), { numberTable } = await load("numbers");

/** A part with these values, drawn in a new page; `sent` is what it tells the kernel. */
function drawn(render, values, about = {}) {
  const sent = [], tell = (_, kind, content) => sent.push(kind === "message" ? content : { kind, ...content });
  const model = new Channel({ tell, tellLast: tell }, "part", values);
  const el = page(), part = render({ model, el, ...about });
  return { el, model, sent, part, listeners: () => [...model.hearers.values()].reduce((sum, hearers) => sum + hearers.size, 0) };
}

/** Each text is its own translation, in brackets. */
const marked = new Proxy({}, { get: (_, text) => `«${text}»` });

test.afterEach(() => speak({}));

// ---------------------------------------------------------------- the first row

const HEADER = {
  options: { pair: [["«a»", "a->b"], ["«c»", "c->d"]], objective: [["«DANN»", "dann"], ["«MMD»", "mmd"]], projection: [["«PCA»", "pca"]], speed: [["«full»", 0], ["«10»", 10]] },
  chosen: { pair: "c->d", objective: "dann", projection: "pca", seed: 3, speed: 10 }, playing: false, reason: "",
};
const header = (values = {}, about = {}) => drawn(renderHeader, { ...HEADER, ...values }, { about: "board", hidden: new Set(), ...about });
const buttonsOf = ({ el }) => Object.fromEntries(el.all("button").map((button) => [button.className.split("tlt-").at(-1), button]));
const fieldsOf = ({ el }) => Object.fromEntries(el.all(".tlt-field").map((place) => [place.className.split("tlt-field-")[1], place.children[1]]));

test("buttons say what they are, what they do, and are pressed", () => {
  const shown = header(), { play, step, reset, stop } = buttonsOf(shown);
  assert.deepEqual([play, step, reset, stop].map((button) => [button.textContent, button.title, button.type]), [
    ["Play", "Train, and watch the features move", "button"], ["Step", "Train one step and pause", "button"],
    ["Reset", "Begin again: same settings, same seed", "button"], ["Stop", "End this run and its thread; what was recorded stays", "button"],
  ]);
  for (const button of [play, step, reset, stop]) button.does("click");
  assert.deepEqual(shown.sent, ["play", "step", "reset", "stop"].map((button) => ({ kind: "press", button })));
});

test("Play says Pause while something plays, with the icon of that", () => {
  const shown = header(), { play, step } = buttonsOf(shown), icon = play.children[0];
  assert.deepEqual([play.textContent, icon.className], ["Play", "tlt-icon-play"]);
  shown.model.take({ playing: true });
  assert.deepEqual([play.textContent, icon.className, step.textContent], ["Pause", "tlt-icon-pause", "Step"]);
  shown.model.take({ playing: false });
  assert.deepEqual([play.textContent, icon.className], ["Play", "tlt-icon-play"]);
  assert.deepEqual(["step", "reset", "stop"].map((name) => iconOf(name, true)), ["step-forward", "undo", "stop"]);
});

test("buttons that sleep say why, the others stay awake, and all wake as themselves", () => {
  const shown = header({ reason: "Commit first" }), buttons = buttonsOf(shown);
  assert.deepEqual(Object.entries(buttons).map(([name, { disabled, title }]) => [name, disabled, title === "Commit first"]), [
    ["play", true, true], ["step", true, true], ["reset", false, false], ["stop", false, false],
  ]);
  shown.model.take({ reason: "" });
  assert.deepEqual([buttons.play.disabled, buttons.step.disabled, buttons.play.title], [false, false, "Train, and watch the features move"]);
});

test("fields are named, show what is chosen, and tell a choice as the kernel's kind", () => {
  const shown = header(), fields = fieldsOf(shown), labels = shown.el.all("label");
  assert.deepEqual(labels.map((label) => label.textContent), ["Domains", "Objective", "Map", "Seed", "Speed"]);
  for (const [i, input] of Object.values(fields).entries()) assert.equal(labels[i].htmlFor, input.id);
  assert.deepEqual(Object.values(fields).map((input) => input.value), ["c->d", "dann", "pca", "3", "10"]);
  assert.equal(fields.seed.title, "Fixes all chance");
  assert.deepEqual([fields.seed.type, fields.seed.min, fields.seed.max], ["number", 0, 2 ** 31 - 1]);
  for (const [name, text] of [["objective", "mmd"], ["seed", "12"], ["speed", "0"]]) { fields[name].value = text; fields[name].does("change"); }
  assert.deepEqual(shown.sent, [["objective", "mmd"], ["seed", 12], ["speed", 0]].map(([name, value]) => ({ kind: "choose", name, value })));
  assert.deepEqual(shown.model.get("chosen"), { ...HEADER.chosen, objective: "mmd", seed: 12, speed: 0 }, "it stands without waiting for the kernel");
});

test("a choice stays, and a seed that is being typed too, while other things change", () => {
  const shown = header(), { objective, seed } = fieldsOf(shown);
  objective.value = "mmd"; objective.does("change");
  seed.value = "12";
  for (const values of [{ playing: true }, { reason: "x" }, { playing: false }]) shown.model.take(values);
  assert.deepEqual([objective.value, seed.value], ["mmd", "12"]);
  shown.model.take({ chosen: { ...HEADER.chosen, objective: "dann" } });
  assert.deepEqual([objective.value, seed.value], ["dann", "12"]);
  shown.model.take({ chosen: { ...HEADER.chosen, seed: 5 } });
  assert.equal(seed.value, "5", "the kernel has the last word");
});

test("a seed that is none is not told", () => {
  const shown = header(), { seed } = fieldsOf(shown);
  let reported = 0;
  Object.assign(seed, { checkValidity: () => false, reportValidity: () => { reported++; } });
  seed.value = "-1"; seed.does("change");
  assert.deepEqual([shown.sent, reported], [[], 1]);
  seed.does("blur");
  assert.equal(seed.value, "3", "who leaves it finds what acts");
});

test("options are put anew only where they are others", () => {
  const shown = header(), { objective } = fieldsOf(shown), before = objective.children;
  shown.model.take({ options: { ...HEADER.options } });
  assert.equal(objective.children, before);
  shown.model.take({ options: { ...HEADER.options, objective: [["CORAL", "coral"]] }, chosen: { ...HEADER.chosen, objective: "coral" } });
  assert.deepEqual(objective.children.map((option) => [option.textContent, option.value]), [["CORAL", "coral"]]);
  assert.equal(objective.value, "coral");
});

test("options stand in the groups that they name", () => {
  assert.deepEqual(grouped([["a", 1], ["b", 2, "x"], ["c", 3, "x"], ["d", 4, "y"]]), [["", [["a", 1]]], ["x", [["b", 2], ["c", 3]]], ["y", [["d", 4]]]]);
  const shown = header({ options: { ...HEADER.options, objective: [["DANN", "dann", "Adversarial"], ["MMD", "mmd", "Distances"]] } }), { objective } = fieldsOf(shown);
  assert.deepEqual(objective.children.map(({ tag, label, children }) => [tag, label, children.map(({ value }) => value)]), [
    ["optgroup", "Adversarial", ["dann"]], ["optgroup", "Distances", ["mmd"]],
  ]);
  assert.equal(objective.value, "dann");
});

test("what is hidden is not there, and each plan has its own fields and words", () => {
  const shown = header({}, { hidden: new Set(["stop", "seed", "speed"]) });
  assert.deepEqual([Object.keys(buttonsOf(shown)), Object.keys(fieldsOf(shown))], [["play", "step", "reset"], ["pair", "objective", "projection"]]);
  const both = header({}, { about: "compare" });
  assert.deepEqual(Object.keys(fieldsOf(both)), ["pair", "projection", "seed", "speed"]);
  assert.deepEqual(Object.values(buttonsOf(both)).map(({ title }) => title), [
    "Train both, step for step", "Train one step of both and pause", "Begin both again: same settings, same seed", "End both runs; what was recorded stays",
  ]);
  const side = header({}, { about: "side" });
  assert.deepEqual([Object.keys(buttonsOf(side)), Object.keys(fieldsOf(side))], [[], ["objective"]]);
  assert.equal(header({}, { about: "side", hidden: new Set(["objective"]) }).el.all("select").length, 0);
});

// ---------------------------------------------------------------- sliders

const ROWS = [
  { name: "weight", title: "λ «weight»", about: "«How much»", scale: "log", steps: [0, 0.1, 0.3, 1, 10] },
  { name: "freeze_depth", title: "«freeze depth»", about: "«Stages»", scale: "int", low: 0, high: 3, step: 1 },
  { name: "dropout", title: "«dropout»", about: "«Share»", scale: "linear", low: 0, high: 1, step: 0.001 },
  { name: "estimator", title: "«estimator»", about: "«Which»", scale: "choice", choices: [["«unbiased»", "unbiased"], ["«biased»", "biased"]] },
  { name: "ramp", title: "«ramp»", about: "«Whether»", scale: "switch" },
];
const CONTROLS = { rows: ROWS, values: { weight: 0.3, freeze_depth: 2, dropout: 0.123, estimator: "biased", ramp: true }, notes: { freeze_depth: "«stages»", ramp: "«new run»" } };
const controls = (values = {}) => drawn(renderControls, { ...CONTROLS, ...values });
const rowsOf = ({ el }) => Object.fromEntries(el.all(".tlt-row").map((row, i) => [ROWS[i].name, { label: row.children[0], input: row.children[1], readout: row.children[2], note: row.children[3] }]));

test("each setting's row has the input of its kind, with its name, value and remark", () => {
  const rows = rowsOf(controls());
  assert.deepEqual(Object.values(rows).map(({ input }) => [input.tag, input.type]), [["input", "range"], ["input", "range"], ["input", "range"], ["select", undefined], ["input", "checkbox"]]);
  for (const [i, { label, input, note }] of Object.values(rows).entries()) {
    assert.deepEqual([label.textContent, input.title, note.title], [ROWS[i].title, ROWS[i].about, ROWS[i].about]);
  }
  const { weight, freeze_depth: depth, dropout, estimator, ramp } = rows;
  assert.deepEqual([weight.input.value, depth.input.value, dropout.input.value, estimator.input.value, ramp.input.checked], ["2", "2", "0.123", "biased", true]);
  assert.deepEqual([weight, depth, dropout, estimator].map(({ readout }) => readout.textContent), ["0.3", "2", "0.123", ""]);
  assert.deepEqual([weight.note, depth.note, ramp.note].map((note) => note.textContent), ["", "«stages»", "«new run»"]);
  assert.deepEqual(estimator.input.children.map((option) => [option.textContent, option.value]), [["«unbiased»", "unbiased"], ["«biased»", "biased"]]);
  assert.deepEqual([weight.input.min, weight.input.max, dropout.input.max, dropout.input.step], [0, 4, 1, 0.001]);
});

test("a slider has its row's name for a screen reader, and says the number beside it", () => {
  const rows = rowsOf(controls());
  for (const { label, input } of Object.values(rows)) assert.equal(label.htmlFor, input.id);
  assert.equal(new Set(Object.values(rows).map(({ input }) => input.id)).size, ROWS.length);
  const { input, readout } = rows.weight;
  assert.equal(input.getAttribute("aria-valuetext"), "0.3", "not which step of the ladder it is");
  assert.equal(readout.htmlFor, input.id);
  input.value = 4; input.does("input");
  assert.deepEqual([readout.textContent, input.getAttribute("aria-valuetext")], ["10", "10"]);
  assert.equal(rows.ramp.input.getAttribute("aria-valuetext"), null);
});

test("what a person moves is told while it moves, as a number of the setting, and stands at once", () => {
  const shown = controls(), { weight, dropout, estimator, ramp } = rowsOf(shown);
  weight.input.value = 3; weight.input.does("input");
  dropout.input.value = 0.5; dropout.input.does("input");
  estimator.input.value = "unbiased"; estimator.input.does("change");
  ramp.input.checked = false; ramp.input.does("change");
  assert.deepEqual(shown.sent, [["weight", 1], ["dropout", 0.5], ["estimator", "unbiased"], ["ramp", false]].map(([name, value]) => ({ kind: "move", name, value })));
  assert.deepEqual(shown.model.get("values"), { weight: 1, freeze_depth: 2, dropout: 0.5, estimator: "unbiased", ramp: false });
});

test("another view of the same sliders follows, and notes never move one", () => {
  const shown = controls(), { weight, freeze_depth: depth } = rowsOf(shown);
  shown.model.take({ values: { ...CONTROLS.values, weight: 10 } });
  assert.deepEqual([weight.input.value, weight.readout.textContent], ["4", "10"]);
  shown.model.take({ notes: { weight: "«acts as 0.5»" } });
  assert.deepEqual([weight.input.value, weight.note.textContent, depth.note.textContent], ["4", "«acts as 0.5»", ""]);
});

test("other rows take the place of those before, and who stands on one that stays is not lost", () => {
  const shown = controls(), before = rowsOf(shown).freeze_depth.input;
  before.focus();
  shown.model.take({ rows: ROWS.slice(0, 2), values: { weight: 1, freeze_depth: 3 }, notes: {} });
  const { freeze_depth: depth } = rowsOf(shown);
  assert.equal(shown.el.all(".tlt-row").length, 2);
  assert.notEqual(depth.input, before);
  assert.deepEqual([document.activeElement, depth.input.value], [depth.input, "3"]);
  shown.model.take({ rows: [], values: {}, notes: {} });
  assert.equal(shown.el.all(".tlt-controls")[0].hidden, true);
});

test("a slider that can go nowhere is asleep", () => {
  const shown = controls({ rows: [{ ...ROWS[1], high: 0 }], values: { freeze_depth: 0 } });
  assert.equal(shown.el.all("input")[0].disabled, true);
  assert.equal(rowsOf(controls()).freeze_depth.input.disabled, false);
});

test("numbers have three digits, as people write them, and a value between steps takes the nearest", () => {
  assert.deepEqual([1000, 12000, 0.00123456, 2 / 3, 0].map(numberWords), ["1000", "12000", "0.00123", "0.667", "0"]);
  assert.deepEqual([0, 0.19, 0.21, 9].map((value) => nearestStep([0, 0.1, 0.3, 10], value)), [0, 1, 2, 3]);
});

// ---------------------------------------------------------------- status, numbers, errors

const STATUS = { state: "playing", step: 1240, steps: 3000, device: "cuda:0", rate: 41.234, note: "a < b" };
const waits = (reason = "") => new Channel({}, "header", { reason });
const status = (values = {}, first = waits()) => drawn(said.renderStatus, { shown: { ...STATUS, ...values } }, { header: first });
const line = ({ el }) => el.all(".tlt-status")[0];
const words = ({ el }) => line({ el }).children.map((node) => node.textContent).filter(Boolean).join(" | ");

test("the status says state, step, device and rate, over a bar of progress", () => {
  const shown = status(), note = shown.el.all(".tlt-status-note")[0];
  assert.equal(words(shown), "Playing | step 1,240 of 3,000 | cuda:0 | 41.2 steps/s | a < b");
  assert.deepEqual(line(shown).dataset, { state: "playing", step: "1240" });
  assert.equal(line(shown).children[2].children[1].tag, "b", "the step is what changes");
  assert.deepEqual([note.title, shown.el.all(".tlt-progress")[0].children[0].style.width], ["a < b", "41.3%"]);
  shown.model.take({ shown: { ...STATUS, state: "paused", step: 5000, rate: null, note: "" } });
  assert.equal(words(shown), "Paused | step 5,000 of 3,000 | cuda:0 | – steps/s");
  assert.equal(shown.el.all(".tlt-progress")[0].children[0].style.width, "100.0%");
});

test("who is ready is told what to press, unless there is more to say", () => {
  assert.match(words(status({ state: "ready", rate: null, note: "" })), /press Play to train$/);
  assert.doesNotMatch(words(status({ state: "ready", note: "first the source" })), /press Play/);
  assert.doesNotMatch(words(status({ state: "paused", note: "" })), /press Play/);
});

test("the line says why Play sleeps, and leads to the card that it waits for", () => {
  const first = waits("Commit first"), shown = status({ state: "ready", note: "" }, first), [why] = shown.el.all(".tlt-status-why");
  assert.deepEqual([why.textContent, why.hidden, why.type], ["Commit first ↑", false, "button"]);
  why.does("click"); // no card is there yet: nothing happens
  const gone = [], ends = [], tell = () => {};
  const card = (name, top, values = {}) => {
    const field = { kind: "options", options: [["A", "a"]] }, question = { words: {}, field, draft: null, note: {}, reason: "", truth: [], closed: false, ...values };
    const el = new Fake("div");
    Object.assign(el, { getBoundingClientRect: () => ({ top }), scrollIntoView: () => gone.push(name) });
    ends.push(renderQuestion({ model: new Channel({ tell, tellLast: tell }, "question", question), el }).end);
    return el;
  };
  shown.el.getBoundingClientRect = () => ({ top: 500 });
  const wanted = card("wanted", 200);
  card("earlier", -300); card("closed", 300, { closed: true }); card("asleep", 400, { reason: "Later." }); card("below", 700);
  why.does("click");
  assert.deepEqual(gone, ["wanted"]);
  assert.equal(document.activeElement, wanted.all("input")[0]);
  for (const end of ends) end();
  why.does("click");
  assert.deepEqual(gone, ["wanted"], "a card that went is no goal");
  first.take({ reason: "" });
  assert.deepEqual([why.hidden, why.textContent], [true, ""]);
  assert.match(words(shown), /press Play to train$/);
  assert.match(words(status({ state: "ready", note: "loading" }, waits("Commit first"))), /loading$/, "a remark comes first");
});

test("every state has its word, and one that is not known is shown as it is", () => {
  const states = ["loading", "ready", "playing", "paused", "finished", "stopped", "failed"];
  const word = (state) => line(status({ state })).children[1].textContent;
  assert.deepEqual(states.map(word), ["Loading", "Ready", "Playing", "Paused", "Finished", "Stopped", "Failed"]);
  assert.equal(word("elsewhere"), "elsewhere");
});

test("a rate is short, and a dash where there is none", () => {
  assert.deepEqual([41.234, 99.94, 1234.4, 0, null, undefined, NaN, Infinity].map(said.rateWords), ["41.2", "99.9", "1234", "–", "–", "–", "–", "–"]);
  assert.deepEqual([[5, 10], [20, 10], [-1, 10], [5, 0]].map(([step, steps]) => said.shareDone(step, steps)), [0.5, 1, 0, 0]);
});

const NUMBERS = {
  target_accuracy: 0.8145, source_accuracy: 0.99, domain_probe_accuracy: 0.9, domain_probe_null_high: 0.56,
  mmd2: 0.1234, mmd2_null_low: -0.002, mmd2_null_high: 0.004, knn_label_agreement: 0.5,
};
const ownRows = (el) => el.all("tr").slice(0, 5); // below them are the effective examples, and the judges'
const table = ({ el }) => ownRows(el).map((row) => [...row.children.slice(0, 2), row.children[3]].map((cell) => cell.textContent));

test("the numbers' rows keep their places, and say what judges and what chance gives", () => {
  const shown = drawn(said.renderNumbers, { numbers: {}, judging: false, chosen: {} }), rows = ownRows(shown.el);
  assert.deepEqual(table(shown).map(([, value]) => value), ["–", "–", "–", "–", "–"]);
  shown.model.take({ numbers: NUMBERS });
  assert.deepEqual(table(shown), [
    ["Target accuracy", "0.815", "labels used only to judge"], ["Source accuracy", "0.990", ""], ["Domain probe", "0.900", "0.5 = mixed; apart"],
    ["MMD²", "0.123", "chance −0.002 to +0.004"], ["Label agreement", "0.500", "of nearest source points"],
  ]);
  assert.deepEqual(ownRows(shown.el), rows);
  assert.deepEqual(rows.map((row) => row.children[0].scope), Array(5).fill("row"));
  shown.model.take({ numbers: { mmd2: -0.001, domain_probe_accuracy: 0.55, domain_probe_null_high: 0.56, target_accuracy: null } });
  assert.deepEqual(table(shown).slice(0, 4).map(([, value]) => value), ["–", "–", "0.550", "−0.001"]);
  assert.equal(table(shown)[2][2], "0.5 = mixed; as chance");
});

test("how many examples count is a row only where weights differ", () => {
  const shown = drawn(said.renderNumbers, { numbers: NUMBERS, judging: false, chosen: {} }), row = shown.el.all("tr")[5];
  assert.equal(row.hidden, true);
  shown.model.take({ numbers: { ...NUMBERS, effective_sample_size: 12.93 } });
  assert.equal(row.hidden, false);
  assert.deepEqual([0, 1, 3].map((cell) => row.children[cell].textContent), ["Effective size", "12.9", "marker area: weight"]);
  shown.model.take({ numbers: NUMBERS });
  assert.equal(row.hidden, true);
  const el = page(), secret = numberTable(el, null, new Set(["effective_sample_size"]));
  secret.show({ effective_sample_size: 3 });
  assert.equal(el.all("tr")[5].hidden, true, "a board that hides it");
});

test("the two numbers that need a word have it, whether or not they are known", () => {
  for (const numbers of [{}, NUMBERS]) {
    const titles = ownRows(drawn(said.renderNumbers, { numbers, judging: false, chosen: {} }).el).map((row) => row.title);
    assert.match(titles[2], /How well a fresh classifier tells source from target.* Shaded: what chance gives/);
    assert.match(titles[3], /Squared maximum mean discrepancy/);
    assert.deepEqual([titles[0], titles[1], titles[4]], ["", "", ""]);
  }
});

test("bars stay inside, and the band of chance too", () => {
  const el = page(), rows = numberTable(el);
  for (const numbers of [{ target_accuracy: 7, source_accuracy: -1 }, NUMBERS, { ...NUMBERS, mmd2: -0.3, mmd2_null_low: -0.4 }, { domain_probe_accuracy: 0.2, domain_probe_null_high: 1.4 }]) {
    rows.show(numbers);
    for (const part of el.all(".tlt-bar").flatMap((bar) => bar.children)) {
      const { left = "0%", width } = part.style;
      for (const share of [left, width].map(parseFloat)) assert.ok(share >= 0 && share <= 100, `${left} ${width}`);
      assert.ok(parseFloat(left) + parseFloat(width) <= 100.1, `${left} ${width}`);
    }
  }
});

test("what went wrong has its last line first, the rest behind a fold, and all of it as text", () => {
  const shown = drawn(said.renderError, { heading: "", details: "" });
  assert.deepEqual(shown.el.children, []);
  const details = "Traceback:\n  File <x>\n\nValueError: <script>alert(1)</script>\n";
  shown.model.take({ heading: "Stopped <now>", details });
  const [panel] = shown.el.children, [heading, last, fold] = panel.children;
  assert.equal(panel.getAttribute("role"), "alert");
  assert.deepEqual([heading, last].map(({ tag, words: text }) => [tag, text]), [["b", "Stopped <now>"], ["p", "ValueError: <script>alert(1)</script>"]]);
  assert.deepEqual([fold.tag, ...fold.children.map(({ tag, words: text }) => [tag, text])], ["details", ["summary", "All details"], ["pre", details.trim()]]);
  shown.model.take({ heading: "", details: "" });
  assert.deepEqual(shown.el.children, []);
});

test("an error of one line has no fold, and does not say the same twice", () => {
  const parts = (heading, details) => drawn(said.renderError, { heading, details }).el.children[0].children.map(({ tag, textContent }) => [tag, textContent]);
  assert.deepEqual(parts("one line", ""), [["b", "one line"]]);
  assert.deepEqual(parts("one line", "one line\n"), [["b", "one line"]]);
  assert.deepEqual(parts("heading", "\n  why  \n"), [["b", "heading"], ["p", "why"]]);
});

test("a compared run is named in short, with its whole name to hover over, and its accuracy", () => {
  const shown = drawn(said.renderCompared, { title: "DANN (fool a <domain> discriminator) · weight 0", accuracy: 0.675 });
  const [title] = shown.el.all("b"), [value] = shown.el.all("strong"), [bar] = shown.el.all("i");
  assert.deepEqual([title.textContent, title.title], ["DANN · weight 0", "DANN (fool a <domain> discriminator) · weight 0"]);
  assert.deepEqual([value.textContent, bar.style.width], ["0.675", "67.5%"]);
  assert.match(shown.el.textContent, /Target accuracy 0\.675/);
  shown.model.take({ title: "Source only", accuracy: null });
  assert.deepEqual([title.textContent, value.textContent, bar.style.width], ["Source only", "–", "0%"]);
});

test("the language's button is called by where it leads, explained in both, and pressed", () => {
  const shown = drawn(said.renderLanguage, { title: "中文", about: "Language · 语言: 中文" }), [button] = shown.el.all("button");
  assert.deepEqual([button.textContent, button.title, button.type, button.tabIndex], ["中文", "Language · 语言: 中文", "button", undefined]);
  button.does("click");
  assert.deepEqual(shown.sent, [{ kind: "turn" }]);
  shown.model.take({ title: "English", about: "x" });
  assert.equal(button.textContent, "English");
});

// ---------------------------------------------------------------- the network's strip

/** The strip with these values and these sliders; `sent` is what the sliders tell the kernel. */
function strip(values = {}, sliders = { freeze_depth: 1 }) {
  const sent = [], tell = (_, kind, content) => sent.push(content), controls = new Channel({ tell, tellLast: tell }, "controls", { values: sliders });
  const map = new Channel({}, "map", { ...POINTS }), lookers = [], hub = { onPick: (act) => { lookers.push(act); return () => {}; }, answers: () => ({ predictions: [0, 0], opinion: [0.2, 0.49] }) };
  const shown = drawn(renderStrip, { ...NETWORK, ...values }, { controls, map, hub }), [handle] = shown.el.all("input");
  return { ...shown, controls, map, sent, handle, look: (row) => lookers.forEach((act) => act(row)), frozen: () => shown.el.all(".tlt-net-stage").map((stage) => stage.dataset.frozen) };
}

test("a drag of the handle freezes at once on the strip, and goes to the kernel as the slider's move", () => {
  const shown = strip();
  assert.deepEqual([Number(shown.handle.value), shown.handle.disabled, shown.frozen()], [1, false, ["true", "false"]]);
  shown.handle.value = 2;
  shown.handle.does("input");
  assert.deepEqual(shown.frozen(), ["true", "true"]);
  assert.deepEqual(shown.sent, [{ kind: "move", name: "freeze_depth", value: 2 }]);
  assert.equal(shown.controls.get("values").freeze_depth, 2, "the slider below goes along");
  shown.model.take({ frozen: 0 });
  assert.deepEqual([Number(shown.handle.value), shown.frozen()], [0, ["false", "false"]], "what acts has the last word");
});

test("where freeze depth is hidden, the handle only shows it", () => {
  const shown = strip({}, { weight: 1 });
  assert.deepEqual([Number(shown.handle.value), shown.handle.disabled], [1, true]);
  shown.controls.values.values = { freeze_depth: 1 };
  shown.controls.take({ rows: [] });
  assert.equal(shown.handle.disabled, false, "another run's sliders have it again");
});

test("the line under the strip says what its colors and its handle mean, as far as they are there", () => {
  const told = (shown) => shown.el.all(".tlt-net-key")[0].children.map((part) => [part.dataset.kind, part.textContent]), shown = strip();
  const all = [["task", "pull of the task"], ["pull", "pull of the transfer term"], ["apart", "how far a line tells the domains apart"], ["handle", "drag: freeze stages"]];
  assert.deepEqual(told(shown), all);
  shown.model.take({ flow: { stages: [{ task: 1, transfer: 0 }] } });
  assert.deepEqual(told(shown), [all[0], all[3]]);
  assert.deepEqual(told(strip({ flow: {} }, { weight: 1 })), [], "nothing is measured, and the handle only shows");
});

test("of texts one stands for its domain, whole where it is pointed at", () => {
  const shown = strip(), text = "It is just the sort of film that one forgets.";
  shown.map.take({ about: { ...POINTS.about, n: 4, width: 0, texts: [text, "b", "c", "d"] }, labels: bytes(Int16Array.of(0, 1, 0, 1)), is_target: Uint8Array.of(0, 1, 0, 1), vectors: new Uint8Array(0), version: 2 });
  const [source] = shown.el.all(".tlt-net-pictures");
  assert.deepEqual(source.children.map((one) => [one.textContent, one.title]), [[`“${text}”`, text]]);
});

test("examples are drawn when they change, not with every number; a point that is looked at has its answer judged", () => {
  const shown = strip(), [source] = shown.el.all(".tlt-net-pictures"), [before] = source.children, answer = () => shown.el.all(".tlt-net-answer")[0].textContent;
  shown.model.take({ losses: { task: 0.1, domain: 0.6 }, weight: 0.9 });
  assert.equal(source.children[0], before);
  const guess = () => shown.el.all(".tlt-net-answer")[1].textContent;
  shown.look(1);
  assert.deepEqual([answer(), guess()], ["a ✗", "target: 49 % ✗"]);
  shown.look(0);
  assert.deepEqual([answer(), guess()], ["a ✓", "target: 20 % ✓"]);
  shown.look(-1);
  assert.deepEqual([answer(), guess()], ["", ""]);
});

test("what a stage makes of a point stands in the place of its sizes while the point is looked at", () => {
  const shown = strip(), boxes = shown.el.all(".tlt-net-stage"), places = () => boxes.map((box) => box.all("canvas").length), create = document.createElement;
  globalThis.ImageData = class { constructor(width, height) { this.data = new Uint8ClampedArray(4 * width * height); } };
  const painted = [];
  document.createElement = (tag) => Object.assign(create(tag), tag === "canvas" ? { getContext: () => ({ putImageData: ({ data }) => painted.push(data[0]) }) } : {});
  const tell = (row) => shown.model.fire("msg:custom", { kind: "inside", row, shapes: [[1, 2, 2], [1, 1, 3]] }, [new DataView(Uint8Array.of(7, 0, 0, 0, 9, 0, 0).buffer)]);
  shown.look(1);
  tell(0);
  assert.deepEqual(places(), [0, 0], "the answer to a point before this one");
  tell(1);
  assert.deepEqual([places(), painted, boxes[0].all(".tlt-net-box")[0].dataset.inside], [[1, 1], [7, 9], "true"]);
  shown.look(-1);
  assert.deepEqual([places(), boxes[0].all(".tlt-net-box")[0].dataset.inside], [[0, 0], "false"]);
});

// ---------------------------------------------------------------- all of them

const bytes = (array) => new Uint8Array(array.buffer);
const NETWORK = {
  stages: [{ name: "conv1", shape: [4, 8, 8], parameters: 640, batchnorm: true }, { name: "fc", shape: [12], parameters: 2412, batchnorm: false }],
  about: { features: 12, classes: 2, branch: "discriminator", term: "domain", owner: "separate" }, frozen: 1, losses: { task: 0.5, domain: 0.7 }, weight: 0.5, acts: false,
  flow: { stages: [{ task: 1, transfer: 0.5, apart: 0.8 }, { task: 2 }] },
};
const POINTS = { about: { n: 2, classes: ["a", "b"], domains: ["s", "t"], width: 1 }, labels: bytes(Int16Array.of(0, 1)), is_target: Uint8Array.of(0, 1), vectors: bytes(Float32Array.of(1, 2)), sprites: new Uint8Array(0) };
const around = { controls: new Channel({}, "controls", { values: { freeze_depth: 1 } }), map: new Channel({}, "map", POINTS), hub: { onPick: () => () => {} } };
const LINES = [["right", 12, 24, 3], ["moved", 12, 24, 10], ["fooled", 0, 12, 4]];
const PARTS = [
  ["header", renderHeader, { ...HEADER, playing: true, reason: "«why»" }, { about: "board", hidden: new Set() }], ["both", renderHeader, HEADER, { about: "compare", hidden: new Set() }],
  ["controls", renderControls, CONTROLS], ["status", said.renderStatus, { shown: { ...STATUS, state: "ready", note: "" } }, { header: waits() }], ["numbers", said.renderNumbers, { numbers: NUMBERS }],
  ["happenings", renderHappenings, { lines: LINES, unfolded: true }],
  ["error", said.renderError, { heading: "«a»", details: "«b»\n«c»" }], ["compared", said.renderCompared, { title: "«DANN»", accuracy: 0.5 }], ["network", renderStrip, NETWORK, around], ["language", said.renderLanguage, { title: "«x»", about: "«y»" }],
];
const SAME = /^([✓✗⇄◎↗]|MMD²|cuda:0|conv1|fc|BN s \| t|λ [\d.]+|[\d.,–−×k%()\s]*)$/; // in every language

test("each word that a part says is translated, also when the language changes under it", () => {
  for (const [name, render, values, about] of PARTS) {
    speak(marked);
    const first = drawn(render, values, about), wanted = spoken(first.el);
    for (const text of wanted) assert.ok(/[«»]/.test(text) || SAME.test(text), `${name} says ${text}`);
    assert.ok(wanted.length, name);
    speak({});
    const other = drawn(render, values, about);
    speak(marked);
    other.part.retell();
    assert.deepEqual(spoken(other.el), wanted, name);
  }
});

test("a part that ends listens no more", () => {
  for (const [name, render, values, about] of PARTS) {
    const shown = drawn(render, values, about);
    assert.ok(shown.listeners() > 0, name);
    shown.part.end();
    assert.equal(shown.listeners(), 0, name);
  }
});

// ---------------------------------------------------------------- what happened, and whose points a number is about


test("what happened is listed by span once it is unfolded, and a line is gone to", () => {
  const shown = drawn(renderHappenings, { lines: LINES, unfolded: false }), [chip] = shown.el.all("button.tlt-chip"), [list] = shown.el.all(".tlt-happened");
  assert.deepEqual([list.hidden, chip.getAttribute("aria-expanded")], [true, "false"]);
  chip.does("click");
  shown.model.take({ unfolded: true });
  assert.deepEqual(list.all("b").map((head) => head.textContent), ["step 12 to 24", "step 0 to 12"]);
  const lines = list.all(".tlt-happening");
  assert.deepEqual(lines.map((line) => line.all("span")[0].textContent), ["3 of the target points became right", "10 of the target points moved most on the map", "4 of the target points began to fool the discriminator"]);
  lines[2].does("click");
  assert.deepEqual(shown.sent, [{ kind: "unfold", unfolded: true }, { kind: "go", number: 2 }]);
});

test("a list that is made anew keeps the focus, and Escape shuts it", () => {
  const shown = drawn(renderHappenings, { lines: LINES, unfolded: true }), [list] = shown.el.all(".tlt-happened");
  list.all(".tlt-happening")[1].focus();
  shown.model.take({ lines: LINES.map(([kind, first, last, n]) => [kind, first, last + 4, n]) });
  assert.equal(document.activeElement, list.all(".tlt-happening")[1]);
  shown.el.all(".tlt-happenings")[0].does("keydown", { key: "Escape" });
  assert.deepEqual(shown.sent, [{ kind: "unfold", unfolded: false }]);
  shown.model.take({ lines: [] });
  assert.match(list.textContent, /Nothing yet/);
  shown.part.end();
  assert.equal(shown.listeners(), 0);
});

test("lines of the same steps stand together, also where others lie between", () => {
  assert.deepEqual(bySpan([["right", 0, 5, 1], ["wrong", 5, 9, 2], ["moved", 0, 5, 3]]), [[0, 5, [[0, "right", 1], [2, "moved", 3]]], [5, 9, [[1, "wrong", 2]]]]);
});

test("an accuracy's number asks for its points; other numbers, and those of a page without a board, are no buttons", () => {
  const shown = drawn(said.renderNumbers, { numbers: { target_accuracy: 0.5, source_accuracy: 1, mmd2: 0.1 }, judging: false, chosen: {} }), buttons = shown.el.all("button");
  assert.deepEqual(buttons.map((button) => button.textContent), ["0.500", "1.000", "Judges without target labels"]);
  buttons[0].does("click");
  assert.deepEqual(shown.sent, [{ kind: "points", name: "target_accuracy" }]);
  const alone = page();
  numberTable(alone).show({ target_accuracy: 0.5 });
  assert.equal(alone.all("button").length, 0);
});

const foot = await load("foot"), FOOT = { link: "tl1:abc", reason: "", unfolded: false, folds: true, links: true, making: {} };

test("a run is shared as one of four files, one at a time, and says how far it is", () => {
  const shown = drawn(foot.renderFoot, FOOT), named = (text) => shown.el.all("button").find((button) => button.textContent === text), [menu] = shown.el.all(".tlt-share"), [making] = shown.el.all(".tlt-making");
  assert.equal(menu.hidden, true);
  named("Share").does("click");
  assert.deepEqual([menu.hidden, named("Share").getAttribute("aria-expanded")], [false, "true"]);
  assert.deepEqual(menu.all("button").map((button) => button.textContent), ["Copy link", "Drawing (SVG)", "Picture (PNG)", "Animation (GIF)", "Page (HTML)"]);
  named("Animation (GIF)").does("click");
  assert.deepEqual([shown.sent, menu.hidden], [[{ kind: "share", as: "gif" }], true]);
  shown.model.take({ making: { kind: "gif", done: 30, total: 120 } });
  assert.deepEqual([making.textContent, named("Page (HTML)").disabled], ["GIF: 25 %", true]);
  shown.model.take({ making: { kind: "html", done: 0, total: 0 } });
  assert.equal(making.textContent, "HTML: …");
  shown.model.take({ making: {} });
  assert.deepEqual([making.textContent, named("Page (HTML)").disabled], ["", false]);
  shown.part();
  assert.equal(shown.listeners(), 0);
});

test("a file that the kernel hands over is kept by its name", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const shown = drawn(foot.renderFoot, FOOT), made = [], create = document.createElement;
  document.createElement = (tag) => { const node = create(tag); if (tag === "a") { node.click = () => made.push([node.download, node.href]); } return node; };
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (blob) => `blob:${blob.size}`; URL.revokeObjectURL = (address) => made.push(["revoked", address]);
  shown.model.fire("msg:custom", { kind: "file", name: "lab-step-9.png" }, [new Uint8Array(7)]);
  context.mock.timers.tick(20000);
  Object.assign(URL, { createObjectURL, revokeObjectURL });
  assert.deepEqual(made, [["lab-step-9.png", "blob:7"], ["revoked", "blob:7"]]);
});

test("numbers that are hidden keep their rows, unseen", () => {
  const { el } = drawn(said.renderNumbers, { numbers: { target_accuracy: 0.5, mmd2: 0.1 }, judging: false, chosen: {} }, { hidden: new Set(["mmd2", "knn_label_agreement", "curves"]) });
  assert.deepEqual(ownRows(el).map((row) => row.hidden), [false, false, false, true, true]);
});

const { JUDGES, judgeTicks, shortTitle } = await load("judges");
const ASKED = { target_accuracy: 0.5, "judge iwcv": -0.25, "judge snd": 3.5 };

test("the judges' rows open by their button, which asks for them, and say their values and their best step", () => {
  const shown = drawn(said.renderNumbers, { numbers: ASKED, judging: false, chosen: {} }), [body] = shown.el.all(".tlt-judges"), button = shown.el.all("button").at(-1);
  assert.equal(body.hidden, true);
  assert.equal(button.getAttribute("aria-expanded"), "false");
  button.does("click");
  assert.deepEqual(shown.sent, [{ kind: "judging", on: true }]);
  shown.model.take({ judging: true, chosen: { iwcv: 1200, oracle: 40 } });
  assert.deepEqual([body.hidden, button.getAttribute("aria-expanded")], [false, "true"]);
  const rows = body.all("tr").map((row) => [row.children[0], row.children[1], row.children[3]].map((cell) => cell.textContent));
  assert.equal(rows.length, Object.keys(JUDGES).length);
  assert.deepEqual(rows[1], ["IWCV", "−0.25", "best at step 1,200"]);
  assert.deepEqual(rows[5], ["SND", "3.50", ""]);
  assert.deepEqual(rows[0], ["Source risk", "–", ""]);
  assert.match(body.all("tr")[1].title, /importance-weighted validation\). It needs domains that overlap/);
  button.does("click");
  assert.deepEqual(shown.sent.at(-1), { kind: "judging", on: false });
});

test("where the judges are hidden there is no button for them", () => {
  const { el } = drawn(said.renderNumbers, { numbers: ASKED, judging: true, chosen: {} }, { hidden: new Set(["judges"]) });
  assert.equal(el.all(".tlt-judges").length, 0);
});

test("judges that would choose one step share a mark, the oracle's is its own and says what it looks at", () => {
  const ticks = judgeTicks({ iwcv: 40, snd: 20, source_risk: 40, oracle: 40 }, [0, 20, 40]);
  assert.deepEqual(ticks, [
    [2, "Source risk, IWCV would choose step 40", "judge"],
    [1, "SND would choose step 20", "judge"],
    [2, "the oracle, by the target's labels: step 40", "oracle"],
  ]);
  assert.deepEqual(judgeTicks({}, [0, 20]), []);
  assert.equal(shortTitle("atc"), "ATC");
});
